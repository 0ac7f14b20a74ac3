#include "client-web/core/unlock.hpp"

#include "client-web/core/bridge.hpp"
#include "crypto/key_file.hpp"

namespace tomoshibi::core {
namespace {

// The next character of UTF-8 text, taken off its front: ASCII for its full-width form (U+FF01 to U+FF5E, and the
// space U+3000), else the one byte that is there.
byte take_half_width(bytes_view& text) {
  const auto at = [&](std::size_t place) { return place < text.size() ? text[place] : byte{0}; };
  const unsigned last_two = (at(1) & 0x3fu) << 6 | (at(2) & 0x3fu);  // of a character's 16 bits in three bytes
  const bool wide_space = at(0) == 0xe3 && at(1) == 0x80 && at(2) == 0x80;
  const bool wide_letter =
      at(0) == 0xef && (at(1) & 0xc0) == 0x80 && (at(2) & 0xc0) == 0x80 && last_two >= 0xf01 && last_two <= 0xf5e;
  const byte out = wide_space ? byte{' '} : wide_letter ? static_cast<byte>(last_two - 0xf01 + '!') : at(0);
  text = text.subspan(wide_space || wide_letter ? 3 : 1);
  return out;
}

}  // namespace

crypto::secret_bytes tidy_passphrase(bytes_view typed) {
  crypto::secret_bytes out;
  bool space = false;  // white space since the last word
  while (!typed.empty()) {
    const byte next = take_half_width(typed);
    if (next == ' ' || (next >= '\t' && next <= '\r')) {
      space = true;
      continue;
    }
    if (space && !out.empty()) out.push_back(' ');
    space = false;
    out.push_back(next >= 'A' && next <= 'Z' ? static_cast<byte>(next - 'A' + 'a') : next);
  }
  return out;
}

event unlock(const from_staff::unlock& with) {
  auto opened = crypto::open_key_file(with.key_file, as_words(tidy_passphrase(with.passphrase)), with.prf);
  if (!opened) return not_unlocked{opened.error()};
  return unlocked{std::move(opened->certificate), opened->sign, opened->agree};
}

}  // namespace tomoshibi::core
