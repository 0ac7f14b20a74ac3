// What a person at the terminal sees: help for everything, and a sentence for everything that is wrong.
#include <gmock/gmock.h>

#include "tests/server/program.hpp"

namespace tomoshibi {
namespace {

using support::run_program;
using testing::HasSubstr;

const std::string demo = TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml";

TEST(command_line, has_help_for_the_program_and_each_subcommand) {
  EXPECT_THAT(run_program({"--help"}).said,
              testing::AllOf(HasSubstr("init"), HasSubstr("serve"), HasSubstr("drill")));
  for (const char* each : {"init", "serve", "drill"}) {
    const auto shown = run_program({each, "--help"});
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(shown.said, HasSubstr(each == std::string("init") ? "--config" : "--centre"));
  }
}

TEST(command_line, refuses_what_it_does_not_know) {
  EXPECT_NE(run_program({}).status, 0);
  EXPECT_NE(run_program({"dance"}).status, 0);
  EXPECT_NE(run_program({"serve"}).status, 0);
  EXPECT_THAT(run_program({"serve", "--centre", "/"}).said, HasSubstr("--pages is required"));
  EXPECT_NE(run_program({"drill", "--url", "wss://localhost", "--centre", "/", "--counselors", "65"}).status, 0);
}

TEST(command_line, names_line_and_remedy_of_a_broken_configuration_and_makes_nothing) {
  const support::temporary_folder place;
  std::ofstream(place / "centre.toml") << "[centre]\nname = 7\n";
  const auto refused =
      run_program({"init", "--config", (place / "centre.toml").string(), "--out", (place / "out").string()});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.said, HasSubstr("centre.toml:2: "));
  EXPECT_FALSE(std::filesystem::exists(place / "out"));
}

TEST(command_line, says_what_a_folder_lacks) {
  const support::temporary_folder place;
  const auto refused =
      run_program({"serve", "--centre", place.path().string(), "--pages", place.path().string(), "--port", "0"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.said, HasSubstr((place / "centre.toml").string()));
}

TEST(command_line, refuses_a_drill_without_texts) {
  const std::vector<std::string> drill{"drill", "--url", "wss://localhost", "--centre", "/"};
  for (const auto& [option, value] :
       {std::pair{"--rate", "0"}, {"--rate", "-1"}, {"--cuts", "-1"}, {"--exits", "x"}}) {
    auto with = drill;
    with.insert(with.end(), {option, value});
    EXPECT_THAT(run_program(with).said, HasSubstr(option));
  }
}

TEST(command_line, says_when_nothing_answers_a_drill) {
  const support::temporary_folder place;
  const auto refused =
      run_program({"drill", "--url", "https://localhost", "--centre", place.path().string(), "--survivors", "1"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.said, HasSubstr("wss://"));
}

}  // namespace
}  // namespace tomoshibi
