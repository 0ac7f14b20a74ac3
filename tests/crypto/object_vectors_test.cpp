#include "tests/crypto/object_vectors.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "crypto/trust.hpp"
#include "crypto/vault.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/print_failure.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr const char* object_vectors_path = TOMOSHIBI_SOURCE_DIR "/tests/vectors/objects.txt";

template <std::size_t N>
block<N> as_block(const bytes& in) {
  return reader(in).take<N>();
}

class object_vectors : public testing::Test {
 protected:
  const std::map<std::string, bytes> lines = support::read_vectors(object_vectors_path);
  const sign_public_key root = key("root.public"), issuer_key = key("issuer.public"),
                        holder = key("holder.sign_public");
  const seconds now = reader(lines.at("now")).number<seconds>();

  sign_public_key key(const std::string& name) { return as_block<32>(lines.at(name)); }
};

TEST_F(object_vectors, are_what_this_code_makes) {
  EXPECT_EQ(make_object_vectors(), support::read_text(object_vectors_path))
      << "a layout has moved: PROTOCOL.md first, then the vectors";
}

TEST_F(object_vectors, are_believed) {
  const auto believed = verify_trust(lines.at("centre_file"), lines.at("issuer"), lines.at("roster"),
                                     as_block<32>(lines.at("root.fingerprint")), now);
  ASSERT_TRUE(believed);
  ASSERT_TRUE(believed->check(lines.at("certificate"), now));
  EXPECT_TRUE(open_day_key(lines.at("day_key"), holder));
  EXPECT_TRUE(open_one_time_key(lines.at("one_time_key"), holder));
  EXPECT_TRUE(open_inbox_key(lines.at("inbox_key"), holder));
  const auto shown = open_ticket(lines.at("ticket"));
  ASSERT_TRUE(shown);
  EXPECT_TRUE(verify_ticket(*shown, as_block<16>(lines.at("conversation")), as_block<32>(lines.at("nonce")), holder));
}

TEST_F(object_vectors, of_the_vault_open) {
  const secret<32> device_secret(as_block<32>(lines.at("vault.device_secret"))),
      prf(as_block<32>(lines.at("vault.prf")));
  const std::string passphrase = as_text(lines.at("vault.passphrase"));
  for (const auto& [name, with] : {std::pair{"vault", prf}, std::pair{"vault.without_prf", secret<32>{}}}) {
    const auto opened = open_vault(lines.at(name), passphrase, device_secret, with);
    ASSERT_TRUE(opened) << name;
    EXPECT_EQ(to_hex(opened->sign.view()), to_hex(lines.at("holder.sign_seed")));
    EXPECT_EQ(to_hex(opened->agree.view()), to_hex(lines.at("holder.agree_seed")));
  }
}

TEST_F(object_vectors, that_must_be_refused_are_refused_as_they_say) {
  const auto refusal = [&](const std::string& object, const bytes& in) -> std::optional<failure> {
    const auto why = [](const auto& opened) { return opened ? std::nullopt : std::optional(opened.error()); };
    if (object == "centre_file") return why(open_centre_file(in, sha256(root)));
    if (object == "certificate") return why(open_certificate(in, issuer_key));
    if (object == "roster") return why(open_roster(in, issuer_key));
    if (object == "day_key") return why(open_day_key(in, holder));
    return std::nullopt;
  };
  int seen = 0;
  for (const auto& [line, in] : lines) {
    std::istringstream parts(line);
    std::string refused, expected, object;
    std::getline(parts, refused, '.');
    if (refused != "refused") continue;
    std::getline(parts, expected, '.');
    std::getline(parts, object, '.');
    const auto why = refusal(object, in);
    ASSERT_TRUE(why) << line;
    EXPECT_EQ(name(*why), expected) << line;
    ++seen;
  }
  EXPECT_EQ(seen, 8);
}

}  // namespace
}  // namespace tomoshibi::crypto
