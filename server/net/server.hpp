// Moves bytes between sockets and whoever decides: listener, TLS 1.3, static answers, WebSocket. Decides nothing.
// Everything runs on the one thread that runs the io_context. Boost.Beast stays behind this header.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "crypto/bytes.hpp"
#include "server/net/neighbours.hpp"
#include "server/net/page.hpp"

namespace tomoshibi::net {

using connection_id = std::uint64_t;  // never reused within a process

struct visit {
  std::string_view path;       // not the socket's, and without its query
  bool from_loopback = false;  // asked by this machine itself, on nobody else's behalf
};

// What the connections talk to. Called on the io_context's thread.
class audience {
 public:
  virtual ~audience() = default;
  virtual page get(const visit& asked) = 0;                             // 404 is a page too
  virtual void opened(connection_id who, std::string_view origin) = 0;  // origin: checked, as sent
  virtual void received(connection_id who, bytes_view message) = 0;     // one binary message, size-limited
  virtual void closed(connection_id who) = 0;                           // exactly once for each opened
};

struct deadlines {
  std::chrono::milliseconds tls_handshake{5'000};
  std::chrono::milliseconds http_header{5'000};
  std::chrono::milliseconds http_idle{10'000};    // between requests of one connection
  std::chrono::milliseconds write{20'000};        // one write that makes no progress; and all that waits, beside
  std::size_t read_bytes_per_second_min = 4'096;  // what reading it at this rate takes
  std::chrono::milliseconds ping{25'000};         // the server pings; a peer silent for two of these is gone
  std::chrono::milliseconds close{3'000};
};

struct server_settings {
  // A family that the machine lacks is skipped if the other works; any other address that it lacks is an error.
  std::vector<std::string> addresses{"127.0.0.1", "::1"};
  std::uint16_t port = 8443;               // 0: any free one, see port()
  std::optional<std::uint16_t> http_port;  // plain HTTP, which leads to HTTPS; none: not at all
  std::string acme_folder;                 // an ACME client's webroot, shown over plain HTTP; empty: none
  std::string certificate_file, key_file;  // PEM
  // Allowed, exact: "https://localhost:8443"; "{port}" is replaced. The first one is public.
  std::vector<std::string> origins;
  std::vector<std::string> proxies;  // believed when they say for whom they speak, see forwarded.hpp
  std::string subprotocol;           // "tomoshibi.1"
  std::string socket_path = "/socket";
  std::size_t message_bytes_max = 4352;
  std::size_t outbox_bytes_max = 65'536;  // until server::bound says otherwise; over it: too_slow
  std::size_t message_cost_bytes = 128;   // what a message that waits counts for beside its own bytes
  struct {
    std::uint16_t code = 1013;
    std::string reason = "too_slow";
  } too_slow;  // how a connection is closed that does not read
  std::size_t connections_max = 20'000;
  neighbour_limits neighbours;
  deadlines limits;
};

class server {
 public:
  // Throws std::runtime_error with a sentence: address in use, certificate unreadable or not matching its key, ...
  server(boost::asio::io_context& io, server_settings settings, audience& who,
         std::function<void(std::string_view)> log);
  ~server();  // cuts what is open; the audience is not called any more, so stop() first
  std::uint16_t port() const;
  std::uint16_t http_port() const;  // 0: none

  // From the same files, for connections that come from now on. Where they are missing, broken, out of date, or for
  // another host than the public origin's while those in use are for it, the certificate in use stays, and the error
  // is a sentence.
  std::expected<void, std::string> reload_certificate();

  // Queues one binary message. To a connection that is gone: nothing happens.
  void send(connection_id to, std::shared_ptr<const bytes> message);
  // So many bytes may wait for this connection from now on.
  void bound(connection_id who, std::size_t outbox_bytes_max);
  // What is queued is still written, then a close frame with this code and reason, which is counted in the log. No
  // message is read any more.
  void close(connection_id who, std::uint16_t code, std::string_view reason);
  // Stops accepting and closes every connection with 1012 "service_restart"; `done` once all are gone, or after
  // limits.close.
  void stop(std::function<void()> done);

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace tomoshibi::net
