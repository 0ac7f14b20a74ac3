// When a desk is open: hours of the week in local time, and what they mean at one moment. Pure: the moment is an
// argument, in Unix seconds. (The system's time zone data is read when hours are made.)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace date {
class time_zone;
}

namespace tomoshibi::desk {

inline constexpr unsigned minutes_per_day = 1440;

struct minute_span {  // local minutes since midnight: from <= m < to, to <= minutes_per_day
  unsigned from = 0, to = 0;
  bool operator==(const minute_span&) const = default;
};

struct weekly_hours {
  std::array<std::vector<minute_span>, 7> days;  // Monday first; each sorted, without overlap
  bool operator==(const weekly_hours&) const = default;
};

struct hours_state {
  bool open = false;
  bool intake = false;                        // open, and new survivors may still come in
  std::uint64_t until = 0;                    // open: when the desk closes; closed: 0
  std::uint64_t last_intake = 0;              // open: when intake ends (it may have); closed: 0
  std::optional<std::uint64_t> next_opening;  // the first one after now; none within search_days_max
};

// Days of the calendar there, counted from 1970-01-01.
struct local_days {
  std::uint32_t today = 0;
  std::uint32_t staffed_before =
      0;  // the last day before today on which the desk opened; 0: none within search_days_max
  bool operator==(const local_days&) const = default;
};

// What a clock on the wall shows there.
struct local_moment {
  unsigned month = 1, day = 1;  // from 1
  unsigned weekday = 0;         // 0 is Monday
  unsigned minute = 0;          // since midnight
  bool operator==(const local_moment&) const = default;
};
local_moment local_time(std::uint64_t at, std::string_view time_zone);  // throws as opening_hours does

std::string iso_time(std::uint64_t at, std::string_view time_zone);  // "2026-11-24T16:10:00+09:00"; throws likewise

bool knows_time_zone(std::string_view name);  // "Asia/Tokyo"

class opening_hours {
 public:
  static constexpr int search_days_max = 400;

  // Throws std::runtime_error for a time zone that is not known. Intake ends `last_intake_minutes` before closing.
  opening_hours(weekly_hours weekly, std::string_view time_zone, unsigned last_intake_minutes);

  // Spans that touch are one opening, over midnight too. Where clocks are put forward, a span begins or ends at the
  // change; where they are put back, it begins at the first of the two moments with its local time and ends at the
  // last.
  hours_state at(std::uint64_t now) const;
  local_days days(std::uint64_t now) const;

 private:
  struct opening {  // Unix seconds
    std::uint64_t from = 0, to = 0;
    bool empty() const { return from >= to; }  // a span inside an hour that is left out
  };
  opening opening_of(const minute_span& span, int local_day) const;
  // What a day's hours are (local days since 1970-01-01). Holidays, closures and hours of every n-th weekday belong
  // here, and nowhere else.
  const std::vector<minute_span>& spans_on(int local_day) const;

  weekly_hours weekly_;
  const date::time_zone* zone_;  // lives as long as the process
  unsigned last_intake_minutes_;
};

// For demonstrations: the smallest number of whole hours, at least `least`, by which a clock must be put forward so
// that intake is open and stays open for `minutes_left` more minutes. Nothing: that does not come within
// search_days_max.
std::optional<std::uint32_t> hours_to_intake(const opening_hours& hours, std::uint64_t now, unsigned minutes_left,
                                             std::uint32_t least);

}  // namespace tomoshibi::desk
