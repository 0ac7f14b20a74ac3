#include "crypto/password.hpp"

#include <limits>

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

result<secret<32>> stretch(bytes_view password, const block<16>& salt, password_cost cost) {
  if (cost.memory_bytes > std::numeric_limits<std::size_t>::max()) return std::unexpected(failure::out_of_bounds);
  const char* text = password.empty() ? "" : reinterpret_cast<const char*>(password.data());
  secret<32> out;
  if (crypto_pwhash_argon2id(out.writable().data(), out.size(), text, password.size(), salt.data(), cost.passes,
                             static_cast<std::size_t>(cost.memory_bytes),
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return std::unexpected(failure::out_of_bounds);
  }
  return out;
}

}  // namespace tomoshibi::crypto
