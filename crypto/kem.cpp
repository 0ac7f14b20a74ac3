#include "crypto/kem.hpp"

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

static_assert(std::tuple_size_v<kem_public_key> == crypto_kem_xwing_PUBLICKEYBYTES);
static_assert(std::tuple_size_v<kem_ciphertext> == crypto_kem_xwing_CIPHERTEXTBYTES);
static_assert(kem_secret_key::size() == crypto_kem_xwing_SEEDBYTES);

kem_key_pair make_kem_key(random_source& random) {
  kem_key_pair out{{}, random.make_secret<crypto_kem_xwing_SEEDBYTES>()};
  out.public_key = kem_public(out.secret_key);
  return out;
}

kem_public_key kem_public(const kem_secret_key& key) {
  kem_public_key out;
  kem_secret_key same;  // libsodium's secret key is the seed
  require(crypto_kem_xwing_seed_keypair(out.data(), same.writable().data(), key.view().data()) == 0);
  return out;
}

result<encapsulation> encapsulate(const kem_public_key& to, random_source& random) {
  const auto seed = random.make_secret<64>();
  encapsulation out;
  if (crypto_kem_xwing_enc_deterministic(out.ciphertext.data(), out.shared.writable().data(), to.data(),
                                         seed.view().data()) != 0) {
    return std::unexpected(failure::malformed);
  }
  return out;
}

result<secret<32>> decapsulate(const kem_ciphertext& ciphertext, const kem_secret_key& key) {
  secret<32> shared;
  if (crypto_kem_xwing_dec(shared.writable().data(), ciphertext.data(), key.view().data()) != 0) {
    return std::unexpected(failure::cannot_open);
  }
  return shared;
}

}  // namespace tomoshibi::crypto
