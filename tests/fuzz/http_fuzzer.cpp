// One request header: whatever is answered, nothing of what a stranger wrote can change what the answer means.
#include <set>

#include "server/net/forwarded.hpp"
#include "server/net/plain_http.hpp"
#include "server/net/request.hpp"
#include "tests/fuzz/fuzzer.hpp"

namespace tomoshibi::fuzz {
namespace {

const net::site here{
    {"https://consult.example.org", "https://localhost:8443"}, "tomoshibi.1", "/socket", "localhost:80"};

void expect_one_header(std::string_view text) {
  must(text.find("\r\n\r\n") == text.size() - 4, "an answer's header ends once");
  must(text.find('\0') == text.npos, "an answer's header is text");
}

// This machine's own requests are taken wherever a stranger's are, and named as its own under its own name alone.
void expect_loopback_known(std::string_view text, const std::expected<net::request, net::refusal>& from_stranger) {
  must(!from_stranger || !from_stranger->from_loopback, "a stranger is never this machine");
  const auto read = net::read_request(text, here, true);
  if (!read) return must(!from_stranger, "what a stranger may ask, this machine may ask");
  if (read->from_loopback) must(!from_stranger && !read->forwarded.any, "it asks for itself, and by its own name");
}

std::string in_small_letters(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

void feed_request(std::string_view text) {
  static const std::set<unsigned> refusals = {400, 403, 405, 413, 421, 426, 505};
  const auto read = net::read_request(text, here);
  expect_loopback_known(text, read);
  if (!read) {
    must(refusals.contains(read.error().status) && !read.error().reason.empty(), "a refusal says why");
    return expect_one_header(net::answer_header({.status = read.error().status}));
  }
  must(text.find("\r\n\r\n") == text.size() - 4, "one request was sent, and all of it was read");
  must(in_small_letters(text).find("\ntransfer-encoding:") == text.npos, "a request with a body is refused");
  must(read->path.starts_with('/'), "a path begins at the root");
  must(read->path.find_first_of(std::string_view("\0\r\n ?", 5)) == read->path.npos, "a path is one word");
  must(read->upgrade == (read->path == here.socket_path), "the socket is at its path, and nothing else is there");
  if (!read->upgrade) return;
  must(std::ranges::find(here.origins, read->origin) != here.origins.end(), "only our own pages speak");
  must(read->accept.size() == 28 && !read->head, "an upgrade is answered as RFC 6455 says");
  expect_one_header(net::upgrade_header(*read, here));
}

// Over plain HTTP a request leads to one of our own origins, or nowhere.
void feed_plain_request(std::string_view text) {
  const auto read = net::read_plain_request(text, here);
  if (!read) return expect_one_header(net::answer_header({.status = read.error().status}));
  must(std::ranges::find(here.origins, read->origin) != here.origins.end(), "it leads to us alone");
  const std::string said = net::answer_plainly(*read, "");
  must(said.find("\r\n\r\n") == said.size() - 4, "it has no content");
  must(said.starts_with("HTTP/1.1 308 "), "without a webroot everything is led to HTTPS");
  must(said.find("\r\nLocation: " + std::string(read->origin)) != said.npos, "the way leads to that origin");
}

// A proxy's word about a client is an address that is none of the proxies, or nothing.
void feed_forwarded(std::string_view text) {
  static const net::proxies named({"192.0.2.0/24", "2001:db8::/32", "::1"});
  const std::size_t half = text.size() / 2;
  for (const net::forwarded_headers& said :
       {net::forwarded_headers{std::string(text), "", true}, net::forwarded_headers{"", std::string(text), true},
        net::forwarded_headers{std::string(text.substr(0, half)), std::string(text.substr(half)), true}})
    if (const auto client = named.client_of(said); client && *client)
      must(!named.name(**client), "a proxy is no client");
}

void feed_accept_encoding(std::string_view text) {
  const net::encodings taken = net::read_accept_encoding(text);
  std::string shouted(text);
  for (char& c : shouted) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const net::encodings again = net::read_accept_encoding(shouted);
  must(taken.br == again.br && taken.gzip == again.gzip, "capitals make no difference");
  const bool any = text.find('*') != text.npos;
  must(!taken.br || any || shouted.find("BR") != shouted.npos, "br is taken by whoever names it");
  must(!taken.gzip || any || shouted.find("GZIP") != shouted.npos, "gzip is taken by whoever names it");
}

// What is no name binds no browser, whatever follows it; what is taken for an origin is one.
void feed_host(std::string_view text) {
  const std::string port = ":" + std::string(text);
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "[::1]"})
    must(!net::binds_host(host + port), "neither localhost nor an address is bound");
  if (net::fault_of_origin(text).empty())
    must(text.find_first_of("/ \r\n@", 8) == text.npos, "an origin has nothing after its host");
}

}  // namespace

void feed(bytes_view in) {
  const std::string text = as_text(in);
  feed_request(text);
  feed_plain_request(text);
  feed_forwarded(text);
  feed_accept_encoding(text);
  feed_host(text);
}

std::vector<bytes> seeds() {
  const auto get = [](std::string_view target, std::string_view more) {
    return writer()
        .put("GET ")
        .put(target)
        .put(" HTTP/1.1\r\nHost: localhost:8443\r\n")
        .put(more)
        .put("\r\n")
        .finish();
  };
  constexpr std::string_view upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://localhost:8443\r\n"
      "Sec-WebSocket-Protocol: tomoshibi.1\r\n";
  std::vector<bytes> out = {
      get("/", "Accept-Encoding: gzip, deflate, br;q=0.5\r\n"),
      get("/staff?a=b", "Connection: close\r\nAccept-Encoding: *;q=0\r\nAccept-Encoding: gzip\r\n"),
      get("/socket", upgrade),
      get("/", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
      get("/", "Transfer-Encoding: gzip\r\n"),
      get("https://localhost:8443/", "Host: localhost:8443\r\n"),
  };
  for (std::string_view text :
       {"192.0.2.1, 198.51.100.7, 192.0.2.9", "for=\"[2001:db9::17]:4711\";proto=https, for=192.0.2.1",
        "for=unknown, for=_hidden, for=203.0.113.4", "GET /healthz HTTP/1.1\r\nHost: localhost:80\r\n\r\n",
        "GET /.well-known/acme-challenge/abc_-9 HTTP/1.1\r\nHost: localhost\r\n\r\n"})
    out.push_back(writer().put(text).finish());
  for (std::string_view text : {"gzip;q=1.000, br;q=0, *;q=0.001", "https://consult.example.org:8443",
                                "HEAD / HTTP/1.0\r\n\r\n", "POST / HTTP/1.1\r\nHost: consult.example.org\r\n\r\n"})
    out.push_back(writer().put(text).finish());
  return out;
}

}  // namespace tomoshibi::fuzz
