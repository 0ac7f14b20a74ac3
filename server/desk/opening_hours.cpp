#include "server/desk/opening_hours.hpp"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

namespace tomoshibi::desk {

namespace {

std::uint64_t to_unix(const date::time_zone& zone, date::local_days day, unsigned minute, date::choose which) {
  const auto moment = zone.to_sys(day + std::chrono::minutes(minute), which);
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(moment.time_since_epoch()).count());
}

}  // namespace

local_moment local_time(std::uint64_t at, std::string_view time_zone) {
  const auto local = date::locate_zone(std::string(time_zone))->to_local(date::sys_seconds{std::chrono::seconds(at)});
  const auto today = date::floor<date::days>(local);
  const date::year_month_day date{today};
  return {static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
          date::weekday{today}.iso_encoding() - 1,
          static_cast<unsigned>(std::chrono::duration_cast<std::chrono::minutes>(local - today).count())};
}

std::string iso_time(std::uint64_t at, std::string_view time_zone) {
  return date::format("%FT%T%Ez",
                      date::make_zoned(std::string(time_zone), date::sys_seconds{std::chrono::seconds(at)}));
}

bool knows_time_zone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name)) != nullptr;
  } catch (const std::runtime_error&) {
    return false;
  }
}

opening_hours::opening_hours(weekly_hours weekly, std::string_view time_zone, unsigned last_intake_minutes)
    : weekly_(std::move(weekly)),
      zone_(date::locate_zone(std::string(time_zone))),
      last_intake_minutes_(last_intake_minutes) {}

const std::vector<minute_span>& opening_hours::spans_on(int local_day) const {
  const date::weekday weekday{date::local_days{date::days{local_day}}};
  return weekly_.days[weekday.iso_encoding() - 1];
}

opening_hours::opening opening_hours::opening_of(const minute_span& span, int local_day) const {
  const date::local_days day{date::days{local_day}};
  return {to_unix(*zone_, day, span.from, date::choose::earliest),
          to_unix(*zone_, day, span.to, date::choose::latest)};
}

local_days opening_hours::days(std::uint64_t now) const {
  const date::sys_seconds moment{std::chrono::seconds(now)};
  const int today = static_cast<int>(date::floor<date::days>(zone_->to_local(moment)).time_since_epoch().count());
  const auto staffed = [&](int day) {
    return std::ranges::any_of(spans_on(day),
                               [&](const minute_span& span) { return !opening_of(span, day).empty(); });
  };
  local_days out{static_cast<std::uint32_t>(today), 0};
  for (int day = today - 1; day > 0 && day >= today - search_days_max; --day)
    if (staffed(day)) {
      out.staffed_before = static_cast<std::uint32_t>(day);
      break;
    }
  return out;
}

hours_state opening_hours::at(std::uint64_t now) const {
  const date::sys_seconds moment{std::chrono::seconds(now)};
  const int today = static_cast<int>(date::floor<date::days>(zone_->to_local(moment)).time_since_epoch().count());
  hours_state out;
  opening current;  // the one that goes on now, once `out.open`; it grows while spans touch it

  const auto ends_search = [&](const opening& next) {
    if (!out.open && next.to <= now) return false;
    if (!out.open && next.from <= now) {
      out.open = true;
      current = next;
      return false;
    }
    if (out.open && next.from <= current.to) {
      current.to = std::max(current.to, next.to);
      return false;
    }
    out.next_opening = next.from;
    return true;
  };
  const auto search = [&] {
    for (int day = today - 1; day <= today + search_days_max; ++day)
      for (const minute_span& span : spans_on(day))
        if (const opening next = opening_of(span, day); !next.empty() && ends_search(next)) return;
  };
  search();

  if (out.open) {
    out.until = current.to;
    out.last_intake = std::max(current.from, current.to - std::uint64_t{60} * last_intake_minutes_);
    out.intake = now < out.last_intake;
  }
  return out;
}

std::optional<std::uint32_t> hours_to_intake(const opening_hours& hours, std::uint64_t now, unsigned minutes_left,
                                             std::uint32_t least) {
  constexpr std::uint64_t hour = 3600;
  std::uint64_t shift = least;
  while (shift <= least + opening_hours::search_days_max * 24ull) {
    const std::uint64_t then = now + shift * hour;
    const hours_state state = hours.at(then);
    if (state.intake && state.last_intake - then >= minutes_left * 60ull) return static_cast<std::uint32_t>(shift);
    if (!state.next_opening) return std::nullopt;
    shift += (*state.next_opening - then + hour - 1) / hour;
  }
  return std::nullopt;
}

}  // namespace tomoshibi::desk
