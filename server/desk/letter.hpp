// One letter, and one member's keys for letters: what is durable about them, what is presence only, and how they are
// written down for the store, where each is a row of its own beside the conversations.
#pragma once

#include <map>
#include <set>

#include "server/desk/conversation.hpp"

namespace tomoshibi::desk {

using wire::day_number;
using wire::letter_id;

// Where an answer is fetched, and the key that proves who fetches it.
struct return_phrase {
  wire::hash locator_hash{};
  block<32> sign_key{};
  bool operator==(const return_phrase&) const = default;
};

enum class letter_state : byte {
  waiting = 0,
  answered = 1,    // its text is erased, its reply is kept
  read = 2,        // its text is erased; only if it came with a phrase
  never_read = 3,  // likewise: nobody can open it any more
};

struct letter {
  // --- durable ---
  conversation_id row{};  // in the store
  desk_id desk{};
  day_number day = 0;
  seconds stored_at = 0, kept_until = 0;
  wire::hash digest{};
  byte parts = 0;
  std::optional<return_phrase> phrase;
  letter_state state = letter_state::waiting;
  std::vector<message> text;   // its parts; none once it is not waiting
  std::vector<message> reply;  // the parts of its answer

  // --- presence only ---
  std::optional<connection_id> reader;
  std::set<staff_id> put_back_by;

  // The same thing said again.
  bool is_same(const letter& other) const;
};

// Public keys of one certificate, each signed by it. They come and go day by day.
struct inbox {
  conversation_id row{};
  desk_id desk{};
  block<32> holder{};  // the certificate's signing key: the same in its successors
  block<wire::certificate_bytes> certificate{};
  std::map<day_number, block<wire::inbox_key_bytes>> keys;  // mail in the store
};

// A row's name in the store is random: whoever chooses the id of a conversation must not hit upon it. Its first byte
// says what it is; conversation.cpp has 1. Layouts: letter.cpp.
inline constexpr byte letter_kind = 0x11, inbox_kind = 0x21;

bytes encode(const letter_id& id, const letter& from);  // all but its parts and its reply
bytes encode(const inbox& from);                        // all but its keys

struct stored_letter {
  letter_id id{};
  letter fields;
};
// The error is a sentence: not what `encode` wrote.
std::expected<stored_letter, std::string> decode_letter(bytes_view in);
std::expected<inbox, std::string> decode_inbox(bytes_view in);

}  // namespace tomoshibi::desk
