// The line, and who is called to whom.
#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

using testing::ElementsAre;
using wire::withdrawal;

std::optional<conversation_id> called_to(const scene& in, connection_id who) {
  const auto said = in.last<wire::assigned>(who);
  return said ? std::optional(said->conversation) : std::nullopt;
}

void busy(scene& in, connection_id who) { in.say(who, wire::duty{true, false, 2}); }

TEST(call, goes_to_the_longest_idle) {
  scene in;
  in.open_desk();
  in.on_duty(103, 3);
  busy(in, 101);
  in.ready(101);  // 102 and 103 have been free for longer
  in.enter(1, 1);
  EXPECT_EQ(called_to(in, 102), talk_of(1));
  in.enter(2, 2);
  EXPECT_EQ(called_to(in, 102), talk_of(2)) << "one chat of two, and still the longest idle";
  in.enter(3, 3);
  EXPECT_EQ(called_to(in, 103), talk_of(3));
  in.ready(103);  // said again: no later than it was
  in.enter(4, 4);
  EXPECT_EQ(called_to(in, 103), talk_of(4));
}

TEST(call, moves_who_accepts_to_the_back) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.offer(101, 1, 1);
  in.enter(2, 2);
  EXPECT_EQ(called_to(in, 102), talk_of(2));
}

TEST(call, says_the_nonce_and_how_long_it_waited) {
  scene in;
  in.open_desk();
  busy(in, 101);
  busy(in, 102);
  in.enter(1, 1);
  in.pass(90);
  in.ready(102);
  const auto said = in.last<wire::assigned>(102);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->challenge, nonce_of(1));
  EXPECT_EQ(said->why, wire::calling::first);
  EXPECT_EQ(said->waited, 90u);
}

TEST(call, is_accepted_by_an_offer_and_then_is_a_talk) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.offer(101, 1, 1);
  EXPECT_THAT(in.frames(1), ElementsAre(1));
  EXPECT_EQ(in.last<wire::stored>(101)->through, 1u);
  EXPECT_EQ(in.last<wire::peer_state>(101)->now, wire::presence::here);
  ASSERT_EQ(in.writes.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<put_conversation>(in.writes[0]));
  EXPECT_TRUE(std::holds_alternative<put_mail>(in.writes[1]));
  in.pass(wire::accept_seconds);
  EXPECT_EQ(in.count<wire::withdrawn>(101), 0u);
}

TEST(call, keeps_within_the_capacity_said_and_the_desks_own) {
  for (const byte said : {byte{0}, byte{1}, byte{2}, byte{200}}) {
    scene in;
    in.login(101, 1);
    in.login(102, 2);
    busy(in, 102);
    in.ready(101, said);
    for (unsigned n = 1; n <= 4; ++n) in.enter(n, n);
    EXPECT_EQ(in.count<wire::assigned>(101), std::min<std::size_t>(said, 2)) << int{said};
  }
}

// A phone that went out of reach for good would hold its counselor for a day.
TEST(call, comes_although_someone_who_is_long_gone_is_still_served) {
  scene in;
  in.login(101, 1);
  in.login(102, 2);
  busy(in, 102);
  in.ready(101, 1);
  in.enter(1, 1);
  in.offer(101, 1, 1);
  in.hello(1, 1, 1);
  in.enter(2, 2);
  in.hang_up(1);
  in.pass(wire::resume_grace_seconds);
  EXPECT_EQ(called_to(in, 101), talk_of(1)) << "it may come back any moment";
  in.pass(1);
  EXPECT_EQ(called_to(in, 101), talk_of(2));
  in.offer(101, 2, 1);
  in.resume(11, 1);
  in.talk(101, 1, 2);
  EXPECT_EQ(in.count<wire::resumed>(11), 1u) << "and is served when it does";
  EXPECT_THAT(in.frames(11), ElementsAre(1, 2));
}

TEST(call, not_accepted_in_45_seconds_goes_to_the_next_colleague) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.pass(wire::accept_seconds - 1);
  EXPECT_EQ(in.count<wire::withdrawn>(101), 0u);
  in.pass(1);
  EXPECT_EQ(in.last<wire::withdrawn>(101)->why, withdrawal::not_accepted);
  EXPECT_EQ(called_to(in, 102), talk_of(1));
  in.pass(wire::accept_seconds);
  EXPECT_EQ(in.count<wire::withdrawn>(102), 1u);
  EXPECT_EQ(in.count<wire::assigned>(101), 1u) << "not free until it says duty again";
  EXPECT_EQ(in.last<wire::line_state>(101)->free, 0u);
  in.ready(101);
  EXPECT_EQ(in.count<wire::assigned>(101), 2u);
}

TEST(call, comes_back_to_the_head_when_the_console_goes_or_is_not_present) {
  for (const bool goes : {true, false}) {
    scene in;
    in.open_desk();
    busy(in, 102);
    in.enter(1, 1);
    in.enter(2, 2);
    in.enter(3, 3);  // 1 and 2 are called to 101
    if (goes)
      in.hang_up(101);
    else
      in.say(101, wire::duty{false, true, 2});
    EXPECT_EQ(in.count<wire::withdrawn>(101), goes ? 0u : 2u);
    in.ready(102);
    const auto calls = in.all<wire::assigned>(102);
    ASSERT_EQ(calls.size(), 2u);
    EXPECT_EQ(calls[0].conversation, talk_of(1));
    EXPECT_EQ(calls[1].conversation, talk_of(2));
  }
}

TEST(call, may_be_declined) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.say(101, wire::leave{talk_of(1)});
  EXPECT_EQ(in.count<wire::left>(101), 1u);
  EXPECT_EQ(called_to(in, 102), talk_of(1));
  EXPECT_EQ(in.last<wire::line_state>(102)->free, 1u) << "102 can take one more, 101 not";
}

TEST(call, is_withdrawn_when_the_survivor_leaves) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.say(1, wire::leave{talk_of(1)});
  EXPECT_EQ(in.last<wire::withdrawn>(101)->why, withdrawal::survivor_left);
  EXPECT_EQ(in.count<wire::left>(1), 1u);
  EXPECT_TRUE(in.stored.empty());
  in.enter(2, 2);
  EXPECT_EQ(called_to(in, 101), talk_of(2)) << "it did nothing wrong";
}

TEST(call, answered_too_late_is_dropped_without_a_word) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.pass(wire::accept_seconds);
  in.heard.clear();
  in.offer(101, 1, 1);
  EXPECT_FALSE(in.end_of(101));
  EXPECT_TRUE(in.codes(101).empty());
  EXPECT_TRUE(in.writes.empty());
  in.offer(102, 1, 1);
  EXPECT_THAT(in.frames(1), ElementsAre(1));
}

TEST(call, is_for_the_called_colleague_alone) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.offer(102, 1, 1);
  EXPECT_EQ(in.end_of(102), wire::error::not_yours);
  EXPECT_TRUE(in.frames(1).empty());
}

TEST(call, allows_an_offer_and_nothing_more) {
  const wire::client_message others[] = {wire::talk{talk_of(1), 1, {}}, wire::taken{talk_of(1), 0},
                                         wire::ask_again{talk_of(1)}, wire::register_token{talk_of(1), hash_of(7)}};
  for (const wire::client_message& said : others) {
    scene in;
    in.open_desk();
    in.enter(1, 1);
    in.say(101, said);
    EXPECT_EQ(in.end_of(101), wire::error::out_of_phase) << said.index();
    EXPECT_EQ(called_to(in, 102), talk_of(1));
  }
}

TEST(line, is_first_come_first_served_and_ahead_never_grows) {
  scene in;
  in.open_desk();
  busy(in, 101);
  busy(in, 102);
  for (unsigned n = 1; n <= 4; ++n) in.enter(n, n);
  for (unsigned n = 1; n <= 4; ++n) EXPECT_EQ(in.last<wire::place>(n)->ahead, n - 1);
  in.say(101, wire::duty{true, true, 1});  // 1 is called, and comes back
  in.pass(wire::accept_seconds);
  in.say(2, wire::leave{talk_of(2)});
  EXPECT_EQ(in.last<wire::place>(3)->ahead, 1u);
  in.ready(102);
  EXPECT_EQ(called_to(in, 102), talk_of(3));
  in.offer(102, 1, 1);
  EXPECT_EQ(in.last<wire::place>(3)->ahead, 0u);
  EXPECT_EQ(in.last<wire::place>(4)->ahead, 1u);
  for (unsigned n = 1; n <= 4; ++n) {
    std::uint32_t least = 99;
    for (const wire::place& said : in.all<wire::place>(n)) {
      EXPECT_LT(said.ahead, least) << "told only when it shrinks";
      least = said.ahead;
    }
  }
}

TEST(line, passes_over_a_sleeping_phone_and_serves_it_first_on_waking) {
  scene in;
  in.open_desk();
  busy(in, 101);
  busy(in, 102);
  in.enter(1, 1);
  in.enter(2, 2);
  in.enter(3, 3);
  in.hang_up(1);
  in.say(101, wire::duty{true, true, 1});
  EXPECT_EQ(called_to(in, 101), talk_of(2));
  in.offer(101, 2, 1);
  in.resume(11, 1);
  EXPECT_EQ(in.last<wire::resumed>(11)->now, wire::stage::waiting);
  EXPECT_EQ(in.last<wire::place>(11)->ahead, 0u);
  in.ready(102);
  EXPECT_EQ(in.all<wire::assigned>(102)[0].conversation, talk_of(1));
}

TEST(line, keeps_the_place_of_a_phone_for_60_minutes) {
  scene in;
  in.open_desk();
  busy(in, 101);
  busy(in, 102);
  in.enter(1, 1);
  in.enter(2, 2);
  in.hang_up(1);
  in.pass(absence_seconds_max - 1);
  EXPECT_EQ(in.stored.size(), 2u);
  in.pass(1);
  EXPECT_EQ(in.stored.size(), 1u);
  EXPECT_EQ(in.last<wire::place>(2)->ahead, 0u);
  in.resume(11, 1);
  EXPECT_EQ(in.last<wire::refused>(11)->why, wire::refusal::unknown);
}

TEST(line, is_served_after_closing_as_long_as_someone_is_present) {
  scene in;
  in.open_desk();
  busy(in, 101);
  busy(in, 102);
  in.enter(1, 1);
  in.hang_up(102);
  in.pass(seconds{7} * 3600 + 60);  // 17:01
  in.pass(unattended_seconds_max);
  EXPECT_EQ(in.count<wire::refused>(1), 0u);
  in.ready(101);
  EXPECT_EQ(called_to(in, 101), talk_of(1));
}

TEST(line, is_let_go_when_the_hours_are_over_and_nobody_is_there) {
  scene in;
  in.open_desk();
  busy(in, 101);
  busy(in, 102);
  in.enter(1, 1);
  in.enter(2, 2);
  in.hang_up(2);
  in.pass(seconds{7} * 3600);  // 17:00
  in.hang_up(101);
  in.hang_up(102);
  in.tick();
  in.pass(unattended_seconds_max - 1);
  in.on_duty(103, 3);
  busy(in, 103);
  in.tick();
  in.hang_up(103);
  in.tick();
  in.pass(unattended_seconds_max - 1);
  EXPECT_EQ(in.count<wire::refused>(1), 0u);
  in.heard.clear();
  in.pass(1);
  EXPECT_THAT(in.codes(1), ElementsAre(wire::door::code, wire::refused::code));
  EXPECT_EQ(in.last<wire::door>(1)->why, wire::door_reason::outside_hours);
  EXPECT_EQ(in.last<wire::refused>(1)->why, wire::refusal::closed);
  EXPECT_TRUE(in.stored.empty());
}

TEST(line, waits_within_hours_however_long_nobody_is_there) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.hang_up(101);
  in.hang_up(102);
  for (int i = 0; i < 5; ++i) in.pass(unattended_seconds_max);
  EXPECT_EQ(in.stored.size(), 1u);
  EXPECT_EQ(in.count<wire::refused>(1), 0u);
}

TEST(line_state, is_told_to_staff_on_duty_when_it_changes) {
  scene in;
  in.open_desk();
  in.login(103, 3);
  EXPECT_EQ(in.count<wire::line_state>(103), 0u) << "not on duty";
  in.heard.clear();
  in.enter(1, 1);
  ASSERT_EQ(in.count<wire::line_state>(102), 1u);
  EXPECT_EQ(in.last<wire::line_state>(102)->waiting, 1u);
  EXPECT_EQ(in.last<wire::line_state>(102)->present, 2u);
  EXPECT_TRUE(in.last<wire::line_state>(102)->intake);
  in.pass(10);
  EXPECT_EQ(in.count<wire::line_state>(102), 1u) << "a longer wait alone is not said";
  in.enter(2, 2);
  EXPECT_EQ(in.last<wire::line_state>(102)->longest_wait, 10u);
}

}  // namespace
}  // namespace tomoshibi::desk
