// What two people count on, from first contact to close: real cores on both ends of a real centre.
#include "tests/core/two_people.hpp"

namespace tomoshibi::core {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

class consultation : public two_people {};

TEST_F(consultation, shows_an_open_door_when_two_are_on_duty) {
  ASSERT_FALSE(yuki->seen<door_changed>().empty());
  EXPECT_TRUE(yuki->seen<door_changed>().back().door.intake);
}

TEST_F(consultation, says_closed_when_one_of_two_goes) {
  counselors[1]->cut();
  in.settle();
  EXPECT_FALSE(yuki->seen<door_changed>().back().door.intake);
  EXPECT_EQ(yuki->seen<door_changed>().back().door.why, wire::door_reason::too_few_on_duty);
  yuki->act([](survivor& s, seconds now, output& out) { s.enter(now, out); });
  in.settle();
  ASSERT_THAT(yuki->seen<turned_away>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<turned_away>()[0].why, wire::refusal::closed);
  EXPECT_THAT(yuki->kept, IsEmpty()) << "a survivor who was not let in leaves nothing in the tab";
}

TEST_F(consultation, goes_from_first_contact_to_an_empty_end) {
  begin();
  EXPECT_EQ(yuki->seen<joined>()[0].alias.substr(0, 6), "hotaru");
  EXPECT_THAT(hotaru->texts(), ElementsAre("聞いてもらえますか"));
  EXPECT_THAT(yuki->texts(), ElementsAre("はい、どうぞ"));
  EXPECT_EQ(yuki->count(text_progress::stored), 1u);
  EXPECT_EQ(yuki->count(text_progress::delivered), 1u);
  EXPECT_EQ(hotaru->count(text_progress::delivered), 1u);

  yuki->act([](survivor& s, seconds now, output& out) { s.end(now, out); });
  in.settle();
  ASSERT_THAT(hotaru->seen<ended>(), SizeIs(1));
  EXPECT_EQ(hotaru->seen<ended>()[0].why, ending::by_peer);
  EXPECT_EQ(yuki->seen<ended>()[0].why, ending::by_us);
  EXPECT_THAT(yuki->seen<finished>(), SizeIs(1));
  EXPECT_THAT(hotaru->seen<finished>(), SizeIs(1));
  EXPECT_THAT(in.store.committed(), IsEmpty()) << "a closed conversation leaves nothing in the store";
  EXPECT_THAT(yuki->kept, IsEmpty());
  EXPECT_THAT(hotaru->kept, IsEmpty());
}

TEST_F(consultation, lets_the_counselor_speak_first) {
  enter();
  ASSERT_NE(hotaru, nullptr);
  hotaru_says("いま話しても安全ですか");
  in.settle();
  EXPECT_THAT(yuki->texts(), ElementsAre("いま話しても安全ですか"));
}

TEST_F(consultation, tells_delivered_only_when_the_text_was_on_the_screen) {
  enter();
  hotaru->shows_texts = false;
  yuki_says("見えますか");
  in.settle();
  EXPECT_EQ(yuki->count(text_progress::stored), 1u);
  EXPECT_EQ(yuki->count(text_progress::delivered), 0u);
  const message_id id = hotaru->seen<text_received>()[0].id;
  hotaru->act([&](counselor& c, seconds now, output& out) { c.shown(talk, id, now, out); });
  in.settle();
  EXPECT_EQ(yuki->count(text_progress::delivered), 1u);
}

TEST_F(consultation, carries_texts_of_every_length_up_to_the_bound_whole) {
  enter();
  std::vector<std::string> said_texts;
  for (std::size_t size :
       {0ul, 1ul, crypto::body_data_bytes_max - 17, crypto::body_data_bytes_max - 16, 5000ul, text_bytes_max}) {
    said_texts.emplace_back(size, 'x');
    yuki_says(said_texts.back());
    in.settle();
  }
  EXPECT_THAT(hotaru->texts(), ElementsAreArray(said_texts));
  yuki->act([&](survivor& s, seconds now, output& out) {
    EXPECT_EQ(s.say(std::string(text_bytes_max + 1, 'x'), language::ja, now, out), said::too_long);
  });
}

TEST_F(consultation, sends_what_was_typed_while_the_network_was_gone_in_order_and_once) {
  begin();
  yuki->cut();
  for (int i = 0; i < 5; ++i) yuki_says("offline " + std::to_string(i));
  hotaru_says("まだいますよ");
  in.settle();
  EXPECT_THAT(hotaru->texts(), SizeIs(1));
  EXPECT_EQ(hotaru->seen<peer_changed>().back().now, wire::presence::away);

  yuki->connect();
  in.settle();
  EXPECT_THAT(hotaru->texts(),
              ElementsAre("聞いてもらえますか", "offline 0", "offline 1", "offline 2", "offline 3", "offline 4"));
  EXPECT_THAT(yuki->texts(), ElementsAre("はい、どうぞ", "まだいますよ"));
  EXPECT_EQ(yuki->count(text_progress::delivered), 6u);
}

TEST_F(consultation, refuses_more_texts_than_it_can_hold_and_keeps_those_it_took) {
  begin();
  yuki->cut();
  yuki->act([](survivor& s, seconds now, output& out) {
    for (std::size_t i = 0; i < texts_waiting_max; ++i) ASSERT_EQ(s.say("x", language::ja, now, out), said::yes);
    EXPECT_EQ(s.say("x", language::ja, now, out), said::too_many);
  });
  yuki->connect();
  in.settle();
  EXPECT_THAT(hotaru->texts(), SizeIs(1 + texts_waiting_max));
}

TEST_F(consultation, loses_nothing_when_the_server_dies_at_any_message) {
  for (int cut_after = 0; cut_after < 12; ++cut_after) {
    SCOPED_TRACE(cut_after);
    yuki->cut();
    in.settle();
    yuki = in.make_survivor();
    yuki->connect();
    in.settle();
    hotaru = nullptr;
    for (auto& each : counselors) each->events.clear();
    enter();
    ASSERT_NE(hotaru, nullptr);
    for (int i = 0; i < 6; ++i) {
      yuki_says("y" + std::to_string(i));
      hotaru_says("h" + std::to_string(i));
    }
    in.step(static_cast<std::size_t>(cut_after) * 5);
    in.restart_server();
    for (auto& each : counselors) each->connect();
    yuki->connect();
    in.settle();
    EXPECT_THAT(hotaru->texts(), ElementsAre("y0", "y1", "y2", "y3", "y4", "y5"));
    EXPECT_THAT(yuki->texts(), ElementsAre("h0", "h1", "h2", "h3", "h4", "h5"));
    EXPECT_EQ(yuki->count(text_progress::delivered), 6u);
    yuki->act([](survivor& s, seconds now, output& out) { s.end(now, out); });
    in.settle();
    EXPECT_THAT(in.store.committed(), IsEmpty());
  }
}

TEST_F(consultation, goes_on_in_the_same_place_after_the_survivor_reloads) {
  begin();
  hotaru->shows_texts = false;
  yuki->reload();
  hotaru_says("戻ってきましたか");
  yuki->connect();
  in.settle();
  ASSERT_THAT(hotaru->seen<joined>(), SizeIs(2));
  EXPECT_TRUE(hotaru->seen<joined>()[1].same_tab);
  EXPECT_THAT(yuki->texts(), ElementsAre("はい、どうぞ", "戻ってきましたか"));
  yuki_says("はい");
  in.settle();
  EXPECT_THAT(hotaru->texts(), ElementsAre("聞いてもらえますか", "はい"));
}

TEST_F(consultation, goes_on_after_the_counselor_reloads) {
  begin();
  yuki->shows_texts = true;
  hotaru->reload();
  yuki_says("聞こえますか");
  in.settle();
  hotaru->act([](counselor& c, seconds, output& out) { c.set_duty({true, true, 3}, out); });
  hotaru->connect();
  in.settle();
  EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
  EXPECT_THAT(hotaru->texts(), ElementsAre("聞いてもらえますか", "聞こえますか"));
  hotaru_says("聞こえます");
  in.settle();
  EXPECT_THAT(yuki->texts(), ElementsAre("はい、どうぞ", "聞こえます"));
}

TEST_F(consultation, goes_on_when_one_after_the_other_reloads_again_and_again) {
  begin();
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE(round);
    yuki->reload();
    yuki->connect();
    in.settle();
    hotaru->reload();
    hotaru->act([](counselor& c, seconds, output& out) { c.set_duty({true, true, 3}, out); });
    hotaru->connect();
    in.settle();
    yuki_says("y" + std::to_string(round));
    hotaru_says("h" + std::to_string(round));
    in.settle();
    EXPECT_EQ(hotaru->texts().back(), "y" + std::to_string(round));
    EXPECT_EQ(yuki->texts().back(), "h" + std::to_string(round));
    EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
  }
}

TEST_F(consultation, keeps_the_place_in_the_line_over_a_reload) {
  for (auto& each : counselors) each->accepts_calls = false;
  enter();
  yuki->reload();
  yuki->connect();
  in.settle();
  EXPECT_THAT(yuki->seen<ended>(), IsEmpty());
  for (auto& each : counselors) each->accepts_calls = true;
  in.pass(wire::accept_seconds + 1);
  ASSERT_THAT(yuki->seen<joined>(), SizeIs(1));
}

TEST_F(consultation, takes_back_a_reloaded_page_within_a_quarter_of_an_hour_and_not_later) {
  begin();
  yuki->cut();
  in.pass(wire::resume_grace_seconds);
  yuki->reload();
  yuki->connect();
  in.settle();
  ASSERT_THAT(hotaru->seen<joined>(), SizeIs(2));
  EXPECT_TRUE(hotaru->seen<joined>()[1].same_tab);
  in.pass(1);

  yuki->cut();
  in.pass(wire::resume_grace_seconds + 1);
  yuki->reload();
  yuki->connect();
  in.settle();
  EXPECT_THAT(hotaru->seen<joined>(), SizeIs(2)) << "too late";
  ASSERT_FALSE(yuki->seen<ended>().empty());
  EXPECT_EQ(yuki->seen<ended>().back().why, ending::lost);
  EXPECT_THAT(yuki->kept, IsEmpty());
}

TEST_F(consultation, tells_the_counselor_that_the_survivor_left_by_exit) {
  begin();
  yuki->act([](survivor& s, seconds now, output& out) { s.exit(now, out); });
  yuki->cut_after_sending();
  in.settle();
  EXPECT_THAT(hotaru->seen<peer_left_by_exit>(), SizeIs(1));
  EXPECT_EQ(hotaru->seen<peer_changed>().back().now, wire::presence::left);
  hotaru->act([&](counselor& c, seconds now, output& out) { c.end(talk, now, out); });
  in.settle();
  EXPECT_THAT(in.store.committed(), IsEmpty());
}

TEST_F(consultation, lets_the_second_tab_take_over_and_tells_the_first) {
  begin();
  auto second = in.make_survivor();
  *in.kept_by(second.get()) = yuki->kept.begin()->second;
  second->kept = yuki->kept;
  second->reload();
  second->connect();
  in.settle();
  ASSERT_FALSE(yuki->seen<ended>().empty());
  EXPECT_EQ(yuki->seen<ended>().back().why, ending::taken_over);
  EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
  second->act([](survivor& s, seconds now, output& out) { s.say("ここにいます", language::ja, now, out); });
  in.settle();
  EXPECT_EQ(hotaru->texts().back(), "ここにいます");
}

TEST_F(consultation, makes_every_frame_on_the_wire_of_one_size) {
  begin();
  yuki_says(std::string(4000, 'x'));
  in.settle();
  EXPECT_THAT(in.frame_sizes, ElementsAre(wire::message_bytes_max));
}

}  // namespace
}  // namespace tomoshibi::core
