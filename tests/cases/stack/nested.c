/* A frame that has to be intact after a call of another module, which may call back. */
#include <stdint.h>

__attribute__((import_module("env"), import_name("call"))) uint32_t call(uint32_t depth);

/* Fills a frame, lets the host call another module, and counts what became of the frame. */
__attribute__((export_name("nest"))) uint32_t nest(uint32_t depth, uint32_t seed) {
  volatile uint8_t frame[256];
  for (uint32_t at = 0; at < sizeof frame; at++) frame[at] = (uint8_t)(seed + at);
  uint32_t lost = depth == 0 ? 0 : call(depth - 1);
  for (uint32_t at = 0; at < sizeof frame; at++) lost += frame[at] != (uint8_t)(seed + at);
  return lost;
}

/* Where such a frame lies. */
__attribute__((noinline)) static uintptr_t address(volatile uint8_t *frame) { return (uintptr_t)frame; }
__attribute__((export_name("frame"))) uintptr_t frame(void) {
  volatile uint8_t bytes[256];
  bytes[0] = 1;
  return address(bytes);
}
