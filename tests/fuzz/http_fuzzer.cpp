// One request header: whatever is answered, nothing of what a stranger wrote can change what the answer means.
#include <set>

#include "server/net/request.hpp"
#include "tests/fuzz/fuzzer.hpp"

namespace tomoshibi::fuzz {
namespace {

const net::site here{{"https://consult.example.org", "https://localhost:8443"}, "tomoshibi.1", "/socket"};

void expect_one_header(std::string_view text) {
  must(text.find("\r\n\r\n") == text.size() - 4, "an answer's header ends once");
  must(text.find('\0') == text.npos, "an answer's header is text");
}

void feed_request(std::string_view text) {
  static const std::set<unsigned> refusals = {400, 403, 405, 413, 421, 426, 505};
  const auto read = net::read_request(text, here);
  if (!read) {
    must(refusals.contains(read.error().status) && !read.error().reason.empty(), "a refusal says why");
    return expect_one_header(net::answer_header({.status = read.error().status}));
  }
  must(text.find("\r\n\r\n") == text.size() - 4, "one request was sent, and all of it was read");
  must(read->path.starts_with('/'), "a path begins at the root");
  must(read->path.find_first_of(std::string_view("\0\r\n ?", 5)) == read->path.npos, "a path is one word");
  must(read->upgrade == (read->path == here.socket_path), "the socket is at its path, and nothing else is there");
  if (!read->upgrade) return;
  must(std::ranges::find(here.origins, read->origin) != here.origins.end(), "only our own pages speak");
  must(read->accept.size() == 28 && !read->head, "an upgrade is answered as RFC 6455 says");
  expect_one_header(net::upgrade_header(*read, here));
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

}  // namespace

void feed(bytes_view in) {
  const std::string text = as_text(in);
  feed_request(text);
  feed_accept_encoding(text);
  must(net::fault_of_origin(text).empty() || !net::binds_host("localhost"), "localhost is bound by nothing");
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
      get("https://localhost:8443/", "Host: localhost:8443\r\n"),
  };
  for (std::string_view text : {"gzip;q=1.000, br;q=0, *;q=0.001", "https://consult.example.org:8443",
                                "HEAD / HTTP/1.0\r\n\r\n", "POST / HTTP/1.1\r\nHost: consult.example.org\r\n\r\n"})
    out.push_back(writer().put(text).finish());
  return out;
}

}  // namespace tomoshibi::fuzz
