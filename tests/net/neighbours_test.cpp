#include "server/net/neighbours.hpp"

#include <gtest/gtest.h>

namespace tomoshibi::net {
namespace {

using boost::asio::ip::make_address;

TEST(neighbours, are_the_connections_of_an_ipv6_64) {
  neighbours all({.ipv6_max = 2, .ipv4_max = 1});
  const auto first = all.admit(make_address("2001:db8:0:1::1"), false);
  auto second = all.admit(make_address("2001:db8:0:1:ffff::2"), false);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(all.admit(make_address("2001:db8:0:1::3"), false));
  EXPECT_TRUE(all.admit(make_address("2001:db8:0:2::3"), false)) << "next door";
  second.reset();
  EXPECT_TRUE(all.admit(make_address("2001:db8:0:1::3"), true));
}

TEST(neighbours, behind_one_ipv4_address_are_counted_while_it_is_crowded) {
  neighbours all({.ipv6_max = 1, .ipv4_max = 2});
  std::vector<neighbours::entry> entries;
  for (int i = 0; i < 5; ++i) entries.push_back(*all.admit(make_address("192.0.2.1"), false));
  EXPECT_FALSE(all.admit(make_address("192.0.2.1"), true));
  EXPECT_TRUE(all.admit(make_address("192.0.2.2"), true));
  entries.pop_back();
  entries.pop_back();
  entries.pop_back();
  EXPECT_FALSE(all.admit(make_address("192.0.2.1"), true));
  entries.pop_back();
  EXPECT_TRUE(all.admit(make_address("192.0.2.1"), true));
}

TEST(neighbours, behind_an_address_that_speaks_for_many_are_not_counted) {
  neighbours all({.ipv6_max = 0, .ipv4_max = 0});
  EXPECT_TRUE(all.admit(make_address("::1"), true));
  EXPECT_TRUE(all.admit(make_address("127.0.0.1"), true));
  EXPECT_FALSE(all.admit(make_address("127.0.0.2"), true));
}

}  // namespace
}  // namespace tomoshibi::net
