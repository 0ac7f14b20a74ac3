// One conversation: what is durable about it, what is presence only, and how it is written down for the store.
#pragma once

#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/wire/messages.hpp"

namespace tomoshibi::desk {

using wire::conversation_id;
using wire::desk_id;
using wire::frame_number;
using wire::seconds;

using connection_id = std::uint64_t;           // never reused within a process
using staff_id = wire::hash;                   // the name of a certificate
using message = std::shared_ptr<const bytes>;  // an encoded wire message, the same for the store and for the peer

// From `since` to `now`; a clock that was set back gives 0.
constexpr seconds elapsed(seconds since, seconds now) { return now > since ? now - since : 0; }

// Something that may be done so often at once, and then once each pause.
struct rate {
  unsigned at_once;
  seconds pause;
};
class allowance {
 public:
  bool take(const rate& by, seconds now);  // false: not now

 private:
  seconds used_until_ = 0;  // time is used up in advance, a pause each
};

enum class side : byte { survivor = 0, counselor = 1 };
constexpr side other(side of) { return of == side::survivor ? side::counselor : side::survivor; }

// The frames for one side that it has not taken yet, numbered without a gap from `taken + 1`.
struct mailbox {
  frame_number taken = 0;
  std::deque<message> waiting;

  frame_number stored() const { return taken + waiting.size(); }
};

struct conversation {
  // --- durable ---
  desk_id desk{};
  std::uint64_t order = 0;  // of entry, within the centre: who is before whom in a line
  seconds entered = 0;
  wire::nonce challenge{};              // the survivor's latest: the next OFFER is for it
  std::vector<wire::hash> tokens;       // at most wire::tokens_max, oldest first; none once the survivor has left
  std::optional<staff_id> counselor;    // set by the first offer, for good
  bool greeted = false;                 // there was a HELLO: both may talk
  bool nonce_wanted = false;            // the counselor asked again and the survivor has not answered yet
  std::optional<wire::calling> wanted;  // an offer for `challenge` that the survivor has not answered; never `first`
  seconds survivor_left = 0, counselor_left = 0;  // when; 0: not
  mailbox to_survivor, to_counselor;

  // --- presence only ---
  std::optional<connection_id> survivor;
  seconds away_since = 0;          // while there is no `survivor`
  std::optional<staff_id> called;  // the colleague asked to accept, while in the line
  seconds called_at = 0;
  std::optional<std::uint32_t> ahead_told;
  allowance nonces;
  seconds ticks = 0;  // since it was loaded or entered

  bool in_line() const { return !counselor; }
  bool has_left(side who) const { return (who == side::survivor ? survivor_left : counselor_left) != 0; }
  mailbox& mail_for(side who) { return who == side::survivor ? to_survivor : to_counselor; }
  bool has_token(const wire::hash& shown) const;
};

// The durable part but for the frames themselves. Layout: conversation.cpp.
bytes encode(const conversation& from);
// The error is a sentence: an unknown version, or not what `encode` wrote.
std::expected<conversation, std::string> decode_conversation(bytes_view in);

}  // namespace tomoshibi::desk
