// What a running centre shows will be refused one day, by its clients or by itself: said in time.
#pragma once

#include <string>
#include <vector>

#include "crypto/trust.hpp"

namespace tomoshibi {

inline constexpr crypto::seconds expiry_warning_seconds = 14 * 24 * 3600;

// A sentence for each of issuer, roster and TLS certificate that has less than that left at `now`. All on one clock.
std::vector<std::string> expiry_warnings(const crypto::trust& shown, crypto::seconds tls_until, crypto::seconds now);

}  // namespace tomoshibi
