// One HTTP/1.1 request header: read, checked, answered. Text in, text out: no socket here, and Boost.Beast stays
// behind it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/forwarded.hpp"
#include "server/net/page.hpp"

namespace tomoshibi::net {

// Whom the server answers for.
struct site {
  std::vector<std::string> origins;  // "https://host[:port]", lower case, as a browser sends it; the first is public
  std::string subprotocol, socket_path;
  std::string loopback_host{};  // "localhost:8443": this machine itself may also ask for it under this name
};

// Why an origin could never match what a browser sends, in a sentence; empty if it could.
std::string fault_of_origin(std::string_view origin);

// Its host alone: "localhost" of "https://localhost:8443", "::1" of "https://[::1]".
std::string_view host_of(std::string_view origin);

// Whether an answer to this host may bind browsers to HTTPS for years: not localhost, which would bind every other
// server of the machine, and no address, which may be another's tomorrow. "consult.example.org:8443"
bool binds_host(std::string_view host);

inline constexpr std::size_t header_bytes_max = 8192;

struct request {
  std::string path;   // begins with '/', without the query, as sent
  bool head = false;  // the answer carries no body
  bool keep_alive = false;
  encodings taken;
  bool upgrade = false;  // to the WebSocket; then
  std::string origin;    // is one of the site's, and
  std::string accept;    // is the Sec-WebSocket-Accept to answer with
  bool binds_host = false;
  bool from_loopback = false;   // from this machine itself, by its loopback_host, and on nobody else's behalf
  forwarded_headers forwarded;  // to be believed from a named proxy alone
};

struct refusal {
  unsigned status;
  std::string_view reason;  // for the person and for the log: no part of the request
  bool head = false;
  bool binds_host = false;
};

// `header` ends with its empty line. loopback_peer: it came from this machine, and from no proxy that is named.
std::expected<request, refusal> read_request(std::string_view header, const site& here, bool loopback_peer = false);

// Over plain HTTP nothing of a request is believed but where it wants to go.
struct plain_request {
  std::string path;         // without the query, as sent; empty: it names none
  bool head = false;        // the answer carries no body
  std::string_view origin;  // of the site: the one whose host was asked for, or the public one
};
std::expected<plain_request, refusal> read_plain_request(std::string_view header, const site& here);

// Status line and headers, with the empty line. Every answer of the server is made by one of these two.
struct answer {
  unsigned status = 200;
  std::string_view type{};  // Content-Type; empty: no body
  std::size_t length = 0;
  std::string_view encoding{};  // Content-Encoding; empty: as it is
  bool varies = false;          // with the request's Accept-Encoding
  std::string_view location{};  // of a redirect
  bool keep_alive = false;
  bool binds_host = false;  // Strict-Transport-Security
};
std::string answer_header(const answer& with);
std::string upgrade_header(const request& accepted, const site& here);

}  // namespace tomoshibi::net
