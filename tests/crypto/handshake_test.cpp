#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "tests/crypto/staffed_centre.hpp"

namespace tomoshibi::crypto {
namespace {

TEST(first_contact, gives_both_sides_the_same_session) {
  two_sides both;
  EXPECT_EQ(both.survivor().id(), both.counselor->id());
  EXPECT_EQ(both.met.counselor.alias, "Hotaru");
  EXPECT_EQ(both.met.counselor_hash, sha256(both.contact.who.certificate));
  EXPECT_EQ(both.survivor().peer_certificate_hash(), both.met.counselor_hash);
  EXPECT_EQ(both.counselor->peer_certificate_hash(), both.met.counselor_hash);
  EXPECT_TRUE(both.survivor().seal_steps());
  EXPECT_FALSE(both.counselor->seal_steps());
  EXPECT_FALSE(both.counselor->heard());

  const auto got = both.counselor->open(both.seal(side::survivor, "hello"), noon);
  ASSERT_TRUE(got);
  EXPECT_EQ(as_text(got->data), "hello");
  EXPECT_TRUE(both.counselor->heard());
  EXPECT_EQ(as_text(both.survivor().open(both.seal(side::counselor, "good evening"), noon)->data), "good evening");
}

TEST(first_contact, has_another_session_for_every_offer) {
  first_contact contact;
  const pending_offer one = contact.make_offer();
  const auto first = contact.answer(one.offer());
  const auto second = contact.answer(one.offer());
  const auto third = contact.answer(contact.make_offer().offer());
  EXPECT_NE(first->talk.id(), second->talk.id());
  EXPECT_NE(first->talk.id(), third->talk.id());
}

TEST(first_contact, lets_only_the_counselor_of_the_offer_open_the_first_frame) {
  two_sides both;
  two_sides elsewhere(2);
  EXPECT_EQ(elsewhere.counselor->open(both.seal(side::survivor, "hello"), noon).error(), failure::cannot_open);
}

// --- the survivor judges an OFFER ---

TEST(offer, is_refused_whichever_byte_is_altered) {
  first_contact contact;
  const frame good = contact.make_offer().offer();
  constexpr std::size_t objects_end = 2 + certificate_bytes + day_key_bytes + one_time_key_bytes;
  for (std::size_t at = 0; at < frame_bytes; ++at) {
    if (at >= 4 && at % 23 != 0 && at + 1 != frame_bytes && at != objects_end && at + 1 != objects_end) continue;
    frame altered = good;
    altered[at] ^= 0x10;
    const auto got = contact.answer(altered);
    ASSERT_FALSE(got) << at;
    if (at < 2 || at >= objects_end) {
      EXPECT_EQ(got.error(), failure::malformed) << at;
    }
  }
  EXPECT_TRUE(contact.answer(good));
}

TEST(offer, is_refused_when_it_is_a_hello) {
  two_sides both;
  EXPECT_EQ(both.contact.answer(both.met.hello).error(), failure::malformed);
}

TEST(offer, is_refused_from_another_role_or_desk) {
  first_contact contact;
  const auto from = [&](const identity& who) {
    const day_secret day = make_day_key(who, noon, contact.centre.random);
    return pending_offer::make(who, day, contact.believed.roster_hash, contact.conversation, contact.nonce,
                               contact.centre.random)
        .offer();
  };
  const identity supervisor = contact.centre.enrol(role::supervisor, contact.centre.desk);
  const identity drill = contact.centre.enrol(role::drill, contact.centre.desk);
  const identity neighbour = contact.centre.enrol(role::counselor, contact.centre.other_desk);
  contact.believed = contact.centre.publish();
  EXPECT_EQ(contact.answer(from(supervisor)).error(), failure::wrong_role);
  EXPECT_EQ(contact.answer(from(drill)).error(), failure::wrong_role);
  EXPECT_EQ(contact.answer(from(neighbour)).error(), failure::wrong_desk);
  EXPECT_TRUE(answer_offer(from(drill), contact.believed, role::drill, contact.centre.desk, nullptr,
                           contact.conversation, contact.nonce, nullptr, noon, contact.centre.random));
}

TEST(offer, is_refused_from_anybody_but_the_one_consented_to) {
  first_contact contact;
  const identity other = contact.centre.enrol(role::counselor, contact.centre.desk);
  contact.believed = contact.centre.publish();
  const frame good = contact.make_offer().offer();
  const auto expecting = [&](const identity& who) {
    const expected_counselor expected{sha256(who.certificate)};
    return answer_offer(good, contact.believed, role::counselor, contact.centre.desk, &expected, contact.conversation,
                        contact.nonce, nullptr, noon, contact.centre.random);
  };
  EXPECT_EQ(expecting(other).error(), failure::wrong_binding);
  EXPECT_TRUE(expecting(contact.who));
}

TEST(offer, is_refused_when_it_was_made_for_somebody_else) {
  first_contact contact;
  const frame good = contact.make_offer().offer();
  const auto answer_as = [&](const conversation_id& conversation, const survivor_nonce& nonce) {
    return answer_offer(good, contact.believed, role::counselor, contact.centre.desk, nullptr, conversation, nonce,
                        nullptr, noon, contact.centre.random);
  };
  conversation_id conversation = contact.conversation;
  conversation[15] ^= 1;
  survivor_nonce nonce = contact.nonce;
  nonce[31] ^= 1;
  EXPECT_EQ(answer_as(conversation, contact.nonce).error(), failure::wrong_binding);
  EXPECT_EQ(answer_as(contact.conversation, nonce).error(), failure::wrong_binding);
  EXPECT_TRUE(answer_as(contact.conversation, contact.nonce));
}

TEST(offer, is_refused_under_another_roster) {
  first_contact contact;
  const frame before = contact.make_offer().offer();
  contact.centre.enrol(role::counselor, contact.centre.desk);
  contact.believed = contact.centre.publish();
  EXPECT_EQ(contact.answer(before).error(), failure::other_roster);
  EXPECT_TRUE(contact.answer(contact.make_offer().offer()));
}

TEST(offer, is_taken_under_the_roster_believed_before_if_its_certificate_is_good_now) {
  first_contact contact;
  const hash32 first = contact.believed.roster_hash;
  pending_offer offer = contact.make_offer();
  contact.centre.enrol(role::counselor, contact.centre.desk);
  contact.believed = contact.centre.publish();
  const auto answer = [&](const hash32& before) {
    return answer_offer(offer.offer(), contact.believed, role::counselor, contact.centre.desk, nullptr,
                        contact.conversation, contact.nonce, nullptr, noon, contact.centre.random, &before);
  };
  EXPECT_EQ(answer(hash32{1}).error(), failure::other_roster);
  auto met = answer(first);
  ASSERT_TRUE(met);
  auto taken = offer.answer(met->hello, knows_none, noon);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->talk.id(), met->talk.id()) << "both have the roster that the OFFER names in th";
  contact.centre.disable(contact.who);
  contact.believed = contact.centre.publish();
  EXPECT_EQ(answer(first).error(), failure::not_listed);
}

TEST(offer, after_the_end_of_its_certificate_is_taken_for_a_day_where_the_conversation_is_with_it_already) {
  first_contact contact;
  const identity who = contact.centre.enrol(role::counselor, contact.centre.desk, noon - hour, noon);
  contact.believed = contact.centre.publish();
  const expected_counselor name{sha256(who.certificate), true}, another{sha256(contact.who.certificate), true},
      invited{name.certificate, false};
  const auto answer = [&](const expected_counselor* expected, seconds now) {
    const frame offer =
        pending_offer::make(who, make_day_key(who, now, contact.centre.random), contact.believed.roster_hash,
                            contact.conversation, contact.nonce, contact.centre.random)
            .offer();
    return answer_offer(offer, contact.believed, role::counselor, contact.centre.desk, expected, contact.conversation,
                        contact.nonce, nullptr, now, contact.centre.random);
  };
  EXPECT_TRUE(answer(&name, noon + session_life));
  EXPECT_EQ(answer(&name, noon + session_life + 1).error(), failure::expired);
  EXPECT_EQ(answer(nullptr, noon + 1).error(), failure::expired);
  EXPECT_TRUE(answer(&invited, noon));
  EXPECT_EQ(answer(&invited, noon + 1).error(), failure::expired);
  EXPECT_EQ(answer(&another, noon + 1).error(), failure::wrong_binding);
  EXPECT_EQ(answer(&name, noon - hour - 1).error(), failure::not_yet_valid);
}

TEST(offer, is_refused_from_who_is_not_listed_or_is_disabled_or_out_of_date) {
  first_contact contact;
  const auto from = [&](const identity& who) {
    return contact.answer(pending_offer::make(who, make_day_key(who, noon, contact.centre.random),
                                              contact.believed.roster_hash, contact.conversation, contact.nonce,
                                              contact.centre.random)
                              .offer());
  };
  const desk_id desk = contact.centre.desk;
  const identity disabled =
      contact.centre.enrol(role::counselor, desk, noon - hour, noon + hour, roster::flag_disabled);
  const identity late = contact.centre.enrol(role::counselor, desk, noon - 2 * hour, noon - hour);
  const identity early = contact.centre.enrol(role::counselor, desk, noon + hour, noon + 2 * hour);
  contact.believed = contact.centre.publish();
  const identity unlisted = contact.centre.enrol(role::counselor, desk);
  EXPECT_EQ(from(disabled).error(), failure::not_listed);
  EXPECT_EQ(from(unlisted).error(), failure::not_listed);
  EXPECT_EQ(from(late).error(), failure::expired);
  EXPECT_EQ(from(early).error(), failure::not_yet_valid);
  staffed_centre elsewhere(9);
  EXPECT_EQ(from(elsewhere.enrol(role::counselor, desk)).error(), failure::wrong_signature);
}

TEST(offer, is_refused_before_and_after_the_life_of_the_day_key) {
  first_contact contact;
  const frame good = contact.make_offer().offer();
  const seconds from = noon - 12 * hour, to = noon + 12 * hour;
  EXPECT_EQ(contact.answer(good, nullptr, from - 1).error(), failure::not_yet_valid);
  EXPECT_TRUE(contact.answer(good, nullptr, from));
  EXPECT_TRUE(contact.answer(good, nullptr, to));
  contact.who = contact.centre.enrol(role::counselor, contact.centre.desk, noon - hour, noon + 48 * hour);
  contact.believed = contact.centre.publish();
  contact.day = make_day_key(contact.who, noon, contact.centre.random);
  EXPECT_EQ(contact.answer(contact.make_offer().offer(), nullptr, to + 1).error(), failure::expired);
}

// An OFFER put together by someone who holds a counselor's key, but not by the rules.
struct odd_offer {
  explicit odd_offer(first_contact& contact)
      : who(contact.who),
        day{sha256(who.certificate), noon - hour, noon + hour, make_kem_key(contact.centre.random).public_key},
        one_time{sha256(who.certificate),
                 contact.conversation,
                 contact.nonce,
                 contact.believed.roster_hash,
                 {},
                 make_kem_key(contact.centre.random).public_key} {}

  frame make(bool bind_day = true) {
    const bytes signed_day = sign_day_key(day, who.sign);
    if (bind_day) one_time.day_hash = sha256(signed_day);
    return reader(writer()
                      .number(byte{1})
                      .number(byte{1})
                      .put(who.certificate)
                      .put(signed_day)
                      .put(sign_one_time_key(one_time, who.sign))
                      .pad_to(frame_bytes)
                      .finish())
        .take<frame_bytes>();
  }

  identity who;
  day_key day;
  one_time_key one_time;
};

TEST(offer, is_refused_when_its_keys_do_not_belong_together) {
  first_contact contact;
  EXPECT_TRUE(contact.answer(odd_offer(contact).make()));

  odd_offer other_holder_of_day(contact);
  other_holder_of_day.day.certificate_hash[0] ^= 1;
  EXPECT_EQ(contact.answer(other_holder_of_day.make()).error(), failure::wrong_binding);
  odd_offer other_holder(contact);
  other_holder.one_time.certificate_hash[0] ^= 1;
  EXPECT_EQ(contact.answer(other_holder.make()).error(), failure::wrong_binding);
  EXPECT_EQ(contact.answer(odd_offer(contact).make(false)).error(), failure::wrong_binding) << "another day key";
  odd_offer long_day(contact);
  long_day.day.not_after = long_day.day.not_before + day_key_life_max + 1;
  EXPECT_EQ(contact.answer(long_day.make()).error(), failure::out_of_bounds);
  odd_offer no_key(contact);
  no_key.one_time.key.fill(0xff);
  EXPECT_EQ(contact.answer(no_key.make()).error(), failure::malformed);

  const identity other = contact.centre.enrol(role::counselor, contact.centre.desk);
  odd_offer signed_by_other(contact);
  signed_by_other.who.sign = other.sign;
  EXPECT_EQ(contact.answer(signed_by_other.make()).error(), failure::wrong_signature);
}

// --- the counselor judges a HELLO ---

TEST(hello, is_refused_a_second_time) {
  two_sides both;
  EXPECT_EQ(both.offer.answer(both.met.hello, knows_none, noon).error(), failure::cannot_open);
  auto another = both.contact.answer(both.offer.offer());
  EXPECT_EQ(both.offer.answer(another->hello, knows_none, noon).error(), failure::cannot_open);
}

TEST(hello, that_is_not_for_this_offer_is_refused_and_spends_nothing) {
  first_contact contact;
  pending_offer offer = contact.make_offer();
  auto met = contact.answer(offer.offer());
  constexpr std::size_t bindings = 34, bindings_end = 34 + 5 * 32, end = bindings_end + 2 * 1120;
  for (std::size_t at = 0; at < frame_bytes; ++at) {
    if (at >= bindings_end && at < end) continue;  // what only the session can tell, see below
    if (at > end && at + 1 < frame_bytes && at % 101 != 0) continue;
    frame altered = met->hello;
    altered[at] ^= 1;
    const bool layout = at < 2 || at >= end;
    EXPECT_EQ(offer.answer(altered, knows_none, noon).error(), layout ? failure::malformed : failure::wrong_binding)
        << at;
  }
  const frame elsewhere = contact.answer(contact.make_offer().offer())->hello;
  EXPECT_EQ(offer.answer(elsewhere, knows_none, noon).error(), failure::wrong_binding);
  EXPECT_EQ(offer.answer(offer.offer(), knows_none, noon).error(), failure::malformed);

  auto taken = offer.answer(met->hello, knows_none, noon);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->talk.open(*met->talk.seal(body_type::text, {}, false, noon, contact.centre.random), noon));
  EXPECT_EQ(taken->with, psk_id{});
  static_assert(bindings == 2 + 16 + 16);
}

TEST(hello, with_an_altered_ciphertext_leads_to_a_session_that_opens_nothing) {
  for (const std::size_t at : {34u + 160u, 34u + 160u + 1119u, 34u + 160u + 1120u, 34u + 160u + 2239u}) {
    first_contact contact;
    pending_offer offer = contact.make_offer();
    auto met = contact.answer(offer.offer());
    met->hello[at] ^= 1;
    auto taken = offer.answer(met->hello, knows_none, noon);
    ASSERT_TRUE(taken);
    EXPECT_NE(taken->talk.id(), met->talk.id());
    EXPECT_EQ(
        taken->talk.open(*met->talk.seal(body_type::text, {}, false, noon, contact.centre.random), noon).error(),
        failure::cannot_open);
  }
}

// --- a psk ---

TEST(psk, that_both_know_brings_them_together_again) {
  two_sides before;
  ASSERT_TRUE(before.counselor->open(before.seal(side::survivor, "hello"), noon));
  ASSERT_TRUE(before.survivor().open(before.seal(side::counselor, "good evening"), noon));
  const psk kept = *before.survivor().resume_secret();
  ASSERT_TRUE(kept == *before.counselor->resume_secret());

  first_contact contact(7);
  pending_offer offer = contact.make_offer();
  auto met = contact.answer(offer.offer(), &kept);
  auto taken = offer.answer(
      met->hello,
      [&](const psk_id& asked) { return asked == make_psk_id(kept) ? std::optional(kept) : std::nullopt; }, noon);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->with, make_psk_id(kept));
  EXPECT_EQ(taken->talk.id(), met->talk.id());
  EXPECT_TRUE(taken->talk.open(*met->talk.seal(body_type::text, {}, false, noon, contact.centre.random), noon));
}

TEST(psk, that_differs_opens_nothing) {
  first_contact contact;
  const psk mine = contact.centre.random.make_secret<32>();
  const psk another = contact.centre.random.make_secret<32>();
  pending_offer offer = contact.make_offer();
  auto met = contact.answer(offer.offer(), &mine);
  auto taken = offer.answer(
      met->hello, [&](const psk_id&) { return std::optional(another); }, noon);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->talk.id(), met->talk.id()) << "th does not hold the psk";
  EXPECT_EQ(taken->talk.open(*met->talk.seal(body_type::text, {}, false, noon, contact.centre.random), noon).error(),
            failure::cannot_open);
}

TEST(psk, that_is_unknown_is_refused_and_spends_nothing) {
  first_contact contact;
  const psk mine = contact.centre.random.make_secret<32>();
  pending_offer offer = contact.make_offer();
  const auto met = contact.answer(offer.offer(), &mine);
  EXPECT_EQ(offer.answer(met->hello, knows_none, noon).error(), failure::wrong_binding);
  EXPECT_TRUE(offer.answer(
      met->hello, [&](const psk_id&) { return std::optional(mine); }, noon));
}

TEST(psk, is_not_asked_for_when_a_new_person_comes) {
  first_contact contact;
  pending_offer offer = contact.make_offer();
  const auto met = contact.answer(offer.offer());
  bool asked = false;
  const auto find = [&](const psk_id&) {
    asked = true;
    return std::optional(psk());
  };
  ASSERT_TRUE(offer.answer(met->hello, find, noon));
  EXPECT_FALSE(asked);
}

TEST(psk, that_a_server_takes_out_of_a_hello_leads_to_nobody) {
  first_contact contact;
  const psk mine = contact.centre.random.make_secret<32>();
  pending_offer offer = contact.make_offer();
  auto met = contact.answer(offer.offer(), &mine);
  std::fill_n(met->hello.begin() + 18, 16, byte{0});
  auto taken = offer.answer(met->hello, knows_none, noon);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->talk.open(*met->talk.seal(body_type::text, {}, false, noon, contact.centre.random), noon).error(),
            failure::cannot_open);
}

TEST(psk, has_an_id_and_a_token_that_say_different_things) {
  const psk key(block<32>{1, 2, 3});
  const psk other(block<32>{1, 2, 4});
  EXPECT_NE(make_psk_id(key), make_psk_id(other));
  EXPECT_FALSE(make_resume_token(key) == make_resume_token(other));
  EXPECT_FALSE(make_resume_token(key) == key);
}

}  // namespace
}  // namespace tomoshibi::crypto
