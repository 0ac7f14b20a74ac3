#include "server/ceremony.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "server/net/self_signed.hpp"
#include "server/staff.hpp"

namespace tomoshibi {
namespace {

using crypto::hash32;
using crypto::seconds;

std::unexpected<std::string> failed(std::string what) { return std::unexpected(std::move(what)); }

struct key_pair {
  crypto::sign_seed seed;
  crypto::sign_public_key key{};
};

struct ceremony {
  const folder& of;
  const key_folder& keys;
  const ceremony_plan& plan;
  seconds clock;  // the machine's
  crypto::random_source& random;
  const std::function<void(std::string_view)>& note;

  seconds now = 0;  // the centre's
  std::optional<crypto::centre_file> old_centre{};
  key_pair root{}, issuer{};
  crypto::issuer issuer_fields{};
  bytes issuer_object{};
  std::optional<crypto::sign_public_key> issuer_before{};
  crypto::centre_id centre{};
  std::uint32_t shift_hours = 0;
  std::uint64_t roster_epoch = 0;

  file_result<void> hold() {
    for (auto step : {&ceremony::find_root, &ceremony::find_clock, &ceremony::find_issuer, &ceremony::sign_members,
                      &ceremony::sign_centre, &ceremony::make_tls, &ceremony::make_storage_key})
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
    if (std::filesystem::exists(of.centre_file()) && !std::filesystem::exists(keys.root_seed()))
      return failed(
          fmt::format("{}: the root key of this centre is not there. Put it back for the ceremony, or begin a "
                      "new centre in an empty folder.",
                      keys.root_seed().string()));
    bool made = false;
    auto found = seed_at(keys.root_seed(), made);
    if (!found) return failed(found.error());
    root = *found;
    const hash32 fingerprint = crypto::sha256(root.key);
    if (made) note(fmt::format("Made the root key; its fingerprint is {}.", to_hex(fingerprint)));
    if (std::filesystem::exists(of.fingerprint())) {
      const auto kept = read_fingerprint(of);
      if (!kept) return failed(kept.error());
      if (*kept != fingerprint)
        return failed(
            fmt::format("{}: is another root's than the key in {}. Name the folder of this centre's own root "
                        "key, or begin in an empty folder.",
                        of.fingerprint().string(), keys.root_seed().string()));
    } else {
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
    if (std::filesystem::exists(of.issuer_file()) && !std::filesystem::exists(keys.issuer_seed()) && !plan.new_issuer)
      return failed(
          fmt::format("{}: the issuer's key is not there. Put it back for the ceremony; if it is lost, --new-issuer "
                      "makes another one.",
                      keys.issuer_seed().string()));
    if (auto readable = read_all_members(); !readable) return readable;
    bool made = false;
    auto found = seed_at(keys.issuer_seed(), made);
    if (!found) return failed(found.error());
    issuer = *found;
    std::uint64_t epoch = old_centre ? old_centre->issuer_epoch_least : 0;
    if (std::filesystem::exists(of.issuer_file())) {
      auto object = read_file(of.issuer_file());
      if (!object) return failed(object.error());
      auto fields = crypto::open_issuer(*object, root.key);
      if (!fields) return failed(of.issuer_file().string() + ": not signed by this centre's root key");
      epoch = std::max(epoch, fields->epoch);
      if (fields->key == issuer.key && fields->not_after > now + renew_issuer_before && !plan.new_issuer) {
        issuer_fields = *fields;
        issuer_object = *std::move(object);
        return remember_issuer_before();
      }
      if (auto kept = write_file(of.issuer_before(), *object, readers::everyone); !kept) return kept;
      issuer.seed = random.make_secret<32>();  // about to expire: a new key too
      issuer.key = crypto::sign_public(issuer.seed);
      auto written = write_file(keys.issuer_seed(), issuer.seed.view(), readers::owner);
      if (!written) return written;
    }
    issuer_fields = {epoch + 1, now - backdate, now - backdate + issuer_life, issuer.key};
    issuer_object = crypto::sign_issuer(issuer_fields, root.seed);
    note(fmt::format("Made the issuer's key, epoch {}, good for a year.{}", issuer_fields.epoch,
                     epoch == 0 ? "" : " A server that runs ends what is under way: every console signs in again."));
    if (auto written = write_file(of.issuer_file(), issuer_object, readers::everyone); !written) return written;
    return remember_issuer_before();
  }

  // Nothing is begun that could not be finished.
  file_result<void> read_all_members() {
    if (!old_centre || !std::filesystem::exists(of.issuer_file())) return {};
    const auto by = read_authority(of);
    if (!by) return failed(by.error());
    const auto all = read_members(of, by->issuers);
    if (!all) return failed(all.error());
    return {};
  }

  // Its certificates still say who is a member.
  file_result<void> remember_issuer_before() {
    if (!std::filesystem::exists(of.issuer_before())) return {};
    auto object = read_file(of.issuer_before());
    if (!object) return failed(object.error());
    auto fields = crypto::open_issuer(*object, root.key);
    if (!fields) return failed(of.issuer_before().string() + ": not signed by this centre's root key");
    issuer_before = fields->key;
    return {};
  }

  file_result<void> sign_members() {
    issuing::at_hand with;
    with.by.centre.centre = centre;
    with.by.issued_by = issuer_fields;
    with.by.issuer_object = issuer_object;
    with.by.issuers = {issuer.key};
    if (issuer_before) with.by.issuers.push_back(*issuer_before);
    with.seed = issuer.seed;
    with.now = now;
    with.first = !old_centre;
    const issuing signs(of, std::move(with), random, note);
    for (const staff_plan& planned : plan.staff)
      if (auto done = enrol(planned, signs); !done) return done;
    if (auto done = signs.renew_members(); !done) return done;
    if (auto done = enrol_drill(signs); !done) return done;
    auto published = signs.publish_roster();
    if (!published) return failed(published.error());
    roster_epoch = *published;
    std::error_code none;  // whoever it signed for has been signed for again
    std::filesystem::remove(of.issuer_before(), none);
    return {};
  }

  // One of the demo's invented people: keys where there are none, a certificate that says what the plan does.
  file_result<void> enrol(const staff_plan& planned, const issuing& signs) {
    const bool whole = exists(of.staff_key(planned.id)) && exists(of.passphrase(planned.id));
    auto held = whole ? read_key_file(of.staff_key(planned.id)) : make_demo_keys(planned, signs);
    if (!held) return failed(held.error());
    std::vector<bytes> all{held->certificate};
    const bool written = exists(of.certificates(planned.id));
    if (written) {
      auto there = read_certificates(of, planned.id);
      if (!there) return failed(there.error());
      if (!there->empty()) all = *std::move(there);
    }
    auto wanted = signs.open(all.back());
    if (!wanted) return failed(of.certificates(planned.id).string() + ": not signed by this centre's issuer");
    wanted->holder = planned.role;
    wanted->desk = crypto::make_desk_id(centre, planned.desk);
    wanted->alias = planned.alias;
    if (auto marked = mark(of.reads_letters(planned.id), planned.reads_letters); !marked) return marked;
    const bytes fresh = signs.certify(all.back(), *wanted);
    if (written && fresh == all.back()) return {};
    if (fresh != all.back()) all.push_back(fresh);
    return write_certificates(of, planned.id, all);
  }

  // Key file and passphrase; others that were there are gone. Whichever is missing after a crash, all are made anew.
  file_result<crypto::key_file> make_demo_keys(const staff_plan& planned, const issuing& signs) {
    auto made = make_keys(plan.vault_cost, random, [&](crypto::certificate fields) {
      fields.holder = planned.role;
      fields.desk = crypto::make_desk_id(centre, planned.desk);
      fields.alias = planned.alias;
      return signs.certify({}, fields);
    });
    if (!made) return failed(made.error());
    for (const auto& old : {of.staff_key(planned.id), of.certificates(planned.id)}) {
      std::error_code error;
      std::filesystem::remove(old, error);
      if (error) return failed(fmt::format("{}: cannot be removed: {}", old.string(), error.message()));
    }
    auto done = write_file(of.passphrase(planned.id), as_bytes(made->passphrase + "\n"), readers::owner);
    if (done) done = write_file(of.staff_key(planned.id), crypto::encode_key_file(made->file), readers::owner);
    if (!done) return failed(done.error());
    note(fmt::format("Made a key file for {}.", planned.id));
    return std::move(made->file);
  }

  file_result<void> enrol_drill(const issuing& signs) {
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
      const bytes made = signs.certify(member.certificate, wanted);
      changed = changed || made != member.certificate;
      all.put(made).put(member.sign.view()).put(member.agree.view());
    }
    if (!changed) return {};
    note(fmt::format("Made {} drill certificates.", drill_members));
    return write_file(of.drill(), all.finish(), readers::owner);
  }

  file_result<void> sign_centre() {
    crypto::centre_file fields;
    fields.centre = centre;
    fields.root = root.key;
    fields.flags = plan.demo ? crypto::centre_file::flag_demo : 0;
    fields.issuer_epoch_least = issuer_fields.epoch;
    fields.roster_epoch_least = roster_epoch;  // those before are refused, also by who has seen none yet
    fields.clock_shift_hours = shift_hours;
    fields.desks = plan.desks;
    fields.page = plan.page;
    if (old_centre && old_centre->issuer_epoch_least == fields.issuer_epoch_least &&
        old_centre->roster_epoch_least == fields.roster_epoch_least && old_centre->desks == fields.desks &&
        old_centre->page == fields.page && old_centre->clock_shift_hours == shift_hours)
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

file_result<void> hold_ceremony(const folder& of, const key_folder& keys, const ceremony_plan& plan, seconds clock,
                                crypto::random_source& random, const std::function<void(std::string_view)>& note) {
  const auto alone = hold_folder(of);
  if (!alone) return failed(alone.error());
  return ceremony{of, keys, plan, clock, random, note}.hold();
}

}  // namespace tomoshibi
