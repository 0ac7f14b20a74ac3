// The program serving a real folder on real sockets, and what clients and the disk see of it.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sys/resource.h>

#include <atomic>
#include <sstream>

#include "server/drill/drill.hpp"
#include "server/drill/shell.hpp"
#include "tests/server/live_centre.hpp"

namespace tomoshibi {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Weekly hours on one day only, three days from now: closed whenever the test runs.
void closed_now(config::centre_settings& settings, std::string& toml) {
  const unsigned today = desk::local_time(machine_clock(), settings.time_zone).weekday;
  static constexpr const char* names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const std::size_t desk = toml.find("\n[[desk]]"), staff = toml.find("\n[[staff]]");
  toml = toml.substr(0, std::min(desk, staff));
  toml.replace(toml.find("demo = true"), 11, "demo = false");
  toml += fmt::format(
      "\n[[desk]]\nid = \"centre\"\nname = {{ ja = \"相談\", en = \"Talk\" }}\nkind = \"centre\"\nreachable = true\n"
      "hours = {{ {} = [\"10:00-16:00\"] }}\n",
      names[(today + 3) % 7]);
  auto read = config::read_config(toml, "closed.toml");
  ASSERT_TRUE(read) << read.error().front();
  settings = *read;
}

// A survivor's client on a connection of its own, for as long as it takes to see something.
template <class Wanted>
std::vector<core::event> watch(const drill::endpoint& where, core::survivor_settings wanted) {
  boost::asio::io_context io{1};
  crypto::system_random random;
  std::vector<core::event> seen;
  drill::shell<core::survivor> phone(io, where, core::survivor(std::move(wanted), random), machine_clock,
                                     [&](auto& at, core::event& what) {
                                       seen.push_back(what);
                                       if (std::holds_alternative<Wanted>(what)) at.stop();
                                     });
  phone.start();
  io.run_for(std::chrono::seconds(20));
  return seen;
}

core::survivor_settings at_desk(const live_centre& centre, std::string desk) {
  return {*read_fingerprint(centre.of), std::move(desk), crypto::role::counselor, {}};
}

TEST(live_centre, loses_nothing_in_a_drill) {
  live_centre centre;
  crypto::system_random random;
  const drill::report held = drill::run(centre.drill(20, 10, 10), random);
  EXPECT_EQ(held.trouble, "");
  EXPECT_TRUE(held.texts.clean());
  EXPECT_EQ(held.texts.sent, 20u * 2 * 10);
  EXPECT_EQ(held.texts.delivered, held.texts.sent);
  EXPECT_EQ(held.conversations, 20u);
}

TEST(live_centre, holds_a_consultation_at_its_own_desk) {
  live_centre centre;
  drill::settings wanted = centre.drill(2, 0, 10);
  for (const char* id : {"sumire", "aoi"}) wanted.counselors.push_back(*unlock_demo_staff(centre.of, id));
  wanted.on_drill_desk = false;
  wanted.desk = "centre";
  crypto::system_random random;
  const drill::report held = drill::run(wanted, random);
  EXPECT_EQ(held.trouble, "");
  EXPECT_TRUE(held.texts.clean());
}

TEST(live_centre, opens_for_a_drill_while_survivors_see_closed) {
  live_centre centre(closed_now);
  std::atomic<bool> over = false;
  drill::report held;
  std::thread beside([&] {
    crypto::system_random random;
    held = drill::run(centre.drill(10, 4, 20), random);
    over = true;
  });
  do {
    const auto seen = watch<core::door_changed>(centre.where, at_desk(centre, "centre"));
    ASSERT_FALSE(seen.empty());
    const auto* door = std::get_if<core::door_changed>(&seen.back());
    ASSERT_NE(door, nullptr);
    EXPECT_FALSE(door->door.intake);
    EXPECT_EQ(door->door.why, wire::door_reason::outside_hours);
    EXPECT_EQ(door->door.waiting, 0u) << "a drill counts for no line";
    EXPECT_GT(door->door.next, machine_clock());
  } while (!over);
  beside.join();
  EXPECT_TRUE(held.clean()) << held.trouble;
}

TEST(live_centre, lets_nobody_into_the_drill_desk_without_a_ticket) {
  live_centre centre;
  core::survivor_settings curious = at_desk(centre, "drill");
  boost::asio::io_context io{1};
  crypto::system_random random;
  std::vector<core::event> seen;
  drill::shell<core::survivor> phone(
      io, centre.where, core::survivor(curious, random), machine_clock, [&](auto& at, core::event& what) {
        seen.push_back(what);
        if (std::holds_alternative<core::trusted>(what))
          at.act([](core::survivor& s, core::seconds now, core::output& out) { s.enter(now, out); });
        if (std::holds_alternative<core::turned_away>(what) || std::holds_alternative<core::place_changed>(what))
          at.stop();
      });
  phone.start();
  io.run_for(std::chrono::seconds(20));
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::holds_alternative<core::keep>(seen.back()) ||
              std::holds_alternative<core::turned_away>(seen.back()));
  EXPECT_TRUE(std::ranges::any_of(
      seen, [](const core::event& each) { return std::holds_alternative<core::turned_away>(each); }));
  EXPECT_FALSE(std::ranges::any_of(
      seen, [](const core::event& each) { return std::holds_alternative<core::place_changed>(each); }));
}

// The marker of every drill text in the encodings that a careless program would leave behind.
std::vector<std::string> traces_of(std::string_view text) {
  std::vector<std::string> out{std::string(text), {}, {}};
  for (char c : text) {
    out[1] += c;
    out[1] += '\0';  // UTF-16, little endian; big endian has the same run of bytes
  }
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t shift = 0; shift < 3; ++shift) {  // base64, whatever comes before it
    std::string encoded;
    for (std::size_t at = shift; at + 3 <= text.size(); at += 3) {
      unsigned group = 0;
      for (const char each : text.substr(at, 3)) group = group << 8 | static_cast<unsigned char>(each);
      for (int bits = 18; bits >= 0; bits -= 6) encoded += digits[group >> bits & 63];
    }
    out.push_back(encoded);
  }
  out[2] = to_hex(as_bytes(text));
  return out;
}

// Files below `place` in which a trace of the text is found.
std::vector<std::string> files_that_hold(const std::filesystem::path& place, std::string_view text) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
    if (!entry.is_regular_file()) continue;
    const std::string content = support::contents_of(entry.path());
    for (const std::string& trace : traces_of(text))
      if (content.find(trace) != std::string::npos) out.push_back(entry.path());
  }
  return out;
}

TEST(live_centre, leaves_no_word_of_a_drill_on_the_disk_or_in_the_log) {
  live_centre centre;
  std::atomic<bool> over = false;
  drill::report held;
  std::thread beside([&] {
    crypto::system_random random;
    held = drill::run(centre.drill(10, 5, 40), random);
    over = true;
  });
  std::uintmax_t largest = 0;
  do {
    EXPECT_THAT(files_that_hold(centre.place.path(), drill::text_marker), IsEmpty());
    const std::filesystem::path wal = centre.of.database().string() + "-wal";
    if (std::filesystem::exists(wal)) largest = std::max(largest, std::filesystem::file_size(wal));
  } while (!over);
  beside.join();
  EXPECT_TRUE(held.clean()) << held.trouble;
  EXPECT_GT(largest, 100'000u) << "no mail was seen on the disk, so nothing was shown";
  EXPECT_THAT(files_that_hold(centre.place.path(), drill::text_marker), IsEmpty());

  // The same search finds what is there.
  for (const std::string& trace : traces_of(drill::text_marker)) {
    std::ofstream(centre.place / "planted", std::ios::trunc) << "xx" << trace;
    EXPECT_THAT(files_that_hold(centre.place.path(), drill::text_marker), Not(IsEmpty()));
  }
}

// A client that only listens, until its connection is closed.
std::string reason_of_the_close(const live_centre& centre, const std::function<void()>& once_open) {
  boost::asio::io_context io{1};
  std::string out;
  drill::socket witness(io, centre.where,
                        {once_open, [](bytes_view) {},
                         [&](std::string why) {
                           out = std::move(why);
                           io.stop();
                         }});
  io.run_for(std::chrono::seconds(20));
  return out;
}

TEST(live_centre, tells_clients_to_come_back_and_loses_nothing_when_it_is_stopped) {
  live_centre centre;
  constexpr std::size_t survivors = 6, messages = 150, texts = survivors * 2 * messages;
  std::atomic<std::size_t> delivered = 0;
  std::atomic<bool> over = false;
  drill::report held;
  std::thread beside([&] {
    crypto::system_random random;
    drill::settings wanted = centre.drill(survivors, 3, messages);
    wanted.progress = [&](const drill::standing& now) { delivered = now.delivered; };
    held = drill::run(wanted, random);
    over = true;
  });
  for (std::size_t round = 1; round <= 3; ++round) {
    while (!over && delivered < round * texts / 6) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::string why = reason_of_the_close(centre, [&] { centre.server->signal(SIGTERM); });
    EXPECT_FALSE(over) << "the drill was too short to be disturbed";
    EXPECT_EQ(why, "closed with 1012 service_restart");
    EXPECT_EQ(centre.server->wait(), 0);
    centre.restart_on_the_same_port();
  }
  beside.join();
  EXPECT_TRUE(held.clean()) << held.trouble;
  EXPECT_EQ(held.texts.sent, texts);
}

std::string limit_of(const live_centre& centre, std::string_view name) {
  std::istringstream lines(support::contents_of(fmt::format("/proc/{}/limits", centre.server->id())));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name)) return line.substr(name.size());
  return {};
}

TEST(live_centre, takes_all_the_files_it_may_have_and_leaves_no_core_dump) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const live_centre centre;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  std::istringstream files(limit_of(centre, "Max open files")), core(limit_of(centre, "Max core file size"));
  rlim_t soft = 0, hard = 0, core_soft = 1, core_hard = 1;
  files >> soft >> hard;
  core >> core_soft >> core_hard;
  EXPECT_EQ(soft, hard);
  EXPECT_GT(soft, 100u);
  EXPECT_EQ(core_soft, 0u);
  EXPECT_EQ(core_hard, 0u);
}

TEST(live_centre, is_served_by_one_server_at_a_time) {
  live_centre centre;
  const auto second = support::run_program({"serve", "--centre", centre.of.base.string(), "--pages",
                                            centre.pages().string(), "--port", std::to_string(centre.where.port)});
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.said, HasSubstr("another server of this centre runs"));
}

}  // namespace
}  // namespace tomoshibi
