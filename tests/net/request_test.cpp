#include "server/net/request.hpp"

#include <gtest/gtest.h>

namespace tomoshibi::net {
namespace {

const site here{{"https://consult.example.org", "https://localhost:8443"}, "tomoshibi.1", "/socket"};

// 0: accepted.
unsigned status_of(std::string_view header) {
  const auto read = read_request(header, here);
  return read ? 0 : read.error().status;
}

std::string get(std::string_view target, std::string_view host = "consult.example.org", std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n" + std::string(more) +
         "\r\n";
}

std::string upgrade(std::string_view origin_line, std::string_view protocol_line, std::string_view more = "") {
  return get("/socket", "localhost:8443",
             "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                 std::string(origin_line) + std::string(protocol_line) + std::string(more));
}

constexpr std::string_view own_origin = "Origin: https://localhost:8443\r\n";
constexpr std::string_view own_protocol = "Sec-WebSocket-Protocol: tomoshibi.1\r\n";

TEST(request, takes_the_path_without_its_query) {
  const auto read = read_request(get("/a/b.js?token=1"), here);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->path, "/a/b.js");
  EXPECT_FALSE(read->head);
  EXPECT_TRUE(read->keep_alive);
  EXPECT_FALSE(read->upgrade);
  EXPECT_FALSE(read_request(get("/", "consult.example.org", "Connection: close\r\n"), here)->keep_alive);
}

TEST(request, says_which_encodings_are_taken_also_in_several_lines) {
  const auto taken = [](std::string_view lines) {
    return read_request(get("/", "consult.example.org", lines), here)->taken;
  };
  EXPECT_FALSE(taken("").br || taken("").gzip);
  EXPECT_TRUE(taken("Accept-Encoding: gzip\r\n").gzip);
  EXPECT_FALSE(taken("Accept-Encoding: gzip\r\n").br);
  const encodings two = taken("accept-encoding: gzip, br;q=0\r\nX: y\r\nACCEPT-ENCODING:br\r\n");
  EXPECT_TRUE(two.gzip);
  EXPECT_FALSE(two.br) << "refused in the first line";
  EXPECT_FALSE(taken("Accept-Encoding: gzip\r\nAccept-Encoding: b r\r\n").gzip) << "malformed together";
}

TEST(request, must_be_meant_for_this_host) {
  EXPECT_EQ(status_of(get("/", "Consult.Example.ORG")), 0u);
  EXPECT_EQ(status_of(get("/", "localhost:8443")), 0u);
  for (const char* host : {"consult.example.org:443",
                           "consult.example.org:8443",
                           "localhost",
                           "localhost:84430",
                           "example.org",
                           "consult.example.org.",
                           "evil.consult.example.org",
                           "consult.example.org.evil.org",
                           "127.0.0.1:8443",
                           "",
                           "consult.example.org.:443",
                           "user@consult.example.org",
                           "consult.example.org@evil.org",
                           "user:word@localhost:8443",
                           "localhost:8444",
                           "localhost:",
                           "localhost:08443",
                           "LOCALHOST",
                           "https://localhost:8443",
                           "localhost:8443/",
                           "localhost:8443, evil.org",
                           "consult.example.org evil.org",
                           "[::1]:8443"}) {
    EXPECT_EQ(status_of(get("/", host)), 421u) << host;
  }
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 421u);
  EXPECT_EQ(status_of(get("/", "consult.example.org", "Host: consult.example.org\r\n")), 421u) << "given twice";
  EXPECT_EQ(status_of(get("/", "consult.example.org", "Host: evil.org\r\n")), 421u);
  EXPECT_EQ(status_of(get("/", "evil.org", "X-Forwarded-Host: consult.example.org\r\n")), 421u);
}

TEST(request, this_machine_may_ask_for_localhost_unless_it_speaks_for_another) {
  const site real{{"https://consult.example.org"}, "tomoshibi.1", "/socket", "localhost:8443"};
  const auto read = read_request(get("/healthz", "localhost:8443"), real, true);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->from_loopback);
  EXPECT_EQ(read_request(get("/healthz", "localhost:8443"), real, false).error().status, 421u);
  EXPECT_FALSE(read_request(get("/healthz"), real, false)->from_loopback);
  EXPECT_FALSE(read_request(get("/healthz"), real, true)->from_loopback)
      << "an onion service passes on what strangers ask, and adds nothing";
  for (const char* line : {"X-Forwarded-For: 203.0.113.5\r\n", "Forwarded: for=203.0.113.5\r\n", "Via: 1.1 proxy\r\n",
                           "X-Real-IP: 203.0.113.5\r\n", "x-forwarded-proto: https\r\n", "X-Forwarded-For:\r\n"}) {
    EXPECT_EQ(read_request(get("/healthz", "localhost:8443", line), real, true).error().status, 421u) << line;
    EXPECT_FALSE(read_request(get("/healthz", "consult.example.org", line), real, true)->from_loopback) << line;
  }
}

TEST(request, brings_what_a_proxy_says_of_its_client_also_in_several_lines) {
  const auto read = read_request(get("/", "consult.example.org",
                                     "X-Forwarded-For: 1.1.1.1\r\nForwarded: for=2.2.2.2\r\nX: y\r\n"
                                     "x-forwarded-for: 3.3.3.3, 4.4.4.4\r\nFORWARDED: for=5.5.5.5\r\n"),
                                 here);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->forwarded.x_forwarded_for, "1.1.1.1,3.3.3.3, 4.4.4.4");
  EXPECT_EQ(read->forwarded.forwarded, "for=2.2.2.2,for=5.5.5.5");
  EXPECT_TRUE(read->forwarded.any);
  EXPECT_FALSE(read_request(get("/"), here)->forwarded.any);
}

TEST(request, other_methods_bodies_and_versions_are_refused) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"}) {
    EXPECT_EQ(status_of(std::string(method) + " / HTTP/1.1\r\nHost: localhost:8443\r\n\r\n"), 405u) << method;
  }
  EXPECT_EQ(status_of(get("/", "localhost:8443", "Content-Length: 1\r\n")), 413u);
  EXPECT_EQ(status_of(get("/", "localhost:8443", "Content-Length: 100000000000\r\n")), 413u);
  EXPECT_EQ(status_of(get("/", "localhost:8443", "Content-Length: 0\r\n")), 0u);
  for (const char* coding : {"chunked", "gzip", "chunked, gzip", "gzip, chunked", "xchunked", "identity", ""}) {
    const std::string line = "Transfer-Encoding: " + std::string(coding) + "\r\n";
    EXPECT_EQ(status_of(get("/", "localhost:8443", line)), 413u) << coding;
  }
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nHost: localhost:8443\r\n\r\n"), 505u);
}

TEST(request, malformed_is_refused) {
  for (const char* target : {"https://consult.example.org/", "https://evil.org/", "http://localhost:8443/",
                             "consult.example.org:443", "https://evil.org/socket"}) {
    EXPECT_EQ(status_of(get(target)), 400u) << target;
  }
  EXPECT_EQ(status_of(get("*")), 400u);
  EXPECT_EQ(status_of("GET /\r\n\r\n"), 400u);
  EXPECT_EQ(status_of("\r\n\r\n"), 400u);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost localhost:8443\r\n\r\n"), 400u);
  EXPECT_EQ(status_of(get("/", "localhost:8443", "Content-Length: 1\r\nContent-Length: 2\r\n")), 400u);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: localhost:8443\r\n"), 400u) << "no empty line";
  EXPECT_EQ(status_of(get("/") + "GET / HTTP/1.1\r\n"), 400u) << "more than one header";
}

TEST(request, upgrades_from_an_allowed_origin_only) {
  const auto read = read_request(upgrade(own_origin, own_protocol), here);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->upgrade);
  EXPECT_EQ(read->origin, "https://localhost:8443");
  EXPECT_EQ(read->accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(status_of(upgrade("", own_protocol)), 403u);
  EXPECT_EQ(status_of(upgrade(std::string(own_origin) + std::string(own_origin), own_protocol)), 403u);
  EXPECT_EQ(status_of(upgrade(std::string(own_origin) + "Origin: https://evil.org\r\n", own_protocol)), 403u);
  EXPECT_EQ(status_of(upgrade("Origin: https://evil.org\r\n" + std::string(own_origin), own_protocol)), 403u);
  EXPECT_EQ(status_of(upgrade("Origin: https://consult.example.org\r\n", own_protocol)), 0u) << "the other one";
  for (const char* origin : {"null",
                             "https://evil.org",
                             "https://localhost:8443.evil.org",
                             "https://localhost",
                             "https://localhost:84431",
                             "http://localhost:8443",
                             "https://LOCALHOST:8443",
                             "https://localhost:8443/",
                             "localhost:8443",
                             "",
                             "https://evil-consult.example.org",
                             "https://consult.example.org:443",
                             "https://consult.example.org.",
                             "https://localhost:8443 https://evil.org",
                             "https://consult.example.org.evil.org",
                             "https://evilconsult.example.org",
                             "https://consult.example.org:8443",
                             "https://consult.example.org/",
                             "http://consult.example.org",
                             "HTTPS://consult.example.org",
                             "https://Consult.example.org",
                             "https://consult.example.or",
                             "https://user@consult.example.org",
                             "wss://consult.example.org",
                             "https://consult.example.org, https://localhost:8443",
                             "https://example.org",
                             "https://*",
                             "*",
                             "undefined"}) {
    EXPECT_EQ(status_of(upgrade("Origin: " + std::string(origin) + "\r\n", own_protocol)), 403u) << origin;
  }
}

TEST(request, upgrades_to_the_own_subprotocol_only) {
  for (const char* line : {"", "Sec-WebSocket-Protocol: tomoshibi.2\r\n", "Sec-WebSocket-Protocol: Tomoshibi.1\r\n",
                           "Sec-WebSocket-Protocol: tomoshibi.11\r\n", "Sec-WebSocket-Protocol: tomoshibi\r\n",
                           "Sec-WebSocket-Protocol: tomoshibi.0\r\n", "Sec-WebSocket-Protocol:\r\n",
                           "Sec-WebSocket-Protocol: tomoshibi.2, tomoshibi.3, chat\r\n",
                           "Sec-WebSocket-Protocol: tomoshibi.2;tomoshibi.1\r\n"}) {
    EXPECT_EQ(status_of(upgrade(own_origin, line)), 400u) << line;
  }
  for (const char* line : {"Sec-WebSocket-Protocol: tomoshibi.2, tomoshibi.1\r\n",
                           "Sec-WebSocket-Protocol: tomoshibi.1, tomoshibi.2\r\n",
                           "Sec-WebSocket-Protocol: chat,tomoshibi.1 ,superchat\r\n"}) {
    EXPECT_EQ(status_of(upgrade(own_origin, line)), 0u) << line;
  }
}

TEST(request, upgrades_by_the_rules_only) {
  const std::string right = upgrade(own_origin, own_protocol);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string out = right;
    return out.replace(out.find(from), from.size(), to);
  };
  EXPECT_EQ(status_of(with("Version: 13", "Version: 8")), 426u);
  EXPECT_EQ(status_of(with("Upgrade: websocket", "Upgrade: h2c")), 426u);
  EXPECT_EQ(status_of(with("Connection: Upgrade", "Connection: close")), 426u);
  EXPECT_EQ(status_of(with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ==")), 400u);
  EXPECT_EQ(status_of(with("GET", "HEAD")), 426u);
  EXPECT_EQ(status_of(with("GET", "POST")), 405u);
  EXPECT_EQ(status_of(with("localhost:8443", "localhost")), 421u);
  EXPECT_EQ(status_of(get("/socket")), 426u);
  EXPECT_FALSE(read_request(with("/socket", "/socket2"), here)->upgrade);
}

TEST(request, never_reads_past_a_bad_byte) {
  const std::string right = upgrade(own_origin, own_protocol);
  for (std::size_t at = 0; at + 4 < right.size(); ++at) {
    for (char bad : {'\0', '\n', '\x7f', '\xff'}) {
      std::string changed = right;
      changed[at] = bad;
      const auto read = read_request(changed, here);
      if (read && read->upgrade) {
        EXPECT_EQ(read->origin, "https://localhost:8443");
      }
    }
  }
}

TEST(request, faults_of_an_origin_are_told) {
  EXPECT_EQ(fault_of_origin("https://consult.example.org"), "");
  EXPECT_EQ(fault_of_origin("https://[::1]:8443"), "");
  for (const char* origin :
       {"consult.example.org", "http://consult.example.org", "https://", "https://consult.example.org/",
        "https://Consult.example.org", "https://consult.example.org:443", "https://a b"}) {
    EXPECT_NE(fault_of_origin(origin), "") << origin;
  }
}

TEST(request, the_host_of_an_origin_is_without_its_port) {
  EXPECT_EQ(host_of("https://consult.example.org"), "consult.example.org");
  EXPECT_EQ(host_of("https://localhost:8443"), "localhost");
  EXPECT_EQ(host_of("https://192.0.2.1:8443"), "192.0.2.1");
  EXPECT_EQ(host_of("https://[2001:db8::1]:8443"), "2001:db8::1");
  EXPECT_EQ(host_of("https://[::1]"), "::1");
}

TEST(request, binds_browsers_to_https_for_a_host_with_a_name_alone) {
  for (const char* host :
       {"consult.example.org", "consult.example.org:8443", "localhost.example.org", "1.example.org"})
    EXPECT_TRUE(binds_host(host)) << host;
  for (const char* host :
       {"localhost", "localhost:8443", "LocalHost", "127.0.0.1", "192.0.2.1:8443", "[::1]", "[2001:db8::1]:8443", ""})
    EXPECT_FALSE(binds_host(host)) << host;
  EXPECT_TRUE(read_request(get("/"), here)->binds_host);
  EXPECT_FALSE(read_request(get("/", "localhost:8443"), here)->binds_host) << "the other origin beside it";
  EXPECT_TRUE(read_request(get("/", "consult.example.org", "Content-Length: 1\r\n"), here).error().binds_host);
  EXPECT_FALSE(read_request(get("/", "evil.org"), here).error().binds_host);
}

}  // namespace
}  // namespace tomoshibi::net
