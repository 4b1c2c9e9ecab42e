/* Inlined into both files: its lines are part of the functions that call it. */
extern int failures;

__attribute__((always_inline)) static inline unsigned check(unsigned index, unsigned count) {
  if (index >= count) {
    failures++;
    __builtin_trap(); /* trap: check */
  }
  return index;
}
