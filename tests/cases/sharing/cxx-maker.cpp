// Makes C++ objects for another module of the same compiler and the same header.
#include <new>

#include "animal.hpp"

// [maker]
static uint32_t live;  // how many are out

struct Bird : Dog {  // `user` does not know this type
  Bird() { live++; }
  ~Bird() override { live--; }
  uint32_t legs() const override { return 2; }
};

extern "C" EXPORT(bird_new) Animal *bird_new() { return new (std::nothrow) Bird; }
// [/maker]

extern "C" EXPORT(animal_count) uint32_t animal_count() { return live; }
extern "C" EXPORT(dog_new) Animal *dog_new() { return new (std::nothrow) Dog; }
extern "C" EXPORT(is_dog) bool is_dog(Animal *animal) { return dynamic_cast<Dog *>(animal); }
