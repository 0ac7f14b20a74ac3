#include "server/members.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tomoshibi {
namespace {

std::unexpected<std::string> sentence(const std::filesystem::path& file, std::string_view what) {
  return std::unexpected(fmt::format("{}: {}", file.string(), what));
}

// Names below staff/. That there is no such folder yet means nobody; that it cannot be read does not.
file_result<std::vector<std::string>> read_ids(const folder& of) {
  std::vector<std::string> out;
  std::error_code failed;
  std::filesystem::directory_iterator at(of.staff(), failed);
  if (failed == std::errc::no_such_file_or_directory) return out;
  for (; !failed && at != std::filesystem::directory_iterator(); at.increment(failed))
    out.push_back(at->path().filename().string());
  if (failed) return sentence(of.staff(), "cannot be read: " + failed.message());
  std::ranges::sort(out);
  return out;
}

file_result<bool> is_there(const std::filesystem::path& file) {
  std::error_code failed;
  const bool there = std::filesystem::exists(file, failed);
  if (failed) return sentence(file, "cannot be read: " + failed.message());
  return there;
}

crypto::result<crypto::roster> open_roster(bytes_view object, std::span<const crypto::sign_public_key> issuers) {
  crypto::result<crypto::roster> out = std::unexpected(crypto::failure::wrong_signature);
  for (const crypto::sign_public_key& issuer : issuers)
    if (out = crypto::open_roster(object, issuer); out) break;
  return out;
}

}  // namespace

file_result<authority> read_authority(const folder& of) {
  const auto fingerprint = read_fingerprint(of);
  if (!fingerprint) return std::unexpected(fingerprint.error());
  const auto refused = [](const std::filesystem::path& file, crypto::failure why) {
    return sentence(file, fmt::format("not signed by this centre's root key ({})", crypto::name(why)));
  };
  const auto centre_object = read_file(of.centre_file());
  if (!centre_object) return std::unexpected(centre_object.error());
  auto centre = crypto::open_centre_file(*centre_object, *fingerprint);
  if (!centre) return refused(of.centre_file(), centre.error());
  authority out;
  out.centre = *std::move(centre);
  for (const auto& file : {of.issuer_file(), of.issuer_before()}) {
    if (file == of.issuer_before() && !std::filesystem::exists(file)) continue;
    auto object = read_file(file);
    if (!object) return std::unexpected(object.error());
    const auto issuer = crypto::open_issuer(*object, out.centre.root);
    if (!issuer) return refused(file, issuer.error());
    if (out.issuers.empty()) {
      out.issued_by = *issuer;
      out.issuer_object = *std::move(object);
    }
    out.issuers.push_back(issuer->key);
  }
  return out;
}

crypto::result<crypto::certificate> open_certificate(bytes_view object,
                                                     std::span<const crypto::sign_public_key> issuers) {
  crypto::result<crypto::certificate> out = std::unexpected(crypto::failure::wrong_signature);
  for (const crypto::sign_public_key& issuer : issuers)
    if (out = crypto::open_certificate(object, issuer); out) break;
  return out;
}

file_result<bytes> read_last_roster(const folder& of, std::span<const crypto::sign_public_key> issuers) {
  bytes out;
  if (std::filesystem::exists(of.roster())) {
    auto object = read_file(of.roster());
    if (!object) return object;
    out = *std::move(object);
    if (!open_roster(out, issuers))
      return sentence(of.roster(), "not signed by this centre's issuer; put it back, from rosters/ or a backup");
  }
  auto served = read_served_roster(of);
  if (!served) return served;
  const bool newer =
      !served->empty() && (out.empty() || roster_outline::of(*served).epoch > roster_outline::of(out).epoch);
  if (newer && open_roster(*served, issuers)) return served;
  return out;
}

std::set<crypto::hash32> disabled_in(bytes_view roster, std::span<const crypto::sign_public_key> issuers) {
  std::set<crypto::hash32> out;
  if (const auto listed = open_roster(roster, issuers))
    for (const crypto::roster::entry& one : listed->entries)
      if ((one.flags & crypto::roster::flag_disabled) != 0) out.insert(one.certificate);
  return out;
}

file_result<std::vector<member>> read_members(const folder& of, std::span<const crypto::sign_public_key> issuers) {
  const auto ids = read_ids(of);
  if (!ids) return std::unexpected(ids.error());
  const auto last = read_last_roster(of, issuers);
  if (!last) return std::unexpected(last.error());
  const std::set<crypto::hash32> disabled = disabled_in(*last, issuers);
  std::vector<member> out;
  for (const std::string& id : *ids) {
    const auto enrolled = is_there(of.certificates(id)), marked = is_there(of.disabled(id)),
               reads_letters = is_there(of.reads_letters(id));
    for (const auto* each : {&enrolled, &marked, &reads_letters})
      if (!*each) return std::unexpected(each->error());
    if (!*enrolled) continue;
    auto certificates = read_certificates(of, id);
    if (!certificates) return std::unexpected(certificates.error());
    if (certificates->empty()) continue;
    member one{id, *std::move(certificates), {}, *marked, *reads_letters};
    for (const bytes& each : one.certificates) one.disabled = one.disabled || disabled.contains(crypto::sha256(each));
    const auto newest = open_certificate(one.certificates.back(), issuers);
    if (newest)
      one.newest = *newest;
    else if (!one.disabled)  // who is disabled is not signed for by later issuers
      return sentence(of.certificates(id),
                      fmt::format("not signed by this centre's issuer ({}). Put back what was there, or remove the "
                                  "folder and enrol the member anew.",
                                  crypto::name(newest.error())));
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace tomoshibi
