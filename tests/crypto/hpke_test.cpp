#include "crypto/hpke.hpp"

#include <gtest/gtest.h>

#include "tests/support/hex.hpp"
#include "tests/support/print_failure.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

TEST(hpke, schedules_its_keys_as_rfc_9180_says) {
  const auto lines = support::read_vectors(TOMOSHIBI_SOURCE_DIR "/tests/vectors/hpke_rfc9180.txt");
  for (const std::string mode : {"base.", "psk."}) {
    const auto line = [&](const char* name) { return lines.at(mode + name); };
    const bool with_psk = mode == "psk.";
    const secret<32> shared(reader(line("shared")).take<32>());
    const hpke_keys keys = make_hpke_keys({0x0020, 0x0001, 0x0003}, shared, line("info"),
                                          with_psk ? line("psk") : bytes{}, with_psk ? line("psk_id") : bytes{});
    EXPECT_EQ(to_hex(keys.key.view()), to_hex(line("key"))) << mode;
    EXPECT_EQ(to_hex(keys.nonce), to_hex(line("nonce"))) << mode;
    EXPECT_EQ(to_hex(hpke_encrypt(keys, line("plain"), line("aad"))), to_hex(line("sealed"))) << mode;
    const auto opened = hpke_decrypt(keys, line("sealed"), line("aad"));
    ASSERT_TRUE(opened) << mode;
    EXPECT_EQ(to_hex(*opened), to_hex(line("plain"))) << mode;
  }
}

class hpke_between_two : public testing::Test {
 protected:
  support::seeded_random random{5};
  const kem_key_pair pair = make_kem_key(random);
  const secret<32> with = random.make_secret<32>(), other = random.make_secret<32>();
  const bytes info{1, 2, 3}, plain{4, 5, 6, 7};
};

TEST_F(hpke_between_two, opens_for_whom_it_was_sealed_and_for_nobody_else) {
  const auto box = hpke_seal(pair.public_key, info, plain, random);
  ASSERT_TRUE(box);
  EXPECT_EQ(box->sealed.size(), plain.size() + hpke_tag_bytes);
  const auto opened = hpke_open(box->enc, box->sealed, info, pair.secret_key);
  ASSERT_TRUE(opened);
  EXPECT_EQ(to_hex(*opened), to_hex(plain));
  EXPECT_EQ(hpke_open(box->enc, box->sealed, info, make_kem_key(random).secret_key).error(), failure::cannot_open);
  EXPECT_EQ(hpke_open(box->enc, box->sealed, plain, pair.secret_key).error(), failure::cannot_open);
  EXPECT_EQ(hpke_open(box->enc, box->sealed, {}, pair.secret_key).error(), failure::cannot_open);
}

TEST_F(hpke_between_two, with_a_psk_opens_with_that_psk_only) {
  const auto box = hpke_seal(pair.public_key, info, plain, random, &with);
  ASSERT_TRUE(hpke_open(box->enc, box->sealed, info, pair.secret_key, &with));
  EXPECT_EQ(hpke_open(box->enc, box->sealed, info, pair.secret_key, &other).error(), failure::cannot_open);
  EXPECT_EQ(hpke_open(box->enc, box->sealed, info, pair.secret_key).error(), failure::cannot_open);
  const auto base = hpke_seal(pair.public_key, info, plain, random);
  EXPECT_EQ(hpke_open(base->enc, base->sealed, info, pair.secret_key, &with).error(), failure::cannot_open);
}

TEST_F(hpke_between_two, stays_shut_when_any_byte_is_changed_or_missing) {
  const auto box = hpke_seal(pair.public_key, info, plain, random);
  for (std::size_t at = 0; at < box->enc.size(); ++at) {
    kem_ciphertext enc = box->enc;
    enc[at] ^= 1;
    ASSERT_EQ(hpke_open(enc, box->sealed, info, pair.secret_key).error(), failure::cannot_open) << at;
  }
  for (std::size_t at = 0; at < box->sealed.size(); ++at) {
    bytes sealed = box->sealed;
    sealed[at] ^= 0x80;
    ASSERT_EQ(hpke_open(box->enc, sealed, info, pair.secret_key).error(), failure::cannot_open) << at;
    sealed.resize(at);
    ASSERT_EQ(hpke_open(box->enc, sealed, info, pair.secret_key).error(), failure::cannot_open) << at;
  }
}

TEST_F(hpke_between_two, does_not_seal_to_a_key_that_is_none) {
  kem_public_key none;
  none.fill(0xff);
  EXPECT_EQ(hpke_seal(none, info, plain, random).error(), failure::malformed);
}

TEST_F(hpke_between_two, public_keys_follow_from_the_secret_ones) {
  EXPECT_TRUE(kem_public(pair.secret_key) == pair.public_key);
}

}  // namespace
}  // namespace tomoshibi::crypto
