// The root key goes onto paper, and comes back from any two sheets of it, typed by hand.
#include "server/sheets.hpp"

#include <sys/stat.h>

#include "tests/server/program.hpp"
#include "tests/server/small_centre.hpp"

namespace tomoshibi {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class sheets_of_a_centre : public testing::Test, public support::small_centre {
 protected:
  const sheet_title title{"灯火センター相談室", "Tomoshibi Centre", "2026-11-25"};
  const std::filesystem::path paper = place / "paper", fresh = place / "fresh";

  file_result<void> make(const std::filesystem::path& out) { return write_sheets(of, keys, out, title, random); }
  std::filesystem::path sheet(int number) const { return paper / ("sheet-" + std::to_string(number) + ".txt"); }
  std::string page(int number) const { return as_text(*read_file(sheet(number))); }
  // What somebody types: the seven lines alone.
  std::string typed(int number) const {
    std::istringstream lines(page(number));
    std::string out;
    for (std::string line; std::getline(lines, line);) {
      const std::size_t at = line.find_first_not_of(' ');
      if (at != std::string::npos && line[at] >= '1' && line[at] <= '7' && line[at + 1] == ':')
        out += line.substr(at) + "\n";
    }
    return out;
  }
  std::filesystem::path write(const std::string& name, const std::string& text) {
    const std::filesystem::path file = place / name;
    EXPECT_TRUE(write_file(file, as_bytes(text), readers::owner));
    return file;
  }
  file_result<crypto::hash32> restore(const std::filesystem::path& one, const std::filesystem::path& other) {
    return restore_root({fresh}, one, other);
  }
  std::string refusal(const std::filesystem::path& one, const std::filesystem::path& other) {
    const auto done = restore(one, other);
    EXPECT_FALSE(std::filesystem::exists(fresh));
    return done ? "restored" : done.error();
  }
};

TEST_F(sheets_of_a_centre, any_two_give_the_root_key_back_and_init_goes_on_with_it) {
  ASSERT_TRUE(make(paper));
  for (const auto& [one, other] : {std::pair{1, 2}, {1, 3}, {3, 2}}) {
    const auto restored = restore(sheet(one), sheet(other));
    ASSERT_TRUE(restored) << restored.error();
    EXPECT_EQ(*restored, *read_fingerprint(of));
    EXPECT_EQ(*read_file(fresh / "root" / "seed"), *read_file(keys.root_seed()));
    struct ::stat found {};
    ASSERT_EQ(::stat((fresh / "root" / "seed").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    std::filesystem::remove_all(fresh);
  }
  std::filesystem::remove_all(keys.base / "root");
  EXPECT_FALSE(init());
  ASSERT_TRUE(restore_root(keys, sheet(2), sheet(3)));
  const auto done = init();
  EXPECT_TRUE(done) << done.error();
}

TEST_F(sheets_of_a_centre, may_be_typed_by_hand) {
  ASSERT_TRUE(make(paper));
  std::string small = typed(1), close;
  for (char& each : small) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  for (const char each : typed(3))
    if (each != ' ') close += each == '0' ? 'O' : each;
  const auto restored = restore(write("one.txt", small), write("three.txt", close));
  ASSERT_TRUE(restored) << restored.error();
  EXPECT_EQ(*read_file(fresh / "root" / "seed"), *read_file(keys.root_seed()));
}

TEST_F(sheets_of_a_centre, are_a_page_each_that_says_what_it_is) {
  ASSERT_TRUE(make(paper));
  const std::string fingerprint = to_hex(*read_fingerprint(of));
  for (int number = 1; number <= 3; ++number) {
    EXPECT_THAT(page(number),
                AllOf(HasSubstr(title.ja), HasSubstr(title.en), HasSubstr(title.date),
                      HasSubstr("sheet " + std::to_string(number) + " of three"), HasSubstr(fingerprint.substr(0, 4)),
                      HasSubstr(fingerprint.substr(60)), HasSubstr("tomoshibi sheets restore")));
    EXPECT_THAT(page(number), testing::Not(HasSubstr("{{")));
    std::istringstream lines(page(number));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      std::size_t columns = 0;  // of what is not ASCII here, all is three bytes and two columns
      for (const char each : line) columns += static_cast<byte>(each) < 0x80 ? 3 : 2;
      EXPECT_LE(columns / 3, 80u) << line;
    }
    EXPECT_LE(count, 60);
    struct ::stat found {};
    ASSERT_EQ(::stat(sheet(number).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
  }
}

TEST_F(sheets_of_a_centre, a_slip_is_told_with_its_sheet_and_line) {
  ASSERT_TRUE(make(paper));
  const std::string good = typed(1);
  const auto line_of = [&](unsigned number) { return good.find(std::to_string(number) + ":"); };
  const auto told = [&](const std::string& text) { return refusal(write("one.txt", text), sheet(2)); };
  const std::string file = (place / "one.txt").string();

  std::string wrong = good;
  char& letter = wrong[line_of(4) + 5];
  letter = letter == '7' ? '8' : '7';
  EXPECT_THAT(told(wrong), AllOf(StartsWith(file + ": line 4 "), HasSubstr("a slip")));
  wrong = good;
  wrong.erase(line_of(2) + 4, 1);
  EXPECT_THAT(told(wrong), AllOf(StartsWith(file + ": line 2 "), HasSubstr("too few or too many")));
  wrong = good;
  wrong[line_of(5) + 4] = '?';
  EXPECT_THAT(told(wrong), AllOf(StartsWith(file + ": line 5 "), HasSubstr("on no sheet")));
  EXPECT_THAT(told(good.substr(0, line_of(7))), AllOf(StartsWith(file + ": line 7 "), HasSubstr("is missing")));
  EXPECT_THAT(told(good + good.substr(line_of(6))), AllOf(StartsWith(file + ": line 6 "), HasSubstr("twice")));
  EXPECT_THAT(told(good.substr(0, line_of(7)) + typed(3).substr(line_of(7))),
              AllOf(StartsWith(file + ": every line is right"), HasSubstr("not all of one sheet")));
  EXPECT_THAT(refusal(sheet(2), write("one.txt", "")), StartsWith(file + ": line 1 is missing"));
  EXPECT_THAT(refusal(sheet(2), place / "nothing.txt"), HasSubstr("nothing.txt"));
}

TEST_F(sheets_of_a_centre, that_do_not_belong_together_are_refused) {
  ASSERT_TRUE(make(paper));
  EXPECT_THAT(refusal(sheet(1), sheet(1)), HasSubstr("the same sheet twice"));
  ASSERT_TRUE(make(place / "again"));
  EXPECT_THAT(refusal(sheet(1), place / "again" / "sheet-2.txt"), HasSubstr("not made together"));
  EXPECT_THAT(refusal(sheet(1), place / "again" / "sheet-1.txt"), HasSubstr("the same sheet twice"));
  support::small_centre other;
  other.keys = {other.place / "other-safe"};
  std::filesystem::remove_all(other.of.base);
  other.random = support::seeded_random(2);
  ASSERT_TRUE(other.init());
  ASSERT_TRUE(write_sheets(other.of, other.keys, place / "others", title, random));
  EXPECT_THAT(refusal(sheet(1), place / "others" / "sheet-2.txt"), HasSubstr("two different root keys"));
}

TEST_F(sheets_of_a_centre, overwrite_nothing) {
  ASSERT_TRUE(make(paper));
  std::filesystem::remove(sheet(1));
  const std::string second = page(2);
  const auto again = make(paper);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error(), AllOf(StartsWith(sheet(2).string()), HasSubstr("there already")));
  EXPECT_EQ(page(2), second);
  EXPECT_FALSE(std::filesystem::exists(sheet(1)));

  const bytes root = *read_file(keys.root_seed());
  const auto over = restore_root(keys, sheet(2), sheet(3));
  ASSERT_FALSE(over);
  EXPECT_THAT(over.error(), HasSubstr("a root key already"));
  EXPECT_EQ(*read_file(keys.root_seed()), root);
}

TEST_F(sheets_of_a_centre, are_of_its_own_root_key_only) {
  ASSERT_TRUE(write_file(keys.root_seed(), bytes(32, 7), readers::owner));
  const auto done = make(paper);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr("is not the root key of the centre"));
  EXPECT_FALSE(std::filesystem::exists(paper));
  std::filesystem::remove(keys.root_seed());
  EXPECT_THAT(make(paper).error(), HasSubstr(keys.root_seed().string()));
}

TEST(sheets_command, makes_a_demos_sheets_and_restores_its_root_key) {
  const support::temporary_folder place;
  const std::string demo = (place / "demo").string(), paper = (place / "paper").string();
  ASSERT_EQ(support::run_program({"init", "--config", TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml", "--out", demo})
                .status,
            0);
  const auto made = support::run_program({"sheets", "make", "--centre", demo, "--out", paper});
  ASSERT_EQ(made.status, 0) << made.said;
  EXPECT_THAT(support::contents_of(place / "paper" / "sheet-3.txt"),
              AllOf(HasSubstr("高岡市男女平等推進センター相談室 (demo)"), HasSubstr("sheet 3 of three")));
  EXPECT_EQ(support::run_program({"sheets", "make", "--centre", demo, "--out", paper}).status, 2);

  const std::string one = paper + "/sheet-1.txt", three = paper + "/sheet-3.txt";
  const auto restored = support::run_program({"sheets", "restore", "--out", (place / "safe").string(), one, three});
  ASSERT_EQ(restored.status, 0) << restored.said;
  std::string fingerprint = support::contents_of(place / "demo" / "fingerprint");
  fingerprint.pop_back();
  EXPECT_THAT(restored.said, HasSubstr(fingerprint));
  EXPECT_EQ(support::contents_of(place / "safe" / "root" / "seed"),
            support::contents_of(place / "demo" / "root" / "seed"));
  const auto refused = support::run_program({"sheets", "restore", "--out", demo, one, three});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.said, HasSubstr("a root key already"));
  EXPECT_NE(support::run_program({"sheets", "restore", "--out", demo, one}).status, 0);
}

}  // namespace
}  // namespace tomoshibi
