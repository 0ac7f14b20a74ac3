// From a centre's configuration to what the ceremony makes and the desks decide by.
#pragma once

#include "server/ceremony.hpp"
#include "server/config/config.hpp"
#include "server/desk/desk.hpp"

namespace tomoshibi {

// The centre's own desk: the one whose hours the front page shows, and by whose hours a demo's clock is shifted.
const config::desk_settings& main_desk(const config::centre_settings& from);

desk::opening_hours hours_of(const config::desk_settings& of, const config::centre_settings& from);

ceremony_plan make_plan(const config::centre_settings& from, const std::vector<std::string>& extra_tls_names);

// Every desk with hours, and the drill desk.
std::vector<desk::desk_settings> make_desks(const config::centre_settings& from, const crypto::centre_id& centre);

// So many conversations the store must have room for: every place in these desks' lines, which anybody can fill, and
// the conversations beyond the line, each of which a colleague took up; and letters and inboxes, which are rows
// beside them.
std::uint32_t conversations_max(const std::vector<desk::desk_settings>& desks);

}  // namespace tomoshibi
