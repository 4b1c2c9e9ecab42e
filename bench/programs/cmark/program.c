#include "program.h"
#include <cmark.h>
enum { TEXT = 200000 };
static char *text;
unsigned RUN(unsigned n) {
  uint32_t value = 0;
  if (!text) text = malloc(TEXT);
  size_t size = 0;
  for (unsigned at = 0; size < TEXT - 400; at++)
    size += snprintf(text + size, TEXT - size,
                     "## Heading %u\n\nA *word* and **another** with `code %u`, a [link](http://example.org/%u \"t\")\n"
                     "and &amp; an entity.\n\n- one\n- two\n  - three %u\n\n> quoted <b>%u</b>\n\n```c\nint x%u;\n```\n\n",
                     at, at, at, at, at, at);
  while (n--) {
    char *html = cmark_markdown_to_html(text, size, CMARK_OPT_UNSAFE | CMARK_OPT_SMART);
    value = mix(value, html, strlen(html));
    free(html);
    text[3 + n % 7] = 'A' + n % 26;
  }
  return value;
}
