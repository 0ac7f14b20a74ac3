// The configuration: what the demonstration's file says, and what is said about files that are wrong.
#include "server/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/support/temporary_folder.hpp"

namespace tomoshibi::config {
namespace {

using desk::minute_span;
using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// A small configuration that is right; tests replace lines of it.
constexpr std::string_view plain =
    "[centre]\n"                                              // 1
    "name = { ja = \"相談室\", en = \"Room\" }\n"             // 2
    "demo = true\n"                                           // 3
    "time_zone = \"Europe/Berlin\"\n"                         // 4
    "exit_page = \"https://example.org/weather\"\n"           // 5
    "[server]\n"                                              // 6
    "port = 9000\n"                                           // 7
    "[[telephone]]\n"                                         // 8
    "id = \"police\"\n"                                       // 9
    "name = { ja = \"警察\", en = \"Police\" }\n"             // 10
    "number = \"110\"\n"                                      // 11
    "hours = { ja = \"24時間\", en = \"24 hours\" }\n"        // 12
    "cost = { ja = \"無料\", en = \"free\" }\n"               // 13
    "[[desk]]\n"                                              // 14
    "id = \"room\"\n"                                         // 15
    "name = { ja = \"相談室\", en = \"Room\" }\n"             // 16
    "kind = \"centre\"\n"                                     // 17
    "reachable = true\n"                                      // 18
    "hours = { mon = [\"09:00-12:00\", \"13:00-17:00\"] }\n"  // 19
    "[[staff]]\n"                                             // 20
    "id = \"one\"\n"                                          // 21
    "alias = \"Ichi\"\n"                                      // 22
    "desk = \"room\"\n"                                       // 23
    "role = \"counselor\"\n"                                  // 24
    "[[staff]]\n"                                             // 25
    "id = \"two\"\n"                                          // 26
    "alias = \"Ni\"\n"                                        // 27
    "desk = \"room\"\n"                                       // 28
    "role = \"counselor\"\n";                                 // 29

std::string with(std::vector<std::pair<unsigned, std::string>> replaced) {
  std::istringstream in{std::string(plain)};
  std::string out, line;
  for (unsigned number = 1; std::getline(in, line); ++number) {
    for (const auto& [at, text] : replaced) {
      if (at == number) line = text;
    }
    out += line + "\n";
  }
  return out;
}

problems problems_of(const std::string& toml) {
  auto read = read_config(toml, "centre.toml");
  return read ? problems{} : read.error();
}

// --- files that are right ---

TEST(config, the_demonstration_has_the_hours_of_the_plan) {
  const auto read = load_config(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
  ASSERT_TRUE(read) << read.error().front();
  EXPECT_EQ(read->name.at("ja"), "高岡市男女平等推進センター相談室");
  EXPECT_TRUE(read->demo);
  EXPECT_EQ(read->time_zone, "Asia/Tokyo");
  EXPECT_EQ(read->present_least, 2u);
  const desk_settings& room = read->desks.at(0);
  const minute_span day{9 * 60 + 30, 16 * 60 + 30}, evening{14 * 60, 20 * 60};
  EXPECT_THAT(room.hours.days, ElementsAre(ElementsAre(day), ElementsAre(day), ElementsAre(day), ElementsAre(evening),
                                           ElementsAre(day), IsEmpty(), IsEmpty()));
  EXPECT_EQ(room.id, "centre");
  EXPECT_EQ(room.kind, desk_kind::centre);
  EXPECT_TRUE(room.reachable);
  EXPECT_EQ(room.last_intake_minutes_before_closing, 20u);
  EXPECT_EQ(room.line_max, 50u);
  EXPECT_EQ(room.capacity_max, 3u);
}

TEST(config, the_demonstration_names_the_lawyer_and_the_twelve_departments_without_hours) {
  const auto read = load_config(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
  ASSERT_TRUE(read);
  std::vector<std::string> departments;
  for (const desk_settings& one : read->desks) {
    if (one.kind == desk_kind::department) departments.push_back(one.name.at("ja"));
    if (one.kind != desk_kind::centre) {
      EXPECT_FALSE(one.has_hours());
      EXPECT_FALSE(one.reachable);
    }
  }
  EXPECT_THAT(departments,
              ElementsAre("納税課", "共創まちづくり課", "多文化共生室", "市民課", "社会福祉課", "子ども・子育て課",
                          "高齢介護課", "保険年金課", "健康増進課", "建築政策課", "市民病院", "学校教育課"));
  EXPECT_EQ(read->desks.at(1).kind, desk_kind::lawyer);
}

TEST(config, the_demonstration_has_telephones_and_invented_staff) {
  const auto read = load_config(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
  ASSERT_TRUE(read);
  ASSERT_THAT(read->telephones, SizeIs(3));
  EXPECT_EQ(read->telephones[0].number, "110");
  EXPECT_EQ(read->telephones[1].number, "#8008");
  EXPECT_EQ(read->telephones[2].number, "0120-279-889");
  EXPECT_THAT(read->telephones[2].languages, ElementsAre("ja"));
  ASSERT_THAT(read->staff, SizeIs(5));
  EXPECT_EQ(std::count_if(read->staff.begin(), read->staff.end(),
                          [](const auto& one) { return one.role == staff_role::counselor; }),
            4);
  EXPECT_EQ(read->server.public_origin, "https://localhost:{port}");
  EXPECT_EQ(read->server.port, 8443);
}

TEST(config, what_is_left_out_has_its_default) {
  const auto read = read_config(with({{7, ""}}), "centre.toml");
  ASSERT_TRUE(read) << read.error().front();
  EXPECT_EQ(read->server.port, 8443);
  EXPECT_THAT(read->server.addresses, ElementsAre("127.0.0.1", "::1"));
  EXPECT_EQ(read->server.public_origin, "https://localhost:{port}");
  EXPECT_THAT(read->server.other_origins, IsEmpty());
  EXPECT_FALSE(read->server.http_port);
  EXPECT_EQ(read->server.acme_folder, "");
  EXPECT_THAT(read->server.proxies, IsEmpty());
  EXPECT_EQ(read->present_least, 2u);
  EXPECT_THAT(read->telephones.at(0).languages, ElementsAre("ja"));
  EXPECT_EQ(read->desks.at(0).line_max, 50u);
}

TEST(config, a_server_in_the_world_says_where_it_is_reached_and_whom_it_believes) {
  const auto read = read_config(with({{7,
                                       "public_origin = \"https://soudan.example.org\"\n"
                                       "other_origins = [\"https://[2001:db8::1]:8443\", \"https://b.onion\"]\n"
                                       "addresses = [\"0.0.0.0\", \"::\"]\nport = 443\nhttp_port = 80\n"
                                       "acme_folder = \"/var/lib/acme\"\n"
                                       "proxies = [\"192.0.2.7\", \"10.0.0.0/8\", \"2001:db8::/32\"]"}}),
                                "centre.toml");
  ASSERT_TRUE(read) << read.error().front();
  EXPECT_EQ(read->server.public_origin, "https://soudan.example.org");
  EXPECT_THAT(read->server.other_origins, ElementsAre("https://[2001:db8::1]:8443", "https://b.onion"));
  EXPECT_EQ(read->server.http_port, 80);
  EXPECT_EQ(read->server.acme_folder, "/var/lib/acme");
  EXPECT_THAT(read->server.proxies, ElementsAre("192.0.2.7", "10.0.0.0/8", "2001:db8::/32"));
}

// What is commented out in the demonstration's file is right, too: a real centre only takes the '#' away.
TEST(config, the_demonstration_explains_every_key_of_the_server) {
  std::ifstream in(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
  const std::regex commented("# ([a-z_]+ = .*)");
  std::string toml;
  for (std::string line; std::getline(in, line); toml += line + "\n")
    line = std::regex_replace(line, commented, "$1");
  const auto read = read_config(toml, "centre.toml");
  ASSERT_TRUE(read) << read.error().front();
  EXPECT_THAT(read->server.other_origins, SizeIs(1));
  EXPECT_EQ(read->server.http_port, 80);
  EXPECT_NE(read->server.acme_folder, "");
  EXPECT_THAT(read->server.proxies, SizeIs(2));
}

TEST(config, spans_are_sorted_and_may_touch_and_end_at_midnight) {
  const auto read =
      read_config(with({{19, "hours = { sat = [\"12:00-24:00\", \"09:00-12:00\"], sun = [\"00:00-00:10\"] }"}}), "x");
  ASSERT_TRUE(read) << read.error().front();
  EXPECT_THAT(read->desks.at(0).hours.days[5], ElementsAre(minute_span{540, 720}, minute_span{720, 1440}));
  EXPECT_THAT(read->desks.at(0).hours.days[6], ElementsAre(minute_span{0, 10}));
}

// --- files that are wrong: the lines replaced, where the one problem is, and what it says ---

struct broken {
  std::vector<std::pair<unsigned, std::string>> replaced;
  unsigned line;
  std::vector<std::string> words;
};

TEST(config, tells_what_is_wrong_and_where_and_what_is_allowed) {
  const std::vector<broken> all{
      {{{3, "demo = = true"}}, 3, {"this is not TOML"}},
      {{{3, "demo = true\ndemo = true"}}, 4, {"this is not TOML", "demo"}},
      {{{4, "timezone = \"Europe/Berlin\"\ntime_zone = \"Europe/Berlin\""}},
       4,
       {"[centre] has no key \"timezone\"", "is \"time_zone\" meant?"}},
      {{{7, "colour = 1"}},
       7,
       {"[server] has no key \"colour\"", "allowed are public_origin, other_origins, addresses, port, http_port"}},
      {{{6, "[sever]"}}, 6, {"the file has no key \"sever\"", "is \"server\" meant?"}},
      {{{2, ""}}, 1, {"[centre] needs name", "a text per language"}},
      {{{2, "name = \"Room\""}}, 2, {"name is \"Room\"", "a text per language, such as { ja ="}},
      {{{2, "name = { en = \"Room\" }"}}, 2, {"name lacks the language \"ja\""}},
      {{{2, "name = { ja = \"室\", en = \"Room\", jp = \"室\" }"}}, 2, {"has no key \"jp\"", "is \"ja\" meant?"}},
      {{{2, "name = { ja = 5, en = \"Room\" }"}}, 2, {"[centre] name ja is 5", "text of 1 to 500 bytes"}},
      {{{3, "demo = \"yes\""}}, 3, {"demo is \"yes\"", "true or false"}},
      {{{4, ""}}, 1, {"needs time_zone", "\"Asia/Tokyo\""}},
      {{{4, "time_zone = \"Asia/Takaoka\""}}, 4, {"time_zone \"Asia/Takaoka\" is not known", "IANA"}},
      {{{4, "time_zone = \"../../etc/passwd\""}}, 4, {"time_zone", "IANA"}},
      {{{4, "time_zone = \"Asia/Tokyo\"\npresent_least = 0"}},
       5,
       {"present_least is 0", "a whole number from 1 to 20"}},
      {{{4, "time_zone = \"Asia/Tokyo\"\npresent_least = 2.0"}}, 5, {"present_least", "a whole number from 1 to 20"}},
      {{{5, "exit_page = \"http://example.org\""}}, 5, {"exit_page", "begins with https://"}},
      {{{7, "port = 70000"}}, 7, {"port is 70000", "from 1 to 65535"}},
      {{{7, "port = \"8443\""}}, 7, {"port is \"8443\"", "a whole number"}},
      {{{7, "public_origin = \"https://Example.org/\""}},
       7,
       {"public_origin is \"https://Example.org/\"", "without a path"}},
      {{{7, "public_origin = \"http://example.org\""}}, 7, {"public_origin is", "\"https://chat.example.org\""}},
      {{{7, "public_origin = \"example.org\""}}, 7, {"public_origin is \"example.org\"", "as browsers send it"}},
      {{{7, "public_origin = \"https://example.org.\""}}, 7, {"public_origin is", "as browsers send it"}},
      {{{7, "public_origin = [\"https://example.org\"]"}}, 7, {"public_origin is a list", "it must be an origin"}},
      {{{7, "public_origin = \"https://example.org:443\""}}, 7, {"public_origin names port 443", "leave it out too"}},
      {{{7, "public_origin = \"https://example.org:65536\""}}, 7, {"names port 65536", "from 1 to 65535"}},
      {{{7, "public_origin = \"https://[:::1]:8443\""}}, 7, {"names \":::1\"", "no IPv6 address; correct it"}},
      {{{7, "other_origins = [\"https://example.org/staff\"]"}}, 7, {"other_origins has", "without a path"}},
      {{{7, "other_origins = [\"https://example.org:443\"]"}},
       7,
       {"other_origins names port 443", "leave it out too"}},
      {{{7, "other_origins = [\"https://localhost:{port}\"]"}}, 7, {"has the public_origin again; leave it out"}},
      {{{7, "other_origins = []"}}, 7, {"other_origins is empty", "at least one of an origin"}},
      {{{7, "http_port = 0"}}, 7, {"http_port is 0", "from 1 to 65535"}},
      {{{7, "http_port = true"}}, 7, {"http_port is true", "a whole number"}},
      {{{7, "http_port = 8443"}}, 7, {"http_port is 8443, as port is", "give it one of its own"}},
      {{{7, "acme_folder = \"/var/lib/acme\""}}, 7, {"over plain HTTP alone", "add http_port = 80, or remove it"}},
      {{{7, "http_port = 80\nacme_folder = \"acme\""}}, 8, {"acme_folder is \"acme\"", "from the root"}},
      {{{7, "proxies = \"192.0.2.7\""}}, 7, {"proxies is \"192.0.2.7\"", "a list"}},
      {{{7, "proxies = [\"proxy.example.org\"]"}}, 7, {"\"proxy.example.org\"", "an IP address or a network"}},
      {{{7, "proxies = [\"10.0.0.0/33\"]"}}, 7, {"\"10.0.0.0/33\"", "an IP address or a network"}},
      {{{7, "proxies = [\"10.0.0/8\"]"}}, 7, {"\"10.0.0/8\"", "an IP address or a network"}},
      {{{7, "proxies = [\"2001:db8::/129\"]"}}, 7, {"\"2001:db8::/129\"", "an IP address or a network"}},
      {{{7, "proxies = [\"::/0\"]"}}, 7, {"\"::/0\", which is far more", "name your own, by /16 or longer"}},
      {{{7, "proxies = [\"2000::/15\"]"}}, 7, {"\"2000::/15\", which is far more", "by /16 or longer"}},
      {{{7, "proxies = [\"0.0.0.0/1\"]"}}, 7, {"\"0.0.0.0/1\", which is far more", "by /8 or longer"}},
      {{{7, "proxies = [\"10.0.0.0/7\"]"}}, 7, {"\"10.0.0.0/7\", which is far more", "by /8 or longer"}},
      {{{7, "proxies = [\"::ffff:10.0.0.1/128\"]"}}, 7, {"which is IPv4", "write it as 192.0.2.0/24"}},
      {{{7, "addresses = [\"::ffff:127.0.0.1\"]"}}, 7, {"which is IPv4", "write it as 192.0.2.1"}},
      {{{7, "addresses = [\"127.0.0.1\", \"127.0.0.1\"]"}}, 7, {"\"127.0.0.1\" twice"}},
      {{{7, "addresses = \"::1\""}}, 7, {"addresses is \"::1\"", "a list"}},
      {{{7, "addresses = [\"127.0.0.300\"]"}}, 7, {"\"127.0.0.300\"", "an IPv4 or IPv6 address"}},
      {{{8, "[telephone]"}}, 8, {"telephone is written [[telephone]], once for each"}},
      {{{11, "number = \"call us\""}}, 11, {"[[telephone]] police number is \"call us\"", "as it is dialled"}},
      {{{13, "cost = { ja = \"無料\", en = \"free\" }\nlanguages = [\"Japanese\"]"}},
       14,
       {"languages has \"Japanese\""}},
      {{{13, "cost = { ja = \"無料\", en = \"free\" }\nlanguages = [\"ja\", \"ja\"]"}}, 14, {"\"ja\" twice"}},
      {{{15, "id = \"Room 1\""}},
       15,
       {"[[desk]] id is \"Room 1\"", "lower-case letters, digits and hyphens, at most 32"}},
      {{{15, "id = \"drill\""}, {23, "desk = \"drill\""}, {28, "desk = \"drill\""}},
       15,
       {"\"drill\" is the drill's own"}},
      {{{17, "kind = \"center\""}},
       17,
       {"[[desk]] room kind is \"center\"", "centre, department, lawyer or partner"}},
      {{{18, "reachable = false"}}, 14, {"no [[desk]] with reachable = true; nobody could come in"}},
      {{{19, ""}}, 18, {"[[desk]] room is reachable but has no hours", "hours = { mon ="}},
      {{{19, "hours = { monday = [\"09:00-12:00\"] }"}}, 19, {"hours has no key \"monday\"", "is \"mon\" meant?"}},
      {{{19, "hours = { mon = \"09:00-12:00\" }"}}, 19, {"mon is \"09:00-12:00\"", "a list"}},
      {{{19, "hours = { mon = [\"9:00-12:00\"] }"}}, 19, {"mon has \"9:00-12:00\"", "HH:MM-HH:MM"}},
      {{{19, "hours = { mon = [\"12:00-09:00\"] }"}}, 19, {"mon has \"12:00-09:00\"", "from before to"}},
      {{{19, "hours = { mon = [\"12:00-24:30\"] }"}}, 19, {"mon has \"12:00-24:30\"", "at most 24:00"}},
      {{{19, "hours = { mon = [900] }"}}, 19, {"mon has 900"}},
      {{{19, "hours = { mon = [\"09:00-12:00\", \"11:59-13:00\"] }"}},
       19,
       {"\"11:59-13:00\", which overlaps another"}},
      {{{19, "hours = { mon = [\"09:00-09:20\"] }"}}, 19, {"over before anybody is taken in"}},
      {{{18, "reachable = true\nline_max = 0"}}, 19, {"line_max is 0", "from 1 to 500"}},
      {{{18, "reachable = true\ncapacity_max = 11"}}, 19, {"capacity_max is 11", "from 1 to 10"}},
      {{{18, "reachable = true\nlast_intake_minutes_before_closing = -1"}}, 19, {"is -1", "from 0 to 240"}},
      {{{22, "alias = \"eleven letters はひふへほまみむめも\""}}, 22, {"alias is", "1 to 32 bytes"}},
      {{{21, "id = \"two\""}}, 26, {"[[staff]] two id \"two\" is there already"}},
      {{{22, "alias = \"Ni\""}}, 27, {"[[staff]] two alias \"Ni\" is there already"}},
      {{{21, "id = \"../up\""}}, 21, {"id is"}},
      {{{24, "role = \"boss\""}}, 24, {"role is \"boss\"", "counselor or supervisor"}},
      {{{29, "role = \"supervisor\""}}, 20, {"1 [[staff]] as counselor at \"room\"", "present_least asks for 2"}},
      {{{29,
         "role = \"counselor\"\n[[staff]]\nid = \"three\"\nalias = \"San\"\ndesk = \"rom\"\nrole = \"counselor\""}},
       33,
       {"[[staff]] three desk \"rom\" is not the id of any [[desk]]; it must be room"}},
      {{{29, "role = \"counselor\"\n[[desk]]\nid = \"room\"\nname = { ja = \"a\", en = \"a\" }\nkind = \"partner\""}},
       31,
       {"[[desk]] room id \"room\" is there already"}},
  };
  for (const broken& one : all) {
    const problems found = problems_of(with(one.replaced));
    SCOPED_TRACE(one.replaced.front().second);
    ASSERT_FALSE(found.empty());
    EXPECT_THAT(found, SizeIs(1));  // nothing that only follows from it
    EXPECT_THAT(found.front(), StartsWith("centre.toml:" + std::to_string(one.line) + ": "));
    EXPECT_THAT(found.front(), ContainsRegex("; .|needs [a-z_]+: .|is written \\[")) << "what to do about it";
    for (const std::string& words : one.words) EXPECT_THAT(found.front(), HasSubstr(words));
  }
}

TEST(config, invented_staff_is_for_demonstrations_only) {
  EXPECT_THAT(problems_of(with({{3, "demo = false"}})),
              ElementsAre(AllOf(StartsWith("centre.toml:20: the file has [[staff]], which is invented for"),
                                HasSubstr("real staff is enrolled"), HasSubstr("set demo = true"))));
}

TEST(config, tells_all_problems_at_once_by_line) {
  EXPECT_THAT(
      problems_of(with({{28, "desk = \"other\""}, {4, "time_zone = \"Mars/Base\""}, {17, "kind = \"room\""}})),
      ElementsAre(StartsWith("centre.toml:4: "), StartsWith("centre.toml:17: "), StartsWith("centre.toml:28: ")));
}

TEST(config, an_empty_file_needs_everything) {
  EXPECT_THAT(problems_of(""), ElementsAre(HasSubstr("has no [centre]; it needs one"), HasSubstr("has no [[desk]]")));
}

TEST(config, says_that_there_is_no_such_file) {
  const auto read = load_config("/no/such/centre.toml");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error(), ElementsAre(AllOf(StartsWith("/no/such/centre.toml: "),
                                              HasSubstr("there is no such file"), HasSubstr("correct the path"))));
}

TEST(config, refuses_a_file_that_is_too_large_to_be_one) {
  const support::temporary_folder folder;
  std::ofstream(folder / "centre.toml") << std::string((1 << 20) + 1, '#');
  const auto read = load_config(folder / "centre.toml");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().front(), HasSubstr("larger than 1 MiB"));
}

}  // namespace
}  // namespace tomoshibi::config
