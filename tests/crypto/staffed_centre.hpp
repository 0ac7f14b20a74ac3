// A centre with one desk and some staff, for the tests of first contact and sessions.
#pragma once

#include <map>

#include "crypto/session.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {

inline constexpr seconds noon = 1'800'000'000;
inline constexpr seconds hour = 3600;

class staffed_centre {
 public:
  explicit staffed_centre(std::uint64_t seed = 1) : random(seed) {
    root_ = random.make_secret<32>();
    issuer_ = random.make_secret<32>();
    file_.centre = random.make_block<16>();
    file_.root = sign_public(root_);
    file_.issued = noon - 10 * hour;
    file_.desks = {{"talk", true}, {"other", true}};
    desk = make_desk_id(file_.centre, "talk");
    other_desk = make_desk_id(file_.centre, "other");
  }

  // Enrols somebody; the roster names them from the next `publish` on.
  identity enrol(role holder, const desk_id& at, seconds not_before = noon - 24 * hour,
                 seconds not_after = noon + 24 * hour, std::uint64_t flags = 0) {
    identity out{{}, random.make_secret<32>(), random.make_secret<32>()};
    out.certificate = sign_certificate(
        {holder, at, ++serial_, not_before, not_after, sign_public(out.sign), agree_public(out.agree), "Hotaru"},
        issuer_);
    listed_[sha256(out.certificate)] = flags;
    return out;
  }

  void disable(const identity& who) { listed_[sha256(who.certificate)] = roster::flag_disabled; }

  // What a client believes after the roster with everybody enrolled so far.
  trust publish() {
    const bytes centre = sign_centre_file(file_, root_);
    const bytes issued = sign_issuer({1, noon - 100 * hour, noon + 1000 * hour, sign_public(issuer_)}, root_);
    roster next;
    next.centre = file_.centre;
    next.issuer_hash = sha256(issued);
    next.epoch = ++epoch_;
    next.previous = previous_;
    next.issued = noon - hour;
    next.expires = noon + 30 * 24 * hour;
    for (const auto& [hash, flags] : listed_) next.entries.push_back({hash, flags});
    const bytes roster_object = sign_roster(next, issuer_);
    previous_ = sha256(roster_object);
    return *verify_trust(centre, issued, roster_object, sha256(file_.root), noon);
  }

  support::seeded_random random;
  desk_id desk{}, other_desk{};

 private:
  sign_seed root_, issuer_;
  centre_file file_;
  std::uint64_t serial_ = 0, epoch_ = 0;
  hash32 previous_{};
  std::map<hash32, std::uint64_t> listed_;
};

// A survivor at the door of one counselor.
struct first_contact {
  explicit first_contact(std::uint64_t seed = 1)
      : centre(seed),
        who(centre.enrol(role::counselor, centre.desk)),
        believed(centre.publish()),
        day(make_day_key(who, noon, centre.random)) {
    conversation = centre.random.make_block<16>();
    nonce = centre.random.make_block<32>();
  }

  pending_offer make_offer() {
    return pending_offer::make(who, day, believed.roster_hash, conversation, nonce, centre.random);
  }

  result<greeting> answer(const frame& offer, const psk* resume = nullptr, seconds now = noon) {
    return answer_offer(offer, believed, role::counselor, centre.desk, nullptr, conversation, nonce, resume, now,
                        centre.random);
  }

  staffed_centre centre;
  identity who;
  trust believed;
  day_secret day;
  conversation_id conversation{};
  survivor_nonce nonce{};
};

inline std::optional<psk> knows_none(const psk_id&) { return std::nullopt; }

// Both sides after a first contact in which nobody interfered.
struct two_sides {
  explicit two_sides(std::uint64_t seed = 1) : two_sides(first_contact(seed), nullptr) {}
  two_sides(first_contact from, const psk* with)
      : contact(std::move(from)), offer(contact.make_offer()), met(*contact.answer(offer.offer(), with)) {
    auto taken = offer.answer(
        met.hello, [&](const psk_id&) { return with ? std::optional(*with) : std::nullopt; }, noon);
    counselor.emplace(std::move(taken->talk));
  }

  session& survivor() { return met.talk; }
  session& of(side which) { return which == side::survivor ? met.talk : *counselor; }

  frame seal(side from, std::string_view text, body_type type = body_type::text, seconds now = noon) {
    return *of(from).seal(type, as_bytes(text), false, now, contact.centre.random);
  }

  first_contact contact;
  pending_offer offer;
  greeting met;
  std::optional<session> counselor;
};

}  // namespace tomoshibi::crypto
