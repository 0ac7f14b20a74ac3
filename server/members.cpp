#include "server/members.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tomoshibi {
crypto::result<crypto::certificate> open_certificate(bytes_view object,
                                                     std::span<const crypto::sign_public_key> issuers) {
  crypto::result<crypto::certificate> out = std::unexpected(crypto::failure::wrong_signature);
  for (const crypto::sign_public_key& issuer : issuers)
    if (out = crypto::open_certificate(object, issuer); out) break;
  return out;
}

file_result<std::vector<member>> read_members(const folder& of, std::span<const crypto::sign_public_key> issuers) {
  std::vector<member> out;
  std::error_code none;  // no staff/ yet: nobody
  for (const auto& entry : std::filesystem::directory_iterator(of.staff(), none)) {
    member one;
    one.id = entry.path().filename().string();
    if (!std::filesystem::exists(of.certificates(one.id))) continue;
    auto certificates = read_certificates(of, one.id);
    if (!certificates) return std::unexpected(certificates.error());
    if (certificates->empty()) continue;
    one.certificates = *std::move(certificates);
    const auto newest = open_certificate(one.certificates.back(), issuers);
    if (!newest)
      return std::unexpected(fmt::format(
          "{}: not signed by this centre's issuer ({}). Put back what was there, or remove the folder and "
          "enrol the member anew.",
          of.certificates(one.id).string(), crypto::name(newest.error())));
    one.newest = *newest;
    one.disabled = std::filesystem::exists(of.disabled(one.id));
    out.push_back(std::move(one));
  }
  std::ranges::sort(out, {}, &member::id);
  return out;
}

file_result<std::vector<crypto::sign_public_key>> read_issuers(const folder& of) {
  const auto fingerprint = read_fingerprint(of);
  if (!fingerprint) return std::unexpected(fingerprint.error());
  const auto centre_object = read_file(of.centre_file());
  if (!centre_object) return std::unexpected(centre_object.error());
  const auto centre = crypto::open_centre_file(*centre_object, *fingerprint);
  if (!centre)
    return std::unexpected(fmt::format("{}: not signed by this centre's root key ({})", of.centre_file().string(),
                                       crypto::name(centre.error())));
  std::vector<crypto::sign_public_key> out;
  for (const auto& file : {of.issuer_file(), of.issuer_before()}) {
    if (file == of.issuer_before() && !std::filesystem::exists(file)) continue;
    const auto object = read_file(file);
    if (!object) return std::unexpected(object.error());
    const auto issuer = crypto::open_issuer(*object, centre->root);
    if (!issuer)
      return std::unexpected(
          fmt::format("{}: not signed by this centre's root key ({})", file.string(), crypto::name(issuer.error())));
    out.push_back(issuer->key);
  }
  return out;
}

}  // namespace tomoshibi
