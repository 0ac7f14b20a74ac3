#include "server/drill/course.hpp"

#include <algorithm>

namespace tomoshibi::drill {

mishaps::mishaps(const mishap_counts& wanted, std::size_t texts) {
  const auto spread_out = [&](mishap what, std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i) all_.push_back({texts * i / (count + 1), what});
  };
  spread_out(mishap::reload, wanted.reloads);
  spread_out(mishap::cut, wanted.cuts);
  spread_out(mishap::exit, wanted.exits);
  std::ranges::stable_sort(all_, {}, &planned::after);
}

std::optional<mishap> mishaps::due(std::size_t texts) const {
  if (done_ == all_.size() || all_[done_].after > texts) return std::nullopt;
  return all_[done_].what;
}

}  // namespace tomoshibi::drill
