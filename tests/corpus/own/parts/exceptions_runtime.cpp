// The smallest runtime for C++ exceptions: Debian's libraries for wasm32 are built without them.
#include <cstdint>
#include <cstdlib>
#include <typeinfo>

extern "C" {
struct Exception {
  const std::type_info *type;
  void (*destroy)(void *);
};
static void *body(void *exception) { return static_cast<Exception *>(exception) + 2; }

// What the compiler's code fills in and reads around a landing pad.
struct {
  uintptr_t index;
  const uint8_t *table;
  uintptr_t selector;
} __wasm_lpad_context;

void *__cxa_allocate_exception(size_t size) noexcept { return body(malloc(size + 2 * sizeof(Exception))); }
void __cxa_throw(void *object, std::type_info *type, void (*destroy)(void *)) {
  auto *exception = static_cast<Exception *>(object) - 2;
  exception->type = type;
  exception->destroy = destroy;
  __builtin_wasm_throw(0, exception);
}
void *__cxa_begin_catch(void *exception) noexcept {
  auto *type = static_cast<Exception *>(exception)->type;
  // A thrown pointer is caught as its value.
  return type->name()[0] == 'P' ? *static_cast<void **>(body(exception)) : body(exception);
}
void *__cxa_get_exception_ptr(void *exception) noexcept { return body(exception); }
void __cxa_end_catch() {}
void __cxa_rethrow() { abort(); }
[[noreturn]] void __clang_call_terminate(void *) { abort(); }

static uintptr_t number(const uint8_t *&at) {
  uintptr_t value = 0;
  for (int shift = 0;; shift += 7) {
    uint8_t byte = *at++;
    value |= uintptr_t(byte & 127) << shift;
    if (byte < 128) return value;
  }
}
static intptr_t signed_number(const uint8_t *&at) {
  intptr_t value = 0;
  for (int shift = 0;;) {
    uint8_t byte = *at++;
    value |= intptr_t(byte & 127) << shift;
    shift += 7;
    if (byte < 128) return byte & 64 ? value | -(intptr_t(1) << shift) : value;
  }
}
// Finds the handler: the selector is the place of its type in the table of types.
int _Unwind_CallPersonality(void *exception) {
  auto *thrown = static_cast<Exception *>(exception)->type;
  const uint8_t *at = __wasm_lpad_context.table;
  at++;
  bool typed = *at++ != 255;
  const uint8_t *types = nullptr;
  if (typed) {
    uintptr_t offset = number(at);
    types = at + offset;
  }
  at++;
  uintptr_t size = number(at);
  const uint8_t *actions = at + size;
  for (uintptr_t site = 0; at < actions; site++) {
    uintptr_t index = number(at), action = number(at);
    if (index != __wasm_lpad_context.index) continue;
    for (const uint8_t *entry = actions + action - 1; action;) {
      intptr_t filter = signed_number(entry);
      const uint8_t *next = entry;
      intptr_t step = signed_number(entry);
      if (filter > 0) {
        auto *type = reinterpret_cast<const std::type_info *const *>(types)[-filter];
        if (!type || *type == *thrown) return __wasm_lpad_context.selector = filter;
      }
      if (!step) break;
      entry = next + step;
    }
  }
  __wasm_lpad_context.selector = 0;
  return 0;
}
}
