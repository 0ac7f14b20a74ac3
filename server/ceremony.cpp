#include "server/ceremony.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "server/net/self_signed.hpp"

namespace tomoshibi {
namespace {

using crypto::hash32;
using crypto::seconds;

// A phone's clock may be wrong by hours: it must not find a new object "not yet valid".
constexpr seconds backdate = 12 * 3600;

std::unexpected<std::string> failed(std::string what) { return std::unexpected(std::move(what)); }

struct key_pair {
  crypto::sign_seed seed;
  crypto::sign_public_key key{};
};

struct ceremony {
  const folder& of;
  const ceremony_plan& plan;
  seconds clock;  // the machine's
  crypto::random_source& random;
  const std::function<void(std::string_view)>& note;

  seconds now = 0;  // the centre's
  std::optional<crypto::centre_file> old_centre{};
  key_pair root{}, issuer{};
  crypto::issuer issuer_fields{};
  bytes issuer_object{};
  crypto::centre_id centre{};
  std::uint32_t shift_hours = 0;
  std::vector<hash32> certificates{};

  file_result<void> hold() {
    for (auto step : {&ceremony::find_root, &ceremony::find_clock, &ceremony::find_issuer, &ceremony::enrol_staff,
                      &ceremony::enrol_drill, &ceremony::publish_roster, &ceremony::sign_centre, &ceremony::make_tls,
                      &ceremony::make_storage_key})
      if (auto done = (this->*step)(); !done) return done;
    return {};
  }

  // Reads a seed, or makes and keeps one. `made` says which.
  file_result<key_pair> seed_at(const std::filesystem::path& file, bool& made) {
    made = !std::filesystem::exists(file);
    key_pair out;
    if (made) {
      out.seed = random.make_secret<32>();
      if (auto written = write_file(file, out.seed.view(), readers::owner); !written) return failed(written.error());
    } else {
      auto kept = read_secret(file);
      if (!kept) return failed(kept.error());
      out.seed = *kept;
    }
    out.key = crypto::sign_public(out.seed);
    return out;
  }

  file_result<void> find_root() {
    if (std::filesystem::exists(of.centre_file()) && !std::filesystem::exists(of.root_seed()))
      return failed(
          fmt::format("{}: the root key of this centre is not there. Put it back for the ceremony, or begin a "
                      "new centre in an empty folder.",
                      of.root_seed().string()));
    bool made = false;
    auto found = seed_at(of.root_seed(), made);
    if (!found) return failed(found.error());
    root = *found;
    const hash32 fingerprint = crypto::sha256(root.key);
    if (made) note(fmt::format("Made the root key; its fingerprint is {}.", to_hex(fingerprint)));
    if (!std::filesystem::exists(of.fingerprint())) {
      auto written = write_file(of.fingerprint(), as_bytes(to_hex(fingerprint) + "\n"), readers::everyone);
      if (!written) return written;
    }
    if (!std::filesystem::exists(of.centre_file())) {
      centre = random.make_block<16>();
      if (std::filesystem::exists(
              of.roster())) {  // the file is lost, the centre is not: its roster begins with its id
        auto roster = read_file(of.roster());
        if (!roster) return failed(roster.error());
        centre = reader(*roster).take<16>();
      }
      return {};
    }
    auto object = read_file(of.centre_file());
    if (!object) return failed(object.error());
    auto fields = crypto::open_centre_file(*object, fingerprint);
    if (!fields)
      return failed(fmt::format("{}: not signed by the root key beside it ({})", of.centre_file().string(),
                                crypto::name(fields.error())));
    old_centre = *std::move(fields);
    centre = old_centre->centre;
    if (old_centre->demo() != plan.demo)
      return failed(
          fmt::format("{}: this folder holds {}, and the configuration says otherwise. Begin in an empty folder.",
                      of.base.string(), old_centre->demo() ? "a demo centre" : "a real centre"));
    return {};
  }

  file_result<void> find_clock() {
    if (plan.demo) shift_hours = plan.shift_hours(clock, old_centre ? old_centre->clock_shift_hours : 0);
    now = clock + seconds{shift_hours} * 3600;
    return {};
  }

  file_result<void> find_issuer() {
    if (std::filesystem::exists(of.issuer_file()) && !std::filesystem::exists(of.issuer_seed()))
      return failed(
          fmt::format("{}: the issuer's key is not there. Put it back for the ceremony; a new one would end "
                      "every certificate that it signed.",
                      of.issuer_seed().string()));
    bool made = false;
    auto found = seed_at(of.issuer_seed(), made);
    if (!found) return failed(found.error());
    issuer = *found;
    std::uint64_t epoch = old_centre ? old_centre->issuer_epoch_least : 0;
    if (std::filesystem::exists(of.issuer_file())) {
      auto object = read_file(of.issuer_file());
      if (!object) return failed(object.error());
      auto fields = crypto::open_issuer(*object, root.key);
      if (!fields) return failed(of.issuer_file().string() + ": not signed by this centre's root key");
      epoch = std::max(epoch, fields->epoch);
      if (fields->key == issuer.key && fields->not_after > now + renew_issuer_before) {
        issuer_fields = *fields;
        issuer_object = *std::move(object);
        return {};
      }
      issuer.seed = random.make_secret<32>();  // about to expire: a new key too
      issuer.key = crypto::sign_public(issuer.seed);
      auto written = write_file(of.issuer_seed(), issuer.seed.view(), readers::owner);
      if (!written) return written;
    }
    issuer_fields = {epoch + 1, now - backdate, now - backdate + issuer_life, issuer.key};
    issuer_object = crypto::sign_issuer(issuer_fields, root.seed);
    note(fmt::format("Made the issuer's key, epoch {}, good for a year.", issuer_fields.epoch));
    return write_file(of.issuer_file(), issuer_object, readers::everyone);
  }

  // The certificate there is, if it says what is wanted and is good for a while yet, else a new one.
  bytes certify(bytes_view there, crypto::certificate wanted) {
    if (const auto old = crypto::open_certificate(there, issuer.key);
        old && old->holder == wanted.holder && old->desk == wanted.desk && old->alias == wanted.alias &&
        old->sign_key == wanted.sign_key && old->agree_key == wanted.agree_key && old->not_after > now + renew_before)
      return bytes(there.begin(), there.end());
    wanted.serial = reader(random.make_block<8>()).number<std::uint64_t>();
    wanted.not_before = std::max(now - backdate, issuer_fields.not_before);
    wanted.not_after = std::min(wanted.not_before + crypto::certificate_life_max, issuer_fields.not_after);
    return crypto::sign_certificate(wanted, issuer.seed);
  }

  file_result<void> enrol_staff() {
    for (const staff_plan& member : plan.staff) {
      const std::filesystem::path file = of.staff_key(member.id), at = of.staff(member.id);
      const bool whole = exists(file) && exists(at / "passphrase") && exists(at / "public");
      auto held = whole ? read_key_file(file) : make_keys(member.id);
      if (!held) return failed(held.error());
      auto keys = read_file(at / "public");
      if (!keys) return failed(keys.error());
      crypto::certificate wanted;
      wanted.holder = member.role;
      wanted.desk = crypto::make_desk_id(centre, member.desk);
      wanted.alias = member.alias;
      reader in(*keys);
      wanted.sign_key = in.take<32>();
      wanted.agree_key = in.take<32>();
      if (!in.complete()) return failed((at / "public").string() + ": holds no two public keys");
      const bytes made = certify(held->certificate, wanted);
      certificates.push_back(crypto::sha256(made));
      if (made == held->certificate) continue;
      note(fmt::format("{} a certificate for {}.", held->certificate.empty() ? "Made" : "Renewed", member.id));
      held->certificate = made;
      if (auto done = write_file(file, crypto::encode_key_file(*held), readers::owner); !done) return done;
    }
    return {};
  }

  // A key file that still lacks its certificate; what belongs to it is on the disk before it is, and another one that
  // was there is gone. So whichever is missing after a crash, all are made anew.
  file_result<crypto::key_file> make_keys(const std::string& id) {
    const crypto::seeds seeds{random.make_secret<32>(), random.make_secret<32>()};
    const crypto::secret<32> device = random.make_secret<32>();
    const std::string passphrase = crypto::make_passphrase(random);
    auto vault = crypto::seal_vault(seeds, passphrase, device, {}, random, plan.vault_cost);
    if (!vault)
      return failed(
          fmt::format("a vault needs {} MiB of memory, which could not be had", plan.vault_cost.memory_bytes >> 20));
    const bytes keys = writer().put(crypto::sign_public(seeds.sign)).put(crypto::agree_public(seeds.agree)).finish();
    std::error_code error;
    std::filesystem::remove(of.staff_key(id), error);
    if (error) return failed(fmt::format("{}: cannot be removed: {}", of.staff_key(id).string(), error.message()));
    auto done = write_file(of.staff(id) / "passphrase", as_bytes(passphrase + "\n"), readers::owner);
    if (done) done = write_file(of.staff(id) / "public", keys, readers::everyone);
    if (!done) return failed(done.error());
    return crypto::key_file{{}, device, *std::move(vault)};
  }

  file_result<void> enrol_drill() {
    std::vector<crypto::identity> members;
    if (std::filesystem::exists(of.drill())) {
      auto kept = read_drill_members(of);
      if (!kept) return failed(kept.error());
      members = *std::move(kept);
    }
    bool changed = members.size() != drill_members;
    members.resize(drill_members);
    crypto::secret_writer all(drill_members * (crypto::certificate_bytes + 64));
    for (std::size_t number = 0; number < drill_members; ++number) {
      crypto::identity& member = members[number];
      if (member.certificate.empty()) {
        member.sign = random.make_secret<32>();
        member.agree = random.make_secret<32>();
      }
      crypto::certificate wanted;
      wanted.holder = crypto::role::drill;
      wanted.desk = crypto::make_desk_id(centre, crypto::drill_desk_name);
      wanted.alias = fmt::format("drill {:02}", number);
      wanted.sign_key = crypto::sign_public(member.sign);
      wanted.agree_key = crypto::agree_public(member.agree);
      const bytes made = certify(member.certificate, wanted);
      changed = changed || made != member.certificate;
      certificates.push_back(crypto::sha256(made));
      all.put(made).put(member.sign.view()).put(member.agree.view());
    }
    if (!changed) return {};
    note(fmt::format("Made {} drill certificates.", drill_members));
    return write_file(of.drill(), all.finish(), readers::owner);
  }

  // The folder's own roster, perhaps of an issuer whose key is gone: its epoch must be passed all the same.
  // `centre16 | issuer_hash32 | epoch8` (PROTOCOL.md, "Objects").
  static std::uint64_t epoch_of(bytes_view roster) {
    reader in(roster);
    in.view(16 + 32);
    return in.number<std::uint64_t>();
  }

  file_result<void> publish_roster() {
    crypto::roster fields;
    fields.centre = centre;
    fields.issuer_hash = crypto::sha256(issuer_object);
    for (const hash32& certificate : certificates) fields.entries.push_back({certificate, 0});
    std::ranges::sort(fields.entries, {}, &crypto::roster::entry::certificate);
    if (old_centre && !std::filesystem::exists(of.roster()))
      return failed(
          fmt::format("{}: missing. Put it back: clients have seen it, and refuse one that is not its successor.",
                      of.roster().string()));
    if (std::filesystem::exists(of.roster())) {
      auto object = read_file(of.roster());
      if (!object) return failed(object.error());
      const auto old = crypto::open_roster(*object, issuer.key);
      if (old && old->issuer_hash == fields.issuer_hash && old->entries == fields.entries &&
          old->expires > now + renew_before)
        return {};
      fields.epoch = epoch_of(*object);
      fields.previous = crypto::sha256(*object);
    }
    ++fields.epoch;
    fields.issued = now;
    fields.expires = now + crypto::roster_life_max;
    note(fmt::format("Published roster {} with {} certificates, good for 35 days.", fields.epoch,
                     fields.entries.size()));
    return write_file(of.roster(), crypto::sign_roster(fields, issuer.seed), readers::everyone);
  }

  file_result<void> sign_centre() {
    crypto::centre_file fields;
    fields.centre = centre;
    fields.root = root.key;
    fields.flags = plan.demo ? crypto::centre_file::flag_demo : 0;
    fields.issuer_epoch_least = issuer_fields.epoch;
    fields.roster_epoch_least = old_centre ? old_centre->roster_epoch_least : 1;
    fields.clock_shift_hours = shift_hours;
    fields.desks = plan.desks;
    fields.page = plan.page;
    if (old_centre && old_centre->issuer_epoch_least == fields.issuer_epoch_least &&
        old_centre->desks == fields.desks && old_centre->page == fields.page &&
        old_centre->clock_shift_hours == shift_hours)
      return {};
    fields.issued = old_centre ? std::max(now, old_centre->issued + 1) : now;
    if (shift_hours > 0)
      note(fmt::format("Signed the centre file: the demo's clock is {} h ahead, so that it is open.", shift_hours));
    else
      note("Signed the centre file.");
    return write_file(of.centre_file(), crypto::sign_centre_file(fields, root.seed), readers::everyone);
  }

  // Only a certificate that was made here is replaced; what an authority issued is the operator's.
  file_result<void> make_tls() {
    const std::string file = of.tls_certificate().string();
    if (std::filesystem::exists(of.tls_certificate()) || std::filesystem::exists(of.tls_key())) {
      const auto until = net::certificate_not_after(file);
      const auto covers = net::certificate_covers(file, plan.tls_names);
      const auto ours = net::certificate_is_self_signed(file);
      const bool soon = until && *until <= static_cast<std::int64_t>(clock + renew_before);
      if (!ours || !*ours) {
        if (!until) return failed(until.error());
        if (soon)
          note(fmt::format("{}: expires within {} days; renew it where it was issued.", file, renew_before / 86400));
        return {};
      }
      if (std::filesystem::exists(of.tls_key()) && until && covers && *covers && !soon) return {};
    }
    const net::certificate_pair made =
        net::make_self_signed(plan.tls_names, static_cast<std::int64_t>(clock - backdate), 90);
    note("Made a TLS certificate of its own, good for 90 days.");
    if (auto done = write_file(of.tls_key(), as_bytes(made.key), readers::owner); !done) return done;
    return write_file(of.tls_certificate(), as_bytes(made.certificate), readers::everyone);
  }

  file_result<void> make_storage_key() {
    if (std::filesystem::exists(of.storage_key())) return {};
    if (std::filesystem::exists(of.database()))
      return failed(
          fmt::format("{}: missing, and the database beside it cannot be read without it. Put the key back.",
                      of.storage_key().string()));
    return write_file(of.storage_key(), random.make_secret<32>().view(), readers::owner);
  }
};

}  // namespace

file_result<void> hold_ceremony(const folder& of, const ceremony_plan& plan, seconds clock,
                                crypto::random_source& random, const std::function<void(std::string_view)>& note) {
  return ceremony{of, plan, clock, random, note}.hold();
}

}  // namespace tomoshibi
