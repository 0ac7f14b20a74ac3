// Coming back, with or without memory, on either side.
#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

using testing::ElementsAre;
using wire::calling;
using wire::error;
using wire::presence;
using wire::stage;

TEST(resume, gives_the_standing_the_peer_and_the_mail) {
  scene in;
  in.begin_talk();
  in.talk(1, 1, 2);
  in.hang_up(1);
  EXPECT_EQ(in.last<wire::peer_state>(101)->now, presence::away);
  in.talk(101, 1, 2);
  in.resume(11, 1);
  EXPECT_THAT(in.codes(11),
              ElementsAre(wire::resumed::code, wire::peer_state::code, wire::offer::code, wire::talk::code));
  EXPECT_EQ(in.last<wire::resumed>(11)->now, stage::talking);
  EXPECT_EQ(in.last<wire::resumed>(11)->stored, 2u);
  EXPECT_EQ(in.last<wire::peer_state>(11)->now, presence::here);
  EXPECT_EQ(in.last<wire::peer_state>(101)->now, presence::here);
}

TEST(resume, of_staff_gives_each_conversation_and_then_the_mail) {
  scene in;
  in.begin_talk();
  in.say(102, wire::duty{true, false, 2});
  in.enter(2, 2);
  in.offer(101, 2, 1);
  in.hang_up(101);
  EXPECT_EQ(in.last<wire::peer_state>(1)->now, presence::away);
  in.login(111, 1);
  EXPECT_THAT(in.codes(111), ElementsAre(wire::logged_in::code, wire::resumed::code, wire::peer_state::code,
                                         wire::resumed::code, wire::peer_state::code, wire::hello::code));
  EXPECT_EQ(in.all<wire::resumed>(111)[0].conversation, talk_of(1));
  EXPECT_EQ(in.all<wire::resumed>(111)[1].stored, 1u);
  EXPECT_EQ(in.last<wire::logged_in>(111)->capacity_max, 2);
  EXPECT_EQ(in.last<wire::peer_state>(1)->now, presence::here);
  EXPECT_EQ(in.last<wire::peer_state>(2)->now, presence::here);
}

TEST(resume, with_a_wrong_token_is_like_one_of_nothing) {
  scene in;
  in.begin_talk();
  in.resume_with(11, 1, token_of(2));
  in.resume_with(12, 7, token_of(1));
  EXPECT_THAT(in.codes(11), ElementsAre(wire::refused::code));
  EXPECT_THAT(in.codes(12), ElementsAre(wire::refused::code));
  EXPECT_EQ(in.last<wire::refused>(11)->why, wire::refusal::unknown);
  EXPECT_EQ(in.last<wire::refused>(12)->why, wire::refusal::unknown);
  EXPECT_EQ(in.at.phase_of(11), phase::fresh);
  EXPECT_FALSE(in.end_of(1));
}

TEST(resume, takes_each_of_the_last_tokens_and_none_before) {
  scene in;
  in.begin_talk();
  for (unsigned n = 2; n <= wire::tokens_max; ++n) {
    in.say(1, wire::register_token{talk_of(1), hash_of(n)});
    in.say(101, wire::register_token{talk_of(1), hash_of(n)});  // both sides do
  }
  for (unsigned n = 1; n <= wire::tokens_max; ++n) {
    in.resume_with(20 + n, 1, token_of(n));
    EXPECT_EQ(in.count<wire::resumed>(20 + n), 1u) << n;
  }
  in.say(101, wire::register_token{talk_of(1), hash_of(wire::tokens_max + 1)});
  in.resume_with(41, 1, token_of(1));
  EXPECT_EQ(in.count<wire::refused>(41), 1u) << "the oldest went";
  for (unsigned n = 2; n <= wire::tokens_max + 1; ++n) {
    in.resume_with(50 + n, 1, token_of(n));
    EXPECT_EQ(in.count<wire::resumed>(50 + n), 1u) << n;
  }
}

TEST(resume, needs_the_token_and_not_its_hash) {
  scene in;
  in.begin_talk();
  in.resume_with(11, 1, hash_of(1));
  EXPECT_EQ(in.count<wire::refused>(11), 1u);
}

TEST(resume, takes_over_from_the_first_connection) {
  scene in;
  in.begin_talk();
  in.resume(11, 1);
  EXPECT_EQ(in.end_of(1), error::taken_over);
  EXPECT_EQ(in.count<wire::peer_state>(101), 0u) << "the survivor was there all the time";
  in.talk(101, 1, 2);
  EXPECT_THAT(in.frames(11), ElementsAre(1, 2));
  in.hang_up(1);  // the news that it is closed comes late
  in.talk(101, 1, 3);
  EXPECT_THAT(in.frames(11), ElementsAre(1, 2, 3));
}

TEST(resume, of_staff_takes_over_and_says_duty_anew) {
  scene in;
  in.begin_talk();
  in.enter(2, 2);  // called to 102
  in.login(112, 2);
  EXPECT_EQ(in.end_of(102), error::taken_over);
  EXPECT_EQ(in.last<wire::assigned>(101)->conversation, talk_of(2));
  in.login(111, 1);
  EXPECT_EQ(in.end_of(101), error::taken_over);
  EXPECT_THAT(in.frames(111), ElementsAre(1));
  in.hang_up(101);
  in.talk(1, 1, 2);
  EXPECT_THAT(in.frames(111), ElementsAre(1, 2));
}

TEST(resume, of_a_second_conversation_is_out_of_phase) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.enter(2, 2);
  in.resume(1, 2);
  EXPECT_EQ(in.end_of(1), error::out_of_phase);
  EXPECT_FALSE(in.end_of(2));
}

TEST(lost_memory, in_the_line_keeps_the_place_with_a_new_nonce) {
  scene in;
  in.enter(9, 9);
  in.open_desk();
  for (const connection_id who : {101u, 102u}) in.say(who, wire::duty{true, false, 2});
  in.enter(1, 1);
  in.enter(2, 2);
  in.hang_up(2);
  in.resume(12, 2, false, 22);
  EXPECT_THAT(in.codes(12), ElementsAre(wire::resumed::code, wire::place::code));
  EXPECT_EQ(in.last<wire::place>(12)->ahead, 1u);
  in.restart();
  in.resume(21, 1);
  in.resume(22, 2);
  in.on_duty(103, 3);
  EXPECT_EQ(in.all<wire::assigned>(103)[1].challenge, nonce_of(22));
}

TEST(lost_memory, while_called_tells_the_console_the_new_nonce) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.resume(11, 1, false, 22);
  EXPECT_EQ(in.last<wire::resumed>(11)->now, stage::called);
  const auto calls = in.all<wire::assigned>(101);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[1].challenge, nonce_of(22));
  EXPECT_EQ(calls[1].why, calling::first);
  in.offer(101, 1, 1);
  EXPECT_THAT(in.frames(11), ElementsAre(1));
}

TEST(lost_memory, of_the_survivor_asks_the_counselor_for_an_offer) {
  scene in;
  in.begin_talk();
  in.resume(11, 1, false, 22);
  ASSERT_TRUE(in.last<wire::assigned>(101));
  EXPECT_EQ(in.last<wire::assigned>(101)->why, calling::survivor_back);
  EXPECT_EQ(in.last<wire::assigned>(101)->challenge, nonce_of(22));
  EXPECT_EQ(in.last<wire::resumed>(11)->stored, 1u) << "its numbers go on";
  in.resume(12, 1, false, 22);  // the answer was lost
  EXPECT_EQ(in.count<wire::assigned>(101), 1u);
  in.offer(101, 1, 2);
  in.hello(12, 1, 2);
  EXPECT_THAT(in.frames(12), ElementsAre(2));
  EXPECT_THAT(in.frames(101), ElementsAre(2));
}

TEST(lost_memory, of_the_survivor_is_told_to_a_counselor_who_was_away_until_it_is_answered) {
  scene in;
  in.begin_talk();
  in.hang_up(101);
  in.resume(11, 1, false, 22);
  in.restart();
  in.resume(11, 1);
  in.login(111, 1);
  EXPECT_THAT(in.codes(111), ElementsAre(wire::logged_in::code, wire::resumed::code, wire::assigned::code,
                                         wire::peer_state::code, wire::hello::code));
  EXPECT_EQ(in.last<wire::assigned>(111)->challenge, nonce_of(22));
  in.login(112, 1);
  EXPECT_EQ(in.count<wire::assigned>(112), 1u) << "still wanted";
  in.offer(112, 1, 2);
  in.login(113, 1);
  EXPECT_EQ(in.count<wire::assigned>(113), 1u) << "the offer may have been for an earlier nonce";
  in.hello(11, 1, 2);
  in.login(114, 1);
  EXPECT_EQ(in.count<wire::assigned>(114), 0u);
}

// The OFFER is for the nonce before, and the console is gone before it could give another.
TEST(lost_memory, while_called_that_crosses_the_offer_is_asked_for_again) {
  for (const bool server_too : {false, true}) {
    scene in;
    in.open_desk();
    in.enter(1, 1);
    in.resume(11, 1, false, 22);
    in.offer(101, 1, 1);
    if (server_too) in.restart();
    in.login(111, 1);
    ASSERT_TRUE(in.last<wire::assigned>(111));
    EXPECT_EQ(in.last<wire::assigned>(111)->challenge, nonce_of(22));
    EXPECT_EQ(in.last<wire::assigned>(111)->why, calling::survivor_back);
  }
}

TEST(lost_memory, of_the_console_asks_the_survivor_for_a_nonce) {
  scene in;
  in.begin_talk();
  in.say(101, wire::ask_again{talk_of(1)});
  EXPECT_EQ(in.count<wire::nonce_wanted>(1), 1u);
  in.say(101, wire::ask_again{talk_of(1)});
  EXPECT_EQ(in.count<wire::nonce_wanted>(1), 1u) << "it was told";
  in.say(1, wire::new_nonce{talk_of(1), nonce_of(33)});
  EXPECT_EQ(in.last<wire::assigned>(101)->why, calling::asked);
  EXPECT_EQ(in.last<wire::assigned>(101)->challenge, nonce_of(33));
  in.say(101, wire::ask_again{talk_of(1)});
  EXPECT_EQ(in.count<wire::nonce_wanted>(1), 2u);
}

TEST(lost_memory, of_the_console_reaches_a_survivor_who_was_away) {
  scene in;
  in.begin_talk();
  in.hang_up(1);
  in.say(101, wire::ask_again{talk_of(1)});
  in.restart();
  in.resume(11, 1);
  EXPECT_EQ(in.count<wire::nonce_wanted>(11), 1u);
  in.say(11, wire::new_nonce{talk_of(1), nonce_of(33)});
  in.login(111, 1);
  EXPECT_EQ(in.last<wire::assigned>(111)->why, calling::asked);
  in.resume(12, 1);
  EXPECT_EQ(in.count<wire::nonce_wanted>(12), 0u);
}

TEST(lost_memory, in_a_talk_is_taken_back_for_15_minutes) {
  for (const seconds away : {wire::resume_grace_seconds, wire::resume_grace_seconds + 1}) {
    scene in;
    in.begin_talk();
    in.hang_up(1);
    in.pass(away);
    in.resume(11, 1, false, 22);
    const bool in_time = away == wire::resume_grace_seconds;
    EXPECT_EQ(in.count<wire::resumed>(11), in_time ? 1u : 0u);
    EXPECT_EQ(in.count<wire::refused>(11), in_time ? 0u : 1u);
    EXPECT_EQ(in.count<wire::assigned>(101), in_time ? 1u : 0u);
    in.resume(12, 1);
    EXPECT_EQ(in.count<wire::resumed>(12), 1u) << "with its memory it may come later";
  }
}

TEST(lost_memory, in_the_line_may_come_back_later_than_that) {
  scene in;
  in.open_desk();
  for (const connection_id who : {101u, 102u}) in.say(who, wire::duty{true, false, 2});
  in.enter(1, 1);
  in.hang_up(1);
  in.pass(wire::resume_grace_seconds + 1);
  in.resume(11, 1, false, 22);
  EXPECT_EQ(in.last<wire::place>(11)->ahead, 0u);
}

TEST(lost_memory, of_both_is_answered_by_the_survivors_new_nonce) {
  scene in;
  in.begin_talk();
  in.hang_up(1);
  in.say(101, wire::ask_again{talk_of(1)});
  in.resume(11, 1, false, 22);
  EXPECT_EQ(in.count<wire::nonce_wanted>(11), 0u);
  EXPECT_EQ(in.last<wire::assigned>(101)->challenge, nonce_of(22));
}

TEST(lost_memory, a_nonce_nobody_asked_for_is_out_of_phase) {
  scene in;
  in.begin_talk();
  in.say(1, wire::new_nonce{talk_of(1), nonce_of(33)});
  EXPECT_EQ(in.end_of(1), error::out_of_phase);
}

// --- a survivor who means harm ---

// Consoles of real counselors answer every call for an OFFER at once.
std::size_t answer_calls(scene& in, connection_id console, unsigned n, frame_number& number) {
  const std::size_t calls = in.count<wire::assigned>(console);
  in.heard[console].clear();
  for (std::size_t i = 0; i < calls; ++i) in.offer(console, n, ++number);
  return calls;
}

TEST(nonces, however_many_leave_the_counselor_and_everyone_else_alone) {
  for (const seconds pause : {seconds{0}, wire::nonce_pause_seconds}) {
    SCOPED_TRACE(pause);
    scene in;
    in.begin_talk();
    in.enter(2, 2);
    in.offer(102, 2, 1);
    in.hello(2, 2, 1);
    frame_number offers = 1, talks = 1;
    std::size_t answered = 0;
    for (unsigned i = 1; i <= 600; ++i) {
      in.resume(1000 + i, 1, false, 1000 + i);  // and never `taken`
      answered += answer_calls(in, 101, 1, offers);
      if (i % 10 == 0) in.talk(2, 2, ++talks);
      in.say(102, wire::taken{talk_of(2), talks});
      in.pass(pause);
    }
    EXPECT_FALSE(in.end_of(101));
    EXPECT_FALSE(in.end_of(102));
    EXPECT_EQ(in.frames(102).size(), 61u) << "served as ever";
    EXPECT_LE(in.stored.at(talk_of(1)).mail.size(), 2u) << "what nobody can read is erased";
    EXPECT_EQ(answered, pause == 0 ? wire::nonces_at_once : 600u);
    EXPECT_EQ(in.end_of(1600), pause == 0 ? std::optional(error::too_fast) : std::nullopt);
  }
}

TEST(nonces, that_were_asked_for_are_counted_too) {
  scene in;
  in.begin_talk();
  for (unsigned i = 1; i <= wire::nonces_at_once + 1; ++i) {
    EXPECT_FALSE(in.end_of(1)) << i;
    in.say(101, wire::ask_again{talk_of(1)});
    in.say(1, wire::new_nonce{talk_of(1), nonce_of(1000 + i)});
  }
  EXPECT_EQ(in.end_of(1), error::too_fast);
  EXPECT_EQ(in.count<wire::assigned>(101), wire::nonces_at_once);
  in.pass(wire::nonce_pause_seconds);
  in.resume(11, 1);
  in.say(11, wire::new_nonce{talk_of(1), nonce_of(2000)});
  EXPECT_EQ(in.last<wire::assigned>(101)->challenge, nonce_of(2000));
}

TEST(nonces, are_taken_again_soon_after_the_clock_was_set_back) {
  scene in;
  in.begin_talk();
  for (unsigned i = 1; i <= wire::nonces_at_once; ++i) in.resume(10 + i, 1, false, 1000 + i);
  in.now -= 3600;
  in.resume(30, 1, false, 2000);
  EXPECT_EQ(in.end_of(30), error::too_fast);
  in.pass(wire::nonce_pause_seconds);
  in.resume(31, 1, false, 2001);
  EXPECT_EQ(in.count<wire::resumed>(31), 1u);
}

TEST(lost_memory, of_the_survivor_erases_what_it_cannot_read) {
  scene in;
  in.begin_talk();
  in.talk(101, 1, 2);
  in.hang_up(1);
  in.resume(11, 1, false, 22);
  EXPECT_TRUE(in.frames(11).empty());
  in.restart();
  in.login(101, 1);
  in.resume(12, 1);
  EXPECT_TRUE(in.frames(12).empty());
  in.offer(101, 1, 3);
  EXPECT_THAT(in.frames(12), ElementsAre(3)) << "its numbers go on";
}

}  // namespace
}  // namespace tomoshibi::desk
