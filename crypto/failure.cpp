#include "crypto/failure.hpp"

namespace tomoshibi::crypto {

std::string_view name(failure why) {
  switch (why) {
    case failure::malformed:
      return "malformed";
    case failure::wrong_signature:
      return "wrong_signature";
    case failure::not_yet_valid:
      return "not_yet_valid";
    case failure::expired:
      return "expired";
    case failure::rolled_back:
      return "rolled_back";
    case failure::forked:
      return "forked";
    case failure::not_listed:
      return "not_listed";
    case failure::wrong_role:
      return "wrong_role";
    case failure::wrong_desk:
      return "wrong_desk";
    case failure::wrong_binding:
      return "wrong_binding";
    case failure::other_roster:
      return "other_roster";
    case failure::cannot_open:
      return "cannot_open";
    case failure::out_of_bounds:
      return "out_of_bounds";
    case failure::may_not_send:
      return "may_not_send";
  }
  return "unknown";
}

}  // namespace tomoshibi::crypto
