#include "crypto/secret.hpp"

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

namespace {

// libsodium chooses its implementations for this processor once, before main and so before there is a second thread.
// Whoever uses a key links this file. (Code that hashes even earlier gets libsodium's portable implementation.)
const bool sodium_is_ready = [] {
  const bool ready = sodium_init() >= 0;
  require(ready);
  return ready;
}();

}  // namespace

void wipe(std::span<byte> memory) noexcept { sodium_memzero(memory.data(), memory.size()); }

bool equal(bytes_view a, bytes_view b) noexcept {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace tomoshibi::crypto
