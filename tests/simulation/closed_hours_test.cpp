// A letter may be written in every hour of 2026 in which the demo's centre is closed. It is opened at the next
// opening by readers who sign in on staffed days only and keep their inbox by the rule (PROTOCOL.md, "Inbox keys"); a
// staffed day later nobody can open it any more.
#include <map>
#include <stdexcept>

#include "crypto/letter.hpp"
#include "server/config/config.hpp"
#include "tests/support/print_failure.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi {
namespace {

using crypto::local_day;
using crypto::seconds;

constexpr seconds hour = 3600, half_hour = 1800, day = 86400;
constexpr seconds year_begins = 1'767'193'200;  // 2026-01-01T00:00:00+09:00
constexpr seconds year_ends = year_begins + 365 * day;

// Asia/Tokyo: nine hours ahead, the whole year.
local_day day_of(seconds at) { return static_cast<local_day>((at + 9 * hour) / day); }

desk::opening_hours hours_of_the_demo() {
  const auto settings = config::load_config(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
  if (!settings || settings->time_zone != "Asia/Tokyo")
    throw std::runtime_error("deploy/demo/centre.toml has changed");
  for (const config::desk_settings& each : settings->desks) {
    if (each.reachable && each.has_hours())
      return desk::opening_hours(each.hours, settings->time_zone, each.last_intake_minutes_before_closing);
  }
  throw std::runtime_error("deploy/demo/centre.toml has no desk with hours");
}

struct written {
  seconds at = 0;
  crypto::letter_id id{};
  bytes letter;  // empty: as one of the same day and the same closed hours, which is sealed to the same keys
};

class closed_hours : public testing::Test {
 protected:
  const desk::opening_hours hours = hours_of_the_demo();
  support::seeded_random random{2026};
  std::array<crypto::inbox, 2> readers;
  std::map<local_day, std::vector<crypto::reader_key>> at_the_server;
  local_day last_staffed = day_of(year_begins) - 60;
  std::vector<written> waiting, opened;
  std::size_t letters = 0, sealed = 0, destroyed = 0;

  // Both sign in; the server is given the public keys that it does not have.
  void sign_in(local_day today) {
    for (crypto::inbox& each : readers) each.keep(today, last_staffed, random);
    for (const local_day each : readers[0].days()) {
      auto& keys = at_the_server[each];
      if (!keys.empty()) continue;
      for (const crypto::inbox& of : readers)
        keys.push_back({random.make_block<32>(), crypto::kem_public(*of.find(each))});
    }
  }

  void begin_staffed_day(local_day today) {
    sign_in(today);
    for (written& each : waiting) {
      for (const crypto::inbox& of : readers) {
        ASSERT_TRUE(of.find(day_of(each.at))) << each.at;
        if (each.letter.empty()) continue;
        const auto read = crypto::open_letter(each.letter, each.id, of);
        ASSERT_TRUE(read) << "written at " << each.at << ": " << crypto::name(read.error());
      }
      ASSERT_EQ(day_of(hours.at(each.at).next_opening.value()), today) << each.at;
    }
    // Opened, and its key is still there, until a staffed day after its own is over.
    std::erase_if(opened, [&](const written& each) {
      const bool readable = readers[0].find(day_of(each.at)) || readers[1].find(day_of(each.at));
      EXPECT_EQ(readable, day_of(each.at) >= last_staffed) << each.at;
      if (!each.letter.empty()) {
        EXPECT_EQ(crypto::open_letter(each.letter, each.id, readers[0]).has_value(), readable) << each.at;
      }
      destroyed += !readable;
      return !readable;
    });
    std::ranges::move(waiting, std::back_inserter(opened));
    waiting.clear();
    last_staffed = today;
  }

  void write(seconds at) {
    const auto to = at_the_server.find(day_of(at));
    ASSERT_TRUE(to != at_the_server.end()) << "nobody has made a key for " << at;
    ++letters;
    if (!waiting.empty() && day_of(waiting.back().at) == day_of(at)) return waiting.push_back({at, {}, {}});
    const crypto::letter_head head{random.make_block<16>(), day_of(at), {}};
    const auto letter = crypto::seal_letter(head, {1, std::nullopt, {'x'}}, to->second, random);
    ASSERT_TRUE(letter);
    waiting.push_back({at, head.id, *letter});
    ++sealed;
  }

  void live() {
    for (seconds at = year_begins - 21 * day; at < year_ends + 21 * day; at += half_hour) {
      if (hours.at(at).open) {
        if (day_of(at) != last_staffed) begin_staffed_day(day_of(at));
        if (HasFatalFailure()) return;
        continue;
      }
      const bool in_the_year = at >= year_begins && at < year_ends;
      const bool first_of_its_hour = at % hour == 0 || hours.at(at - half_hour).open;
      if (in_the_year && first_of_its_hour) write(at);
      if (HasFatalFailure()) return;
    }
  }
};

TEST_F(closed_hours, of_2026_each_have_their_letter_opened_at_the_next_opening_and_never_after_the_day_behind_it) {
  live();
  // 261 days from Monday to Friday, on each of which six whole hours are open.
  EXPECT_EQ(letters, 365u * 24 - 261 * 6);
  EXPECT_EQ(sealed, 365u + 261);  // one for each day, and another after the hours of each staffed day
  EXPECT_EQ(destroyed, letters);
  EXPECT_TRUE(waiting.empty() && opened.empty());
}

}  // namespace
}  // namespace tomoshibi
