#include "drive.h"
#include <fmt/format.h>
#include <fmt/args.h>
int main() {
  auto say = [](const std::string &text) { puts(text.c_str()); };
  say(fmt::format("{:>10}|{:<8x}|{:+.3e}|{:#b}|{}", "moved", 48879, 12345.678, 5, true));
  say(fmt::format("{0:*^20} {1:.10f} {1} {2}", "linear", 0.1, 1e300));
  say(fmt::format("{:{}.{}f} {:c} {:?}", 3.14159, 10, 2, 'x', "q\n"));
  say(fmt::format("{:L} {} {}", 1234567, -0.0, 1.0f / 3));
  fmt::dynamic_format_arg_store<fmt::format_context> store;
  store.push_back(42);
  store.push_back("text");
  say(fmt::vformat("{1} {0}", store));
  for (double value : {5e-324, 1.7976931348623157e308, 123456789.0, 0.3}) say(fmt::format("{} {:a} {:g}", value, value, value));
}
