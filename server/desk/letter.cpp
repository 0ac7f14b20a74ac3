#include "server/desk/letter.hpp"

namespace tomoshibi::desk {

// kind1 | id16 | desk16 | day4 | stored_at8 | kept_until8 | digest32 | parts1 | state1 |
// phrase: 0, or 1 and locator_hash32 and sign_key32
bytes encode(const letter_id& id, const letter& from) {
  writer out(160);
  out.number(letter_kind).put(id).put(from.desk).number(from.day).number(from.stored_at).number(from.kept_until);
  out.put(from.digest).number(from.parts).number(static_cast<byte>(from.state));
  out.number<byte>(from.phrase ? 1 : 0);
  if (from.phrase) out.put(from.phrase->locator_hash).put(from.phrase->sign_key);
  return out.finish();
}

std::expected<stored_letter, std::string> decode_letter(bytes_view from) {
  reader in(from);
  stored_letter out;
  bool valid = in.number<byte>() == letter_kind;
  out.id = in.take<16>();
  out.fields.desk = in.take<16>();
  out.fields.day = in.number<day_number>();
  out.fields.stored_at = in.number<seconds>();
  out.fields.kept_until = in.number<seconds>();
  out.fields.digest = in.take<32>();
  out.fields.parts = in.number<byte>();
  const byte state = in.number<byte>(), with_phrase = in.number<byte>();
  valid = valid && state <= static_cast<byte>(letter_state::never_read) && with_phrase <= 1;
  out.fields.state = static_cast<letter_state>(state);
  if (with_phrase == 1) {
    return_phrase& phrase = out.fields.phrase.emplace();
    phrase.locator_hash = in.take<32>();
    phrase.sign_key = in.take<32>();
  }
  if (!valid || !in.complete()) return std::unexpected("a stored letter is damaged: its layout does not hold");
  return out;
}

// kind1 | desk16 | holder32 | certificate202
bytes encode(const inbox& from) {
  writer out(256);
  out.number(inbox_kind).put(from.desk).put(from.holder).put(from.certificate);
  return out.finish();
}

std::expected<inbox, std::string> decode_inbox(bytes_view from) {
  reader in(from);
  inbox out;
  const bool valid = in.number<byte>() == inbox_kind;
  out.desk = in.take<16>();
  out.holder = in.take<32>();
  out.certificate = in.take<wire::certificate_bytes>();
  if (!valid || !in.complete())
    return std::unexpected("the stored keys of an inbox are damaged: their layout does not hold");
  return out;
}

bool letter::is_same(const letter& other) const {
  return desk == other.desk && day == other.day && digest == other.digest && parts == other.parts &&
         phrase == other.phrase;
}

}  // namespace tomoshibi::desk
