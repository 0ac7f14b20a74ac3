#include "server/issuing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tomoshibi {

using crypto::seconds;

file_result<void> write_certificates(const folder& of, const std::string& id, const std::vector<bytes>& all) {
  writer out;
  for (const bytes& one : all) out.put(one);
  return write_file(of.certificates(id), out.finish(), readers::owner);
}

file_result<issuing> issuing::begin(const folder& of, const key_folder& keys, seconds clock,
                                    crypto::random_source& random,
                                    const std::function<void(std::string_view)>& note) {
  at_hand with;
  auto by = read_authority(of);
  if (!by) return std::unexpected(by.error());
  with.by = *std::move(by);
  with.now = clock + seconds{with.by.centre.clock_shift_hours} * 3600;
  if (!std::filesystem::exists(keys.issuer_seed()))
    return std::unexpected(
        fmt::format("{}: the issuer's key is not there. Put in the disk that it lies on, and name its folder with "
                    "--keys.",
                    keys.issuer_seed().string()));
  const auto seed = read_secret(keys.issuer_seed());
  if (!seed) return std::unexpected(seed.error());
  with.seed = *seed;
  if (crypto::sign_public(with.seed) != with.by.issued_by.key)
    return std::unexpected(
        fmt::format("{}: not the key of this centre's issuer; take the newest one, or hold the "
                    "ceremony again with 'tomoshibi init'",
                    keys.issuer_seed().string()));
  if (with.by.issued_by.not_after <= with.now)
    return std::unexpected(
        fmt::format("{}: the issuer has expired; make a new one with 'tomoshibi init' and the root key",
                    of.issuer_file().string()));
  return issuing(of, std::move(with), random, note);
}

bytes issuing::certify(bytes_view there, crypto::certificate wanted) const {
  if (const auto old = crypto::open_certificate(there, with_.by.issued_by.key);
      old && old->holder == wanted.holder && old->desk == wanted.desk && old->alias == wanted.alias &&
      old->sign_key == wanted.sign_key && old->agree_key == wanted.agree_key &&
      old->not_after > with_.now + renew_before)
    return bytes(there.begin(), there.end());
  wanted.serial = reader(random_.make_block<8>()).number<std::uint64_t>();
  wanted.not_before = std::max(with_.now - backdate, with_.by.issued_by.not_before);
  wanted.not_after = std::min(wanted.not_before + crypto::certificate_life_max, with_.by.issued_by.not_after);
  return crypto::sign_certificate(wanted, with_.seed);
}

crypto::result<crypto::certificate> issuing::open(bytes_view certificate) const {
  return open_certificate(certificate, with_.by.issuers);
}

// The certificate before stays good beside the new one until it expires: a conversation is bound to it.
file_result<void> issuing::renew_members(std::string_view at_once) const {
  auto all = read_members(of_, with_.by.issuers);
  if (!all) return std::unexpected(all.error());
  if (issuer_ends_soon()) {
    note_("The issuer is about to expire: no certificate is renewed before 'tomoshibi init' has made a new one.");
    return {};
  }
  for (member& one : *all) {
    if (one.disabled) continue;
    const bytes before = one.certificates.back();
    const bytes fresh = certify(one.id == at_once ? bytes_view() : bytes_view(before), one.newest);
    if (fresh == before) continue;
    one.certificates.push_back(fresh);
    if (one.certificates.size() > certificates_kept_max) one.certificates.erase(one.certificates.begin() + 1);
    if (auto written = write_certificates(of_, one.id, one.certificates); !written) return written;
    note_(fmt::format("Renewed the certificate of {}.", one.id));
  }
  return {};
}

// Who was disabled stays so in every later roster, whatever became of the member's folder.
file_result<std::vector<crypto::roster::entry>> issuing::entries(bytes_view last) const {
  std::map<crypto::hash32, std::uint64_t> flags;
  for (const crypto::hash32& one : disabled_in(last, with_.by.issuers)) flags[one] = crypto::roster::flag_disabled;
  auto all = read_members(of_, with_.by.issuers);
  if (!all) return std::unexpected(all.error());
  for (const member& one : *all)
    for (const bytes& each : one.certificates) {
      const auto fields = crypto::open_certificate(each, with_.by.issued_by.key);
      if (!fields || fields->not_after + listed_overtime <= with_.now) continue;
      flags[crypto::sha256(each)] |= one.disabled        ? crypto::roster::flag_disabled
                                     : one.reads_letters ? crypto::roster::flag_reads_letters
                                                         : 0;
    }
  if (std::filesystem::exists(of_.drill())) {
    const auto drill = read_drill_members(of_);
    if (!drill) return std::unexpected(drill.error());
    for (const crypto::identity& each : *drill) {
      const auto fields = crypto::open_certificate(each.certificate, with_.by.issued_by.key);
      if (fields && fields->holder == crypto::role::drill) flags[crypto::sha256(each.certificate)] |= 0;
    }
  }
  std::vector<crypto::roster::entry> out;
  for (const auto& [certificate, of_it] : flags) out.push_back({certificate, of_it});
  return out;
}

file_result<std::uint64_t> issuing::publish_roster() const {
  const auto last = read_last_roster(of_, with_.by.issuers);
  if (!last) return std::unexpected(last.error());
  if (last->empty() && !with_.first)
    return std::unexpected(
        fmt::format("{}: missing. Put it back, from rosters/ or a backup: clients have seen it, and refuse one that "
                    "is not its successor.",
                    of_.roster().string()));
  crypto::roster fields;
  fields.centre = with_.by.centre.centre;
  fields.issuer_hash = crypto::sha256(with_.by.issuer_object);
  auto listed = entries(*last);
  if (!listed) return std::unexpected(listed.error());
  fields.entries = *std::move(listed);
  if (!last->empty()) {
    const auto old = crypto::open_roster(*last, with_.by.issued_by.key);
    const auto there = read_file(of_.roster());
    if (there && *there == *last && old && old->issuer_hash == fields.issuer_hash && old->entries == fields.entries &&
        old->expires > with_.now + renew_before)
      return old->epoch;
    fields.epoch = roster_outline::of(*last).epoch;
    fields.previous = crypto::sha256(*last);
  }
  ++fields.epoch;
  fields.issued = with_.now;
  fields.expires = with_.now + crypto::roster_life_max;
  const bytes object = crypto::sign_roster(fields, with_.seed);
  if (const auto good = crypto::open_roster(object, with_.by.issued_by.key); !good)
    return std::unexpected(
        fmt::format("{} certificates make no roster that a client would take ({}); nothing changed",
                    fields.entries.size(), crypto::name(good.error())));
  if (auto kept = write_file(of_.roster(fields.epoch), object, readers::everyone); !kept)
    return std::unexpected(kept.error());
  if (auto written = write_file(of_.roster(), object, readers::everyone); !written)
    return std::unexpected(written.error());
  note_(fmt::format("Published roster {} with {} certificates, good for 35 days.", fields.epoch,
                    fields.entries.size()));
  return fields.epoch;
}

}  // namespace tomoshibi
