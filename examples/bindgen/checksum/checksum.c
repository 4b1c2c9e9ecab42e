// CRC-32 of gzip (RFC 1952, section 8), of bytes that are anywhere in the memory.
#include <stddef.h>
#include <stdint.h>

// Static data of this module, which has to move with it.
static uint32_t table[256];
static const uint32_t *ready;

static const uint32_t *make_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320u ^ (value >> 1) : value >> 1;
    table[byte] = value;
  }
  return table;
}

__attribute__((export_name("crc32"))) uint32_t crc32(const uint8_t *bytes, size_t length) {
  if (!ready) ready = make_table();
  uint32_t crc = ~0u;
  for (size_t at = 0; at < length; at++) crc = ready[(crc ^ bytes[at]) & 0xff] ^ (crc >> 8);
  return ~crc;
}
