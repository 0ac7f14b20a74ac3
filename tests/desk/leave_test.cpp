// Every conversation ends and is erased.
#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

using testing::ElementsAre;
using wire::presence;
using wire::stage;

TEST(leave, of_both_erases_everything) {
  for (const bool survivor_first : {true, false}) {
    scene in;
    in.begin_talk();
    const connection_id first = survivor_first ? 1 : 101, second = survivor_first ? 101 : 1;
    in.say(first, wire::leave{talk_of(1)});
    EXPECT_THAT(in.codes(first), ElementsAre(wire::left::code));
    EXPECT_EQ(in.last<wire::peer_state>(second)->now, presence::left);
    EXPECT_EQ(in.stored.size(), 1u);
    in.say(second, wire::leave{talk_of(1)});
    EXPECT_EQ(in.count<wire::left>(second), 1u);
    EXPECT_TRUE(in.stored.empty());
  }
}

TEST(leave, erases_the_mail_of_who_left_and_keeps_that_of_who_stays) {
  scene in;
  in.begin_talk();
  in.talk(1, 1, 2);  // the goodbye
  in.talk(101, 1, 2);
  in.say(1, wire::leave{talk_of(1)});
  ASSERT_EQ(in.stored.at(talk_of(1)).mail.size(), 2u);
  for (const auto& [at, value] : in.stored.at(talk_of(1)).mail) EXPECT_EQ(at.first, side::counselor);
  in.restart();
  in.login(111, 1);
  EXPECT_EQ(in.last<wire::resumed>(111)->now, stage::peer_gone);
  EXPECT_EQ(in.last<wire::resumed>(111)->stored, 2u);
  EXPECT_EQ(in.last<wire::peer_state>(111)->now, presence::left);
  EXPECT_THAT(in.frames(111), ElementsAre(1, 2));
}

TEST(leave, of_the_survivor_takes_all_ways_back) {
  scene in;
  in.begin_talk();
  in.say(1, wire::leave{talk_of(1)});
  in.resume(11, 1);
  EXPECT_EQ(in.last<wire::refused>(11)->why, wire::refusal::unknown);
  in.say(101, wire::register_token{talk_of(1), hash_of(5)});
  in.resume_with(12, 1, token_of(5));
  EXPECT_EQ(in.last<wire::refused>(12)->why, wire::refusal::unknown);
  in.enter(13, 1);
  EXPECT_EQ(in.last<wire::refused>(13)->why, wire::refusal::unknown);
}

TEST(leave, of_the_counselor_is_seen_on_coming_back) {
  scene in;
  in.begin_talk();
  in.hang_up(1);
  in.say(101, wire::leave{talk_of(1)});
  in.resume(11, 1);
  EXPECT_THAT(in.codes(11), ElementsAre(wire::resumed::code, wire::peer_state::code, wire::offer::code));
  EXPECT_EQ(in.last<wire::resumed>(11)->now, stage::peer_gone);
}

TEST(leave, makes_what_is_still_said_to_nobody_be_dropped) {
  scene in;
  in.begin_talk();
  in.say(1, wire::leave{talk_of(1)});
  in.heard.clear();
  in.talk(101, 1, 2);
  in.offer(101, 1, 3);
  in.say(101, wire::ask_again{talk_of(1)});
  EXPECT_TRUE(in.codes(101).empty());
  EXPECT_FALSE(in.end_of(101));
  in.talk(1, 1, 2);  // on its way when it left
  in.say(1, wire::taken{talk_of(1), 1});
  in.say(1, wire::new_nonce{talk_of(1), nonce_of(9)});
  EXPECT_TRUE(in.codes(1).empty());
  EXPECT_FALSE(in.end_of(1));
  in.say(1, wire::leave{talk_of(1)});
  EXPECT_THAT(in.codes(1), ElementsAre(wire::left::code)) << "the answer was lost";
}

TEST(leave, frees_the_connection_for_another_conversation_and_the_counselor_for_another_chat) {
  scene in;
  in.begin_talk();
  in.say(102, wire::duty{true, false, 2});
  in.say(101, wire::duty{true, true, 1});
  in.say(1, wire::leave{talk_of(1)});
  in.enter(1, 2);
  EXPECT_EQ(in.last<wire::place>(1)->conversation, talk_of(2));
  EXPECT_EQ(in.count<wire::assigned>(101), 0u) << "not before the console is done too";
  in.say(101, wire::leave{talk_of(1)});
  EXPECT_EQ(in.last<wire::assigned>(101)->conversation, talk_of(2));
}

TEST(leave, of_the_counselor_alone_makes_room_for_another_chat) {
  scene in;
  in.begin_talk();
  in.say(102, wire::duty{true, false, 2});
  in.say(101, wire::duty{true, true, 1});
  in.enter(2, 2);
  EXPECT_EQ(in.count<wire::assigned>(101), 0u);
  in.say(101, wire::leave{talk_of(1)});
  EXPECT_EQ(in.last<wire::assigned>(101)->conversation, talk_of(2));
  in.heard.clear();
  in.talk(101, 1, 2);  // on its way
  EXPECT_TRUE(in.codes(101).empty());
  in.login(111, 1);
  EXPECT_EQ(in.count<wire::resumed>(111), 0u) << "it is done with it";
}

TEST(leave, of_one_is_the_end_after_15_minutes) {
  for (const bool survivor_leaves : {true, false}) {
    scene in;
    in.begin_talk();
    const connection_id first = survivor_leaves ? 1 : 101, second = survivor_leaves ? 101 : 1;
    in.say(first, wire::leave{talk_of(1)});
    in.pass(wire::leave_grace_seconds - 1);
    in.restart();
    in.resume(1, 1);
    in.login(101, 1);
    in.heard.clear();
    in.tick();
    EXPECT_EQ(in.stored.size(), 1u);
    in.pass(1);
    EXPECT_TRUE(in.stored.empty());
    EXPECT_EQ(in.count<wire::left>(second), 1u);
    EXPECT_EQ(in.count<wire::left>(first), 0u);
    in.talk(second, 1, 2);  // on its way
    EXPECT_FALSE(in.end_of(second));
  }
}

TEST(life, of_a_conversation_is_24_hours) {
  scene in;
  in.begin_talk();
  in.enter(2, 2);  // called
  for (const connection_id who : {101u, 102u}) in.say(who, wire::duty{true, false, 2});
  in.pass(life_seconds_max - 1);
  EXPECT_TRUE(in.stored.contains(talk_of(1)));
  in.pass(1);
  EXPECT_TRUE(in.stored.empty());
  for (const connection_id who : {1u, 2u, 101u}) EXPECT_EQ(in.count<wire::left>(who), 1u) << who;
}

TEST(life, is_no_longer_for_what_was_entered_while_the_clock_was_years_ahead) {
  scene in;
  in.now += 10 * 365 * 86400;
  in.begin_talk();
  in.now -= 10 * 365 * 86400;
  for (seconds second = 0; second < life_seconds_max; ++second) in.tick();
  EXPECT_EQ(in.stored.size(), 1u);
  in.tick();
  EXPECT_TRUE(in.stored.empty());
}

TEST(life, is_not_shortened_by_a_clock_that_is_set_back) {
  scene in;
  in.begin_talk();
  in.now -= 3 * 3600;
  in.tick();
  EXPECT_EQ(in.stored.size(), 1u);
  in.talk(1, 1, 2);
  EXPECT_THAT(in.frames(101), ElementsAre(2));
}

}  // namespace
}  // namespace tomoshibi::desk
