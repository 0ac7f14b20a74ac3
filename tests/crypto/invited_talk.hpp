// A talk between a survivor and a counselor (a), and colleagues to be invited: b, a supervisor of another desk, and
// c.
#pragma once

#include "crypto/invitation.hpp"
#include "tests/crypto/staffed_centre.hpp"

namespace tomoshibi::crypto {

inline secret_bytes to_secret(bytes_view in) { return {in.begin(), in.end()}; }

struct invited_talk {
  explicit invited_talk(invitation_kind wanted = invitation_kind::take_over, std::uint64_t seed = 1)
      : kind(wanted), contact(seed) {
    b = contact.centre.enrol(role::supervisor, contact.centre.other_desk);
    c = contact.centre.enrol(role::counselor, contact.centre.desk);
    contact.believed = contact.centre.publish();
    hash_a = sha256(a().certificate);
    hash_b = sha256(b.certificate);
    day_b = make_day_key(b, noon, random());
    pending_offer offer = contact.make_offer();
    greeting met = *contact.answer(offer.offer());
    with_a.emplace(std::move(offer.answer(met.hello, knows_none, noon)->talk));
    survivor.emplace(std::move(met.talk));
    agreed = *make_invitation(kind, hash_a, with_a->id(), b.certificate, sheet(), random());
  }

  static bytes_view sheet() {
    return as_bytes(
        "\x01"
        "夫が家を出ないので、住まいと保護命令について相談したい。");
  }
  const identity& a() const { return contact.who; }
  support::seeded_random& random() { return contact.centre.random; }
  const hash32& th() const { return with_a->id(); }
  certificate certificate_a() const { return *contact.believed.check(a().certificate, noon); }

  pending_consent make_consent() {
    return pending_consent::make(b, day_b, kind, certificate_a(), hash_a, th(), random());
  }
  result<consented> check(const frame& consent) {
    return open_consent(consent, contact.believed, role::counselor, hash_a, hash_b, th(), noon);
  }
  introduction introduce_to(const pending_consent& of) {
    return *introduce(agreed, *check(of.consent()), a().agree, random());
  }

  // The survivor's own view of what A said in the talk.
  invitation seen() const {
    const auto type = kind == invitation_kind::take_over ? body_type::handover_offer : body_type::invitation;
    invitation out = *decode_invitation(type, encode_invitation(agreed), hash_a, survivor->id());
    out.sheet = to_secret(sheet());
    return out;
  }
  psk survivors_psk() const { return make_invitation_psk(seen().invite, make_accept(seen())); }

  invitation_kind kind;
  first_contact contact;
  identity b, c;
  hash32 hash_a{}, hash_b{};
  day_secret day_b;
  std::optional<session> with_a, survivor;
  invitation agreed;
};

// The handshake between the survivor and whoever answers in its new conversation.
struct invited_contact {
  explicit invited_contact(invited_talk& from) : talk(from) {
    conversation = talk.random().make_block<16>();
    nonce = talk.random().make_block<32>();
  }

  pending_offer make_offer(const identity& who, const day_secret& day) {
    return pending_offer::make(who, day, talk.contact.believed.roster_hash, conversation, nonce, talk.random());
  }
  pending_offer make_offer() { return make_offer(talk.b, talk.day_b); }
  result<greeting> answer(const frame& offer, const psk& with) {
    const expected_counselor only{talk.hash_b};
    return answer_offer(offer, talk.contact.believed, role::supervisor, talk.contact.centre.other_desk, &only,
                        conversation, nonce, &with, noon, talk.random());
  }

  invited_talk& talk;
  conversation_id conversation{};
  survivor_nonce nonce{};
};

inline introduction altered(introduction in, std::size_t at) {
  in[at / frame_bytes][at % frame_bytes] ^= 0x01;
  return in;
}

}  // namespace tomoshibi::crypto
