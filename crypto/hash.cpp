#include "crypto/hash.hpp"

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

hash32 sha256(bytes_view in) { return sha256({in}); }

hash32 sha256(std::initializer_list<bytes_view> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (bytes_view part : parts) crypto_hash_sha256_update(&state, part.data(), part.size());
  hash32 out;
  crypto_hash_sha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);  // pre-shared keys are hashed too
  return out;
}

hash32 blake2b(bytes_view in, bytes_view key) {
  hash32 out;
  require(crypto_generichash(out.data(), out.size(), in.data(), in.size(), key.data(), key.size()) == 0);
  return out;
}

block<16> blake2b_16(bytes_view in) {
  block<16> out;
  require(crypto_generichash(out.data(), out.size(), in.data(), in.size(), nullptr, 0) == 0);
  return out;
}

}  // namespace tomoshibi::crypto
