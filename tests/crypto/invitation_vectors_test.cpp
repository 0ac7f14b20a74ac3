#include <gtest/gtest.h>

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"
#include "tests/crypto/invitation_script.hpp"
#include "tests/crypto/reading_book.hpp"
#include "tests/support/hex.hpp"

namespace tomoshibi::crypto {
namespace {

std::map<std::string, bytes> read_file() {
  return support::read_vectors(TOMOSHIBI_SOURCE_DIR "/tests/vectors/invitation.txt");
}

TEST(invitation_vectors, are_what_the_code_does_byte_for_byte) {
  reading_book book(read_file());
  play_invitations(book);
  EXPECT_EQ(book.never_used(), std::vector<std::string>{});
}

// Everything that B computes, by the page and with the primitives alone.
TEST(invitation_vectors, follow_from_the_page_and_the_primitives_alone) {
  auto file = read_file();
  const hash32 a = sha256(file["a.certificate"]), b = sha256(file["b.certificate"]);
  for (const std::string name : {"take_over", "join"}) {
    const byte kind = name == "join" ? 2 : 1;
    const bytes_view invite = bytes_view(file[name + ".invitation"]).first(32),
                     salt = bytes_view(file[name + ".invitation"]).subspan(32, 32);
    const hash32 accept = sha256({as_bytes("t1/sheet"), a, b, file["th"], bytes{kind}, salt, file[name + ".sheet"]});
    EXPECT_EQ(to_hex(accept), to_hex(file[name + ".accept"]));
    const hash32 question = sha256({as_bytes("t1/ask"), file[name + ".invitation"]});
    EXPECT_EQ(to_hex(question), to_hex(file[name + ".no"]));
    EXPECT_EQ(to_hex(question) + to_hex(accept), to_hex(file[name + ".yes"]));
    EXPECT_EQ(to_hex(sha256({as_bytes("t1/inv"), invite, accept})), to_hex(file[name + ".psk"]));

    const bytes_view whole = file[name + ".introduction"];
    const auto day = decapsulate(reader(whole.subspan(34, 1120)).take<1120>(),
                                 kem_secret_key(reader(file["b.day.secret"]).take<32>()));
    const auto hand_over = decapsulate(reader(whole.subspan(34 + 1120, 1120)).take<1120>(),
                                       kem_secret_key(reader(file[name + ".consent.random"]).take<32>()));
    const auto agreed = agree(agree_seed(reader(file["b.agree_seed"]).take<32>()),
                              agree_public(agree_seed(reader(file["a.agree_seed"]).take<32>())));
    const hash32 under = sha256({as_bytes("t1/ho"), file["th"], a, b, accept});
    const auto keys =
        hkdf_expand<56>(hkdf_extract(under, {day->view(), hand_over->view(), agreed->view()}), as_bytes("t1/ho"));
    const auto plain = open(secret<32>(keys.view().first<32>()), reader(keys.view().last<24>()).take<24>(),
                            whole.subspan(2274, 8258 + 16), whole.first(2274));
    ASSERT_TRUE(plain);
    writer expected;
    expected.put(invite).put(salt).number(static_cast<std::uint16_t>(file[name + ".sheet"].size()));
    expected.put(file[name + ".sheet"]).pad_to(8258);
    EXPECT_EQ(to_hex(*plain), to_hex(expected.finish()));
  }
}

}  // namespace
}  // namespace tomoshibi::crypto
