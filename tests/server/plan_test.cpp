// What follows from a centre's configuration.
#include "server/plan.hpp"

#include <gtest/gtest.h>

#include "server/desk/letters.hpp"

namespace tomoshibi {
namespace {

config::centre_settings centre_with(unsigned desks, unsigned line_max) {
  config::centre_settings centre;
  centre.time_zone = "Asia/Tokyo";
  for (unsigned n = 0; n < desks; ++n) {
    config::desk_settings one;
    one.id = "desk" + std::to_string(n);
    one.hours.days[0].push_back({0, 60});
    one.line_max = line_max;
    centre.desks.push_back(one);
  }
  return centre;
}

TEST(plan, store_has_room_for_every_place_in_every_line_and_for_as_many_talks_as_ever) {
  for (const auto& [count, line_max] : {std::pair{1u, 1u}, {2u, 50u}, {64u, 500u}}) {
    const auto desks = make_desks(centre_with(count, line_max), {});
    ASSERT_EQ(desks.size(), count + 1) << "and the drill desk";
    std::uint64_t places = 0;
    for (const auto& desk : desks) places += std::uint64_t{desk::places_by_line_max} * desk.line_max;
    EXPECT_GE(places, std::uint64_t{10} * count * line_max);
    EXPECT_EQ(conversations_max(desks) - conversations_max({}), places + count * desk::letters_kept_max)
        << "and for the letters of each, but for the drill desk's";
  }
  EXPECT_GE(conversations_max({}), 10'000u) << "for talks";
}

TEST(plan, drill_desk_takes_no_letters) {
  for (const desk::desk_settings& each : make_desks(centre_with(2, 50), {}))
    EXPECT_EQ(each.days != nullptr, each.kind == desk::desk_kind::centre);
}

}  // namespace
}  // namespace tomoshibi
