// From `welcome` to verified trust: which signed files are needed, fetched, and believed.
#pragma once

#include <map>
#include <optional>

#include "client-web/core/output.hpp"

namespace tomoshibi::core {

// A network that is gone says nothing. After so long a silence the server is asked for the door again, which it
// answers at once: the shell notices if it does not (write_bridge.cpp, answered_codes).
inline constexpr seconds silence_max = 30;

class belief {
 public:
  explicit belief(const crypto::hash32& root_fingerprint) : root_fingerprint_(root_fingerprint) {}

  enum class step {
    waiting,  // files are on their way
    ready,    // trust() is what the server named, verified
    refused,  // why() says what is wrong
  };
  // `clock`: the device's. Asks `out` for the files that are not at hand.
  step named(const wire::welcome& message, seconds clock, output& out);
  step fetched(const crypto::hash32& hash, bytes_view object, seconds clock);

  const crypto::trust* trust() const { return trust_ ? &*trust_ : nullptr; }
  crypto::failure why() const { return why_; }
  // The centre's clock: the device's, plus the shift that a demo's centre file carries.
  seconds centre_time(seconds clock) const;

 private:
  step verify(seconds clock);

  crypto::hash32 root_fingerprint_;
  crypto::hash32 centre_{}, issuer_{}, roster_{};
  std::map<crypto::hash32, bytes> files_;  // only those of the last `welcome`
  std::optional<crypto::trust> trust_;
  crypto::failure why_ = crypto::failure::malformed;
};

}  // namespace tomoshibi::core
