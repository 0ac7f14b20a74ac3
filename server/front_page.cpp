#include "server/front_page.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "server/embedded.hpp"
#include "server/html.hpp"
#include "server/plan.hpp"

namespace tomoshibi {
namespace {

std::string replace(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// The part of the page in one language.
class section {
 public:
  section(std::string_view language, const nlohmann::json& locale, const config::centre_settings& of,
          const front_state& now)
      : language_(language), locale_(locale), of_(of), now_(now) {}

  std::string draw() const {
    std::string out =
        fmt::format("<section lang=\"{}\">\n<a class=\"exit\" href=\"{}\">{}</a>\n<h1>{}</h1>\n", language_,
                    escape_html(of_.exit_page), text("exit"), escape_html(by_language(of_.name)));
    if (of_.demo) out += fmt::format("<p class=\"demo\">{}{}</p>\n", text("demo"), clock_note());
    out += status() + danger() + telephones() + hours();
    return out + "</section>\n";
  }

 private:
  std::string text(const char* key) const { return escape_html(locale_.at("front").at(key).get<std::string>()); }
  std::string weekday(std::size_t day) const {
    return escape_html(locale_.at("weekdays").at(day).get<std::string>());
  }
  std::string by_language(const config::texts& in) const {
    const auto found = in.find(language_);
    return found != in.end() ? found->second : in.begin()->second;
  }

  std::string clock_note() const {
    if (now_.clock_shift_hours == 0) return {};
    return " " + replace(text("demo_clock"), "{hours}", fmt::to_string(now_.clock_shift_hours));
  }

  std::string local_time(wire::seconds at) const {
    const desk::local_moment local = desk::local_time(at, of_.time_zone);
    return fmt::format("{}/{} ({}) {}:{:02}", local.month, local.day, weekday(local.weekday), local.minute / 60,
                       local.minute % 60);
  }
  std::string at_time(const char* key, wire::seconds at) const {
    return at == 0 ? std::string() : fmt::format("<p>{}</p>\n", replace(text(key), "{time}", local_time(at)));
  }

  std::string status() const {
    static constexpr std::array keys{"open", "closed_hours", "closed_last_intake", "closed_few", "closed_full"};
    const bool open = now_.why == wire::door_reason::open;
    return fmt::format("<p class=\"now{}\">{}</p>\n", open ? " open" : "", text(keys[static_cast<byte>(now_.why)])) +
           (open          ? at_time("open_until", now_.until)
            : says_next() ? at_time("next", now_.next)
                          : "") +
           fmt::format("<noscript><p class=\"quiet\">{}</p></noscript>\n", text("needs_script"));
  }

  // Within hours it may open again any minute.
  bool says_next() const {
    return now_.why == wire::door_reason::outside_hours || now_.why == wire::door_reason::past_last_intake;
  }

  std::string danger() const { return fmt::format("<p><strong>{}</strong></p>\n", text("danger")); }

  std::string telephones() const {
    std::string out = fmt::format("<h2>{}</h2>\n<ul>\n", text("lines"));
    for (const config::telephone& each : of_.telephones)
      out += fmt::format("<li>{}<br><a href=\"tel:{}\">{}</a><br><span class=\"quiet\">{} · {}</span></li>\n",
                         escape_html(by_language(each.name)),
                         escape_html(replace(replace(each.number, "-", ""), "#", "%23")), escape_html(each.number),
                         escape_html(by_language(each.hours)), escape_html(by_language(each.cost)));
    return out + "</ul>\n";
  }

  std::string hours() const {
    std::string out = fmt::format("<h2>{}</h2>\n<table>\n", text("hours"));
    const auto& week = main_desk(of_).hours.days;
    for (std::size_t day = 0; day < week.size(); ++day) {
      std::string spans;
      for (const desk::minute_span& span : week[day])
        spans += fmt::format("{}{}:{:02}–{}:{:02}", spans.empty() ? "" : ", ", span.from / 60, span.from % 60,
                             span.to / 60, span.to % 60);
      out +=
          fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", weekday(day), spans.empty() ? "—" : spans);
    }
    return out + "</table>\n";
  }

  std::string language_;
  const nlohmann::json& locale_;
  const config::centre_settings& of_;
  const front_state& now_;
};

}  // namespace

std::string draw_sections(const config::centre_settings& of, const front_state& now) {
  static const nlohmann::json ja = nlohmann::json::parse(embedded::locales_ja_json),
                              en = nlohmann::json::parse(embedded::locales_en_json);
  return section("ja", ja, of, now).draw() + section("en", en, of, now).draw();
}

}  // namespace tomoshibi
