// Why a protocol object was refused. What a person is told is chosen from this by the client core.
#pragma once

#include <expected>
#include <string_view>

namespace tomoshibi::crypto {

enum class failure {
  malformed,        // wrong length, unknown version, trailing bytes, non-zero padding
  wrong_signature,  // not signed by whom it claims
  not_yet_valid,    // its time has not come: the device clock, or the object, is wrong
  expired,          // its time is over
  rolled_back,      // older than one already seen, or below the least epoch of the centre file
  forked,           // not the successor of one already seen
  not_listed,       // the certificate is not in the roster, or is marked disabled there; too few readers are
  wrong_role,       // the certificate does not carry the role asked for
  wrong_desk,       // the certificate belongs to another desk
  wrong_binding,    // made for another conversation, nonce, certificate, centre or day key
  other_roster,     // made under a roster that this client does not believe
  cannot_open,      // every failure to open a box looks the same
  out_of_bounds,    // a bound of the protocol: skipped keys, fragments, age of a session
  may_not_send,     // a restored or copied state, or one past its age, may only receive
};

std::string_view name(failure why);

template <class T>
using result = std::expected<T, failure>;

}  // namespace tomoshibi::crypto
