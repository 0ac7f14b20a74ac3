#include "crypto/inbox.hpp"

#include <gtest/gtest.h>

#include "tests/crypto/handmade_letter.hpp"
#include "tests/crypto/staffed_centre.hpp"
#include "tests/support/print_failure.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr local_day today = 20'000;

std::vector<local_day> days_from_to(local_day first, local_day last) {
  std::vector<local_day> out;
  for (local_day day = first; day <= last; ++day) out.push_back(day);
  return out;
}

class inbox_of_a_member : public testing::Test {
 protected:
  staffed_centre centre;
  identity who = centre.enrol(role::counselor, centre.desk, noon - hour, noon + hour, roster::flag_reads_letters);
  support::seeded_random random{3};
  inbox keys;
};

TEST_F(inbox_of_a_member, always_has_keys_for_today_and_the_twenty_days_after_it) {
  EXPECT_TRUE(keys.keep(today, today - 1, random));
  EXPECT_TRUE(keys.days() == days_from_to(today, today + 20));
  EXPECT_TRUE(keys.find(today) != nullptr && keys.find(today + 20) != nullptr);
  EXPECT_TRUE(keys.find(today - 1) == nullptr && keys.find(today + 21) == nullptr);
  EXPECT_FALSE(keys.keep(today, today - 1, random)) << "nothing to do";

  const kem_secret_key kept = *keys.find(today + 5);
  EXPECT_TRUE(keys.keep(today + 1, today, random));
  EXPECT_TRUE(keys.days() == days_from_to(today, today + 21));
  EXPECT_TRUE(*keys.find(today + 5) == kept);
  EXPECT_FALSE(*keys.find(today + 6) == kept);
}

TEST_F(inbox_of_a_member, destroys_a_key_at_the_end_of_the_next_staffed_day) {
  keys.keep(today, today - 1, random);
  keys.keep(today + 3, today, random);  // today was the last staffed day before
  EXPECT_TRUE(keys.find(today) != nullptr);
  EXPECT_TRUE(keys.keep(today + 4, today + 3, random));
  EXPECT_TRUE(keys.find(today + 2) == nullptr);
  EXPECT_TRUE(keys.days() == days_from_to(today + 3, today + 24));
}

TEST_F(inbox_of_a_member, destroys_every_key_after_sixteen_days_staffed_or_not) {
  keys.keep(today, today - 1, random);
  keys.keep(today + 16, today - 1, random);
  EXPECT_TRUE(keys.find(today) != nullptr);
  keys.keep(today + 17, today - 1, random);
  EXPECT_TRUE(keys.find(today) == nullptr);
  EXPECT_TRUE(keys.days() == days_from_to(today + 1, today + 37));
  EXPECT_EQ(keys.days().size(), 37u);
}

TEST_F(inbox_of_a_member, destroys_no_key_before_its_day_is_over) {
  keys.keep(today, today - 1, random);
  for (const local_day lie : {today, today + 1, today + 400, ~local_day{0}}) {
    EXPECT_FALSE(keys.keep(today, lie, random)) << lie;
    EXPECT_TRUE(keys.days() == days_from_to(today, today + 20)) << lie;
  }
  keys.keep(5, 0, random);  // the first days there are
  EXPECT_TRUE(keys.days() == days_from_to(5, 25));
}

TEST_F(inbox_of_a_member, keeps_keys_ahead_when_the_day_goes_back_by_two_and_not_by_three) {
  keys.keep(today, today - 1, random);
  const kem_secret_key last = *keys.find(today + 20);
  keys.keep(today - 2, today - 3, random);
  EXPECT_TRUE(keys.days() == days_from_to(today - 2, today + 20));
  EXPECT_TRUE(*keys.find(today + 20) == last);
  keys.keep(today - 3, today - 4, random);
  EXPECT_TRUE(keys.days() == days_from_to(today - 3, today + 19));
}

TEST_F(inbox_of_a_member, is_never_larger_than_its_maximum) {
  for (local_day ahead = 0; ahead <= 16; ++ahead) keys.keep(today + ahead, 0, random);
  keys.keep(today + 18, 0, random);
  keys.keep(today + 16, 0, random);
  EXPECT_TRUE(keys.days() == days_from_to(today + 2, today + 38));
  EXPECT_LT(keys.days().size(), inbox_days_max);
  EXPECT_EQ(inbox_days_max, 39u);
}

TEST_F(inbox_of_a_member, signs_the_same_public_key_each_time) {
  keys.keep(today, today - 1, random);
  const auto shown = keys.signed_key(today + 3, who);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->size(), inbox_key_bytes);
  EXPECT_TRUE(keys.signed_key(today + 3, who) == shown);
  const auto fields = open_inbox_key(*shown, sign_public(who.sign));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->day, today + 3);
  EXPECT_TRUE(fields->certificate_hash == sha256(who.certificate));
  EXPECT_TRUE(fields->key == kem_public(*keys.find(today + 3)));
  EXPECT_FALSE(keys.signed_key(today - 1, who));
  EXPECT_FALSE(keys.signed_key(today + 21, who));
}

TEST_F(inbox_of_a_member, opens_on_its_device_also_under_a_renewed_certificate) {
  keys.keep(today, today - 1, random);
  const bytes sealed = keys.seal(who, random);
  EXPECT_EQ(sealed.size(), 1u + 24 + 1 + 21 * 36 + 16);
  identity renewed = who;
  renewed.certificate.back() ^= 1;
  const auto opened = inbox::open(sealed, renewed);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->days() == keys.days());
  for (const local_day day : keys.days()) EXPECT_TRUE(*opened->find(day) == *keys.find(day)) << day;
  ASSERT_TRUE(inbox::open(inbox().seal(who, random), who));
}

TEST_F(inbox_of_a_member, stays_shut_for_others_or_when_damaged) {
  keys.keep(today, today - 1, random);
  const bytes sealed = keys.seal(who, random);
  identity other = who;
  other.agree = random.make_secret<32>();
  EXPECT_EQ(inbox::open(sealed, other).error(), failure::cannot_open);
  other = who;
  other.sign = random.make_secret<32>();
  EXPECT_EQ(inbox::open(sealed, other).error(), failure::cannot_open);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    bytes changed = sealed;
    changed[at] ^= 1;
    ASSERT_EQ(inbox::open(changed, who).error(), at == 0 ? failure::malformed : failure::cannot_open) << at;
    changed.resize(at);
    ASSERT_EQ(inbox::open(changed, who).error(), at < 1 + 24 ? failure::malformed : failure::cannot_open) << at;
  }
}

TEST_F(inbox_of_a_member, that_breaks_its_layout_is_malformed) {
  const auto plain = [](byte count, const std::vector<local_day>& days) {
    writer out;
    out.number(count);
    for (const local_day day : days) out.number(day).put(block<32>{});
    return out.finish();
  };
  const auto why = [&](const bytes& in) {
    const auto opened = inbox::open(handmade_inbox(who, in), who);
    return opened ? std::nullopt : std::optional(opened.error());
  };
  EXPECT_TRUE(why(plain(0, {})) == std::nullopt);
  EXPECT_TRUE(why(plain(2, {7, 9})) == std::nullopt);
  EXPECT_TRUE(why(plain(39, days_from_to(1, 39))) == std::nullopt);
  EXPECT_TRUE(why(plain(40, days_from_to(1, 40))) == failure::malformed);
  EXPECT_TRUE(why(plain(2, {9, 7})) == failure::malformed);
  EXPECT_TRUE(why(plain(2, {7, 7})) == failure::malformed);
  EXPECT_TRUE(why(plain(3, {7, 9})) == failure::malformed);
  EXPECT_TRUE(why(plain(1, {7, 9})) == failure::malformed);
  EXPECT_TRUE(why({}) == failure::malformed);
  bytes longer = plain(2, {7, 9});
  longer.push_back(0);
  EXPECT_TRUE(why(longer) == failure::malformed);
  EXPECT_EQ(inbox::open(handmade_inbox(who, plain(0, {}), 2), who).error(), failure::malformed);
}

}  // namespace
}  // namespace tomoshibi::crypto
