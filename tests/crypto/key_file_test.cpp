#include "crypto/key_file.hpp"

#include <gtest/gtest.h>

#include "tests/support/print_failure.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

class key_file_of_staff : public testing::Test {
 protected:
  support::seeded_random random{7};
  const seeds held{random.make_secret<32>(), random.make_secret<32>()};
  const secret<32> device_secret = random.make_secret<32>();
  const secret<32> none;
  const bytes certificate = bytes(certificate_bytes, 0xce);
  const bytes vault = *seal_vault(held, "kami sora", device_secret, none, random, {1, 64 << 10});
  const secret_bytes file = encode_key_file({certificate, device_secret, vault});
};

TEST_F(key_file_of_staff, is_its_parts_one_after_the_other) {
  EXPECT_EQ(to_hex(file),
            to_hex(writer().number(byte{1}).put(certificate).put(device_secret.view()).put(vault).finish()));
  EXPECT_EQ(file.size(), 368u);
  const auto parts = decode_key_file(file);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->certificate, certificate);
  EXPECT_EQ(parts->device_secret, device_secret);
  EXPECT_EQ(parts->vault, vault);
}

TEST_F(key_file_of_staff, opens_with_the_passphrase) {
  const auto opened = open_key_file(file, "kami sora", none);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->certificate, certificate);
  EXPECT_EQ(opened->sign, held.sign);
  EXPECT_EQ(opened->agree, held.agree);
  EXPECT_EQ(open_key_file(file, "kami sorb", none).error(), failure::cannot_open);
  EXPECT_EQ(open_key_file(file, "kami sora", device_secret).error(), failure::cannot_open)
      << "it was made without a prf";
}

TEST_F(key_file_of_staff, of_another_length_or_version_is_malformed) {
  for (std::size_t size = 0; size < file.size(); ++size)
    ASSERT_EQ(decode_key_file(bytes_view(file).first(size)).error(), failure::malformed) << size;
  secret_bytes other = file;
  other.push_back(0);
  EXPECT_EQ(decode_key_file(other).error(), failure::malformed);
  for (const byte version : {byte{0}, byte{2}, byte{255}}) {
    other = file;
    other[0] = version;
    EXPECT_EQ(decode_key_file(other).error(), failure::malformed);
    EXPECT_EQ(open_key_file(other, "kami sora", none).error(), failure::malformed);
  }
  other = file;
  other[1 + certificate_bytes + 32] = 2;
  EXPECT_EQ(open_key_file(other, "kami sora", none).error(), failure::malformed) << "the vault's own version";
}

}  // namespace
}  // namespace tomoshibi::crypto
