#include "server/config/section.hpp"

#include <algorithm>
#include <numeric>

namespace tomoshibi::config {

namespace {

constexpr std::size_t text_bytes_max = 500;
const section::keys languages = {"ja", "ja-easy", "en", "pt", "zh", "vi"};

std::size_t edits_between(std::string_view a, std::string_view b) {  // Levenshtein
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string shown(const toml::node& value) {
  if (const auto* text = value.as_string()) return in_quotes(text->get());
  if (const auto* number = value.as_integer()) return std::to_string(number->get());
  if (const auto* truth = value.as_boolean()) return truth->get() ? "true" : "false";
  if (value.is_array()) return "a list";
  if (value.is_table()) return "a table";
  return "a value of another kind";
}

}  // namespace

std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown_bytes_max = 60;
  if (text.size() > shown_bytes_max) return "a text of " + std::to_string(text.size()) + " bytes";
  return "\"" + std::string(text) + "\"";
}

std::string one_of(const section::keys& words) {
  std::string out;
  std::size_t left = words.size();
  for (std::string_view word : words) {
    out += word;
    --left;
    if (left > 0) out += left == 1 ? " or " : ", ";
  }
  return out;
}

std::string_view nearest(std::string_view to, const section::keys& words) {
  for (std::string_view word : words) {
    if (to.starts_with(word)) return word;  // "monday" for "mon"
  }
  const auto closer = [to](std::string_view a, std::string_view b) {
    return edits_between(to, a) < edits_between(to, b);
  };
  const std::string_view best = *std::min_element(words.begin(), words.end(), closer);
  return edits_between(to, best) <= std::min<std::size_t>(3, best.size() / 2) ? best : std::string_view();
}

problems problem_list::by_line() const {
  std::vector<problem> sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  problems out;
  for (const problem& one : sorted) out.push_back(file_name_ + ":" + std::to_string(one.line) + ": " + one.what);
  return out;
}

section::section(problem_list& found, const toml::table& table, std::string name, const keys& known)
    : found_(found), table_(table), name_(std::move(name)) {
  for (const auto& [key, value] : table_) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    const std::string_view meant = nearest(key.str(), known);
    add(key.source().begin.line,
        "has no key " + in_quotes(key.str()) + "; " +
            (meant.empty() ? "allowed are " + one_of(known) : "is " + in_quotes(meant) + " meant?"));
  }
}

unsigned section::line(std::string_view key) const {
  const toml::node* value = table_.get(key);
  return value == nullptr ? line() : line_of(*value);
}

void section::missing(std::string_view key, std::string_view allowed) const {
  add(line(), "needs " + std::string(key) + ": " + std::string(allowed));
}

void section::wrong(std::string_view key, const toml::node& value, std::string_view allowed) const {
  add(line_of(value), std::string(key) + " is " + shown(value) + "; it must be " + std::string(allowed));
}

std::string section::text(std::string_view key, const form& of) const {
  const toml::node* value = table_.get(key);
  if (value == nullptr) return missing(key, of.allowed), "";
  const auto* text = value->as_string();
  if (text == nullptr || text->get().size() > text_bytes_max || !std::regex_match(text->get(), of.pattern)) {
    wrong(key, *value, of.allowed);
    return "";
  }
  return text->get();
}

std::string section::text(std::string_view key, const form& of, std::string_view absent) const {
  return table_.contains(key) ? text(key, of) : std::string(absent);
}

std::string section::choice(std::string_view key, const keys& allowed) const {
  const toml::node* value = table_.get(key);
  if (value == nullptr) {
    missing(key, one_of(allowed));
  } else if (const auto* text = value->as_string();
             text == nullptr || std::find(allowed.begin(), allowed.end(), text->get()) == allowed.end()) {
    wrong(key, *value, one_of(allowed));
  } else {
    return text->get();
  }
  return std::string(*allowed.begin());
}

unsigned section::whole(std::string_view key, unsigned least, unsigned most, unsigned absent) const {
  const toml::node* value = table_.get(key);
  if (value == nullptr) return absent;
  const auto* number = value->as_integer();
  if (number == nullptr || number->get() < least || number->get() > most) {
    wrong(key, *value, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return absent;
  }
  return static_cast<unsigned>(number->get());
}

bool section::truth(std::string_view key, bool absent) const {
  const toml::node* value = table_.get(key);
  if (value == nullptr) return absent;
  if (const auto* truth = value->as_boolean()) return truth->get();
  wrong(key, *value, "true or false");
  return absent;
}

texts section::by_language(std::string_view key) const {
  const std::string allowed = "a text per language, such as { ja = \"...\", en = \"...\" }";
  texts out;
  const toml::node* value = table_.get(key);
  if (value == nullptr) return missing(key, allowed), out;
  const toml::table* table = value->as_table();
  if (table == nullptr) return wrong(key, *value, allowed), out;
  const section per_language(found_, *table, name_ + " " + std::string(key), languages);
  for (const auto& [language, one] : *table) {
    const auto* text = one.as_string();
    if (text == nullptr || text->get().empty() || text->get().size() > text_bytes_max) {
      per_language.wrong(language.str(), one, "text of 1 to " + std::to_string(text_bytes_max) + " bytes");
    } else {
      out.emplace(language.str(), text->get());
    }
  }
  for (const char* required : {"ja", "en"}) {
    if (!table->contains(required))
      add(line_of(*value), std::string(key) + " lacks the language " + in_quotes(required) + "; add it");
  }
  return out;
}

std::vector<std::string> section::list(std::string_view key, const form& of, std::vector<std::string> absent) const {
  const toml::node* value = table_.get(key);
  if (value == nullptr) return absent;
  std::vector<std::string> out;
  each_text(key, *value, of.allowed, [&](const std::string& text, unsigned line) {
    if (text.size() > text_bytes_max || !std::regex_match(text, of.pattern)) {
      add(line, std::string(key) + " has " + in_quotes(text) + "; each must be " + of.allowed);
    } else if (std::find(out.begin(), out.end(), text) != out.end()) {
      add(line, std::string(key) + " has " + in_quotes(text) + " twice; leave one out");
    } else {
      out.push_back(text);
    }
  });
  if (const auto* array = value->as_array(); array != nullptr && array->empty()) {
    add(line_of(*value), std::string(key) + " is empty; it needs at least one of " + of.allowed);
  }
  return out;
}

void section::each_text(std::string_view key, const toml::node& array, std::string_view allowed,
                        const std::function<void(const std::string&, unsigned)>& take) const {
  if (!array.is_array()) return wrong(key, array, "a list [\"...\", \"...\"] of " + std::string(allowed));
  for (const toml::node& one : *array.as_array()) {
    if (const auto* text = one.as_string()) {
      take(text->get(), line_of(one));
    } else {
      add(line_of(one), std::string(key) + " has " + shown(one) + "; each must be " + std::string(allowed));
    }
  }
}

void section::each(std::string_view key, const std::function<void(const toml::table&)>& take) const {
  const toml::node* value = table_.get(key);
  if (value == nullptr) return;
  if (!value->is_array_of_tables()) {
    return add(line_of(*value), std::string(key) + " is written [[" + std::string(key) + "]], once for each");
  }
  for (const toml::node& one : *value->as_array()) take(*one.as_table());
}

void section::one(std::string_view key, bool required, const std::function<void(const toml::table&)>& take) const {
  const toml::node* value = table_.get(key);
  if (value == nullptr) {
    if (required) add(line(), "has no [" + std::string(key) + "]; it needs one");
  } else if (const toml::table* table = value->as_table()) {
    take(*table);
  } else {
    add(line_of(*value), std::string(key) + " is written [" + std::string(key) + "], once");
  }
}

}  // namespace tomoshibi::config
