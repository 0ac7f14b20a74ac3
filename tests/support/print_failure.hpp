// So that a failed expectation says "expired" and not "4-byte object".
#pragma once

#include <ostream>

#include "crypto/failure.hpp"

namespace tomoshibi::crypto {

inline void PrintTo(failure why, std::ostream* out) { *out << name(why); }

}  // namespace tomoshibi::crypto
