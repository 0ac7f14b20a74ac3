// Yuki and hotaru in a talk, and a colleague on duty who may be brought in.
#pragma once

#include "tests/core/two_people.hpp"

namespace tomoshibi::core {

class three_people : public two_people {
 protected:
  three_people() {
    enter();
    colleague = counselors[hotaru == counselors[0].get() ? 1 : 0].get();
  }

  std::vector<std::string> said_to(person<survivor>& who) { return who.texts(); }
  void hotaru_invites(invitation_kind kind, std::string_view sheet = "これまでのこと") {
    hotaru->act([](counselor& c, seconds, output& out) { c.ask_team(out); });
    in.settle();
    ASSERT_THAT(hotaru->seen<colleague_told>(), testing::Not(testing::IsEmpty()));
    const bytes_view words = as_bytes(sheet);
    hotaru->act([&](counselor& c, seconds now, output& out) {
      c.invite(
          {talk, hotaru->seen<colleague_told>().back().certificate, kind, language::ja, {words.begin(), words.end()}},
          now, out);
    });
    in.settle();
  }
  void colleague_answers(bool yes) {
    ASSERT_THAT(colleague->seen<invited>(), testing::Not(testing::IsEmpty()));
    colleague->act([&](counselor& c, seconds now, output& out) { c.answer_colleague(talk, yes, now, out); });
    in.settle();
  }
  void yuki_answers(bool yes) {
    ASSERT_THAT(yuki->seen<invitation_received>(), testing::Not(testing::IsEmpty()));
    const std::uint32_t number = yuki->seen<invitation_received>().back().number;
    yuki->act([&](survivor& s, seconds now, output& out) { s.answer_invitation(number, yes, now, out); });
    in.settle();
  }
  void hotaru_withdraws() {
    hotaru->act([&](counselor& c, seconds now, output& out) { c.withdraw_invitation(talk, now, out); });
    in.settle();
  }
  void bring_in(invitation_kind kind) {
    hotaru_invites(kind);
    colleague_answers(true);
    yuki_answers(true);
    if (!colleague->seen<joined>().empty()) other_talk = colleague->seen<joined>().back().conversation;
  }
  void colleague_says(std::string_view text) {
    colleague->act([&](counselor& c, seconds now, output& out) { c.say(other_talk, text, language::ja, now, out); });
    in.settle();
  }
  std::vector<invitation_stage> stages() {
    std::vector<invitation_stage> out;
    for (const invitation_moved& each : hotaru->seen<invitation_moved>()) out.push_back(each.now);
    return out;
  }
  // Nobody is here but hotaru and yuki, and they can still talk.
  void expect_nothing_has_changed() {
    EXPECT_THAT(colleague->seen<joined>(), testing::IsEmpty());
    yuki_says("まだいますか");
    in.settle();
    EXPECT_EQ(hotaru->texts().back(), "まだいますか");
    hotaru_says("います");
    in.settle();
    EXPECT_EQ(yuki->texts().back(), "います");
  }

  person<counselor>* colleague = nullptr;
  conversation_id other_talk{};
};

}  // namespace tomoshibi::core
