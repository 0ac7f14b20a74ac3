// Gives out the bytes it was made with; whoever asks for more ends the program.
#pragma once

#include <cstdlib>

#include "crypto/random.hpp"

namespace tomoshibi::support {

class scripted_random final : public crypto::random_source {
 public:
  explicit scripted_random(bytes script) : script_(std::move(script)) {}
  void fill(std::span<byte> out) override {
    if (out.size() > script_.size() - at_) std::abort();
    std::copy_n(script_.begin() + static_cast<std::ptrdiff_t>(at_), out.size(), out.begin());
    at_ += out.size();
  }

 private:
  bytes script_;
  std::size_t at_ = 0;
};

}  // namespace tomoshibi::support
