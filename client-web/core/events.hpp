// What the core tells its page, and the words both use.
#pragma once

#include <string>
#include <variant>

#include "crypto/session.hpp"
#include "server/wire/messages.hpp"

namespace tomoshibi::core {

using crypto::conversation_id;
using crypto::seconds;
using message_id = block<16>;

// The language of a text as its writer chose it.
enum class language : byte { unknown = 0, ja = 1, ja_easy = 2, en = 3, pt = 4, zh = 5, vi = 6 };

// Centre file, issuer and roster are verified. `demo` and `clock_shift_hours` are to be shown wherever a time is.
struct trusted {
  bool demo = false;
  std::uint32_t clock_shift_hours = 0;
  std::string page;  // JSON: hours, numbers, exit page, texts
};
// They are not: nothing is sent or taken over this connection; the person is told why and given telephone numbers. A
// survivor's conversation is over.
struct distrusted {
  crypto::failure why{};
};

struct door_changed {
  wire::door door;
};
struct place_changed {
  std::uint32_t ahead = 0;
};
// Not let in: `why` closed comes after a door_changed that says more.
struct turned_away {
  wire::refusal why{};
};

// Staff.
struct signed_in {
  byte capacity_max = 0;
};
struct line_changed {
  wire::line_state line;
};
// Somebody from the line rings: answer with `accept`, within wire::accept_seconds.
struct called {
  conversation_id conversation{};
  std::uint32_t waited_seconds = 0;
};
struct call_withdrawn {
  conversation_id conversation{};
  wire::withdrawal why{};
};

// The encrypted conversation stands: a frame of the peer has opened. `alias`: the counselor's pseudonym (empty on the
// counselor's side). `same_tab`: the peer has proven to hold the secret of the conversation before; otherwise this is
// somebody new. `we_forgot`, `peer_forgot`: that side lost its memory since; if both did, what was said and not yet
// delivered is missing, and both are to be told.
struct joined {
  conversation_id conversation{};
  std::string alias;
  bool same_tab = false;
  bool we_forgot = false, peer_forgot = false;
};
struct text_received {
  conversation_id conversation{};
  message_id id{};
  language written_in{};
  crypto::secret_bytes text;  // UTF-8, complete
};
enum class text_progress : byte {
  stored,     // the server has it
  delivered,  // it is on the peer's screen
  dropped,    // never shown to anybody: meant for somebody who is not there any more
};
struct text_moved {
  conversation_id conversation{};
  message_id id{};
  text_progress now{};
};
struct peer_changed {
  conversation_id conversation{};
  wire::presence now{};
};
struct peer_left_by_exit {
  conversation_id conversation{};
};

// What the page may keep while its tab lives, so that a reload finds the way back; empty: erase it. A console keeps
// it only wrapped by the key of its vault.
struct keep {
  conversation_id conversation{};
  crypto::secret_bytes kept;
};

enum class ending : byte {
  by_us,       // we ended or left
  by_peer,     // the peer said close, or left; what it said before may still arrive
  lost,        // the server knows nothing of it any more
  taken_over,  // another tab or console took its place
  broken,      // the encryption failed too often: nothing more is sent or shown
};
struct ended {
  conversation_id conversation{};
  ending why{};
};
// The server has erased our side; nothing of the conversation is left in this core.
struct finished {
  conversation_id conversation{};
};
// The server refused us; it closes the connection. Reconnect unless the code says otherwise.
struct server_failed {
  wire::error why{};
};

using event = std::variant<trusted, distrusted, door_changed, place_changed, turned_away, signed_in, line_changed,
                           called, call_withdrawn, joined, text_received, text_moved, peer_changed, peer_left_by_exit,
                           keep, ended, finished, server_failed>;

}  // namespace tomoshibi::core
