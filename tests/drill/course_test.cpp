#include "server/drill/course.hpp"

#include <gmock/gmock.h>

namespace tomoshibi::drill {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::Pair;

TEST(schedule, is_not_moved_by_what_is_late) {
  schedule all(10);
  const moment begun = moment() + milliseconds(500);
  EXPECT_EQ(all.next(begun), begun);
  all.said();
  EXPECT_EQ(all.next(begun), begun + milliseconds(100));
  // Nothing can be said for a second: all that was due meanwhile is still due when it was.
  const moment late = begun + milliseconds(1000);
  for (int number = 1; number <= 10; ++number) {
    EXPECT_EQ(all.next(late), begun + number * milliseconds(100));
    all.said();
  }
  EXPECT_GT(all.next(late), late);
}

TEST(schedule, rests_while_nobody_is_there) {
  schedule all(10);
  all.next(moment());
  all.rest();
  const moment later = moment() + milliseconds(7000);
  EXPECT_EQ(all.next(later), later);
}

std::vector<std::pair<std::size_t, mishap>> course_of(const mishap_counts& wanted, std::size_t texts) {
  mishaps all(wanted, texts);
  std::vector<std::pair<std::size_t, mishap>> out;
  for (std::size_t said = 0; said <= texts; ++said)
    for (mishap what : every_mishap)
      while (all.due(what, said)) {
        out.emplace_back(said, what);
        all.happened(what);
      }
  return out;
}

TEST(mishaps, are_spread_over_the_texts) {
  EXPECT_THAT(course_of({3, 1, 0}, 100), ElementsAre(Pair(25, mishap::reload), Pair(50, mishap::reload),
                                                     Pair(50, mishap::cut), Pair(75, mishap::reload)));
  EXPECT_THAT(course_of({0, 0, 2}, 30), ElementsAre(Pair(10, mishap::exit), Pair(20, mishap::exit)));
  EXPECT_THAT(course_of({}, 30), ElementsAre());
}

TEST(mishaps, wait_until_they_can_happen_and_keep_no_others_waiting) {
  mishaps all({1, 1, 0}, 10);
  EXPECT_FALSE(all.due(mishap::reload, 4));
  EXPECT_TRUE(all.due(mishap::reload, 5));
  all.happened(mishap::cut);
  EXPECT_TRUE(all.due(mishap::reload, 9));
  EXPECT_FALSE(all.due(mishap::cut, 9));
  all.happened(mishap::reload);
  EXPECT_FALSE(all.due(mishap::reload, 10));
  EXPECT_EQ(all.counts().reloads + all.counts().cuts, 2u);
}

}  // namespace
}  // namespace tomoshibi::drill
