// C++ with libc++: virtual functions, static constructors, strings and containers.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#define EXPORT(name) extern "C" __attribute__((export_name(name)))

namespace {

uint32_t hash(std::string_view text) {
  uint32_t state = 0x811c9dc5u;
  for (char letter : text) state = (state ^ static_cast<uint8_t>(letter)) * 0x01000193u;
  return state;
}

struct Animal {
  virtual ~Animal() = default;
  virtual std::string name() const = 0;
  virtual uint32_t legs() const { return 4; }
};
struct Cat : Animal {
  std::string name() const override { return "cat"; }
};
struct Bird : Animal {
  std::string name() const override { return "a bird with a name too long for a short string"; }
  uint32_t legs() const override { return 2; }
};
// Two bases: a second table of virtual functions, reached through a thunk.
struct Tagged {
  virtual uint32_t tag() const { return 1; }
};
struct Robot : Animal, Tagged {
  uint32_t number;
  explicit Robot(uint32_t n) : number(n) {}
  std::string name() const override { return "robot " + std::to_string(number); }
  uint32_t legs() const override { return number; }
  uint32_t tag() const override { return 7000 + number; }
};

// Objects that are constructed before any function runs.
Cat cat;
Bird bird;
Robot robot(6);
const Animal *const zoo[] = {&cat, &bird, &robot};
const Tagged *const tagged = &robot;
std::map<std::string, uint32_t> registry = {{"cat", 4}, {"bird", 2}, {"robot", 6}};
std::vector<std::string> history;

uint32_t (Animal::*const method)() const = &Animal::legs;

} // namespace

EXPORT("zoo") uint32_t zoo_hash() {
  uint32_t sum = 0;
  for (const Animal *animal : zoo) sum = sum * 31 + hash(animal->name()) + (animal->*method)();
  return sum;
}

EXPORT("tag") uint32_t tag() { return tagged->tag(); }

EXPORT("add") uint32_t add(uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    std::unique_ptr<Animal> animal;
    if (i % 2) animal = std::make_unique<Robot>(i);
    else animal = std::make_unique<Bird>();
    registry[animal->name()] += animal->legs();
    history.push_back(animal->name());
  }
  std::sort(history.begin(), history.end(), std::greater<>());
  std::string all;
  for (const auto &[name, legs] : registry) all += name + "=" + std::to_string(legs) + ";";
  for (const auto &name : history) all += name;
  return hash(all);
}

EXPORT("closure") uint32_t closure(uint32_t value) {
  const std::vector<std::function<uint32_t(uint32_t)>> steps = {
      [](uint32_t n) { return n + 1; }, [&](uint32_t n) { return n * value; }};
  for (const auto &step : steps) value = step(value);
  return value;
}

EXPORT("history") const char *last() { return history.empty() ? "" : history.back().c_str(); }
