#include "crypto/session.hpp"

#include <gtest/gtest.h>

#include "crypto/handshake.hpp"
#include "tests/crypto/staffed_centre.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr body_type all_types[] = {body_type::cover,           body_type::text,           body_type::close,
                                   body_type::delivered,       body_type::history_wanted, body_type::history,
                                   body_type::sequenced,       body_type::company,        body_type::handover_offer,
                                   body_type::handover_accept, body_type::sheet,          body_type::invitation,
                                   body_type::withdrawal,      body_type::urgent,         body_type::left_by_exit,
                                   body_type::safe_word};

// A session whose peer is a bare ratchet, which seals any body.
struct against_a_ratchet {
  explicit against_a_ratchet(side me, std::uint64_t seed = 1) : random(seed) {
    const root_keys keys{random.make_secret<32>(), random.make_secret<32>(), random.make_secret<32>()};
    const kem_key_pair one_time = make_kem_key(random);
    const hash32 th = random.make_block<32>();
    ratchet survivor = ratchet::of_survivor(keys, one_time.public_key, {}, th);
    ratchet counselor = ratchet::of_counselor(keys, one_time.secret_key, {}, th);
    mine.emplace(handshake::begin(me, me == side::survivor ? survivor : counselor, th, {}, noon));
    peer.emplace(me == side::survivor ? counselor : survivor);
    if (me == side::survivor) {  // the counselor needs to hear first
      EXPECT_TRUE(peer->open(*mine->seal(body_type::text, {}, false, noon, random), noon));
    }
  }

  result<session::opened> open_body(bytes body) {
    body.resize(body_bytes);
    return mine->open(*peer->seal(body, random), noon);
  }

  support::seeded_random random;
  std::optional<session> mine;
  std::optional<ratchet> peer;
};

TEST(session, carries_a_whole_conversation) {
  two_sides both;
  std::uint64_t numbers[2] = {0, 0};
  for (int i = 0; i < 40; ++i) {
    const side from = (i / 3) % 2 == 0 ? side::survivor : side::counselor;
    const side to = from == side::survivor ? side::counselor : side::survivor;
    const std::string text = "line " + std::to_string(i);
    const auto got = both.of(to).open(both.seal(from, text), noon + static_cast<seconds>(i));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->type, body_type::text);
    EXPECT_EQ(as_text(got->data), text);
    EXPECT_FALSE(got->more);
    EXPECT_FALSE(got->duplicate);
    EXPECT_EQ(got->stepped, i % 3 == 0);
    EXPECT_EQ(got->number, numbers[from == side::counselor]++);
  }
  EXPECT_TRUE(both.survivor().heard());
  EXPECT_TRUE(both.counselor->heard());
}

TEST(session, makes_frames_of_one_size_that_show_nothing) {
  two_sides both;
  const frame cover = both.seal(side::survivor, "", body_type::cover);
  const frame text = both.seal(side::survivor, std::string(body_data_bytes_max, 'a'));
  EXPECT_EQ(cover[0], text[0]);
  std::size_t alike = 0;
  for (std::size_t at = 1; at < frame_bytes; ++at) alike += cover[at] == text[at];
  EXPECT_LT(alike, 64u) << "4095 random bytes agree in about 16 places";
  EXPECT_EQ(both.counselor->open(cover, noon)->type, body_type::cover);
  EXPECT_EQ(both.counselor->open(text, noon)->data.size(), body_data_bytes_max);
}

TEST(session, carries_data_up_to_its_bound_and_nothing_longer) {
  two_sides both;
  const bytes most(body_data_bytes_max, 7), too_much(body_data_bytes_max + 1, 7);
  auto& random = both.contact.centre.random;
  EXPECT_EQ(both.survivor().seal(body_type::text, too_much, false, noon, random).error(), failure::out_of_bounds);
  EXPECT_TRUE(both.survivor().seal_steps()) << "nothing has changed";
  const auto got = both.counselor->open(*both.survivor().seal(body_type::text, most, true, noon, random), noon);
  ASSERT_TRUE(got);
  EXPECT_TRUE(std::ranges::equal(got->data, most));
  EXPECT_TRUE(got->more);
  EXPECT_EQ(got->number, 0u);
}

TEST(session, seals_32_fragments_of_a_message_and_refuses_one_more) {
  two_sides both;
  auto& random = both.contact.centre.random;
  for (const body_type type : {body_type::text, body_type::history}) {
    const auto fragment = [&](bool more) { return both.survivor().seal(type, {}, more, noon, random); };
    for (int i = 0; i < 31; ++i) ASSERT_TRUE(fragment(true));
    EXPECT_EQ(fragment(true).error(), failure::out_of_bounds);
    ASSERT_TRUE(fragment(false));
  }
  EXPECT_TRUE(both.survivor().seal(body_type::text, {}, true, noon, random)) << "the next message";
}

TEST(session, lets_each_side_send_its_own_types_only) {
  for (const side from : {side::survivor, side::counselor}) {
    for (const body_type type : all_types) {
      two_sides both;
      ASSERT_TRUE(both.counselor->open(both.seal(side::survivor, ""), noon));
      const auto sealed = both.of(from).seal(type, {}, false, noon, both.contact.centre.random);
      EXPECT_EQ(sealed.has_value(), may_send(from, type));
      if (!sealed) {
        EXPECT_EQ(sealed.error(), failure::may_not_send);
      }
    }
  }
  const auto count = [](side from) {
    return std::ranges::count_if(all_types, [&](body_type type) { return may_send(from, type); });
  };
  EXPECT_EQ(count(side::counselor), 6 + 4);
  EXPECT_EQ(count(side::survivor), 6 + 6);
}

TEST(session, refuses_a_type_that_comes_from_the_wrong_direction_or_is_unknown) {
  for (const side me : {side::survivor, side::counselor}) {
    const side peer = me == side::survivor ? side::counselor : side::survivor;
    for (unsigned type = 0; type < 256; ++type) {
      against_a_ratchet one(me);
      const auto got = one.open_body({static_cast<byte>(type)});
      EXPECT_EQ(got.has_value(), may_send(peer, body_type{static_cast<byte>(type)})) << type;
      if (got) continue;
      EXPECT_EQ(got.error(), failure::cannot_open);
      EXPECT_TRUE(one.open_body({0x01})) << "the refused frame has changed nothing";
    }
  }
}

TEST(session, carries_history_both_ways_and_the_wish_for_it) {
  two_sides both;
  for (const side from : {side::survivor, side::counselor}) {
    session& to = both.of(from == side::survivor ? side::counselor : side::survivor);
    EXPECT_EQ(to.open(both.seal(from, "", body_type::history_wanted), noon)->type, body_type::history_wanted);
    const auto got = to.open(both.seal(from, "what was said", body_type::history), noon);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->type, body_type::history);
    EXPECT_EQ(as_text(got->data), "what was said");
  }
}

TEST(session, refuses_a_body_that_breaks_the_layout) {
  against_a_ratchet one(side::counselor);
  EXPECT_EQ(one.open_body({0x01, 0x06, 0x99}).error(), failure::cannot_open) << "1689 bytes of 1688";
  EXPECT_EQ(one.open_body({0x01, 0x7f, 0xff}).error(), failure::cannot_open);
  EXPECT_EQ(one.open_body({0x01, 0x00, 0x01, 0x41, 0x42}).error(), failure::cannot_open) << "padding";
  bytes last(body_bytes);
  last.back() = 1;
  EXPECT_EQ(one.open_body(last).error(), failure::cannot_open) << "padding";
  EXPECT_EQ(one.open_body({0x01, 0x06, 0x98})->data.size(), body_data_bytes_max);
  const auto got = one.open_body({0x01, 0x80, 0x01, 0x41});
  EXPECT_TRUE(got->more);
  EXPECT_EQ(as_text(got->data), "A");
}

TEST(session, tells_a_duplicate_and_does_not_count_it) {
  two_sides both;
  const frame once = both.seal(side::survivor, "hello");
  ASSERT_TRUE(both.counselor->open(once, noon));
  for (unsigned i = 0; i < 3 * session_failures_max; ++i) {
    const auto again = both.counselor->open(once, noon);
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->duplicate);
    EXPECT_TRUE(again->data.empty());
  }
  EXPECT_FALSE(both.counselor->broken());
}

TEST(session, breaks_at_the_16th_failure) {
  two_sides both;
  ASSERT_TRUE(both.counselor->open(both.seal(side::survivor, "hello"), noon));
  ASSERT_TRUE(both.survivor().open(both.seal(side::counselor, "good evening"), noon));
  const frame noise = both.contact.centre.random.make_block<frame_bytes>();
  for (unsigned i = 0; i < 15; ++i) EXPECT_EQ(both.counselor->open(noise, noon).error(), failure::cannot_open);
  EXPECT_FALSE(both.counselor->broken());
  EXPECT_TRUE(both.counselor->open(both.seal(side::survivor, "still here"), noon)) << "and is not forgiven for it";
  EXPECT_EQ(both.counselor->open(noise, noon).error(), failure::cannot_open);
  EXPECT_TRUE(both.counselor->broken());
  EXPECT_EQ(both.counselor->open(both.seal(side::survivor, "hello?"), noon).error(), failure::cannot_open);
  EXPECT_EQ(both.counselor->seal(body_type::text, {}, false, noon, both.contact.centre.random).error(),
            failure::may_not_send);
  EXPECT_TRUE(both.counselor->resume_secret()) << "there is a way back";
}

TEST(session, counts_a_wrong_direction_and_a_broken_bound_as_failures) {
  against_a_ratchet one(side::counselor);
  for (int i = 0; i < 8; ++i) one.open_body({0x10});
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(one.peer->seal(bytes(body_bytes), one.random));
  for (int i = 0; i < 7; ++i) EXPECT_EQ(one.open_body({0x01}).error(), failure::out_of_bounds);
  EXPECT_FALSE(one.mine->broken());
  EXPECT_EQ(one.open_body({0x01}).error(), failure::out_of_bounds);
  EXPECT_TRUE(one.mine->broken());
}

TEST(session, seals_for_a_day_and_opens_for_ten_minutes_more) {
  two_sides both;
  constexpr seconds end = noon + 24 * hour;
  const frame first = both.seal(side::survivor, "hello", body_type::text, end);
  auto& random = both.contact.centre.random;
  EXPECT_EQ(both.survivor().seal(body_type::text, {}, false, end + 1, random).error(), failure::may_not_send);
  const frame second = both.seal(side::survivor, "last", body_type::text, end);
  EXPECT_TRUE(both.counselor->open(first, end + 600));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(both.counselor->open(second, end + 601).error(), failure::out_of_bounds);
  EXPECT_FALSE(both.counselor->broken());
}

TEST(session, purges_skipped_keys_as_time_goes_by) {
  two_sides both;
  const frame late = both.seal(side::survivor, "late");
  ASSERT_TRUE(both.counselor->open(both.seal(side::survivor, "on time"), noon));
  const auto got = both.counselor->open(late, noon + 601);
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->duplicate);
}

TEST(session, gives_both_sides_the_resume_secrets_of_the_last_two_steps) {
  two_sides both;
  ASSERT_TRUE(both.counselor->open(both.seal(side::survivor, "1"), noon));
  EXPECT_EQ(both.counselor->resume_secret(), nullptr);
  EXPECT_TRUE(both.counselor->seal_steps());
  ASSERT_TRUE(both.survivor().open(both.seal(side::counselor, "2"), noon));
  EXPECT_EQ(both.survivor().resume_secret_before(), nullptr);
  const psk first = *both.survivor().resume_secret();
  EXPECT_TRUE(first == *both.counselor->resume_secret());

  ASSERT_TRUE(both.counselor->open(both.seal(side::survivor, "3"), noon));
  const frame on_the_way = both.seal(side::counselor, "4");
  EXPECT_TRUE(*both.survivor().resume_secret() == *both.counselor->resume_secret_before());
  ASSERT_TRUE(both.survivor().open(on_the_way, noon));
  EXPECT_TRUE(*both.survivor().resume_secret() == *both.counselor->resume_secret());
  EXPECT_TRUE(*both.survivor().resume_secret_before() == first);
}

}  // namespace
}  // namespace tomoshibi::crypto
