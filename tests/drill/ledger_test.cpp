// The ledger finds what a drill is for: texts that are lost, doubled, out of order, or never said.
#include "server/drill/ledger.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/seeded_random.hpp"

namespace tomoshibi::drill {
namespace {

class drill_ledger : public testing::Test {
 protected:
  void say(std::string text) {
    const block<16> id = random.make_block<16>();
    ids.push_back(id);
    all.said(talk, speaker::survivor, std::move(text), id);
  }
  void read(std::string_view text) { all.read(talk, speaker::counselor, text); }

  support::seeded_random random{1};
  crypto::conversation_id talk{1};
  ledger all;
  std::vector<block<16>> ids;
};

TEST_F(drill_ledger, counts_a_text_as_delivered_when_it_was_read_and_confirmed) {
  say("one");
  EXPECT_EQ(all.sum().lost, 1u);
  read("one");
  EXPECT_EQ(all.sum().lost, 1u) << "who said it does not know yet";
  all.delivered(talk, speaker::survivor, ids[0]);
  EXPECT_EQ(all.sum().delivered, 1u);
  EXPECT_TRUE(all.sum().clean());
}

TEST_F(drill_ledger, does_not_believe_a_confirmation_of_what_nobody_read) {
  say("one");
  all.delivered(talk, speaker::survivor, ids[0]);
  EXPECT_EQ(all.sum().lost, 1u);
  EXPECT_FALSE(all.sum().clean());
}

TEST_F(drill_ledger, sees_a_text_shown_twice) {
  say("one");
  read("one");
  read("one");
  EXPECT_EQ(all.sum().duplicated, 1u);
  EXPECT_FALSE(all.sum().clean());
}

TEST_F(drill_ledger, sees_texts_in_the_wrong_order) {
  say("one");
  say("two");
  read("two");
  read("one");
  EXPECT_EQ(all.sum().reordered, 2u);
}

TEST_F(drill_ledger, sees_a_text_that_nobody_said_or_that_was_said_elsewhere) {
  say("one");
  read("onE");
  all.read({2}, speaker::counselor, "one");
  all.read(talk, speaker::survivor, "one");
  EXPECT_EQ(all.sum().altered, 3u);
}

TEST_F(drill_ledger, is_not_clean_when_nothing_was_said) { EXPECT_FALSE(all.sum().clean()); }

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
