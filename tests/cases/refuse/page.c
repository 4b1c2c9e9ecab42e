// Data that must begin at a page of 4096 bytes.
#define EXPORT(name) __attribute__((export_name(name)))

static volatile unsigned char page[64] __attribute__((aligned(4096))) = {1, 2, 3, 4, 5};

EXPORT("at") int at(unsigned which) { return page[which & 63]; }
EXPORT("address") volatile unsigned char *address(void) { return page; }
