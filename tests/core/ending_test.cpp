// A conversation ends in every phase: both are told once, and nothing of it is left.
#include "tests/core/two_people.hpp"

namespace tomoshibi::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class end_of_a_conversation : public two_people {
 protected:
  void expect_nothing_left() {
    EXPECT_THAT(in.store.committed(), IsEmpty());
    EXPECT_THAT(yuki->kept, IsEmpty());
    if (hotaru != nullptr) {
      EXPECT_THAT(hotaru->kept, IsEmpty());
    }
  }
};

TEST_F(end_of_a_conversation, leaves_no_ghost_in_the_line_when_it_comes_before_the_place) {
  yuki->act([](survivor& s, seconds now, output& out) {
    s.enter(now, out);
    s.end(now, out);
  });
  in.settle();
  in.pass(2);
  EXPECT_THAT(yuki->seen<ended>(), SizeIs(1));
  expect_nothing_left();
}

TEST_F(end_of_a_conversation, leaves_no_ghost_in_the_line_by_exit) {
  yuki->act([](survivor& s, seconds now, output& out) {
    s.enter(now, out);
    s.exit(now, out);
  });
  in.settle();
  in.pass(2);
  expect_nothing_left();
}

TEST_F(end_of_a_conversation, gives_up_the_place_in_the_line) {
  for (auto& each : counselors) each->accepts_calls = false;
  yuki_enters();
  in.settle();
  yuki_ends();
  in.settle();
  EXPECT_THAT(yuki->seen<finished>(), SizeIs(1));
  expect_nothing_left();
}

TEST_F(end_of_a_conversation, is_told_when_the_peer_is_gone_and_nothing_more_can_be_said) {
  begin();
  yuki->act([](survivor& s, seconds now, output& out) { s.exit(now, out); });
  yuki->cut_after_sending();
  in.settle();
  ASSERT_THAT(hotaru->seen<ended>(), SizeIs(1));
  EXPECT_EQ(hotaru->seen<ended>()[0].why, ending::by_peer);
  EXPECT_THAT(hotaru->seen<peer_left_by_exit>(), SizeIs(1));
  EXPECT_EQ(hotaru_says("are you there?"), said::over);
  in.pass(wire::leave_grace_seconds + 2);
  EXPECT_THAT(hotaru->seen<ended>(), SizeIs(1));
  EXPECT_THAT(hotaru->seen<finished>(), SizeIs(1));
  expect_nothing_left();
}

TEST_F(end_of_a_conversation, shows_what_the_peer_said_before_it_left) {
  begin();
  hotaru->cut();
  yuki_says("最後に");
  yuki->act([](survivor& s, seconds now, output& out) { s.exit(now, out); });
  yuki->cut_after_sending();
  in.settle();
  hotaru->connect();
  in.settle();
  EXPECT_THAT(hotaru->texts(), ElementsAre("聞いてもらえますか", "最後に"));
  EXPECT_THAT(hotaru->seen<peer_left_by_exit>(), SizeIs(1));
}

TEST_F(end_of_a_conversation, is_told_when_the_counselor_ends_before_the_survivor_answered) {
  for (auto& each : counselors) each->accepts_calls = false;
  yuki_enters();
  in.settle();
  for (auto& each : counselors)
    if (!each->seen<called>().empty()) hotaru = each.get();
  ASSERT_NE(hotaru, nullptr);
  talk = hotaru->seen<called>()[0].conversation;
  hotaru->act([&](counselor& c, seconds now, output& out) {
    c.accept(talk, now, out);
    c.end(talk, now, out);
  });
  in.settle();
  ASSERT_THAT(yuki->seen<ended>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<ended>()[0].why, ending::by_peer);
  EXPECT_EQ(yuki_says("hello?"), said::over);
}

TEST_F(end_of_a_conversation, is_told_to_a_survivor_who_reloads_meanwhile) {
  begin();
  yuki->reload();
  yuki->connect();
  hotaru_ends();
  in.settle();
  EXPECT_EQ(yuki_says("into the void?"), said::over);
  ASSERT_FALSE(yuki->seen<ended>().empty());
  yuki_ends();
  in.settle();
  in.pass(close_patience + 1);
  expect_nothing_left();
}

TEST_F(end_of_a_conversation, leaves_no_way_back_even_while_nobody_else_can_know_of_it) {
  begin();
  yuki->cut();
  yuki_ends();
  EXPECT_THAT(yuki->kept, IsEmpty());
  hotaru->cut();
  hotaru_ends();
  EXPECT_THAT(hotaru->kept, IsEmpty());
}

TEST_F(end_of_a_conversation, lets_a_survivor_begin_anew_who_was_away_and_reloads) {
  begin();
  const auto before = yuki->kept;
  yuki->cut();
  hotaru_ends();
  in.pass(close_patience + 1);
  yuki->kept = before;  // the page died before it could be told
  reload_yuki();
  ASSERT_FALSE(yuki->seen<ended>().empty());
  EXPECT_EQ(yuki->seen<ended>().back().why, ending::by_peer);
  EXPECT_THAT(yuki->kept, IsEmpty());
  EXPECT_FALSE(yuki->seen<finished>().empty());
  reload_yuki();
  yuki_enters();
  in.settle();
  EXPECT_EQ(yuki->seen<joined>().size(), 2u);
}

TEST_F(end_of_a_conversation, is_finished_later_when_it_was_said_without_a_network) {
  begin();
  turns(20);
  yuki->cut();
  yuki_ends();
  yuki->connect();
  in.settle();
  EXPECT_THAT(yuki->seen<ended>(), SizeIs(1));
  in.pass(close_patience + 1);
  EXPECT_THAT(yuki->seen<finished>(), SizeIs(1));
  EXPECT_THAT(hotaru->seen<ended>(), SizeIs(1));
}

TEST_F(end_of_a_conversation, does_not_wait_for_a_peer_that_is_away) {
  begin();
  turns(5);
  hotaru->cut();
  in.settle();
  yuki_ends();
  in.settle();
  yuki->cut();
  in.pass(close_patience + 1);
  yuki->connect();
  in.settle();
  in.pass(close_patience + 1);
  EXPECT_THAT(yuki->seen<ended>(), SizeIs(1));
  EXPECT_THAT(yuki->seen<finished>(), SizeIs(1));
}

TEST_F(end_of_a_conversation, by_both_at_once_is_told_to_each_once) {
  begin();
  yuki_ends();
  hotaru_ends();
  in.settle();
  EXPECT_THAT(yuki->seen<ended>(), SizeIs(1));
  EXPECT_THAT(hotaru->seen<ended>(), SizeIs(1));
  EXPECT_THAT(yuki->seen<finished>(), SizeIs(1));
  EXPECT_THAT(hotaru->seen<finished>(), SizeIs(1));
  expect_nothing_left();
}

TEST_F(end_of_a_conversation, comes_to_those_in_the_line_as_turned_away_and_they_may_try_again) {
  for (auto& each : counselors) each->accepts_calls = false;
  yuki_enters();
  in.settle();
  const conversation_id id = yuki->kept.begin()->first;
  yuki->act([&](survivor& s, seconds now, output& out) {
    s.received(wire::encode(wire::server_message{wire::refused{id, wire::refusal::closed}}), now, out);
  });
  EXPECT_THAT(yuki->seen<turned_away>(), SizeIs(1));
  EXPECT_THAT(yuki->seen<ended>(), IsEmpty());
  EXPECT_THAT(yuki->kept, IsEmpty());
  output again;
  yuki->core.enter(in.now, again);
  ASSERT_THAT(again.messages, SizeIs(1));
  EXPECT_EQ(again.messages[0][0], wire::enter::code);
}

}  // namespace
}  // namespace tomoshibi::core
