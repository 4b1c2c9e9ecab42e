#include "drive.h"
#include <md4c-html.h>
static const char text[] =
    "# Title *here*\n\n- [x] one\n- two\n\n| a | b |\n|---|:-:|\n| 1 | ~~2~~ |\n\n> quote [link](http://a.b) &auml; &copy;\n\n"
    "```c\nint a;\n```\n\nhttp://auto.link **bold** $x$\n";
static void out(const MD_CHAR *from, MD_SIZE size, void *data) {
  *(unsigned *) data += size;
  fwrite(from, 1, size, stdout);
}
int main(void) {
  unsigned size = 0;
  printf("%d\n", md_html(text, sizeof text - 1, out, &size, MD_DIALECT_GITHUB | MD_FLAG_LATEXMATHSPANS, 0));
  printf("%d\n", md_html(text, sizeof text - 1, out, &size, MD_DIALECT_COMMONMARK, MD_HTML_FLAG_XHTML));
  printf("%u\n", size);
}
