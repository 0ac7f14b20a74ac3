// What a centre's TOML file says. deploy/demo/centre.toml is an example with every key explained.
#pragma once

#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/desk/opening_hours.hpp"

namespace tomoshibi::config {

using texts =
    std::map<std::string, std::string>;  // by language: ja, ja-easy, en, pt, zh, vi; ja and en are always there

struct telephone {
  std::string id;  // lower-case ASCII, digits and hyphens, at most 32, like every id here
  texts name;
  std::string number;  // as it is dialled: "110", "#8008", "0120-279-889"
  texts hours;         // when it is answered, in words
  texts cost;
  std::vector<std::string> languages;  // that are spoken there; the first one is the main one
};

enum class desk_kind { centre, department, lawyer, partner };

struct desk_settings {
  std::string id;
  texts name;
  desk_kind kind = desk_kind::centre;
  bool reachable = false;    // survivors enter it directly; others are reached by a hand-over
  desk::weekly_hours hours;  // none: not open yet
  unsigned last_intake_minutes_before_closing = 20;
  unsigned line_max = 50;     // survivors waiting
  unsigned capacity_max = 3;  // chats of one counselor at a time

  bool has_hours() const { return hours != desk::weekly_hours{}; }
};

enum class staff_role { counselor, supervisor };

struct staff_settings {  // invented, for demonstrations
  std::string id;        // of the folder with the keys
  std::string alias;     // UTF-8, at most 32 bytes: it goes into a certificate
  std::string desk;
  staff_role role = staff_role::counselor;
};

struct server_settings {
  std::string public_origin = "https://localhost:{port}";  // what survivors are given; "{port}": the port in use
  std::vector<std::string> other_origins;                  // further ones that pages are opened under
  std::vector<std::string> addresses{"127.0.0.1", "::1"};
  std::uint16_t port = 8443;
  std::optional<std::uint16_t> http_port;  // none: no plain HTTP
  std::string acme_folder;                 // absolute; empty: none
  std::vector<std::string> proxies;        // "192.0.2.7", "2001:db8::/32": believed when they say for whom they speak
};

struct centre_settings {
  texts name;
  bool demo = false;
  std::string time_zone;       // IANA
  unsigned present_least = 2;  // counselors on duty, or a desk takes nobody in
  std::string exit_page;       // where the exit button leads
  std::vector<telephone> telephones;
  std::vector<desk_settings> desks;
  std::vector<staff_settings> staff;  // empty unless `demo`
  server_settings server;
};

// Every problem there is, by line: "centre.toml:12: what is wrong; what is allowed".
using problems = std::vector<std::string>;

std::expected<centre_settings, problems> load_config(const std::filesystem::path& file);
std::expected<centre_settings, problems> read_config(std::string_view toml, std::string_view file_name);

}  // namespace tomoshibi::config
