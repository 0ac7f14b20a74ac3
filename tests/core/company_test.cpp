// Three in a talk, and one of the two consoles is long away.
#include "tests/core/three_people.hpp"

namespace tomoshibi::core {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class company : public three_people {
 protected:
  company() { bring_in(invitation_kind::join); }
  void yuki_says_texts(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(yuki_says("text " + std::to_string(++said_)), said::yes);
      in.settle();
    }
  }
  void expect_no_alarm() {
    for (person<counselor>* each : {hotaru, colleague}) EXPECT_THAT(each->seen<transcript_broken>(), IsEmpty());
    EXPECT_THAT(yuki->seen<server_failed>(), IsEmpty());
    EXPECT_THAT(yuki->seen<ended>(), IsEmpty());
  }
  std::size_t alone_again() {
    return static_cast<std::size_t>(std::ranges::count(yuki->seen<company_changed>(), false, &company_changed::here));
  }
  std::string alias_of(person<counselor>* who) { return who->seen<signed_in>().front().alias; }

 private:
  std::size_t said_ = 0;
};

TEST_F(company, goes_on_without_a_guest_whose_console_is_long_away) {
  colleague->cut();
  yuki_says_texts(company_frames_max);
  EXPECT_EQ(alone_again(), 0u);
  yuki_says_texts(1);
  EXPECT_EQ(alone_again(), 1u);
  EXPECT_FALSE(hotaru->seen<company_changed>().back().here);
  EXPECT_THAT(yuki->seen<handed_over>(), IsEmpty());
  yuki_says_texts(texts_waiting_max);
  hotaru_says("聞いています");
  in.settle();
  EXPECT_EQ(yuki->texts().back(), "聞いています");
  EXPECT_THAT(hotaru->texts(), SizeIs(company_frames_max + 1 + texts_waiting_max));
  EXPECT_EQ(yuki->count(text_progress::delivered), hotaru->texts().size());
  expect_no_alarm();
}

TEST_F(company, goes_on_with_the_guest_when_the_console_that_invited_is_long_away) {
  hotaru->cut();
  yuki_says_texts(company_frames_max);
  EXPECT_EQ(alone_again(), 0u);
  EXPECT_THAT(yuki->seen<handed_over>(), IsEmpty());
  EXPECT_EQ(yuki->count(text_progress::delivered), 0u);
  yuki_says_texts(1);
  ASSERT_EQ(alone_again(), 1u);
  EXPECT_EQ(yuki->seen<company_changed>().back().alias, alias_of(hotaru));
  ASSERT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<handed_over>().front().alias, alias_of(colleague));
  EXPECT_FALSE(colleague->seen<company_changed>().back().here);
  yuki_says_texts(texts_waiting_max);
  colleague_says("聞いています");
  EXPECT_EQ(yuki->texts().back(), "聞いています");
  EXPECT_THAT(colleague->texts(), SizeIs(company_frames_max + 1 + texts_waiting_max));
  EXPECT_EQ(yuki->count(text_progress::delivered), colleague->texts().size());
  EXPECT_EQ(yuki->count(text_progress::dropped), 0u) << "the guest has read them";
  expect_no_alarm();

  hotaru->connect();
  in.pass(10);
  EXPECT_THAT(hotaru->seen<ended>(), SizeIs(1));
  expect_no_alarm();
  reload_yuki();
  colleague_says("おかえりなさい");
  EXPECT_EQ(yuki->texts().back(), "おかえりなさい");
  EXPECT_TRUE(colleague->seen<joined>().back().same_tab);
}

TEST_F(company, asks_nothing_more_for_an_inviting_console_that_it_goes_on_without) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  ASSERT_THAT(yuki->seen<invitation_received>(), SizeIs(2));
  hotaru->cut();
  yuki_says_texts(company_frames_max + 1);
  ASSERT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  EXPECT_THAT(yuki->seen<invitation_withdrawn>(), SizeIs(1));
  yuki_answers(true);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  yuki_says_texts(1);
  EXPECT_THAT(colleague->texts(), SizeIs(company_frames_max + 2));
}

// What the guest has not read yet either is still told of, and what only the one before was given never comes.
TEST_F(company, tells_of_each_text_what_became_of_it_when_it_goes_on_with_the_guest) {
  yuki->act([](survivor& s, seconds now, output& out) { s.end_company(now, out); });
  in.settle();
  hotaru->shows_texts = false;
  yuki_says_texts(1);
  bring_in(invitation_kind::join);
  hotaru->cut();
  yuki_says_texts(company_frames_max - 1);
  ASSERT_THAT(yuki->seen<handed_over>(), IsEmpty());
  colleague->cut();
  yuki_says_texts(1);
  ASSERT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  EXPECT_EQ(yuki->count(text_progress::dropped), 1u);
  EXPECT_EQ(yuki->count(text_progress::delivered), company_frames_max - 1);
  EXPECT_EQ(yuki->seen<peer_changed>().back().now, wire::presence::away);
  colleague->connect();
  in.settle();
  EXPECT_EQ(yuki->count(text_progress::delivered), company_frames_max);
}

TEST_F(company, counts_what_a_text_takes_and_not_only_how_many_there_are) {
  colleague->cut();
  const std::string longest(text_bytes_max, 'a');
  for (std::size_t i = 0; i < company_frames_max / crypto::fragments_max; ++i) {
    yuki_says(longest);
    in.settle();
  }
  EXPECT_EQ(alone_again(), 0u);
  yuki_says_texts(1);
  EXPECT_EQ(alone_again(), 1u);
}

TEST_F(company, is_ended_by_what_the_others_say_too_and_the_last_of_it_is_shown) {
  hotaru->cut();
  for (std::size_t i = 0; i <= company_frames_max; ++i) colleague_says(std::to_string(i));
  EXPECT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  EXPECT_THAT(yuki->texts(), SizeIs(company_frames_max + 1));
  expect_no_alarm();
}

TEST_F(company, leaves_room_for_as_many_own_texts_as_ever) {
  hotaru->shows_texts = false;
  for (std::size_t i = 0; i < company_frames_max; ++i) colleague_says(std::to_string(i));
  yuki->act([](survivor& s, seconds now, output& out) { s.end_company(now, out); });
  in.settle();
  yuki_says_texts(texts_waiting_max);
  EXPECT_EQ(yuki_says("one more"), said::too_many);
}

TEST_F(company, does_not_begin_with_somebody_who_is_that_far_behind) {
  yuki->act([](survivor& s, seconds now, output& out) { s.end_company(now, out); });
  in.settle();
  hotaru->shows_texts = false;
  yuki_says_texts(company_frames_max + 1);
  bring_in(invitation_kind::join);
  EXPECT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  yuki_says_texts(1);
  EXPECT_THAT(colleague->texts(), SizeIs(1));
}

}  // namespace
}  // namespace tomoshibi::core
