// Where a core leaves what is to be done: messages for the socket, files to fetch, events for the page.
// The shell (a worker in the browser, the drill, a test) takes them after every call. It carries out the `keep`
// events before it sends the messages: a page that dies in between must not have said more than it can come back
// from.
#pragma once

#include <vector>

#include "client-web/core/events.hpp"
#include "server/wire/codec.hpp"

namespace tomoshibi::core {

struct output {
  std::vector<bytes> messages;         // for the socket, in order; dropped by the shell if there is none
  std::vector<crypto::hash32> wanted;  // GET /signed/HASH, then `fetched`
  std::vector<event> events;

  void say(const wire::client_message& message) { messages.push_back(wire::encode(message)); }
  void tell(event what) { events.push_back(std::move(what)); }
  bool empty() const { return messages.empty() && wanted.empty() && events.empty(); }
};

}  // namespace tomoshibi::core
