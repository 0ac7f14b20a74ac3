#include "crypto/return_phrase.hpp"

#include <gtest/gtest.h>

#include <map>

#include "crypto/kdf.hpp"
#include "crypto/vault.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/print_failure.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

TEST(return_phrase, of_words_is_made_as_a_passphrase) {
  support::seeded_random one{7}, other{7};
  EXPECT_EQ(make_return_phrase(phrase_kind::words, one), make_passphrase(other));
}

// Serves 0, 1, ... 255, and then again.
class counting_random final : public random_source {
 public:
  void fill(std::span<byte> out) override {
    for (byte& each : out) each = static_cast<byte>(count_++);
  }
  unsigned count_ = 0;
};

// 256 draws hold each of ten digits exactly 25 times; six are drawn again. 25 phrases take 600 digits.
TEST(return_phrase, of_digits_draws_each_alike) {
  counting_random random;
  std::map<char, int> times;
  for (int phrases = 0; phrases < 25; ++phrases) {
    const std::string made = make_return_phrase(phrase_kind::digits, random);
    EXPECT_EQ(made.size(), 24u);
    for (const char digit : made) ++times[digit];
  }
  EXPECT_EQ(random.count_, 600u + 2 * 6);
  for (char digit = '0'; digit <= '9'; ++digit) EXPECT_EQ(times[digit], 60) << digit;
  EXPECT_EQ(times.size(), 10u);
}

// BLAKE2b with 16 bytes of output, by Python's hashlib.
TEST(return_phrase, salt_is_blake2b_of_sixteen_bytes) {
  EXPECT_EQ(to_hex(blake2b_16(as_bytes("abc"))), "cf4ab791c62b8d2b2109c90275287816");
}

class return_keys_of_a_phrase : public testing::Test {
 protected:
  support::seeded_random random{11};
  const sign_public_key root = sign_public(random.make_secret<32>());
  const std::string phrase = "ka ki ku ke ko sa";
  const return_keys keys = *derive_return_keys(phrase, root);
};

TEST_F(return_keys_of_a_phrase, are_what_the_protocol_says) {
  const block<16> salt = blake2b_16(writer().put("t1/return").put(root).finish());
  const auto master = stretch(as_bytes(phrase), salt, {2, 8 << 20});
  ASSERT_TRUE(master);
  const auto all = hkdf_expand<128>(hkdf_extract({}, {master->view()}), as_bytes("t1/return"));
  EXPECT_EQ(to_hex(all.view()), to_hex(keys.locator.view()) + to_hex(keys.sign.view()) + to_hex(keys.key.view()) +
                                    to_hex(keys.with.view()));
  EXPECT_TRUE(keys.locator_hash() == sha256(keys.locator.view()));
}

TEST_F(return_keys_of_a_phrase, are_the_same_each_time_and_others_for_another_phrase_or_centre) {
  EXPECT_TRUE(derive_return_keys(phrase, root)->locator == keys.locator);
  sign_public_key other = root;
  other[0] ^= 1;
  EXPECT_FALSE(derive_return_keys(phrase, other)->locator == keys.locator);
  for (const char* each : {"ka ki ku ke ko se", "ka ki ku ke ko sa ", "Ka ki ku ke ko sa", ""})
    EXPECT_FALSE(derive_return_keys(each, root)->locator == keys.locator) << each;
}

TEST_F(return_keys_of_a_phrase, show_that_the_phrase_is_known_on_one_connection_and_for_one_purpose) {
  const sign_public_key shown = sign_public(keys.sign);
  const fetch look{random.make_block<32>(), keys.locator, false};
  const signature made = sign_fetch(look, keys.sign);
  EXPECT_TRUE(verify_fetch(look, shown, made));
  fetch other = look;
  other.burn = true;
  EXPECT_FALSE(verify_fetch(other, shown, made)) << "who may look has not asked for it to be burnt";
  other = look;
  other.challenge[31] ^= 1;
  EXPECT_FALSE(verify_fetch(other, shown, made)) << "another connection's";
  other = look;
  other.locator = random.make_secret<32>();
  EXPECT_FALSE(verify_fetch(other, shown, made));
  EXPECT_FALSE(verify_fetch(look, root, made));
  for (std::size_t at = 0; at < made.size(); ++at) {
    signature changed = made;
    changed[at] ^= 1;
    ASSERT_FALSE(verify_fetch(look, shown, changed)) << at;
  }
  const bytes payload = writer().put(look.challenge).put(look.locator.view()).number(byte{0}).finish();
  EXPECT_TRUE(sign(keys.sign, "t1/fetch", payload) == made);
}

}  // namespace
}  // namespace tomoshibi::crypto
