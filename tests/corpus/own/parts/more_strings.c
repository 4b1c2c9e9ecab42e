// Strings with the tails of those in strings.c.
static const char *const words[] = {"zabc", "bc", "another tail abc"};
const char *more(int at) { return ((const char *const volatile *)words)[at]; }
