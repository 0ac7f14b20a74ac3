#include "server/net/page.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tomoshibi::net {
namespace {

std::string in_small_letters(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t from = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(from, text.find_last_not_of(blanks) + 1 - from);
}

// What comes before the mark; it is taken off the text, and the mark with it.
std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t end = std::min(text.find(mark), text.size());
  const std::string_view out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

bool is_token(std::string_view text) {
  constexpr std::string_view characters = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

// "q=0.5": from 0 to 1, with at most three decimals.
bool is_weight(std::string_view text) {
  if (!text.starts_with("q=0") && !text.starts_with("q=1")) return false;
  const std::string_view decimals = text.substr(3);
  if (decimals.empty()) return true;
  return decimals.size() <= 4 && decimals[0] == '.' &&
         decimals.find_first_not_of(text[2] == '0' ? "0123456789" : "0", 1) == decimals.npos;
}

struct coding {
  std::string_view name;
  bool taken;  // its weight is not 0
};

std::optional<coding> read_coding(std::string_view text) {
  const bool weighed = text.find(';') != text.npos;
  const std::string_view name = trim(take_until(text, ';')), weight = trim(text);
  if (!is_token(name) || (weighed && !is_weight(weight))) return std::nullopt;
  return coding{name, !weighed || weight.find_first_of("123456789") != weight.npos};
}

}  // namespace

encodings read_accept_encoding(std::string_view header) {
  std::optional<bool> br, gzip, others;
  const std::string list = in_small_letters(header);
  for (std::string_view rest = list; !rest.empty();) {
    const std::string_view element = trim(take_until(rest, ','));
    if (element.empty()) continue;  // as the grammar of lists allows
    const auto read = read_coding(element);
    if (!read) return {};
    for (const auto& [name, taken] : {std::pair{"br", &br}, {"gzip", &gzip}, {"*", &others}}) {
      if (read->name == name) *taken = taken->value_or(true) && read->taken;  // refused once is refused
    }
  }
  return {br.value_or(others.value_or(false)), gzip.value_or(others.value_or(false))};
}

encoded choose(const page& from, encodings taken) {
  if (from.br && taken.br) return {"br", from.br};
  if (from.gzip && taken.gzip) return {"gzip", from.gzip};
  return {{}, from.body};
}

}  // namespace tomoshibi::net
