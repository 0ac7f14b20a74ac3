// The first page says what is true, escapes what it is given, and needs no script.
#include "server/front_page.hpp"

#include <gmock/gmock.h>

namespace tomoshibi {
namespace {

using testing::HasSubstr;
using testing::Not;

config::centre_settings demo_centre() {
  auto read = config::load_config(TOMOSHIBI_SOURCE_DIR "/deploy/demo/centre.toml");
  EXPECT_TRUE(read);
  return *read;
}

TEST(front_page, says_open_with_the_end_of_intake_in_both_languages) {
  // 2026-11-24 (Tuesday) 16:10 in Tokyo.
  const std::string page = draw_sections(demo_centre(), {wire::door_reason::open, 1'795'504'200, 0, 0});
  EXPECT_THAT(page, HasSubstr("いま、相談員がいます。"));
  EXPECT_THAT(page, HasSubstr("受付は 11/24 (火) 16:10 までです。"));
  EXPECT_THAT(page, HasSubstr("Counselors are here now."));
  EXPECT_THAT(page, HasSubstr("until 11/24 (Tue) 16:10."));
}

TEST(front_page, says_closed_with_the_next_opening) {
  // 2026-11-25 (Wednesday) 9:30 in Tokyo.
  const std::string page = draw_sections(demo_centre(), {wire::door_reason::outside_hours, 0, 1'795'566'600, 0});
  EXPECT_THAT(page, HasSubstr("いまは時間外です。"));
  EXPECT_THAT(page, HasSubstr("つぎは 11/25 (水) 9:30 に始まります。"));
  EXPECT_THAT(page, Not(HasSubstr("いま、相談員がいます。")));
}

TEST(front_page, promises_no_later_hour_when_staff_is_short) {
  const std::string page = draw_sections(demo_centre(), {wire::door_reason::too_few_on_duty, 0, 1'795'566'600, 0});
  EXPECT_THAT(page, HasSubstr("受付をとめています"));
  EXPECT_THAT(page, Not(HasSubstr("つぎは")));
}

TEST(front_page, shows_hours_telephones_and_that_it_is_a_demonstration) {
  const std::string page = draw_sections(demo_centre(), {wire::door_reason::open, 0, 0, 16});
  for (const char* expected : {"9:30–16:30", "14:00–20:00", "href=\"tel:110\"", "href=\"tel:%238008\"",
                               "href=\"tel:0120279889\"", "時計を 16 時間すすめています", "not a real service"})
    EXPECT_THAT(page, HasSubstr(expected));
}

TEST(front_page, begins_each_language_with_the_way_out) {
  const std::string page = draw_sections(demo_centre(), {});
  for (const char* expected : {"<section lang=\"ja\">\n<a class=\"exit\" "
                               "href=\"https://www.jma.go.jp/bosai/forecast/\">すぐに閉じる</a>\n<h1>",
                               "<section lang=\"en\">\n<a class=\"exit\" "
                               "href=\"https://www.jma.go.jp/bosai/forecast/\">Leave now</a>\n<h1>"})
    EXPECT_THAT(page, HasSubstr(expected));
}

TEST(front_page, says_what_works_without_a_script_to_those_who_have_none) {
  const std::string page = draw_sections(demo_centre(), {});
  EXPECT_THAT(page, HasSubstr("<noscript><p class=\"quiet\">チャットには JavaScript が必要です。"));
  EXPECT_THAT(page, HasSubstr("The telephone numbers work without it.</p></noscript>"));
}

TEST(front_page, needs_neither_script_nor_inline_style_nor_anything_from_elsewhere) {
  config::centre_settings of = demo_centre();
  of.exit_page = "elsewhere";
  const std::string page = draw_sections(of, {});
  for (const char* forbidden :
       {"<script", "style=", "onclick", "http://", "https://", "data:", "{{", "{time}", "{hours}"})
    EXPECT_THAT(page, Not(HasSubstr(forbidden)));
}

TEST(front_page, escapes_what_the_configuration_says) {
  config::centre_settings odd = demo_centre();
  odd.name["ja"] = "<b>\"&";
  odd.telephones[0].number = "1\"><i>";
  odd.exit_page = "https://example.org/?a=1&b=\"><i>";
  const std::string page = draw_sections(odd, {});
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;&quot;&amp;"));
  EXPECT_THAT(page, HasSubstr("href=\"https://example.org/?a=1&amp;b=&quot;&gt;&lt;i&gt;\""));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, Not(HasSubstr("<i>")));
}

}  // namespace
}  // namespace tomoshibi
