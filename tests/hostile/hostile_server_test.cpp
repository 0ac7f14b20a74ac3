// A search at random for an order of lies that gets a server anything. TOMOSHIBI_HOSTILE_SECONDS=600
// build/asan/hostile_test searches on, with fresh seeds; TOMOSHIBI_HOSTILE_SEED=N plays one again.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tests/hostile/play.hpp"

namespace tomoshibi::core {
namespace {

constexpr std::size_t steps = 60;
constexpr std::uint64_t seeds_always = 200;

volatile std::uint64_t playing = 0;

// A core that ends the process ends the search, too: which one it was is said at least.
void say_seed(int) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "TOMOSHIBI_HOSTILE_SEED=%llu\n", (unsigned long long)playing);
  if (write(STDERR_FILENO, text, static_cast<std::size_t>(size)) < 0) return;
}

class a_hostile_server : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::signal(SIGABRT, say_seed);
    play before(1'000'000, play::kind::talks);
    before.disturb(steps);
    forger::run_before = before.overheard();
  }
  void play_once(std::uint64_t seed) {
    SCOPED_TRACE("TOMOSHIBI_HOSTILE_SEED=" + std::to_string(seed));
    playing = seed;
    play one(seed, seed % 5 == 4 ? play::kind::letters : play::kind::talks);
    one.disturb(steps);
    if (!HasFailure()) one.expect_honest_server_heals();
    for (const auto& [name, count] : one.told()) told_[name] += count;
  }

  std::map<std::string_view, std::size_t> told_;
};

TEST_F(a_hostile_server, gets_nothing_and_leaves_nobody_in_silence) {
  if (const char* seed = std::getenv("TOMOSHIBI_HOSTILE_SEED")) return play_once(std::strtoull(seed, nullptr, 10));
  for (std::uint64_t seed = 0; seed < seeds_always && !HasFailure(); ++seed) play_once(seed);
  if (HasFailure()) return;
  for (const std::string_view each :
       {"joined", "text_received", "text_recalled", "handed_over", "company_changed", "introduced", "letter_opened",
        "reply_received", "reply_refused", "distrusted", "ended", "turned_away"})
    EXPECT_GT(told_[each], 0u) << "the search never gets to " << each;
  const char* longer = std::getenv("TOMOSHIBI_HOSTILE_SECONDS");
  if (longer == nullptr) return;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::strtoull(longer, nullptr, 10));
  for (std::random_device fresh; std::chrono::steady_clock::now() < end && !HasFailure();) play_once(fresh());
}

}  // namespace
}  // namespace tomoshibi::core
