// C for Emscripten: malloc of its library above everything else, printf into memory, a table of functions.
#include <emscripten.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Item Item;
struct Item {
  const char *name;
  int (*price)(const Item *);
  int amount;
};
static int cheap(const Item *item) { return item->amount * 2; }
static int dear(const Item *item) { return item->amount * 100 + (int)strlen(item->name); }
static const Item items[] = {{"nail", cheap, 100}, {"anvil", dear, 1}, {"hammer", dear, 3}, {"screw", cheap, 7}};
static char buffer[100000];
static char **kept;
static int kept_count;

EMSCRIPTEN_KEEPALIVE int total(int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) sum += items[i % 4].price(&items[i % 4]);
  return sum;
}
EMSCRIPTEN_KEEPALIVE const char *name(int which) { return items[which % 4].name; }
EMSCRIPTEN_KEEPALIVE const char *label(int which) {
  const Item *item = &items[which % 4];
  snprintf(buffer, sizeof buffer, "%s: %d of %.2f", item->name, item->amount, item->price(item) / 3.0);
  return buffer;
}

// Blocks of many sizes that are kept, and others in between that are not.
EMSCRIPTEN_KEEPALIVE int keep(int count, int size) {
  char **more = realloc(kept, (kept_count + count) * sizeof *kept);
  if (!more) return -1;
  kept = more;
  for (int i = 0; i < count; i++) {
    char *other = malloc(size * 3);
    char *block = malloc(size + i % 50);
    if (!other || !block) return -1;
    memset(other, 0xaa, size * 3);
    memset(block, kept_count % 251, size);
    free(other);
    kept[kept_count++] = block;
  }
  return kept_count;
}
EMSCRIPTEN_KEEPALIVE int broken(int size) {
  int count = 0;
  for (int i = 0; i < kept_count; i++)
    for (int at = 0; at < size; at++) count += (unsigned char)kept[i][at] != i % 251;
  return count;
}
EMSCRIPTEN_KEEPALIVE int let_go(void) {
  const int count = kept_count;
  while (kept_count) free(kept[--kept_count]);
  return count;
}
