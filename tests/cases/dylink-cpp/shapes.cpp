// C++ without its library: virtual functions, constructors in an order, templates, a static in a function.
#include <stdint.h>

#define EXPORT(name) extern "C" __attribute__((export_name(name)))

struct Named {
  virtual const char *name() const { return "thing"; }
};
struct Shape {
  virtual int area() const = 0;
  virtual int sides() const { return 0; }
};
struct Square : Shape, Named {
  int side;
  constexpr explicit Square(int side) : side(side) {}
  int area() const override { return side * side; }
  int sides() const override { return 4; }
  const char *name() const override { return "square"; }
};
struct Circle final : Shape {
  int radius;
  constexpr explicit Circle(int radius) : radius(radius) {}
  int area() const override { return 3 * radius * radius; }
};
static const Square square(3);
static const Circle circle(2);
static const Shape *const shapes[] = {&square, &circle, &square};
static const Named *const named[] = {&square};
static int Square::*const member = &Square::side;
static int (Shape::*const method)() const = &Shape::sides;

static int made;
struct Make {
  const char *text;
  Make(int by, const char *text) : text(text) { made = made * 10 + by; }
};
static Make first(1, "first"), second(2, "second");

template <int N>
struct Table {
  static int values[N];
  static int sum(int to) {
    int total = 0;
    for (int i = 0; i < to && i < N; i++) total += values[i] += i;
    return total;
  }
};
template <int N>
int Table<N>::values[N] = {N};

EXPORT("area") int area(int at) { return shapes[at % 3]->area(); }
EXPORT("sides") int sides(int at) { return (shapes[at % 3]->*method)(); }
EXPORT("name") const char *name(void) { return (*(const Named *const volatile *)named)->name(); }
EXPORT("member") int get_member(void) { return square.*member; }
EXPORT("made") int get_made(void) { return made; }
EXPORT("text") const char *text(int which) { return which ? second.text : first.text; }
EXPORT("table") int table(int to) { return Table<7>::sum(to) * 100 + Table<9>::sum(to); }
EXPORT("once") int once(int by) {
  static Circle kept(by);
  return ++kept.radius;
}
void *operator new(unsigned long);
void operator delete(void *) noexcept {}
void operator delete(void *, unsigned long) noexcept {}
extern "C" void __cxa_pure_virtual() { __builtin_trap(); }
extern "C" int __cxa_guard_acquire(char *guard) { return !*guard; }
extern "C" void __cxa_guard_release(char *guard) { *guard = 1; }
