// what: libc++: vector, map, string, function, unordered_map, variant, optional, algorithms, static locals
// build: -O2 |
// build os: -Os | --strip-debug
// build pic: -O2 -fPIC |
// build stripped: -O2 | --strip-all
// build data-first: -O2 | --no-stack-first | 1024
// build lto: -O2 -flto |
// build imported: -O2 | --import-memory --import-table --growable-table
// libs: cxx
// run: sorted 200 = 1559466791
// run: mapped 50 = 175741536
// run: hashed 50 = 1865
// run: called 3 = 512
// run: varied 0 = 7
// run: varied 1 = 157528178
// run: varied 2 = 25
// run: once 4 = 8
// run: once 4 = 12
// run: viewed 2 = -1282828856
// run: shared = 41
// run: global = 452
#include "own.h"
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

static std::vector<std::string> all = {"delta", "alpha", "a string too long for the short form", "beta"};
static std::map<std::string, int> table = {{"one", 1}, {"two", 2}};
static const std::array<std::string_view, 3> views = {"red", "green", "blue"};
constexpr auto squares = [] {
  std::array<u32, 100> made{};
  for (u32 i = 0; i < 100; i++) made[i] = i * i;
  return made;
}();

EXPORT(sorted) u32 sorted(u32 n) {
  std::vector<std::string> texts;
  for (u32 i = 0; i < n; i++) texts.push_back(std::to_string(i * 7919 % 1009) + all[i % all.size()]);
  std::sort(texts.begin(), texts.end());
  u32 state = 1;
  for (auto &text : texts) state = hash(state, text.c_str());
  return state;
}
EXPORT(mapped) u32 mapped(u32 n) {
  for (u32 i = 0; i < n; i++) table["key" + std::to_string(i)] += i;
  u32 state = 1;
  for (auto &[key, value] : table) state = hash(state + value, key.c_str());
  return state;
}
EXPORT(hashed) u32 hashed(u32 n) {
  static std::unordered_map<std::string, u32> seen;
  for (u32 i = 0; i < n; i++) seen[std::to_string(i % 17)] += i;
  u32 sum = 0;
  for (auto &[key, value] : seen) sum += value * key.size();
  return sum + seen["3"];
}
static std::function<u32(u32)> add(u32 by) {
  return [by](u32 x) { return x + by; };
}
static std::vector<std::function<u32(u32)>> calls = {add(5), [](u32 x) { return x * squares[x]; }};
EXPORT(called) u32 called(u32 x) {
  for (auto &call : calls) x = call(x);
  return x;
}
using Value = std::variant<u32, std::string, double>;
static std::array<Value, 3> values = {7u, "text", 2.5};
EXPORT(varied) u32 varied(u32 at) {
  struct Visit {
    u32 operator()(u32 x) { return x; }
    u32 operator()(const std::string &text) { return hash(1, text.c_str()); }
    u32 operator()(double x) { return u32(x * 10); }
  };
  return std::visit(Visit{}, values[at]);
}
struct Costly {
  u32 made = 100;
  explicit Costly(u32 x) : made(made + x) {}
  ~Costly() { made = 0; }
};
EXPORT(once) u32 once(u32 x) {
  static Costly costly(x);
  return costly.made += x;
}
EXPORT(viewed) u32 viewed(u32 at) {
  std::optional<std::string_view> view;
  if (at < views.size()) view = views[at];
  return view ? hash(view->size(), std::string(*view).c_str()) : 0;
}
EXPORT(shared) u32 shared() {
  static std::shared_ptr<Costly> pointer = std::make_shared<Costly>(5);
  std::weak_ptr<Costly> weak = pointer;
  auto again = weak.lock();
  return again->made + pointer.use_count();
}
EXPORT(global) u32 global() { return all.size() * 100 + table.size(); }
