// What whoever runs a centre does with it while it serves: status, staff, journal; and a disk that is full.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "crypto/letter.hpp"
#include "server/control.hpp"
#include "server/drill/shell.hpp"
#include "tests/server/ask.hpp"

namespace tomoshibi {
namespace {

using nlohmann::json;
using support::comes_true;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds patience{30};

json status_of(const live_centre& centre) {
  const auto shown = support::run_program({"status", "--centre", centre.of.base.string(), "--json"});
  return json::parse(shown.said, nullptr, false);
}

// --- status ---

TEST(live_status, shows_the_desk_the_store_and_what_expires) {
  live_centre centre;
  crypto::system_random random;
  ASSERT_TRUE(drill::run(centre.drill(2, 2, 3), random).clean());
  const json shown = status_of(centre);
  ASSERT_TRUE(shown.is_object()) << shown;
  EXPECT_EQ(shown["running"], true);
  EXPECT_EQ(shown["usable"], true);
  EXPECT_EQ(shown["desks"].size(), 1u) << "those with hours, and never the drill's";
  EXPECT_EQ(shown["desks"][0]["why"], "too_few_on_duty");
  EXPECT_EQ(shown["desks"][0]["present"], 0);
  EXPECT_GT(shown["store"]["commits"], 0);
  EXPECT_GT(shown["store"]["bytes_free"], 0);
  EXPECT_EQ(shown["store"]["conversations"], 0);
  EXPECT_EQ(shown["roster"]["members"], 5);
  EXPECT_EQ(shown["expires"].size(), 4u);
  EXPECT_THAT(support::run_program({"status", "--centre", centre.of.base.string()}).said,
              AllOf(HasSubstr("running since"), HasSubstr("too few counselors")));
}

TEST(live_status, tells_a_server_that_does_not_run_by_its_exit_status) {
  live_centre centre;
  const std::vector<std::string> command{"status", "--centre", centre.of.base.string()};
  EXPECT_EQ(support::run_program(command).status, 0);
  centre.server->stop(SIGKILL);
  const auto shown = support::run_program(command);
  EXPECT_EQ(shown.status, 3);
  EXPECT_THAT(shown.said, HasSubstr("does not run"));
  centre.restart_on_the_same_port();  // over the socket that was left behind
  EXPECT_EQ(support::run_program(command).status, 0);
  EXPECT_EQ(centre.server->stop(SIGTERM), 0);
  EXPECT_FALSE(std::filesystem::exists(centre.of.control()));
}

// --- journal ---

TEST(live_journal, has_json_lines_that_name_no_address_and_no_conversation) {
  live_centre centre;
  crypto::system_random random;
  ASSERT_TRUE(drill::run(centre.drill(4, 2, 5), random).clean());
  boost::asio::io_context io{1};  // somebody who is refused
  drill::endpoint stranger = centre.where;
  stranger.subprotocol = "something.else";
  drill::socket refused(io, stranger, {[] {}, [](bytes_view) {}, [&](std::string) { io.stop(); }});
  io.run_for(patience);
  ASSERT_EQ(centre.server->stop(SIGTERM), 0);
  std::istringstream lines(centre.server->said());
  std::size_t count = 0;
  static const std::regex personal("127\\.0\\.0\\.1|::1|[0-9a-f]{16,}|sumire|すみれ");
  for (std::string line; std::getline(lines, line); ++count) {
    const json one = json::parse(line, nullptr, false);
    ASSERT_TRUE(one.is_object()) << line;
    EXPECT_EQ(one.size(), 3u) << line;
    EXPECT_TRUE(one.contains("time") && one.contains("level") && one.contains("text")) << line;
    EXPECT_FALSE(std::regex_search(line, personal)) << line;
  }
  EXPECT_GT(count, 2u);
}

// --- staff ---

// A console that signs in, and what becomes of it.
class console {
 public:
  console(const live_centre& centre, crypto::identity who)
      : shell_(io_, centre.where,
               core::counselor({*read_fingerprint(centre.of), centre.where.origin()}, std::move(who), random_),
               machine_clock, [this](auto& at, core::event& what) {
                 if (const auto* in = std::get_if<core::signed_in>(&what)) alias = in->alias;
                 if (const auto* ends = std::get_if<core::expiry_changed>(&what)) until = ends->certificate_until;
                 if (const auto* no = std::get_if<core::server_failed>(&what)) refused = no->why;
                 if (refused) at.stop();
               }) {
    shell_.start();
  }
  // Until the condition holds.
  template <class Condition>
  bool reaches(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.run_one_for(std::chrono::milliseconds(50));
      if (io_.stopped()) io_.restart();
    }
    return condition();
  }

  std::string alias;
  crypto::seconds until = 0;  // of the certificate that it signed in with
  std::optional<wire::error> refused;

 private:
  boost::asio::io_context io_{1};
  crypto::system_random random_;
  drill::shell<core::counselor> shell_;
};

TEST(live_staff, member_that_is_added_signs_in_and_is_closed_within_a_second_when_disabled) {
  live_centre centre;
  const std::string keys = centre.keys.base.string(), at = centre.of.base.string(),
                    out = (centre.place / "usb").string();
  const auto added = support::run_program({"staff", "add", "--centre", at, "--keys", keys, "--id", "hana", "--alias",
                                           "はな", "--desk", "centre", "--out", out});
  ASSERT_EQ(added.status, 0) << added.said;
  EXPECT_THAT(added.said, HasSubstr("The running server has taken roster 2."));
  std::smatch told;
  ASSERT_TRUE(std::regex_search(added.said, told, std::regex("\n  ([a-z]+( [a-z]+){5})\n")));
  const auto opened = crypto::open_key_file(*read_file(centre.place / "usb/hana.key"), told[1].str(), {});
  ASSERT_TRUE(opened);

  console hana(centre, *opened);
  ASSERT_TRUE(hana.reaches([&] { return !hana.alias.empty(); }));
  EXPECT_EQ(hana.alias, "はな");
  const auto reads =
      support::run_program({"staff", "letters", "--centre", at, "--keys", keys, "--id", "hana", "--on"});
  EXPECT_EQ(reads.status, 0) << reads.said;
  EXPECT_THAT(reads.said, HasSubstr("from their next sign-in on"));
  EXPECT_THAT(reads.said, Not(HasSubstr("it takes none"))) << "others at the desk read them, too";
  EXPECT_THAT(support::run_program({"staff", "list", "--centre", at}).said,
              testing::ContainsRegex("hana +counselor +centre +good +until [-0-9]+ +letters"));
  const auto disabled = support::run_program({"staff", "disable", "--centre", at, "--keys", keys, "--id", "hana"});
  ASSERT_EQ(disabled.status, 0) << disabled.said;
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(hana.reaches([&] { return hana.refused.has_value(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
  EXPECT_EQ(*hana.refused, wire::error::login_refused);

  console again(centre, *opened);
  ASSERT_TRUE(again.reaches([&] { return again.refused.has_value(); }));
  EXPECT_EQ(again.alias, "");
  EXPECT_THAT(support::run_program({"staff", "list", "--centre", at}).said,
              testing::ContainsRegex("hana +counselor +centre +disabled"));
  EXPECT_EQ(status_of(centre)["roster"]["disabled"], 1);
}

TEST(live_staff, letters_that_too_few_read_are_told_of) {
  live_centre centre;
  const std::string keys = centre.keys.base.string(), at = centre.of.base.string();
  const auto list = json::parse(support::run_program({"staff", "list", "--centre", at, "--json"}).said);
  std::vector<std::string> readers;
  for (const auto& one : list)
    if (one["reads_letters"] && one["desk"] == "centre") readers.push_back(one["id"]);
  ASSERT_GE(readers.size(), 2u);
  for (std::size_t left = readers.size(); left > 0; --left) {
    const auto done = support::run_program(
        {"staff", "letters", "--centre", at, "--keys", keys, "--id", readers[left - 1], "--off"});
    ASSERT_EQ(done.status, 0) << done.said;
    const std::string told = fmt::format("{} at this desk read letters now, and it takes none", left - 1);
    EXPECT_EQ(done.said.contains(told), left - 1 < crypto::letter_readers_least) << done.said;
  }
}

TEST(live_staff, certificate_that_was_renewed_is_taken_by_the_key_file_of_before) {
  live_centre centre;
  const std::string keys = centre.keys.base.string(), at = centre.of.base.string();
  const auto opened = unlock_demo_staff(centre.of, "sumire");
  ASSERT_TRUE(opened);
  const crypto::seconds made = machine_clock();  // the newer one ends later by a whole second
  ASSERT_TRUE(comes_true([&] { return machine_clock() > made; }));
  const auto renewed = support::run_program({"staff", "renew", "--centre", at, "--keys", keys, "--id", "sumire"});
  ASSERT_EQ(renewed.status, 0) << renewed.said;
  const auto issuer = read_authority(centre.of)->issued_by.key;
  const auto end_of = [&](const bytes& one) { return crypto::open_certificate(one, issuer)->not_after; };
  const bytes newest = read_certificates(centre.of, "sumire")->back();
  ASSERT_GT(end_of(newest), end_of(opened->certificate));
  console sumire(centre, *opened);
  ASSERT_TRUE(sumire.reaches([&] { return sumire.until != 0; }));
  EXPECT_EQ(sumire.until, end_of(newest));
}

TEST(live_staff, roster_that_was_rolled_back_is_refused_by_the_running_server_and_the_old_one_stays) {
  live_centre centre;
  const bytes first = *read_file(centre.of.roster());
  const std::string keys = centre.keys.base.string(), at = centre.of.base.string();
  ASSERT_EQ(support::run_program({"staff", "renew", "--centre", at, "--keys", keys, "--id", "aoi"}).status, 0);
  ASSERT_TRUE(write_file(centre.of.roster(), first, readers::everyone));
  EXPECT_THAT(**ask_server(centre.of, "reload"), HasSubstr("rolled_back"));
  EXPECT_EQ(status_of(centre)["roster"]["epoch"], 2);
  centre.server->stop(SIGTERM);
  const auto refused = support::run_program(
      {"serve", "--centre", at, "--pages", centre.pages().string(), "--port", "0", "--log", "plain"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.said, AllOf(HasSubstr("rolled_back"), HasSubstr("'tomoshibi staff renew'")));
}

TEST(live_staff, changes_while_people_talk_without_anybody_noticing) {
  live_centre centre;
  const std::string keys = centre.keys.base.string(), at = centre.of.base.string();
  std::atomic<std::size_t> delivered = 0;
  std::atomic<bool> over = false;
  drill::report held;
  std::thread beside([&] {
    crypto::system_random random;
    drill::settings wanted = centre.drill(4, 2, 60);
    wanted.progress = [&](const drill::standing& so_far) { delivered = so_far.delivered; };
    held = drill::run(wanted, random);
    over = true;
  });
  for (const std::size_t after : {20u, 120u, 240u}) {
    comes_true([&] { return over || delivered > after; });
    EXPECT_FALSE(over) << "the drill was too short to be disturbed";
    EXPECT_EQ(support::run_program({"staff", "renew", "--centre", at, "--keys", keys, "--id", "aoi"}).status, 0);
  }
  beside.join();
  EXPECT_TRUE(held.clean()) << held.trouble;
  EXPECT_EQ(status_of(centre)["roster"]["epoch"], 4);
}

TEST(live_staff, reload_of_what_cannot_be_read_ends_nothing) {
  live_centre centre;
  for (const auto& break_it : std::vector<std::function<void()>>{
           [&] { std::filesystem::rename(centre.of.fingerprint(), centre.place / "kept"); },
           [&] {
             std::filesystem::rename(centre.place / "kept", centre.of.fingerprint());
             std::filesystem::create_directory_symlink("loop", centre.of.staff("loop"));
           }}) {
    break_it();
    const auto answer = ask_server(centre.of, "reload");
    ASSERT_TRUE(answer) << answer.error();
    EXPECT_THAT(**answer, HasSubstr("error"));
    EXPECT_EQ(status_of(centre)["roster"]["epoch"], 1);
  }
  EXPECT_THAT(centre.server->said(), testing::Not(HasSubstr(centre.of.base.string()))) << "a path may name a member";
}

TEST(live_staff, server_whose_control_socket_was_deleted_is_not_taken_for_none) {
  live_centre centre;
  std::filesystem::remove(centre.of.control());
  const auto renewed = support::run_program(
      {"staff", "renew", "--centre", centre.of.base.string(), "--keys", centre.keys.base.string(), "--id", "aoi"});
  EXPECT_NE(renewed.status, 0);
  EXPECT_THAT(renewed.said, HasSubstr("a server runs and does not hear"));
}

// --- a full disk ---

// The largest file that the running server may write.
void limit_files(const live_centre& centre, rlim_t bytes) {
  const rlimit files{bytes, RLIM_INFINITY};
  ASSERT_EQ(::prlimit(centre.server->id(), RLIMIT_FSIZE, &files, nullptr), 0);
}

TEST(live_disk, that_is_full_loses_nothing_that_was_acknowledged) {
  live_centre centre;
  constexpr rlim_t full_at = 128 << 10;  // the journal is far below it, the store's log soon beyond
  std::atomic<bool> over = false;
  drill::report held;
  std::thread beside([&] {
    crypto::system_random random;
    drill::settings wanted = centre.drill(6, 3, 100);
    wanted.patience = patience;
    held = drill::run(wanted, random);
    over = true;
  });
  const std::filesystem::path log = centre.of.database().string() + "-wal";
  const auto large = [&] {
    std::error_code none;
    return std::filesystem::file_size(log, none) > 2 * full_at && !none;
  };
  comes_true([&] { return over || large(); });
  EXPECT_FALSE(over) << "the drill was too short to be disturbed";
  limit_files(centre, full_at);
  EXPECT_TRUE(comes_true([&] { return centre.server->said().find("the store failed") != std::string::npos; }));
  EXPECT_TRUE(comes_true([&] { return !status_of(centre)["store"]["failing"].is_null(); }));
  EXPECT_TRUE(centre.server->runs());
  limit_files(centre, RLIM_INFINITY);
  beside.join();
  EXPECT_TRUE(held.clean()) << held.trouble;
  EXPECT_EQ(held.texts.sent, 6u * 2 * 100);
  EXPECT_TRUE(status_of(centre)["store"]["failing"].is_null());
  EXPECT_EQ(centre.server->stop(SIGTERM), 0);
}

}  // namespace
}  // namespace tomoshibi
