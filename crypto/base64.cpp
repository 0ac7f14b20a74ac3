#include "crypto/base64.hpp"

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

std::string to_base64(bytes_view in) {
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string out(sodium_base64_encoded_len(in.size(), variant), '\0');  // libsodium ends it with a zero
  sodium_bin2base64(out.data(), out.size(), in.data(), in.size(), variant);
  out.pop_back();
  return out;
}

}  // namespace tomoshibi::crypto
