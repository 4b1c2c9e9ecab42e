// C without a libc: what a comparison of two links has to tell apart.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define KEEP __attribute__((noinline))

static uint32_t hash(uint32_t state, const char *text) {
  for (; *text; text++) state = (state ^ (uint8_t)*text) * 0x01000193u;
  return state;
}

// The first thing in data: its address is the base, and has zero bytes at its low end.
static struct {
  uint32_t zeros[12];
  const void *self;
  uint32_t more_zeros[12];
  const void *other;
} first;

// Pointers that follow and precede runs of zeros: wasm-opt splits segments there, at other places
// where the pointer itself begins or ends with zeros.
static char large[0x11000] = "large";
static struct {
  uint32_t a[9];
  const char *start;
  uint32_t b[17];
  const char *middle;
  uint32_t c[33];
  const char *end;
  uint32_t d[65];
} sparse = {.start = large, .middle = large + 0x8000, .end = large + 0x10ffc};

EXPORT("sparse") uint32_t sparse_sum(uint32_t at) {
  const char *const *start = &sparse.start, *const *middle = &sparse.middle, *const *end = &sparse.end;
  large[0x8000] = 3;
  large[0x10ffc] = 4;
  uint32_t sum = *(volatile uint32_t *)&sparse.a[at % 9] + *(volatile uint32_t *)&sparse.b[at % 17] +
                 *(volatile uint32_t *)&sparse.c[at % 33] + *(volatile uint32_t *)&sparse.d[at % 65];
  return sum + (*(const char *const volatile *)start)[0] * 10000 + **(const char *const volatile *)middle * 100 +
         **(const char *const volatile *)end;
}

// Runs of every length from 4 on between pointers: whether one is long enough for a segment to be split
// depends on the zeros at the ends of its neighbours, and so on the base.
#define GAP(n) const char *p##n; char z##n[n]
static const struct __attribute__((packed)) {
  char tag;
  GAP(4); GAP(5); GAP(6); GAP(7); GAP(8); GAP(9); GAP(10); GAP(11); GAP(12); GAP(13);
  const char *last;
} gaps = {'<', "4", {0}, "5", {0}, "6", {0}, "7", {0}, "8", {0}, "9", {0}, "10", {0}, "11", {0}, "12", {0}, "13", {0}, ">"};
EXPORT("gap") const char *gap(uint32_t at) {
  const char *each = (const char *)&gaps + 1;
  for (uint32_t i = 0; i < at; i++) each += 8 + i;
  return *(const char *const volatile *)each;
}

// Tables of pointers, nested and into the middle of things.
static const char *const words[] = {"one", "two", "three", "four", "five", "six", "seven", "eight"};
static const char *const *const tables[] = {words, words + 3, words + 7, words + 1};
EXPORT("word") const char *word(uint32_t table, uint32_t index) { return tables[table % 4][index % 1]; }
EXPORT("words") uint32_t words_hash(uint32_t count) {
  uint32_t state = 7;
  for (uint32_t i = 0; i < count; i++) state = hash(state, tables[i % 4][i % 4 == 2 ? 0 : i % 4]);
  return state;
}

// Pointers at any alignment, beside bytes that differ from nothing.
typedef struct __attribute__((packed)) {
  uint8_t tag;
  const char *name;
  uint16_t size;
  const uint32_t *value;
} Packed;
static uint32_t values[4] = {0x10000, 0x20000, 0x10010, 0x1000000};
static const Packed packed[] = {
    {0x01, "packed", 0x0100, &values[0]}, {0x00, "pack", 0x0001, &values[3]}, {0xff, "pa", 0xffff, &values[1]}};
EXPORT("packed") uint32_t packed_sum(uint32_t which) {
  const Packed volatile *each = &packed[which % 3];
  return hash(each->tag, each->name) + each->size * *each->value;
}

// Functions in data, in code, and in a switch.
static uint32_t KEEP add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t KEEP multiply(uint32_t a, uint32_t b) { return a * b; }
static uint32_t KEEP spell(uint32_t a, uint32_t b) { return hash(a, words[b % 8]); }
typedef uint32_t (*Operation)(uint32_t, uint32_t);
static const struct {
  const char *name;
  Operation run;
} operations[] = {{"add", add}, {"multiply", multiply}, {"spell", spell}};
static Operation chosen;
EXPORT("operate") uint32_t operate(uint32_t which, uint32_t a, uint32_t b) {
  return hash(operations[which % 3].run(a, b), operations[which % 3].name);
}
EXPORT("choose") uint32_t choose(uint32_t which, uint32_t a, uint32_t b) {
  chosen = which == 1 ? multiply : which == 2 ? spell : add;
  return (*(Operation volatile *)&chosen)(a, b);
}
EXPORT("slot") uint32_t slot(uint32_t which) { return (uint32_t)operations[which % 3].run; }
EXPORT("call_slot") uint32_t call_slot(uint32_t slot, uint32_t a, uint32_t b) { return ((Operation)slot)(a, b); }

// A switch that becomes a table of texts, and one that becomes branches.
EXPORT("month") const char *month(uint32_t which) {
  switch (which) {
    case 0: return "January";
    case 1: return "February";
    case 2: return "March";
    case 3: return "April";
    case 4: return "May";
    case 5: return "June";
    case 6: return "July";
    default: return "later";
  }
}
EXPORT("branch") uint32_t branch(uint32_t which, uint32_t value) {
  switch (which) {
    case 0: return value + 0x10000;
    case 1: return value * 0x10001;
    case 2: values[0] += value; return values[0];
    case 3: return hash(value, "case");
    case 4: return value ^ 0x20000;
    default: return value >> 3;
  }
}

// .bss, and more than 64 KiB away from the first data.
static uint32_t counters[3000];
static struct {
  uint8_t a;
  uint16_t b;
  uint64_t c;
  float d;
  double e;
} fields;
EXPORT("count") uint32_t count(uint32_t index, uint32_t by) {
  counters[index % 3000] += by;
  counters[2999]++;
  fields.a++;
  fields.b += 10;
  fields.c += 0x100000000;
  fields.d += 0.5f;
  fields.e -= 0.25;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 3000; i++) sum += counters[i] * (i + 1);
  return sum + fields.a + fields.b + (uint32_t)(fields.c >> 32) + (uint32_t)fields.d + (uint32_t)fields.e;
}

// Addresses as 64-bit numbers, and 64-bit numbers that look like addresses.
EXPORT("wide") uint32_t wide(uint32_t add) {
  volatile uint64_t address = (uint64_t)(uintptr_t)&counters[5] + add;
  volatile uint64_t number = 0x0000000000010010 + add;
  volatile uint64_t two = 0x0001001000010010;
  return (uint32_t)(address - (uintptr_t)counters) + (uint32_t)number + (uint32_t)(two >> 32);
}

// What is subtracted from an address, and an address that is subtracted.
EXPORT("index_of") uint32_t index_of(uint32_t at) {
  const uint32_t *volatile each = &counters[at];
  return (uint32_t)(each - counters) * 1000 + (uint32_t)((const char *)each - (const char *)&counters[1]);
}
EXPORT("inside") uint32_t inside(int32_t at) {
  const char *volatile each = large + at;
  return (each >= large) + 2 * (each < large + sizeof large) + 4 * (each == large) + 8 * (each > large + 16);
}

// Memory that is copied and filled.
EXPORT("copy") uint32_t copy(uint32_t from, uint32_t size) {
  __builtin_memcpy(&counters[100], (const char *)packed + from % 4, size % 30);
  __builtin_memset(&counters[200], (int)from, 40);
  uint32_t sum = counters[200] + counters[209] + counters[210];
  __builtin_memset(&counters[100], 0, 440);
  return sum;
}

// A pointer to itself, written when it runs.
EXPORT("self") uint32_t self(void) {
  first.self = &first;
  first.other = &first.other;
  const void *const volatile *at = &first.self;
  return (*at == &first) + 2 * (first.other == &first.other) + 4 * (first.zeros[11] == 0);
}

// Numbers that look like addresses of any of the links and are none.
static const uint32_t decoys[] = {0x10000, 0x20000, 0x1110000, 0x10010, 0x20010, 65540, 1, 2, 0x111};
EXPORT("decoys") uint32_t decoys_sum(uint32_t from) {
  uint32_t sum = 0x10008 + (from == 0x20008);
  for (uint32_t i = from; i < 9; i++) sum += ((const uint32_t volatile *)decoys)[i] ^ 0x10020;
  return sum;
}

EXPORT("stack") uint32_t stack(uint32_t depth) {
  volatile uint32_t frame[64];
  for (uint32_t i = 0; i < 64; i++) frame[i] = depth + i;
  uint32_t below = depth ? stack(depth - 1) : 0;
  return below + frame[depth % 64] + ((uintptr_t)frame & 15);
}
