#include "server/expiry.hpp"

#include <gmock/gmock.h>

#include "tests/server/small_centre.hpp"

namespace tomoshibi {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using support::day;

constexpr crypto::seconds now = 20'000 * day;

// TLS and the certificate of one member beside them.
std::vector<expiry> good_until(crypto::seconds issuer, crypto::seconds roster, crypto::seconds tls,
                               crypto::seconds certificate) {
  crypto::trust shown;
  shown.issued_by.not_after = issuer;
  shown.listed.expires = roster;
  member one, gone;
  one.newest.not_after = certificate;
  gone.disabled = true;  // and expired long ago
  return list_expiries(shown, std::vector{gone, one}, tls);
}

constexpr crypto::seconds later = now + 300 * day, soon = now + 14 * day - 1;

TEST(expiry, is_not_spoken_of_while_there_is_time) {
  const crypto::seconds enough = now + 14 * day;
  EXPECT_THAT(expiry_warnings(good_until(now + renew_issuer_before, enough, enough, enough), now), IsEmpty());
}

TEST(expiry, is_told_14_days_ahead_with_what_it_means_and_what_to_do) {
  EXPECT_THAT(expiry_warnings(good_until(now + renew_issuer_before - 1, later, later, later), now),
              ElementsAre(AllOf(HasSubstr("The issuer expires in 103 days"), HasSubstr("'tomoshibi init'"))));
  EXPECT_THAT(expiry_warnings(good_until(later, soon, later, later), now),
              ElementsAre(AllOf(HasSubstr("The roster expires in 13 days"), HasSubstr("'tomoshibi staff renew'"))));
  EXPECT_THAT(expiry_warnings(good_until(later, later, soon, later), now),
              ElementsAre(AllOf(HasSubstr("The TLS certificate expires"), HasSubstr("browsers do not connect"))));
  EXPECT_THAT(expiry_warnings(good_until(later, later, later, soon), now),
              ElementsAre(AllOf(HasSubstr("A member's certificate expires"), HasSubstr("'tomoshibi staff list'"))));
}

TEST(expiry, that_came_is_told_too) {
  EXPECT_THAT(expiry_warnings(good_until(later, now, later, later), now),
              ElementsAre(HasSubstr("The roster has expired")));
}

TEST(expiry, of_what_is_not_there_is_not_listed) {
  EXPECT_EQ(list_expiries({}, {}, 0).size(), 2u);
  EXPECT_EQ(good_until(later, later, later, later).size(), 4u);
}

}  // namespace
}  // namespace tomoshibi
