#include "server/desk/conversation.hpp"

#include <algorithm>

namespace tomoshibi::desk {
namespace {

// version1 | desk16 | order8 | entered8 | challenge32 | counselor: 0, or 1 and 32 | greeted1 | nonce_wanted1 |
// wanted1 (0: none) | survivor_left8 | counselor_left8 | taken by survivor8, by counselor8 | tokens: count1, 32 each
constexpr byte version = 1;

bool read_flag(reader& in, bool& valid) {
  const byte value = in.number<byte>();
  valid = valid && value <= 1;
  return value == 1;
}

std::optional<wire::calling> read_wanted(reader& in, bool& valid) {
  const byte value = in.number<byte>();
  if (value == 0) return std::nullopt;
  valid = valid && value <= static_cast<byte>(wire::calling::invited);
  return static_cast<wire::calling>(value);
}

// Does not tell by its time how much of a hash was right.
bool same(const wire::hash& a, const wire::hash& b) {
  byte difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<byte>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace

bool conversation::has_token(const wire::hash& shown) const {
  bool found = false;
  for (const wire::hash& known : tokens) found = same(known, shown) || found;
  return found;
}

bool allowance::take(const rate& by, seconds now) {
  const seconds latest = now + (by.at_once - 1) * by.pause;
  used_until_ = std::clamp(used_until_, now, latest + by.pause);  // a clock may be set back
  if (used_until_ > latest) return false;
  used_until_ += by.pause;
  return true;
}

bytes encode(const conversation& from) {
  writer out(320);
  out.number(version).put(from.desk).number(from.order).number(from.entered).put(from.challenge);
  out.number<byte>(from.counselor ? 1 : 0);
  if (from.counselor) out.put(*from.counselor);
  out.number<byte>(from.greeted).number<byte>(from.nonce_wanted);
  out.number(from.wanted ? static_cast<byte>(*from.wanted) : byte{0});
  out.number(from.survivor_left).number(from.counselor_left);
  out.number(from.to_survivor.taken).number(from.to_counselor.taken);
  out.number(static_cast<byte>(from.tokens.size()));
  for (const wire::hash& token : from.tokens) out.put(token);
  return out.finish();
}

std::expected<conversation, std::string> decode_conversation(bytes_view from) {
  reader in(from);
  if (const byte found = in.number<byte>(); in.ok() && found != version)
    return std::unexpected("a stored conversation has layout version " + std::to_string(found) +
                           ", this program knows version " + std::to_string(version) +
                           ": run the program that wrote it, or wait until its conversations have ended");
  conversation out;
  bool valid = true;
  out.desk = in.take<16>();
  out.order = in.number<std::uint64_t>();
  out.entered = in.number<std::uint64_t>();
  out.challenge = in.take<32>();
  if (read_flag(in, valid)) out.counselor = in.take<32>();
  out.greeted = read_flag(in, valid);
  out.nonce_wanted = read_flag(in, valid);
  out.wanted = read_wanted(in, valid);
  out.survivor_left = in.number<std::uint64_t>();
  out.counselor_left = in.number<std::uint64_t>();
  out.to_survivor.taken = in.number<std::uint64_t>();
  out.to_counselor.taken = in.number<std::uint64_t>();
  const byte tokens = in.number<byte>();
  valid = valid && tokens <= wire::tokens_max;
  for (byte i = 0; valid && i < tokens; ++i) out.tokens.push_back(in.take<32>());
  if (!valid || !in.complete()) return std::unexpected("a stored conversation is damaged: its layout does not hold");
  return out;
}

}  // namespace tomoshibi::desk
