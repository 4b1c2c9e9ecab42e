// A command: `_start` runs it.
#include <stdio.h>

int main(void) {
  puts("command: run");
  return 0;
}
