#include "server/config/config.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>

#include "server/config/alias.hpp"
#include "server/config/section.hpp"

namespace tomoshibi::config {

namespace {

constexpr std::size_t file_bytes_max = 1 << 20;
constexpr std::size_t desks_max = 64;
constexpr std::size_t telephones_max = 32;
constexpr std::size_t staff_max = 64;
constexpr std::string_view drill_desk = "drill";  // the drill's own, not of the configuration

const section::keys weekdays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

const form id_form{std::regex("[a-z0-9][a-z0-9-]{0,31}"), "lower-case letters, digits and hyphens, at most 32"};
const form zone_form{std::regex("[A-Za-z0-9_+/-]{1,64}"), "the IANA name of a time zone, such as \"Asia/Tokyo\""};
const form page_form{std::regex("https://[^\\s\"<>]+"), "an address that begins with https://"};
const form number_form{std::regex("[#0-9][0-9-]{1,19}"),
                       "a number as it is dialled, such as \"0120-279-889\" or \"#8008\""};
const form language_form{std::regex("[a-z]{2,3}(-[a-z]{2,8})?"), "a language, such as \"ja\""};
const form alias_form{std::regex("[^\\x00-\\x1f]{1,32}"), "a pseudonym of 1 to 32 bytes"};
const form address_form{std::regex("[0-9a-f:.]+"), "an IPv4 or IPv6 address, such as \"127.0.0.1\" or \"::1\""};
const form origin_form{
    std::regex("https://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:.]+\\])(:([1-9][0-9]{0,4}|\\{port\\}))?"),
    "an origin as browsers send it, such as \"https://chat.example.org\" or "
    "\"https://localhost:{port}\", in lower case and without a path"};
const form network_form{std::regex("[0-9a-f:.]+(/[0-9]{1,3})?"),
                        "an IP address or a network, such as \"192.0.2.7\" or \"2001:db8::/32\""};
const form folder_form{std::regex("/[^\\x00-\\x1f]*"),
                       "the path of a folder from the root, such as \"/var/lib/acme\""};
constexpr std::string_view span_allowed = "spans \"HH:MM-HH:MM\", from before to, at most 24:00";

// --- hours ---

std::optional<desk::minute_span> read_span(const std::string& text) {
  static const std::regex pattern("([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])");
  std::smatch part;
  if (text.size() != std::string_view("HH:MM-HH:MM").size() || !std::regex_match(text, part, pattern))
    return std::nullopt;
  const auto minutes = [&](std::size_t hour) {
    return static_cast<unsigned>(std::stoi(part[hour]) * 60 + std::stoi(part[hour + 1]));
  };
  const desk::minute_span out{minutes(1), minutes(3)};
  if (out.from >= out.to || out.to > desk::minutes_per_day) return std::nullopt;
  return out;
}

// A span that only takes people in if it goes on before or after midnight is left alone.
bool ends_before_intake(const desk::minute_span& span, unsigned last_intake_minutes) {
  return span.from > 0 && span.to < desk::minutes_per_day && span.to - span.from <= last_intake_minutes;
}

std::vector<desk::minute_span> read_day(const section& in, std::string_view day, const toml::node& spans,
                                        unsigned last_intake_minutes) {
  std::vector<desk::minute_span> out;
  in.each_text(day, spans, span_allowed, [&](const std::string& text, unsigned line) {
    const auto span = read_span(text);
    if (!span) {
      return in.add(line,
                    std::string(day) + " has " + in_quotes(text) + "; allowed are " + std::string(span_allowed));
    }
    if (ends_before_intake(*span, last_intake_minutes)) {
      in.add(line, std::string(day) + " has " + in_quotes(text) +
                       ", which is over before anybody is taken in; make it longer "
                       "than last_intake_minutes_before_closing");
    }
    const auto overlaps = [&](const auto& other) { return span->from < other.to && other.from < span->to; };
    if (std::any_of(out.begin(), out.end(), overlaps)) {
      return in.add(line,
                    std::string(day) + " has " + in_quotes(text) +
                        ", which overlaps another span of that day; let each begin when the one before has ended");
    }
    out.push_back(*span);
  });
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  return out;
}

desk::weekly_hours read_hours(problem_list& found, const toml::table& table, const std::string& name,
                              unsigned last_intake_minutes) {
  const section in(found, table, name + " hours", weekdays);
  desk::weekly_hours out;
  std::size_t index = 0;
  for (std::string_view day : weekdays) {
    if (const toml::node* spans = table.get(day)) out.days[index] = read_day(in, day, *spans, last_intake_minutes);
    ++index;
  }
  return out;
}

// --- the sections ---

// Ids and aliases: notes the second of a kind.
class names_seen {
 public:
  void see(const section& in, std::string_view key, const std::string& name) {
    if (!name.empty() && !seen_.insert(name).second) {
      in.add(in.line(key), std::string(key) + " " + in_quotes(name) + " is there already; each needs its own");
    }
  }

 private:
  std::set<std::string> seen_;
};

std::string named(std::string_view kind, const std::string& name) {
  return "[[" + std::string(kind) + "]]" + (name.empty() ? "" : " " + name);
}

void read_centre(problem_list& found, const toml::table& table, centre_settings& out) {
  const section in(found, table, "[centre]", {"name", "demo", "time_zone", "present_least", "exit_page"});
  out.name = in.by_language("name");
  out.demo = in.truth("demo", false);
  out.present_least = in.whole("present_least", 1, 20, out.present_least);
  out.exit_page = in.text("exit_page", page_form);
  out.time_zone = in.text("time_zone", zone_form);
  if (!out.time_zone.empty() && !desk::knows_time_zone(out.time_zone)) {
    in.add(in.line("time_zone"), "time_zone " + in_quotes(out.time_zone) +
                                     " is not known to this machine; it must be " + zone_form.allowed);
  }
}

// --- [server] ---

// Its bits; 0: it is none.
unsigned bits_of_address(const std::string& text) {
  unsigned char ignored[sizeof(in6_addr)];
  if (inet_pton(AF_INET, text.c_str(), ignored) == 1) return 32;
  return inet_pton(AF_INET6, text.c_str(), ignored) == 1 ? 128 : 0;
}

// "::ffff:192.0.2.1", which is an IPv4 address: no socket for IPv6 alone has it.
bool is_mapped(const std::string& text) {
  in6_addr read;
  return inet_pton(AF_INET6, text.c_str(), &read) == 1 && IN6_IS_ADDR_V4MAPPED(&read);
}

void check_addresses(const section& in, const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    const std::string what = "addresses has " + in_quotes(address);
    if (bits_of_address(address) == 0) in.add(in.line("addresses"), what + "; each must be " + address_form.allowed);
    if (is_mapped(address)) in.add(in.line("addresses"), what + ", which is IPv4; write it as 192.0.2.1 is written");
  }
}

void check_origins(const section& in, std::string_view key, const std::vector<std::string>& origins) {
  for (const std::string& origin : origins) {
    const std::string port = origin.substr(origin.rfind(':') + 1);
    const bool is_number = port.size() == 5 && port.find_first_not_of("0123456789") == port.npos;
    const std::string what = std::string(key) + " names ";
    if (port == "443") in.add(in.line(key), what + "port 443, which browsers leave out; leave it out too");
    if (is_number && port > "65535") in.add(in.line(key), what + "port " + port + "; a port is from 1 to 65535");
    if (const std::size_t from = origin.find('['), to = origin.find(']'); from != origin.npos) {
      const std::string address = origin.substr(from + 1, to - from - 1);
      if (bits_of_address(address) != 128)
        in.add(in.line(key), what + in_quotes(address) + ", which is no IPv6 address; correct it");
    }
  }
}

void check_proxies(const section& in, const std::vector<std::string>& networks) {
  for (const std::string& network : networks) {
    const std::size_t slash = network.find('/');
    const std::string address = network.substr(0, slash);
    const unsigned most = bits_of_address(address);
    const unsigned long bits = slash == network.npos ? most : std::stoul(network.substr(slash + 1));
    const unsigned long least = most == 32 ? 8 : 16;
    const std::string what = "proxies has " + in_quotes(network);
    if (most == 0 || bits > most) {
      in.add(in.line("proxies"), what + "; each must be " + network_form.allowed);
    } else if (is_mapped(address)) {
      in.add(in.line("proxies"), what + ", which is IPv4; write it as 192.0.2.0/24 is written");
    } else if (bits < least) {
      in.add(in.line("proxies"), what + ", which is far more than anybody's proxies; name your own, by /" +
                                     std::to_string(least) + " or longer");
    }
  }
}

void read_plain_http(const section& in, const toml::table& table, server_settings& out) {
  out.acme_folder = in.text("acme_folder", folder_form, "");
  if (!table.contains("http_port")) {
    if (table.contains("acme_folder"))
      in.add(in.line("acme_folder"), "acme_folder is served over plain HTTP alone; add http_port = 80, or remove it");
    return;
  }
  out.http_port = static_cast<std::uint16_t>(in.whole("http_port", 1, 65535, 80));
  if (out.http_port == out.port)
    in.add(in.line("http_port"), "http_port is " + std::to_string(out.port) + ", as port is; give it one of its own");
}

void read_server(problem_list& found, const toml::table& table, server_settings& out) {
  const section in(found, table, "[server]",
                   {"public_origin", "other_origins", "addresses", "port", "http_port", "acme_folder", "proxies"});
  out.public_origin = in.text("public_origin", origin_form, out.public_origin);
  out.other_origins = in.list("other_origins", origin_form, {});
  check_origins(in, "public_origin", {out.public_origin});
  check_origins(in, "other_origins", out.other_origins);
  if (std::ranges::find(out.other_origins, out.public_origin) != out.other_origins.end())
    in.add(in.line("other_origins"), "other_origins has the public_origin again; leave it out");
  out.addresses = in.list("addresses", address_form, out.addresses);
  check_addresses(in, out.addresses);
  out.port = static_cast<std::uint16_t>(in.whole("port", 1, 65535, out.port));
  read_plain_http(in, table, out);
  out.proxies = in.list("proxies", network_form, {});
  check_proxies(in, out.proxies);
}

// --- telephones, desks, staff ---

telephone read_telephone(problem_list& found, const toml::table& table, names_seen& ids) {
  section in(found, table, "[[telephone]]", {"id", "name", "number", "hours", "cost", "languages"});
  telephone out;
  out.id = in.text("id", id_form);
  in.rename(named("telephone", out.id));
  ids.see(in, "id", out.id);
  out.name = in.by_language("name");
  out.number = in.text("number", number_form);
  out.hours = in.by_language("hours");
  out.cost = in.by_language("cost");
  out.languages = in.list("languages", language_form, {"ja"});
  return out;
}

desk_kind kind_of(std::string_view text) {
  if (text == "department") return desk_kind::department;
  if (text == "lawyer") return desk_kind::lawyer;
  if (text == "partner") return desk_kind::partner;
  return desk_kind::centre;
}

desk_settings read_desk(problem_list& found, const toml::table& table, names_seen& ids) {
  section in(
      found, table, "[[desk]]",
      {"id", "name", "kind", "reachable", "hours", "last_intake_minutes_before_closing", "line_max", "capacity_max"});
  desk_settings out;
  out.id = in.text("id", id_form);
  in.rename(named("desk", out.id));
  ids.see(in, "id", out.id);
  if (out.id == drill_desk) in.add(in.line("id"), "id \"drill\" is the drill's own; choose another");
  out.name = in.by_language("name");
  out.kind = kind_of(in.choice("kind", {"centre", "department", "lawyer", "partner"}));
  out.reachable = in.truth("reachable", false);
  out.last_intake_minutes_before_closing =
      in.whole("last_intake_minutes_before_closing", 0, 240, out.last_intake_minutes_before_closing);
  out.line_max = in.whole("line_max", 1, 500, out.line_max);
  out.capacity_max = in.whole("capacity_max", 1, 10, out.capacity_max);
  in.one("hours", false, [&](const toml::table& hours) {
    out.hours = read_hours(found, hours, named("desk", out.id), out.last_intake_minutes_before_closing);
  });
  if (out.reachable && !table.contains("hours")) {
    in.add(in.line("reachable"), "is reachable but has no hours; add hours = { mon = [\"09:30-16:30\"] }");
  }
  return out;
}

std::string desks_there_are(const centre_settings& whole) {
  constexpr std::size_t shown_max = 20;
  section::keys ids;
  for (const desk_settings& one : whole.desks)
    if (ids.size() < shown_max) ids.push_back(one.id);
  if (ids.empty()) return "add one";
  return "it must be " + one_of(ids) + (whole.desks.size() > shown_max ? ", or another of them" : "");
}

staff_settings read_staff(problem_list& found, const toml::table& table, const centre_settings& whole,
                          names_seen& ids, names_seen& aliases) {
  section in(found, table, "[[staff]]", {"id", "alias", "desk", "role"});
  staff_settings out;
  out.id = in.text("id", id_form);
  in.rename(named("staff", out.id));
  ids.see(in, "id", out.id);
  out.alias = in.text("alias", alias_form);
  if (const std::string fault = fault_of_alias(out.alias); !out.alias.empty() && !fault.empty())
    in.add(in.line("alias"), "alias: " + fault);
  aliases.see(in, "alias", out.alias);
  out.desk = in.text("desk", id_form);
  const auto is_there = [&](const desk_settings& one) {
    return one.id == out.desk || one.id.empty();
  };  // empty: wrong
  if (!out.desk.empty() && std::none_of(whole.desks.begin(), whole.desks.end(), is_there)) {
    in.add(in.line("desk"),
           "desk " + in_quotes(out.desk) + " is not the id of any [[desk]]; " + desks_there_are(whole));
  }
  if (in.choice("role", {"counselor", "supervisor"}) == "supervisor") out.role = staff_role::supervisor;
  return out;
}

// --- what must hold between them ---

void check_desks(const section& root, const centre_settings& whole) {
  if (whole.desks.empty()) return root.add(root.line(), "has no [[desk]]; it needs at least one");
  if (std::none_of(whole.desks.begin(), whole.desks.end(), [](const desk_settings& d) { return d.reachable; })) {
    root.add(root.line("desk"), "has no [[desk]] with reachable = true; nobody could come in");
  }
}

void check_staff(const section& root, const centre_settings& whole) {
  if (whole.staff.empty()) return;
  if (!whole.demo) {
    return root.add(root.line("staff"),
                    "has [[staff]], which is invented for demonstrations; real staff is enrolled, so "
                    "remove it, or set demo = true in [centre]");
  }
  for (const desk_settings& one : whole.desks) {
    const auto counselors = std::count_if(whole.staff.begin(), whole.staff.end(), [&](const staff_settings& s) {
      return s.desk == one.id && s.role == staff_role::counselor;
    });
    if (one.reachable && counselors < static_cast<std::ptrdiff_t>(whole.present_least)) {
      root.add(root.line("staff"), "has " + std::to_string(counselors) + " [[staff]] as counselor at " +
                                       in_quotes(one.id) + "; present_least asks for " +
                                       std::to_string(whole.present_least));
    }
  }
}

void check_count(const section& root, std::string_view key, std::size_t count, std::size_t most) {
  if (count > most) {
    root.add(root.line(key), "has " + std::to_string(count) + " [[" + std::string(key) + "]]; at most " +
                                 std::to_string(most) + " are allowed");
  }
}

centre_settings read_all(problem_list& found, const toml::table& table) {
  const section root(found, table, "the file", {"centre", "server", "telephone", "desk", "staff"});
  centre_settings out;
  root.one("centre", true, [&](const toml::table& one) { read_centre(found, one, out); });
  root.one("server", false, [&](const toml::table& one) { read_server(found, one, out.server); });
  names_seen telephones, desks, staff, aliases;
  root.each("telephone", [&](const auto& one) { out.telephones.push_back(read_telephone(found, one, telephones)); });
  root.each("desk", [&](const auto& one) { out.desks.push_back(read_desk(found, one, desks)); });
  root.each("staff", [&](const auto& one) { out.staff.push_back(read_staff(found, one, out, staff, aliases)); });
  check_desks(root, out);
  check_count(root, "telephone", out.telephones.size(), telephones_max);
  check_count(root, "desk", out.desks.size(), desks_max);
  check_count(root, "staff", out.staff.size(), staff_max);
  if (found.empty()) check_staff(root, out);  // else it would only repeat what is wrong elsewhere
  return out;
}

}  // namespace

std::expected<centre_settings, problems> read_config(std::string_view text, std::string_view file_name) {
  problem_list found(file_name);
  try {
    centre_settings out = read_all(found, toml::parse(text));
    if (found.empty()) return out;
  } catch (const toml::parse_error& error) {
    found.add(error.source().begin.line,
              "this is not TOML: " + std::string(error.description()) + "; correct this line, or the one before it");
  }
  return std::unexpected(found.by_line());
}

std::expected<centre_settings, problems> load_config(const std::filesystem::path& file) {
  std::error_code failed;
  const bool is_file = std::filesystem::is_regular_file(file, failed);
  std::ifstream in(file, std::ios::binary);
  if (!is_file || !in) {
    return std::unexpected(problems{file.string() + ": the configuration cannot be read (" +
                                    (is_file ? std::strerror(errno) : "there is no such file") +
                                    "); correct the path"});
  }
  std::string text(file_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > file_bytes_max) {
    return std::unexpected(
        problems{file.string() + ": the configuration is larger than 1 MiB; this is another file"});
  }
  return read_config(text, file.string());
}

}  // namespace tomoshibi::config
