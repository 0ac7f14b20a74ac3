#include "server/expiry.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tomoshibi {

std::vector<expiry> list_expiries(const crypto::trust& shown, std::span<const member> members,
                                  crypto::seconds tls_until) {
  constexpr const char* nobody = "no client believes this centre, and no staff signs in";
  std::vector<expiry> out{
      {"The issuer", shown.issued_by.not_after, nobody, "make a new one with 'tomoshibi init' and the root key",
       renew_issuer_before},
      {"The roster", shown.listed.expires, nobody, "publish a new one with 'tomoshibi staff renew'"}};
  if (tls_until > 0)
    out.push_back({"The TLS certificate", tls_until, "browsers do not connect",
                   "renew it where it was issued and send the server SIGHUP; one of its own is renewed by 'tomoshibi "
                   "init'"});
  crypto::seconds first = 0;
  for (const member& one : members)
    if (!one.disabled) first = first == 0 ? one.newest.not_after : std::min(first, one.newest.not_after);
  if (first > 0)
    out.push_back({"A member's certificate", first, "that member cannot sign in",
                   "'tomoshibi staff list' shows whose, and 'tomoshibi staff renew' renews it"});
  return out;
}

std::vector<std::string> expiry_warnings(std::span<const expiry> all, crypto::seconds now) {
  std::vector<std::string> out;
  for (const expiry& one : all) {
    if (!one.is_soon(now)) continue;
    const std::string left = one.until > now ? fmt::format("expires in {} days", (one.until - now) / (24 * 3600))
                                             : std::string("has expired");
    out.push_back(fmt::format("{} {}; then {}. Remedy: {}.", one.what, left, one.without, one.remedy));
  }
  return out;
}

}  // namespace tomoshibi
