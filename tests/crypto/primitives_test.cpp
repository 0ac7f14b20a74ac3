// What the primitives refuse, and what secrets leave behind.
#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <set>

#include "crypto/aead.hpp"
#include "crypto/kem.hpp"
#include "tests/support/print_failure.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

TEST(aead, opens_only_what_was_sealed) {
  support::seeded_random random{3};
  const auto key = random.make_secret<32>();
  const auto nonce = random.make_block<24>();
  const bytes sealed = seal(key, nonce, as_bytes("text"), as_bytes("about"));
  ASSERT_EQ(sealed.size(), 4 + aead_tag_bytes);
  ASSERT_TRUE(open(key, nonce, sealed, as_bytes("about")));

  for (std::size_t at = 0; at < sealed.size(); ++at) {
    bytes tampered = sealed;
    tampered[at] ^= 1;
    ASSERT_EQ(open(key, nonce, tampered, as_bytes("about")).error(), failure::cannot_open);
    ASSERT_EQ(open(key, nonce, bytes_view(sealed).first(at), as_bytes("about")).error(), failure::cannot_open);
  }
  EXPECT_EQ(open(key, nonce, sealed, as_bytes("abouT")).error(), failure::cannot_open);
  EXPECT_EQ(open(key, nonce, sealed, {}).error(), failure::cannot_open);
  EXPECT_EQ(open(random.make_secret<32>(), nonce, sealed, as_bytes("about")).error(), failure::cannot_open);
  EXPECT_EQ(open(key, random.make_block<24>(), sealed, as_bytes("about")).error(), failure::cannot_open);
}

TEST(aead, seals_nothing_about_nothing) {
  support::seeded_random random{3};
  const auto key = random.make_secret<32>();
  const bytes sealed = seal(key, {}, {}, {});
  const auto opened = open(key, {}, sealed, {});
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->empty());
}

TEST(xwing, gives_another_secret_to_another_key_or_ciphertext) {
  support::seeded_random random{3};
  const kem_key_pair key = make_kem_key(random), other = make_kem_key(random);
  const auto made = encapsulate(key.public_key, random);
  ASSERT_TRUE(made);
  EXPECT_EQ(*decapsulate(made->ciphertext, key.secret_key), made->shared);
  EXPECT_NE(*decapsulate(made->ciphertext, other.secret_key), made->shared);
  for (const std::size_t at : {std::size_t{0}, std::size_t{600}, std::size_t{1087}, std::size_t{1088}}) {
    kem_ciphertext tampered = made->ciphertext;
    tampered[at] ^= 1;
    EXPECT_NE(*decapsulate(tampered, key.secret_key), made->shared) << at;
  }
}

// FIPS 203, 7.2: every coefficient is below q. And an X25519 half of small order would make that half's secret zero.
TEST(xwing, refuses_what_is_not_a_public_key_or_ciphertext) {
  support::seeded_random random{3};
  const kem_key_pair key = make_kem_key(random);
  kem_public_key to = key.public_key;
  to[0] = to[1] = to[2] = 0xff;
  EXPECT_EQ(encapsulate(to, random).error(), failure::malformed);
  to = key.public_key;
  std::fill(to.end() - 32, to.end(), byte{0});
  EXPECT_EQ(encapsulate(to, random).error(), failure::malformed);

  kem_ciphertext ciphertext = encapsulate(key.public_key, random)->ciphertext;
  std::fill(ciphertext.end() - 32, ciphertext.end(), byte{0});
  EXPECT_EQ(decapsulate(ciphertext, key.secret_key).error(), failure::cannot_open);
}

TEST(secret, is_wiped_when_it_goes_and_when_it_moves) {
  alignas(secret<32>) byte memory[sizeof(secret<32>)];
  support::seeded_random random{3};
  const block<32> value = random.make_block<32>();
  auto* held = new (memory) secret<32>(value);
  const secret<32> moved = std::move(*held);
  EXPECT_EQ(moved, secret<32>(value));
  EXPECT_EQ(*held, secret<32>{});
  *held = moved;
  EXPECT_EQ(*held, moved);
  held->~secret<32>();
  block<32> left{};
  std::memcpy(left.data(), memory, left.size());
  EXPECT_EQ(left, block<32>{});
}

TEST(secret, compares_by_value_and_length) {
  EXPECT_TRUE(equal(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal(as_bytes("abc"), as_bytes("ab")));
  EXPECT_TRUE(equal({}, {}));
}

TEST(system_random, does_not_repeat_itself) {
  system_random random;
  std::set<block<16>> drawn;
  for (int i = 0; i < 1000; ++i) drawn.insert(random.make_block<16>());
  EXPECT_EQ(drawn.size(), 1000u);
}

TEST(failure, has_a_name_for_each_value) {
  std::set<std::string_view> names;
  for (int value = 0; value <= static_cast<int>(failure::may_not_send); ++value) names.insert(name(failure(value)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(failure::may_not_send) + 1);
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace tomoshibi::crypto
