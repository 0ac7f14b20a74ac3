// Argon2id (RFC 9106), version 1.3, one lane.
#pragma once

#include "crypto/failure.hpp"
#include "crypto/secret.hpp"

namespace tomoshibi::crypto {

struct password_cost {
  std::uint32_t passes;        // t, at least 1
  std::uint64_t memory_bytes;  // m, at least 8 KiB
};

// out_of_bounds: the memory could not be had.
result<secret<32>> stretch(bytes_view password, const block<16>& salt, password_cost cost);

}  // namespace tomoshibi::crypto
