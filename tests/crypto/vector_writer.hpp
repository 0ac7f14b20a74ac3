// Writes a file of vectors, lines `name = hex`.
#pragma once

#include <string>

#include "crypto/hash.hpp"

namespace tomoshibi::crypto {

class vector_writer {
 public:
  explicit vector_writer(std::string_view preface) : text_(preface) {}

  void line(std::string_view name, bytes_view value) {
    text_.append(name).append(" = ").append(to_hex(value)) += '\n';
  }
  void number(std::string_view name, std::uint64_t value) { line(name, writer().number(value).finish()); }
  void object(const std::string& name, bytes_view value) {
    line(name, value);
    line(name + ".hash", sha256(value));
  }
  void section(std::string_view title) { text_.append("\n# ").append(title) += '\n'; }
  std::string finish() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace tomoshibi::crypto
