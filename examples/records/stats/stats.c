// Reads records by pointer, wherever they are in the shared memory, and computes aggregates.
//
// Freestanding: no libc, no allocator. What it keeps, it keeps in statics.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

// The same layout as in `parser` and `transform`.
typedef struct {
  const char *name;
  uint32_t name_len;
  uint32_t category;
  uint32_t quantity;
  float price;
  float total;
  char code[8];
} Record;

// A function of any module: a slot of the shared table.
typedef float (*Weigher)(const Record *);

typedef struct {
  uint32_t count;
  float sum;
  float smallest;
  float largest;
  float mean;
  // The record with the largest weight: a pointer to another module's data.
  const Record *top;
} Summary;

enum { CATEGORIES = 64 };

// .bss
static Summary summary;
static float by_category[CATEGORIES];

typedef struct Metric Metric;
struct Metric {
  const char *name;
  float (*compute)(const Record *records, uint32_t count);
  const Metric *next;
};

static float total(const Record *records, uint32_t count) {
  float sum = 0;
  for (uint32_t i = 0; i < count; i++) sum += records[i].total;
  return sum;
}

static float items(const Record *records, uint32_t count) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < count; i++) sum += records[i].quantity;
  return (float)sum;
}

static float dearest(const Record *records, uint32_t count) {
  float most = 0;
  for (uint32_t i = 0; i < count; i++)
    if (records[i].price > most) most = records[i].price;
  return most;
}

// Statics that point to statics, to text and to functions: all of these addresses move.
static const Metric metric_dearest = {"dearest", dearest, NULL};
static const Metric metric_items = {"items", items, &metric_dearest};
static const Metric metric_total = {"total", total, &metric_items};
static const Metric *const metrics = &metric_total;

static const Metric *find(uint32_t index) {
  const Metric *metric = metrics;
  while (metric && index--) metric = metric->next;
  return metric;
}

EXPORT("metric_count") uint32_t metric_count(void) {
  uint32_t count = 0;
  for (const Metric *metric = metrics; metric; metric = metric->next) count++;
  return count;
}

// A zero terminated name.
EXPORT("metric_name") const char *metric_name(uint32_t index) {
  const Metric *metric = find(index);
  return metric ? metric->name : "";
}

EXPORT("metric") float metric(uint32_t index, const Record *records, uint32_t count) {
  const Metric *metric = find(index);
  return metric ? metric->compute(records, count) : 0;
}

// Weighs every record with a function of any module. The result is valid until the next call.
EXPORT("summarize")
const Summary *summarize(const Record *records, uint32_t count, Weigher weigh) {
  summary = (Summary){.count = count};
  for (uint32_t i = 0; i < CATEGORIES; i++) by_category[i] = 0;
  for (uint32_t i = 0; i < count; i++) {
    const float weight = weigh(&records[i]);
    summary.sum += weight;
    if (i == 0 || weight < summary.smallest) summary.smallest = weight;
    if (i == 0 || weight > summary.largest) {
      summary.largest = weight;
      summary.top = &records[i];
    }
    if (records[i].category < CATEGORIES) by_category[records[i].category] += weight;
  }
  if (count) summary.mean = summary.sum / (float)count;
  return &summary;
}

// CATEGORIES sums of the last `summarize`, one a category.
EXPORT("category_sums") const float *category_sums(void) { return by_category; }

static uint32_t is_above_mean(const Record *record) { return record->total > summary.mean; }
static uint32_t is_below_mean(const Record *record) { return record->total < summary.mean; }

typedef uint32_t (*Test)(const Record *);
static const Test tests[] = {is_above_mean, is_below_mean};

// A function that tests a record against the last `summarize`, for anyone who can call through the
// shared table: above the mean, below the mean. Null if there is no such function.
EXPORT("test") Test test(uint32_t which) {
  return which < sizeof tests / sizeof *tests ? tests[which] : NULL;
}
