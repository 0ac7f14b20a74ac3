#include "crypto/text.hpp"

namespace tomoshibi::crypto {

bool is_utf8(bytes_view in) {
  for (std::size_t i = 0; i < in.size();) {
    const byte first = in[i];
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xc2 ? 0
                               : first < 0xe0 ? 2
                               : first < 0xf0 ? 3
                               : first < 0xf5 ? 4
                                              : 0;
    if (length == 0 || length > in.size() - i) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((in[i + k] & 0xc0) != 0x80) return false;
    }
    if (first == 0xe0 && in[i + 1] < 0xa0) return false;
    if (first == 0xed && in[i + 1] > 0x9f) return false;
    if (first == 0xf0 && in[i + 1] < 0x90) return false;
    if (first == 0xf4 && in[i + 1] > 0x8f) return false;
    i += length;
  }
  return true;
}

bool is_alias(std::string_view in) {
  return !in.empty() && in.size() <= alias_bytes && in.find('\0') == std::string_view::npos && is_utf8(as_bytes(in));
}

std::optional<std::string> read_alias(reader& in) {
  const auto padded = in.take<alias_bytes>();
  const auto end = std::find(padded.begin(), padded.end(), byte{0});
  std::string alias = as_text(bytes_view(padded).first(static_cast<std::size_t>(end - padded.begin())));
  if (!is_alias(alias) || !std::all_of(end, padded.end(), [](byte b) { return b == 0; })) return std::nullopt;
  return alias;
}

}  // namespace tomoshibi::crypto
