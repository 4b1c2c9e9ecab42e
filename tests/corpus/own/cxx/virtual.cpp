// what: virtual tables: multiple and virtual inheritance, RTTI, dynamic_cast, thunks, member pointers
// build: -O2 -frtti |
// build o0: -O0 -frtti |
// build oz: -Oz -frtti |
// build pic: -O2 -frtti -fPIC |
// build lto: -O2 -frtti -flto |
// build whole-program: -O2 -frtti -flto -fwhole-program-vtables -fvisibility=hidden |
// build data-first: -O2 -frtti | --no-stack-first | 1024
// build debug: -O1 -g -frtti |
// libs: cxx
// run: speak 0 = 1844936299
// run: speak 1 = -625017925
// run: speak 2 = 1844936299
// run: speak 3 = -625017925
// run: cast 0 = 50003
// run: cast 1 = 1154
// run: cast 2 = 50003
// run: cast 3 = 1154
// run: member 0 3 = 12
// run: member 1 3 = 72
// run: member 2 3 = 75
// run: diamond = 41
// run: names = -2126629432
#include "own.h"
#include <typeinfo>

struct Animal {
  virtual ~Animal() = default;
  virtual const char *name() const { return "animal"; }
  virtual u32 legs() const = 0;
};
struct Flyer {
  virtual u32 wings() const { return 2; }
  virtual Flyer *self() { return this; }
  u32 height = 7;
};
struct Dog : Animal {
  const char *name() const override { return "dog"; }
  u32 legs() const override { return 4; }
};
struct Bird : Animal, Flyer {
  const char *name() const override { return "bird"; }
  u32 legs() const override { return 2; }
  u32 wings() const override { return 22; }
  Bird *self() override { return this; }
  u32 feathers = 1000;
};
struct Base {
  u32 shared = 5;
  virtual u32 value() const { return shared; }
};
struct Left : virtual Base {
  u32 value() const override { return shared + 10; }
};
struct Right : virtual Base {
  u32 right = 3;
};
struct Both : Left, Right {
  u32 value() const override { return Left::value() + right; }
};
struct Plane : Flyer {
  u32 wings() const override { return height; }
};

static Dog dog;
static Bird bird;
static Animal *const animals[] = {&dog, &bird, &dog, &bird};
static Plane plane;
static Flyer *const flyers[] = {&bird, &plane};

EXPORT(speak) u32 speak(u32 at) {
  Animal *animal = const_cast<Animal *const volatile *>(animals)[at];
  Flyer *flyer = const_cast<Flyer *const volatile *>(flyers)[at & 1];
  return hash(animal->legs(), animal->name()) + flyer->wings() + flyer->self()->height;
}
EXPORT(cast) u32 cast(u32 at) {
  Animal *animal = const_cast<Animal *const volatile *>(animals)[at];
  auto *as_bird = dynamic_cast<Bird *>(animal);
  auto *as_flyer = dynamic_cast<Flyer *>(animal);
  return (as_bird ? as_bird->feathers : 1) + (as_flyer ? as_flyer->wings() * 7 : 2) + (dynamic_cast<Dog *>(animal) ? 50000 : 0);
}
EXPORT(names) u32 names() {
  const std::type_info &type = typeid(*const_cast<Animal *const volatile *>(animals)[1]);
  return hash(type == typeid(Bird), type.name()) + hash(1, typeid(Both).name());
}

struct Counter {
  u32 count = 0, other = 9;
  u32 add(u32 by) { return count += by; }
  virtual u32 twice(u32 by) { return count += by * 2; }
  u32 Counter::*field = &Counter::other;
};
struct Loud : Counter {
  u32 twice(u32 by) override { return count += by * 20; }
};
static Loud counter;
using Method = u32 (Counter::*)(u32);
static Method const methods[] = {&Counter::add, &Counter::twice, &Counter::add};
EXPORT(member) u32 member(u32 at, u32 by) {
  __asm__("" ::"r"(methods) : "memory");
  Method method = methods[at];
  return (counter.*method)(by) + counter.*counter.field;
}
EXPORT(diamond) u32 diamond() {
  static Both both;
  Base *volatile base = &both;
  Right *volatile right = &both;
  return base->value() + right->shared + right->value();
}
