#include <gtest/gtest.h>

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"
#include "tests/crypto/reading_book.hpp"
#include "tests/crypto/t1_script.hpp"
#include "tests/support/hex.hpp"

namespace tomoshibi::crypto {
namespace {

std::map<std::string, bytes> read_file() {
  return support::read_vectors(TOMOSHIBI_SOURCE_DIR "/tests/vectors/t1.txt");
}

TEST(t1_vectors, are_what_the_code_does_byte_for_byte) {
  reading_book book(read_file());
  play_t1(book);
  EXPECT_EQ(book.never_used(), std::vector<std::string>{});
}

TEST(t1_vectors, follow_from_the_page_and_the_primitives_alone) {
  auto file = read_file();
  const bytes& hello = file["hello"];
  const auto to_day = reader(bytes_view(hello).subspan(194, 1120)).take<1120>();
  const auto to_one_time = reader(bytes_view(hello).subspan(194 + 1120, 1120)).take<1120>();
  const auto from_day = decapsulate(to_day, kem_secret_key(reader(file["day.secret"]).take<32>()));
  const auto from_one_time = decapsulate(to_one_time, kem_secret_key(reader(file["offer.random"]).take<32>()));

  const hash32 th = sha256({as_bytes("t1/th"), file["roster_hash"], file["certificate"], file["day"],
                            bytes_view(file["offer"]).subspan(2 + 202 + 1328, 1424), file["conversation"],
                            file["nonce"], bytes(16), to_day, to_one_time});
  EXPECT_EQ(to_hex(th), to_hex(file["th"]));
  const auto keys =
      hkdf_expand<96>(hkdf_extract(th, {from_day->view(), from_one_time->view(), bytes(32)}), as_bytes("t1/root"));

  const bytes associated = writer().put(file["conversation"]).put(th).number(byte{1}).finish();
  const auto open_header = [&](const bytes& in, std::size_t key_at) {
    return *open(secret<32>(block<32>(reader(keys.view().subspan(key_at, 32)).take<32>())),
                 reader(bytes_view(in).subspan(1)).take<24>(), bytes_view(in).subspan(25, 2364), associated);
  };
  const auto survivor_header = open_header(file["survivor.2"], 32);
  EXPECT_EQ(to_hex(bytes_view(survivor_header).first(12)), "000000000000000100000000");
  EXPECT_EQ(to_hex(bytes_view(open_header(file["counselor.2"], 64)).first(12)), "000000000000000100000000");

  const auto ciphertext = reader(bytes_view(survivor_header).last(1120)).take<1120>();
  const auto shared = decapsulate(ciphertext, kem_secret_key(reader(file["offer.random"]).take<32>()));
  const auto turn = hkdf_expand<128>(hkdf_extract(keys.view().first<32>(), {shared->view()}), as_bytes("t1/rk"));
  const secret<32> chain(turn.view().subspan<32, 32>());
  const bytes& first = file["survivor.1"];
  const auto both =
      hkdf_expand<56>(hmac(chain, bytes{1}), writer().put("t1/msg").put(bytes_view(first).subspan(1, 24)).finish());
  const auto body =
      open(secret<32>(both.view().first<32>()), reader(both.view().last<24>()).take<24>(),
           bytes_view(first).last(1707), writer().put(associated).put(bytes_view(first).subspan(1, 2388)).finish());
  ASSERT_TRUE(body);
  EXPECT_EQ(as_text(bytes_view(*body).subspan(3, file["survivor.1.data"].size())), as_text(file["survivor.1.data"]));
}

}  // namespace
}  // namespace tomoshibi::crypto
