// Throws, by the instruction, out of a function that has a frame on the stack.
#define EXPORT(name) __attribute__((export_name(name)))

extern "C" {
EXPORT("thrower") int thrower(int x) {
  volatile char frame[256];
  frame[x & 255] = 2;
  if (x > 3) __builtin_wasm_throw(0, nullptr);
  return x * frame[x & 255];
}
// Where a frame would be now.
EXPORT("depth") unsigned depth() {
  volatile char frame[16];
  frame[0] = 1;
  return reinterpret_cast<unsigned long>(&frame);
}
}
