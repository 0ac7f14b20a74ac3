// Nothing is let out before what it rests on is committed; and what happens when the store fails.
#include "tests/centre/house.hpp"

namespace tomoshibi::centre {
namespace {

using testing::ElementsAre;
using wire::error;

// A talk under way in a store that waits to be told, with nothing waiting.
struct talking_house : house {
  talking_house() : house(memory_store::commits::when_told) {
    on_duty(101, "akari");
    on_duty(102, "hotaru");
    open(1);
    say(1, enter_of(1));
    store.commit_all();
    say(101, wire::offer{talk_of(1), 1, {}});
    store.commit_all();
    say(1, wire::hello{talk_of(1), 1, {}});
    store.commit_all();
    EXPECT_TRUE(at->idle());
    heard.clear();
  }
};

TEST(batch, acknowledges_and_passes_on_after_the_commit) {
  talking_house in;
  in.say(1, wire::talk{in.talk_of(1), 2, {7}});
  EXPECT_EQ(in.store.waiting(), 1u);
  EXPECT_FALSE(in.at->idle());
  EXPECT_TRUE(in.heard.empty());
  in.store.commit_next();
  EXPECT_THAT(in.codes(1), ElementsAre(wire::stored::code));
  EXPECT_THAT(in.codes(101), ElementsAre(wire::talk::code));
  EXPECT_TRUE(in.at->idle());
}

TEST(batch, shows_nobody_a_conversation_by_invitation_before_the_commit) {
  talking_house in;
  in.be_invited(102, "hotaru");
  EXPECT_THAT(in.codes(102), ElementsAre(wire::invited::code));
  EXPECT_THAT(in.codes(101), ElementsAre(wire::consent::code));
  EXPECT_TRUE(in.codes(1).empty());
  in.store.commit_next();
  EXPECT_EQ(in.count<wire::assigned>(102), 1u);
  EXPECT_THAT(in.codes(1), ElementsAre(wire::resumed::code, wire::peer_state::code));
}

TEST(batch, collects_while_one_is_in_the_store) {
  talking_house in;
  for (std::uint64_t n = 2; n <= 6; ++n) in.say(1, wire::talk{in.talk_of(1), n, {}});
  EXPECT_EQ(in.store.waiting(), 1u) << "one at a time";
  in.store.commit_next();
  EXPECT_EQ(in.count<wire::stored>(1), 1u);
  EXPECT_EQ(in.count<wire::talk>(101), 1u);
  ASSERT_EQ(in.store.waiting(), 1u);
  EXPECT_EQ(in.store.next().writes.size(), 4u);
  in.store.commit_next();
  EXPECT_EQ(in.all<wire::stored>(1).back().through, 6u);
  EXPECT_EQ(in.count<wire::talk>(101), 5u);
  EXPECT_EQ(in.store.waiting(), 0u);
}

TEST(batch, holds_what_writes_nothing_behind_what_came_before) {
  talking_house in;
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  in.say(1, wire::talk{in.talk_of(1), 2, {}});  // a repetition: its answer rests on the first one
  in.say(1, wire::watch{in.files.consultation});
  EXPECT_TRUE(in.heard.empty());
  in.say(1, wire::talk{in.talk_of(1), 3, {}});
  in.say(1, wire::watch{in.files.consultation});
  in.store.commit_next();
  EXPECT_THAT(in.codes(1), ElementsAre(wire::stored::code, wire::stored::code, wire::door::code));
  in.store.commit_next();
  EXPECT_THAT(in.codes(1), ElementsAre(wire::stored::code, wire::stored::code, wire::door::code, wire::stored::code,
                                       wire::door::code));
  in.heard.clear();
  in.say(1, wire::watch{in.files.consultation});
  EXPECT_THAT(in.codes(1), ElementsAre(wire::door::code)) << "at once if nothing waits";
}

TEST(batch, holds_a_close_too_and_hears_nothing_after_it) {
  talking_house in;
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  in.say(1, wire::talk{in.talk_of(1), 9, {}});  // a gap
  in.say(1, wire::talk{in.talk_of(1), 3, {}});  // not heard
  EXPECT_FALSE(in.end_of(1));
  in.store.commit_all();
  EXPECT_THAT(in.codes(1), ElementsAre(wire::stored::code, wire::failed::code));
  EXPECT_EQ(in.end_of(1), error::gap);
  EXPECT_EQ(in.all<wire::stored>(1)[0].through, 2u);
}

TEST(batch, writes_a_conversation_once_however_often_it_changed) {
  talking_house in;
  in.say(101, wire::talk{in.talk_of(1), 2, {}});  // in the store; what follows is collected
  for (unsigned n = 1; n <= 500; ++n) {
    in.say(1, wire::register_token{in.talk_of(1), {byte(n), byte(n >> 8)}});
    if (n % 100 == 0) in.say(1, wire::talk{in.talk_of(1), 1 + n / 100, {}});
  }
  in.store.commit_next();
  EXPECT_EQ(in.store.next().writes.size(), 1u + 5u);
  in.store.commit_all();
  EXPECT_EQ(in.all<wire::stored>(1).back().through, 6u);
  in.open(2);
  in.say(2, wire::resume{in.talk_of(1), in.token_of(1), true, {}});
  EXPECT_EQ(in.count<wire::refused>(2), 1u) << "the latest state is the one that stays";
}

TEST(batch, keeps_an_end_and_a_new_beginning_apart) {
  house in(memory_store::commits::when_told);
  in.on_duty(101, "akari");
  in.on_duty(102, "hotaru");
  in.open(2);
  in.say(2, in.enter_of(2));  // in the store; what follows is collected
  in.open(1);
  for (int i = 0; i < 3; ++i) {
    in.say(1, in.enter_of(1));
    if (i < 2) in.say(1, wire::leave{in.talk_of(1)});
  }
  in.store.commit_all();
  EXPECT_TRUE(in.store.committed().contains(in.talk_of(1)));
  in.say(2, wire::leave{in.talk_of(2)});
  in.say(1, wire::leave{in.talk_of(1)});
  in.store.commit_all();
  EXPECT_TRUE(in.store.committed().empty());
  EXPECT_TRUE(in.ended.empty());
}

TEST(batch, takes_so_much_of_one_connection_before_a_commit_and_no_more) {
  talking_house in;
  in.say(101, wire::talk{in.talk_of(1), 2, {}});
  for (std::uint64_t n = 2; n <= wire::mailbox_frames_max; ++n) {  // as much as an honest client has to say
    in.say(1, wire::talk{in.talk_of(1), n, {}});
    in.say(1, wire::taken{in.talk_of(1), 1});
  }
  in.store.commit_all();
  EXPECT_TRUE(in.ended.empty());
  in.say(101, wire::talk{in.talk_of(1), 3, {}});
  for (unsigned n = 1; n <= 5'000; ++n) in.say(1, wire::register_token{in.talk_of(1), {byte(n), byte(n >> 8)}});
  in.store.commit_all();
  EXPECT_EQ(in.end_of(1), error::too_fast);
  EXPECT_FALSE(in.end_of(101));
  EXPECT_TRUE(in.logged.empty()) << "the store did not fail";
}

TEST(batch, holds_so_many_answers_for_those_who_only_ask_and_no_more) {
  talking_house in;
  in.open(3);
  in.say(101, wire::talk{in.talk_of(1), 2, {}});
  for (int i = 0; i < 5'000; ++i) in.say(3, wire::watch{in.files.consultation});
  in.store.commit_all();
  EXPECT_EQ(in.end_of(3), error::too_fast);
  EXPECT_LE(in.count<wire::door>(3), 100u);
  in.open(4);
  for (int i = 0; i < 5'000; ++i) in.say(4, wire::watch{in.files.consultation});
  EXPECT_FALSE(in.end_of(4)) << "nothing is held for it: it has its answers at once";
}

TEST(batch, taken_together_stays_below_what_the_store_refuses) {
  house in(memory_store::commits::when_told);
  in.on_duty(101, "akari");
  in.on_duty(102, "hotaru");
  in.say(101, wire::duty{true, false, 3});
  in.say(102, wire::duty{true, false, 3});
  std::size_t turned_away = 0;
  for (unsigned n = 0; n < 1'000; ++n) {  // many connections, each within its own bound
    const connection_id who = 1'000 + n;
    in.open(who);
    for (int i = 0; i < 30; ++i) {
      in.say(who, in.enter_of(1));
      in.say(who, wire::leave{in.talk_of(1)});
    }
  }
  in.store.commit_next();
  EXPECT_LE(in.store.next().writes.size(), 10'000u);
  in.store.commit_all();
  for (const auto& [who, why] : in.ended) turned_away += why == error::too_fast;
  EXPECT_GT(turned_away, 500u);
  EXPECT_FALSE(in.end_of(101));
}

TEST(batch, resumed_in_the_middle_gets_every_frame_once_committed) {
  talking_house in;
  in.say(101, wire::talk{in.talk_of(1), 2, {}});
  in.open(2);
  in.say(2, wire::resume{in.talk_of(1), in.token_of(1), true, {}});
  EXPECT_EQ(in.count<wire::resumed>(2), 0u);
  in.store.commit_all();
  EXPECT_EQ(in.count<wire::talk>(2), 1u);
  EXPECT_EQ(in.end_of(1), error::taken_over);
}

TEST(batch, may_complete_within_submit) {
  house in;
  in.begin_talk();
  for (std::uint64_t n = 2; n <= 50; ++n) in.say(1, wire::talk{in.talk_of(1), n, {}});
  EXPECT_EQ(in.all<wire::stored>(1).back().through, 50u);
  EXPECT_TRUE(in.at->idle());
}

TEST(failure, drops_what_was_not_committed_and_sends_everyone_away) {
  talking_house in;
  in.open(3);
  in.heard.clear();
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  in.say(101, wire::talk{in.talk_of(1), 2, {}});
  const auto before = in.store.committed();
  in.store.fail_next();
  EXPECT_EQ(in.store.committed(), before);
  for (const connection_id who : {1u, 3u, 101u, 102u}) {
    EXPECT_THAT(in.codes(who), ElementsAre(wire::failed::code)) << who;
    EXPECT_EQ(in.end_of(who), error::unavailable);
  }
  EXPECT_EQ(in.store.waiting(), 0u) << "what was collected is gone too";
  EXPECT_TRUE(in.at->door(in.files.consultation, in.now));
  ASSERT_EQ(in.logged.size(), 1u);
  EXPECT_THAT(in.logged[0], testing::HasSubstr("disk full"));
}

TEST(failure, is_followed_by_going_on_where_the_store_is) {
  talking_house in;
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  in.say(101, wire::talk{in.talk_of(1), 2, {}});  // collected, not submitted yet
  in.store.fail_next();
  for (const connection_id who : {1u, 101u, 102u}) in.at->closed(who, in.now);
  in.open(2);
  in.say(2, wire::resume{in.talk_of(1), in.token_of(1), true, {}});
  in.log_in(201, "akari");
  EXPECT_EQ(in.all<wire::resumed>(2).at(0).stored, 1u) << "the frame was not acknowledged and is not there";
  in.say(2, wire::talk{in.talk_of(1), 2, {}});
  in.store.commit_all();
  EXPECT_EQ(in.all<wire::stored>(2).back().through, 2u);
  EXPECT_EQ(in.count<wire::talk>(201), 1u);
  EXPECT_EQ(in.store.committed().at(in.talk_of(1)).mail.size(), 3u) << "offer, hello, and the one talk";
}

TEST(failure, closes_who_was_about_to_be_closed_once) {
  talking_house in;
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  in.say(1, wire::talk{in.talk_of(1), 9, {}});  // a gap: its close is held
  in.at->received(102, bytes{0xff}, in.now);
  in.store.fail_next();
  EXPECT_EQ(in.end_of(1), error::unavailable);
  EXPECT_EQ(in.end_of(102), error::unavailable);
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  EXPECT_EQ(in.store.waiting(), 0u);
}

TEST(failure, of_reading_too_keeps_everyone_out_until_it_can_be_read) {
  talking_house in;
  in.store.unreadable = true;
  in.say(1, wire::talk{in.talk_of(1), 2, {}});
  in.store.fail_next();
  EXPECT_FALSE(in.at->door(in.files.consultation, in.now));
  in.at->closed(1, in.now);
  in.open(2);
  EXPECT_THAT(in.codes(2), ElementsAre(wire::failed::code));
  EXPECT_EQ(in.end_of(2), error::unavailable);
  in.at->tick(in.now);
  EXPECT_FALSE(in.at->door(in.files.consultation, in.now));
  EXPECT_EQ(in.logged.size(), 3u) << "each failure is told";
  in.store.unreadable = false;
  in.at->tick(++in.now);
  EXPECT_TRUE(in.at->door(in.files.consultation, in.now));
  in.open(3);
  in.say(3, wire::resume{in.talk_of(1), in.token_of(1), true, {}});
  EXPECT_EQ(in.count<wire::resumed>(3), 1u);
}

TEST(start, says_why_the_store_cannot_be_used) {
  house in;
  in.begin_talk();
  in.make();
  EXPECT_TRUE(in.at->start(in.now));
  in.store.unreadable = true;
  in.make();
  const auto started = in.at->start(in.now);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error(), testing::HasSubstr("the store cannot be read"));
}

TEST(restart, at_any_commit_loses_nothing_that_was_acknowledged) {
  for (std::uint64_t cut = 2; cut <= 8; ++cut) {
    talking_house in;
    for (std::uint64_t n = 2; n <= 8; ++n) {
      in.say(1, wire::talk{in.talk_of(1), n, {}});
      if (n % 2 == 0) in.store.commit_next();
      if (n == cut) break;
    }
    const std::uint64_t acknowledged = in.count<wire::stored>(1) == 0 ? 1 : in.all<wire::stored>(1).back().through;
    memory_store kept = in.store;  // what was not committed is not in it
    house next;
    next.store = kept;
    next.make();
    ASSERT_TRUE(next.at->start(next.now));
    next.log_in(101, "akari");
    EXPECT_GE(next.count<wire::talk>(101) + 1, acknowledged);
    next.open(1);
    next.say(1, wire::resume{next.talk_of(1), next.token_of(1), true, {}});
    EXPECT_GE(next.all<wire::resumed>(1).at(0).stored, acknowledged);
  }
}

// A defect must end the process, not go on with what is not so.
TEST(broken_promise, ends_the_process) {
  house in;
  EXPECT_DEATH(in.at->committed({99, {}}, in.now), "a completion is for the batch in the store");
}

}  // namespace
}  // namespace tomoshibi::centre
