#include "crypto/vault.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <regex>

#include "tests/support/print_failure.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr password_cost small_cost{1, 64 << 10};
constexpr std::string_view passphrase = "kami sora";

class vault : public testing::Test {
 protected:
  support::seeded_random random{7};
  const seeds kept{random.make_secret<32>(), random.make_secret<32>()};
  const secret<32> device_secret = random.make_secret<32>();
  const secret<32> prf = random.make_secret<32>();
  const secret<32> none;
  const bytes sealed = *seal_vault(kept, passphrase, device_secret, prf, random, small_cost);

  failure refusal(bytes_view tried) { return open_vault(tried, passphrase, device_secret, prf).error(); }
};

TEST_F(vault, gives_the_seeds_back) {
  ASSERT_EQ(sealed.size(), 133u);
  const auto opened = open_vault(sealed, passphrase, device_secret, prf);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->sign, kept.sign);
  EXPECT_EQ(opened->agree, kept.agree);
}

TEST_F(vault, is_never_sealed_the_same_twice) {
  EXPECT_NE(*seal_vault(kept, passphrase, device_secret, prf, random, small_cost), sealed);
}

TEST_F(vault, stays_shut_to_a_wrong_passphrase_device_secret_or_prf) {
  EXPECT_EQ(open_vault(sealed, "kami sorb", device_secret, prf).error(), failure::cannot_open);
  EXPECT_EQ(open_vault(sealed, "", device_secret, prf).error(), failure::cannot_open);
  EXPECT_EQ(open_vault(sealed, passphrase, prf, prf).error(), failure::cannot_open);
  EXPECT_EQ(open_vault(sealed, passphrase, device_secret, none).error(), failure::cannot_open);
  EXPECT_EQ(open_vault(sealed, passphrase, prf, device_secret).error(), failure::cannot_open);
}

TEST_F(vault, needs_a_passphrase_and_a_device_secret_or_a_prf) {
  EXPECT_TRUE(seal_vault(kept, passphrase, device_secret, none, random, small_cost));
  EXPECT_TRUE(seal_vault(kept, passphrase, none, prf, random, small_cost));
  EXPECT_EQ(seal_vault(kept, passphrase, none, none, random, small_cost).error(), failure::out_of_bounds);
  EXPECT_EQ(seal_vault(kept, "", device_secret, prf, random, small_cost).error(), failure::out_of_bounds);
}

TEST_F(vault, stays_shut_with_any_byte_changed) {
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    bytes tampered = sealed;
    tampered[at] ^= 1;
    const failure why = refusal(tampered);
    const bool in_version = at == 0, in_cost = at >= 1 && at < 13;
    const failure expected = in_version ? failure::malformed : failure::cannot_open;
    ASSERT_TRUE(why == expected || (in_cost && why == failure::out_of_bounds)) << "byte " << at;
  }
}

TEST_F(vault, is_refused_at_any_other_length) {
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    ASSERT_EQ(refusal(bytes_view(sealed).first(length)), failure::malformed);
  }
  bytes longer = sealed;
  longer.push_back(0);
  EXPECT_EQ(refusal(longer), failure::malformed);
}

TEST_F(vault, that_asks_for_an_absurd_cost_is_refused_before_any_work) {
  const auto with_cost = [&](std::uint32_t passes, std::uint64_t memory_bytes) {
    bytes out = writer().number(byte{1}).number(passes).number(memory_bytes).finish();
    out.insert(out.end(), sealed.begin() + 13, sealed.end());
    return out;
  };
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(refusal(with_cost(0, 64 << 10)), failure::out_of_bounds);
  EXPECT_EQ(refusal(with_cost(7, 64 << 10)), failure::out_of_bounds);
  EXPECT_EQ(refusal(with_cost(0xffffffff, 512 << 20)), failure::out_of_bounds);
  EXPECT_EQ(refusal(with_cost(1, 8191)), failure::out_of_bounds);
  EXPECT_EQ(refusal(with_cost(1, (512 << 20) + 1)), failure::out_of_bounds);
  EXPECT_EQ(refusal(with_cost(1, ~std::uint64_t{0})), failure::out_of_bounds);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100));
  EXPECT_EQ(refusal(with_cost(6, 64 << 10)), failure::cannot_open);
  EXPECT_EQ(seal_vault(kept, passphrase, device_secret, prf, random, {7, 64 << 10}).error(), failure::out_of_bounds);
}

class what_a_console_keeps : public testing::Test {
 protected:
  secret<32> fresh_key() { return make_kept_key(random.make_secret<32>(), random.make_secret<32>()); }

  support::seeded_random random{8};
  const secret<32> key = fresh_key();
  const bytes sealed = seal_kept(key, as_bytes("the way back"), random);
};

TEST_F(what_a_console_keeps, opens_under_the_key_of_its_vault) {
  EXPECT_EQ(sealed.size(), 1u + 24 + 12 + 16);
  const auto opened = open_kept(key, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(*opened), "the way back");
  EXPECT_NE(seal_kept(key, as_bytes("the way back"), random), sealed);
}

TEST_F(what_a_console_keeps, has_a_key_of_both_seeds_alone) {
  const sign_seed sign = random.make_secret<32>();
  const agree_seed agree = random.make_secret<32>(), other = random.make_secret<32>();
  EXPECT_TRUE(make_kept_key(sign, agree) == make_kept_key(sign, agree));
  EXPECT_FALSE(make_kept_key(sign, agree) == make_kept_key(sign, other));
  EXPECT_FALSE(make_kept_key(sign, agree) == make_kept_key(other, agree));
}

TEST_F(what_a_console_keeps, stays_shut_under_another_or_when_damaged) {
  EXPECT_EQ(open_kept(fresh_key(), sealed).error(), failure::cannot_open);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    bytes tampered = sealed;
    tampered[at] ^= 1;
    ASSERT_EQ(open_kept(key, tampered).error(), at == 0 ? failure::malformed : failure::cannot_open) << at;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    ASSERT_EQ(open_kept(key, bytes_view(sealed).first(size)).error(),
              size < 1 + 24 ? failure::malformed : failure::cannot_open)
        << size;
}

TEST(passphrase, is_six_words_of_two_syllables) {
  support::seeded_random random{7};
  const std::regex word("([kgsztdnhbpmyrwjcf]|sh|ts|ch)[aiueo]([kgsztdnhbpmyrwjcf]|sh|ts|ch)[aiueo]n?");
  for (int i = 0; i < 500; ++i) {
    const std::string made = make_passphrase(random);
    ASSERT_EQ(std::ranges::count(made, ' '), 5);
    std::istringstream in(made);
    for (std::string one; in >> one;) ASSERT_TRUE(std::regex_match(one, word)) << made;
  }
}

// Serves 0, 1, 2, ... 65535 as numbers of two bytes, and then again.
class counting_in_pairs final : public random_source {
 public:
  void fill(std::span<byte> out) override {
    ASSERT_EQ(out.size(), 2u);
    out[0] = static_cast<byte>(count_ >> 8);
    out[1] = static_cast<byte>(count_);
    ++count_;
  }
  std::uint16_t count_ = 0;
};

// 65,536 draws hold each of 9,800 words exactly six times; what is left over is drawn again.
TEST(passphrase, draws_each_of_9800_words_alike) {
  counting_in_pairs random;
  std::map<std::string, int> times;
  for (int phrases = 0; phrases < 9800; ++phrases) {
    std::istringstream in(make_passphrase(random));
    for (std::string one; in >> one;) ++times[one];
  }
  EXPECT_EQ(random.count_, 58800);
  EXPECT_EQ(times.size(), 9800u);
  for (const auto& [word, count] : times) ASSERT_EQ(count, 6) << word;

  random.count_ = 58800;  // the first of those that are drawn again
  make_passphrase(random);
  EXPECT_EQ(random.count_, 6);
}

}  // namespace
}  // namespace tomoshibi::crypto
