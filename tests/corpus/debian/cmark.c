#include "drive.h"
#include <cmark.h>
static const char text[] =
    "# Title *here*\n\n- one\n- two\n  1. deep `code`\n\n> quote with [link](http://a.b \"t\") and &auml; &copy;\n\n"
    "```c\nint a;\n```\n\n<b>html</b>\n\n***\n\n![image](x.png) line  \nbreak[^1]\n\n[ref]: /url\n[ref]\n";
int main(void) {
  cmark_node *document = cmark_parse_document(text, sizeof text - 1, CMARK_OPT_SMART);
  char *outs[] = {cmark_render_html(document, CMARK_OPT_UNSAFE), cmark_render_xml(document, CMARK_OPT_SOURCEPOS),
                  cmark_render_man(document, 0, 40), cmark_render_commonmark(document, 0, 40),
                  cmark_render_latex(document, 0, 40)};
  for (unsigned at = 0; at < 5; at++) {
    puts(outs[at]);
    free(outs[at]);
  }
  cmark_iter *iter = cmark_iter_new(document);
  for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;)
    if (event == CMARK_EVENT_ENTER) printf("%s ", cmark_node_get_type_string(cmark_iter_get_node(iter)));
  puts(cmark_version_string());
  cmark_iter_free(iter);
  cmark_node_free(document);
}
