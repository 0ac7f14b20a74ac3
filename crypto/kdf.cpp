#include "crypto/kdf.hpp"

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

secret<32> hmac(const secret<32>& key, bytes_view in) {
  secret<32> out;
  require(crypto_auth_hmacsha256(out.writable().data(), in.data(), in.size(), key.view().data()) == 0);
  return out;
}

secret<32> hkdf_extract(bytes_view salt, std::initializer_list<bytes_view> input) {
  crypto_kdf_hkdf_sha256_state state;
  crypto_kdf_hkdf_sha256_extract_init(&state, salt.data(), salt.size());
  for (bytes_view part : input) {
    if (!part.empty()) crypto_kdf_hkdf_sha256_extract_update(&state, part.data(), part.size());
  }
  secret<32> out;
  crypto_kdf_hkdf_sha256_extract_final(&state, out.writable().data());
  sodium_memzero(&state, sizeof state);
  return out;
}

void hkdf_expand(const secret<32>& key, bytes_view info, std::span<byte> out) {
  require(!out.empty() &&
          crypto_kdf_hkdf_sha256_expand(out.data(), out.size(), reinterpret_cast<const char*>(info.data()),
                                        info.size(), key.view().data()) == 0);
}

}  // namespace tomoshibi::crypto
