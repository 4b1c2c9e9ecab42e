// Another object, so that both may have a function of this name.
__attribute__((noinline)) static void free(unsigned *freed) { (*freed)++; }
void count_free(unsigned *freed) { free(freed); }
