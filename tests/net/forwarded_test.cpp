// For whom a proxy speaks: what is believed, what is refused, and what the server makes of it on real sockets.
#include "server/net/forwarded.hpp"

#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

const proxies named({"192.0.2.7", "10.0.0.0/8", "2001:db8:ffff::/48"});

// The address, "nobody", or the reason of a refusal.
std::string client_of(std::string x_forwarded_for, std::string forwarded = "") {
  const auto found = named.client_of({std::move(x_forwarded_for), std::move(forwarded), true});
  if (!found) return std::string(found.error());
  return *found ? (*found)->to_string() : "nobody";
}

constexpr const char* malformed = "the header in which a proxy names its client is malformed";

TEST(forwarded, proxies_are_named_by_address_and_by_network) {
  const auto is_named = [](const char* address) { return named.name(boost::asio::ip::make_address(address)); };
  for (const char* address : {"192.0.2.7", "10.0.0.0", "10.255.255.255", "2001:db8:ffff::1", "::ffff:192.0.2.7"})
    EXPECT_TRUE(is_named(address)) << address;
  for (const char* address : {"192.0.2.8", "11.0.0.0", "9.255.255.255", "2001:db8:fffe::1", "2001:db9::", "::1"})
    EXPECT_FALSE(is_named(address)) << address;
  const proxies wide({"::/16", "64.0.0.0/8"});
  EXPECT_FALSE(wide.name(boost::asio::ip::make_address("203.0.113.5"))) << "no IPv4 address is of an IPv6 network";
  EXPECT_FALSE(wide.name(boost::asio::ip::make_address("::ffff:203.0.113.5")));
  EXPECT_TRUE(wide.name(boost::asio::ip::make_address("::1")));
  for (const char* network : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "2001:db8::/129", "proxy.example.org",
                              "10.0.0.0/-1", "fe80::1%lo"}) {
    try {
      const proxies wrong({network});
      ADD_FAILURE() << network;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("neither an IP address nor a network"), std::string::npos);
    }
  }
}

TEST(forwarded, the_client_is_the_right_most_that_is_no_named_proxy) {
  EXPECT_EQ(client_of("203.0.113.5"), "203.0.113.5");
  EXPECT_EQ(client_of("198.51.100.1, 203.0.113.5"), "203.0.113.5") << "what is left of it anybody may have written";
  EXPECT_EQ(client_of("198.51.100.1,203.0.113.5 ,10.1.2.3,\t192.0.2.7"), "203.0.113.5");
  EXPECT_EQ(client_of("10.1.2.3, 203.0.113.5, 10.1.2.3"), "203.0.113.5");
  EXPECT_EQ(client_of("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(client_of("203.0.113.5:4711"), "203.0.113.5");
  EXPECT_EQ(client_of("[2001:db8::1]:4711"), "2001:db8::1");
  EXPECT_EQ(client_of("::ffff:203.0.113.5"), "203.0.113.5");
  for (const char* left : {"x", "host.local", "\"", "", "203.0.113.5 198.51.100.1", "\"a, b\"", "\\", "'", "::::"})
    EXPECT_EQ(client_of(std::string(left) + ", 203.0.113.5, 10.1.2.3"), "203.0.113.5")
        << left << " was written by nobody who is believed";
}

TEST(forwarded, nobody_is_named_where_nobody_is) {
  EXPECT_EQ(client_of(""), "nobody");
  EXPECT_EQ(client_of("10.1.2.3, 192.0.2.7"), "nobody") << "the proxies' own request";
  EXPECT_EQ(client_of("203.0.113.5, unknown, 10.1.2.3"), "nobody") << "who is left of it was not told by a proxy";
}

TEST(forwarded, rfc_7239_is_read) {
  const auto client = [](const char* text) { return client_of("", text); };
  EXPECT_EQ(client("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(client("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(client("for=192.0.2.43, for=198.51.100.17;by=10.0.0.1;proto=https"), "198.51.100.17");
  EXPECT_EQ(client("for=198.51.100.17, for=10.0.0.2"), "198.51.100.17");
  EXPECT_EQ(client("for=198.51.100.17;host=\"a,b;for=6.6.6.6\\\"\", for=\"10.0.0.2:80\""), "198.51.100.17");
  for (const char* left :
       {"x", "for=\"1.2.3.4", "for=\"1.2.3.4\\", "for=", "", "for=\"a\\\"", "for=\"a, b", "\"\"\""})
    EXPECT_EQ(client((std::string(left) + ", for=198.51.100.17;host=\"a,b\\\",c\\\\\", for=10.0.0.2").c_str()),
              "198.51.100.17")
        << left;
  EXPECT_EQ(client("for=unknown"), "nobody");
  EXPECT_EQ(client("for=\"_SEVKISEK\""), "nobody");
  EXPECT_EQ(client("for=198.51.100.17, for=_hidden"), "nobody");
  EXPECT_EQ(client("for=198.51.100.17, proto=https"), "nobody");
}

TEST(forwarded, what_is_malformed_is_refused) {
  for (const char* text :
       {"203.0.113.256", "203.0.113.5,", "203.0.113.5,,10.1.2.3", "203.0.113.5 198.51.100.1", "example.org",
        "203.0.113.5:", "203.0.113.5:x", "[2001:db8::1", "2001:db8::1]", "[203.0.113.5]", "2001:db8::zz",
        "fe80::1%eth0", "010.0.0.1", "\"203.0.113.5\"", "203.0.113.5;", "203.0.113.5, x", "x, 10.1.2.3", "'", ","})
    EXPECT_EQ(client_of(text), malformed) << text;
  for (const char* text : {"for", "for=", "=1.2.3.4", "for=1.2.3.4;", "for=1.2.3.4;for=1.2.3.4", "for=\"1.2.3.4",
                           "for=\"1.2.3.4\\", "for=2001:db8::1", "for=[2001:db8::1]", "for = 1.2.3.4 x", "1.2.3.4",
                           "for=1.2.3.4,", "for=\"\"", "for=1.2.3.4 by=x"})
    EXPECT_EQ(client_of("", text), malformed) << text;
}

TEST(forwarded, where_both_headers_are_there_the_usual_one_counts) {
  EXPECT_EQ(client_of("203.0.113.5", "for=198.51.100.17"), "203.0.113.5");
  EXPECT_EQ(client_of("203.0.113.5", "for="), "203.0.113.5") << "a person's own network may have written that";
  EXPECT_EQ(client_of("203.0.113.5,", "for=198.51.100.17"), malformed);
  EXPECT_EQ(client_of("unknown", "for=198.51.100.17"), "nobody");
}

// --- on real sockets: 127.0.0.1 is a named proxy, every other address of the machine is not ---

class behind_a_proxy : public running_server {
 protected:
  behind_a_proxy() {
    settings.proxies = {"127.0.0.1", "127.9.0.0/16"};
    settings.limits.close = 200ms;
    settings.neighbours = {.ipv6_max = 2, .ipv4_max = 2, .shared = {}};
  }
  static std::string forwarded_for(std::string_view address) {
    return "X-Forwarded-For: " + std::string(address) + "\r\n";
  }
  // An open WebSocket for a client behind the proxy.
  std::unique_ptr<raw_client> converse(std::string_view client) {
    auto out = std::make_unique<raw_client>(*this);
    out->send(out->upgrade_request(forwarded_for(client) + "Origin: " + origin() +
                                   "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                   "Sec-WebSocket-Protocol: tomoshibi.1\r\n"));
    status = out->read_answer().substr(9, 3);
    return out;
  }
  std::string status;
};

TEST_F(behind_a_proxy, each_request_counts_for_its_own_client) {
  start();
  raw_client proxy(*this);
  for (int i = 0; i < 9; ++i) {
    const std::string client = "2001:db8:0:" + std::to_string(i % 2) + "::1";
    EXPECT_TRUE(proxy.get("/", forwarded_for(client)).starts_with("HTTP/1.1 200")) << "none of them lasts";
  }
}

TEST_F(behind_a_proxy, a_connection_that_it_keeps_open_counts_for_nobody) {
  start();
  std::vector<std::unique_ptr<raw_client>> kept;
  for (int i = 0; i < 4; ++i) {
    kept.push_back(std::make_unique<raw_client>(*this));
    EXPECT_TRUE(kept.back()->get("/", forwarded_for("2001:db8::1")).starts_with("HTTP/1.1 200")) << i;
  }
}

TEST_F(behind_a_proxy, one_neighbourhood_may_not_take_all_places) {
  start();
  const auto first = converse("2001:db8::1"), second = converse("2001:db8::2, 127.9.8.7");
  EXPECT_EQ(status, "101");
  {
    const auto third = converse("2001:db8::3");
    EXPECT_EQ(status, "429");
    EXPECT_EQ(third->read_some(), "") << "and is parted from";
  }
  const auto next_door = converse("2001:db8:0:1::3");
  EXPECT_EQ(status, "101");
  raw_client proxy(*this);
  EXPECT_TRUE(proxy.get("/", forwarded_for("2001:db8:0:1::3")).starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(proxy.get("/", forwarded_for("2001:db8::9")).starts_with("HTTP/1.1 429"));
  const std::string lines = stop_and_log();
  EXPECT_NE(lines.find("2 x too many from one neighbourhood"), lines.npos) << lines;
  EXPECT_EQ(lines.find("2001:db8"), lines.npos) << "no address is logged";
}

TEST_F(behind_a_proxy, a_place_is_free_again_when_its_client_has_gone) {
  start();
  auto first = converse("2001:db8::1");
  const auto second = converse("2001:db8::2");
  first.reset();
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
  const auto third = converse("2001:db8::3");
  EXPECT_EQ(status, "101");
}

TEST_F(behind_a_proxy, shared_ipv4_addresses_count_while_the_server_is_crowded_only) {
  settings.connections_max = 8;
  start();
  std::vector<std::unique_ptr<raw_client>> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(converse("203.0.113.5"));
    EXPECT_EQ(status, "101") << i;
  }
  all.push_back(converse("203.0.113.5"));
  EXPECT_EQ(status, "429");
  all.push_back(converse("203.0.113.6"));
  EXPECT_EQ(status, "101");
}

TEST_F(behind_a_proxy, its_own_connections_are_not_counted) {
  settings.connections_max = 6;
  start();
  std::vector<std::unique_ptr<raw_client>> all;
  for (int i = 0; i < 6; ++i) {
    all.push_back(std::make_unique<raw_client>(*this));
    EXPECT_TRUE(all.back()->get("/").starts_with("HTTP/1.1 200")) << i;
  }
  EXPECT_TRUE(all.back()->get("/", forwarded_for("203.0.113.5")).starts_with("HTTP/1.1 200"));
  EXPECT_NE(stop_and_log().find("6 x a named proxy did not say for whom it asks"), std::string::npos) << log();
}

// Else an onion service, or a proxy on this machine that adds no header, would let strangers ask as this machine.
TEST_F(behind_a_proxy, it_is_never_this_machine) {
  audience_.pages["/loopback"] = {200, "text/html", std::make_shared<const std::string>("this machine")};
  start();
  raw_client proxy(*this), beside(*this, true, 0, {.from = "127.0.0.2"});
  EXPECT_TRUE(proxy.get("/loopback").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(beside.get("/loopback").starts_with("HTTP/1.1 200"));
}

TEST_F(behind_a_proxy, a_malformed_header_is_refused) {
  start();
  for (const char* line :
       {"X-Forwarded-For: nonsense\r\n", "Forwarded: for=\r\n", "X-Forwarded-For: 203.0.113.5,\r\n"}) {
    raw_client proxy(*this);
    EXPECT_TRUE(proxy.get("/", line).starts_with("HTTP/1.1 400")) << line;
    EXPECT_EQ(proxy.read_some(), "");
  }
  const auto several_lines = converse("203.0.113.5\r\nX-Forwarded-For: 203.0.113.6, 127.9.0.1");
  EXPECT_EQ(status, "101");
  EXPECT_NE(stop_and_log().find("3 x the header in which a proxy names its client is malformed"), std::string::npos)
      << log();
}

TEST_F(behind_a_proxy, from_anybody_else_such_headers_are_ignored) {
  settings.connections_max = 6;
  start();
  const way over{.from = "127.0.0.2"};
  raw_client first(*this, true, 0, over), second(*this, true, 0, over);
  EXPECT_TRUE(first.get("/", "X-Forwarded-For: nonsense\r\nForwarded: for=\r\n").starts_with("HTTP/1.1 200"));
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(second.get("/", forwarded_for("2001:db8::1")).starts_with("HTTP/1.1 200")) << i;
  raw_client third(*this, true, 0, over), fourth(*this, true, 0, over);
  raw_client turned_away(*this, false, 0, over);
  EXPECT_TRUE(turned_away.is_cut()) << "counted by its own address, whatever it says";
}

TEST_F(behind_a_proxy, nobody_is_refused_for_what_their_own_network_wrote) {
  start();
  for (const char* lines :
       {"X-Forwarded-For: host.local, 203.0.113.5\r\n", "X-Forwarded-For: x\r\nX-Forwarded-For: 203.0.113.5\r\n",
        "Forwarded: for=\"\r\nX-Forwarded-For: 203.0.113.5\r\n"}) {
    raw_client proxy(*this);
    EXPECT_TRUE(proxy.get("/", lines).starts_with("HTTP/1.1 200")) << lines;
  }
}

TEST_F(behind_a_proxy, the_host_it_forwards_for_is_nothing_to_go_by) {
  start();
  raw_client proxy(*this);
  EXPECT_TRUE(
      proxy.get("/", forwarded_for("203.0.113.5") + "X-Forwarded-Host: evil.org\r\n").starts_with("HTTP/1.1 200"));
  proxy.send("GET / HTTP/1.1\r\nHost: evil.org\r\nX-Forwarded-Host: " + host() + "\r\n\r\n");
  EXPECT_TRUE(proxy.read_answer().starts_with("HTTP/1.1 421"));
}

}  // namespace
}  // namespace tomoshibi::net
