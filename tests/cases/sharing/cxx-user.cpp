// Uses C++ objects that another module made.
#include <new>
#include <typeinfo>

#include "animal.hpp"

// [user]
extern "C" EXPORT(animal_use) uint32_t animal_use(Animal *animal) {
  return animal->legs() * 100 + animal->call(3);
}

// The destructor is virtual: it runs in the module that made the object, and frees there.
extern "C" EXPORT(animal_delete) void animal_delete(Animal *animal) { delete animal; }
// [/user]

extern "C" EXPORT(dog_new) Animal *dog_new() { return new (std::nothrow) Dog; }
extern "C" EXPORT(is_dog) bool is_dog(Animal *animal) { return dynamic_cast<Dog *>(animal); }
extern "C" EXPORT(same_type) bool same_type(Animal *a, Animal *b) { return typeid(*a) == typeid(*b); }
