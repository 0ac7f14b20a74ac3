// Text in fixed layouts.
#pragma once

#include <optional>
#include <string>

#include "crypto/bytes.hpp"

namespace tomoshibi::crypto {

// RFC 3629: shortest form only, no surrogates, nothing above U+10FFFF.
bool is_utf8(bytes_view in);

// A pseudonym: 1 to 32 bytes of UTF-8 without a zero byte, padded with zeros.
inline constexpr std::size_t alias_bytes = 32;
bool is_alias(std::string_view in);
template <class Out>
void write_alias(basic_writer<Out>& out, std::string_view alias) {
  const std::size_t end = out.size() + alias_bytes;
  out.put(alias).pad_to(end);
}
std::optional<std::string> read_alias(reader& in);

}  // namespace tomoshibi::crypto
