// Memory that is not in use is empty: no text or key is found where one was. An impossible state traps: the page sees
// an exception and drops the core.
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "client-web/wasm/module.hpp"

namespace {

void clear(void* at, std::size_t size) {
  std::memset(at, 0, size);
  asm volatile("" : : "r"(at) : "memory");  // the compiler may not leave it out
}

}  // namespace

void operator delete(void* memory) noexcept {
  if (memory != nullptr) clear(memory, malloc_usable_size(memory));
  std::free(memory);
}

extern "C" tomoshibi::byte __stack_low;  // the linker's

namespace tomoshibi::core {

[[gnu::noinline]] void wipe_stack() {
  auto* const frame = static_cast<byte*>(__builtin_frame_address(0));
  clear(&__stack_low, static_cast<std::size_t>(frame - &__stack_low));
}

}  // namespace tomoshibi::core

// Where the C and C++ libraries would write a message before they end the program; with these, they need no output.
extern "C" {
[[noreturn]] void abort_message(const char*, ...) { __builtin_trap(); }
[[noreturn]] void __assert_fail(const char*, const char*, int, const char*) { __builtin_trap(); }
}
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD
