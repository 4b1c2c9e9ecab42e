// libc++ reports its own failures through stdio, which would import from WASI: trap instead.
#include <__verbose_abort>

_LIBCPP_BEGIN_NAMESPACE_STD
void __libcpp_verbose_abort(char const *, ...) noexcept { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD

extern "C" [[noreturn]] void __abort_message(const char *, ...) { __builtin_trap(); }
extern "C" [[noreturn]] void abort() { __builtin_trap(); }
