#include "server/issuing.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tomoshibi {
namespace {

using crypto::seconds;

// The newest roster that anybody may have seen: the one in its place, or the one that the server showed last.
file_result<bytes> find_last_roster(const folder& of) {
  bytes out;  // empty: there was none
  if (std::filesystem::exists(of.roster())) {
    auto object = read_file(of.roster());
    if (!object) return object;
    out = *std::move(object);
  }
  auto served = read_served_roster(of);
  if (!served) return served;
  if (out.empty() || (!served->empty() && roster_outline::of(*served).epoch > roster_outline::of(out).epoch))
    out = *std::move(served);
  return out;
}

}  // namespace

file_result<void> write_certificates(const folder& of, const std::string& id, const std::vector<bytes>& all) {
  writer out;
  for (const bytes& one : all) out.put(one);
  return write_file(of.certificates(id), out.finish(), readers::owner);
}

file_result<issuing> issuing::begin(const folder& of, const key_folder& keys, seconds clock,
                                    crypto::random_source& random,
                                    const std::function<void(std::string_view)>& note) {
  at_hand with;
  auto issuers = read_issuers(of);  // and so the centre file is good
  if (!issuers) return std::unexpected(issuers.error());
  with.issuers = *std::move(issuers);
  const auto centre = crypto::open_centre_file(*read_file(of.centre_file()), *read_fingerprint(of));
  with.centre = centre->centre;
  with.now = clock + seconds{centre->clock_shift_hours} * 3600;
  if (!std::filesystem::exists(keys.issuer_seed()))
    return std::unexpected(
        fmt::format("{}: the issuer's key is not there. Put in the disk that it lies on, and name its folder with "
                    "--keys.",
                    keys.issuer_seed().string()));
  const auto seed = read_secret(keys.issuer_seed());
  if (!seed) return std::unexpected(seed.error());
  with.seed = *seed;
  with.object = *read_file(of.issuer_file());
  with.fields = *crypto::open_issuer(with.object, centre->root);
  if (crypto::sign_public(with.seed) != with.fields.key)
    return std::unexpected(
        fmt::format("{}: not the key of this centre's issuer; take the newest one, or hold the "
                    "ceremony again with 'tomoshibi init'",
                    keys.issuer_seed().string()));
  if (with.fields.not_after <= with.now + renew_before)
    return std::unexpected(
        fmt::format("{}: the issuer expires within {} days; make a new one with 'tomoshibi init' and the root key",
                    of.issuer_file().string(), renew_before / 86400));
  return issuing(of, std::move(with), random, note);
}

bytes issuing::certify(bytes_view there, crypto::certificate wanted) const {
  if (const auto old = crypto::open_certificate(there, with_.fields.key);
      old && old->holder == wanted.holder && old->desk == wanted.desk && old->alias == wanted.alias &&
      old->sign_key == wanted.sign_key && old->agree_key == wanted.agree_key &&
      old->not_after > with_.now + renew_before)
    return bytes(there.begin(), there.end());
  wanted.serial = reader(random_.make_block<8>()).number<std::uint64_t>();
  wanted.not_before = std::max(with_.now - backdate, with_.fields.not_before);
  wanted.not_after = std::min(wanted.not_before + crypto::certificate_life_max, with_.fields.not_after);
  return crypto::sign_certificate(wanted, with_.seed);
}

crypto::result<crypto::certificate> issuing::open(bytes_view certificate) const {
  return open_certificate(certificate, with_.issuers);
}

// The certificate before stays good beside the new one until it expires: a conversation is bound to it.
file_result<void> issuing::renew_members(std::string_view at_once) const {
  auto all = read_members(of_, with_.issuers);
  if (!all) return std::unexpected(all.error());
  for (member& one : *all) {
    if (one.disabled) continue;
    const bytes before = one.certificates.back();
    const bytes fresh = certify(one.id == at_once ? bytes_view() : bytes_view(before), one.newest);
    if (fresh == before) continue;
    one.certificates.push_back(fresh);
    if (one.certificates.size() > certificates_kept_max) one.certificates.erase(one.certificates.begin());
    if (auto written = write_certificates(of_, one.id, one.certificates); !written) return written;
    note_(fmt::format("Renewed the certificate of {}.", one.id));
  }
  return {};
}

file_result<std::vector<crypto::roster::entry>> issuing::entries() const {
  std::vector<crypto::roster::entry> out;
  auto all = read_members(of_, with_.issuers);
  if (!all) return std::unexpected(all.error());
  for (const member& one : *all)
    for (const bytes& each : one.certificates) {
      const auto fields = crypto::open_certificate(each, with_.fields.key);
      if (!fields || fields->not_after + listed_overtime <= with_.now) continue;
      out.push_back({crypto::sha256(each), one.disabled ? crypto::roster::flag_disabled : 0});
    }
  if (std::filesystem::exists(of_.drill())) {
    const auto drill = read_drill_members(of_);
    if (!drill) return std::unexpected(drill.error());
    for (const crypto::identity& each : *drill) out.push_back({crypto::sha256(each.certificate), 0});
  }
  std::ranges::sort(out, {}, &crypto::roster::entry::certificate);
  return out;
}

file_result<std::uint64_t> issuing::publish_roster() const {
  crypto::roster fields;
  fields.centre = with_.centre;
  fields.issuer_hash = crypto::sha256(with_.object);
  auto listed = entries();
  if (!listed) return std::unexpected(listed.error());
  fields.entries = *std::move(listed);
  const auto last = find_last_roster(of_);
  if (!last) return std::unexpected(last.error());
  if (!last->empty()) {
    const auto old = crypto::open_roster(*last, with_.fields.key);
    const bool in_place = std::filesystem::exists(of_.roster()) && *read_file(of_.roster()) == *last;
    if (in_place && old && old->issuer_hash == fields.issuer_hash && old->entries == fields.entries &&
        old->expires > with_.now + renew_before)
      return old->epoch;
    fields.epoch = roster_outline::of(*last).epoch;
    fields.previous = crypto::sha256(*last);
  }
  ++fields.epoch;
  fields.issued = with_.now;
  fields.expires = with_.now + crypto::roster_life_max;
  const bytes object = crypto::sign_roster(fields, with_.seed);
  if (auto kept = write_file(of_.roster(fields.epoch), object, readers::everyone); !kept)
    return std::unexpected(kept.error());
  if (auto written = write_file(of_.roster(), object, readers::everyone); !written)
    return std::unexpected(written.error());
  note_(fmt::format("Published roster {} with {} certificates, good for 35 days.", fields.epoch,
                    fields.entries.size()));
  return fields.epoch;
}

}  // namespace tomoshibi
