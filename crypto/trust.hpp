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

  // The certificate's fields if it is signed by the issuer and does not outlive it (out_of_bounds), in the roster and
  // not disabled (not_listed), and valid at `now` (seconds on the centre's clock, which is the device's plus the
  // shift of a demo centre file). Whoever holds this for weeks is refused, too, once the roster is 12 h past its
  // time. `overtime`: so many seconds after its end the certificate is still good, for what began before.
  result<certificate> check(bytes_view signed_certificate, seconds now, seconds overtime = 0) const;
};

// `clock` is the device's clock, unshifted; it must lie in [issued - 12 h, expires + 12 h] of the roster (after the
// shift). `seen`: what this client believed before, or none: the roster must be the same one or a successor
// (same centre, higher epoch, and at epoch + 1 its `previous` names the one seen), and the centre file and the
// issuer must be no older. Refusals: those of the three objects, wrong_binding, rolled_back, forked, not_yet_valid,
// expired.
result<trust> verify_trust(bytes_view centre_object, bytes_view issuer_object, bytes_view roster_object,
                           const hash32& root_fingerprint, seconds clock, const trust* seen = nullptr);

}  // namespace tomoshibi::crypto
