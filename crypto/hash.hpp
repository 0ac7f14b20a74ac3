// SHA-256 (FIPS 180-4), BLAKE2b (RFC 7693).
#pragma once

#include <initializer_list>

#include "crypto/bytes.hpp"

namespace tomoshibi::crypto {

using hash32 = block<32>;

hash32 sha256(bytes_view in);
hash32 sha256(std::initializer_list<bytes_view> parts);  // of the parts one after the other

// BLAKE2b with 32 bytes of output, under a key of up to 64 bytes (none: empty).
hash32 blake2b(bytes_view in, bytes_view key = {});
block<16> blake2b_16(bytes_view in);  // 16 bytes of output, which are not the first 16 of the 32

}  // namespace tomoshibi::crypto
