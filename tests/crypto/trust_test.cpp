#include "crypto/trust.hpp"

#include <gtest/gtest.h>

#include "tests/crypto/sample_centre.hpp"
#include "tests/support/print_failure.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr seconds now = sample_centre::now;
constexpr seconds twelve_hours = 12 * 3600;

TEST(trust, holds_what_was_verified) {
  const sample_centre in;
  const auto believed = in.believed();
  ASSERT_TRUE(believed);
  EXPECT_EQ(believed->centre_hash, sha256(in.centre_object));
  EXPECT_EQ(believed->issuer_hash, sha256(in.issuer_object));
  EXPECT_EQ(believed->roster_hash, sha256(in.roster_object));
  EXPECT_EQ(believed->centre.page, in.centre.page);
  EXPECT_EQ(believed->issued_by.epoch, 4u);
  EXPECT_EQ(believed->listed.entries, in.listed.entries);
}

TEST(trust, begins_at_the_fingerprint_of_the_root) {
  sample_centre in;
  const hash32 expected = in.fingerprint();
  in.root_seed = in.random.make_secret<32>();
  in.sign();
  EXPECT_EQ(why(verify_trust(in.centre_object, in.issuer_object, in.roster_object, expected, now)),
            failure::wrong_signature);
}

TEST(trust, refuses_an_issuer_of_another_root_and_a_roster_of_another_issuer) {
  const sample_centre in;
  sample_centre other;
  other.issuer_seed = other.random.make_secret<32>();
  other.sign();
  EXPECT_EQ(why(verify_trust(in.centre_object, in.issuer_object, other.roster_object, in.fingerprint(), now)),
            failure::wrong_signature);
  const bytes issued_by_nobody = sign_issuer(in.issued_by, other.issuer_seed);
  EXPECT_EQ(why(verify_trust(in.centre_object, issued_by_nobody, in.roster_object, in.fingerprint(), now)),
            failure::wrong_signature);
}

TEST(trust, refuses_damaged_objects_by_their_own_failure) {
  const sample_centre in;
  EXPECT_EQ(why(verify_trust({}, in.issuer_object, in.roster_object, in.fingerprint(), now)), failure::malformed);
  EXPECT_EQ(why(verify_trust(in.centre_object, {}, in.roster_object, in.fingerprint(), now)), failure::malformed);
  EXPECT_EQ(why(verify_trust(in.centre_object, in.issuer_object, {}, in.fingerprint(), now)), failure::malformed);
}

// The same issuer key, signed into two issuer objects: a roster belongs to one of them.
TEST(trust, refuses_a_roster_made_under_another_issuer_object) {
  sample_centre in;
  const bytes roster_before = in.roster_object;
  in.issued_by.epoch += 1;
  in.sign();
  EXPECT_EQ(why(verify_trust(in.centre_object, in.issuer_object, roster_before, in.fingerprint(), now)),
            failure::wrong_binding);
}

TEST(trust, refuses_a_roster_of_another_centre) {
  sample_centre in;
  in.listed.centre[0] ^= 1;
  in.sign_roster_alone();
  EXPECT_EQ(why(in.believed()), failure::wrong_binding);
}

TEST(trust, refuses_epochs_below_the_least_of_the_centre_file) {
  sample_centre in;
  in.issued_by.epoch = in.centre.issuer_epoch_least;
  in.listed.epoch = in.centre.roster_epoch_least;
  in.sign();
  EXPECT_EQ(why(in.believed()), std::nullopt);
  in.issued_by.epoch -= 1;
  in.sign();
  EXPECT_EQ(why(in.believed()), failure::rolled_back);
  in.issued_by.epoch += 1;
  in.listed.epoch -= 1;
  in.sign();
  EXPECT_EQ(why(in.believed()), failure::rolled_back);
}

// --- successors ---

class successor : public testing::Test {
 protected:
  sample_centre in;
  const trust seen = *in.believed();

  std::optional<failure> refusal() { return why(in.believed(now, &seen)); }
};

TEST_F(successor, may_be_the_same) { EXPECT_EQ(refusal(), std::nullopt); }

TEST_F(successor, of_a_roster_names_the_one_before_it) {
  in.listed.epoch += 1;
  in.listed.previous = seen.roster_hash;
  in.sign();
  EXPECT_EQ(refusal(), std::nullopt);
}

TEST_F(successor, of_a_roster_is_forked_if_it_names_another) {
  in.listed.epoch += 1;
  in.sign();
  EXPECT_EQ(refusal(), failure::forked);
}

TEST_F(successor, of_a_roster_may_leave_out_some_epochs) {
  in.listed.epoch += 2;
  in.sign();
  EXPECT_EQ(refusal(), std::nullopt);
}

TEST_F(successor, of_a_roster_is_not_another_one_of_the_same_epoch) {
  in.listed.issued += 1;
  in.sign();
  EXPECT_EQ(refusal(), failure::forked);
}

TEST_F(successor, of_a_roster_is_not_an_older_one) {
  in.listed.epoch -= 1;
  in.sign();
  EXPECT_EQ(refusal(), failure::rolled_back);
}

TEST_F(successor, of_a_centre_file_is_newer) {
  in.centre.issued += 1;
  in.sign();
  EXPECT_EQ(refusal(), std::nullopt);
}

TEST_F(successor, of_a_centre_file_is_not_an_older_one) {
  in.centre.issued -= 1;
  in.sign();
  EXPECT_EQ(refusal(), failure::rolled_back);
}

TEST_F(successor, of_a_centre_file_is_not_another_one_of_the_same_second) {
  in.centre.page += " ";
  in.sign();
  EXPECT_EQ(refusal(), failure::forked);
}

TEST_F(successor, of_a_centre_file_is_of_the_same_centre) {
  in.centre.centre[0] ^= 1;
  in.centre.issued += 1;
  in.sign();
  EXPECT_EQ(refusal(), failure::wrong_binding);
}

TEST_F(successor, of_an_issuer_has_a_higher_epoch) {
  in.issued_by.epoch += 1;
  in.issuer_seed = in.random.make_secret<32>();
  in.listed.epoch += 1;
  in.listed.previous = seen.roster_hash;
  in.sign();
  EXPECT_EQ(refusal(), std::nullopt);
}

TEST_F(successor, of_an_issuer_is_not_another_one_of_the_same_epoch) {
  in.issuer_seed = in.random.make_secret<32>();
  in.listed.epoch += 2;
  in.sign();
  EXPECT_EQ(refusal(), failure::forked);
}

TEST_F(successor, of_an_issuer_is_not_an_older_one) {
  in.issued_by.epoch -= 1;
  in.listed.epoch += 2;
  in.sign();
  EXPECT_EQ(refusal(), failure::rolled_back);
}

// --- the clock ---

TEST(clock, may_be_wrong_by_twelve_hours_and_not_a_second_more) {
  const sample_centre in;
  EXPECT_EQ(why(in.believed(in.listed.issued - twelve_hours)), std::nullopt);
  EXPECT_EQ(why(in.believed(in.listed.issued - twelve_hours - 1)), failure::not_yet_valid);
  EXPECT_EQ(why(in.believed(in.listed.expires + twelve_hours)), std::nullopt);
  EXPECT_EQ(why(in.believed(in.listed.expires + twelve_hours + 1)), failure::expired);
  EXPECT_EQ(why(in.believed(0)), failure::not_yet_valid);
  EXPECT_EQ(why(in.believed(seconds{0} - 1)), failure::expired);
}

TEST(clock, is_shifted_by_a_demo_centre_file) {
  sample_centre in;
  in.centre.clock_shift_hours = 10;
  in.sign();
  constexpr seconds shift = 10 * 3600;
  EXPECT_EQ(why(in.believed(in.listed.issued - twelve_hours - shift)), std::nullopt);
  EXPECT_EQ(why(in.believed(in.listed.issued - twelve_hours - shift - 1)), failure::not_yet_valid);
  EXPECT_EQ(why(in.believed(in.listed.expires + twelve_hours - shift)), std::nullopt);
  EXPECT_EQ(why(in.believed(in.listed.expires + twelve_hours - shift + 1)), failure::expired);
}

TEST(clock, must_be_within_the_life_of_the_issuer_too) {
  sample_centre in;
  in.issued_by.not_after = now;
  in.sign();
  EXPECT_EQ(why(in.believed(now + twelve_hours)), std::nullopt);
  EXPECT_EQ(why(in.believed(now + twelve_hours + 1)), failure::expired);
  in.issued_by.not_before = now;
  in.issued_by.not_after = now + 1;
  in.listed.issued = now - 86400;
  in.listed.expires = now + 86400;
  in.sign();
  EXPECT_EQ(why(in.believed(now - twelve_hours)), std::nullopt);
  EXPECT_EQ(why(in.believed(now - twelve_hours - 1)), failure::not_yet_valid);
}

// --- certificates ---

class shown_certificate : public testing::Test {
 protected:
  sample_centre in;

  std::optional<failure> refusal(seconds at = now) { return why(in.believed()->check(in.holder_object, at)); }
};

TEST_F(shown_certificate, is_good_if_it_is_listed_and_in_its_time) {
  const auto checked = in.believed()->check(in.holder_object, now);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->serial, in.holder.serial);
}

TEST_F(shown_certificate, is_in_its_time_to_the_second) {
  in.holder.not_before = now - 10;
  in.holder.not_after = now + 10;
  in.sign();
  EXPECT_EQ(refusal(now - 11), failure::not_yet_valid);
  EXPECT_EQ(refusal(now - 10), std::nullopt);
  EXPECT_EQ(refusal(now + 10), std::nullopt);
  EXPECT_EQ(refusal(now + 11), failure::expired);
}

TEST_F(shown_certificate, is_refused_if_it_is_disabled) {
  in.sign(roster::flag_disabled);
  EXPECT_EQ(refusal(), failure::not_listed);
  in.sign(roster::flag_disabled | roster::flag_reads_letters);
  EXPECT_EQ(refusal(), failure::not_listed);
}

TEST_F(shown_certificate, is_refused_if_it_is_not_in_the_roster) {
  const trust before = *in.believed();
  in.holder.serial += 1;
  in.sign();
  EXPECT_EQ(why(before.check(in.holder_object, now)), failure::not_listed);
}

TEST_F(shown_certificate, is_refused_if_it_outlives_its_issuer) {
  in.issued_by.not_after = in.holder.not_after;
  in.sign();
  EXPECT_EQ(refusal(), std::nullopt);
  in.issued_by.not_after -= 1;
  in.sign();
  EXPECT_EQ(refusal(), failure::out_of_bounds);
}

TEST_F(shown_certificate, is_refused_if_another_issuer_signed_it) {
  in.holder_object = sign_certificate(in.holder, in.root_seed);
  EXPECT_EQ(refusal(), failure::wrong_signature);
  in.holder_object.pop_back();
  EXPECT_EQ(refusal(), failure::malformed);
}

// A server or a console that stays up for weeks holds the trust that it began with.
TEST_F(shown_certificate, is_refused_once_the_roster_is_out_of_its_time) {
  EXPECT_EQ(refusal(in.listed.expires + twelve_hours), std::nullopt);
  EXPECT_EQ(refusal(in.listed.expires + twelve_hours + 1), failure::expired);
}

}  // namespace
}  // namespace tomoshibi::crypto
