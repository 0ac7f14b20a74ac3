// A sealed letter, written when nobody is there, and the reply to it. PROTOCOL.md, "Letter".
//
// A letter is sealed to the keys of one local day of two to eight members of staff; its reply to a key that the
// letter carries, authenticated by the letter's psk: only who has opened the letter can make one. On the wire both
// travel in pieces (pieces.hpp): 5 or 11, and 3.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/inbox.hpp"
#include "crypto/pieces.hpp"
#include "crypto/session.hpp"
#include "crypto/text.hpp"
#include "crypto/trust.hpp"

namespace tomoshibi::crypto {

using letter_id = block<16>;  // the survivor's, random for each letter

inline constexpr std::size_t letter_readers_least = 2;
inline constexpr std::size_t letter_slots = 8;
inline constexpr std::size_t letter_head_bytes = 1 + 16 + 4 + 32;
inline constexpr std::size_t letter_slot_bytes = 1120 + 32 + 16;
inline constexpr std::size_t letter_body_head_bytes = 1 + 1 + 32 + 1216 + 4;
inline constexpr std::size_t letter_body_short_bytes = 8192, letter_body_long_bytes = 32768;
constexpr std::size_t letter_bytes(std::size_t body) {
  return letter_head_bytes + letter_slots * letter_slot_bytes + body + 16;
}
inline constexpr std::size_t letter_short_bytes = letter_bytes(letter_body_short_bytes);  // 17,605
inline constexpr std::size_t letter_long_bytes = letter_bytes(letter_body_long_bytes);    // 42,181
inline constexpr std::size_t letter_text_short_bytes_max = letter_body_short_bytes - letter_body_head_bytes;  // 6,938
inline constexpr std::size_t letter_text_bytes_max = letter_body_long_bytes - letter_body_head_bytes;  // 31,514

// --- writing ---

struct reader_key {
  hash32 certificate_hash{};
  kem_public_key key{};
};

// What the server shows of one reader; both are signed objects.
struct reader_shown {
  bytes certificate;
  bytes inbox_key;
};

// Those whom a survivor's client seals to: the certificate is good (trust::check), a counselor's or supervisor's of
// this desk, and its roster entry says that it reads letters; the inbox key is signed by it, names it, and is of this
// day. Others are left out without a word, and so is a person's second certificate. `now`: the centre's clock.
// not_yet_valid, expired: the day is more than one beside that of `now`. not_listed: fewer than two are left.
result<std::vector<reader_key>> choose_readers(std::span<const reader_shown> shown, const trust& believed,
                                               const desk_id& desk, local_day day, seconds now);

struct letter_head {
  letter_id id{};
  local_day day = 0;     // the centre's local day on which it is written
  hash32 roster_hash{};  // what its writer believes
  bool operator==(const letter_head&) const = default;
};

// How a letter is answered, if its writer wants that: half of what a return phrase gives.
struct answer_keys {
  psk with;
  kem_public_key to{};
};

struct letter_content {
  byte language = 0;  // as in type 01 of the frames; not judged here
  std::optional<answer_keys> answer;
  secret_bytes text;  // UTF-8
};

// As short as the text allows. Of more than eight readers those are taken whom the letter's id chooses; a reader
// whose key is no key is left out. malformed: the text is not UTF-8. out_of_bounds: it is longer than
// letter_text_bytes_max. not_listed: fewer than two readers are left.
result<bytes> seal_letter(const letter_head& head, const letter_content& content, std::span<const reader_key> readers,
                          random_source& random);

// --- reading ---

result<letter_head> read_letter_head(bytes_view letter);  // malformed: length, version

// `id`: under which the server gave it. malformed: length, version, or what was sealed breaks the layout.
// wrong_binding: it is another letter. expired: the inbox has no key of its day. cannot_open: it is not for this
// inbox, or altered.
result<letter_content> open_letter(bytes_view letter, const letter_id& id, const inbox& keys);

// --- the reply ---

inline constexpr std::size_t reply_plain_bytes = 8192;
inline constexpr std::size_t reply_bytes = 1 + 16 + 1120 + reply_plain_bytes + 16;              // 9,345
inline constexpr std::size_t reply_text_bytes_max = reply_plain_bytes - (1 + alias_bytes + 4);  // 8,155

struct reply_content {
  byte language = 0;
  std::string alias;  // whoever answers says so: one of the letter's readers, and no signature proves which
  secret_bytes text;  // UTF-8
};

// malformed: text or alias, or the letter's key is no key. out_of_bounds: the text is longer than
// reply_text_bytes_max.
result<bytes> seal_reply(const letter_id& id, const answer_keys& answer, const reply_content& content,
                         random_source& random);
// malformed: length, version, or what was sealed breaks the layout. wrong_binding: it answers another letter.
// cannot_open: made by somebody who has not read the letter, altered, or for another phrase.
result<reply_content> open_reply(bytes_view reply, const letter_id& id, const kem_secret_key& key, const psk& with);

}  // namespace tomoshibi::crypto
