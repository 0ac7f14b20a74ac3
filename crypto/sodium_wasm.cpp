// What libsodium is given in the browser in place of its own parts.
#include <sodium.h>

#include <algorithm>

// The module's one import: crypto.getRandomValues. `size`: at most 65,536, all that it gives at once.
extern "C" [[clang::import_module("env"), clang::import_name("random")]] void fill_from_page(void* at, size_t size);

namespace {

void fill(void* at, size_t size) {
  constexpr size_t at_once = 65'536;
  for (auto* next = static_cast<unsigned char*>(at); size > 0;) {
    const size_t part = std::min(size, at_once);
    fill_from_page(next, part);
    next += part;
    size -= part;
  }
}

uint32_t draw() {
  uint32_t out = 0;
  fill(&out, sizeof out);
  return out;
}

const char* name() { return "page"; }

}  // namespace

extern "C" {

// The system's generator, by the name that libsodium has for it.
randombytes_implementation randombytes_sysrandom_implementation = {name, draw, nullptr, nullptr, fill, nullptr};

// X25519 of the base point by the ladder that every other point takes. libsodium's own way is faster, but needs a
// table of 30 KB that does not compress: a third of what a survivor's phone would load. (Linked with --wrap;
// x25519_ref10.c is compiled without its way to the table, which only signing then needs.)
int __wrap_crypto_scalarmult_curve25519_base(unsigned char* out, const unsigned char* scalar) {
  static constexpr unsigned char base[32] = {9};
  return crypto_scalarmult_curve25519(out, scalar, base);
}
void x25519_needs_no_table(void*, const unsigned char*) { __builtin_trap(); }

}  // extern "C"
