#include "server/net/request.hpp"

#include <algorithm>
#include <charconv>

#include <openssl/evp.h>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>

namespace tomoshibi::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using request_parser = http::request_parser<http::empty_body>;
using fields = request_parser::value_type;

constexpr std::string_view scheme = "https://";

constexpr std::string_view security_headers =
    "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types core\r\n"
    "Integrity-Policy: blocked-destinations=(script)\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Embedder-Policy: require-corp\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n"
    "Cache-Control: no-store\r\n";

// Two years, as browsers' preload lists ask. Not for subdomains: they may belong to others in the city.
constexpr std::string_view strict_transport_security = "Strict-Transport-Security: max-age=63072000\r\n";

std::string status_line_and_security(unsigned status, bool binds) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
  out += http::obsolete_reason(http::int_to_status(status));
  out += "\r\n";
  out += security_headers;
  if (binds) out += strict_transport_security;
  return out;
}

// A header that must be there once; two would be read differently by different programs.
std::string_view only(const fields& in, http::field name) {
  if (in.count(name) != 1) return {};
  const auto value = in[name];
  return {value.data(), value.size()};
}

bool same(std::string_view a, std::string_view b) {
  return beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

// None: the host is not ours.
const std::string* origin_of(std::string_view host, const site& here) {
  const auto found = std::ranges::find_if(
      here.origins, [&](std::string_view origin) { return same(host, origin.substr(scheme.size())); });
  return found == here.origins.end() ? nullptr : &*found;
}

std::string_view without_port(std::string_view host) {
  const std::size_t address_end = host.starts_with('[') ? std::min(host.find(']'), host.size()) : 0;
  return host.substr(0, host.find(':', address_end));
}

// Over plain HTTP nobody names the port of HTTPS.
const std::string& origin_led_to(std::string_view host, const site& here) {
  if (const std::string* exact = origin_of(host, here)) return *exact;
  const auto found = std::ranges::find_if(here.origins, [&](std::string_view origin) {
    return same(without_port(host), without_port(origin.substr(scheme.size())));
  });
  return found == here.origins.end() ? here.origins.front() : *found;
}

bool lists(const fields& in, http::field name, std::string_view token) {
  return http::token_list(in[name]).exists({token.data(), token.size()});
}

// A list may come in several lines, RFC 9110 section 5.3.
template <class Name>
std::string joined(const fields& in, const Name& name) {
  std::string out;
  const auto [from, to] = in.equal_range(name);
  for (auto line = from; line != to; ++line) {
    if (line != from) out += ',';
    out += line->value();
  }
  return out;
}

forwarded_headers read_forwarded(const fields& in) {
  forwarded_headers out{joined(in, "X-Forwarded-For"), joined(in, http::field::forwarded), false};
  out.any = std::ranges::any_of(in, [](const auto& line) {
    const auto name = line.name_string();
    return beast::iequals(name.substr(0, 12), "X-Forwarded-") || beast::iequals(name, "Forwarded") ||
           beast::iequals(name, "X-Real-IP") || beast::iequals(name, "Via");
  });
  return out;
}

// RFC 6455 section 4.1: 16 random bytes in base64.
bool is_socket_key(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
         });
}

// RFC 6455 section 4.2.2; SHA-1 proves nothing here but that the server speaks the protocol.
std::string socket_accept(std::string_view key) {
  const std::string keyed = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[20];
  unsigned char text[29];
  EVP_Digest(keyed.data(), keyed.size(), digest, nullptr, EVP_sha1(), nullptr);
  EVP_EncodeBlock(text, digest, sizeof digest);
  return {reinterpret_cast<const char*>(text), 28};
}

bool offers_subprotocol(const fields& in, const site& here) {
  return std::ranges::any_of(http::token_list(in[http::field::sec_websocket_protocol]), [&](const auto& offered) {
    return std::string_view(offered.data(), offered.size()) == here.subprotocol;  // exact, unlike exists()
  });
}

// Fills in `out` for the socket's path, or says why not.
std::expected<request, refusal> read_upgrade(const fields& in, request out, const site& here) {
  if (in.method() != http::verb::get || !lists(in, http::field::connection, "upgrade") ||
      !lists(in, http::field::upgrade, "websocket")) {
    return std::unexpected(refusal{426, "only a WebSocket is answered here", out.head});
  }
  const std::string_view origin = only(in, http::field::origin);
  if (std::ranges::find(here.origins, origin) == here.origins.end()) {
    return std::unexpected(refusal{403, "the page came from another origin"});
  }
  if (only(in, http::field::sec_websocket_version) != "13") {
    return std::unexpected(refusal{426, "only version 13 of WebSocket is spoken here"});
  }
  const std::string_view key = only(in, http::field::sec_websocket_key);
  if (!is_socket_key(key)) return std::unexpected(refusal{400, "the WebSocket key is malformed"});
  if (!offers_subprotocol(in, here)) return std::unexpected(refusal{400, "the page speaks another protocol version"});
  out.upgrade = true;
  out.origin = origin;
  out.accept = socket_accept(key);
  return out;
}

// Whatever the coding: Beast knows none but a last "chunked", and a body that is not seen would be the next request.
bool has_body(const request_parser& parser) {
  return parser.get().count(http::field::transfer_encoding) > 0 || parser.content_length().value_or(0) > 0;
}

std::expected<request, refusal> check_request(const request_parser& parser, const site& here, bool loopback_peer) {
  const fields& in = parser.get();
  request out;
  out.forwarded = read_forwarded(in);
  out.head = in.method() == http::verb::head;
  if (in.version() != 11) return std::unexpected(refusal{505, "only HTTP/1.1 is spoken here", out.head});
  const std::string_view host = only(in, http::field::host);
  out.from_loopback = loopback_peer && !out.forwarded.any && same(host, here.loopback_host);
  if (origin_of(host, here) == nullptr && !out.from_loopback) {
    return std::unexpected(refusal{421, "the request is meant for another host", out.head});
  }
  if (in.method() != http::verb::get && !out.head)
    return std::unexpected(refusal{405, "only GET and HEAD are answered"});
  if (has_body(parser)) return std::unexpected(refusal{413, "a request here carries no body", out.head});
  const std::string_view target(in.target().data(), in.target().size());
  if (!target.starts_with('/')) return std::unexpected(refusal{400, "the request names no path", out.head});
  out.path = target.substr(0, target.find('?'));
  out.keep_alive = in.keep_alive();
  out.taken = read_accept_encoding(joined(in, http::field::accept_encoding));
  if (out.path == here.socket_path) return read_upgrade(in, std::move(out), here);
  return out;
}

constexpr refusal malformed{400, "the request is malformed"};

bool parse(std::string_view header, request_parser& with) {
  with.header_limit(header_bytes_max);
  with.body_limit(boost::none);  // a body is refused whatever its size
  boost::system::error_code error;
  const std::size_t taken = with.put(boost::asio::buffer(header), error);
  return !error && with.is_header_done() && taken == header.size();
}

}  // namespace

std::string fault_of_origin(std::string_view origin) {
  const std::string quoted = "The origin \"" + std::string(origin) + "\" ";
  if (!origin.starts_with(scheme)) return quoted + "must begin with https://";
  const std::string_view authority = origin.substr(scheme.size());
  if (authority.empty() || authority.find_first_of("/?#@ \t\r\n") != authority.npos) {
    return quoted + "must be https://host or https://host:port, with nothing after it";
  }
  if (std::ranges::any_of(authority, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return quoted + "must be in small letters, as browsers send it";
  }
  if (authority.ends_with(":443")) return quoted + "must be written without :443, as browsers send it";
  return {};
}

std::string_view host_of(std::string_view origin) {
  const std::string_view host = without_port(origin.substr(scheme.size()));
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

bool binds_host(std::string_view host) {
  const std::string_view name = host.substr(0, host.find(':'));
  const bool ipv6 = host.starts_with('[');
  const bool ipv4 = name.find_first_not_of("0123456789.") == name.npos;  // no name ends in a number
  return !ipv6 && !ipv4 && !beast::iequals({name.data(), name.size()}, "localhost");
}

std::expected<request, refusal> read_request(std::string_view header, const site& here, bool loopback_peer) {
  request_parser parser;
  if (!parse(header, parser)) return std::unexpected(malformed);
  auto out = check_request(parser, here, loopback_peer);
  const std::string_view host = only(parser.get(), http::field::host);
  (out ? out->binds_host : out.error().binds_host) = origin_of(host, here) != nullptr && binds_host(host);
  return out;
}

std::expected<plain_request, refusal> read_plain_request(std::string_view header, const site& here) {
  request_parser parser;
  if (!parse(header, parser)) return std::unexpected(malformed);
  const fields& in = parser.get();
  plain_request out;
  out.head = in.method() == http::verb::head;
  if (has_body(parser)) return std::unexpected(refusal{413, "a request here carries no body", out.head});
  const std::string_view target(in.target().data(), in.target().size());
  if (target.starts_with('/')) out.path = target.substr(0, target.find('?'));
  out.origin = origin_led_to(only(in, http::field::host), here);
  return out;
}

std::string answer_header(const answer& with) {
  std::string out = status_line_and_security(with.status, with.binds_host);
  if (!with.type.empty()) out.append("Content-Type: ").append(with.type).append("\r\n");
  out.append("Content-Length: ").append(std::to_string(with.length)).append("\r\n");
  if (!with.encoding.empty()) out.append("Content-Encoding: ").append(with.encoding).append("\r\n");
  if (!with.location.empty()) out.append("Location: ").append(with.location).append("\r\n");
  if (with.varies) out += "Vary: Accept-Encoding\r\n";
  if (with.status == 405) out += "Allow: GET, HEAD\r\n";
  if (with.status == 426) out += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  if (!with.keep_alive) out += with.status == 426 ? "Connection: upgrade, close\r\n" : "Connection: close\r\n";
  return out += "\r\n";
}

std::string upgrade_header(const request& accepted, const site& here) {
  std::string out = status_line_and_security(101, accepted.binds_host);
  out.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ").append(accepted.accept);
  out.append("\r\nSec-WebSocket-Protocol: ").append(here.subprotocol);
  return out += "\r\n\r\n";
}

}  // namespace tomoshibi::net
