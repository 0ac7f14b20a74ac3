#include "server/drill/latencies.hpp"

#include <algorithm>

namespace tomoshibi::drill {

spread latencies::sum() const {
  if (all_.empty()) return {};
  auto sorted = all_;
  std::ranges::sort(sorted);
  const auto at = [&](std::size_t percent) {
    const std::size_t rank = (sorted.size() * percent + 99) / 100;
    return std::chrono::duration<double, std::milli>(sorted[rank - 1]).count();
  };
  return {sorted.size(), at(50), at(90), at(99), at(100)};
}

}  // namespace tomoshibi::drill
