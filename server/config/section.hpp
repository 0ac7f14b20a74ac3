// One table of a TOML file, read key by key: what is missing, mistyped, out of range or unknown is noted with its
// line, and reading goes on, so that all problems are told at once.
#pragma once

#include <toml++/toml.h>

#include <functional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/config.hpp"

namespace tomoshibi::config {

class problem_list {
 public:
  explicit problem_list(std::string_view file_name) : file_name_(file_name) {}

  void add(unsigned line, const std::string& what) { found_.push_back({line, what}); }
  bool empty() const { return found_.empty(); }
  problems by_line() const;

 private:
  struct problem {
    unsigned line;
    std::string what;
  };
  std::string file_name_;
  std::vector<problem> found_;
};

// A form that text must have, and how to say so.
struct form {
  std::regex pattern;
  std::string allowed;  // "lower-case letters, digits and hyphens, at most 32"
};

class section {
 public:
  using keys = std::vector<std::string_view>;

  // `name` is how a person finds it: "[centre]", "[[desk]]". Notes every key that is not `known`.
  section(problem_list& found, const toml::table& table, std::string name, const keys& known);

  unsigned line() const { return line_of(table_); }
  unsigned line(std::string_view key) const;  // of its value; of the section, if there is none
  void add(unsigned line, const std::string& what) const { found_.add(line, name_ + " " + what); }
  void rename(std::string name) { name_ = std::move(name); }  // once it is known which one of several it is

  // What is not there gives `absent`, or is noted where none is given. What is wrong is noted, and gives something.
  std::string text(std::string_view key, const form& of) const;
  std::string text(std::string_view key, const form& of, std::string_view absent) const;
  std::string choice(std::string_view key, const keys& allowed) const;  // the first one, if it is wrong
  unsigned whole(std::string_view key, unsigned least, unsigned most, unsigned absent) const;
  bool truth(std::string_view key, bool absent) const;
  texts by_language(std::string_view key) const;
  std::vector<std::string> list(std::string_view key, const form& of, std::vector<std::string> absent) const;

  // Calls for each [[key]] in turn, or for the one [key].
  void each(std::string_view key, const std::function<void(const toml::table&)>& take) const;
  void one(std::string_view key, bool required, const std::function<void(const toml::table&)>& take) const;
  // Calls for each text of an array. `key` names its place in the problems.
  void each_text(std::string_view key, const toml::node& array, std::string_view allowed,
                 const std::function<void(const std::string&, unsigned line)>& take) const;

 private:
  static unsigned line_of(const toml::node& node) { return node.source().begin.line; }
  void missing(std::string_view key, std::string_view allowed) const;
  void wrong(std::string_view key, const toml::node& value, std::string_view allowed) const;

  problem_list& found_;
  const toml::table& table_;
  std::string name_;
};

std::string in_quotes(std::string_view text);
// "a, b or c"
std::string one_of(const section::keys& words);
// The word that was probably meant, or nothing.
std::string_view nearest(std::string_view to, const section::keys& words);

}  // namespace tomoshibi::config
