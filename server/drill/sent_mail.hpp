// What a client's frames go through, seen from its socket: sent, stored, or sent again over the next connection.
#pragma once

#include <cstdint>
#include <map>

#include "server/wire/messages.hpp"

namespace tomoshibi::drill {

class sent_mail {
 public:
  void connected();                    // nothing of what was sent before is under way any more
  void sending(bytes_view message);    // to the server
  void received(bytes_view message);   // from it
  void forget() { numbers_.clear(); }  // the client has lost its memory, and numbers anew what was not stored

  std::uint64_t resent() const { return resent_; }  // frames sent on a connection before, and again since
  std::uint64_t unstored() const;                   // frames sent, and not yet known as stored

 private:
  struct numbers {
    wire::frame_number sent = 0, sent_before = 0;  // the highest; on earlier connections
    wire::frame_number stored = 0;
  };
  std::map<wire::conversation_id, numbers> numbers_;
  std::uint64_t resent_ = 0;
};

}  // namespace tomoshibi::drill
