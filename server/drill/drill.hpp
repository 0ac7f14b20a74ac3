// A drill: real client cores hold whole consultations over real sockets with a running server, and every text is
// checked from end to end. On the drill desk it disturbs nobody: an operator can run it on a live centre.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-web/core/counselor.hpp"
#include "client-web/core/survivor.hpp"
#include "server/drill/course.hpp"
#include "server/drill/latencies.hpp"
#include "server/drill/ledger.hpp"
#include "server/drill/socket.hpp"

namespace tomoshibi::drill {

// Told from the drill's thread, right after a text was handed to its client or came to be known as delivered.
struct standing {
  std::size_t delivered = 0;  // texts
  std::uint64_t resent = 0;   // frames sent again over a later connection
  bool sending = false;       // frames were handed to their connection just now: the server cannot have them yet
};

struct settings {
  endpoint where;
  crypto::hash32 root_fingerprint{};
  std::vector<crypto::identity> counselors;  // one connection each
  bool on_drill_desk = true;                 // survivors show tickets, signed by the counselors' certificates
  std::string desk{crypto::drill_desk_name};
  std::size_t survivors = 1;
  std::size_t messages = 10;  // said by each side of each conversation that is not left
  // Texts per second of all conversations that are under way. Without: a few texts of each side are under way at
  // once, and the next is said when one was delivered.
  std::optional<double> rate;
  // Fewer happen where there is nobody left for them: a conversation bears five reloads of its two sides.
  mishap_counts wanted_mishaps;
  std::chrono::seconds patience{30};  // without any progress for so long, the drill gives up
  std::function<void(const standing&)> progress;
};

struct report {
  totals texts;
  // From when a text was due until it was read by the peer, and until its sender knew it as delivered. With a rate, a
  // text is due on a fixed schedule; without one, when it was said.
  spread until_read, until_delivered;
  mishap_counts mishaps;              // that did happen
  std::size_t reconnects = 0;         // after a lost connection; not those of a page that was loaded again
  std::uint64_t resent = 0;           // frames sent again over such a connection
  std::size_t conversations = 0;      // that came to their end: closed by both sides, or left by exit
  std::size_t left_by_exit_seen = 0;  // by the counselor, in so many words
  std::size_t taken_for_new = 0;      // times that a survivor who came back was no more the same tab to the counselor
  double seconds = 0;
  std::string trouble;  // empty: every conversation came to its end
  bool clean() const { return texts.clean() && trouble.empty(); }
};

report run(const settings& wanted, crypto::random_source& random);

}  // namespace tomoshibi::drill
