// What a page says before its scripts have come, and where none run: who this is, open or closed now, hours,
// telephone numbers, the way out.
#pragma once

#include <string>

#include "server/config/config.hpp"
#include "server/wire/messages.hpp"

namespace tomoshibi {

struct front_state {
  wire::door_reason why{};
  wire::seconds until = 0;  // open: when intake ends; 0 unknown
  wire::seconds next = 0;   // closed: the next opening; 0 none known
  std::uint32_t clock_shift_hours = 0;
};

// HTML, in every language that has its texts built in. All that comes from the configuration is escaped.
std::string draw_sections(const config::centre_settings& of, const front_state& now);

}  // namespace tomoshibi
