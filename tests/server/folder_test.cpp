// A centre's folder in which something is missing, damaged, another's or over: refused in a sentence that names the
// file or what it is about, and what to do.
#include "tests/server/program.hpp"
#include "tests/server/small_centre.hpp"

namespace tomoshibi {
namespace {

using support::day;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

class centre_folder : public testing::Test, public support::small_centre {
 protected:
  centre_folder() { EXPECT_TRUE(add("sumire", "すみれ")); }

  std::vector<std::filesystem::path> signed_files() const {
    return {of.centre_file(), of.issuer_file(), of.roster()};
  }
  std::string refusal() const {
    const auto shown = read_trust_to_serve(of, clock);
    return shown ? std::string() : shown.error();
  }
};

TEST_F(centre_folder, is_served_while_all_is_well) { EXPECT_EQ(refusal(), ""); }

TEST_F(centre_folder, lacking_a_signed_file_is_refused_with_its_name) {
  for (const auto& file : signed_files()) {
    const bytes kept = *read_file(file);
    std::filesystem::remove(file);
    EXPECT_THAT(refusal(), AllOf(HasSubstr(file.string()), HasSubstr("cannot be read")));
    ASSERT_TRUE(write_file(file, kept, readers::everyone));
  }
  std::filesystem::remove(of.fingerprint());
  EXPECT_THAT(refusal(), HasSubstr(of.fingerprint().string()));
}

TEST_F(centre_folder, with_a_damaged_signed_file_is_refused) {
  for (const auto& file : signed_files()) {
    const bytes kept = *read_file(file);
    for (const std::size_t at : {std::size_t{0}, kept.size() / 2, kept.size() - 1}) {
      bytes altered = kept;
      altered[at] ^= 1;
      ASSERT_TRUE(write_file(file, altered, readers::everyone));
      EXPECT_THAT(refusal(), AllOf(HasSubstr("is refused ("), HasSubstr("init"))) << file << " at " << at;
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kept.size() - 1}) {
      ASSERT_TRUE(write_file(file, bytes_view(kept).first(size), readers::everyone));
      EXPECT_THAT(refusal(), HasSubstr("is refused (")) << file << " cut to " << size;
    }
    ASSERT_TRUE(write_file(file, kept, readers::everyone));
  }
  EXPECT_EQ(refusal(), "");
}

TEST_F(centre_folder, with_a_signed_file_of_another_centre_is_refused) {
  support::small_centre other;
  other.random = support::seeded_random{2};
  std::filesystem::remove_all(other.place.path());
  ASSERT_TRUE(other.init());
  const std::vector<std::filesystem::path> theirs{other.of.centre_file(), other.of.issuer_file(), other.of.roster()};
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const bytes kept = *read_file(signed_files()[i]);
    ASSERT_TRUE(write_file(signed_files()[i], *read_file(theirs[i]), readers::everyone));
    EXPECT_THAT(refusal(), AnyOf(HasSubstr("wrong_signature"), HasSubstr("wrong_binding"))) << theirs[i];
    ASSERT_TRUE(write_file(signed_files()[i], kept, readers::everyone));
  }
}

TEST_F(centre_folder, whose_fingerprint_is_none_is_refused) {
  for (const char* wrong : {"", "abc", "zz"}) {
    ASSERT_TRUE(write_file(of.fingerprint(), as_bytes(wrong), readers::everyone));
    EXPECT_THAT(refusal(), HasSubstr("64 hexadecimal digits"));
  }
}

TEST_F(centre_folder, whose_roster_or_issuer_is_over_is_refused_with_what_renews_it) {
  clock += 36 * day;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("(expired)"), HasSubstr("'tomoshibi staff renew'")));
  clock += 340 * day;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("(expired)"), HasSubstr("'tomoshibi init'")));
}

TEST_F(centre_folder, on_a_machine_whose_clock_is_slow_is_refused_with_that_as_the_reason) {
  clock -= 2 * day;
  EXPECT_THAT(refusal(), AllOf(HasSubstr("not_yet_valid"), HasSubstr("clock")));
}

TEST_F(centre_folder, with_damaged_certificates_names_the_file) {
  ASSERT_TRUE(write_file(of.certificates("sumire"), as_bytes("x"), readers::owner));
  EXPECT_THAT(read_members(of, read_authority(of)->issuers).error(), HasSubstr(of.certificates("sumire").string()));
  ASSERT_TRUE(write_file(of.certificates("sumire"), bytes(crypto::certificate_bytes), readers::owner));
  EXPECT_THAT(read_members(of, read_authority(of)->issuers).error(), HasSubstr(of.certificates("sumire").string()));
}

TEST_F(centre_folder, ends_the_program_with_a_sentence) {
  const auto demo = read_file(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
  ASSERT_TRUE(write_file(of.config(), *demo, readers::everyone));
  const auto serve = [&] {
    return support::run_program(
        {"serve", "--log", "plain", "--centre", of.base.string(), "--pages", place.path().string(), "--port", "0"});
  };
  std::filesystem::remove(of.issuer_file());
  const auto refused = serve();
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.said, HasSubstr(of.issuer_file().string()));
}

}  // namespace
}  // namespace tomoshibi
