// What a journal is given.
#include "server/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/server/program.hpp"

namespace tomoshibi {
namespace {

using testing::MatchesRegex;

// What is logged while standard error is a file.
template <class Work>
std::string logged(log_form form, Work work) {
  const support::temporary_folder place;
  const int before = ::dup(2), file = ::open((place / "log").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(file, 2);
  start_log(form);
  work();
  spdlog::default_logger()->flush();
  ::dup2(before, 2);
  ::close(before);
  ::close(file);
  return support::contents_of(place / "log");
}

TEST(log, has_one_json_object_a_line) {
  const std::string said = logged(log_form::json, [] {
    spdlog::info("Ready on port {}.", 8443);
    spdlog::warn("a \"quoted\"\nsecond line");
    spdlog::error("not UTF-8: \xff");
  });
  std::istringstream lines(said);
  std::vector<nlohmann::json> all;
  for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["level"], "info");
  EXPECT_EQ(all[0]["text"], "Ready on port 8443.");
  EXPECT_THAT(all[0]["time"].get<std::string>(),
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9][0-9][0-9]Z"));
  EXPECT_EQ(all[1]["text"], "a \"quoted\"\nsecond line");
  EXPECT_EQ(all[1]["level"], "warning");
}

TEST(log, is_plain_for_a_person) {
  EXPECT_THAT(logged(log_form::plain, [] { spdlog::info("Ready on port {}.", 8443); }),
              MatchesRegex("[0-9:]+ info: Ready on port 8443\\.\n"));
}

}  // namespace
}  // namespace tomoshibi
