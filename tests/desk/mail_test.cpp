// Frames, their numbers, and what waits.
#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

using testing::ElementsAre;
using wire::error;

TEST(mail, is_stored_acknowledged_and_passed_on) {
  scene in;
  in.begin_talk();
  in.talk(1, 1, 2);
  EXPECT_EQ(in.last<wire::stored>(1)->through, 2u);
  EXPECT_THAT(in.frames(101), ElementsAre(2));
  in.talk(101, 1, 2);
  EXPECT_EQ(in.last<wire::stored>(101)->through, 2u);
  EXPECT_THAT(in.frames(1), ElementsAre(2));
  EXPECT_EQ(in.stored.at(talk_of(1)).mail.size(), 4u);
}

TEST(mail, repeated_is_acknowledged_again_and_dropped) {
  scene in;
  in.begin_talk();
  in.talk(1, 1, 2);
  const rows before = in.stored;
  in.talk(1, 1, 2);
  in.talk(1, 1, 1);
  in.hello(1, 1, 1);
  EXPECT_EQ(in.count<wire::stored>(1), 4u);
  EXPECT_EQ(in.last<wire::stored>(1)->through, 2u);
  EXPECT_THAT(in.frames(101), ElementsAre(2));
  EXPECT_EQ(in.stored, before);
  in.say(101, wire::taken{talk_of(1), 2});
  in.talk(1, 1, 2);  // also when it is long erased
  EXPECT_EQ(in.last<wire::stored>(1)->through, 2u);
  EXPECT_THAT(in.frames(101), ElementsAre(2));
}

TEST(mail, with_a_gap_or_number_zero_closes_the_connection) {
  for (const auto& [number, why] : {std::pair{frame_number{3}, error::gap}, {frame_number{0}, error::malformed}}) {
    scene in;
    in.begin_talk();
    in.talk(1, 1, number);
    EXPECT_EQ(in.end_of(1), why);
    EXPECT_TRUE(in.writes.empty());
    EXPECT_EQ(in.last<wire::peer_state>(101)->now, wire::presence::away);
  }
}

TEST(mail, waits_up_to_512_frames_one_way) {
  scene in;
  in.begin_talk();
  for (frame_number n = 2; n <= wire::mailbox_frames_max; ++n) in.talk(1, 1, n);
  EXPECT_FALSE(in.end_of(1));
  in.talk(101, 1, 2);
  EXPECT_FALSE(in.end_of(101)) << "the other way is another mailbox";
  in.talk(1, 1, wire::mailbox_frames_max + 1);
  EXPECT_EQ(in.end_of(1), error::mailbox_full);
  EXPECT_TRUE(in.writes.empty());
  in.say(101, wire::taken{talk_of(1), 1});
  in.resume(11, 1);
  in.talk(11, 1, wire::mailbox_frames_max + 1);
  EXPECT_EQ(in.last<wire::stored>(11)->through, wire::mailbox_frames_max + 1);
}

// Whoever does not take its mail is to blame; a counselor serves others too.
TEST(mail, too_much_for_the_survivor_ends_that_conversation_and_closes_nobody) {
  scene in;
  in.begin_talk();
  for (frame_number n = 2; n <= wire::mailbox_frames_max; ++n) in.talk(101, 1, n);
  EXPECT_EQ(in.stored.size(), 1u);
  in.heard.clear();
  in.talk(101, 1, wire::mailbox_frames_max + 1);
  EXPECT_TRUE(in.stored.empty());
  EXPECT_EQ(in.count<wire::left>(1), 1u);
  EXPECT_EQ(in.count<wire::left>(101), 1u);
  in.talk(101, 1, wire::mailbox_frames_max + 2);  // it was on its way
  EXPECT_TRUE(in.ended.empty());
}

TEST(mail, is_erased_when_taken_and_sent_again_until_then) {
  scene in;
  in.begin_talk();
  for (frame_number n = 2; n <= 5; ++n) in.talk(1, 1, n);
  in.say(101, wire::taken{talk_of(1), 3});
  EXPECT_EQ(in.stored.at(talk_of(1)).mail.size(), 1u + 2u);  // the offer, and 4 and 5
  in.say(101, wire::taken{talk_of(1), 3});
  in.say(101, wire::taken{talk_of(1), 1});
  EXPECT_TRUE(in.writes.empty()) << "a repetition changes nothing";
  in.hang_up(101);
  in.talk(1, 1, 6);
  in.login(111, 1);
  EXPECT_THAT(in.frames(111), ElementsAre(4, 5, 6));
}

TEST(mail, beyond_what_was_sent_cannot_be_taken) {
  scene in;
  in.begin_talk();
  in.say(101, wire::taken{talk_of(1), 2});
  EXPECT_EQ(in.end_of(101), error::gap);
}

TEST(mail, is_for_those_who_are_part_of_the_conversation) {
  const wire::client_message all[] = {wire::talk{talk_of(1), 1, {}}, wire::offer{talk_of(1), 2, {}},
                                      wire::taken{talk_of(1), 1}, wire::ask_again{talk_of(1)},
                                      wire::register_token{talk_of(1), {}}};
  for (const wire::client_message& said : all) {
    scene in;
    in.begin_talk();
    const rows before = in.stored;
    in.say(102, said);
    EXPECT_EQ(in.end_of(102), error::not_yours) << said.index();
    in.enter(2, 2);
    in.say(2, wire::talk{talk_of(1), 2, {}});
    EXPECT_EQ(in.end_of(2), error::not_yours);
    in.stored.erase(talk_of(2));
    EXPECT_EQ(in.stored, before);
    EXPECT_FALSE(in.end_of(1));
    EXPECT_FALSE(in.end_of(101));
  }
}

// Before the offer nothing, before the hello only that.
TEST(mail, comes_in_the_order_of_the_protocol) {
  {
    scene in;
    in.open_desk();
    in.enter(1, 1);
    in.hello(1, 1, 1);
    EXPECT_EQ(in.end_of(1), error::out_of_phase);
  }
  for (const connection_id who : {1u, 101u}) {
    scene in;
    in.open_desk();
    in.enter(1, 1);
    in.offer(101, 1, 1);
    in.talk(who, 1, who == 1 ? 1 : 2);
    EXPECT_EQ(in.end_of(who), error::out_of_phase);
  }
}

TEST(mail, is_the_same_bytes_in_the_store_and_for_the_peer) {
  scene in;
  in.begin_talk();
  const outcome out = in.at.received(1, wire::talk{talk_of(1), 2, body_of(2)}, in.now);
  ASSERT_EQ(out.writes.size(), 1u);
  ASSERT_EQ(out.effects.size(), 2u);
  EXPECT_EQ(std::get<put_mail>(out.writes[0]).value, std::get<send>(out.effects[1]).said);
  EXPECT_EQ(std::get<put_mail>(out.writes[0]).to, side::counselor);
}

}  // namespace
}  // namespace tomoshibi::desk
