// What each WebAssembly module is: a function from the bytes of a command to the bytes of an output
// (client-web/core/bridge.hpp). exports.cpp hands both through to client-web/src/core.ts.
#pragma once

#include "crypto/secret.hpp"

namespace tomoshibi::core {

// Empty: not a command of this module, or not one that can come now.
crypto::secret_bytes carry_out(bytes_view command);

// All that is below the caller's frame (platform.cpp). What is given back to the heap is wiped there too.
void wipe_stack();

}  // namespace tomoshibi::core
