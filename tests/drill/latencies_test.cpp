#include "server/drill/latencies.hpp"

#include <gtest/gtest.h>

namespace tomoshibi::drill {
namespace {

using std::chrono::milliseconds;

TEST(latencies, give_the_value_that_so_many_of_a_hundred_do_not_exceed) {
  latencies all;
  for (int ms = 100; ms > 0; --ms) all.add(milliseconds(ms));
  const spread sum = all.sum();
  EXPECT_EQ(sum.count, 100u);
  EXPECT_DOUBLE_EQ(sum.p50, 50);
  EXPECT_DOUBLE_EQ(sum.p90, 90);
  EXPECT_DOUBLE_EQ(sum.p99, 99);
  EXPECT_DOUBLE_EQ(sum.max, 100);
}

TEST(latencies, hide_no_outlier_among_few_values) {
  latencies all;
  for (int ms : {1, 1, 1, 900}) all.add(milliseconds(ms));
  EXPECT_DOUBLE_EQ(all.sum().p50, 1);
  EXPECT_DOUBLE_EQ(all.sum().p90, 900);
  EXPECT_DOUBLE_EQ(all.sum().p99, 900);
}

TEST(latencies, of_nothing_are_nothing) {
  EXPECT_EQ(latencies().sum().count, 0u);
  EXPECT_EQ(latencies().sum().max, 0);
}

}  // namespace
}  // namespace tomoshibi::drill
