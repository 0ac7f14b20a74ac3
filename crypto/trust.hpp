// What a client believes: centre file, issuer and roster, each verified against the one above it, from the
// root's fingerprint down. Refuses what is older than the centre file allows or than what was seen before.
#pragma once

#include "crypto/objects.hpp"

namespace tomoshibi::crypto {

struct trust {
  centre_file centre;
  issuer issued_by;
  roster listed;
  hash32 centre_hash{}, issuer_hash{}, roster_hash{};

  // The certificate's fields if it is signed by the issuer, in the roster and not disabled, and valid at `now`
  // (seconds on the centre's clock, which is the device's plus the shift of a demo centre file).
  result<certificate> check(bytes_view signed_certificate, seconds now) const;
};

// `clock` is the device's clock, unshifted; it must lie in [issued - 12 h, expires + 12 h] of the roster (after the
// shift). `seen`: what this client believed before, or none: the roster must be the same one or a successor
// (same centre, higher epoch, and at epoch + 1 its `previous` names the one seen), and so must the centre file be
// no older.
result<trust> verify_trust(bytes_view centre_object, bytes_view issuer_object, bytes_view roster_object,
                           const hash32& root_fingerprint, seconds clock, const trust* seen = nullptr);

}  // namespace tomoshibi::crypto
