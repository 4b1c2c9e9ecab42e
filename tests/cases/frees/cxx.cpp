// new and delete of C++, which come to malloc and free in the end.
#include <cstdint>
#define EXPORT(name) extern "C" __attribute__((export_name(name)))
EXPORT("block") char *block(uint32_t bytes) { return new char[bytes]; }
EXPORT("release") void release(char *address) { delete[] address; }
EXPORT("release_one") void release_one(int *address) { delete address; }
