// Shows the test whatever is about to be wiped: so it knows every secret that the module ever held, and can search
// for what stayed behind. Linked with --wrap=sodium_memzero.
#include <cstddef>

extern "C" {
[[clang::import_module("env"), clang::import_name("wiping")]] void wiping(const void* at, std::size_t size);
void __real_sodium_memzero(void* at, std::size_t size);
void __wrap_sodium_memzero(void* at, std::size_t size);
void __wrap_sodium_memzero(void* at, std::size_t size) {
  wiping(at, size);
  __real_sodium_memzero(at, size);
}
}
