// Catches whatever another module throws. What the compiler refers to is here: no libc++abi.
#define EXPORT(name) __attribute__((export_name(name)))

extern "C" {
int thrower(int);
void *__cxa_begin_catch(void *thrown) { return thrown; }
void __cxa_end_catch() {}
int __gxx_wasm_personality_v0() { return 0; }
struct {
  int selector;
  const void *lsda;
  int result;
} __wasm_lpad_context;
int _Unwind_CallPersonality(void *) { return 0; }

static int caught;
EXPORT("guarded") int guarded(int x) {
  try {
    return thrower(x);
  } catch (...) {
    caught++;
    return -1;
  }
}
EXPORT("caught") int get_caught() { return caught; }
}
