// What an operating system would be. The one thing that comes in from outside is randomness. Memory that is not in
// use is empty: whatever the page's process holds later, no text or key is found where one was. An impossible state
// traps; the page sees an exception and drops the core.
#include <malloc.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "client-web/wasm/module.hpp"

// `size`: at most 65,536, which is what crypto.getRandomValues gives at once.
extern "C" [[clang::import_module("env"), clang::import_name("random")]] void fill_from_page(void* at,
                                                                                             std::size_t size);

namespace {

void fill(void* at, std::size_t size) {
  constexpr std::size_t at_once = 65'536;
  for (auto* next = static_cast<tomoshibi::byte*>(at); size > 0;) {
    const std::size_t part = std::min(size, at_once);
    fill_from_page(next, part);
    next += part;
    size -= part;
  }
}

std::uint32_t draw() {
  std::uint32_t out = 0;
  fill(&out, sizeof out);
  return out;
}

const char* name() { return "page"; }

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

// libsodium's name for the system's generator; its own file for it is left out (crypto/libsodium_wasm.cmake).
extern "C" {
randombytes_implementation randombytes_sysrandom_implementation = {name, draw, nullptr, nullptr, fill, nullptr};
}

// Where the C and C++ libraries would write a message before they end the program; with these, they need no output.
extern "C" {
[[noreturn]] void abort_message(const char*, ...) { __builtin_trap(); }
[[noreturn]] void __assert_fail(const char*, const char*, int, const char*) { __builtin_trap(); }
}
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD
