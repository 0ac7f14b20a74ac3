// So that a failed expectation says "expired" and not "4-byte object".
#pragma once

#include <optional>
#include <ostream>

#include "crypto/failure.hpp"

namespace tomoshibi::crypto {

inline void PrintTo(failure why, std::ostream* out) { *out << name(why); }

// Nothing, if it succeeded.
inline std::optional<failure> why(const auto& tried) { return tried ? std::nullopt : std::optional(tried.error()); }

}  // namespace tomoshibi::crypto
