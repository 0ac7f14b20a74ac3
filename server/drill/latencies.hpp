// How long things took, and what share of them took no longer. Exact: every duration is kept.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace tomoshibi::drill {

using moment = std::chrono::steady_clock::time_point;

// In milliseconds; zeros of nothing. `p90`: 90 of 100 took no longer (nearest rank).
struct spread {
  std::size_t count = 0;
  double p50 = 0, p90 = 0, p99 = 0, max = 0;
};

class latencies {
 public:
  void add(moment::duration took) { all_.push_back(took); }
  spread sum() const;

 private:
  std::vector<moment::duration> all_;
};

}  // namespace tomoshibi::drill
