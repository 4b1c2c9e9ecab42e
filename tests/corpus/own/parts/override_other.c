// The object that overrides the weak definitions of override.c.
unsigned setting[3] = {200, 211, 222};
const char *names[2] = {"strong", "stronger"};
unsigned action(unsigned x) { return x * 100; }
