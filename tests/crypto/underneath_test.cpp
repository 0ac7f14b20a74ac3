// Known answers for what the room uses inside and does not offer alone: X25519 (a half of X-Wing) and Ed25519 without
// a tag. So they are asked of libsodium itself.
#include <gtest/gtest.h>
#include <sodium.h>

#include "tests/support/hex.hpp"

namespace tomoshibi::crypto {
namespace {

using support::block_from_hex;
using support::from_hex;

block<32> agree(const block<32>& mine, const block<32>& theirs) {
  block<32> out{};
  EXPECT_EQ(crypto_scalarmult_curve25519(out.data(), mine.data(), theirs.data()), 0);
  return out;
}

std::string agree(std::string_view mine, std::string_view theirs) {
  return to_hex(agree(block_from_hex<32>(mine), block_from_hex<32>(theirs)));
}

// Section 5.2.
TEST(x25519_underneath, agrees_as_rfc_7748_says) {
  EXPECT_EQ(agree("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                  "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  EXPECT_EQ(agree("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                  "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"),
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

TEST(x25519_underneath, agrees_a_thousand_times_as_rfc_7748_says) {
  block<32> k{9}, u{9};
  for (int round = 1; round <= 1000; ++round) {
    const block<32> next = agree(k, u);
    u = k;
    k = next;
    if (round == 1) {
      EXPECT_EQ(to_hex(k), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
  }
  EXPECT_EQ(to_hex(k), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

// Section 6.1.
TEST(x25519_underneath, agrees_on_both_sides_as_rfc_7748_says) {
  const std::string_view alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                         alice_public = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                         bob = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                         bob_public = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                         shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(agree(alice, bob_public), shared);
  EXPECT_EQ(agree(bob, alice_public), shared);
}

void expect_ed25519(std::string_view seed, std::string_view message, std::string_view expected) {
  const block<32> from = block_from_hex<32>(seed);
  const bytes text = from_hex(message);
  block<32> open{};
  block<64> closed{}, made{};
  ASSERT_EQ(crypto_sign_ed25519_seed_keypair(open.data(), closed.data(), from.data()), 0);
  ASSERT_EQ(crypto_sign_ed25519_detached(made.data(), nullptr, text.data(), text.size(), closed.data()), 0);
  EXPECT_EQ(to_hex(made), expected);
  EXPECT_EQ(crypto_sign_ed25519_verify_detached(made.data(), text.data(), text.size(), open.data()), 0);
}

// Section 7.1, TEST 1 to 3 and TEST SHA(abc). TEST 1024 reads as a tagged message: known_answers_test.cpp.
TEST(ed25519_underneath, signs_as_rfc_8032_says) {
  expect_ed25519(
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf"
      "5f0595bbe24655141438e7a100b");
  expect_ed25519(
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2"
      "eaeb4302aeeb00d291612bb0c00");
  expect_ed25519(
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c1"
      "5e9716ed28dc027beceea1ec40a");
  expect_ed25519(
      "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4"
      "423643ce80e2a9ac94fa54ca49f",
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca1"
      "79c138ac17ad9bef1177331a704");
}

}  // namespace
}  // namespace tomoshibi::crypto
