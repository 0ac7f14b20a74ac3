// Drills in which everything goes wrong that goes wrong in life, against the program itself: it is killed, it stands
// still, pages are loaded again, networks are gone, survivors leave. And drills that fail, because they should.
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>

#include "tests/server/live_centre.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Why a drill is not as it should be, in one line.
std::string outcome(const drill::report& held) {
  return fmt::format(
      "{} sent, {} delivered, {} lost, {} forgotten, {} duplicated, {} reordered, {} altered; {} reloads, {} cuts, "
      "{} "
      "exits, {} taken for new, {} reconnects; {}",
      held.texts.sent, held.texts.delivered, held.texts.lost, held.texts.forgotten, held.texts.duplicated,
      held.texts.reordered, held.texts.altered, held.mishaps.reloads, held.mishaps.cuts, held.mishaps.exits,
      held.taken_for_new, held.reconnects, held.trouble);
}

// A drill on a thread of its own.
class drill_beside {
 public:
  explicit drill_beside(drill::settings wanted, std::uint64_t seed = 1)
      : wanted_(std::move(wanted)), thread_([this, seed] {
          support::seeded_random random(seed);
          held_ = drill::run(wanted_, random);
          over_ = true;
        }) {}
  ~drill_beside() {
    if (thread_.joinable()) thread_.join();
  }
  bool over() const { return over_; }
  const drill::report& wait() {
    thread_.join();
    return held_;
  }

 private:
  drill::settings wanted_;
  drill::report held_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

// Strikes once, from within the drill, when it is armed, so many texts are further on, and a frame is under way that
// the server cannot have yet; others may be in its hands and not yet stored, or stored and not yet known to be.
class striker {
 public:
  explicit striker(std::function<void()> strike) : strike_(std::move(strike)) {}
  void arm(std::size_t texts_further) { armed_ = delivered_ + texts_further + 1; }
  void sees(const drill::standing& now) {
    delivered_ = now.delivered;
    resent_ = now.resent;
    if (armed_ == 0 || now.delivered + 1 < armed_ || !now.sending) return;
    resent_before_ = now.resent;
    armed_ = 0;
    strike_();
  }
  bool struck() const { return armed_ == 0; }
  std::size_t delivered() const { return delivered_; }
  std::uint64_t resent_since() const { return resent_ - resent_before_; }

 private:
  std::function<void()> strike_;
  std::atomic<std::size_t> delivered_ = 0, armed_ = 0;
  std::atomic<std::uint64_t> resent_ = 0, resent_before_ = 0;
};

bool happens(const std::function<bool()>& what, std::chrono::seconds within = std::chrono::seconds(30)) {
  const auto deadline = steady_clock::now() + within;
  while (!what() && steady_clock::now() < deadline) std::this_thread::sleep_for(milliseconds(1));
  return what();
}

std::size_t wanted_kills() {
  const char* given = std::getenv("TOMOSHIBI_KILLS");
  return given != nullptr ? std::strtoul(given, nullptr, 10) : 10;
}

// Each drill takes ten kills: a conversation has room for so many texts only.
void kill_and_restart(std::size_t kills, std::uint64_t seed) {
  live_centre centre;
  support::seeded_random random(seed);
  striker killer([&] { centre.server->signal(SIGKILL); });
  drill::settings wanted = centre.drill(6, 3, 10 + 3 * kills);
  wanted.rate = 30;
  wanted.progress = [&](const drill::standing& now) { killer.sees(now); };
  drill_beside drill(wanted, seed);
  ASSERT_TRUE(happens([&] { return killer.delivered() > 5; }));
  for (std::size_t round = 0; round < kills; ++round) {
    SCOPED_TRACE(fmt::format("seed {}, kill {}", seed, round));
    killer.arm(random.make_block<1>()[0] % 10);
    ASSERT_TRUE(happens([&] { return killer.struck(); })) << "no frame was under way";
    EXPECT_FALSE(drill.over()) << "the drill was too short to be disturbed";
    EXPECT_EQ(centre.server->wait(), -1);
    const auto restarted = steady_clock::now();
    centre.restart_on_the_same_port();  // the store checks the whole database before it is used
    EXPECT_LT(steady_clock::now() - restarted, std::chrono::seconds(1));
    ASSERT_TRUE(happens([&] { return killer.resent_since() > 0; })) << "no frame was sent again";
  }
  const drill::report& held = drill.wait();
  EXPECT_TRUE(held.clean()) << outcome(held);
  EXPECT_EQ(held.texts.sent, wanted.survivors * 2 * wanted.messages);
  EXPECT_EQ(held.texts.delivered, held.texts.sent);
  EXPECT_EQ(held.conversations, wanted.survivors);
  EXPECT_GE(held.resent, kills);
}

TEST(killed_centre, loses_doubles_and_reorders_nothing) {
  for (std::size_t done = 0; done < wanted_kills() && !testing::Test::HasFailure(); done += 10)
    kill_and_restart(std::min<std::size_t>(10, wanted_kills() - done), done);
}

TEST(disturbed_drill, shows_in_its_latencies_that_the_server_stood_still) {
  live_centre centre;
  std::atomic<std::size_t> delivered = 0;
  drill::settings wanted = centre.drill(4, 2, 25);
  wanted.rate = 100;
  wanted.progress = [&](const drill::standing& now) { delivered = now.delivered; };
  drill_beside drill(wanted);
  ASSERT_TRUE(happens([&] { return delivered > 50; }));
  centre.server->signal(SIGSTOP);
  std::this_thread::sleep_for(milliseconds(300));  // so long the server stands still
  centre.server->signal(SIGCONT);
  const drill::report& held = drill.wait();
  EXPECT_TRUE(held.clean()) << outcome(held);
  EXPECT_EQ(held.texts.delivered, 200u);
  for (const drill::spread& each : {held.until_read, held.until_delivered}) {
    EXPECT_EQ(each.count, 200u);
    EXPECT_GT(each.p99, 250) << "thirty of two hundred texts were due meanwhile";
    EXPECT_LT(each.p50, each.p99);
    EXPECT_LE(each.p99, each.max);
  }
}

TEST(disturbed_drill, loses_nothing_when_networks_are_gone) {
  live_centre centre;
  drill::settings wanted = centre.drill(6, 3, 40);
  wanted.rate = 80;
  wanted.wanted_mishaps.cuts = 25;
  support::seeded_random random(2);
  const drill::report held = drill::run(wanted, random);
  EXPECT_TRUE(held.clean()) << outcome(held);
  EXPECT_EQ(held.texts.delivered, 6u * 2 * 40);
  EXPECT_EQ(held.texts.forgotten, 0u);
  EXPECT_GE(held.mishaps.cuts, 20u);
  EXPECT_LE(held.reconnects, held.mishaps.cuts + 3) << "connections were closed for another reason";
}

TEST(disturbed_drill, loses_nothing_that_is_owed_when_pages_are_loaded_again) {
  live_centre centre;
  drill::settings wanted = centre.drill(6, 3, 40);
  wanted.wanted_mishaps.reloads = 20;
  support::seeded_random random(3);
  const drill::report held = drill::run(wanted, random);
  EXPECT_TRUE(held.clean()) << outcome(held);
  EXPECT_EQ(held.texts.sent, 6u * 2 * 40);
  EXPECT_GE(held.mishaps.reloads, 5u);
  // At a time, two texts of each conversation that a console holds.
  EXPECT_LE(held.texts.forgotten, held.mishaps.reloads * 6 * 2);
  EXPECT_EQ(held.conversations, 6u);
}

TEST(disturbed_drill, loses_nothing_that_is_owed_when_survivors_leave) {
  live_centre centre;
  drill::settings wanted = centre.drill(6, 3, 40);
  wanted.wanted_mishaps.exits = 3;
  support::seeded_random random(4);
  const drill::report held = drill::run(wanted, random);
  EXPECT_TRUE(held.clean()) << outcome(held);
  EXPECT_EQ(held.mishaps.exits, 3u);
  EXPECT_EQ(held.left_by_exit_seen, 3u);
  EXPECT_LT(held.texts.sent, 6u * 2 * 40);
  EXPECT_EQ(held.conversations, 6u);
}

TEST(disturbed_drill, loses_nothing_that_is_owed_when_it_all_comes_together) {
  live_centre centre;
  drill::settings wanted = centre.drill(8, 4, 50);
  wanted.rate = 80;
  wanted.wanted_mishaps = {12, 12, 2};
  support::seeded_random random(5);
  const drill::report held = drill::run(wanted, random);
  EXPECT_TRUE(held.clean()) << outcome(held);
  EXPECT_EQ(held.conversations, 8u);
  EXPECT_GE(held.mishaps.reloads, 5u);
  EXPECT_GE(held.mishaps.cuts, 5u);
  EXPECT_EQ(held.mishaps.exits, 2u);
}

// Whoever removes what a server keeps loses what is said, and a drill says so.
TEST(disturbed_drill, fails_when_the_server_loses_its_database) {
  live_centre centre;
  striker thief([&] { centre.server->signal(SIGKILL); });
  drill::settings wanted = centre.drill(2, 2, 100);
  wanted.rate = 60;
  wanted.progress = [&](const drill::standing& now) { thief.sees(now); };
  drill_beside drill(wanted);
  ASSERT_TRUE(happens([&] { return thief.delivered() > 5; }));
  thief.arm(5);
  ASSERT_TRUE(happens([&] { return thief.struck(); }));
  centre.server->wait();
  for (const char* rest : {"", "-wal", "-shm"}) std::filesystem::remove(centre.of.database().string() + rest);
  std::filesystem::remove(centre.of.database().replace_extension(".keys"));
  centre.restart_on_the_same_port();
  const drill::report& held = drill.wait();
  EXPECT_FALSE(held.clean());
  EXPECT_GT(held.texts.lost, 0u);
  EXPECT_NE(held.trouble, "");
}

}  // namespace
}  // namespace tomoshibi
