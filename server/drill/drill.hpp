// A drill: real client cores hold whole consultations over real sockets with a running server, and every text is
// checked from end to end. On the drill desk it disturbs nobody: an operator can run it on a live centre.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "client-web/core/counselor.hpp"
#include "client-web/core/survivor.hpp"
#include "server/drill/ledger.hpp"
#include "server/drill/socket.hpp"

namespace tomoshibi::drill {

struct settings {
  endpoint where;
  crypto::hash32 root_fingerprint{};
  std::vector<crypto::identity> counselors;  // one connection each
  bool on_drill_desk = true;                 // survivors show tickets, signed by the counselors' certificates
  std::string desk{crypto::drill_desk_name};
  std::size_t survivors = 1;
  std::size_t messages = 10;                            // said by each side of each conversation
  std::chrono::seconds patience{30};                    // without any progress for so long, the drill gives up
  std::function<void(std::size_t delivered)> progress;  // told at each text
};

struct report {
  totals texts;
  std::size_t conversations = 0;  // held from first contact to close, by both sides
  double seconds = 0;
  std::string trouble;  // empty: every conversation came to its end
  bool clean() const { return texts.clean() && trouble.empty(); }
};

report run(const settings& wanted, crypto::random_source& random);

}  // namespace tomoshibi::drill
