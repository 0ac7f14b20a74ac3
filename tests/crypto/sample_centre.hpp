// A small centre with every signed object of T1, the same at every run. Change a field, call sign(), and all that
// hangs on it follows.
#pragma once

#include "crypto/trust.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {

struct sample_centre {
  static constexpr seconds hour = 3600, day_long = 86400;
  static constexpr seconds now = 1'790'000'000;

  support::seeded_random random{1};
  sign_seed root_seed = random.make_secret<32>();
  sign_seed issuer_seed = random.make_secret<32>();
  sign_seed holder_seed = random.make_secret<32>();
  agree_seed holder_agree_seed = random.make_secret<32>();
  kem_key_pair day_pair = make_kem_key(random);
  kem_key_pair once_pair = make_kem_key(random);

  centre_file centre;
  issuer issued_by;
  certificate holder;
  roster listed;
  day_key day;
  one_time_key once;
  inbox_key inbox;
  hand_over_key hand_over;

  bytes centre_object, issuer_object, holder_object, roster_object, day_object, once_object, inbox_object,
      hand_over_object;

  sample_centre() {
    centre.centre = random.make_block<16>();
    centre.flags = centre_file::flag_demo;
    centre.issued = now - 10 * day_long;
    centre.issuer_epoch_least = 3;
    centre.roster_epoch_least = 7;
    centre.desks = {{"consultation", true}, {"specialist", false}};
    centre.page = R"({"name":"灯火センター","telephone":"#8008"})";

    issued_by = {4, now - 30 * day_long, now + 335 * day_long, {}};

    holder.holder = role::counselor;
    holder.desk = make_desk_id(centre.centre, "consultation");
    holder.serial = 11;
    holder.not_before = now - day_long;
    holder.not_after = holder.not_before + certificate_life_max;
    holder.alias = "あおい";

    listed.epoch = 8;
    listed.previous = random.make_block<32>();
    listed.issued = now - hour;
    listed.expires = listed.issued + roster_life_max;
    listed.entries = {{random.make_block<32>(), roster::flag_disabled}, {random.make_block<32>(), 0}};

    day.not_before = now - 300;
    day.not_after = day.not_before + day_key_life_max;
    once.conversation = random.make_block<16>();
    once.nonce = random.make_block<32>();
    inbox.day = now / day_long;
    sign();
  }

  // The holder's entry is put into the roster with `holder_flags`; other entries stay.
  void sign(std::uint64_t holder_flags = roster::flag_reads_letters) {
    centre.root = sign_public(root_seed);
    centre_object = sign_centre_file(centre, root_seed);

    issued_by.key = sign_public(issuer_seed);
    issuer_object = sign_issuer(issued_by, root_seed);

    std::erase_if(listed.entries, [&](const auto& entry) { return entry.certificate == sha256(holder_object); });
    holder.sign_key = sign_public(holder_seed);
    holder.agree_key = agree_public(holder_agree_seed);
    holder_object = sign_certificate(holder, issuer_seed);
    listed.entries.push_back({sha256(holder_object), holder_flags});
    std::ranges::sort(listed.entries, {}, &roster::entry::certificate);

    listed.centre = centre.centre;
    listed.issuer_hash = sha256(issuer_object);
    sign_roster_alone();

    day.certificate_hash = once.certificate_hash = inbox.certificate_hash = sha256(holder_object);
    day.key = day_pair.public_key;
    day_object = sign_day_key(day, holder_seed);
    once.roster_hash = sha256(roster_object);
    once.day_hash = sha256(day_object);
    once.key = once_pair.public_key;
    once_object = sign_one_time_key(once, holder_seed);
    inbox.key = once_pair.public_key;
    inbox_object = sign_inbox_key(inbox, holder_seed);
    hand_over = {once.certificate_hash, sha256(issuer_object), once.nonce, once.key};
    hand_over_object = sign_hand_over_key(hand_over, holder_seed);
  }

  // The roster as its fields say, right or wrong.
  void sign_roster_alone() { roster_object = sign_roster(listed, issuer_seed); }

  hash32 fingerprint() const { return sha256(centre.root); }

  result<trust> believed(seconds clock = now, const trust* seen = nullptr) const {
    return verify_trust(centre_object, issuer_object, roster_object, fingerprint(), clock, seen);
  }
};

}  // namespace tomoshibi::crypto
