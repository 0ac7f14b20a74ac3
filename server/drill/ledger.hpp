// Every text of a drill, from said to read: what was said is known word for word, so what arrives can be checked.
//
// What a text is owed (crypto/PROTOCOL.md, "Resume"; server/wire/WIRE.md, "Mail"):
//
// A text is with its sender until `delivered`, and is sent again in each new session: as long as the sender keeps its
// memory, it must arrive, whatever happens to networks, to the server and to the receiver's page. A sender that loses
// its memory (a reload) or leaves by exit can send nothing again. Then the text has
// - to arrive all the same if its sender knew it as `stored`: the server passes it on, and the receiver still has the
//   session that opens it. Not if the receiver lost its memory too, after the text was said or so shortly before that
//   the session after it had not begun;
// - else no claim: it may have been on no more than its sender's page.
// Nothing that a receiver has not read by the time it leaves by exit is owed to it any more.
//
// What is owed and missing is lost; what is missing without a claim is forgotten. Whoever forgot what they said, or
// spoke to somebody who has left, cannot be told `delivered`: for such a text, to be read is enough.
//
// Twice, and in the wrong order, is judged on one screen: a page that is loaded again begins with an empty one. What
// is recalled from before stands above what arrives.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/objects.hpp"
#include "crypto/random.hpp"
#include "server/drill/latencies.hpp"

namespace tomoshibi::drill {

enum class speaker : byte { survivor, counselor };
inline constexpr speaker other(speaker one) {
  return one == speaker::survivor ? speaker::counselor : speaker::survivor;
}

struct totals {
  std::uint64_t sent = 0;        // texts said; each is one of the next three
  std::uint64_t delivered = 0;   // read by the peer, word for word, and known as delivered to whoever can know it
  std::uint64_t lost = 0;        // owed, and not delivered
  std::uint64_t forgotten = 0;   // never read, and not owed
  std::uint64_t duplicated = 0;  // shown on one screen more than once
  std::uint64_t reordered = 0;   // shown below a text that was said later
  std::uint64_t altered = 0;     // shown, but never said
  bool clean() const { return sent > 0 && lost == 0 && duplicated == 0 && reordered == 0 && altered == 0; }
};

// Every text of a drill begins with it, so that a search of what a server leaves behind knows what to look for.
inline constexpr std::string_view text_marker = "a word said in a drill";

class ledger {
 public:
  // A text that nobody else ever says: mostly a line or two, some long enough to need several frames.
  std::string next_text(const crypto::conversation_id& in, speaker who, crypto::random_source& random);

  // --- a text ---
  // `due`: when it was meant to be said.
  void said(const crypto::conversation_id& in, speaker who, std::string text, const block<16>& id, moment due = {});
  void stored(const crypto::conversation_id& in, speaker who, const block<16>& id);
  // When it was due, if it is the first time that the text is read (`read`) or known as delivered (`delivered`).
  std::optional<moment> read(const crypto::conversation_id& in, speaker by, std::string_view text);
  std::optional<moment> delivered(const crypto::conversation_id& in, speaker who, const block<16>& id);
  void dropped(const crypto::conversation_id& in, speaker who, const block<16>& id);  // its sender gives it up
  // Shown again by `by`'s page, from before it was loaded; said by `who`.
  void recalled(const crypto::conversation_id& in, speaker by, speaker who, std::string_view text);

  // --- a side ---
  void memory_lost(const crypto::conversation_id& in, speaker who);
  void joined(const crypto::conversation_id& in, speaker who);  // a session that this side holds has begun
  void left(const crypto::conversation_id& in, speaker who);    // by exit

  std::size_t count_said(const crypto::conversation_id& in, speaker who) const;
  // Texts whose sender has them and waits for `delivered`.
  std::size_t count_waiting(const crypto::conversation_id& in, speaker who) const;
  // Texts that must still be read by this side.
  std::size_t count_owed(const crypto::conversation_id& in, speaker to) const;
  totals sum() const;

 private:
  struct entry {
    moment due;
    bool stored = false, read = false, delivered = false;
    bool waiting = false;          // for `delivered`, at its sender
    bool sender_forgot = false;    // or left: it cannot send the text again
    bool receiver_forgot = false;  // the session in which it came; it needs to be sent again
    bool receiver_left = false;
    bool owed() const { return !receiver_left && (!sender_forgot || (stored && !receiver_forgot)); }
    bool confirmable() const { return !sender_forgot && !receiver_left; }
  };
  // One side's texts on one page: places in the order said, from 1; 0: none yet.
  struct screen {
    std::vector<bool> shown;
    std::size_t first_read = 0, last_read = 0;  // not from before; on its writer's own screen: `first_read` said
    std::size_t last_recalled = 0;
  };
  struct side {
    std::vector<entry> texts;  // in the order said
    std::map<std::string, std::size_t, std::less<>> by_text;
    std::map<block<16>, std::size_t> by_id;
    std::size_t waiting = 0;
    screen at_peer, at_home;
    bool between_sessions = false;  // its memory was lost, and no session has begun since
    bool has_left = false;
    std::uint64_t duplicated = 0, reordered = 0, altered = 0;
  };
  static bool show(side& from, screen& on, std::size_t place);
  static void stop_waiting(side& from, entry& text);

  using key = std::pair<crypto::conversation_id, speaker>;
  std::map<key, side> sides_;
};

}  // namespace tomoshibi::drill
