// The door to libsodium, for the .cpp files of this room only.
#pragma once

#include <sodium.h>

#include <cstdlib>

namespace tomoshibi::crypto {

// For what can only be false through a mistake in our own code; there is nothing sensible to go on with.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace tomoshibi::crypto
