// Randomness from a seed: the same run every time.
#pragma once

#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace tomoshibi::support {

class seeded_random final : public crypto::random_source {
 public:
  explicit seeded_random(std::uint64_t seed) : seed_(writer().number(seed).finish()) {}

  void fill(std::span<byte> out) override {
    while (!out.empty()) {
      const crypto::hash32 next = crypto::blake2b(writer().number(count_++).finish(), seed_);
      const std::size_t taken = std::min(out.size(), next.size());
      std::copy_n(next.begin(), taken, out.begin());
      out = out.subspan(taken);
    }
  }

 private:
  bytes seed_;
  std::uint64_t count_ = 0;
};

}  // namespace tomoshibi::support
