// What the compiler calls for setjmp and longjmp (its own library has it, Debian's wasi-libc does not).
#include <stdint.h>
struct Entry {
  void *invocation;
  uint32_t label;
  struct {
    void *env;
    int value;
  } argument;
};
void __wasm_setjmp(void *env, uint32_t label, void *invocation) {
  struct Entry *entry = env;
  entry->invocation = invocation;
  entry->label = label;
}
uint32_t __wasm_setjmp_test(void *env, void *invocation) {
  struct Entry *entry = env;
  return entry->invocation == invocation ? entry->label : 0;
}
void __wasm_longjmp(void *env, int value) {
  struct Entry *entry = env;
  entry->argument.env = env;
  entry->argument.value = value ? value : 1;
  __builtin_wasm_throw(1, &entry->argument);
}
