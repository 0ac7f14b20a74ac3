// A return phrase on paper, read out, and typed on whatever keyboard there is.
#include "client-web/core/phrase.hpp"

#include <gtest/gtest.h>

#include "crypto/vault.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::core {
namespace {

constexpr std::string_view words = "kabin shachon tsufu jini wayun nona";

std::string read(std::string_view typed) {
  const auto out = read_phrase(as_bytes(typed));
  return out ? as_text(*out) : "nothing";
}

TEST(return_phrase_typed, reads_the_words_in_every_way_they_are_written) {
  for (const std::string_view typed :
       {"kabin shachon tsufu jini wayun nona", "Kabin Shachon TSUFU jini wayun nona\n",
        "kabinshachontsufujiniwayunnona", "kabin syatyon tuhu zini wayun nona",
        "ｋａｂｉｎ　ｓｈａｃｈｏｎ　ｔｓｕｆｕ　ｊｉｎｉ　ｗａｙｕｎ　ｎｏｎａ",
        "かびん しゃちょん つふ じに わゆん のな", "カビン シャチョン ツフ ジニ ワユン ノナ",
        "かびん、しゃちょん、つふ、じに、わゆん、のな", "かびんしゃちょんつふじにわゆんのな",
        "kabin-shachon-tsufu-jini-wayun-nona.", "kabinn shachonn tsufu jini wayunn nona"})
    EXPECT_EQ(read(typed), words) << typed;
}

TEST(return_phrase_typed, reads_digits_in_every_grouping) {
  for (const std::string_view typed :
       {"012345678901234567890123", "0123 4567 8901 2345 6789 0123", "0123-4567-8901-2345-6789-0123",
        "０１２３　４５６７　８９０１　２３４５　６７８９　０１２３", "0123—4567‐8901−2345ー6789.0123"})
    EXPECT_EQ(read(typed), "012345678901234567890123") << typed;
}

TEST(return_phrase_typed, is_refused_with_a_word_or_a_digit_too_few_or_too_many) {
  EXPECT_EQ(read("kabin shachon tsufu jini wayun"), "nothing");
  EXPECT_EQ(read("kabin shachon tsufu jini wayun nona ka"), "nothing");
  EXPECT_EQ(read("kabin shachon tsufu jini wayun nona n"), "nothing") << "this n belongs to no word";
  EXPECT_EQ(read("01234567890123456789012"), "nothing");
  EXPECT_EQ(read("0123456789012345678901234"), "nothing");
  EXPECT_EQ(read("kabin shachon tsufu jini wayun 1234"), "nothing");
  EXPECT_EQ(read(""), "nothing");
  EXPECT_EQ(read("\xe3\x81"), "nothing") << "cut short";
}

TEST(return_phrase_shown, comes_back_from_kana_and_from_groups) {
  support::seeded_random random(7);
  for (int i = 0; i < 300; ++i) {
    const std::string made = crypto::make_passphrase(random);
    EXPECT_EQ(read(as_text(show_in_kana(as_bytes(made)))), made);
    EXPECT_EQ(as_text(show_in_latin(as_bytes(made))), made);
  }
  EXPECT_EQ(as_text(show_in_kana(as_bytes(words))), "かびん しゃちょん つふ じに わゆん のな");
  EXPECT_EQ(as_text(show_in_kana(as_bytes("012345678901234567890123"))), "0123 4567 8901 2345 6789 0123");
}

}  // namespace
}  // namespace tomoshibi::core
