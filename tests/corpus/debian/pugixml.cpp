#include "drive.h"
#include <pugixml.hpp>
struct Writer : pugi::xml_writer {
  void write(const void *data, size_t size) override { fwrite(data, 1, size, stdout); }
};
int main() {
  pugi::xml_document document;
  pugi::xml_parse_result result =
      document.load_string("<a b='1'><c d='2'>x &amp; &#228;</c><c d='3'/><e>moved</e></a>");
  puts(result.description());
  Writer writer;
  document.save(writer, "  ", pugi::format_default, pugi::encoding_utf8);
  document.save(writer, "", pugi::format_raw, pugi::encoding_latin1);
  puts("");
  pugi::xpath_query sum("sum(//c/@d) + count(/a/*)");
  printf("%f\n", sum.evaluate_number(document));
  for (pugi::xpath_node node : document.select_nodes("//c[@d > 1]")) printf("%s ", node.node().attribute("d").value());
  char text[50];
  pugi::xpath_query("concat(string(//e), '-', translate('linear', 'aei', 'AEI'))").evaluate_string(text, sizeof text, document);
  puts(text);
  puts(document.load_string("<a><b></a>").description());
}
