// What goes wrong between a page and the server, declared once: wire code, name, WebSocket close code. (The log
// counts them by name.) A peer's fault closes that connection with the close code; nothing else happens to anyone.
#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/bytes.hpp"

namespace tomoshibi::wire {

enum class error : byte {
  malformed = 1,      // not a message of this protocol: unknown code, wrong length, a value out of its range
  out_of_phase = 2,   // a message that this connection may not send now
  not_yours = 3,      // a conversation this connection is not part of
  gap = 4,            // a frame number that is not the next one
  mailbox_full = 5,   // the peer does not take its mail: try again later
  login_refused = 6,  // certificate, signature, time or nonce: never said which
  taken_over = 7,     // another connection of the same person took its place (a second tab)
  unavailable = 8,    // the store failed: come back, and send again what was not stored
  too_slow = 9,       // this connection does not read what it is sent
  too_fast = 10,      // this connection says more at once than is taken from one
  idle = 11,          // nobody entered, came back or logged in on this connection for idle_seconds_max
};

struct error_entry {
  error code;
  std::string_view name;
  std::uint16_t close_code;  // RFC 6455 section 7.4.1; 4000 and up are this protocol's own
};

inline constexpr error_entry error_table[] = {
    {error::malformed, "malformed", 4001},
    {error::out_of_phase, "out_of_phase", 4002},
    {error::not_yours, "not_yours", 4003},
    {error::gap, "gap", 4004},
    {error::mailbox_full, "mailbox_full", 1013},
    {error::login_refused, "login_refused", 4005},
    {error::taken_over, "taken_over", 4006},
    {error::unavailable, "unavailable", 1013},
    {error::too_slow, "too_slow", 1013},
    {error::too_fast, "too_fast", 1013},
    {error::idle, "idle", 4007},
};

constexpr const error_entry& describe(error code) {
  for (const error_entry& entry : error_table)
    if (entry.code == code) return entry;
  return error_table[0];
}

}  // namespace tomoshibi::wire
