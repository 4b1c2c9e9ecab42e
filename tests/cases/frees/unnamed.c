// The same under names that say nothing.
#define NOINLINE __attribute__((noinline))
#define TAKE take
#define GIVE give
#define CHANGE change
#include "piece.h"
