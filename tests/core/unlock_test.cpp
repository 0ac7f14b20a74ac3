// A member of staff opens the key file with what somebody in a hurry types on a Japanese keyboard.
#include "client-web/core/unlock.hpp"

#include <gtest/gtest.h>

#include "crypto/key_file.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::core {
namespace {

std::string tidied(std::string_view typed) { return as_text(tidy_passphrase(as_bytes(typed))); }

TEST(typed_passphrase, is_taken_as_it_was_made) {
  for (const std::string_view typed :
       {"kami sora shon", "  kami sora shon\n", "kami  sora \t\r\n shon", "Kami SORA shoN", "　kami　sora　 　shon　",
        "ｋａｍｉ　ｓｏｒａ　ｓｈｏｎ", "Ｋａｍｉ sora ＳＨＯＮ"})
    EXPECT_EQ(tidied(typed), "kami sora shon") << typed;
}

TEST(typed_passphrase, keeps_all_that_is_neither_white_nor_a_letter) {
  EXPECT_EQ(tidied("ka-mi ＡＺａｚ＠［｀｛０９"), "ka-mi azaz@[`{09");
  EXPECT_EQ(tidied("かみ、空"), "かみ、空");
  EXPECT_EQ(tidied("ÄÉ"), "ÄÉ");
  EXPECT_EQ(tidied("\xef\xbc"), "\xef\xbc") << "cut short";
  EXPECT_EQ(tidied("\xef\xbc\xa1\xe3\x80"), "a\xe3\x80");
  EXPECT_EQ(tidied("\xef\xbd\x9e\xef\xbd\x9f\xef\xbc\x80"), "~\xef\xbd\x9f\xef\xbc\x80") << "the last full-width one";
  EXPECT_EQ(tidied(" 　\n"), "");
}

class sign_in : public testing::Test {
 protected:
  event unlock_with(crypto::secret_bytes opened, std::string_view typed) {
    const bytes_view words = as_bytes(typed);
    return unlock({std::move(opened), {words.begin(), words.end()}, {}});
  }
  crypto::failure refusal(crypto::secret_bytes opened, std::string_view typed) {
    return std::get<not_unlocked>(unlock_with(std::move(opened), typed)).why;
  }

  support::seeded_random random{3};
  const crypto::seeds seeds{random.make_secret<32>(), random.make_secret<32>()};
  const crypto::secret<32> device_secret = random.make_secret<32>();
  const bytes certificate = bytes(crypto::certificate_bytes, 7);
  const crypto::secret_bytes file = crypto::encode_key_file(
      {certificate, device_secret,
       *crypto::seal_vault(seeds, "kami sora", device_secret, {}, random, {.passes = 1, .memory_bytes = 64 << 10})});
};

TEST_F(sign_in, gives_certificate_and_seeds) {
  const auto opened = std::get<unlocked>(unlock_with(file, " Ｋａｍｉ　sora\n"));
  EXPECT_EQ(opened.certificate, certificate);
  EXPECT_TRUE(opened.sign_seed == seeds.sign);
  EXPECT_TRUE(opened.agree_seed == seeds.agree);
}

TEST_F(sign_in, tells_a_wrong_passphrase_from_a_file_that_is_no_key_file) {
  EXPECT_EQ(refusal(file, "kami sorb"), crypto::failure::cannot_open);
  EXPECT_EQ(refusal(file, ""), crypto::failure::cannot_open);
  EXPECT_EQ(refusal({}, "kami sora"), crypto::failure::malformed);
  EXPECT_EQ(refusal({'J', 'F', 'I', 'F'}, "kami sora"), crypto::failure::malformed);
  crypto::secret_bytes longer = file;
  longer.push_back(0);
  EXPECT_EQ(refusal(longer, "kami sora"), crypto::failure::malformed);
}

}  // namespace
}  // namespace tomoshibi::core
