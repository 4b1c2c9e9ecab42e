// C++ with libc++, as a reactor: `table` is filled by a constructor, which _initialize runs.
#include <cstring>
#include <string>
#include <vector>

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace {
std::vector<std::string> table = {"first of C++, long enough for the heap", "second of C++"};
}

EXPORT(text) const char *text(unsigned n) { return table[n % 2].c_str(); }

EXPORT(length) std::size_t length(const char *text) { return std::string(text).size(); }

EXPORT(copy) char *copy(const char *text) { return strdup(text); }
