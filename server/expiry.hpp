// What a running centre shows will be refused one day, by its clients or by itself: said in time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "crypto/trust.hpp"
#include "server/issuing.hpp"

namespace tomoshibi {

inline constexpr crypto::seconds expiry_warning_seconds = 14 * 24 * 3600;

struct expiry {
  std::string what;         // "The roster"
  crypto::seconds until{};  // on the centre's clock
  std::string without;      // what happens then, to whom
  std::string remedy;
  crypto::seconds warned_before = expiry_warning_seconds;

  bool is_soon(crypto::seconds now) const { return until <= now || until - now < warned_before; }
};

// Issuer, roster, TLS certificate, and the first of the members' certificates. Nobody is named. `tls_until`: 0 is
// unknown.
std::vector<expiry> list_expiries(const crypto::trust& shown, std::span<const member> members,
                                  crypto::seconds tls_until);

// A sentence for each that is soon at `now`.
std::vector<std::string> expiry_warnings(std::span<const expiry> all, crypto::seconds now);

}  // namespace tomoshibi
