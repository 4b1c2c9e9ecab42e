#include "drive.h"
#include <tinyxml2.h>
using namespace tinyxml2;
struct Names : XMLVisitor {
  int count = 0;
  bool VisitEnter(const XMLElement &element, const XMLAttribute *) override {
    printf("%s ", element.Name());
    count++;
    return true;
  }
};
int main() {
  XMLDocument document;
  document.Parse("<?xml version='1.0'?><a b='1'><!-- moved --><c d='2.5'>x &amp; &#228;</c><e/></a>");
  XMLPrinter printer;
  document.Print(&printer);
  puts(printer.CStr());
  Names names;
  document.Accept(&names);
  printf("%d %f\n", names.count, document.RootElement()->FirstChildElement("c")->DoubleAttribute("d"));
  puts(document.Parse("<a><b></a>") ? document.ErrorName() : "no error");
  puts(XMLDocument::ErrorIDToName(XML_ERROR_PARSING_CDATA));
}
