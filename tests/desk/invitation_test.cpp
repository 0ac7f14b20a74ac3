// A colleague asked into a talk: every step, every refusal, and whoever disappears at each step.
#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::error;
using wire::invitation_end;
using wire::invitation_kind;

// Survivor 1 (connection 1) talks with colleague 1 (101) in talk 1; colleague 2 (102) is there. A new conversation is
// talk 50 and more.
class invitation : public testing::Test, protected scene {
 protected:
  static constexpr connection_id survivor = 1, a = 101, b = 102;

  invitation() { begin_talk(); }

  void invite(unsigned to = 2, unsigned talk = 1, connection_id by = a,
              invitation_kind kind = invitation_kind::take_over) {
    say(by, wire::invite{talk_of(talk), staff(to), kind, named(99)});
  }
  void agree(connection_id who = b, unsigned talk = 1) { say(who, wire::consent{talk_of(talk), body_of(7)}); }
  void introduce(frame_number number, unsigned talk = 1, connection_id by = a) {
    say(by, wire::introduce{talk_of(talk), number, body_of(static_cast<unsigned>(number))});
  }
  void introduce_all() {
    for (frame_number number = 1; number <= wire::introduction_pieces; ++number) introduce(number);
  }
  wire::enter_invited entering(unsigned fresh = 50, unsigned to = 2, unsigned through = 1) const {
    return {talk_of(through), staff(to), talk_of(fresh), nonce_of(fresh), hash_of(fresh)};
  }
  void come(connection_id who = survivor, unsigned fresh = 50, unsigned to = 2, unsigned through = 1) {
    say(who, entering(fresh, to, through));
  }
  void consented() {
    invite();
    agree();
    heard.clear();
  }
  // The conversation with the invited, as it is stored.
  std::optional<conversation> begun(unsigned fresh = 50) const {
    const auto found = stored.find(talk_of(fresh));
    return found == stored.end() ? std::nullopt : std::optional(*decode_conversation(found->second.value));
  }
  std::optional<invitation_end> over(connection_id who) const {
    const auto said = all<wire::invitation_over>(who);
    EXPECT_LE(said.size(), 1u) << "an invitation ends once";
    return said.empty() ? std::nullopt : std::optional(said.back().why);
  }
  void expect_over(invitation_end why) const {
    EXPECT_EQ(over(a), why);
    EXPECT_EQ(over(b), why);
  }
  void expect_nobody_came() {
    heard.clear();
    come();
    ASSERT_TRUE(last<wire::refused>(survivor));
    EXPECT_EQ(last<wire::refused>(survivor)->why, wire::refusal::unknown);
    EXPECT_EQ(last<wire::refused>(survivor)->conversation, talk_of(50));
    EXPECT_FALSE(begun());
    EXPECT_EQ(count<wire::assigned>(b), 0u);
  }
};

// --- the team ---

using team = invitation;

TEST_F(team, is_whoever_else_is_on_duty_and_how_free_they_are) {
  on_duty_for_invitations(103, 3, hidden_desk);
  login(104, 4);  // not on duty
  on_duty(105, 5, drill_desk);
  on_duty(106, 6);
  say(106, wire::duty{true, false, 2});
  heard.clear();
  say(a, wire::ask_team{});
  const auto told = all<wire::colleague>(a);
  ASSERT_EQ(told.size(), 3u);
  std::map<block<wire::certificate_bytes>, bool> free;
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].left, told.size() - 1 - i);
    free[told[i].certificate] = told[i].free;
  }
  EXPECT_EQ(free, (std::map<block<wire::certificate_bytes>, bool>{
                      {certificate_of(2), true}, {certificate_of(3), true}, {certificate_of(6), false}}));
  say(105, wire::ask_team{});
  ASSERT_EQ(count<wire::colleague>(105), 1u) << "drills are among themselves, and there is no other";
  EXPECT_EQ(last<wire::colleague>(105)->certificate, certificate_of(0));
  EXPECT_FALSE(last<wire::colleague>(105)->free);
}

TEST_F(team, is_told_so_often_at_once_and_then_after_a_pause) {
  for (unsigned i = 0; i < wire::teams_at_once; ++i) say(a, wire::ask_team{});
  EXPECT_EQ(count<wire::colleague>(a), wire::teams_at_once);
  now += wire::team_pause_seconds;
  say(a, wire::ask_team{});
  EXPECT_FALSE(end_of(a)) << "at the bound";
  say(a, wire::ask_team{});
  EXPECT_EQ(end_of(a), error::too_fast) << "one past it";
}

TEST_F(team, that_no_call_reaches_is_not_counted_at_the_door_or_called) {
  hang_up(102);
  on_duty_for_invitations(103, 3);
  EXPECT_FALSE(at.door_of(centre_desk, now)->intake) << "one counselor is too few";
  EXPECT_EQ(at.figures_of(centre_desk, now)->present, 1u);
  on_duty(102, 2);
  say(102, wire::duty{true, false, 2});
  say(a, wire::duty{true, false, 2});
  enter(9, 9);
  EXPECT_EQ(count<wire::assigned>(103), 0u);
  EXPECT_EQ(count<wire::line_state>(103) > 0, true) << "and sees the line";
}

// --- every step ---

TEST_F(invitation, goes_to_whom_was_asked_with_who_asks) {
  invite(2, 1, a, invitation_kind::join);
  const auto got = last<wire::invited>(b);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->conversation, talk_of(1));
  EXPECT_EQ(got->certificate, certificate_of(1));
  EXPECT_EQ(got->kind, invitation_kind::join);
  EXPECT_EQ(got->th, named(99));
  EXPECT_FALSE(over(a));
  EXPECT_THAT(writes, IsEmpty()) << "presence only";
}

TEST_F(invitation, is_consented_to_introduced_and_entered) {
  invite();
  agree();
  ASSERT_TRUE(last<wire::consent>(a));
  EXPECT_EQ(last<wire::consent>(a)->body, body_of(7));
  EXPECT_EQ(last<wire::consent>(a)->conversation, talk_of(1));
  introduce_all();
  const auto pieces = all<wire::introduce>(b);
  ASSERT_EQ(pieces.size(), 3u);
  for (frame_number i = 0; i < 3; ++i) {
    EXPECT_EQ(pieces[i].number, i + 1);
    EXPECT_EQ(pieces[i].body, body_of(static_cast<unsigned>(i + 1)));
  }
  EXPECT_FALSE(over(a));
  EXPECT_THAT(writes, IsEmpty());
  heard.clear();
  come();
  expect_over(invitation_end::done);
  EXPECT_THAT(codes(survivor), ElementsAre(0x35, 0x37)) << "resumed, peer_state";
  EXPECT_EQ(last<wire::resumed>(survivor)->conversation, talk_of(50));
  EXPECT_EQ(last<wire::resumed>(survivor)->now, wire::stage::talking);
  EXPECT_EQ(last<wire::resumed>(survivor)->stored, 0u);
  EXPECT_EQ(last<wire::peer_state>(survivor)->now, wire::presence::here);
  ASSERT_EQ(count<wire::assigned>(b), 1u);
  EXPECT_EQ(last<wire::assigned>(b)->conversation, talk_of(50));
  EXPECT_EQ(last<wire::assigned>(b)->challenge, nonce_of(50));
  EXPECT_EQ(last<wire::assigned>(b)->why, wire::calling::invited);
  EXPECT_EQ(last<wire::assigned>(b)->waited, 0u);
  EXPECT_EQ(last<wire::peer_state>(b)->now, wire::presence::here);

  const auto fresh = begun();
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->counselor, staff(2));
  EXPECT_EQ(fresh->wanted, wire::calling::invited);
  EXPECT_FALSE(fresh->greeted);
  EXPECT_EQ(decode_conversation(stored.at(talk_of(1)).value)->counselor, staff(1)) << "nobody's counselor is changed";
}

TEST_F(invitation, leads_to_a_talk_like_any_other_beside_the_first) {
  consented();
  introduce_all();
  come();
  offer(b, 50, 1);
  hello(survivor, 50, 1);
  talk(survivor, 50, 2);
  talk(b, 50, 2);
  talk(survivor, 1, 2);
  talk(a, 1, 2);
  EXPECT_FALSE(end_of(survivor));
  EXPECT_EQ(frames(b), (std::vector<frame_number>{1, 2, 3, 1, 2})) << "introduction, then the talk";
  EXPECT_TRUE(begun()->greeted);
  EXPECT_FALSE(begun()->wanted);
  say(survivor, wire::leave{talk_of(1)});
  talk(b, 50, 3);
  EXPECT_FALSE(end_of(survivor));
  EXPECT_TRUE(begun()) << "the hand-over is done";
  EXPECT_EQ(at.mailboxes_of(survivor), 1u);
}

TEST_F(invitation, may_be_entered_before_it_is_introduced) {
  consented();
  come();
  EXPECT_TRUE(begun());
  EXPECT_FALSE(over(a));
  introduce_all();
  EXPECT_EQ(count<wire::introduce>(b), 3u);
  expect_over(invitation_end::done);
}

TEST_F(invitation, entered_again_with_the_same_values_is_the_same_conversation) {
  consented();
  introduce_all();
  come();
  offer(b, 50, 1);
  heard.clear();
  come();
  EXPECT_THAT(codes(survivor), ElementsAre(0x35, 0x37, 0x14)) << "resumed, peer_state, the offer that waits";
  EXPECT_EQ(count<wire::assigned>(b), 0u);
  heard.clear();
  wire::enter_invited other = entering();
  other.token_hash = hash_of(51);
  say(survivor, other);
  EXPECT_TRUE(last<wire::refused>(survivor));
  other = entering();
  other.challenge = nonce_of(51);
  say(survivor, other);
  other = entering();
  other.to = staff(1);
  say(survivor, other);
  EXPECT_EQ(count<wire::refused>(survivor), 3u);
  EXPECT_EQ(count<wire::resumed>(survivor), 0u);
}

TEST_F(invitation, is_entered_once) {
  consented();
  come();
  say(survivor, wire::leave{talk_of(50)});
  heard.clear();
  come(survivor, 51);
  EXPECT_EQ(last<wire::refused>(survivor)->why, wire::refusal::unknown);
  EXPECT_FALSE(begun(51));
}

// --- whom A may invite ---

TEST_F(invitation, is_over_at_once_if_nobody_can_be_asked) {
  const auto refused = [&](unsigned to) {
    heard.clear();
    invite(to);
    EXPECT_EQ(count<wire::invited>(100 + to), 0u);
    EXPECT_EQ(over(a), invitation_end::gone);
  };
  refused(7);  // nobody
  refused(1);  // A itself
  on_duty(105, 5, drill_desk);
  refused(5);  // drills are among themselves
  login(103, 3);
  refused(3);  // not on duty
  say(103, wire::duty{true, false, 2});
  refused(3);  // not free
  say(103, wire::duty{true, true, 0});
  refused(3);  // no room
  login(104, {staff(4), centre_desk, now + wire::accept_seconds, true, certificate_of(4)});
  ready(104);
  refused(4);  // its certificate ends
  heard.clear();
  say(103, wire::duty{true, true, 1});
  invite(3);
  EXPECT_EQ(count<wire::invited>(103), 1u);
}

TEST_F(invitation, reaches_other_desks_and_whom_no_call_reaches) {
  on_duty_for_invitations(103, 3, hidden_desk);
  invite(3);
  agree(103);
  come(survivor, 50, 3);
  ASSERT_TRUE(begun());
  EXPECT_EQ(begun()->desk, hidden_desk);
  EXPECT_EQ(last<wire::assigned>(103)->why, wire::calling::invited);
}

TEST_F(invitation, of_drills_is_among_drills) {
  on_duty(111, 11, drill_desk);
  enter(9, 9, drill_desk, true);
  offer(111, 9, 1);
  hello(9, 9, 1);
  on_duty(112, 12, drill_desk);
  heard.clear();
  invite(2, 9, 111);
  EXPECT_EQ(over(111), invitation_end::gone);
  heard.clear();
  invite(12, 9, 111);
  agree(112, 9);
  come(9, 50, 12, 9);
  ASSERT_TRUE(begun());
  EXPECT_EQ(begun()->desk, drill_desk);
}

TEST_F(invitation, keeps_a_place_free_for_whom_is_asked) {
  say(b, wire::duty{true, true, 1});
  say(a, wire::duty{true, false, 2});
  invite();
  enter(9, 9);
  EXPECT_EQ(count<wire::assigned>(b), 0u) << "the one place is kept";
  say(b, wire::decline{talk_of(1)});
  EXPECT_EQ(count<wire::assigned>(b), 1u) << "and free again";
}

TEST_F(invitation, is_counted_once_it_is_entered_like_any_talk) {
  say(b, wire::duty{true, true, 2});
  say(a, wire::duty{true, false, 2});
  consented();
  come();
  enter(8, 8);
  enter(9, 9);
  EXPECT_EQ(count<wire::assigned>(b), 2u) << "the invited and one from the line, not two";
}

TEST_F(invitation, is_one_at_a_time_for_a_talk) {
  invite();
  on_duty(103, 3);
  invite(3);
  EXPECT_EQ(end_of(a), error::out_of_phase);
  EXPECT_EQ(count<wire::invited>(103), 0u);
  EXPECT_EQ(over(b), invitation_end::gone) << "with A";
}

TEST_F(invitation, may_come_to_one_colleague_from_two_talks) {
  say(b, wire::duty{true, false, 2});
  enter(2, 2);
  offer(a, 2, 1);
  hello(2, 2, 1);
  ready(b);
  heard.clear();
  invite(2, 1);
  invite(2, 2);
  EXPECT_EQ(count<wire::invited>(b), 2u);
  agree(b, 2);
  come(2, 60, 2, 2);
  EXPECT_TRUE(begun(60));
  come(1, 50, 2, 1);
  EXPECT_FALSE(begun(50)) << "the consent was to the other";
  agree(b, 1);
  come(1, 50, 2, 1);
  EXPECT_TRUE(begun(50));
}

TEST_F(invitation, needs_a_talk_of_ones_own_in_which_both_are) {
  invite(1, 1, b);
  EXPECT_EQ(end_of(b), error::not_yours);
  on_duty(112, 2);
  say(survivor, wire::leave{talk_of(1)});
  heard.clear();
  invite();
  EXPECT_EQ(over(a), invitation_end::gone) << "the survivor has left";
}

TEST_F(invitation, out_of_a_call_is_out_of_phase) {
  enter(2, 2);
  const connection_id called = count<wire::assigned>(a) > 0 ? a : b;
  invite(called == a ? 2 : 1, 2, called);
  EXPECT_EQ(end_of(called), error::out_of_phase);
}

TEST_F(invitation, before_anybody_has_greeted_is_over_at_once) {
  enter(2, 2);
  const connection_id called = count<wire::assigned>(a) > 0 ? a : b;
  offer(called, 2, 1);
  heard.clear();
  invite(called == a ? 2 : 1, 2, called);
  EXPECT_EQ(over(called), invitation_end::gone) << "there is no session yet";
}

// --- what must not be said ---

TEST_F(invitation, is_consented_to_by_nobody_else_and_once) {
  on_duty(103, 3);
  on_duty(104, 4);
  agree(104);
  EXPECT_EQ(end_of(104), error::not_yours) << "before there is one";
  invite();
  agree(103);
  EXPECT_EQ(end_of(103), error::not_yours);
  EXPECT_EQ(count<wire::consent>(a), 0u);
  agree();
  agree();
  EXPECT_EQ(count<wire::consent>(a), 1u);
  EXPECT_FALSE(end_of(b)) << "a yes to one that was withdrawn may have come first";
}

TEST_F(invitation, is_not_consented_to_by_who_asks) {
  invite();
  agree(a);
  EXPECT_EQ(end_of(a), error::not_yours);
  expect_nobody_came();
}

TEST_F(invitation, is_declined_by_nobody_else) {
  on_duty(103, 3);
  invite();
  say(103, wire::decline{talk_of(1)});
  EXPECT_EQ(end_of(103), error::not_yours);
  EXPECT_FALSE(over(a));
}

TEST_F(invitation, is_introduced_by_nobody_but_who_asks) {
  consented();
  introduce(1, 1, b);
  EXPECT_EQ(end_of(b), error::not_yours);
}

TEST_F(invitation, is_introduced_after_the_consent) {
  invite();
  introduce(1);
  EXPECT_EQ(end_of(a), error::out_of_phase);
}

TEST_F(invitation, is_introduced_in_three_pieces_in_order) {
  for (const std::vector<frame_number>& pieces :
       {std::vector<frame_number>{0}, {2}, {1, 1}, {1, 3}, {1, 2, 4}, {1, 2, 3, 4}, {1, 2, 3, 3}}) {
    static_cast<scene&>(*this) = scene();
    begin_talk();
    consented();
    for (const frame_number piece : pieces) {
      EXPECT_FALSE(end_of(a)) << piece;
      introduce(piece);
    }
    EXPECT_EQ(end_of(a), error::gap) << pieces.back();
    EXPECT_EQ(count<wire::introduce>(b), pieces.size() - 1);
  }
}

TEST_F(invitation, that_is_over_makes_what_was_on_its_way_no_fault) {
  invite();
  say(a, wire::decline{talk_of(1)});
  agree();
  say(b, wire::decline{talk_of(1)});
  introduce(1);
  say(a, wire::decline{talk_of(1)});
  EXPECT_FALSE(end_of(a));
  EXPECT_FALSE(end_of(b));
  EXPECT_EQ(count<wire::consent>(a), 0u);
  EXPECT_EQ(count<wire::introduce>(b), 0u);
  expect_over(invitation_end::withdrawn);
  expect_nobody_came();
}

// --- who may enter ---

TEST_F(invitation, is_entered_by_nobody_before_the_consent) {
  expect_nobody_came();
  invite();
  expect_nobody_came();
  agree();
  come();
  EXPECT_TRUE(begun());
}

TEST_F(invitation, is_entered_by_its_survivor_alone) {
  enter(2, 2);
  const connection_id other_console = count<wire::assigned>(a) > 0 ? a : b;
  offer(other_console, 2, 1);
  hello(2, 2, 1);
  enter(3, 3);
  consented();
  come(2);            // through a talk that it is not in
  come(2, 50, 2, 2);  // through its own, which nobody was invited to
  come(3);
  EXPECT_EQ(count<wire::refused>(2), 2u);
  EXPECT_EQ(count<wire::refused>(3), 1u);
  come(3, 50, 2, 3);
  EXPECT_EQ(end_of(3), error::out_of_phase) << "out of the line";
  EXPECT_FALSE(begun());
  EXPECT_FALSE(end_of(2));
  come();
  EXPECT_TRUE(begun());
}

TEST_F(invitation, leads_to_nobody_but_the_one_who_consented) {
  on_duty(103, 3);
  consented();
  come(survivor, 50, 3);
  EXPECT_EQ(count<wire::refused>(survivor), 1u);
  EXPECT_FALSE(begun());
  EXPECT_EQ(count<wire::assigned>(103), 0u);
}

TEST_F(invitation, leads_to_no_conversation_that_is_another_ones) {
  enter(3, 3);
  consented();
  come(survivor, 3);
  EXPECT_EQ(end_of(survivor), error::out_of_phase) << "a place in the line is held alone";
  EXPECT_EQ(decode_conversation(stored.at(talk_of(3)).value)->counselor, std::nullopt);
}

// --- two conversations, and no third ---

TEST_F(invitation, gives_a_connection_two_conversations_and_no_third) {
  consented();
  introduce_all();
  EXPECT_EQ(at.mailboxes_of(survivor), 1u);
  come();
  EXPECT_EQ(at.mailboxes_of(survivor), wire::survivor_conversations_max) << "at the bound";
  on_duty(103, 3);
  invite(3);
  agree(103);
  come(survivor, 51, 3);
  EXPECT_EQ(end_of(survivor), error::out_of_phase) << "one past it";
  EXPECT_FALSE(begun(51));
}

TEST_F(invitation, is_resumed_by_a_token_of_its_own) {
  consented();
  introduce_all();
  come();
  offer(b, 50, 1);
  hang_up(survivor);
  EXPECT_EQ(last<wire::peer_state>(a)->now, wire::presence::away);
  EXPECT_EQ(last<wire::peer_state>(b)->now, wire::presence::away);
  heard.clear();
  resume(7, 1);
  resume(7, 50);
  EXPECT_EQ(count<wire::resumed>(7), 2u);
  EXPECT_EQ(last<wire::peer_state>(a)->now, wire::presence::here);
  EXPECT_EQ(last<wire::peer_state>(b)->now, wire::presence::here);
  hello(7, 50, 1);
  talk(7, 1, 2);
  EXPECT_FALSE(end_of(7));
  heard.clear();
  resume_with(8, 50, token_of(1));
  EXPECT_TRUE(last<wire::refused>(8)) << "not by the other one's";
}

TEST_F(invitation, is_resumed_in_either_order_and_taken_over_together) {
  consented();
  come();
  resume(7, 50);
  EXPECT_EQ(end_of(survivor), error::taken_over);
  resume(7, 1);
  EXPECT_EQ(at.mailboxes_of(7), 2u);
  resume(7, 60);
  EXPECT_EQ(end_of(7), error::out_of_phase) << "whether there is a third one or not";
}

TEST_F(invitation, with_a_wrong_token_is_like_one_of_nothing) {
  hang_up(survivor);
  resume(7, 1);
  heard.clear();
  resume(7, 60);
  EXPECT_EQ(last<wire::refused>(7)->why, wire::refusal::unknown);
  EXPECT_FALSE(end_of(7));
}

TEST_F(invitation, of_somebody_in_the_line_is_no_second_conversation) {
  enter(2, 2);
  say(a, wire::duty{true, false, 2});
  say(b, wire::duty{true, false, 2});
  enter(3, 3);
  resume(1, 3);
  EXPECT_EQ(end_of(1), error::out_of_phase) << "a talk and a place";
  resume(3, 1);
  EXPECT_EQ(end_of(3), error::out_of_phase) << "a place and a talk";
}

// --- the end ---

TEST_F(invitation, that_is_declined_is_over_for_both) {
  invite();
  say(b, wire::decline{talk_of(1)});
  expect_over(invitation_end::declined);
  expect_nobody_came();
}

TEST_F(invitation, that_is_declined_after_the_consent_is_over_too) {
  consented();
  say(b, wire::decline{talk_of(1)});
  expect_over(invitation_end::declined);
  expect_nobody_came();
}

TEST_F(invitation, that_is_withdrawn_is_over_for_both) {
  consented();
  say(a, wire::decline{talk_of(1)});
  expect_over(invitation_end::withdrawn);
  expect_nobody_came();
  invite();
  EXPECT_EQ(count<wire::invited>(b), 1u) << "and another may follow";
}

TEST_F(invitation, without_an_answer_is_too_late_after_two_minutes) {
  invite();
  pass(wire::invitation_answer_seconds - 1);
  EXPECT_FALSE(over(a));
  pass(1);
  expect_over(invitation_end::too_late);
  agree();
  EXPECT_FALSE(end_of(b));
  expect_nobody_came();
}

TEST_F(invitation, without_the_survivor_is_too_late_after_ten) {
  pass(wire::invitation_answer_seconds - 1);
  consented();
  pass(wire::invitation_life_seconds - 1);
  EXPECT_FALSE(over(a)) << "from the consent";
  pass(1);
  expect_over(invitation_end::too_late);
  expect_nobody_came();
}

// At each step: invited, consented, introduced. What happens, and who is told what.
struct disappearance {
  const char* what;
  std::function<void(scene&)> happens;
  bool a_hears, b_hears;
};
void PrintTo(const disappearance& one, std::ostream* out) { *out << one.what; }

class disappearing : public invitation, public testing::WithParamInterface<disappearance> {};
INSTANTIATE_TEST_SUITE_P(
    each, disappearing,
    testing::Values(disappearance{"console_of_a", [](scene& in) { in.hang_up(101); }, false, true},
                    disappearance{"console_of_b", [](scene& in) { in.hang_up(102); }, true, false},
                    disappearance{"b_off_duty",
                                  [](scene& in) {
                                    in.say(102, wire::duty{false, false, 0});
                                  },
                                  true, true},
                    disappearance{"survivor_leaves", [](scene& in) { in.say(1, wire::leave{talk_of(1)}); }, true,
                                  true},
                    disappearance{"a_leaves", [](scene& in) { in.say(101, wire::leave{talk_of(1)}); }, true, true},
                    disappearance{"survivor_reloads", [](scene& in) { in.resume(9, 1, false, 77); }, true, true},
                    disappearance{"a_is_disabled",
                                  [](scene& in) {
                                    in.review([](const staff_id& id) {
                                      return id == staff(1) ? staff_standing::dismissed : staff_standing::good;
                                    });
                                  },
                                  true, true},
                    disappearance{"b_is_disabled",
                                  [](scene& in) {
                                    in.review([](const staff_id& id) {
                                      return id == staff(2) ? staff_standing::dismissed : staff_standing::good;
                                    });
                                  },
                                  true, false},
                    disappearance{"certificate_of_b_ends",
                                  [](scene& in) {
                                    in.review([](const staff_id& id) {
                                      return id == staff(2) ? staff_standing::out_of_time : staff_standing::good;
                                    });
                                  },
                                  true, true},
                    disappearance{"conversation_ends", [](scene& in) { in.pass(life_seconds_max); }, true, true}),
    [](const auto& one) { return one.param.what; });

TEST_P(disappearing, ends_an_invitation_at_every_step_and_nobody_comes) {
  for (int step = 0; step < 3; ++step) {
    SCOPED_TRACE(step);
    static_cast<scene&>(*this) = scene();
    begin_talk();
    invite();
    if (step > 0) agree();
    if (step > 1) introduce_all();
    heard.clear();
    GetParam().happens(*this);
    EXPECT_EQ(over(a), GetParam().a_hears ? std::optional(invitation_end::gone) : std::nullopt);
    EXPECT_EQ(over(b), GetParam().b_hears ? std::optional(invitation_end::gone) : std::nullopt);
    if (end_of(survivor)) continue;
    heard.clear();
    come();
    EXPECT_EQ(last<wire::refused>(survivor)->why, wire::refusal::unknown);
    EXPECT_FALSE(begun());
  }
}

TEST_F(invitation, waits_for_a_survivor_whose_network_was_gone) {
  consented();
  hang_up(survivor);
  resume(7, 1);
  EXPECT_FALSE(over(a));
  come(7);
  EXPECT_TRUE(begun());
}

TEST_F(invitation, that_was_entered_is_over_with_a_and_the_conversation_stays) {
  consented();
  come();
  hang_up(a);
  EXPECT_EQ(over(b), invitation_end::gone) << "B will never know who that is";
  EXPECT_TRUE(begun());
  say(survivor, wire::leave{talk_of(50)});
  EXPECT_EQ(last<wire::peer_state>(b)->now, wire::presence::left);
}

TEST_F(invitation, that_was_entered_outlives_both_consoles) {
  consented();
  introduce_all();
  come();
  hang_up(a);
  hang_up(b);
  EXPECT_EQ(last<wire::peer_state>(survivor)->now, wire::presence::away);
  heard.clear();
  login(112, 2);
  ASSERT_TRUE(last<wire::assigned>(112)) << "its offer is still wanted";
  EXPECT_EQ(last<wire::assigned>(112)->why, wire::calling::invited);
  EXPECT_EQ(last<wire::logged_in>(112)->serves, 1u);
}

TEST_F(invitation, is_gone_after_a_restart_unless_it_was_entered) {
  consented();
  restart();
  resume(7, 1);
  come(7);
  EXPECT_TRUE(last<wire::refused>(7));
  EXPECT_FALSE(begun());
}

TEST_F(invitation, that_was_entered_is_there_after_a_restart) {
  consented();
  come();
  restart();
  login(112, 2);
  ASSERT_EQ(count<wire::assigned>(112), 1u);
  EXPECT_EQ(last<wire::assigned>(112)->conversation, talk_of(50));
  EXPECT_EQ(last<wire::assigned>(112)->challenge, nonce_of(50));
  EXPECT_EQ(last<wire::assigned>(112)->why, wire::calling::invited);
  resume(7, 1);
  resume(7, 50);
  EXPECT_EQ(last<wire::resumed>(7)->now, wire::stage::talking);
  heard.clear();
  come(7);
  EXPECT_EQ(count<wire::resumed>(7), 1u) << "whose answer was lost";
  offer(112, 50, 1);
  hello(7, 50, 1);
  EXPECT_FALSE(end_of(7));
  EXPECT_TRUE(begun()->greeted);
}

}  // namespace
}  // namespace tomoshibi::desk
