#include "crypto/sign.hpp"

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

namespace {

struct expanded_key {
  sign_public_key open{};
  secret<crypto_sign_ed25519_SECRETKEYBYTES> closed;
};

expanded_key expand(const sign_seed& seed) {
  expanded_key out;
  require(crypto_sign_ed25519_seed_keypair(out.open.data(), out.closed.writable().data(), seed.view().data()) == 0);
  return out;
}

bytes tagged(std::string_view tag, bytes_view message) {
  require(tag.size() <= 255);
  return writer(1 + tag.size() + message.size()).number(static_cast<byte>(tag.size())).put(tag).put(message).finish();
}

}  // namespace

sign_public_key sign_public(const sign_seed& seed) { return expand(seed).open; }

signature sign(const sign_seed& seed, std::string_view tag, bytes_view message) {
  const bytes in = tagged(tag, message);
  signature out;
  require(crypto_sign_ed25519_detached(out.data(), nullptr, in.data(), in.size(),
                                       expand(seed).closed.view().data()) == 0);
  return out;
}

// libsodium refuses keys and R of small order and encodings that are not canonical.
bool verify(const sign_public_key& key, std::string_view tag, bytes_view message, const signature& made) {
  const bytes in = tagged(tag, message);
  return crypto_sign_ed25519_verify_detached(made.data(), in.data(), in.size(), key.data()) == 0;
}

agree_public_key agree_public(const agree_seed& seed) {
  agree_public_key out;
  require(crypto_scalarmult_curve25519_base(out.data(), seed.view().data()) == 0);
  return out;
}

// libsodium refuses what would give zeros.
result<secret<32>> agree(const agree_seed& own, const agree_public_key& theirs) {
  secret<32> out;
  if (crypto_scalarmult_curve25519(out.writable().data(), own.view().data(), theirs.data()) != 0) {
    return std::unexpected(failure::malformed);
  }
  return out;
}

}  // namespace tomoshibi::crypto
