#include "crypto/random.hpp"

#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {

void system_random::fill(std::span<byte> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace tomoshibi::crypto
