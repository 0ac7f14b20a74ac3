// A small client for the drill and the tests: TLS 1.3 with a pinned certificate, one GET, one WebSocket.
// Boost.Beast stays behind this header. Everything runs on the thread that runs the io_context.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "crypto/bytes.hpp"

namespace tomoshibi::drill {

struct endpoint {
  std::string host;  // name or address, as in the URL: IPv6 in brackets
  std::uint16_t port = 443;
  std::string path = "/socket";
  std::string pinned_file;  // PEM: the server must present exactly this certificate
  std::string subprotocol;
  std::string origin() const;  // "https://host:port"; as browsers have it, without :443
};

// "wss://host[:port][/path]"; the error is a sentence.
std::expected<endpoint, std::string> parse_url(std::string_view url);

// GET over its own connection; the body of a 200, or a sentence. At most 8 MiB, 10 s.
void get(boost::asio::io_context& io, const endpoint& where, std::string path,
         std::function<void(std::expected<bytes, std::string>)> done);

class socket {
 public:
  struct events {
    std::function<void()> opened;
    std::function<void(bytes_view)> received;
    std::function<void(std::string)>
        closed;  // exactly once, also when connecting failed: close reason or error, in words
  };
  socket(boost::asio::io_context& io, endpoint where, events to);
  ~socket();                                        // cuts without a goodbye if still open; no event after it
  void send(std::shared_ptr<const bytes> message);  // before `opened`: queued
  void close();                                     // says goodbye, then `closed`

 private:
  struct implementation;
  std::shared_ptr<implementation> implementation_;
};

}  // namespace tomoshibi::drill
