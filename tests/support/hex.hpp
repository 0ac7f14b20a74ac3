// Hexadecimal in tests and vectors. A vector file has lines `name = hex`; # begins a comment line.
#pragma once

#include <map>
#include <sstream>
#include <string>

#include "crypto/bytes.hpp"
#include "tests/support/read_text.hpp"

namespace tomoshibi::support {

inline bytes from_hex(std::string_view in) {
  const auto digit = [](char c) { return static_cast<byte>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); };
  bytes out;
  for (std::size_t i = 0; i + 1 < in.size(); i += 2)
    out.push_back(static_cast<byte>(digit(in[i]) << 4 | digit(in[i + 1])));
  return out;
}

template <std::size_t N>
block<N> block_from_hex(std::string_view in) {
  return reader(from_hex(in)).take<N>();
}

inline std::map<std::string, bytes> read_vectors(const std::string& path) {
  std::map<std::string, bytes> out;
  std::istringstream file(read_text(path));
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(" = ");
    if (line.starts_with('#') || at == std::string::npos) continue;
    out[line.substr(0, at)] = from_hex(std::string_view(line).substr(at + 3));
  }
  return out;
}

}  // namespace tomoshibi::support
