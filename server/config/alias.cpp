#include "server/config/alias.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace tomoshibi::config {
namespace {

// The next character of UTF-8 text, taken off its front; none: it is not UTF-8 (RFC 3629).
std::optional<std::uint32_t> take_character(std::string_view& text) {
  const auto byte_at = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte_at(0);
  const std::size_t size = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (size == 0 || size > text.size()) return std::nullopt;
  std::uint32_t out = size == 1 ? first : first & (0x7fu >> size);
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte_at(at) & 0xc0) != 0x80) return std::nullopt;
    out = out << 6 | (byte_at(at) & 0x3f);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (out < least[size] || out > 0x10ffff || (out >= 0xd800 && out < 0xe000)) return std::nullopt;
  text.remove_prefix(size);
  return out;
}

bool is_unseen(std::uint32_t c) {
  constexpr std::pair<std::uint32_t, std::uint32_t> ranges[] = {{0x0, 0x1f},      {0x7f, 0x9f},     {0xad, 0xad},
                                                                {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
                                                                {0xfeff, 0xfeff}};
  return std::ranges::any_of(ranges, [&](const auto& range) { return c >= range.first && c <= range.second; });
}

bool is_blank(std::uint32_t c) { return c == ' ' || c == 0xa0 || c == 0x3000; }

}  // namespace

std::string fault_of_alias(std::string_view alias) {
  if (alias.empty() || alias.size() > alias_bytes_max)
    return "a pseudonym has 1 to 32 bytes of UTF-8, ten kana or kanji at most; choose another";
  for (std::string_view left = alias; !left.empty();) {
    const bool at_beginning = left.size() == alias.size();
    const auto next = take_character(left);
    if (!next) return "the pseudonym is not UTF-8; choose another";
    if (is_unseen(*next)) return "the pseudonym has a character that is not seen; choose another";
    if (is_blank(*next) && (at_beginning || left.empty()))
      return "the pseudonym begins or ends with a blank; choose another";
  }
  return {};
}

}  // namespace tomoshibi::config
