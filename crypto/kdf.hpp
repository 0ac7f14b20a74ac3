// HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869).
#pragma once

#include <initializer_list>
#include <string_view>

#include "crypto/secret.hpp"

namespace tomoshibi::crypto {

secret<32> hmac(const secret<32>& key, bytes_view in);

secret<32> hkdf_extract(bytes_view salt,
                        std::initializer_list<bytes_view> input);               // of the parts one after the other
void hkdf_expand(const secret<32>& key, bytes_view info, std::span<byte> out);  // out: 1 to 8160 bytes

template <std::size_t N>
secret<N> hkdf_expand(const secret<32>& key, bytes_view info) {
  secret<N> out;
  hkdf_expand(key, info, out.writable());
  return out;
}

}  // namespace tomoshibi::crypto
