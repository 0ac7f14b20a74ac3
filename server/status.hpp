// What `tomoshibi status` says of a centre: of its folder always, of its server while it runs. Counts, times and
// reasons; nothing of any person.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/centre/centre.hpp"
#include "server/config/config.hpp"
#include "server/expiry.hpp"
#include "storage/sqlite_store.hpp"

namespace tomoshibi {

extern const std::string_view program_version;

struct desk_status {
  std::string id;
  desk::figures now;
};

struct running_status {
  crypto::seconds since = 0;  // the machine's clock
  centre::figures centre;
  std::vector<desk_status> desks;  // empty while the store cannot be read
  storage::store_figures store;
};

struct centre_status {
  std::string time_zone;
  crypto::seconds now = 0;  // the centre's clock
  std::uint32_t clock_shift_hours = 0;
  std::uint64_t roster_epoch = 0;
  std::size_t members = 0, members_disabled = 0;
  std::vector<expiry> expiries;
  std::optional<running_status> running;
};

// Of the folder's part: all but `now` and `running`.
centre_status describe(const crypto::trust& shown, std::span<const member> members, std::vector<expiry> expiries,
                       std::string time_zone);

// Of a centre whose server does not run, at `clock` (the machine's). Also where its signed files are refused for
// their time.
file_result<centre_status> read_status(const folder& of, crypto::seconds clock);

std::string to_json(const centre_status& from);  // one line
std::string to_text(std::string_view json);      // of to_json's; for a person, with its newline

}  // namespace tomoshibi
