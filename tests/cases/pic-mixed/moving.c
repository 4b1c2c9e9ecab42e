// The part that is position independent: reaches its data through globals.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

const char *day(uint32_t which);
uint32_t days_seen(void);
uint32_t counter = 5;

EXPORT("today") const char *today(void) { return day(counter++); }
EXPORT("seen") uint32_t seen(void) { return days_seen() + counter * 1000; }
