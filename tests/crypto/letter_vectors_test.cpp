#include "tests/crypto/letter_vectors.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "crypto/letter.hpp"
#include "crypto/return_phrase.hpp"
#include "crypto/sheets.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/print_failure.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr const char* letter_vectors_path = TOMOSHIBI_SOURCE_DIR "/tests/vectors/letters.txt";

class letter_vectors : public testing::Test {
 protected:
  const std::map<std::string, bytes> lines = support::read_vectors(letter_vectors_path);
  const sign_public_key root = of<32>("root.public");
  const letter_id id = of<16>("id");

  template <std::size_t N>
  block<N> of(const std::string& name) const {
    return reader(lines.at(name)).take<N>();
  }
  inbox first_reader() const {
    return *inbox::open(lines.at("inbox"),
                        {{}, sign_seed(of<32>("inbox.sign_seed")), agree_seed(of<32>("inbox.agree_seed"))});
  }
  return_keys phrase() const { return *derive_return_keys(as_text(lines.at("phrase.words")), root); }
};

TEST_F(letter_vectors, are_what_this_code_makes) {
  EXPECT_EQ(make_letter_vectors(), support::read_text(letter_vectors_path))
      << "a layout has moved: PROTOCOL.md first, then the vectors";
}

TEST_F(letter_vectors, of_the_letter_open_for_a_reader) {
  const auto opened = open_letter(lines.at("letter"), id, first_reader());
  ASSERT_TRUE(opened);
  EXPECT_EQ(to_hex(opened->text), to_hex(lines.at("letter.text")));
  ASSERT_TRUE(opened->answer);
  EXPECT_EQ(to_hex(opened->answer->with.view()), to_hex(lines.at("phrase.words.psk")));
  EXPECT_TRUE(opened->answer->to == kem_public(kem_secret_key(of<32>("phrase.words.kem_seed"))));
  const auto head = read_letter_head(lines.at("letter"));
  ASSERT_TRUE(head);
  EXPECT_EQ(to_hex(head->roster_hash), to_hex(lines.at("roster_hash")));
}

TEST_F(letter_vectors, of_the_reply_open_with_the_phrase) {
  const return_keys keys = phrase();
  EXPECT_EQ(to_hex(keys.locator_hash()), to_hex(lines.at("phrase.words.locator_hash")));
  const auto opened = open_reply(lines.at("reply"), id, keys.key, keys.with);
  ASSERT_TRUE(opened);
  EXPECT_EQ(to_hex(opened->text), to_hex(lines.at("reply.text")));
  EXPECT_EQ(opened->alias, as_text(lines.at("reply.alias")));
}

TEST_F(letter_vectors, of_two_sheets_give_the_root) {
  const auto one = read_sheet(as_text(lines.at("sheet.1.printed")));
  const auto other = decode_sheet(lines.at("sheet.3"));
  ASSERT_TRUE(one);
  ASSERT_TRUE(other);
  const auto joined = join_sheets(*one, *other);
  ASSERT_TRUE(joined);
  EXPECT_EQ(to_hex(joined->view()), to_hex(lines.at("root.seed")));
}

TEST_F(letter_vectors, that_must_be_refused_are_refused_as_they_say) {
  const inbox reader = first_reader();
  const return_keys keys = phrase();
  const auto refusal = [&](const std::string& kind, const bytes& in) -> std::optional<failure> {
    const auto why = [](const auto& opened) { return opened ? std::nullopt : std::optional(opened.error()); };
    if (kind == "letter") return why(open_letter(in, id, reader));
    if (kind == "reply") return why(open_reply(in, id, keys.key, keys.with));
    return std::nullopt;
  };
  int seen = 0;
  for (const auto& [line, in] : lines) {
    std::istringstream parts(line);
    std::string refused, expected, kind;
    std::getline(parts, refused, '.');
    if (refused != "refused") continue;
    std::getline(parts, expected, '.');
    std::getline(parts, kind, '.');
    const auto why = refusal(kind, in);
    ASSERT_TRUE(why) << line;
    EXPECT_EQ(name(*why), expected) << line;
    ++seen;
  }
  EXPECT_EQ(seen, 6);
}

}  // namespace
}  // namespace tomoshibi::crypto
