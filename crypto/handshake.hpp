// What first contact hands to the session, and shares with invitations. For handshake.cpp, invitation.cpp,
// session.cpp and the tests of this room.
#pragma once

#include <initializer_list>

#include "crypto/ratchet.hpp"

namespace tomoshibi::crypto {

// ver1 | kind1 | parts | zeros: OFFER, HELLO and CONSENT.
inline constexpr byte frame_version = 1;
enum class frame_kind : byte { offer = 1, hello = 2, consent = 3 };
frame make_frame(frame_kind kind, std::initializer_list<bytes_view> parts);
bool is_frame_of(frame_kind kind, reader& in);  // reads version and kind

// The day key of this certificate, whose holder signs, at this moment.
result<kem_public_key> verify_day_key(bytes_view object, const sign_public_key& holder,
                                      const hash32& certificate_hash, seconds now);

struct handshake {
  static session begin(side me, ratchet first, const hash32& th, const hash32& certificate_hash, seconds now);
};

}  // namespace tomoshibi::crypto
