#include "crypto/invitation.hpp"

#include <gtest/gtest.h>

#include <set>

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"
#include "tests/crypto/invited_talk.hpp"
#include "tests/support/print_failure.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr invitation_kind both_kinds[] = {invitation_kind::take_over, invitation_kind::join};

template <std::size_t N>
block<N> other_than(block<N> in) {
  in[0] ^= 1;
  return in;
}

TEST(invitation, brings_the_survivor_and_the_sheet_to_whom_the_survivor_accepted) {
  for (const invitation_kind kind : both_kinds) {
    invited_talk in(kind);
    pending_consent consent = in.make_consent();
    const auto got = consent.open(in.introduce_to(consent));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->kind, kind);
    EXPECT_EQ(got->from, in.hash_a);
    EXPECT_EQ(got->th, in.th());
    EXPECT_EQ(as_text(got->sheet), as_text(invited_talk::sheet()));
    EXPECT_EQ(got->accept, make_accept(in.seen()));
    EXPECT_TRUE(got->with == in.survivors_psk());

    awaited guest(got->with, noon);
    invited_contact next(in);
    pending_offer offer = next.make_offer();
    auto met = next.answer(offer.offer(), in.survivors_psk());
    ASSERT_TRUE(met);
    auto taken = offer.answer(
        met->hello, [&](const psk_id& id) { return guest.find(id, noon); }, noon);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->with, guest.id());
    const auto heard = taken->talk.open(*met->talk.seal(body_type::cover, {}, false, noon, in.random()), noon);
    EXPECT_TRUE(heard);
    guest.spend();
    EXPECT_TRUE(met->talk.open(*taken->talk.seal(body_type::cover, {}, false, noon, in.random()), noon));
  }
}

TEST(invitation, fits_the_talk_in_one_frame_and_the_longest_sheet_in_fragments) {
  invited_talk in;
  EXPECT_EQ(encode_invitation(in.agreed).size(), invitation_bytes);
  EXPECT_EQ(invitation_bytes, 266u);
  EXPECT_TRUE(invitation_bytes <= body_data_bytes_max);
  EXPECT_TRUE(sheet_bytes_max <= fragments_max * body_data_bytes_max);
}

TEST(invitation, is_read_in_the_kind_of_its_type_and_refused_at_any_other_length) {
  invited_talk in;
  const secret_bytes whole = encode_invitation(in.agreed);
  EXPECT_EQ(decode_invitation(body_type::handover_offer, whole, in.hash_a, in.th())->kind,
            invitation_kind::take_over);
  EXPECT_EQ(decode_invitation(body_type::invitation, whole, in.hash_a, in.th())->kind, invitation_kind::join);
  EXPECT_EQ(why(decode_invitation(body_type::sheet, whole, in.hash_a, in.th())), failure::malformed);
  for (const std::size_t size : {std::size_t{0}, whole.size() - 1, whole.size() + 1}) {
    secret_bytes shown = whole;
    shown.resize(size);
    EXPECT_EQ(why(decode_invitation(body_type::invitation, shown, in.hash_a, in.th())), failure::malformed) << size;
  }
}

TEST(invitation, carries_a_sheet_up_to_its_bound_and_nothing_longer) {
  invited_talk in;
  const auto with = [&](std::size_t size) {
    return make_invitation(in.kind, in.hash_a, in.th(), in.b.certificate, bytes(size, 'a'), in.random());
  };
  EXPECT_EQ(why(with(0)), failure::out_of_bounds);
  EXPECT_EQ(why(with(sheet_bytes_max + 1)), failure::out_of_bounds);
  for (const std::size_t size : {std::size_t{1}, sheet_bytes_max}) {
    ASSERT_TRUE(with(size));
    in.agreed = *with(size);
    pending_consent consent = in.make_consent();
    const auto got = consent.open(in.introduce_to(consent));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->sheet.size(), size);
  }
  EXPECT_EQ(why(make_invitation(in.kind, in.hash_a, in.th(), bytes(201), bytes(1), in.random())), failure::malformed);
}

TEST(invitation, draws_its_secrets_anew_each_time) {
  invited_talk in;
  const auto again =
      make_invitation(in.kind, in.hash_a, in.th(), in.b.certificate, invited_talk::sheet(), in.random());
  EXPECT_FALSE(again->invite == in.agreed.invite);
  EXPECT_FALSE(again->salt == in.agreed.salt);
  EXPECT_NE(make_accept(*again), make_accept(in.agreed));
}

TEST(invitation, is_answered_in_two_lengths_and_refused_at_any_other) {
  support::seeded_random random(1);
  const bytes whole = [&] {
    bytes out(65);
    random.fill(out);
    return out;
  }();
  for (const std::size_t size : {0u, 31u, 33u, 63u, 65u})
    EXPECT_EQ(why(decode_answer(bytes_view(whole).first(size))), failure::malformed) << size;
  const auto no = decode_answer(bytes_view(whole).first(32)), yes = decode_answer(bytes_view(whole).first(64));
  ASSERT_TRUE(no && yes);
  EXPECT_FALSE(no->accept);
  EXPECT_EQ(no->question, yes->question);
  EXPECT_EQ(to_hex(*yes->accept), to_hex(bytes_view(whole).subspan(32, 32)));
}

// --- accept and psk ---

TEST(accept, changes_with_everything_that_is_agreed_on) {
  const invited_talk in;
  std::set<hash32> seen{make_accept(in.agreed)};
  std::vector<invitation> others(6, in.agreed);
  others[0].kind = invitation_kind::join;
  others[1].from = other_than(in.agreed.from);
  others[2].th = other_than(in.agreed.th);
  others[3].to = in.c.certificate;
  others[4].salt = secret<32>();
  others[5].sheet.back() ^= 1;
  for (const invitation& one : others) seen.insert(make_accept(one));
  EXPECT_EQ(seen.size(), 7u);
  invitation other_secret = in.agreed;
  other_secret.invite = secret<32>();
  EXPECT_EQ(make_accept(other_secret), make_accept(in.agreed)) << "the server may see it";
  EXPECT_FALSE(make_invitation_psk(secret<32>(), make_accept(in.agreed)) == in.survivors_psk());
  EXPECT_FALSE(make_invitation_psk(in.agreed.invite, other_than(make_accept(in.agreed))) == in.survivors_psk());
}

// --- who may be invited ---

TEST(check_invited, takes_every_role_but_an_administrator_and_keeps_drills_to_themselves) {
  for (const role who : {role::counselor, role::supervisor, role::desk, role::partner}) {
    EXPECT_TRUE(may_be_invited(role::counselor, who));
    EXPECT_FALSE(may_be_invited(role::drill, who));
  }
  for (const role by : {role::counselor, role::supervisor, role::drill})
    EXPECT_FALSE(may_be_invited(by, role::administrator));
  EXPECT_FALSE(may_be_invited(role::counselor, role::drill));
  EXPECT_TRUE(may_be_invited(role::drill, role::drill));
}

TEST(check_invited, asks_what_is_asked_of_any_certificate_and_who_invites) {
  invited_talk in;
  staffed_centre& centre = in.contact.centre;
  const identity driller = centre.enrol(role::drill, centre.desk);
  const identity expired = centre.enrol(role::counselor, centre.desk, noon - 2 * hour, noon - 1);
  const identity gone = centre.enrol(role::counselor, centre.desk);
  centre.disable(gone);
  const trust believed = centre.publish();
  const auto refusal = [&](bytes_view certificate) {
    return why(check_invited(certificate, believed, role::counselor, in.hash_a, noon));
  };
  EXPECT_EQ(refusal(in.b.certificate), std::nullopt);
  EXPECT_EQ(refusal(driller.certificate), failure::wrong_role);
  EXPECT_EQ(refusal(expired.certificate), failure::expired);
  EXPECT_EQ(refusal(gone.certificate), failure::not_listed);
  EXPECT_EQ(refusal(in.a().certificate), failure::wrong_binding);
  EXPECT_EQ(refusal(bytes(certificate_bytes)), failure::malformed);
}

// --- CONSENT ---

class consent : public testing::Test {
 protected:
  static constexpr std::size_t day_at = 2 + certificate_bytes, hand_over_at = day_at + day_key_bytes,
                               end = hand_over_at + hand_over_key_bytes;

  // A consent with these parts in their places.
  frame of(bytes_view certificate, bytes_view day, bytes_view hand_over) const {
    frame out{1, 3};
    std::ranges::copy(certificate, out.begin() + 2);
    std::ranges::copy(day, out.begin() + day_at);
    std::ranges::copy(hand_over, out.begin() + hand_over_at);
    return out;
  }
  // One by b with another hand-over key.
  frame with_key(const hand_over_key& fields, const identity& by) const {
    return of(in.b.certificate, in.day_b.signed_key, sign_hand_over_key(fields, by.sign));
  }
  hand_over_key right_key() { return {in.hash_b, in.hash_a, in.th(), make_kem_key(in.random()).public_key}; }
  std::optional<failure> refusal(const frame& shown) { return why(in.check(shown)); }

  invited_talk in;
};

TEST_F(consent, gives_the_keys_of_whom_was_asked) {
  const auto got = in.check(in.make_consent().consent());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->certificate_hash, in.hash_b);
  EXPECT_EQ(got->holder.holder, role::supervisor);
  EXPECT_EQ(refusal(with_key(right_key(), in.b)), std::nullopt);
}

TEST_F(consent, is_malformed_with_another_version_or_kind_or_without_its_zeros) {
  const frame good = in.make_consent().consent();
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, end, frame_bytes - 1}) {
    frame shown = good;
    shown[at] ^= 1;
    EXPECT_EQ(refusal(shown), failure::malformed) << at;
  }
  EXPECT_EQ(refusal(in.contact.make_offer().offer()), failure::malformed) << "an OFFER is none";
}

TEST_F(consent, is_refused_with_any_of_its_objects_altered) {
  const frame good = in.make_consent().consent();
  for (const std::size_t at :
       {std::size_t{2} + 20, day_at - 1, day_at + 60, hand_over_at - 1, hand_over_at + 100, end - 1}) {
    frame shown = good;
    shown[at] ^= 1;
    EXPECT_EQ(refusal(shown), failure::wrong_signature) << at;
  }
}

TEST_F(consent, is_refused_from_anybody_but_the_one_who_was_asked) {
  const day_secret day_c = make_day_key(in.c, noon, in.random());
  const pending_consent by_c =
      pending_consent::make(in.c, day_c, in.kind, in.certificate_a(), in.hash_a, in.th(), in.random());
  EXPECT_EQ(refusal(by_c.consent()), failure::wrong_binding);
  const pending_consent by_a =
      pending_consent::make(in.a(), in.contact.day, in.kind, in.certificate_a(), in.hash_a, in.th(), in.random());
  EXPECT_EQ(refusal(by_a.consent()), failure::wrong_binding);
  EXPECT_EQ(why(open_consent(in.make_consent().consent(), in.contact.believed, role::drill, in.hash_a, in.hash_b,
                             in.th(), noon)),
            failure::wrong_role);
}

TEST_F(consent, is_refused_with_a_day_key_of_another_time_or_another_certificate) {
  const auto with_day = [&](const day_key& fields) {
    return of(in.b.certificate, sign_day_key(fields, in.b.sign), sign_hand_over_key(right_key(), in.b.sign));
  };
  const kem_public_key key = make_kem_key(in.random()).public_key;
  EXPECT_EQ(refusal(with_day({in.hash_b, noon - 9, noon, key})), std::nullopt) << "the last second";
  EXPECT_EQ(refusal(with_day({in.hash_b, noon - 9, noon - 1, key})), failure::expired);
  EXPECT_EQ(refusal(with_day({in.hash_b, noon, noon + 9, key})), std::nullopt) << "the first second";
  EXPECT_EQ(refusal(with_day({in.hash_b, noon + 1, noon + 9, key})), failure::not_yet_valid);
  EXPECT_EQ(refusal(with_day({in.hash_b, noon, noon + day_key_life_max + 1, key})), failure::out_of_bounds);
  EXPECT_EQ(refusal(with_day({in.hash_a, noon - 9, noon + 9, key})), failure::wrong_binding);
}

TEST_F(consent, is_refused_with_a_hand_over_key_for_anything_else) {
  hand_over_key key = right_key();
  EXPECT_EQ(refusal(with_key(key, in.c)), failure::wrong_signature);
  key.certificate_hash = sha256(in.c.certificate);
  EXPECT_EQ(refusal(with_key(key, in.b)), failure::wrong_binding) << "of another certificate";
  key = right_key();
  key.invited_by = sha256(in.c.certificate);
  EXPECT_EQ(refusal(with_key(key, in.b)), failure::wrong_binding) << "for another colleague";
  key = right_key();
  key.session = other_than(key.session);
  EXPECT_EQ(refusal(with_key(key, in.b)), failure::wrong_binding) << "for another session";
}

// --- INTRODUCTION ---

constexpr std::size_t accept_at = 2, day_at = accept_at + 32, hand_over_at = day_at + 1120,
                      sealed_at = hand_over_at + 1120;

TEST(introduction, has_one_size_whatever_the_sheet_is) {
  EXPECT_EQ(introduction_bytes, 10548u);
  invited_talk in;
  const pending_consent consent = in.make_consent();
  for (const std::size_t size : {std::size_t{1}, sheet_bytes_max}) {
    in.agreed.sheet.assign(size, 'a');
    const introduction made = in.introduce_to(consent);
    const bytes_view behind = bytes_view(made[2]).subspan(introduction_bytes - 2 * frame_bytes);
    EXPECT_TRUE(std::ranges::all_of(behind, [](byte b) { return b == 0; }));
    EXPECT_NE(made[2][introduction_bytes - 2 * frame_bytes - 1] | made[2][introduction_bytes - 2 * frame_bytes - 2],
              0);
  }
}

TEST(introduction, opens_once) {
  invited_talk in;
  pending_consent consent = in.make_consent();
  const introduction made = in.introduce_to(consent), another = in.introduce_to(consent);
  ASSERT_TRUE(consent.open(made));
  EXPECT_EQ(why(consent.open(made)), failure::cannot_open) << "replayed";
  EXPECT_EQ(why(consent.open(another)), failure::cannot_open);
}

TEST(introduction, is_refused_with_anything_altered_and_opens_all_the_same_afterwards) {
  invited_talk in;
  pending_consent consent = in.make_consent();
  const introduction made = in.introduce_to(consent);
  const auto refusal = [&](std::size_t at) { return why(consent.open(altered(made, at))); };
  EXPECT_EQ(refusal(0), failure::malformed) << "version";
  EXPECT_EQ(refusal(introduction_bytes), failure::malformed) << "padding";
  EXPECT_EQ(refusal(3 * frame_bytes - 1), failure::malformed) << "padding";
  for (const std::size_t at : {accept_at, accept_at + 31, day_at, hand_over_at - 1, hand_over_at, sealed_at - 1,
                               sealed_at, frame_bytes, 2 * frame_bytes, introduction_bytes - 1})
    EXPECT_EQ(refusal(at), failure::cannot_open) << at;
  introduction swapped = made;
  std::swap(swapped[1], swapped[2]);
  EXPECT_FALSE(consent.open(swapped)) << "pieces in another order";
  EXPECT_TRUE(consent.open(made)) << "a refusal uses nothing up";
}

TEST(introduction, is_refused_in_another_kind_than_was_consented_to) {
  for (const invitation_kind kind : both_kinds) {
    invited_talk in(kind);
    pending_consent consent = in.make_consent();
    const introduction made = in.introduce_to(consent);
    introduction shown = made;
    shown[0][1] = kind == invitation_kind::take_over ? 2 : 1;
    EXPECT_EQ(why(consent.open(shown)), failure::wrong_binding) << "by the server";
    for (const byte unknown : {byte{0}, byte{3}}) {
      shown[0][1] = unknown;
      EXPECT_EQ(why(consent.open(shown)), failure::malformed);
    }
    invitation other = in.agreed;
    other.kind = kind == invitation_kind::take_over ? invitation_kind::join : invitation_kind::take_over;
    const auto by_a = introduce(other, *in.check(consent.consent()), in.a().agree, in.random());
    EXPECT_EQ(why(consent.open(*by_a)), failure::wrong_binding) << "by A";
  }
}

TEST(introduction, opens_for_nobody_but_by_whom_and_out_of_which_session_was_consented_to) {
  invited_talk in;
  const auto opened_with = [&](const hash32& by, const certificate& keys, const hash32& th) {
    pending_consent told = pending_consent::make(in.b, in.day_b, in.kind, keys, by, th, in.random());
    // What A would check, with its own eyes closed.
    const auto trusting = open_consent(told.consent(), in.contact.believed, role::counselor, by, in.hash_b, th, noon);
    return why(told.open(*introduce(in.agreed, *trusting, in.a().agree, in.random())));
  };
  EXPECT_EQ(opened_with(in.hash_a, in.certificate_a(), in.th()), std::nullopt);
  const hash32 hash_c = sha256(in.c.certificate);
  const certificate certificate_c = *in.contact.believed.check(in.c.certificate, noon);
  EXPECT_EQ(opened_with(hash_c, in.certificate_a(), in.th()), failure::cannot_open) << "another name";
  EXPECT_EQ(opened_with(in.hash_a, certificate_c, in.th()), failure::cannot_open) << "another key";
  EXPECT_EQ(opened_with(in.hash_a, in.certificate_a(), other_than(in.th())), failure::cannot_open)
      << "another session";
}

TEST(introduction, opens_with_the_keys_of_its_consent_alone) {
  invited_talk in;
  pending_consent first = in.make_consent(), second = in.make_consent();
  EXPECT_EQ(why(second.open(in.introduce_to(first))), failure::cannot_open) << "another hand-over key";
  in.day_b = make_day_key(in.b, noon, in.random());
  const auto asked = in.check(first.consent());
  consented mixed = *asked;
  mixed.day = open_day_key(in.day_b.signed_key, asked->holder.sign_key)->key;
  EXPECT_EQ(why(first.open(*introduce(in.agreed, mixed, in.a().agree, in.random()))), failure::cannot_open)
      << "another day key";
  EXPECT_EQ(why(first.open(*introduce(in.agreed, *asked, in.c.agree, in.random()))), failure::cannot_open)
      << "by somebody who is not A";
}

TEST(introduction, is_made_for_no_other_than_the_survivor_was_shown) {
  invited_talk in;
  const auto consented = in.check(in.make_consent().consent());
  invitation about_c = in.agreed;
  about_c.to = in.c.certificate;
  EXPECT_EQ(why(introduce(about_c, *consented, in.a().agree, in.random())), failure::wrong_binding);
}

TEST(introduction, is_not_made_to_keys_that_are_none) {
  invited_talk in;
  consented by = *in.check(in.make_consent().consent());
  by.holder.agree_key = {};  // of small order
  EXPECT_EQ(why(introduce(in.agreed, by, in.a().agree, in.random())), failure::malformed);
  by = *in.check(in.make_consent().consent());
  by.hand_over.fill(0xff);
  EXPECT_EQ(why(introduce(in.agreed, by, in.a().agree, in.random())), failure::malformed);
}

// --- A who is not honest: it has every key of its own, and seals what it likes to B ---

// As `introduce`, but with this `accept` in the clear, and this plain text.
introduction introduce_as(invited_talk& in, const consented& by, const hash32& accept, bytes_view plain) {
  const auto day = encapsulate(by.day, in.random()), hand_over = encapsulate(by.hand_over, in.random());
  const auto agreed = agree(in.a().agree, by.holder.agree_key);
  const hash32 salt = sha256({as_bytes("t1/ho"), in.th(), in.hash_a, in.hash_b, accept});
  const auto under = hkdf_expand<56>(
      hkdf_extract(salt, {day->shared.view(), hand_over->shared.view(), agreed->view()}), as_bytes("t1/ho"));
  writer whole;
  whole.number(byte{1})
      .number(static_cast<byte>(in.kind))
      .put(accept)
      .put(day->ciphertext)
      .put(hand_over->ciphertext);
  bytes clear = whole.finish();
  const bytes sealed =
      seal(secret<32>(under.view().first<32>()), reader(under.view().last<24>()).take<24>(), plain, clear);
  clear.insert(clear.end(), sealed.begin(), sealed.end());
  clear.resize(3 * frame_bytes);
  introduction out;
  for (std::size_t i = 0; i < out.size(); ++i)
    std::copy_n(clear.begin() + static_cast<std::ptrdiff_t>(i * frame_bytes), frame_bytes, out[i].begin());
  return out;
}

bytes plain_of(const invitation& of, bytes_view sheet, std::size_t says) {
  return writer()
      .put(of.invite.view())
      .put(of.salt.view())
      .number(static_cast<std::uint16_t>(says))
      .put(sheet)
      .pad_to(8258)
      .finish();
}

TEST(malicious_counselor, cannot_swap_the_sheet) {
  invited_talk in;
  pending_consent consent = in.make_consent();
  const consented by = *in.check(consent.consent());
  const hash32 accept = make_accept(in.seen());
  const bytes_view real = invited_talk::sheet(), other = as_bytes(
                                                     "\x01"
                                                     "nothing much");

  EXPECT_EQ(why(consent.open(introduce_as(in, by, accept, plain_of(in.agreed, other, other.size())))),
            failure::wrong_binding)
      << "the sheet is not what was accepted";

  // With an accept of its own the introduction opens, and then nobody can come with it.
  invitation swapped = in.agreed;
  swapped.sheet = to_secret(other);
  pending_consent again = in.make_consent();
  const auto fooled = again.open(*introduce(swapped, *in.check(again.consent()), in.a().agree, in.random()));
  ASSERT_TRUE(fooled);
  const awaited guest(fooled->with, noon);
  invited_contact next(in);
  pending_offer offer = next.make_offer();
  const auto met = next.answer(offer.offer(), in.survivors_psk());
  ASSERT_TRUE(met);
  EXPECT_EQ(offer
                .answer(
                    met->hello, [&](const psk_id& id) { return guest.find(id, noon); }, noon)
                .error(),
            failure::wrong_binding);

  EXPECT_TRUE(consent.open(introduce_as(in, by, accept, plain_of(in.agreed, real, real.size())))) << "the real one";
}

TEST(malicious_counselor, cannot_say_more_or_less_than_a_sheet_holds) {
  invited_talk in;
  pending_consent consent = in.make_consent();
  const consented by = *in.check(consent.consent());
  const hash32 accept = make_accept(in.seen());
  const auto refusal = [&](const bytes& plain) { return why(consent.open(introduce_as(in, by, accept, plain))); };
  const bytes_view sheet = invited_talk::sheet();
  EXPECT_EQ(refusal(plain_of(in.agreed, sheet, sheet.size() - 1)), failure::malformed) << "a byte behind it";
  EXPECT_EQ(refusal(plain_of(in.agreed, sheet, sheet.size() + 1)), failure::wrong_binding);
  EXPECT_EQ(refusal(plain_of(in.agreed, {}, 0)), failure::malformed) << "empty";
  EXPECT_EQ(refusal(plain_of(in.agreed, sheet, sheet_bytes_max)), failure::wrong_binding) << "at the bound";
  EXPECT_EQ(refusal(plain_of(in.agreed, sheet, sheet_bytes_max + 1)), failure::malformed) << "one past it";
  EXPECT_EQ(refusal(plain_of(in.agreed, bytes(sheet_bytes_max, 7), sheet_bytes_max)), failure::wrong_binding);
}

TEST(malicious_counselor, cannot_bring_the_survivor_to_another_colleague) {
  invited_talk in;
  const day_secret day_c = make_day_key(in.c, noon, in.random());
  const hash32 hash_c = sha256(in.c.certificate);
  pending_consent by_c =
      pending_consent::make(in.c, day_c, in.kind, in.certificate_a(), in.hash_a, in.th(), in.random());
  const auto consented_c =
      open_consent(by_c.consent(), in.contact.believed, role::counselor, in.hash_a, hash_c, in.th(), noon);
  invitation about_c = in.agreed;
  about_c.to = in.c.certificate;
  const auto fooled = by_c.open(*introduce(about_c, *consented_c, in.a().agree, in.random()));
  ASSERT_TRUE(fooled) << "A can invent a survivor, but";
  EXPECT_FALSE(fooled->with == in.survivors_psk());

  invited_contact next(in);
  EXPECT_EQ(why(next.answer(next.make_offer(in.c, day_c).offer(), in.survivors_psk())), failure::wrong_binding)
      << "the survivor takes an OFFER of the one it saw only";
}

TEST(malicious_counselor, cannot_pass_a_hand_over_off_as_a_resume) {
  invited_talk in;
  ASSERT_TRUE(in.with_a->open(*in.survivor->seal(body_type::cover, {}, false, noon, in.random()), noon));
  ASSERT_TRUE(in.with_a->seal(body_type::cover, {}, false, noon, in.random()));
  const psk resume = *in.with_a->resume_secret();
  pending_consent consent = in.make_consent();
  const auto got = consent.open(in.introduce_to(consent));
  ASSERT_TRUE(got);
  EXPECT_FALSE(awaited(got->with, noon).find(make_psk_id(resume), noon));
}

// --- the invited survivor, once ---

TEST(awaited, is_found_until_it_is_spent_and_for_ten_minutes) {
  const psk with(block<32>{7});
  awaited guest(with, noon);
  EXPECT_TRUE(guest.find(make_psk_id(with), noon));
  EXPECT_TRUE(guest.find(make_psk_id(with), noon + invitation_life)) << "at the bound, and again";
  EXPECT_FALSE(guest.over(noon + invitation_life));
  EXPECT_FALSE(guest.find(make_psk_id(with), noon + invitation_life + 1));
  EXPECT_TRUE(guest.over(noon + invitation_life + 1));
  EXPECT_FALSE(guest.find(make_psk_id(psk()), noon)) << "another one";
  EXPECT_FALSE(guest.find({}, noon));
  EXPECT_TRUE(guest.find(make_psk_id(with), noon - hour)) << "a clock that was set back";
  guest.spend();
  EXPECT_FALSE(guest.find(make_psk_id(with), noon));
  EXPECT_TRUE(guest.over(noon));
}

TEST(awaited, is_refused_to_a_second_hello_once_the_first_was_proven) {
  invited_talk in;
  pending_consent consent = in.make_consent();
  awaited guest(consent.open(in.introduce_to(consent))->with, noon);
  const auto find = [&](const psk_id& id) { return guest.find(id, noon); };
  invited_contact next(in);

  // Somebody who knows the id from a HELLO, and not the psk: says HELLO, and can never be heard.
  pending_offer first = next.make_offer();
  auto invented = next.answer(first.offer(), secret<32>());
  const psk_id id = guest.id();
  std::ranges::copy(id, invented->hello.begin() + 18);
  auto never = first.answer(invented->hello, find, noon);
  ASSERT_TRUE(never);
  EXPECT_FALSE(never->talk.open(*invented->talk.seal(body_type::cover, {}, false, noon, in.random()), noon));

  pending_offer second = next.make_offer();
  auto met = next.answer(second.offer(), in.survivors_psk());
  auto taken = second.answer(met->hello, find, noon);
  ASSERT_TRUE(taken) << "that did not spend it";
  ASSERT_TRUE(taken->talk.open(*met->talk.seal(body_type::cover, {}, false, noon, in.random()), noon));
  guest.spend();

  pending_offer third = next.make_offer();
  const auto again = next.answer(third.offer(), in.survivors_psk());
  EXPECT_EQ(third.answer(again->hello, find, noon).error(), failure::wrong_binding);
}

// --- company ---

bytes text(byte id, std::string_view said) {
  return writer().number(id).pad_to(16).number(byte{3}).put(said).finish();
}

TEST(company, says_who_joined_and_where_the_order_begins) {
  const invited_talk in;
  const hash32 begin = begin_transcript(in.th(), hash32{9});
  const bytes said = encode_company({in.b.certificate, begin});
  EXPECT_EQ(said.size(), company_bytes);
  const auto got = decode_company(said);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->other, in.b.certificate);
  EXPECT_EQ(got->begin, begin);
  for (const std::size_t size : {std::size_t{0}, company_bytes - 1, company_bytes + 1}) {
    bytes shown = said;
    shown.resize(size);
    EXPECT_EQ(why(decode_company(shown)), failure::malformed) << size;
  }
  EXPECT_NE(begin_transcript(hash32{9}, in.th()), begin) << "who was there before comes first";
}

TEST(sequenced, gives_back_what_was_written_and_refuses_what_is_too_short) {
  const auto said = transcript(hash32{1}).append(survivor_sender, text(1, "hello"));
  secret_bytes whole = encode_sequenced(said);
  EXPECT_EQ(whole.size(), sequenced_bytes_beside + 5);
  const auto got = decode_sequenced(whole);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->seq, 1u);
  EXPECT_EQ(got->h, said.h);
  EXPECT_EQ(got->sender, survivor_sender);
  EXPECT_EQ(as_text(got->text), as_text(text(1, "hello")));
  whole.resize(sequenced_bytes_beside);
  EXPECT_TRUE(decode_sequenced(whole)) << "an empty text";
  whole.resize(sequenced_bytes_beside - 1);
  EXPECT_EQ(why(decode_sequenced(whole)), failure::malformed);
}

// The survivor's client, and a counselor's console that hears what comes of it.
class transcript_test : public testing::Test {
 protected:
  secret_bytes place(const hash32& by, const bytes& said) { return encode_sequenced(order.append(by, said)); }
  std::optional<failure> hears(bytes_view data) { return why(witness.follow(data)); }

  const hash32 begin{1}, own{2}, other{3};
  transcript order{begin};
  transcript_witness witness{begin, own, other};
};

TEST_F(transcript_test, follows_what_everybody_says) {
  const auto mine = text(3, "mine");
  EXPECT_EQ(hears(place(survivor_sender, text(1, "a"))), std::nullopt);
  witness.said(mine);
  EXPECT_EQ(hears(place(other, text(2, "b"))), std::nullopt) << "before mine was there";
  const auto got = witness.follow(place(own, mine));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->seq, 3u);
  EXPECT_EQ(as_text(got->text), as_text(mine));
  EXPECT_EQ(got->h, order.h());
  EXPECT_EQ(order.length(), 3u);
  EXPECT_TRUE(witness.delivered(block<16>{3}));
  EXPECT_TRUE(witness.delivered(block<16>{9})) << "of before there was company";
  EXPECT_FALSE(witness.broken());
}

TEST_F(transcript_test, makes_h_as_the_page_says) {
  const bytes said = text(1, "a");
  const hash32 inner = sha256(writer().number(byte{1}).put(said).finish());
  const bytes whole = writer().put(begin).number(std::uint64_t{1}).put(other).put(inner).finish();
  EXPECT_EQ(order.append(other, said).h, sha256(whole));
}

TEST_F(transcript_test, alarms_if_a_text_is_missing) {
  place(survivor_sender, text(1, "lost"));
  EXPECT_EQ(hears(place(survivor_sender, text(2, "b"))), failure::forked);
  EXPECT_TRUE(witness.broken());
  EXPECT_EQ(hears(place(survivor_sender, text(3, "c"))), failure::forked) << "for good";
}

TEST_F(transcript_test, alarms_if_texts_come_in_another_order_or_twice) {
  const auto first = place(survivor_sender, text(1, "a")), second = place(other, text(2, "b"));
  transcript_witness reordered(begin, own, other), twice(begin, own, other);
  EXPECT_EQ(why(reordered.follow(second)), failure::forked);
  EXPECT_TRUE(twice.follow(first));
  EXPECT_EQ(why(twice.follow(first)), failure::forked);
}

TEST_F(transcript_test, alarms_if_anything_in_a_text_is_altered) {
  const auto whole = place(other, text(1, "as it was"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    secret_bytes shown = whole;
    shown[at] ^= 1;
    EXPECT_EQ(why(transcript_witness(begin, own, other).follow(shown)), failure::forked) << at;
  }
  EXPECT_TRUE(transcript_witness(begin, own, other).follow(whole));
  EXPECT_EQ(why(transcript_witness(other_than(begin), own, other).follow(whole)), failure::forked);
  EXPECT_EQ(hears(bytes(sequenced_bytes_beside - 1)), failure::malformed);
  EXPECT_TRUE(witness.broken());
}

TEST_F(transcript_test, alarms_if_somebody_speaks_who_is_not_here) {
  EXPECT_EQ(hears(place(hash32{4}, text(1, "a"))), failure::wrong_binding);
}

TEST_F(transcript_test, alarms_if_a_text_of_ours_is_not_shown_as_we_said_it) {
  witness.said(text(1, "mine"));
  EXPECT_EQ(hears(place(own, text(1, "not mine"))), failure::wrong_binding) << "altered";
  EXPECT_TRUE(witness.broken());

  transcript more(begin);
  transcript_witness skipped(begin, own, other);
  skipped.said(text(1, "first"));
  skipped.said(text(2, "second"));
  EXPECT_EQ(why(skipped.follow(encode_sequenced(more.append(own, text(2, "second"))))), failure::wrong_binding);

  transcript_witness silent(begin, own, other);
  EXPECT_EQ(why(silent.follow(encode_sequenced(transcript(begin).append(own, text(1, "never said"))))),
            failure::wrong_binding);
}

TEST_F(transcript_test, alarms_if_a_text_of_ours_is_confirmed_without_a_place) {
  witness.said(text(1, "mine"));
  EXPECT_EQ(why(witness.delivered(block<16>{1})), failure::forked);
  EXPECT_TRUE(witness.broken());
}

TEST_F(transcript_test, lets_a_text_of_before_have_a_place_or_none) {
  witness.said_before(text(1, "shown before"));
  witness.said_before(text(2, "on its way"));
  witness.said(text(3, "mine"));
  EXPECT_TRUE(witness.delivered(block<16>{1})) << "it was on the screen before anybody joined";
  EXPECT_EQ(hears(place(own, text(2, "on its way"))), std::nullopt);
  EXPECT_EQ(hears(place(own, text(3, "mine"))), std::nullopt);
  EXPECT_FALSE(witness.broken());
}

TEST_F(transcript_test, alarms_if_a_text_of_before_is_altered_or_comes_late) {
  witness.said_before(text(1, "on its way"));
  EXPECT_EQ(hears(place(own, text(1, "altered"))), failure::wrong_binding);

  transcript more(begin);
  transcript_witness late(begin, own, other);
  late.said_before(text(1, "on its way"));
  late.said(text(2, "mine"));
  EXPECT_EQ(why(late.follow(encode_sequenced(more.append(own, text(2, "mine"))))), std::nullopt);
  EXPECT_EQ(why(late.follow(encode_sequenced(more.append(own, text(1, "on its way"))))), failure::wrong_binding);
}

}  // namespace
}  // namespace tomoshibi::crypto
