#include "drive.h"
#include <expat.h>
void arc4random_buf(void *to, size_t size) { memset(to, 7, size); }
static int depth;
static void start(void *data, const XML_Char *name, const XML_Char **attributes) {
  printf("%*s<%s", 2 * depth++, "", name);
  for (; *attributes; attributes += 2) printf(" %s=[%s]", attributes[0], attributes[1]);
  puts(">");
}
static void end(void *data, const XML_Char *name) { printf("%*s</%s>\n", 2 * --depth, "", name); }
static void text(void *data, const XML_Char *from, int size) { printf("%*s%.*s\n", 2 * depth, "", size, from); }
static void parse(const char *from, const char *encoding) {
  XML_Parser parser = XML_ParserCreate(encoding);
  XML_SetHashSalt(parser, 1);
  XML_SetElementHandler(parser, start, end);
  XML_SetCharacterDataHandler(parser, text);
  depth = 0;
  if (XML_Parse(parser, from, strlen(from), 1) == XML_STATUS_ERROR)
    printf("line %lu: %s\n", XML_GetCurrentLineNumber(parser), XML_ErrorString(XML_GetErrorCode(parser)));
  XML_ParserFree(parser);
}
int main(void) {
  parse("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY who 'the linker'>]>"
        "<a b='1' c=\"&lt;&who;\"><d/>moved by &who; &#228;<e f='2'>x</e></a>", NULL);
  parse("<a>caf\xe9</a>", "ISO-8859-1");
  parse("<a><b></a>", "UTF-8");
  parse("<a b='1' b='2'/>", "US-ASCII");
  puts(XML_ExpatVersion());
}
