// Randomness is handed in, so that a whole system can run from one seed.
#pragma once

#include "crypto/secret.hpp"

namespace tomoshibi::crypto {

class random_source {
 public:
  virtual ~random_source() = default;
  virtual void fill(std::span<byte> out) = 0;

  template <std::size_t N>
  block<N> make_block() {
    block<N> out;
    fill(out);
    return out;
  }
  template <std::size_t N>
  secret<N> make_secret() {
    secret<N> out;
    fill(out.writable());
    return out;
  }
};

// The operating system's generator (in the browser: crypto.getRandomValues).
class system_random final : public random_source {
 public:
  void fill(std::span<byte> out) override;
};

}  // namespace tomoshibi::crypto
