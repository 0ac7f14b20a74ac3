#include "server/wire/errors.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tomoshibi::wire {
namespace {

TEST(errors, are_described_each_by_its_own_entry) {
  std::set<std::string_view> names;
  for (unsigned code = 1; code <= static_cast<unsigned>(error::idle); ++code) {
    const error why = static_cast<error>(code);
    EXPECT_EQ(describe(why).code, why);
    EXPECT_TRUE(names.insert(describe(why).name).second) << describe(why).name;
  }
  EXPECT_EQ(names.size(), std::size(error_table));
}

// RFC 6455 section 7.4: 1013 is registered ("try again later"), 4000 to 4999 are for private use.
TEST(errors, close_with_codes_that_an_application_may_send) {
  for (const error_entry& entry : error_table)
    EXPECT_TRUE(entry.close_code == 1013 || (entry.close_code >= 4000 && entry.close_code <= 4999)) << entry.name;
}

}  // namespace
}  // namespace tomoshibi::wire
