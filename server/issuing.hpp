// What the issuer's key signs: the members' certificates, and the roster of them.
#pragma once

#include <functional>
#include <string_view>

#include "server/members.hpp"

namespace tomoshibi {

inline constexpr crypto::seconds renew_before = 14 * 86400;  // certificates, roster and TLS
// A certificate never outlives its issuer, so the issuer is renewed while it can still cover a whole certificate.
inline constexpr crypto::seconds renew_issuer_before = crypto::certificate_life_max + renew_before;
inline constexpr std::size_t drill_members = 64;

// A phone's clock may be wrong by hours: it must not find a new object "not yet valid".
inline constexpr crypto::seconds backdate = 12 * 3600;

// Of one member: the key file holds the first, and whichever is shown leads to the newest.
inline constexpr std::size_t certificates_kept_max = 64;
// A talk that began under a certificate may go on for so long after its end, and needs it listed.
inline constexpr crypto::seconds listed_overtime = 24 * 3600;

class issuing {
 public:
  struct at_hand {
    authority by;
    crypto::sign_seed seed;
    crypto::seconds now = 0;  // the centre's clock
    bool first = false;       // the centre is being made: there was no roster before
  };
  // `note` is told, in a sentence each, what was signed.
  issuing(const folder& of, at_hand with, crypto::random_source& random,
          const std::function<void(std::string_view)>& note)
      : of_(of), with_(std::move(with)), random_(random), note_(note) {}

  // For a centre whose ceremony was held: what lies in its folder, and the seed in `keys`.
  static file_result<issuing> begin(const folder& of, const key_folder& keys, crypto::seconds clock,
                                    crypto::random_source& random, const std::function<void(std::string_view)>& note);

  crypto::seconds now() const { return with_.now; }
  const authority& by() const { return with_.by; }
  // Then members are neither added nor renewed, and only disabled.
  bool issuer_ends_soon() const { return with_.by.issued_by.not_after <= with_.now + renew_before; }

  // `there`, if it says what is wanted and is good for more than renew_before yet; else a new certificate with a
  // serial number and times of its own. `there` may be empty.
  bytes certify(bytes_view there, crypto::certificate wanted) const;

  // The fields, if this issuer or the one before it signed them; else why not.
  crypto::result<crypto::certificate> open(bytes_view certificate) const;

  // Members that are not disabled, and whose certificate is about to expire or of the issuer before, get another one
  // behind it; `at_once`: also that one, whatever time it has left.
  file_result<void> renew_members(std::string_view at_once = {}) const;

  // A roster of all certificates there are, behind the last one published or served: only if something changed, or
  // it is about to expire. Its epoch.
  file_result<std::uint64_t> publish_roster() const;

 private:
  file_result<std::vector<crypto::roster::entry>> entries(bytes_view last_roster) const;

  const folder& of_;
  at_hand with_;
  crypto::random_source& random_;
  const std::function<void(std::string_view)>& note_;
};

file_result<void> write_certificates(const folder& of, const std::string& id, const std::vector<bytes>& all);

}  // namespace tomoshibi
