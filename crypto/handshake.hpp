// What first contact hands to the session. For handshake.cpp, session.cpp and the tests of this room.
#pragma once

#include "crypto/ratchet.hpp"

namespace tomoshibi::crypto {

struct handshake {
  static session begin(side me, ratchet first, const hash32& th, const hash32& certificate_hash, seconds now);
};

}  // namespace tomoshibi::crypto
