// A centre's configuration: everything wrong is told with its line, and what is taken can be served.
#include "crypto/objects.hpp"
#include "server/config/config.hpp"
#include "server/net/forwarded.hpp"
#include "tests/fuzz/fuzzer.hpp"
#include "tests/support/read_text.hpp"

namespace tomoshibi::fuzz {
namespace {

void expect_hours(const desk::weekly_hours& hours) {
  for (const auto& day : hours.days) {
    unsigned end = 0;
    for (const desk::minute_span& span : day) {
      must(end <= span.from && span.from < span.to && span.to <= desk::minutes_per_day, "spans follow one another");
      end = span.to;
    }
  }
}

void expect_open_some_time(const config::desk_settings& one, const std::string& time_zone) {
  expect_hours(one.hours);
  if (!one.has_hours()) return;
  const desk::opening_hours hours(one.hours, time_zone, one.last_intake_minutes_before_closing);
  constexpr std::uint64_t now = 1'790'000'000;
  const auto at = hours.at(now);
  must(at.open || at.next_opening > now, "a desk with hours opens");
  must(!at.open || (at.until > now && at.last_intake <= at.until), "an open desk closes");
}

// What a certificate may say of somebody.
void expect_certifiable(const config::staff_settings& one) {
  static const crypto::sign_seed issuer;
  static const crypto::sign_public_key key = crypto::sign_public(issuer);
  crypto::certificate fields;
  fields.holder = crypto::role::counselor;
  fields.not_after = 1;
  fields.alias = one.alias;
  const auto opened = crypto::open_certificate(crypto::sign_certificate(fields, issuer), key);
  must(opened && opened->alias == one.alias, "an alias fits a certificate");
}

void expect_servable(const config::centre_settings& centre) {
  must(centre.name.contains("ja") && centre.name.contains("en"), "a centre is named in both languages");
  must(centre.exit_page.starts_with("https://"), "the way out leads somewhere");
  must(centre.present_least >= 1 && centre.server.port >= 1, "numbers are in their ranges");
  must(centre.server.public_origin.starts_with("https://") && !centre.server.addresses.empty(),
       "a server is found somewhere");
  must(centre.server.acme_folder.empty() || centre.server.http_port, "challenges are shown over plain HTTP");
  must(centre.server.http_port != centre.server.port, "each protocol has its port");
  (void)net::proxies(centre.server.proxies);  // takes them, or throws
  bool reachable = false;
  for (const config::desk_settings& one : centre.desks) {
    must(!one.id.empty() && one.id != "drill" && one.id.size() <= 32, "a desk has an id of its own");
    must(!one.reachable || one.line_max >= 1, "a desk has a line");
    reachable = reachable || one.reachable;
    expect_open_some_time(one, centre.time_zone);
  }
  must(reachable, "somebody can come in");
  must(centre.demo || centre.staff.empty(), "only a demonstration invents its staff");
  for (const config::staff_settings& one : centre.staff) expect_certifiable(one);
}

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

// A file that is right but for its hours, which are well written and say anything: intake1, then day1 | from2 | to2
// each.
std::string with_hours(script from) {
  constexpr std::string_view days[] = {"mon", "tue", "wed"};
  std::string spans[std::size(days)];
  const std::string intake = std::to_string(from.number<byte>());
  const auto moment = [&] { return two_digits(from.roll(26)) + ":" + two_digits(from.roll(12) * 5); };
  while (!from.over()) {
    std::string& day = spans[from.roll(std::size(days))];
    const std::string begin = moment(), end = moment();
    day += "\"" + begin + "-" + end + "\", ";
  }
  std::string out =
      "centre = {name = {ja=\"a\",en=\"b\"}, time_zone = \"Asia/Tokyo\", exit_page = \"https://a\"}\n[[desk]]\nid = "
      "\"d\"\n"
      "name = {ja=\"a\",en=\"b\"}\nkind = \"centre\"\nreachable = true\nlast_intake_minutes_before_closing = " +
      intake + "\n";
  for (std::size_t i = 0; i < std::size(days); ++i)
    out.append("hours.").append(days[i]).append(" = [").append(spans[i]).append("]\n");
  return out;
}

}  // namespace

// A file; or 0, which begins none, and hours for one.
void feed(bytes_view in) {
  const bool hours = !in.empty() && in[0] == 0;
  const auto read = config::read_config(hours ? with_hours(script(in.subspan(1))) : as_text(in), "centre.toml");
  if (read) return expect_servable(*read);
  must(!read.error().empty(), "a refusal says why");
  for (const std::string& each : read.error()) {
    must(each.starts_with("centre.toml:") && each.size() < 2000, "a problem names its line in a sentence");
  }
}

std::vector<bytes> seeds() {
  const std::string demo = support::read_text(std::string(TOMOSHIBI_SOURCE_DIR) + "/deploy/demo/centre.toml");
  constexpr std::string_view smallest = R"([centre]
name = {ja="a",en="b"}
time_zone = "UTC"
exit_page = "https://a"
[[desk]]
id = "d"
kind = "centre"
name.ja = "a"
name.en = "b"
reachable = true
hours.mon = ["00:00-24:00"]
)";
  constexpr std::string_view staffed = R"([centre]
name = {ja="a",en="b"}
demo = true
time_zone = "Asia/Tokyo"
present_least = 1
exit_page = "https://a"
[server]
public_origin = "https://[::1]:{port}"
other_origins = ["https://soudan.example.org"]
addresses = ["::1"]
port = 1
http_port = 80
acme_folder = "/var/lib/acme"
proxies = ["192.0.2.7", "2001:db8::/64"]
[[telephone]]
id = "t"
name = {ja="a",en="b",pt="c"}
number = "#8008"
hours = {ja="a",en="b"}
cost = {ja="a",en="b"}
[[desk]]
id = "d"
kind = "centre"
name = {ja="a",en="b"}
reachable = true
last_intake_minutes_before_closing = 0
[desk.hours]
sun = ["22:00-23:30", "23:30-24:00"]
[[staff]]
id = "s"
alias = "灯"
desk = "d"
role = "counselor"
)";
  for (std::string_view text : {std::string_view(demo), smallest, staffed})
    must(config::read_config(text, "centre.toml").has_value(), "mutation begins from what is right");
  std::vector<bytes> out = {{0, 20, 0, 9, 0, 12, 6, 0, 13, 0, 17, 0, 1, 22, 0, 24, 0, 2, 0, 0, 6, 0}};
  for (std::string_view text : {std::string_view(demo), smallest, staffed})
    out.push_back(writer().put(text).finish());
  return out;
}

}  // namespace tomoshibi::fuzz
