// From `welcome` to verified trust, and from `renewed` to the trust after it: which signed files are needed, fetched,
// and believed. Until new files are verified, the trust before stands.
#pragma once

#include <map>
#include <optional>

#include "client-web/core/output.hpp"

namespace tomoshibi::core {

// A network that is gone says nothing. After so long a silence the server is asked for the door again, which it
// answers at once: the shell notices if it does not (write_bridge.cpp, answered_codes).
inline constexpr seconds silence_max = 30;

// An OFFER made under the roster before is on its way for seconds, or waits in the mailbox of a phone that is back
// soon.
inline constexpr seconds roster_before_life = 15 * 60;

// The id in the centre's configuration; empty: not a desk of this centre.
std::string desk_name(const crypto::trust& believed, const crypto::desk_id& desk);

class belief {
 public:
  explicit belief(const crypto::hash32& root_fingerprint) : root_fingerprint_(root_fingerprint) {}

  enum class step {
    waiting,  // nothing new is verified
    ready,    // trust() is what the server named last, verified: told once for each time that it named it
    refused,  // why() says what is wrong
  };
  // `clock`: the device's. Asks `out` for the files that are not at hand.
  step named(const wire::welcome& message, seconds clock, output& out);
  step named(const wire::renewed& message, seconds clock, output& out);
  step fetched(const crypto::hash32& hash, bytes_view object, seconds clock);
  void disconnected() { fetching_ = false; }  // the next connection names its own
  // Until the server has shown whom it serves, and that was verified (`ready`), nothing else that it says counts.
  static bool counts(const wire::server_message& said, bool ready);

  const crypto::trust* trust() const { return trust_ ? &*trust_ : nullptr; }
  bool fetching() const { return fetching_; }  // the server has named files that are not verified yet
  // The roster believed before trust()'s, for roster_before_life; else null.
  const crypto::hash32* roster_before(seconds clock) const;
  crypto::failure why() const { return why_; }
  // The centre's clock: the device's, plus the shift that a demo's centre file carries.
  seconds centre_time(seconds clock) const;

 private:
  step verify(seconds clock);
  step refuse(crypto::failure why);

  crypto::hash32 root_fingerprint_;
  crypto::hash32 centre_{}, issuer_{}, roster_{};
  std::map<crypto::hash32, bytes> files_;  // only those named last
  bool fetching_ = false;
  std::optional<crypto::trust> trust_;
  crypto::hash32 roster_before_{};
  seconds replaced_ = 0;  // when the roster before was; 0: there was none
  crypto::failure why_ = crypto::failure::malformed;
};

}  // namespace tomoshibi::core
