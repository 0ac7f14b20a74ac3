// X-Wing = X25519 + ML-KEM-768 (draft-connolly-cfrg-xwing-kem), libsodium's implementation.
#pragma once

#include "crypto/failure.hpp"
#include "crypto/random.hpp"

namespace tomoshibi::crypto {

using kem_public_key = block<1216>;
using kem_secret_key = secret<32>;  // the seed; the long form is derived at use
using kem_ciphertext = block<1120>;

struct kem_key_pair {
  kem_public_key public_key{};
  kem_secret_key secret_key;
};

struct encapsulation {
  kem_ciphertext ciphertext{};
  secret<32> shared;
};

kem_key_pair make_kem_key(random_source& random);
kem_public_key kem_public(const kem_secret_key& key);
result<encapsulation> encapsulate(const kem_public_key& to, random_source& random);  // malformed: not a public key
result<secret<32>> decapsulate(const kem_ciphertext& ciphertext, const kem_secret_key& key);

}  // namespace tomoshibi::crypto
