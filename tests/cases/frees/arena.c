// All blocks lie in static data.
#define ARENA 100000
#define NOINLINE __attribute__((noinline))
#define TAKE malloc
#define GIVE free
#define CHANGE realloc
#include "piece.h"
