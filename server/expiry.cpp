#include "server/expiry.hpp"

#include <fmt/format.h>

namespace tomoshibi {

std::vector<std::string> expiry_warnings(const crypto::trust& shown, crypto::seconds tls_until, crypto::seconds now) {
  struct {
    const char* what;
    crypto::seconds until;
    const char* without;
  } const all[] = {
      {"The issuer", shown.issued_by.not_after, "no client believes this centre, and no staff signs in"},
      {"The roster", shown.listed.expires, "no client believes this centre, and no staff signs in"},
      {"The TLS certificate", tls_until, "browsers do not connect"},
  };
  std::vector<std::string> out;
  for (const auto& [what, until, without] : all) {
    if (until > now && until - now >= expiry_warning_seconds) continue;
    const std::string left =
        until > now ? fmt::format("expires in {} days", (until - now) / (24 * 3600)) : std::string("has expired");
    out.push_back(fmt::format("{} {}; then {}. Renew it with 'tomoshibi init' and start the server again.", what,
                              left, without));
  }
  return out;
}

}  // namespace tomoshibi
