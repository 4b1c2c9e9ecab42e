// C with malloc of wasi-libc, as a reactor.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name)))

static const char *const words[] = {"pear", "apple", "fig", "cherry", "banana"};

static int by_text(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}
static int by_length(const void *a, const void *b) {
  return (int)strlen(*(char *const *)a) - (int)strlen(*(char *const *)b);
}
static int (*const orders[])(const void *, const void *) = {by_text, by_length};

// Copies the words `times` over, sorts them, and joins them into one text.
EXPORT("joined") char *joined(uint32_t times, uint32_t order) {
  const uint32_t count = 5 * times;
  char **list = malloc(count * sizeof *list);
  uint32_t size = 1;
  for (uint32_t i = 0; i < count; i++) {
    list[i] = strdup(words[i % 5]);
    size += strlen(list[i]) + 1;
  }
  qsort(list, count, sizeof *list, orders[order]);
  char *text = calloc(size, 1);
  for (uint32_t i = 0; i < count; i++) {
    strcat(strcat(text, list[i]), " ");
    free(list[i]);
  }
  free(list);
  return text;
}

// Blocks of many sizes, each with its own content, freed in another order.
EXPORT("churn") uint32_t churn(uint32_t count) {
  unsigned char **blocks = calloc(count, sizeof *blocks);
  uint32_t broken = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t size = 1 + i * 37 % 5000;
    blocks[i] = malloc(size);
    memset(blocks[i], (int)i, size);
    if (i % 3 == 2) {
      free(blocks[i - 1]);
      blocks[i - 1] = NULL;
    }
  }
  for (uint32_t i = count; i-- > 0;) {
    const uint32_t size = 1 + i * 37 % 5000;
    for (uint32_t at = 0; blocks[i] && at < size; at++) broken += blocks[i][at] != (unsigned char)i;
    free(blocks[i]);
  }
  free(blocks);
  return broken;
}

static uint32_t constructed;
__attribute__((constructor)) static void construct(void) {
  char *text = joined(1, 0);
  constructed = (uint32_t)strlen(text) * 100 + (uint32_t)text[0];
  free(text);
}
EXPORT("constructed") uint32_t constructed_value(void) { return constructed; }
