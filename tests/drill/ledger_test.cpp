// The ledger finds what a drill is for: texts that are lost, doubled, out of order, or never said.
#include "server/drill/ledger.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/seeded_random.hpp"

namespace tomoshibi::drill {
namespace {

class drill_ledger : public testing::Test {
 protected:
  // The survivor says, the counselor reads, if nothing else is said.
  void say(const std::string& text, speaker who = speaker::survivor) {
    ids[text] = random.make_block<16>();
    all.said(talk, who, text, ids[text]);
  }
  void read(std::string_view text, speaker by = speaker::counselor) { all.read(talk, by, text); }
  void recalled(std::string_view text, speaker who = speaker::survivor) {
    all.recalled(talk, speaker::counselor, who, text);
  }
  void stored(const std::string& text) { all.stored(talk, speaker::survivor, ids.at(text)); }
  void delivered(const std::string& text) { all.delivered(talk, speaker::survivor, ids.at(text)); }

  support::seeded_random random{1};
  crypto::conversation_id talk{1};
  ledger all;
  std::map<std::string, block<16>> ids;
};

TEST_F(drill_ledger, counts_a_text_as_delivered_when_it_was_read_and_confirmed) {
  say("one");
  EXPECT_EQ(all.sum().lost, 1u);
  read("one");
  EXPECT_EQ(all.sum().lost, 1u) << "who said it does not know yet";
  delivered("one");
  EXPECT_EQ(all.sum().delivered, 1u);
  EXPECT_TRUE(all.sum().clean());
}

TEST_F(drill_ledger, says_once_when_a_text_was_due) {
  const moment due = moment() + std::chrono::seconds(7);
  const block<16> id = random.make_block<16>();
  all.said(talk, speaker::survivor, "one", id, due);
  EXPECT_EQ(all.read(talk, speaker::counselor, "one"), due);
  EXPECT_EQ(all.read(talk, speaker::counselor, "one"), std::nullopt);
  EXPECT_EQ(all.delivered(talk, speaker::survivor, id), due);
  EXPECT_EQ(all.delivered(talk, speaker::survivor, id), std::nullopt);
}

TEST_F(drill_ledger, does_not_believe_a_confirmation_of_what_nobody_read) {
  say("one");
  delivered("one");
  EXPECT_EQ(all.sum().lost, 1u);
  EXPECT_FALSE(all.sum().clean());
  all.memory_lost(talk, speaker::survivor);
  all.left(talk, speaker::counselor);
  EXPECT_EQ(all.sum().lost, 1u);
}

TEST_F(drill_ledger, sees_a_text_shown_twice) {
  say("one");
  read("one");
  read("one");
  EXPECT_EQ(all.sum().duplicated, 1u);
  EXPECT_FALSE(all.sum().clean());
}

TEST_F(drill_ledger, sees_texts_in_the_wrong_order) {
  for (const char* text : {"one", "two", "three"}) say(text);
  for (const char* text : {"two", "one", "three"}) read(text);
  for (const char* text : {"one", "two", "three"}) delivered(text);
  EXPECT_EQ(all.sum().reordered, 1u);
  EXPECT_FALSE(all.sum().clean());
}

TEST_F(drill_ledger, sees_a_text_that_nobody_said_or_that_was_said_elsewhere) {
  say("one");
  read("onE");
  all.read({2}, speaker::counselor, "one");
  all.read(talk, speaker::survivor, "one");
  EXPECT_EQ(all.sum().altered, 3u);
}

TEST_F(drill_ledger, is_not_clean_when_nothing_was_said) { EXPECT_FALSE(all.sum().clean()); }

// --- a side that loses its memory ---

TEST_F(drill_ledger, forgives_what_was_on_no_more_than_a_page_that_was_loaded_again) {
  say("one");
  EXPECT_EQ(all.count_waiting(talk, speaker::survivor), 1u);
  EXPECT_EQ(all.count_owed(talk, speaker::counselor), 1u);
  all.memory_lost(talk, speaker::survivor);
  EXPECT_EQ(all.count_waiting(talk, speaker::survivor), 0u);
  EXPECT_EQ(all.count_owed(talk, speaker::counselor), 0u);
  EXPECT_EQ(all.sum().forgotten, 1u);
  EXPECT_TRUE(all.sum().clean());
}

TEST_F(drill_ledger, does_not_forgive_it_when_the_server_had_the_text) {
  say("one");
  stored("one");
  all.memory_lost(talk, speaker::survivor);
  EXPECT_EQ(all.count_owed(talk, speaker::counselor), 1u);
  EXPECT_EQ(all.sum().lost, 1u);
  read("one");
  EXPECT_EQ(all.sum().delivered, 1u) << "nobody is left to be told so";
  EXPECT_TRUE(all.sum().clean());
}

TEST_F(drill_ledger, does_not_forgive_a_text_that_was_shown_to_have_been_delivered) {
  say("one");
  delivered("one");
  all.memory_lost(talk, speaker::survivor);
  EXPECT_EQ(all.sum().lost, 1u);
}

TEST_F(drill_ledger, owes_every_text_to_a_receiver_that_lost_its_memory) {
  say("one");
  stored("one");
  all.memory_lost(talk, speaker::counselor);
  EXPECT_EQ(all.count_owed(talk, speaker::counselor), 1u);
  EXPECT_EQ(all.sum().lost, 1u) << "its sender has it still";
}

TEST_F(drill_ledger, forgives_a_stored_text_when_both_sides_lost_their_memory) {
  say("one");
  stored("one");
  all.memory_lost(talk, speaker::counselor);
  all.memory_lost(talk, speaker::survivor);
  EXPECT_EQ(all.sum().forgotten, 1u);
  EXPECT_TRUE(all.sum().clean());
}

TEST_F(drill_ledger, forgives_a_text_said_into_the_session_that_its_receiver_had_lost) {
  all.memory_lost(talk, speaker::counselor);
  say("too early");
  stored("too early");
  all.joined(talk, speaker::counselor);
  say("in time");
  stored("in time");
  all.memory_lost(talk, speaker::survivor);
  EXPECT_EQ(all.sum().forgotten, 1u);
  EXPECT_EQ(all.sum().lost, 1u);
}

TEST_F(drill_ledger, wants_a_confirmation_from_a_receiver_that_lost_its_memory_after_reading) {
  say("one");
  read("one");
  all.memory_lost(talk, speaker::counselor);
  EXPECT_EQ(all.sum().lost, 1u);
  read("one");
  EXPECT_EQ(all.sum().duplicated, 0u) << "it is another screen";
  delivered("one");
  EXPECT_TRUE(all.sum().clean());
}

// --- one screen after the other ---

TEST_F(drill_ledger, takes_what_is_recalled_for_no_duplicate) {
  say("one");
  say("answer", speaker::counselor);
  read("one");
  all.memory_lost(talk, speaker::counselor);
  recalled("one");
  recalled("answer", speaker::counselor);
  EXPECT_EQ(all.sum().duplicated, 0u);
  recalled("one");
  recalled("answer", speaker::counselor);
  read("one");
  EXPECT_EQ(all.sum().duplicated, 3u);
}

TEST_F(drill_ledger, sees_what_is_recalled_in_the_wrong_order) {
  for (const char* text : {"one", "two", "three", "four"}) say(text);
  all.memory_lost(talk, speaker::counselor);
  read("three");
  recalled("two");
  EXPECT_EQ(all.sum().reordered, 0u) << "it stands above, whenever it comes";
  recalled("one");
  EXPECT_EQ(all.sum().reordered, 1u);
  recalled("four");
  EXPECT_EQ(all.sum().reordered, 2u) << "it was said after what stands below it";
}

TEST_F(drill_ledger, sees_what_is_recalled_and_was_never_said) {
  recalled("one");
  EXPECT_EQ(all.sum().altered, 1u);
}

// --- a side that leaves ---

TEST_F(drill_ledger, owes_what_was_stored_before_its_sender_left_and_nothing_else) {
  for (const char* text : {"read", "stored", "typed"}) say(text);
  for (const char* text : {"read", "stored"}) stored(text);
  read("read");
  all.left(talk, speaker::survivor);
  EXPECT_EQ(all.count_owed(talk, speaker::counselor), 1u);
  EXPECT_EQ(all.sum().delivered, 1u);
  EXPECT_EQ(all.sum().lost, 1u);
  EXPECT_EQ(all.sum().forgotten, 1u);
}

TEST_F(drill_ledger, owes_nothing_to_whoever_left) {
  say("read");
  say("unread");
  stored("unread");
  read("read");
  all.left(talk, speaker::counselor);
  say("after");
  EXPECT_EQ(all.count_waiting(talk, speaker::survivor), 0u);
  EXPECT_EQ(all.sum().delivered, 1u);
  EXPECT_EQ(all.sum().forgotten, 2u);
  EXPECT_TRUE(all.sum().clean());
}

TEST_F(drill_ledger, makes_texts_that_differ_carry_the_marker_and_are_sometimes_long) {
  std::size_t longest = 0;
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    std::string text = all.next_text(talk, speaker::survivor, random);
    EXPECT_TRUE(text.starts_with(text_marker));
    EXPECT_TRUE(seen.insert(text).second);
    longest = std::max(longest, text.size());
    say(std::move(text));
  }
  EXPECT_GT(longest, 1688u) << "none needed several frames";
}

}  // namespace
}  // namespace tomoshibi::drill
