// Who may enter, and what is said about it.
#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

using testing::ElementsAre;
using wire::door_reason;
using wire::refusal;

constexpr connection_id watcher = 50;

wire::door door_seen(scene& in, const desk_id& desk = scene::centre_desk) {
  in.say(watcher, wire::watch{desk});
  return in.last<wire::door>(watcher).value_or(wire::door{});
}

TEST(door, follows_hours_duty_and_line) {
  struct {
    const char* what;
    seconds of_day;
    unsigned present, waiting;
    door_reason why;
    seconds until, next;
  } const cases[] = {
      {"before opening", 8 * 3600, 2, 0, door_reason::outside_hours, 9 * 3600, 9 * 3600},
      {"last second before", 9 * 3600 - 1, 2, 0, door_reason::outside_hours, 9 * 3600, 9 * 3600},
      {"opening", 9 * 3600, 2, 0, door_reason::open, 60'000, 33 * 3600},
      {"nobody", 10 * 3600, 0, 0, door_reason::too_few_on_duty, 60'000, 33 * 3600},
      {"one present", 10 * 3600, 1, 0, door_reason::too_few_on_duty, 60'000, 33 * 3600},
      {"line one short of full", 10 * 3600, 2, 3, door_reason::open, 60'000, 33 * 3600},
      {"line full", 10 * 3600, 2, 4, door_reason::line_full, 60'000, 33 * 3600},
      {"too few and full", 10 * 3600, 1, 4, door_reason::too_few_on_duty, 60'000, 33 * 3600},
      {"last second of intake", 59'999, 2, 0, door_reason::open, 60'000, 33 * 3600},
      {"past intake", 60'000, 2, 0, door_reason::past_last_intake, 17 * 3600, 33 * 3600},
      {"past intake, nobody", 60'000, 0, 0, door_reason::past_last_intake, 17 * 3600, 33 * 3600},
      {"closing", 17 * 3600, 2, 0, door_reason::outside_hours, 33 * 3600, 33 * 3600},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    scene in;
    for (unsigned n = 1; n <= 2; ++n) {
      in.login(100 + n, n);
      in.say(100 + n, wire::duty{true, false, 2});
    }
    for (unsigned n = 1; n <= one.waiting; ++n) in.enter(n, n);
    for (unsigned n = one.present + 1; n <= 2; ++n) in.hang_up(100 + n);
    const seconds midnight = in.now / 86400 * 86400;
    in.now = midnight + one.of_day;
    const wire::door seen = door_seen(in);
    EXPECT_EQ(seen.why, one.why);
    EXPECT_EQ(seen.intake, one.why == door_reason::open);
    EXPECT_EQ(seen.until, midnight + one.until);
    EXPECT_EQ(seen.next, midnight + one.next);
    EXPECT_EQ(seen.waiting, one.waiting);
    in.heard.clear();
    in.enter(60, 99);
    if (seen.intake) {
      EXPECT_EQ(in.codes(60), (std::vector<int>{wire::place::code}));
    } else {
      ASSERT_EQ(in.codes(60), (std::vector<int>{wire::door::code, wire::refused::code}));
      EXPECT_EQ(in.last<wire::door>(60)->why, one.why);
      EXPECT_EQ(in.last<wire::refused>(60)->why, refusal::closed);
      EXPECT_TRUE(in.writes.empty());
    }
  }
}

TEST(door, counts_only_who_is_connected_logged_in_and_present) {
  scene in;
  in.login(101, 1);
  in.on_duty(102, 2);
  EXPECT_EQ(door_seen(in).why, door_reason::too_few_on_duty);
  in.say(101, wire::duty{false, true, 2});
  EXPECT_EQ(door_seen(in).why, door_reason::too_few_on_duty);
  in.say(101, wire::duty{true, false, 0});
  EXPECT_EQ(door_seen(in).why, door_reason::open);
}

TEST(door, is_told_to_watchers_when_it_changes_and_only_then) {
  scene in;
  in.open_desk();
  door_seen(in);
  in.heard.clear();
  in.pass(1);
  in.talk(watcher, 0, 0);  // not part of anything: closed, and told nothing more
  EXPECT_EQ(in.end_of(watcher), wire::error::not_yours);
  in.say(51, wire::watch{scene::centre_desk});
  EXPECT_EQ(in.count<wire::door>(51), 1u);
  in.pass(1);
  EXPECT_EQ(in.count<wire::door>(51), 1u);
  in.hang_up(101);
  in.pass(1);
  ASSERT_EQ(in.count<wire::door>(51), 2u);
  EXPECT_EQ(in.last<wire::door>(51)->why, door_reason::too_few_on_duty);
  in.on_duty(103, 1);
  in.pass(1);
  EXPECT_EQ(in.last<wire::door>(51)->why, door_reason::open);
  in.pass(seconds{7} * 3600);
  EXPECT_EQ(in.last<wire::door>(51)->why, door_reason::outside_hours);
  EXPECT_EQ(in.count<wire::door>(51), 4u);
  EXPECT_EQ(in.count<wire::door>(watcher), 0u);
}

TEST(door, is_watched_one_at_a_time) {
  scene in;
  in.open_desk();
  in.say(watcher, wire::watch{scene::centre_desk});
  in.say(watcher, wire::watch{scene::drill_desk});
  in.heard.clear();
  in.hang_up(101);
  in.pass(1);
  EXPECT_EQ(in.count<wire::door>(watcher), 0u);
}

TEST(door, that_pages_may_not_enter_is_like_one_that_is_not_there) {
  scene in;
  for (const desk_id& desk : {scene::hidden_desk, named<16>(77)}) {
    in.say(watcher, wire::watch{desk});
    EXPECT_EQ(in.last<wire::refused>(watcher)->why, refusal::no_such_desk);
    EXPECT_EQ(in.last<wire::refused>(watcher)->conversation, conversation_id{});
    in.enter(1, 1, desk);
    EXPECT_EQ(in.last<wire::refused>(1)->why, refusal::no_such_desk);
  }
  EXPECT_EQ(in.count<wire::door>(watcher), 0u);
  EXPECT_TRUE(in.stored.empty());
}

TEST(door, closing_by_duty_leaves_chats_and_the_line_alone) {
  scene in;
  in.begin_talk();
  in.say(101, wire::duty{true, false, 2});
  in.say(102, wire::duty{true, false, 2});
  in.enter(2, 2);
  in.hang_up(102);
  in.talk(1, 1, 2);
  EXPECT_EQ(in.frames(101), (std::vector<frame_number>{2}));
  in.ready(101);
  EXPECT_EQ(in.last<wire::assigned>(101)->conversation, talk_of(2));
}

TEST(door, is_not_closed_by_places_that_nobody_waits_in) {
  scene in;
  for (const unsigned n : {1u, 2u}) {
    in.login(100 + n, n);
    in.say(100 + n, wire::duty{true, false, 2});
  }
  for (unsigned n = 1; n <= 4; ++n) {
    in.enter(n, n);
    in.hang_up(n);
  }
  EXPECT_EQ(door_seen(in).why, door_reason::line_full) << "a phone may lose its network for a moment";
  in.pass(attended_seconds_max - 1);
  EXPECT_EQ(door_seen(in).why, door_reason::line_full);
  in.pass(1);
  EXPECT_EQ(door_seen(in).why, door_reason::open);
  EXPECT_EQ(door_seen(in).waiting, 0u);
  in.enter(5, 5);
  EXPECT_EQ(in.last<wire::place>(5)->ahead, 4u) << "they keep their places";
  in.resume(11, 1);
  EXPECT_EQ(in.last<wire::place>(11)->ahead, 0u);
  EXPECT_EQ(door_seen(in).waiting, 2u);
}

TEST(door, lets_the_longest_absent_go_when_too_many_are) {
  scene in;
  for (const unsigned n : {1u, 2u}) {
    in.login(100 + n, n);
    in.say(100 + n, wire::duty{true, false, 2});
  }
  in.enter(1, 1);  // stays
  const unsigned bound = 4 * places_by_line_max;
  for (unsigned n = 2; n <= bound + 3; ++n) {
    in.enter(n, n);
    in.hang_up(n);
    if (n % 3 == 1) in.pass(attended_seconds_max);
  }
  EXPECT_EQ(in.stored.size(), bound);
  EXPECT_FALSE(in.stored.contains(talk_of(4)));
  EXPECT_TRUE(in.stored.contains(talk_of(1)));
  EXPECT_TRUE(in.stored.contains(talk_of(5)));
}

TEST(door, is_told_no_more_than_so_often_but_at_once_to_who_asks) {
  scene in;
  in.open_desk();
  in.say(101, wire::duty{true, false, 2});
  in.say(102, wire::duty{true, false, 2});
  in.say(51, wire::watch{scene::centre_desk});
  in.heard.clear();
  for (unsigned n = 1; n <= 100; ++n) {
    in.enter(n, n);
    if (n < 100) in.say(n, wire::leave{talk_of(n)});
  }
  EXPECT_EQ(in.count<wire::door>(51), door_news.at_once);
  in.say(52, wire::watch{scene::centre_desk});
  EXPECT_EQ(in.last<wire::door>(52)->waiting, 1u);
  EXPECT_EQ(in.count<wire::door>(51), door_news.at_once) << "only who asks is answered";
  in.pass(door_news.pause);
  EXPECT_EQ(in.last<wire::door>(51)->waiting, 1u);
  EXPECT_EQ(in.count<wire::door>(51), door_news.at_once + 1);
  EXPECT_EQ(in.count<wire::door>(52), 1u) << "nothing new";
}

TEST(door, is_given_to_who_asks_for_the_page) {
  scene in;
  in.open_desk();
  const auto seen = in.at.door_of(scene::centre_desk, in.now);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->intake);
  EXPECT_FALSE(in.at.door_of(named<16>(77), in.now));
}

TEST(entering, again_is_the_same_place) {
  scene in;
  in.open_desk();
  in.say(101, wire::duty{true, false, 2});
  in.say(102, wire::duty{true, false, 2});
  in.enter(1, 1);
  in.enter(2, 2);
  const rows before = in.stored;
  in.enter(2, 2);  // the answer was lost
  in.hang_up(2);
  in.enter(3, 2);  // with its connection
  EXPECT_EQ(in.count<wire::place>(2), 2u);
  EXPECT_EQ(in.last<wire::place>(3)->ahead, 1u);
  EXPECT_EQ(in.stored, before);
}

TEST(entering, a_known_conversation_with_anything_else_is_refused_alike) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  const wire::enter first{scene::centre_desk, talk_of(1), nonce_of(1), hash_of(1), {}};
  wire::enter other_token = first, other_nonce = first, other_desk = first;
  other_token.token_hash = hash_of(9);
  other_nonce.challenge = nonce_of(9);
  other_desk.desk = scene::drill_desk;
  const rows before = in.stored;
  for (const wire::enter& said : {other_token, other_nonce, other_desk}) {
    in.enter(2, said);
    EXPECT_EQ(in.codes(2), (std::vector<int>{wire::refused::code}));
    EXPECT_EQ(in.last<wire::refused>(2)->why, refusal::unknown);
    EXPECT_EQ(in.at.phase_of(2), phase::fresh);
    in.heard.clear();
  }
  EXPECT_EQ(in.stored, before);
  EXPECT_FALSE(in.end_of(1));
}

TEST(entering, twice_with_one_connection_is_out_of_phase) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.enter(1, 2);
  EXPECT_EQ(in.end_of(1), wire::error::out_of_phase);
  EXPECT_EQ(in.stored.size(), 1u);
}

TEST(drill, needs_a_ticket_and_nothing_else) {
  scene in;
  in.now = scene::morning - 6 * 3600;  // at night, with nobody
  in.enter(1, 1, scene::drill_desk);
  EXPECT_EQ(in.last<wire::refused>(1)->why, refusal::bad_ticket);
  EXPECT_EQ(in.end_of(1), wire::error::login_refused) << "the next guess costs a connection";
  in.enter(2, 1, scene::drill_desk, true);
  EXPECT_EQ(in.last<wire::place>(2)->ahead, 0u);
  in.on_duty(101, 1, scene::drill_desk);
  EXPECT_EQ(in.last<wire::assigned>(101)->conversation, talk_of(1));
}

TEST(drill, ticket_leads_nowhere_else) {
  scene in;
  in.open_desk();
  in.enter(1, 1, scene::centre_desk, true);
  EXPECT_EQ(in.last<wire::refused>(1)->why, refusal::bad_ticket);
  EXPECT_TRUE(in.stored.empty());
}

TEST(drill, counts_for_nothing_at_another_desk) {
  scene in;
  in.on_duty(201, 21, scene::drill_desk);
  in.on_duty(202, 22, scene::drill_desk);
  EXPECT_EQ(door_seen(in).why, door_reason::too_few_on_duty);
  in.open_desk();
  for (unsigned n = 30; n < 36; ++n) in.enter(n, n, scene::drill_desk, true);
  const wire::door seen = door_seen(in);
  EXPECT_EQ(seen.why, door_reason::open);
  EXPECT_EQ(seen.waiting, 0u);
  EXPECT_EQ(in.last<wire::line_state>(101)->present, 2u);
  EXPECT_EQ(in.last<wire::line_state>(101)->waiting, 0u);
  in.enter(1, 1);
  EXPECT_EQ(in.last<wire::place>(1)->ahead, 0u);
  EXPECT_EQ(in.last<wire::assigned>(101)->conversation, talk_of(1));
  EXPECT_EQ(in.at.door_of(scene::centre_desk, in.now)->waiting, 1u);
  EXPECT_EQ(in.at.door_of(scene::drill_desk, in.now)->waiting, 6u) << "called, and not accepted yet";
}

}  // namespace
}  // namespace tomoshibi::desk
