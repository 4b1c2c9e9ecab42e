#include "drive.h"
#include <jansson.h>
int main(void) {
  json_object_seed(1);
  json_error_t error;
  json_t *root = json_loads("{\"name\": \"x\\u00e4\", \"list\": [1, 2.5, null, true], \"deep\": {\"a\": {\"b\": []}}}", 0, &error);
  char *text = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);
  puts(text);
  free(text);
  json_t *made = json_pack("{s:i, s:[s, b, n], s:f}", "n", 7, "l", "text", 1, "f", 0.25);
  text = json_dumps(made, JSON_COMPACT | JSON_SORT_KEYS);
  puts(text);
  free(text);
  const char *name;
  int number;
  printf("%d\n", json_unpack(made, "{s:i, s:[s]}", "n", &number, "l", &name));
  printf("%d %s %d\n", number, name, json_equal(root, made));
  json_decref(made);
  json_decref(root);
  if (!json_loads("[1, 2", 0, &error)) printf("%d:%d %s\n", error.line, error.column, error.text);
  if (!json_loads("{\"a\" 1}", 0, &error)) printf("%d:%d %s\n", error.line, error.column, error.text);
}
