// C without a libc: every way in which an address gets into data and code.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define KEEP __attribute__((noinline))

static uint32_t hash(uint32_t state, const char *text) {
  for (; *text; text++) state = (state ^ (uint8_t)*text) * 0x01000193u;
  return state;
}

// Statics that point to statics, in a ring.
typedef struct Node Node;
struct Node {
  const char *name;
  Node *next;
  uint32_t value;
};
static Node nodes[4] = {
    {"first", &nodes[1], 1}, {"second", &nodes[2], 20}, {"third", &nodes[3], 300}, {"fourth", &nodes[0], 4000}};
static Node *head = &nodes[2];
static Node **const head_pointer = &head;

EXPORT("ring") uint32_t ring(uint32_t steps) {
  uint32_t sum = 0;
  Node *node = *head_pointer;
  while (steps--) {
    sum = sum * 3 + node->value + hash(7, node->name) % 100;
    node = node->next;
  }
  return sum;
}

// Changes data through a pointer in data.
EXPORT("turn") uint32_t turn(void) {
  *head_pointer = (*head_pointer)->next;
  return (*head_pointer)->value += 5;
}

// .bss, with pointers into it from data.
static uint32_t counters[700];
static uint32_t *const last_counter = &counters[699];
static char buffer[3000];

EXPORT("count") uint32_t count(uint32_t index, uint32_t by) {
  counters[index % 700] += by;
  buffer[index % 3000]++;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 700; i++) sum += counters[i] * (i + 1);
  for (uint32_t i = 0; i < 3000; i++) sum += (uint8_t)buffer[i];
  return sum + *last_counter;
}

// Functions in data.
static uint32_t KEEP add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t KEEP subtract(uint32_t a, uint32_t b) { return a - b; }
static uint32_t KEEP ask_ring(uint32_t a, uint32_t b) { return ring(a + b); }
typedef uint32_t (*Operation)(uint32_t, uint32_t);
static Operation const operations[] = {add, subtract, ask_ring};

EXPORT("operate") uint32_t operate(uint32_t which, uint32_t a, uint32_t b) {
  return which < 3 ? operations[which](a, b) : 0;
}

EXPORT("operation_slot") Operation operation_slot(uint32_t which) { return operations[which]; }

EXPORT("call_slot") uint32_t call_slot(Operation operation, uint32_t a, uint32_t b) {
  return operation(a, b);
}

// A function pointer as an immediate, kept in .bss.
static Operation chosen;
EXPORT("choose") uint32_t choose(uint32_t which, uint32_t a, uint32_t b) {
  chosen = which ? subtract : add;
  return (*(Operation volatile *)&chosen)(a, b);
}

// Undefined weak symbols are null, in code and in data, and stay null.
__attribute__((weak)) uint32_t missing_function(uint32_t, uint32_t);
__attribute__((weak)) extern uint32_t missing_data[4];
static Operation const maybe_operations[] = {missing_function, add};
static uint32_t *const maybe_data[] = {missing_data, &counters[1], &missing_data[2]};

EXPORT("weak_function") uint32_t weak_function(uint32_t a, uint32_t b) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < 2; i++)
    if (((Operation const volatile *)maybe_operations)[i]) found += maybe_operations[i](a, b);
  return missing_function ? missing_function(a, b) : found;
}

EXPORT("weak_data") uint32_t weak_data(void) {
  uint32_t *const volatile *each = maybe_data;
  return (missing_data != 0) + 2 * (each[0] != 0) + 4 * (each[1] != 0) + 8 * (uint32_t)each[2];
}

// Negative addends: the pointer lies before its own symbol, and may lie before all data.
static uint32_t table[64] = {5, 6, 7, 8, 9, 10, 11, 12};
static uint32_t *const before_table = table - 4;
static char *const far_before = (char *)table - 0x8000;
static char *const far_behind = (char *)table + 0x40000;

EXPORT("negative") uint32_t negative(uint32_t index) {
  uint32_t *const volatile *before = &before_table;
  char *const volatile *far = &far_before, *const volatile *behind = &far_behind;
  return (*before)[4 + index % 8] * 10000 + *(uint32_t *)(*far + 0x8000 + 4 * (index % 8)) * 100 +
         *(uint32_t *)(*behind - 0x40000 + 4 * (index % 8));
}

// The same in code: offsets of instructions.
EXPORT("indexed") uint32_t indexed(uint32_t index) {
  table[index + 8] = index;
  return table[index + 8 - 4] + table[index + 8];
}

// Strings that end alike share their bytes.
static const char *const tails[] = {"relocation", "location", "cation", "on", "n", ""};
EXPORT("tails") uint32_t tails_hash(void) {
  uint32_t state = 1;
  for (uint32_t i = 0; i < 6; i++) state = hash(state, tails[i]);
  return state;
}
EXPORT("tail") const char *tail(uint32_t which) { return which < 6 ? tails[which] : "tion"; }

// An address that the compiler takes to have zero low bits.
typedef struct {
  uint32_t first[16];
} __attribute__((aligned(64))) Line;
static Line lines[3] = {{{11}}, {{22}}, {{33}}};
static Line empty_lines[2];
EXPORT("aligned") uint32_t aligned(uint32_t which) {
  Line *line = &lines[which % 3];
  uint32_t low = ((uintptr_t)line | (uintptr_t)&empty_lines[which % 2]) & 63;
  // `base | offset`, as long as the compiler may.
  uint32_t *field = (uint32_t *)((uintptr_t)lines | (which % 16 * 4));
  return line->first[0] * 100 + *field + low;
}

// Addresses as plain constants in memory instructions.
static struct {
  uint8_t a;
  uint16_t b;
  uint64_t c;
  float d;
  double e;
} fields = {1, 2, 3, 4.5f, 5.25};
EXPORT("fields") double fields_sum(void) {
  fields.a++;
  fields.b += 10;
  fields.c += 100;
  fields.d *= 2;
  return fields.a + fields.b + (double)fields.c + fields.d + fields.e;
}

// Numbers that look like addresses of this module and are none.
static const uint32_t decoys[] = {0x10000, 0x10010, 0x10100, 0x11000, 65540, 1};
EXPORT("decoys") uint32_t decoys_sum(uint32_t from) {
  uint32_t sum = 0x10008;
  for (uint32_t i = from; i < 6; i++) sum += ((const uint32_t volatile *)decoys)[i] ^ 0x10020;
  return sum;
}

// A large frame: the stack.
EXPORT("stack") uint32_t stack(uint32_t depth) {
  volatile uint32_t frame[64];
  for (uint32_t i = 0; i < 64; i++) frame[i] = depth + i;
  uint32_t below = depth ? stack(depth - 1) : 0;
  return below + frame[depth % 64] + ((uintptr_t)frame & 15);
}
