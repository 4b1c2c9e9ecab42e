#include "drive.h"
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>
#include <yajl/yajl_tree.h>
static int null(void *to) { return yajl_gen_null(to) == yajl_gen_status_ok; }
static int boolean(void *to, int value) { return yajl_gen_bool(to, value) == yajl_gen_status_ok; }
static int number(void *to, const char *from, size_t size) { return yajl_gen_number(to, from, size) == yajl_gen_status_ok; }
static int string(void *to, const unsigned char *from, size_t size) { return yajl_gen_string(to, from, size) == yajl_gen_status_ok; }
static int map(void *to) { return yajl_gen_map_open(to) == yajl_gen_status_ok; }
static int map_end(void *to) { return yajl_gen_map_close(to) == yajl_gen_status_ok; }
static int array(void *to) { return yajl_gen_array_open(to) == yajl_gen_status_ok; }
static int array_end(void *to) { return yajl_gen_array_close(to) == yajl_gen_status_ok; }
static yajl_callbacks callbacks = {null, boolean, NULL, NULL, number, string, map, string, map_end, array, array_end};
static void parse(const char *text) {
  yajl_gen gen = yajl_gen_alloc(NULL);
  yajl_gen_config(gen, yajl_gen_beautify, 1);
  yajl_handle handle = yajl_alloc(&callbacks, NULL, gen);
  yajl_status status = yajl_parse(handle, (const unsigned char *) text, strlen(text));
  if (status == yajl_status_ok) status = yajl_complete_parse(handle);
  if (status != yajl_status_ok) {
    unsigned char *error = yajl_get_error(handle, 1, (const unsigned char *) text, strlen(text));
    printf("%s: %s", yajl_status_to_string(status), error);
    yajl_free_error(handle, error);
  } else {
    const unsigned char *out;
    size_t size;
    yajl_gen_get_buf(gen, &out, &size);
    fwrite(out, 1, size, stdout);
  }
  yajl_free(handle);
  yajl_gen_free(gen);
}
int main(void) {
  parse("{\"a\": [1, 2.5e3, null, true, \"x\\u00e4\"], \"b\": {}}");
  parse("[1, 2");
  parse("{\"a\": nul}");
  char error[200];
  yajl_val tree = yajl_tree_parse("{\"a\": {\"b\": 42}}", error, sizeof error);
  const char *path[] = {"a", "b", NULL};
  printf("%s\n", YAJL_GET_NUMBER(yajl_tree_get(tree, path, yajl_t_number)));
  yajl_tree_free(tree);
}
