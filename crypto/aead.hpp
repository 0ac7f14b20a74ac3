// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): 24-byte nonces that may be random, 16-byte tags.
#pragma once

#include "crypto/failure.hpp"
#include "crypto/secret.hpp"

namespace tomoshibi::crypto {

using aead_nonce = block<24>;
inline constexpr std::size_t aead_tag_bytes = 16;

bytes seal(const secret<32>& key, const aead_nonce& nonce, bytes_view plain, bytes_view associated);
result<secret_bytes> open(const secret<32>& key, const aead_nonce& nonce, bytes_view sealed,
                          bytes_view associated);  // cannot_open, whatever the reason

}  // namespace tomoshibi::crypto
