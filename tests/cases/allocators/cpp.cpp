// Blocks of new and delete, and containers that another module takes apart.
#include <cstdint>
#include <string>
#include <vector>

#define EXPORT(name) extern "C" __attribute__((export_name(name)))

EXPORT("make") uint8_t *make(uint32_t, uint32_t size, uint32_t seed) {
  auto *const block = new uint8_t[size];
  for (uint32_t at = 0; at < size; at++) block[at] = uint8_t(seed * 31 + at);
  return block;
}
EXPORT("lost") uint32_t lost(const uint8_t *block, uint32_t size, uint32_t seed) {
  uint32_t lost = 0;
  for (uint32_t at = 0; at < size; at++) lost += block[at] != uint8_t(seed * 31 + at);
  return lost;
}
EXPORT("drop") void drop(uint8_t *block) { delete[] block; }
EXPORT("churn") uint32_t churn(uint32_t rounds) {
  std::vector<std::string> list;
  uint32_t sum = 0;
  for (uint32_t at = 0; at < rounds; at++) {
    list.push_back(std::string(at % 97, 'x') + std::to_string(at));
    if (at % 3 == 0) list.erase(list.begin());
  }
  for (const auto &each : list) sum += each.size();
  return sum;
}
