#include "server/html.hpp"

#include <algorithm>
#include <iterator>

namespace tomoshibi {
namespace {

struct placeholder {
  std::string_view name;
  std::string page_values::*value;
};

constexpr placeholder placeholders[] = {{"{{root}}", &page_values::root},
                                        {"{{desk}}", &page_values::desk},
                                        {"{{exit}}", &page_values::exit},
                                        {"{{signed}}", &page_values::signed_files},
                                        {"{{sections}}", &page_values::sections}};

constexpr std::size_t shown_bytes_max = 40;  // of what is no placeholder

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::expected<html_template, std::string> html_template::read(std::string_view text) {
  html_template out;
  for (std::size_t from = 0; (from = text.find("{{")) != text.npos;) {
    const std::size_t end = std::min(text.find("}}", from), text.size() - 2) + 2;
    const std::string_view name = text.substr(from, end - from);
    const auto known = std::ranges::find(placeholders, name, &placeholder::name);
    if (known == std::end(placeholders))
      return std::unexpected(
          std::string(name.substr(0, shown_bytes_max)) +
          " stands for nothing; what is filled in is {{root}}, {{desk}}, {{exit}}, {{signed}} and {{sections}}");
    out.pieces_.push_back({std::string(text.substr(0, from)), known->value});
    text.remove_prefix(end);
  }
  out.rest_ = text;
  return out;
}

// Values are not searched for placeholders: a name in the configuration may look like one.
std::string html_template::fill(const page_values& with) const {
  std::string out;
  for (const piece& each : pieces_) {
    out += each.before;
    out += each.value == &page_values::sections ? with.sections : escape_html(with.*each.value);
  }
  return out += rest_;
}

}  // namespace tomoshibi
