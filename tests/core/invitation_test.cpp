// A counselor brings in a colleague, to take over or to join, with the survivor's consent and not without it.
#include "tests/core/three_people.hpp"

namespace tomoshibi::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

class an_invitation : public three_people {};

// --- handing over ---

TEST_F(an_invitation, to_take_over_brings_the_colleague_with_the_sheet_and_ends_with_the_one_before) {
  bring_in(invitation_kind::take_over);
  const invitation_received asked = yuki->seen<invitation_received>().front();
  EXPECT_EQ(as_text(asked.sheet), "これまでのこと");
  EXPECT_THAT(asked.alias, testing::StartsWith("hotaru "));
  EXPECT_EQ(asked.desk, "talk");
  ASSERT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<handed_over>().front().before, talk);
  ASSERT_THAT(colleague->seen<introduced>(), SizeIs(1));
  EXPECT_EQ(as_text(colleague->seen<introduced>().front().sheet), "これまでのこと");
  EXPECT_EQ(colleague->seen<introduced>().front().conversation, other_talk);
  EXPECT_FALSE(colleague->seen<joined>().front().same_tab) << "a hand-over is not a way back";
  EXPECT_THAT(stages(), ElementsAre(invitation_stage::asked, invitation_stage::offered, invitation_stage::accepted,
                                    invitation_stage::done));
  EXPECT_THAT(hotaru->seen<ended>(), SizeIs(1));
  EXPECT_THAT(yuki->seen<ended>(), IsEmpty()) << "for the page it goes on";
  EXPECT_THAT(yuki->kept, SizeIs(1)) << "no way back to the one before";

  yuki_says("はじめまして");
  in.settle();
  colleague_says("聞いています");
  EXPECT_THAT(colleague->texts(), ElementsAre("はじめまして"));
  EXPECT_EQ(yuki->texts().back(), "聞いています");
  EXPECT_THAT(hotaru->texts(), Not(Contains("はじめまして")));
}

TEST_F(an_invitation, to_take_over_survives_a_reload_afterwards) {
  bring_in(invitation_kind::take_over);
  in.pass(10);
  yuki->reload();
  yuki->connect();
  in.settle();
  colleague_says("おかえりなさい");
  EXPECT_EQ(yuki->texts().back(), "おかえりなさい");
  EXPECT_TRUE(colleague->seen<joined>().back().same_tab);
}

TEST_F(an_invitation, leaves_the_server_with_nothing_of_the_talk_before) {
  bring_in(invitation_kind::take_over);
  in.pass(20 * 60);
  EXPECT_THAT(in.store.committed(), SizeIs(1)) << "the colleague's talk";
}

TEST_F(an_invitation, that_the_survivor_refuses_changes_nothing) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  yuki_answers(false);
  EXPECT_EQ(stages().back(), invitation_stage::refused);
  EXPECT_THAT(colleague->seen<invited_over>(), SizeIs(1));
  expect_nothing_has_changed();
}

TEST_F(an_invitation, that_the_colleague_refuses_is_never_shown_to_the_survivor) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(false);
  EXPECT_EQ(stages().back(), invitation_stage::colleague_refused);
  EXPECT_THAT(yuki->seen<invitation_received>(), IsEmpty());
  expect_nothing_has_changed();
}

TEST_F(an_invitation, that_is_withdrawn_is_asked_no_more) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  hotaru_withdraws();
  EXPECT_EQ(stages().back(), invitation_stage::withdrawn);
  ASSERT_THAT(yuki->seen<invitation_withdrawn>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<invitation_withdrawn>().front().number, yuki->seen<invitation_received>().front().number);
  yuki_answers(true);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  expect_nothing_has_changed();
}

TEST_F(an_invitation, that_is_withdrawn_before_the_colleague_agrees_is_never_shown_to_the_survivor) {
  hotaru_invites(invitation_kind::take_over);
  hotaru_withdraws();
  EXPECT_THAT(yuki->seen<invitation_received>(), IsEmpty());
  EXPECT_THAT(yuki->seen<invitation_withdrawn>(), IsEmpty());
  expect_nothing_has_changed();
}

// Also where the console hears of it only after it was away itself.
TEST_F(an_invitation, is_asked_no_more_once_the_colleague_cannot_come) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  hotaru->cut();
  in.settle();
  EXPECT_THAT(yuki->seen<invitation_withdrawn>(), IsEmpty());
  hotaru->connect();
  in.settle();
  EXPECT_EQ(stages().back(), invitation_stage::gone);
  EXPECT_THAT(yuki->seen<invitation_withdrawn>(), SizeIs(1));
  expect_nothing_has_changed();
}

TEST_F(an_invitation, that_is_withdrawn_while_the_survivor_says_yes_fails_at_once) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  hotaru->act([&](counselor& c, seconds now, output& out) { c.withdraw_invitation(talk, now, out); });
  yuki_answers(true);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  EXPECT_EQ(stages().back(), invitation_stage::withdrawn);
  in.pass(70);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  expect_nothing_has_changed();
}

TEST_F(an_invitation, is_not_answered_by_what_is_said_late_about_the_one_before) {
  for (const bool yes : {false, true}) {
    hotaru_invites(invitation_kind::join);
    colleague_answers(true);
    std::vector<bytes> late;
    in.hears = [&](centre::connection_id from, bytes message) -> std::vector<bytes> {
      if (from != yuki->at || message[0] != wire::talk::code) return {std::move(message)};
      late.push_back(std::move(message));
      return {};
    };
    yuki_answers(yes);
    hotaru_withdraws();
    hotaru_invites(invitation_kind::take_over);
    colleague_answers(true);
    ASSERT_EQ(stages().back(), invitation_stage::offered);
    in.hears = nullptr;
    ASSERT_THAT(late, Not(IsEmpty()));
    for (bytes& each : late) in.to_server(*yuki->at, std::move(each));
    in.settle();
    EXPECT_EQ(stages().back(), invitation_stage::offered) << yes;
    yuki_answers(false);
    EXPECT_EQ(stages().back(), invitation_stage::refused);
  }
  expect_nothing_has_changed();
}

TEST_F(an_invitation, can_be_made_again_after_a_no) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(false);
  bring_in(invitation_kind::take_over);
  EXPECT_THAT(yuki->seen<handed_over>(), SizeIs(1));
}

TEST_F(an_invitation, is_one_at_a_time) {
  hotaru_invites(invitation_kind::take_over);
  hotaru_invites(invitation_kind::join);
  EXPECT_THAT(stages(), ElementsAre(invitation_stage::asked, invitation_stage::fault));
  EXPECT_THAT(colleague->seen<invited>(), SizeIs(1));
  colleague_answers(true);
  EXPECT_EQ(stages().back(), invitation_stage::offered);
}

TEST_F(an_invitation, of_a_colleague_who_goes_away_changes_nothing) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  colleague->cut();
  in.settle();
  EXPECT_EQ(stages().back(), invitation_stage::gone);
  yuki_answers(true);
  in.pass(70);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  expect_nothing_has_changed();
}

TEST_F(an_invitation, of_a_colleague_who_never_comes_is_given_up_after_a_while) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  in.drops = [](const bytes& message) { return message[0] == wire::assigned::code; };
  yuki_answers(true);
  in.pass(50);
  EXPECT_THAT(yuki->seen<invitation_failed>(), IsEmpty());
  in.pass(20);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  expect_nothing_has_changed();
}

TEST_F(an_invitation, is_not_accepted_before_its_sheet_is_on_the_screen) {
  hotaru_invites(invitation_kind::take_over);
  std::vector<bytes> late;
  std::size_t passed = 0, entered = 0;
  in.hears = [&](centre::connection_id from, bytes message) -> std::vector<bytes> {
    entered += message[0] == wire::enter_invited::code;
    if (from != hotaru->at || message[0] != wire::talk::code || passed++ == 0) return {std::move(message)};
    late.push_back(std::move(message));
    return {};
  };
  colleague_answers(true);
  ASSERT_THAT(late, Not(IsEmpty()));
  yuki->act([](survivor& s, seconds now, output& out) { s.answer_invitation(1, true, now, out); });
  in.settle();
  EXPECT_EQ(entered, 0u);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  in.hears = nullptr;
  for (bytes& each : late) in.to_server(*hotaru->at, std::move(each));
  in.settle();
  yuki_answers(true);
  EXPECT_THAT(yuki->seen<handed_over>(), SizeIs(1)) << "once she has seen it, she may";
}

TEST_F(an_invitation, ends_when_the_inviting_console_is_loaded_again) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  hotaru->reload();
  hotaru->connect();
  in.settle();
  EXPECT_THAT(colleague->seen<invited_over>(), SizeIs(1));
  std::size_t entered = 0;
  in.hears = [&](centre::connection_id, bytes message) -> std::vector<bytes> {
    entered += message[0] == wire::enter_invited::code;
    return {std::move(message)};
  };
  yuki_answers(true);
  EXPECT_EQ(entered, 0u) << "the question was about the session before";
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1)) << "who said yes is not left waiting";
  in.pass(70);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  expect_nothing_has_changed();
}

TEST_F(an_invitation, ends_when_the_survivors_page_is_loaded_again) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  yuki->reload();
  yuki->connect();
  in.settle();
  EXPECT_EQ(stages().back(), invitation_stage::gone);
  expect_nothing_has_changed();
}

TEST_F(an_invitation, of_the_longest_sheet_arrives_whole_and_one_byte_more_is_refused) {
  const std::string longest(crypto::sheet_bytes_max - 1, 'a');
  hotaru_invites(invitation_kind::take_over, longest + "b");
  EXPECT_THAT(stages(), ElementsAre(invitation_stage::fault));
  hotaru_invites(invitation_kind::take_over, longest);
  colleague_answers(true);
  yuki_answers(true);
  ASSERT_THAT(colleague->seen<introduced>(), SizeIs(1));
  EXPECT_EQ(as_text(colleague->seen<introduced>().front().sheet), longest);
}

TEST_F(an_invitation, says_what_was_not_delivered_to_the_one_before) {
  hotaru->shows_texts = false;
  yuki_says("読まれていない");
  in.settle();
  bring_in(invitation_kind::take_over);
  EXPECT_EQ(yuki->count(text_progress::dropped), 1u);
}

// --- company ---

TEST_F(an_invitation, to_join_lets_three_talk_and_each_sees_the_same) {
  bring_in(invitation_kind::join);
  ASSERT_THAT(yuki->seen<company_changed>(), SizeIs(1));
  ASSERT_THAT(hotaru->seen<company_changed>(), SizeIs(1));
  ASSERT_THAT(colleague->seen<company_changed>(), SizeIs(1));
  EXPECT_EQ(stages().back(), invitation_stage::done);
  yuki_says("ふたりに");
  in.settle();
  hotaru_says("はい");
  in.settle();
  colleague_says("私もいます");
  EXPECT_THAT(hotaru->texts(), ElementsAre("ふたりに", "私もいます"));
  EXPECT_THAT(colleague->texts(), ElementsAre("ふたりに", "はい"));
  EXPECT_THAT(yuki->texts(), ElementsAre("はい", "私もいます"));
  EXPECT_EQ(yuki->seen<text_received>().front().by, "");
  EXPECT_EQ(yuki->seen<text_received>().back().by, yuki->seen<company_changed>().front().alias);
  EXPECT_EQ(hotaru->seen<text_received>().back().by, hotaru->seen<company_changed>().front().alias);
  EXPECT_THAT(hotaru->seen<transcript_broken>(), IsEmpty());
  EXPECT_THAT(colleague->seen<transcript_broken>(), IsEmpty());
  EXPECT_EQ(yuki->count(text_progress::delivered), 1u);
  EXPECT_EQ(hotaru->count(text_progress::delivered), 1u);
  EXPECT_EQ(colleague->count(text_progress::delivered), 1u);
}

TEST_F(an_invitation, to_join_gives_nothing_of_what_was_said_before) {
  yuki_says("ふたりだけの話");
  in.settle();
  bring_in(invitation_kind::join);
  EXPECT_THAT(colleague->texts(), IsEmpty());
}

TEST_F(an_invitation, to_join_is_over_when_the_survivor_says_so) {
  bring_in(invitation_kind::join);
  yuki->act([](survivor& s, seconds now, output& out) { s.end_company(now, out); });
  in.settle();
  EXPECT_FALSE(hotaru->seen<company_changed>().back().here);
  EXPECT_THAT(colleague->seen<ended>(), SizeIs(1));
  yuki_says("またふたり");
  in.settle();
  EXPECT_EQ(hotaru->texts().back(), "またふたり");
  EXPECT_THAT(colleague->texts(), IsEmpty());
}

TEST_F(an_invitation, to_join_is_over_when_the_guest_goes) {
  bring_in(invitation_kind::join);
  colleague->act([&](counselor& c, seconds now, output& out) { c.end(other_talk, now, out); });
  in.settle();
  in.pass(10);
  EXPECT_FALSE(yuki->seen<company_changed>().back().here);
  EXPECT_FALSE(hotaru->seen<company_changed>().back().here);
  yuki_says("またふたり");
  in.settle();
  EXPECT_EQ(hotaru->texts().back(), "またふたり");
}

TEST_F(an_invitation, to_join_is_over_when_anybody_loses_their_memory_and_no_text_is_lost) {
  for (const int who : {0, 1, 2}) {
    SCOPED_TRACE(who);
    bring_in(invitation_kind::join);
    if (who == 0) hotaru->reload(), hotaru->connect();
    if (who == 1) colleague->reload(), colleague->connect();
    if (who == 2) yuki->reload(), yuki->connect();
    in.settle();
    in.pass(10);
    yuki_says("聞こえますか " + std::to_string(who));
    in.settle();
    EXPECT_EQ(hotaru->texts().back(), "聞こえますか " + std::to_string(who));
    EXPECT_THAT(hotaru->seen<transcript_broken>(), IsEmpty());
    EXPECT_THAT(colleague->seen<transcript_broken>(), IsEmpty());
    if (who != 0) {
      EXPECT_FALSE(hotaru->seen<company_changed>().back().here);
    }
    in.pass(20);
  }
}

TEST_F(an_invitation, to_join_loses_and_doubles_nothing_over_a_network_that_is_cut) {
  bring_in(invitation_kind::join);
  for (int i = 0; i < 12; ++i) {
    yuki_says("y" + std::to_string(i));
    hotaru_says("h" + std::to_string(i));
    in.step(static_cast<std::size_t>(7 * i));
    person<survivor>& cut = *yuki;
    cut.cut();
    in.settle();
    cut.connect();
    in.settle();
  }
  std::vector<std::string> from_yuki, from_hotaru;
  for (int i = 0; i < 12; ++i) {
    from_yuki.push_back("y" + std::to_string(i));
    from_hotaru.push_back("h" + std::to_string(i));
  }
  EXPECT_EQ(hotaru->texts(), from_yuki);
  EXPECT_EQ(yuki->texts(), from_hotaru);
  EXPECT_THAT(colleague->texts(), SizeIs(24));
  EXPECT_THAT(colleague->texts(), IsSupersetOf(from_yuki));
  EXPECT_THAT(colleague->texts(), IsSupersetOf(from_hotaru));
  EXPECT_THAT(colleague->seen<transcript_broken>(), IsEmpty());
  EXPECT_THAT(hotaru->seen<transcript_broken>(), IsEmpty());
}

// In company, both conversations can be refused by a server that lies.
TEST_F(an_invitation, is_over_with_a_talk_that_the_server_refuses) {
  bring_in(invitation_kind::join);
  yuki->act([&](survivor& s, seconds now, output& out) {
    s.received(wire::encode(wire::server_message{wire::refused{other_talk, wire::refusal::closed}}), now, out);
  });
  in.settle();
  EXPECT_THAT(yuki->seen<turned_away>(), IsEmpty()) << "it was the guest's";
  yuki->act([&](survivor& s, seconds now, output& out) {
    s.received(wire::encode(wire::server_message{wire::refused{talk, wire::refusal::closed}}), now, out);
  });
  in.settle();
  EXPECT_THAT(yuki->seen<turned_away>(), SizeIs(1));
  in.pass(30);
  colleague_says("too late");
  EXPECT_THAT(yuki->texts(), Not(Contains("too late")));
  yuki_enters();
  in.settle();
  EXPECT_EQ(yuki_says("again"), said::yes);
}

TEST_F(an_invitation, by_a_guest_is_not_heard) {
  bring_in(invitation_kind::join);
  const std::size_t asked = yuki->seen<invitation_received>().size();
  colleague->act([](counselor& c, seconds, output& out) { c.ask_team(out); });
  in.settle();
  const auto back = colleague->seen<colleague_told>();
  ASSERT_THAT(back, Not(IsEmpty()));
  colleague->act([&](counselor& c, seconds now, output& out) {
    c.invite({other_talk, back.back().certificate, invitation_kind::take_over, language::ja, {'a'}}, now, out);
  });
  in.settle();
  ASSERT_THAT(hotaru->seen<invited>(), SizeIs(1));
  hotaru->act([&](counselor& c, seconds now, output& out) { c.answer_colleague(other_talk, true, now, out); });
  in.settle();
  EXPECT_EQ(colleague->seen<invitation_moved>().back().now, invitation_stage::offered);
  EXPECT_THAT(yuki->seen<invitation_received>(), SizeIs(asked));
}

// --- what somebody who watches the network sees ---

TEST_F(an_invitation, is_told_from_nothing_else_by_the_size_of_a_message) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2'000}, text_bytes_max}) {
    yuki_says(std::string(size, 'y'));
    hotaru_says(std::string(size, 'h'));
    in.settle();
  }
  hotaru_invites(invitation_kind::join, std::string(8'000, 's'));
  colleague_answers(false);
  bring_in(invitation_kind::join);
  yuki_says("みんなに");
  colleague_says("はい");
  yuki->act([](survivor& s, seconds now, output& out) { s.end_company(now, out); });
  in.settle();
  bring_in(invitation_kind::take_over);
  yuki->reload();
  yuki->connect();
  in.settle();
  yuki_ends();
  in.pass(10);
  EXPECT_GT(in.sizes_to_server.size(), 15u);
  EXPECT_GT(in.sizes_to_clients.size(), 15u);
  for (const auto* way : {&in.sizes_to_server, &in.sizes_to_clients})
    for (const auto& [code, sizes] : *way) EXPECT_THAT(sizes, SizeIs(1)) << int{code};
  EXPECT_THAT(in.frame_sizes, ElementsAre(1 + 16 + 8 + 4096));
}

TEST_F(an_invitation, is_accepted_while_the_guest_before_still_says_goodbye) {
  bring_in(invitation_kind::join);
  in.hears = [&](centre::connection_id from, bytes message) -> std::vector<bytes> {
    const bool goodbye = message[0] == wire::talk::code || message[0] == wire::leave::code;
    if (from == colleague->at && goodbye) return {};
    return {std::move(message)};
  };
  yuki->act([](survivor& s, seconds now, output& out) { s.end_company(now, out); });
  in.settle();
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  in.hears = nullptr;
  yuki_answers(true);
  EXPECT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  EXPECT_THAT(yuki->seen<server_failed>(), IsEmpty());
}

// The introduction comes by way of the inviting console, the survivor by the straight one.
TEST_F(an_invitation, loses_nothing_when_the_survivor_is_there_before_the_introduction) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  std::vector<bytes> introduction;
  in.says = [&](centre::connection_id to, bytes message) -> std::vector<bytes> {
    if (to != colleague->at) return {message};
    if (message[0] == wire::introduce::code || message[0] == wire::invitation_over::code) {
      introduction.push_back(std::move(message));
      return {};
    }
    std::vector<bytes> now{message};
    if (message[0] == wire::talk::code) std::ranges::move(std::exchange(introduction, {}), std::back_inserter(now));
    return now;
  };
  yuki_answers(true);
  ASSERT_THAT(introduction, IsEmpty()) << "it came, behind the survivor's first frame";
  ASSERT_THAT(colleague->seen<joined>(), SizeIs(1));
  ASSERT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  other_talk = colleague->seen<joined>().back().conversation;
  colleague_says("聞いています");
  EXPECT_EQ(yuki->texts().back(), "聞いています");
}

// In the new session neither console would believe who the other is, and nobody would hear anything any more.
TEST_F(an_invitation, to_join_fails_when_the_inviting_console_is_loaded_again_before_the_guest_is_there) {
  hotaru_invites(invitation_kind::join);
  colleague_answers(true);
  std::vector<bytes> late;
  in.says = [&](centre::connection_id to, bytes message) -> std::vector<bytes> {
    if (to != colleague->at) return {std::move(message)};
    late.push_back(std::move(message));
    return {};
  };
  yuki_answers(true);
  reload_hotaru();
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  in.says = nullptr;
  for (const bytes& each : late)
    colleague->act([&](counselor& c, seconds now, output& out) { c.received(each, now, out); });
  in.pass(70);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  EXPECT_THAT(yuki->seen<company_changed>(), IsEmpty());
  EXPECT_THAT(hotaru->seen<transcript_broken>(), IsEmpty());
  expect_nothing_has_changed();
}

TEST_F(an_invitation, fails_when_the_invited_console_is_loaded_again_after_the_survivor_came) {
  for (const auto kind : {invitation_kind::join, invitation_kind::take_over}) {
    const std::size_t before = yuki->seen<invitation_failed>().size();
    hotaru_invites(kind);
    colleague_answers(true);
    in.drops = [](const bytes& message) { return message[0] == wire::hello::code; };
    yuki_answers(true);
    colleague->reload();
    in.drops = [](const bytes&) { return false; };
    on_duty(*colleague);
    colleague->connect();
    in.settle();
    EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(before + 1)) << "at once, not after a minute";
    in.pass(70);
    EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(before + 1));
    EXPECT_THAT(yuki->seen<server_failed>(), IsEmpty());
    expect_nothing_has_changed();
  }
}

// What hotaru asks about is somebody else's coming; that a guest goes meanwhile is no answer to it.
TEST_F(an_invitation, stays_on_the_screen_when_a_guest_leaves) {
  bring_in(invitation_kind::join);
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  colleague->act([&](counselor& c, seconds now, output& out) { c.end(other_talk, now, out); });
  in.settle();
  in.pass(10);
  ASSERT_FALSE(yuki->seen<company_changed>().back().here);
  yuki_answers(true);
  EXPECT_THAT(yuki->seen<invitation_failed>(), IsEmpty());
  EXPECT_THAT(yuki->seen<handed_over>(), SizeIs(1));
  EXPECT_EQ(stages().back(), invitation_stage::done);
}

// crypto/model/company.pml, run second-consent-closes.
TEST_F(an_invitation, made_again_while_the_consent_to_the_one_before_is_on_its_way_closes_nobodys_connection) {
  hotaru_invites(invitation_kind::take_over);
  std::vector<bytes> late;
  in.says = [&](centre::connection_id to, bytes message) -> std::vector<bytes> {
    if (to != colleague->at) return {std::move(message)};
    late.push_back(std::move(message));
    return {};
  };
  hotaru->act([&](counselor& c, seconds now, output& out) { c.withdraw_invitation(talk, now, out); });
  in.settle();
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);  // to the first: that it was withdrawn has not arrived
  in.says = nullptr;
  for (const bytes& each : late)
    colleague->act([&](counselor& c, seconds now, output& out) { c.received(each, now, out); });
  in.settle();
  ASSERT_THAT(colleague->seen<invited>(), SizeIs(2));
  colleague_answers(true);
  EXPECT_TRUE(colleague->at);
  EXPECT_THAT(colleague->seen<server_failed>(), IsEmpty());
  yuki_answers(true);
  in.pass(70);
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1)) << "who said yes is told";
  EXPECT_EQ(stages().back(), invitation_stage::refused);
  expect_nothing_has_changed();
}

// --- what the server might try ---

TEST_F(an_invitation, cannot_be_invented_by_the_server) {
  // It tells the colleague that hotaru asks; the colleague agrees; the server even lets them meet.
  std::optional<centre::connection_id> to = colleague->at;
  ASSERT_TRUE(to);
  wire::invited forged;
  forged.conversation = talk;
  std::ranges::copy(in.staff[hotaru == counselors[0].get() ? 0 : 1].certificate, forged.certificate.begin());
  forged.kind = wire::invitation_kind::join;
  forged.th = crypto::hash32{7};
  colleague->act([&](counselor& c, seconds now, output& out) {
    c.received(wire::encode(wire::server_message{forged}), now, out);
  });
  colleague->act([&](counselor& c, seconds now, output& out) { c.answer_colleague(talk, true, now, out); });
  in.settle();
  EXPECT_THAT(colleague->seen<introduced>(), IsEmpty());
  EXPECT_THAT(colleague->seen<joined>(), IsEmpty());
  EXPECT_THAT(yuki->seen<invitation_received>(), IsEmpty());
}

TEST_F(an_invitation, is_refused_if_the_server_asks_another_colleague_than_was_meant) {
  const crypto::identity accomplice = in.signed_by.enrol(crypto::role::counselor, in.signed_by.desk, "kagero");
  in.signed_by.publish_next();
  in.believe_published();
  in.settle();
  const crypto::day_secret day = crypto::make_day_key(accomplice, in.now, in.random);
  hotaru_invites(invitation_kind::take_over);
  const crypto::identity& inviting = in.staff[hotaru == counselors[0].get() ? 0 : 1];
  const auto fields = in.signed_by.trust().check(inviting.certificate, in.now);
  const auto consent = crypto::pending_consent::make(
      accomplice, day, invitation_kind::take_over, *fields, crypto::sha256(inviting.certificate),
      colleague->seen<invited>().empty() ? crypto::hash32{} : crypto::hash32{1}, in.random);
  hotaru->act([&](counselor& c, seconds now, output& out) {
    c.received(wire::encode(wire::server_message{wire::consent{talk, consent.consent()}}), now, out);
  });
  in.settle();
  EXPECT_EQ(stages().back(), invitation_stage::fault);
  EXPECT_THAT(yuki->seen<invitation_received>(), IsEmpty());
}

TEST_F(an_invitation, is_given_to_nobody_else_however_the_server_swaps_the_introduction) {
  hotaru_invites(invitation_kind::take_over);
  colleague_answers(true);
  in.changes = [&](const bytes& message) -> std::optional<bytes> {
    if (message[0] != wire::introduce::code || message[1 + 16 + 7] != 2) return std::nullopt;
    bytes other = message;
    other[2000] ^= 1;
    return other;
  };
  yuki_answers(true);
  in.pass(70);
  EXPECT_THAT(colleague->seen<introduced>(), IsEmpty());
  EXPECT_THAT(yuki->seen<invitation_failed>(), SizeIs(1));
  in.changes = [](const bytes&) { return std::nullopt; };
  expect_nothing_has_changed();
}

}  // namespace
}  // namespace tomoshibi::core
