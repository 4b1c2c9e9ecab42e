// More items of the section in start_stop.c.
struct Item {
  const char *name;
  unsigned value;
};
static struct Item delta __attribute__((section("items"), used, retain)) = {"delta", 3};
static struct Item epsilon __attribute__((section("items"), used, retain)) = {"epsilon", 1};
