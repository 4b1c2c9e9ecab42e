// Calls zlib as a program would, and returns checksums.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define EXPORT(name) __attribute__((export_name(name)))

static const char *const words[] = {"memory", "module", "relocation", "table", "stack", "heap"};

// Text that compresses, with some noise.
static unsigned char *make(uint32_t size) {
  unsigned char *data = malloc(size + 16);
  uint32_t state = size, at = 0;
  while (at < size) {
    state = state * 1664525 + 1013904223;
    const char *word = words[(state >> 24) % 6];
    const uint32_t length = strlen(word);
    memcpy(data + at, word, length);
    data[at + length] = (unsigned char)(state >> 16 & 63);
    at += length + 1;
  }
  return data;
}

// Size of the compressed data.
EXPORT("packed_size") uint32_t packed_size(uint32_t size, int level) {
  unsigned char *data = make(size);
  uLongf length = compressBound(size);
  unsigned char *packed = malloc(length);
  const int status = compress2(packed, &length, data, size, level);
  free(packed);
  free(data);
  return status == Z_OK ? length : (uint32_t)status;
}

// Compresses and expands again: CRC of the result mixed with one of the compressed data.
EXPORT("round_trip") uint32_t round_trip(uint32_t size, int level) {
  unsigned char *data = make(size);
  uLongf length = compressBound(size);
  unsigned char *packed = malloc(length);
  uint32_t result = 0;
  if (compress2(packed, &length, data, size, level) == Z_OK) {
    unsigned char *again = malloc(size);
    uLongf expanded = size;
    if (uncompress(again, &expanded, packed, length) == Z_OK && expanded == size &&
        !memcmp(again, data, size))
      result = (uint32_t)(crc32(0, again, size) ^ crc32(0, packed, length));
    free(again);
  }
  free(packed);
  free(data);
  return result;
}

// The same through streams with a gzip header, in small steps.
EXPORT("stream") uint32_t stream(uint32_t size, uint32_t step) {
  unsigned char *data = make(size), *packed = malloc(2 * size + 1000), *again = malloc(size);
  z_stream out = {0}, in = {0};
  uint32_t result = 0;
  if (deflateInit2(&out, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) == Z_OK) {
    out.next_out = packed;
    out.avail_out = 2 * size + 1000;
    for (uint32_t at = 0; at < size; at += step) {
      out.next_in = data + at;
      out.avail_in = size - at < step ? size - at : step;
      deflate(&out, at + step >= size ? Z_FINISH : Z_NO_FLUSH);
    }
    const uint32_t length = out.total_out;
    deflateEnd(&out);
    if (inflateInit2(&in, 47) == Z_OK) {
      in.next_in = packed;
      in.avail_in = length;
      int status = Z_OK;
      for (uint32_t at = 0; at < size && status == Z_OK; at += step) {
        in.next_out = again + at;
        in.avail_out = size - at < step ? size - at : step;
        status = inflate(&in, Z_SYNC_FLUSH);
      }
      inflateEnd(&in);
      result = !memcmp(data, again, size) ? (uint32_t)adler32(length, again, size) : 1;
    }
  }
  free(again);
  free(packed);
  free(data);
  return result;
}

// zlib's own text of an error, from a table of pointers.
EXPORT("error_text") const char *error_text(int status) { return zError(status); }
EXPORT("version") const char *version(void) { return zlibVersion(); }
EXPORT("bad_data") const char *bad_data(void) {
  static unsigned char out[100];
  static char text[100];
  z_stream in = {0};
  inflateInit(&in);
  in.next_in = (unsigned char *)"\x78\x9c\xff\xff\xff";
  in.avail_in = 5;
  in.next_out = out;
  in.avail_out = sizeof out;
  inflate(&in, Z_FINISH);
  strcpy(text, in.msg ? in.msg : "none");
  inflateEnd(&in);
  return text;
}
