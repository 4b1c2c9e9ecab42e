#include "drive.h"
#include <yaml.h>
static const char text[] = "a: [1, 2, {b: c}]\nd: &x |\n  literal\n  text\ne: *x\n? complex\n: !!str 7\n---\n- 'q'\n- \"\\u00e4\\n\"\n";
int main(void) {
  yaml_parser_t parser;
  yaml_emitter_t emitter;
  yaml_event_t event;
  unsigned char out[2000];
  size_t size = 0;
  yaml_parser_initialize(&parser);
  yaml_parser_set_input_string(&parser, (const unsigned char *) text, sizeof text - 1);
  yaml_emitter_initialize(&emitter);
  yaml_emitter_set_output_string(&emitter, out, sizeof out, &size);
  yaml_emitter_set_canonical(&emitter, 1);
  for (int done = 0; !done;) {
    if (!yaml_parser_parse(&parser, &event)) return puts(parser.problem);
    done = event.type == YAML_STREAM_END_EVENT;
    printf("%d ", event.type);
    if (!yaml_emitter_emit(&emitter, &event)) return puts(emitter.problem);
  }
  printf("\n%.*s", (int) size, out);
  yaml_emitter_delete(&emitter);
  yaml_parser_delete(&parser);
  yaml_parser_initialize(&parser);
  yaml_parser_set_input_string(&parser, (const unsigned char *) "a: [1\nb: }", 10);
  while (yaml_parser_parse(&parser, &event) && event.type != YAML_STREAM_END_EVENT) yaml_event_delete(&event);
  printf("%s at %u, %s\n", parser.problem, (unsigned) parser.problem_mark.line, parser.context);
  yaml_parser_delete(&parser);
}
