#include "crypto/sheets.hpp"

#include <gtest/gtest.h>

#include "tests/support/hex.hpp"
#include "tests/support/print_failure.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

std::string text_of(const secret_bytes& in) { return as_text(in); }

std::string without_line(std::string page, unsigned number) {
  const std::size_t at = page.find(std::to_string(number) + ":");
  return page.erase(at, page.find('\n', at) + 1 - at);
}

class sheets : public testing::Test {
 protected:
  support::seeded_random random{9};
  const sign_seed root = random.make_secret<32>();
  const std::array<sheet, sheets_made> made = split_root(root, random);

  std::string page(std::size_t at = 0) const { return text_of(print_sheet(made[at])); }
  static std::optional<sheet_fault> fault(const std::string& page) {
    const auto read = read_sheet(page);
    return read ? std::nullopt : std::optional(read.error());
  }
};

TEST_F(sheets, any_two_give_the_root_back) {
  for (std::size_t one = 0; one < 3; ++one) {
    EXPECT_EQ(made[one].number, one + 1);
    for (std::size_t other = 0; other < 3; ++other) {
      const auto joined = join_sheets(made[one], made[other]);
      ASSERT_EQ(joined.has_value(), one != other);
      if (joined)
        EXPECT_TRUE(*joined == root);
      else
        EXPECT_EQ(joined.error(), failure::malformed);
    }
  }
}

// GF(2^8) as FIPS 197 has it: section 4.2 works 57 * 83 = c1 and 57 * 13 = fe out.
TEST_F(sheets, are_points_on_a_line_for_each_byte) {
  const auto share_of = [](byte value, byte slope, byte number) {
    class fixed final : public random_source {
     public:
      explicit fixed(byte value) : value_(value) {}
      void fill(std::span<byte> out) override { std::ranges::fill(out, value_); }
      byte value_;
    } slopes(slope);
    block<32> seed{};
    seed.fill(value);
    return split_root(sign_seed(seed), slopes)[number - 1u].share.view()[17];
  };
  EXPECT_EQ(share_of(0x00, 0x57, 1), 0x57);
  EXPECT_EQ(share_of(0x00, 0x57, 2), 0xae);
  EXPECT_EQ(share_of(0x00, 0xae, 2), 0x47);
  EXPECT_EQ(share_of(0x00, 0x83, 3), 0x9e);
  EXPECT_EQ(share_of(0xff, 0x57, 2), 0x51);
}

// One alone fits every root equally well: for each seed there is a slope that gives this share.
TEST_F(sheets, one_alone_says_nothing) {
  support::seeded_random other_random{10};
  const auto again = split_root(root, other_random);
  for (std::size_t at = 0; at < 3; ++at) EXPECT_FALSE(again[at].share == made[at].share);
  sheet invented = made[1];
  invented.share = random.make_secret<32>();
  EXPECT_EQ(join_sheets(made[0], invented).error(), failure::cannot_open);
}

TEST_F(sheets, of_two_roots_or_two_splittings_are_refused) {
  const auto other = split_root(random.make_secret<32>(), random);
  EXPECT_EQ(join_sheets(made[0], other[1]).error(), failure::wrong_binding);
  const auto again = split_root(root, random);
  EXPECT_EQ(join_sheets(made[0], again[1]).error(), failure::cannot_open);
  for (std::size_t at = 0; at < 32; ++at) {
    sheet wrong = made[1];
    wrong.share.writable()[at] ^= 1;
    ASSERT_EQ(join_sheets(made[0], wrong).error(), failure::cannot_open) << at;
  }
}

TEST_F(sheets, are_seventy_bytes_with_a_check) {
  const secret_bytes coded = encode_sheet(made[1]);
  ASSERT_EQ(coded.size(), 70u);
  const bytes expected =
      writer().number(byte{1}).number(byte{2}).put(sha256(sign_public(root))).put(made[1].share.view()).finish();
  EXPECT_EQ(to_hex(bytes_view(coded).first(66)), to_hex(expected));
  EXPECT_EQ(to_hex(bytes_view(coded).last(4)), to_hex(sha256({as_bytes("t1/share"), expected})).substr(0, 8));
  const auto decoded = decode_sheet(coded);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->number, 2);
  EXPECT_TRUE(decoded->fingerprint == made[1].fingerprint);
  EXPECT_TRUE(decoded->share == made[1].share);
}

TEST_F(sheets, of_another_length_version_number_or_check_are_malformed) {
  const secret_bytes coded = encode_sheet(made[1]);
  for (std::size_t at = 0; at < coded.size(); ++at) {
    secret_bytes changed = coded;
    changed[at] ^= 1;
    ASSERT_EQ(decode_sheet(changed).error(), failure::malformed) << at;
    changed.resize(at);
    ASSERT_EQ(decode_sheet(changed).error(), failure::malformed) << at;
  }
  const auto refused = [](byte version, byte number) {
    const bytes before = writer().number(version).number(number).pad_to(66).finish();
    const hash32 check = sha256({as_bytes("t1/share"), before});
    return !decode_sheet(writer().put(before).put(bytes_view(check).first(4)).finish());
  };
  EXPECT_FALSE(refused(1, 1));
  EXPECT_FALSE(refused(1, 3));
  EXPECT_TRUE(refused(1, 0));
  EXPECT_TRUE(refused(1, 4));
  EXPECT_TRUE(refused(2, 1));
}

// --- on paper ---

TEST_F(sheets, on_paper_are_seven_lines_of_five_groups) {
  std::istringstream lines(page());
  unsigned number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    ASSERT_EQ(line.size(), 26u + 1);
    EXPECT_TRUE(line.starts_with(std::to_string(number) + ": "));
    for (std::size_t at = 2; at < line.size(); ++at) EXPECT_EQ(line[at] == ' ', (at - 2) % 5 == 0) << line;
  }
  EXPECT_EQ(number, 7u);
  sheet zeros;
  zeros.number = 1;  // 01 01 00 ... is 00000 00100 00000 10000 ...
  EXPECT_TRUE(text_of(print_sheet(zeros)).starts_with("1: 040G 0000 0000 0000 "));
}

TEST_F(sheets, read_back_as_printed_and_as_people_type) {
  const auto same = [&](const std::string& typed) {
    const auto read = read_sheet(typed);
    return read && read->number == made[0].number && read->share == made[0].share &&
           read->fingerprint == made[0].fingerprint;
  };
  EXPECT_TRUE(same(page()));
  EXPECT_TRUE(same("\xef\xbb\xbf" + page())) << "an editor's mark in front";
  EXPECT_TRUE(same("About this sheet\n10 lines\n\n" + page() + "8: nothing\n"));
  std::string typed = page();
  for (char& each : typed) each = each >= 'A' && each <= 'Z' ? static_cast<char>(each | 0x20) : each;
  EXPECT_TRUE(same(typed)) << "small letters";
  std::string alike, wide, windows, close, dots, backwards;
  for (const char each : page()) {
    alike += each == '0' ? 'O' : each;
    const auto up = static_cast<byte>(each);
    if (each == '\n')
      windows += '\r', wide += '\n';
    else if (each == ' ')
      wide += "\xe3\x80\x80";
    else
      wide += up < 0x60 ? std::string("\xef\xbc") + static_cast<char>(up + 0x60) : std::string(1, each);
    windows += each;
    if (each != ' ') close += each;
    dots += each == ':' ? '.' : each == ' ' ? '-' : each;
  }
  EXPECT_TRUE(same(alike)) << "O for 0";
  EXPECT_TRUE(same(wide)) << "full-width";
  EXPECT_TRUE(same(windows));
  EXPECT_TRUE(same(close)) << "without blanks";
  EXPECT_TRUE(same(dots));
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) backwards = "  " + line + "\n" + backwards;
  EXPECT_TRUE(same(backwards)) << "in another order";
  std::string ones = page();
  for (std::size_t at = 0; at < ones.size(); ++at)
    if (ones[at] == '1' && at + 1 < ones.size() && ones[at + 1] != ':') ones[at] = at % 2 == 0 ? 'l' : 'I';
  EXPECT_TRUE(same(ones)) << "I and L for 1";
}

TEST_F(sheets, any_letter_that_is_wrong_is_found_by_its_line) {
  const std::string good = page(2);
  unsigned line = 1;
  for (std::size_t at = 0; at < good.size(); ++at) {
    if (good[at] == '\n') ++line;
    if (good[at] == '\n' || good[at] == ' ' || good[at + 1] == ':' || good[at] == ':') continue;
    std::string wrong = good;
    wrong[at] = good[at] == '7' ? '8' : '7';
    ASSERT_TRUE(fault(wrong) == (sheet_fault{sheet_fault::line_check, line})) << at;
    wrong[at] = 'u';
    ASSERT_TRUE(fault(wrong) == (sheet_fault{sheet_fault::line_letter, line})) << at;
    wrong = good;
    wrong.erase(at, 1);
    ASSERT_TRUE(fault(wrong) == (sheet_fault{sheet_fault::line_length, line})) << at;
    wrong = good;
    wrong.insert(at, 1, '0');
    ASSERT_TRUE(fault(wrong) == (sheet_fault{sheet_fault::line_length, line})) << at;
  }
  EXPECT_EQ(line, 8u);
}

TEST_F(sheets, lines_that_are_missing_there_twice_or_swapped_are_named) {
  for (unsigned number = 1; number <= 7; ++number) {
    EXPECT_TRUE(fault(without_line(page(), number)) == (sheet_fault{sheet_fault::line_missing, number})) << number;
    std::string more = page();
    more += std::to_string(number) + ": 0000 0000 0000 0000 0000\n";
    EXPECT_TRUE(fault(more) == (sheet_fault{sheet_fault::line_twice, number})) << number;
  }
  std::string swapped = page();
  swapped[0] = '2';
  swapped[28] = '1';
  EXPECT_TRUE(fault(swapped) == (sheet_fault{sheet_fault::line_check, 1}));
  EXPECT_TRUE(fault("") == (sheet_fault{sheet_fault::line_missing, 1}));
}

TEST_F(sheets, a_line_of_another_sheet_is_noticed) {
  const std::string mine = page(0), other = page(1);
  EXPECT_TRUE(fault(mine.substr(0, 6 * 28) + other.substr(6 * 28)) == (sheet_fault{sheet_fault::whole_check, 0}));
  EXPECT_TRUE(fault(mine.substr(0, 4 * 28) + other.substr(4 * 28, 28) + mine.substr(5 * 28)) ==
              (sheet_fault{sheet_fault::whole_check, 0}));
}

}  // namespace
}  // namespace tomoshibi::crypto
