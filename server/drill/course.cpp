#include "server/drill/course.hpp"

namespace tomoshibi::drill {

bool mishaps::due(mishap what, std::size_t texts) const {
  const auto kind = static_cast<std::size_t>(what);
  const std::size_t next = happened_[kind] + 1;
  return next <= wanted_[kind] && texts >= texts_ * next / (wanted_[kind] + 1);
}

}  // namespace tomoshibi::drill
