// The same where the compiler is free to copy `free` into its callers, and does.
#define NOINLINE
#define TAKE malloc
#define GIVE free
#define CHANGE realloc
#include "piece.h"
