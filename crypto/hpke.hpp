// HPKE (RFC 9180), single shot: KEM X-Wing (0x647a, draft-connolly-cfrg-xwing-kem), KDF HKDF-SHA256 (0x0001), AEAD
// ChaCha20-Poly1305 (0x0003); modes base, and psk where a psk is given. Associated data is empty, the sequence number
// 0.
#pragma once

#include "crypto/kem.hpp"

namespace tomoshibi::crypto {

inline constexpr std::size_t hpke_tag_bytes = 16;

struct hpke_box {
  kem_ciphertext enc{};
  bytes sealed;  // hpke_tag_bytes longer than the plain text
};

// `with`: the psk; its id is SHA-256(psk)[:16] on both sides. malformed: `to` is no public key.
result<hpke_box> hpke_seal(const kem_public_key& to, bytes_view info, bytes_view plain, random_source& random,
                           const secret<32>* with = nullptr);
// cannot_open, whatever the reason.
result<secret_bytes> hpke_open(const kem_ciphertext& enc, bytes_view sealed, bytes_view info,
                               const kem_secret_key& key, const secret<32>* with = nullptr);

// --- the steps of RFC 9180, for the two above and for its test vectors ---

struct hpke_suite {
  std::uint16_t kem, kdf, aead;
};
inline constexpr hpke_suite hpke_xwing{0x647a, 0x0001, 0x0003};

struct hpke_keys {
  secret<32> key;
  block<12> nonce{};  // of sequence number 0
};

// Section 5.1, KeySchedule, for KDF 0x0001 and AEAD 0x0003; `with`: the psk, 32 bytes or more, and its id; both are
// empty without one.
hpke_keys make_hpke_keys(hpke_suite suite, const secret<32>& shared, bytes_view info, bytes_view with,
                         bytes_view with_id);
bytes hpke_encrypt(const hpke_keys& keys, bytes_view plain, bytes_view associated);
result<secret_bytes> hpke_decrypt(const hpke_keys& keys, bytes_view sealed, bytes_view associated);  // cannot_open

}  // namespace tomoshibi::crypto
