#include "crypto/aead.hpp"

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

static_assert(aead_tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

bytes seal(const secret<32>& key, const aead_nonce& nonce, bytes_view plain, bytes_view associated) {
  bytes out(plain.size() + aead_tag_bytes);
  require(crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, plain.data(), plain.size(),
                                                     associated.data(), associated.size(), nullptr, nonce.data(),
                                                     key.view().data()) == 0);
  return out;
}

result<secret_bytes> open(const secret<32>& key, const aead_nonce& nonce, bytes_view sealed, bytes_view associated) {
  if (sealed.size() < aead_tag_bytes) return std::unexpected(failure::cannot_open);
  secret_bytes out(sealed.size() - aead_tag_bytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                                                 associated.data(), associated.size(), nonce.data(),
                                                 key.view().data()) != 0) {
    return std::unexpected(failure::cannot_open);
  }
  return out;
}

}  // namespace tomoshibi::crypto
