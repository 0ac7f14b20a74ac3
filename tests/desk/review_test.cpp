// Staff whose certificates are not good any more: who is dismissed has left everything at once, who is out of time
// finishes.
#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

using testing::IsEmpty;
using wire::error;
using wire::presence;

const auto all_good = [](const staff_id&) { return staff_standing::good; };
auto only(unsigned n, staff_standing is) {
  return [=](const staff_id& id) { return id == staff(n) ? is : staff_standing::good; };
}

TEST(review, of_staff_who_are_all_good_changes_nothing) {
  scene in;
  in.begin_talk();
  const rows before = in.stored;
  in.review(all_good);
  EXPECT_EQ(in.stored, before);
  EXPECT_THAT(in.heard, IsEmpty());
  EXPECT_THAT(in.ended, IsEmpty());
}

TEST(dismissed, counselor_has_left_the_talk_and_is_closed) {
  scene in;
  in.begin_talk();
  in.on_duty(103, 3);
  in.review(only(1, staff_standing::dismissed));
  EXPECT_EQ(in.last<wire::peer_state>(1)->now, presence::left);
  EXPECT_EQ(in.last<wire::left>(101)->conversation, talk_of(1)) << "its console forgets it before it is closed";
  EXPECT_EQ(in.end_of(101), error::login_refused);
  EXPECT_FALSE(in.end_of(1));
  EXPECT_FALSE(in.end_of(102));
  EXPECT_TRUE(in.stored.at(talk_of(1)).mail.contains({side::survivor, 1})) << "the survivor keeps its own mail";
  in.say(1, wire::leave{talk_of(1)});
  EXPECT_THAT(in.stored, IsEmpty());
  in.enter(1, 2);
  EXPECT_TRUE(in.last<wire::place>(1)) << "and is free to go to the line again";
}

TEST(dismissed, counselor_who_is_away_keeps_no_survivor_waiting) {
  for (const bool restarted : {false, true}) {
    scene in;
    in.begin_talk();
    in.hang_up(101);
    if (restarted) {
      in.restart();
      in.resume(1, 1);
    }
    in.review(only(1, staff_standing::dismissed));
    EXPECT_EQ(in.last<wire::peer_state>(1)->now, presence::left);
    EXPECT_FALSE(in.end_of(1));
    in.heard.clear();
    in.review(only(1, staff_standing::dismissed));
    EXPECT_THAT(in.heard, IsEmpty()) << "once";
    in.say(1, wire::leave{talk_of(1)});
    EXPECT_THAT(in.stored, IsEmpty());
  }
}

TEST(dismissed, counselor_of_a_survivor_who_has_left_leaves_nothing_behind) {
  scene in;
  in.begin_talk();
  in.say(1, wire::leave{talk_of(1)});
  in.review(only(1, staff_standing::dismissed));
  EXPECT_THAT(in.stored, IsEmpty());
}

TEST(dismissed, counselor_of_a_phone_that_is_away_has_left_when_it_comes_back) {
  scene in;
  in.begin_talk();
  in.hang_up(1);
  in.review(only(1, staff_standing::dismissed));
  in.resume(11, 1);
  EXPECT_EQ(in.last<wire::resumed>(11)->now, wire::stage::peer_gone);
  EXPECT_EQ(in.frames(11), (std::vector<frame_number>{1}));
}

TEST(dismissed, counselor_who_offered_and_was_not_answered_has_left_too) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.offer(101, 1, 1);
  in.review(only(1, staff_standing::dismissed));
  EXPECT_EQ(in.last<wire::peer_state>(1)->now, presence::left);
  in.hello(1, 1, 1);
  EXPECT_FALSE(in.end_of(1)) << "its HELLO was on its way";
}

TEST(dismissed, counselor_loses_the_call_to_a_colleague) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  ASSERT_EQ(in.count<wire::assigned>(101), 1u);
  in.review(only(1, staff_standing::dismissed));
  EXPECT_EQ(in.count<wire::assigned>(102), 1u);
  EXPECT_EQ(in.end_of(101), error::login_refused);
}

TEST(out_of_time, counselor_finishes_the_talk_and_is_closed_after_it) {
  scene in;
  in.begin_talk();
  in.review(only(1, staff_standing::out_of_time));
  EXPECT_FALSE(in.end_of(101));
  in.talk(101, 1, 2);
  EXPECT_EQ(in.frames(1), (std::vector<frame_number>{2}));
  in.say(1, wire::leave{talk_of(1)});
  in.review(only(1, staff_standing::out_of_time));
  EXPECT_FALSE(in.end_of(101)) << "what the survivor said last is still read";
  in.say(101, wire::leave{talk_of(1)});
  in.review(only(1, staff_standing::out_of_time));
  EXPECT_EQ(in.end_of(101), error::login_refused);
}

TEST(out_of_time, counselor_who_is_away_may_still_come_back_to_the_talk) {
  scene in;
  in.begin_talk();
  in.hang_up(101);
  in.review(only(1, staff_standing::out_of_time));
  EXPECT_EQ(in.last<wire::peer_state>(1)->now, presence::away);
  EXPECT_TRUE(in.at.serves(staff(1)));
}

TEST(out_of_time, counselor_without_a_talk_is_closed_and_the_call_goes_on) {
  scene in;
  in.open_desk();
  in.enter(1, 1);
  in.review(only(1, staff_standing::out_of_time));
  EXPECT_EQ(in.end_of(101), error::login_refused);
  EXPECT_EQ(in.count<wire::assigned>(102), 1u);
}

TEST(out_of_time, counselor_gets_no_call_that_could_be_accepted_too_late) {
  for (const seconds left : {wire::accept_seconds, wire::accept_seconds + 1}) {
    scene in;
    in.login(101, 1, scene::centre_desk, in.now + left);
    in.login(102, 2);
    in.ready(101);
    in.say(102, wire::duty{true, false, 2});
    in.enter(1, 1);
    EXPECT_EQ(in.count<wire::assigned>(101), left > wire::accept_seconds ? 1u : 0u);
  }
}

TEST(serves, a_talk_until_the_counselor_has_left_it_and_no_call) {
  scene in;
  EXPECT_FALSE(in.at.serves(staff(1)));
  in.open_desk();
  in.enter(1, 1);
  EXPECT_FALSE(in.at.serves(staff(1)));
  in.offer(101, 1, 1);
  EXPECT_TRUE(in.at.serves(staff(1)));
  EXPECT_FALSE(in.at.serves(staff(2)));
  in.restart();
  EXPECT_TRUE(in.at.serves(staff(1)));
  in.login(101, 1);
  in.say(101, wire::leave{talk_of(1)});
  EXPECT_FALSE(in.at.serves(staff(1)));
}

TEST(take_over, closes_whoever_is_logged_in_with_that_certificate) {
  scene in;
  in.open_desk();
  in.apply(in.at.take_over(staff(1), in.now));
  EXPECT_EQ(in.end_of(101), error::taken_over);
  EXPECT_FALSE(in.end_of(102));
  in.apply(in.at.take_over(staff(3), in.now));
  EXPECT_EQ(in.ended.size(), 1u);
}

}  // namespace
}  // namespace tomoshibi::desk
