#include "server/expiry.hpp"

#include <gmock/gmock.h>

namespace tomoshibi {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr crypto::seconds day = 24 * 3600, now = 20'000 * day;

crypto::trust good_until(crypto::seconds issuer, crypto::seconds roster) {
  crypto::trust out;
  out.issued_by.not_after = issuer;
  out.listed.expires = roster;
  return out;
}

TEST(expiry, is_not_spoken_of_while_there_is_time) {
  EXPECT_THAT(expiry_warnings(good_until(now + 14 * day, now + 14 * day), now + 14 * day, now), IsEmpty());
}

TEST(expiry, is_told_14_days_ahead_with_what_it_means_and_what_to_do) {
  const crypto::seconds soon = now + 14 * day - 1, later = now + 300 * day;
  EXPECT_THAT(expiry_warnings(good_until(soon, later), later, now),
              ElementsAre(AllOf(HasSubstr("The issuer expires in 13 days"), HasSubstr("'tomoshibi init'"))));
  EXPECT_THAT(expiry_warnings(good_until(later, soon), later, now),
              ElementsAre(AllOf(HasSubstr("The roster expires in 13 days"), HasSubstr("no staff signs in"))));
  EXPECT_THAT(expiry_warnings(good_until(later, later), soon, now),
              ElementsAre(AllOf(HasSubstr("The TLS certificate expires"), HasSubstr("browsers do not connect"))));
}

TEST(expiry, that_came_is_told_too) {
  EXPECT_THAT(expiry_warnings(good_until(now + 300 * day, now), now + 300 * day, now),
              ElementsAre(HasSubstr("The roster has expired")));
}

}  // namespace
}  // namespace tomoshibi
