// Opening hours, in zones that change their clocks and in one that does not.
#include "server/desk/opening_hours.hpp"

#include <date/date.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

namespace tomoshibi::desk {
namespace {

// "2024-07-04 09:30+0900" as Unix seconds.
std::uint64_t moment(const std::string& text) {
  std::istringstream in(text);
  date::sys_seconds out;
  in >> date::parse("%F %R%z", out);
  if (in.fail()) throw std::invalid_argument(text);
  return static_cast<std::uint64_t>(out.time_since_epoch().count());
}

constexpr minute_span span(unsigned from_hour, unsigned from_minute, unsigned to_hour, unsigned to_minute) {
  return {from_hour * 60 + from_minute, to_hour * 60 + to_minute};
}

// Monday to Wednesday and Friday 9:30-16:30, Thursday 14:00-20:00. 2024-07-01 is a Monday.
weekly_hours takaoka() {
  const std::vector<minute_span> day{span(9, 30, 16, 30)};
  return {{day, day, day, {span(14, 0, 20, 0)}, day, {}, {}}};
}
opening_hours tokyo(weekly_hours weekly = takaoka()) { return {std::move(weekly), "Asia/Tokyo", 20}; }

weekly_hours only(std::size_t day, std::vector<minute_span> spans) {
  weekly_hours out;
  out.days[day] = std::move(spans);
  return out;
}
constexpr std::size_t monday = 0, friday = 4, saturday = 5, sunday = 6;

// --- a plain week ---

TEST(opening_hours, opens_and_closes_to_the_second) {
  const opening_hours hours = tokyo();
  const std::uint64_t opens = moment("2024-07-01 09:30+0900"), closes = moment("2024-07-01 16:30+0900");
  EXPECT_FALSE(hours.at(opens - 1).open);
  EXPECT_TRUE(hours.at(opens).open);
  EXPECT_TRUE(hours.at(closes - 1).open);
  EXPECT_FALSE(hours.at(closes).open);
}

TEST(opening_hours, tells_when_the_desk_closes_and_intake_ends) {
  const hours_state state = tokyo().at(moment("2024-07-04 18:00+0900"));
  EXPECT_TRUE(state.open);
  EXPECT_TRUE(state.intake);
  EXPECT_EQ(state.until, moment("2024-07-04 20:00+0900"));
  EXPECT_EQ(state.last_intake, moment("2024-07-04 19:40+0900"));
  EXPECT_EQ(state.next_opening, moment("2024-07-05 09:30+0900"));
}

TEST(opening_hours, intake_ends_before_the_desk_closes) {
  const opening_hours hours = tokyo();
  const std::uint64_t last = moment("2024-07-01 16:10+0900");
  EXPECT_TRUE(hours.at(last - 1).intake);
  EXPECT_FALSE(hours.at(last).intake);
  EXPECT_TRUE(hours.at(last).open);
  EXPECT_EQ(hours.at(last).last_intake, last);
  EXPECT_FALSE(hours.at(moment("2024-07-01 16:30+0900")).intake);
}

TEST(opening_hours, intake_may_last_until_closing) {
  const opening_hours hours(takaoka(), "Asia/Tokyo", 0);
  EXPECT_TRUE(hours.at(moment("2024-07-01 16:30+0900") - 1).intake);
}

TEST(opening_hours, a_span_shorter_than_its_last_intake_takes_nobody_in) {
  const opening_hours hours(only(monday, {span(9, 0, 9, 10)}), "Asia/Tokyo", 20);
  const hours_state state = hours.at(moment("2024-07-01 09:00+0900"));
  EXPECT_TRUE(state.open);
  EXPECT_FALSE(state.intake);
}

TEST(opening_hours, when_closed_tells_the_next_opening_only) {
  const hours_state state = tokyo().at(moment("2024-07-05 16:30+0900"));  // Friday evening
  EXPECT_FALSE(state.open);
  EXPECT_FALSE(state.intake);
  EXPECT_EQ(state.until, 0u);
  EXPECT_EQ(state.last_intake, 0u);
  EXPECT_EQ(state.next_opening, moment("2024-07-08 09:30+0900"));
}

TEST(opening_hours, the_next_opening_may_be_later_today) {
  EXPECT_EQ(tokyo().at(moment("2024-07-04 10:00+0900")).next_opening, moment("2024-07-04 14:00+0900"));
}

TEST(opening_hours, several_spans_a_day_are_several_openings) {
  const opening_hours hours = tokyo(only(monday, {span(9, 0, 12, 0), span(13, 0, 15, 0)}));
  const hours_state morning = hours.at(moment("2024-07-01 11:00+0900"));
  EXPECT_EQ(morning.until, moment("2024-07-01 12:00+0900"));
  EXPECT_EQ(morning.next_opening, moment("2024-07-01 13:00+0900"));
  EXPECT_FALSE(hours.at(moment("2024-07-01 12:30+0900")).open);
  EXPECT_EQ(hours.at(moment("2024-07-01 14:00+0900")).next_opening, moment("2024-07-08 09:00+0900"));
}

TEST(opening_hours, spans_that_touch_are_one_opening) {
  const hours_state state =
      tokyo(only(monday, {span(9, 0, 12, 0), span(12, 0, 15, 0)})).at(moment("2024-07-01 11:50+0900"));
  EXPECT_TRUE(state.intake);
  EXPECT_EQ(state.until, moment("2024-07-01 15:00+0900"));
}

TEST(opening_hours, spans_that_touch_at_midnight_are_one_opening) {
  weekly_hours week = only(sunday, {span(22, 0, 24, 0)});
  week.days[monday] = {span(0, 0, 2, 0)};
  const opening_hours hours = tokyo(week);
  const hours_state before = hours.at(moment("2024-07-07 23:59+0900"));  // Sunday to Monday, over the week's end
  EXPECT_TRUE(before.intake);
  EXPECT_EQ(before.until, moment("2024-07-08 02:00+0900"));
  EXPECT_EQ(before.next_opening, moment("2024-07-14 22:00+0900"));
  const hours_state after = hours.at(moment("2024-07-08 00:00+0900"));
  EXPECT_TRUE(after.open);
  EXPECT_EQ(after.until, moment("2024-07-08 02:00+0900"));
}

TEST(opening_hours, a_span_to_midnight_ends_there) {
  const opening_hours hours = tokyo(only(saturday, {span(20, 0, 24, 0)}));
  EXPECT_TRUE(hours.at(moment("2024-07-07 00:00+0900") - 1).open);
  EXPECT_FALSE(hours.at(moment("2024-07-07 00:00+0900")).open);
}

TEST(opening_hours, without_hours_never_opens) {
  const hours_state state = tokyo(weekly_hours{}).at(moment("2024-07-01 11:00+0900"));
  EXPECT_FALSE(state.open);
  EXPECT_FALSE(state.next_opening);
}

TEST(opening_hours, around_the_clock_has_no_next_opening) {
  weekly_hours week;
  week.days.fill({span(0, 0, 24, 0)});
  const std::uint64_t now = moment("2024-07-01 11:00+0900");
  const hours_state state = tokyo(week).at(now);
  EXPECT_TRUE(state.intake);
  EXPECT_GT(state.until, now + 399 * 86400);
  EXPECT_FALSE(state.next_opening);
}

TEST(opening_hours, the_local_day_decides_and_not_the_one_in_greenwich) {
  const opening_hours hours = tokyo(only(monday, {span(0, 0, 8, 0)}));
  EXPECT_TRUE(hours.at(moment("2024-06-30 15:00+0000")).open);  // Sunday in Greenwich, Monday in Tokyo
  EXPECT_FALSE(hours.at(moment("2024-06-30 14:59+0000")).open);
  EXPECT_FALSE(hours.at(moment("2024-07-01 07:00+0000")).open);
}

// --- clocks that change: Berlin 2024-03-31 2:00 -> 3:00 and 2024-10-27 3:00 -> 2:00; New York 2024-03-10 and
// 2024-11-03 ---

TEST(opening_hours, follow_the_wall_clock_over_the_year) {
  const opening_hours berlin(only(monday, {span(9, 0, 17, 0)}), "Europe/Berlin", 20);
  EXPECT_EQ(berlin.at(moment("2024-03-29 12:00+0100")).next_opening, moment("2024-04-01 09:00+0200"));
  EXPECT_EQ(berlin.at(moment("2024-10-26 12:00+0200")).next_opening, moment("2024-10-28 09:00+0100"));
  const opening_hours york(only(monday, {span(9, 0, 17, 0)}), "America/New_York", 20);
  EXPECT_EQ(york.at(moment("2024-03-09 12:00-0500")).next_opening, moment("2024-03-11 09:00-0400"));
  EXPECT_EQ(york.at(moment("2024-11-02 12:00-0400")).next_opening, moment("2024-11-04 09:00-0500"));
}

TEST(opening_hours, a_night_with_an_hour_left_out_is_an_hour_shorter) {
  weekly_hours week = only(saturday, {span(22, 0, 24, 0)});
  week.days[sunday] = {span(0, 0, 6, 0)};
  const hours_state berlin = opening_hours(week, "Europe/Berlin", 20).at(moment("2024-03-30 22:00+0100"));
  EXPECT_EQ(berlin.until, moment("2024-03-31 06:00+0200"));
  EXPECT_EQ(berlin.until - moment("2024-03-30 22:00+0100"), 7u * 3600);
  const hours_state york = opening_hours(week, "America/New_York", 20).at(moment("2024-11-02 22:00-0400"));
  EXPECT_EQ(york.until - moment("2024-11-02 22:00-0400"), 9u * 3600);
}

TEST(opening_hours, a_span_begins_or_ends_at_the_change_where_its_minute_is_left_out) {
  const std::uint64_t change = moment("2024-03-31 01:00+0000");
  const opening_hours begins(only(sunday, {span(2, 30, 5, 0)}), "Europe/Berlin", 20);
  EXPECT_FALSE(begins.at(change - 1).open);
  EXPECT_TRUE(begins.at(change).open);
  EXPECT_EQ(begins.at(change).until, moment("2024-03-31 05:00+0200"));
  const opening_hours ends(only(sunday, {span(0, 0, 2, 30)}), "Europe/Berlin", 20);
  EXPECT_EQ(ends.at(change - 1).until, change);
  EXPECT_FALSE(ends.at(change).open);
}

TEST(opening_hours, a_span_inside_the_hour_left_out_does_not_happen_that_day) {
  const opening_hours hours(only(sunday, {span(2, 10, 2, 50)}), "Europe/Berlin", 0);
  EXPECT_EQ(hours.at(moment("2024-03-30 12:00+0100")).next_opening, moment("2024-04-07 02:10+0200"));
}

TEST(opening_hours, a_span_in_the_hour_that_comes_twice_lasts_through_both) {
  const opening_hours hours(only(sunday, {span(2, 15, 2, 45)}), "Europe/Berlin", 0);
  const hours_state state = hours.at(moment("2024-10-27 02:15+0200"));
  EXPECT_TRUE(state.open);
  EXPECT_EQ(state.until, moment("2024-10-27 02:45+0100"));
  EXPECT_FALSE(hours.at(moment("2024-10-27 02:15+0200") - 1).open);
}

TEST(opening_hours, know_the_names_of_time_zones) {
  EXPECT_TRUE(knows_time_zone("Asia/Tokyo"));
  EXPECT_TRUE(knows_time_zone("America/New_York"));
  EXPECT_FALSE(knows_time_zone("Asia/Takaoka"));
  EXPECT_FALSE(knows_time_zone(""));
  EXPECT_THROW(opening_hours(takaoka(), "Asia/Takaoka", 20), std::runtime_error);
}

// --- against the definition, minute by minute ---

TEST(opening_hours, agree_with_the_wall_clock_at_every_quarter_of_an_hour_of_a_year) {
  const weekly_hours week = takaoka();
  const opening_hours hours = tokyo(week);
  const std::uint64_t begin = moment("2024-01-01 00:00+0900");
  for (std::uint64_t now = begin; now < begin + 366 * 86400; now += 900) {
    const std::uint64_t local = now + 9 * 3600;
    const std::size_t weekday = (local / 86400 + 3) % 7;  // 1970-01-01 was a Thursday
    const unsigned minute = static_cast<unsigned>(local % 86400 / 60);
    bool open = false;
    for (const minute_span& one : week.days[weekday]) open = open || (one.from <= minute && minute < one.to);
    const hours_state state = hours.at(now);
    ASSERT_EQ(state.open, open) << now;
    ASSERT_TRUE(state.next_opening);
    ASSERT_GT(*state.next_opening, now);
    ASSERT_TRUE(hours.at(*state.next_opening).open);
    ASSERT_FALSE(hours.at(*state.next_opening - 1).open);
    if (open) {
      ASSERT_TRUE(hours.at(state.until - 1).open);
      ASSERT_FALSE(hours.at(state.until).open);
    }
  }
}

// --- the shift of a demonstration ---

TEST(hours_to_intake, is_nothing_where_intake_is_open_long_enough) {
  EXPECT_EQ(hours_to_intake(tokyo(), moment("2024-07-01 10:00+0900"), 120, 0), 0u);
}

TEST(hours_to_intake, leads_to_the_next_opening_in_whole_hours) {
  EXPECT_EQ(hours_to_intake(tokyo(), moment("2024-07-05 20:00+0900"), 60, 0), 62u);  // to Monday 10:00
  EXPECT_EQ(hours_to_intake(tokyo(), moment("2024-07-05 19:30+0900"), 60, 0), 62u);  // to Monday 9:30 sharp
}

TEST(hours_to_intake, skips_what_is_left_of_an_opening_that_ends_too_soon) {
  const std::uint64_t now = moment("2024-07-01 14:11+0900");  // intake until 16:10
  EXPECT_EQ(hours_to_intake(tokyo(), now, 119, 0), 0u);
  EXPECT_EQ(hours_to_intake(tokyo(), now, 120, 0), 20u);  // Tuesday 10:11
}

TEST(hours_to_intake, is_never_less_than_it_was) {
  EXPECT_EQ(hours_to_intake(tokyo(), moment("2024-07-01 10:00+0900"), 60, 2), 2u);
  EXPECT_EQ(hours_to_intake(tokyo(), moment("2024-07-01 10:00+0900"), 60, 8), 24u);
}

TEST(hours_to_intake,
     tries_every_hour_of_an_opening) {  // the first whole hour after opening need not be the only one
  const opening_hours hours = tokyo(only(friday, {span(9, 0, 11, 0)}));
  for (std::uint64_t minute = 0; minute < 60; ++minute) {
    const std::uint64_t now = moment("2024-07-01 00:00+0900") + minute * 60;
    const auto shift = hours_to_intake(hours, now, 30, 0);
    ASSERT_TRUE(shift);
    const std::uint64_t then = now + *shift * 3600;
    const hours_state state = hours.at(then);
    EXPECT_TRUE(state.intake);
    EXPECT_GE(state.last_intake - then, 30u * 60);
    EXPECT_FALSE(hours.at(then - 3600).intake);
  }
}

TEST(hours_to_intake, gives_up_where_no_opening_is_long_enough) {
  EXPECT_EQ(hours_to_intake(tokyo(), moment("2024-07-01 10:00+0900"), 400, 0), std::nullopt);
  EXPECT_EQ(hours_to_intake(tokyo(weekly_hours{}), moment("2024-07-01 10:00+0900"), 1, 0), std::nullopt);
}

// --- days ---

std::uint32_t day_of(const std::string& date) {
  return static_cast<std::uint32_t>(moment(date + " 00:00+0000") / 86'400);
}

TEST(days, change_at_the_local_midnight) {
  const opening_hours hours = tokyo();
  const std::uint64_t midnight = moment("2024-07-05 00:00+0900");
  EXPECT_EQ(hours.days(midnight - 1).today, day_of("2024-07-04"));
  EXPECT_EQ(hours.days(midnight).today, day_of("2024-07-05"));
}

TEST(days, know_the_last_staffed_one_before) {
  const opening_hours hours = tokyo();  // Saturdays and Sundays it is closed
  const auto staffed_before = [&](const std::string& at) { return hours.days(moment(at)).staffed_before; };
  EXPECT_EQ(staffed_before("2024-07-05 23:59+0900"), day_of("2024-07-04")) << "today does not count";
  EXPECT_EQ(staffed_before("2024-07-06 12:00+0900"), day_of("2024-07-05"));
  EXPECT_EQ(staffed_before("2024-07-07 12:00+0900"), day_of("2024-07-05"));
  EXPECT_EQ(staffed_before("2024-07-08 12:00+0900"), day_of("2024-07-05"));
  EXPECT_EQ(staffed_before("2024-07-09 00:00+0900"), day_of("2024-07-08"));
}

TEST(days, go_on_over_the_end_of_a_year) {
  const opening_hours hours = tokyo(only(monday, {span(9, 0, 17, 0)}));  // 2026-12-28 is one
  const local_days at = hours.days(moment("2027-01-01 00:00+0900"));
  EXPECT_EQ(at.today, day_of("2027-01-01"));
  EXPECT_EQ(at.staffed_before, day_of("2026-12-28"));
  EXPECT_EQ(hours.days(moment("2028-02-29 12:00+0900")).staffed_before, day_of("2028-02-28"));
}

TEST(days, are_whole_ones_where_clocks_change) {
  const opening_hours hours{only(sunday, {span(2, 15, 2, 45)}), "Europe/Berlin", 0};
  // 2026-03-29, a Sunday, has no hour from 2:00 to 3:00: nobody is there on that day.
  EXPECT_EQ(hours.days(moment("2026-03-30 12:00+0200")).staffed_before, day_of("2026-03-22"));
  EXPECT_EQ(hours.days(moment("2026-10-26 12:00+0100")).staffed_before, day_of("2026-10-25"));
  EXPECT_EQ(hours.days(moment("2026-03-28 23:59+0100")).today, day_of("2026-03-28"));
  EXPECT_EQ(hours.days(moment("2026-03-29 23:59+0200")).today, day_of("2026-03-29"));
  EXPECT_EQ(hours.days(moment("2026-10-25 23:59+0100")).today, day_of("2026-10-25"));
}

TEST(days, of_a_desk_that_is_never_open_have_none_before) {
  EXPECT_EQ(tokyo({}).days(moment("2026-11-25 12:00+0900")), (local_days{day_of("2026-11-25"), 0}));
}

// Every closed hour of a year: the next opening comes before the keys of that day may be destroyed.
TEST(days, leave_every_letter_a_staffed_day_to_be_opened_on) {
  const opening_hours hours = tokyo();
  for (std::uint64_t at = moment("2026-01-01 00:30+0900"); at < moment("2027-01-01 00:00+0900"); at += 3600) {
    const std::uint32_t day = hours.days(at).today;
    const std::uint64_t opens = hours.at(at).open ? at : hours.at(at).next_opening.value();
    EXPECT_LE(hours.days(opens).staffed_before, day) << iso_time(at, "Asia/Tokyo");
  }
}

}  // namespace
}  // namespace tomoshibi::desk
