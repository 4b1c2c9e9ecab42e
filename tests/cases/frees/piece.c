// Functions that keep their names: calls of them are calls.
#define NOINLINE __attribute__((noinline))
#define TAKE malloc
#define GIVE free
#define CHANGE realloc
#include "piece.h"
