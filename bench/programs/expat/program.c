#include "program.h"
#include <expat.h>
void arc4random_buf(void *to, size_t size) { memset(to, 42, size); }
enum { TEXT = 300000 };
static char *text;
static uint32_t value;
static void start(void *data, const XML_Char *name, const XML_Char **attributes) {
  value = mix(value, name, strlen(name));
  while (*attributes) value = mix(value, *attributes, strlen(*attributes)), attributes++;
}
static void end(void *data, const XML_Char *name) { value++; }
static void characters(void *data, const XML_Char *from, int size) { value = mix(value, from, size); }
unsigned RUN(unsigned n) {
  value = 0;
  if (!text) text = malloc(TEXT);
  size_t size = sprintf(text, "<?xml version=\"1.0\"?><list xmlns=\"urn:a\">");
  for (unsigned at = 0; size < TEXT - 300; at++)
    size += sprintf(text + size, "<item id=\"%u\" name='n&amp;%x'>text %u &lt;&#%u;<br/><![CDATA[raw %u]]></item>\n", at,
                    at * 7, at, 65 + at % 26, at);
  size += sprintf(text + size, "</list>");
  while (n--) {
    XML_Parser parser = XML_ParserCreateNS(NULL, '|');
    XML_SetElementHandler(parser, start, end);
    XML_SetCharacterDataHandler(parser, characters);
    if (XML_Parse(parser, text, size, 1) != XML_STATUS_OK) return 1;
    XML_ParserFree(parser);
  }
  return value;
}
