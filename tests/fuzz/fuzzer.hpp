// What each fuzzer is made of: `feed` takes one input, `seeds` gives the inputs that mutation begins from. fuzzer.cpp
// hands both to libFuzzer.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "crypto/bytes.hpp"

namespace tomoshibi::fuzz {

void feed(bytes_view in);
std::vector<bytes> seeds();

// A property that does not hold ends the program; libFuzzer then keeps the input.
inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "this must hold and does not: %s\n", what);
  std::abort();
}

// An input read as decisions: whoever acts, and how. Behind its end everything reads as zeros.
class script {
 public:
  explicit script(bytes_view in) : rest_(in) {}

  bool over() const { return rest_.empty(); }
  template <std::unsigned_integral T>
  T number() {
    return reader(fill_block<sizeof(T)>()).template number<T>();
  }
  unsigned roll(unsigned sides) { return number<byte>() % sides; }
  bytes_view take(std::size_t at_most) {
    const bytes_view out = rest_.first(std::min(at_most, rest_.size()));
    rest_ = rest_.subspan(out.size());
    return out;
  }
  template <std::size_t N>
  block<N> fill_block() {
    block<N> out{};
    std::ranges::copy(take(N), out.begin());
    return out;
  }
  // Changes up to three bytes; none, if the script says so. Gives whether something is different now.
  bool alter(std::span<byte> what) {
    const bytes before(what.begin(), what.end());
    for (unsigned left = roll(4); left > 0 && !what.empty(); --left)
      what[number<std::uint16_t>() % what.size()] ^= number<byte>();
    return !std::ranges::equal(before, what);
  }

 private:
  bytes_view rest_;
};

}  // namespace tomoshibi::fuzz
