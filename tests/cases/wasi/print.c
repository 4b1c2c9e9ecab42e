// Prints through WASI from a constructor, from an export, and once the memory has grown.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef NAME
#define NAME "base"
#endif
#define EXPORT(name) __attribute__((export_name(name)))

static const char *const greetings[] = {"hello", "again"};
static uint32_t count;

__attribute__((constructor)) static void construct(void) {
  printf("%s: constructed\n", NAME);
  fflush(stdout);
}

EXPORT("greet") uint32_t greet(int32_t number) {
  printf("%s: %s, %d\n", NAME, greetings[count++ & 1], number);
  fflush(stdout);
  return count;
}

// A buffer beyond the memory that the module started with: the host must see it, too.
EXPORT("greet_from") uint32_t greet_from(uint32_t bytes) {
  char *line = malloc(bytes);
  if (!line) return 0;
  int length = snprintf(line + bytes - 64, 64, "%s: from afar\n", NAME);
  setvbuf(stdout, NULL, _IONBF, 0);
  return fwrite(line + bytes - 64, 1, length, stdout) == (size_t)length ? (uint32_t)line : 0;
}
