// HTML that is made for each request: escaped text, and templates with {{placeholders}}.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace tomoshibi {

std::string escape_html(std::string_view text);  // for text, and for an attribute in quotes

// What the placeholders of the same names stand for.
struct page_values {
  std::string root;          // the root's fingerprint, in hexadecimal
  std::string desk;          // the id of the desk that survivors come to
  std::string exit;          // where the exit leads
  std::string signed_files;  // those that `welcome` names, each in base64, so that a page need not ask for them
  std::string sections;      // HTML already; the others are escaped when they are filled in
};

class html_template {
 public:
  // The error is what to say of a text with a placeholder that stands for nothing.
  static std::expected<html_template, std::string> read(std::string_view text);
  std::string fill(const page_values& with) const;

 private:
  struct piece {
    std::string before;
    std::string page_values::*value;
  };
  std::vector<piece> pieces_;
  std::string rest_;
};

}  // namespace tomoshibi
