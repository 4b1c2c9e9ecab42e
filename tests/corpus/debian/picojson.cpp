#include "drive.h"
#include <picojson.h>
int main() {
  picojson::value value;
  std::string error = picojson::parse(value, "{\"a\": [1, 2.5, null, true], \"b\": {\"c\": \"x\\u00e4\"}}");
  printf("[%s] %s\n", error.c_str(), value.serialize(true).c_str());
  picojson::object &object = value.get<picojson::object>();
  object["d"] = picojson::value(std::string("moved"));
  object.erase("b");
  for (auto &each : object) printf("%s=%s\n", each.first.c_str(), each.second.to_str().c_str());
  picojson::value wrong;
  puts(picojson::parse(wrong, "[1, }").c_str());
}
