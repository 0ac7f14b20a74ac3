#include <sys/resource.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

using boost::asio::ip::tcp;

class startup : public running_server {
 protected:
  std::string failure() {
    try {
      start();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "started";
  }
  temporary_folder folder;
};

TEST_F(startup, both_address_families_share_one_free_port) {
  boost::system::error_code no_ipv6;
  tcp::acceptor probe(io);
  probe.open(tcp::v6(), no_ipv6);
  if (!no_ipv6) probe.bind({boost::asio::ip::address_v6::loopback(), 0}, no_ipv6);
  settings.addresses = {"127.0.0.1", "::1"};
  start();
  ASSERT_NE(server_->port(), 0);
  std::vector<std::string> hosts = {"127.0.0.1"};
  if (no_ipv6) {
    EXPECT_EQ(log(), "A listening address was skipped: this machine does not have its family.\n");
  } else {
    hosts.push_back("[::1]");
  }
  for (const std::string& host : hosts) {
    drill::endpoint to = where();
    to.host = host;
    std::string answer;
    drill::get(io, to, "/",
               [&](std::expected<bytes, std::string> got) { answer = got ? as_text(*got) : got.error(); });
    ASSERT_TRUE(wait_for([&] { return !answer.empty(); }));
    EXPECT_EQ(answer, "the server answered 421 instead of 200") << "reached, and told that its name is localhost";
  }
}

TEST_F(startup, an_address_that_the_machine_lacks_is_told_even_if_another_works) {
  for (const std::vector<std::string>& addresses :
       {std::vector<std::string>{"192.0.2.1", "127.0.0.1"}, {"127.0.0.1", "192.0.2.1"}, {"192.0.2.1"}}) {
    settings.addresses = addresses;  // RFC 5737: nobody's
    EXPECT_NE(failure().find("of 192.0.2.1 cannot be opened: this machine does not have that address"),
              std::string::npos);
  }
}

// As both families have it that the machine has, one and the same port.
TEST_F(startup, every_address_of_both_families_beside_one_that_they_cover) {
  settings.addresses = {"127.0.0.1", "0.0.0.0", "::", "::1", "127.0.0.1"};
  settings.http_port = 0;
  start();
  boost::system::error_code no_ipv6;
  tcp::acceptor(io).open(tcp::v6(), no_ipv6);
  for (const std::uint16_t port : {server_->port(), server_->http_port()}) {
    for (const char* address : {"127.0.0.1", "127.0.0.2", "::1"}) {
      if (no_ipv6 && std::string_view(address) == "::1") continue;
      boost::system::error_code error;
      tcp::socket(io).connect({boost::asio::ip::make_address(address), port}, error);
      EXPECT_FALSE(error) << address << " port " << port << ": " << error.message();
    }
  }
}

TEST_F(startup, each_wildcard_leaves_the_other_family_alone) {
  for (const char* wildcard : {"0.0.0.0", "::"}) {
    settings.addresses = {wildcard};
    try {
      start();
    } catch (const std::runtime_error&) {
      continue;  // a machine without IPv6
    }
    const char* const other = std::string_view(wildcard) == "::" ? "127.0.0.1" : "::1";
    boost::system::error_code error;
    tcp::socket(io).connect({boost::asio::ip::make_address(other), server_->port()}, error);
    EXPECT_TRUE(error) << "nobody listens at " << other;
  }
}

TEST_F(startup, a_port_in_use_is_told) {
  start();
  settings.port = server_->port();
  boost::asio::io_context other;
  try {
    server second(other, settings, audience_, {});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "Port " + std::to_string(settings.port) +
                  " of 127.0.0.1 is in use by another program: stop that program, or set another port");
  }
}

TEST_F(startup, one_port_for_tls_and_plain_http_is_told) {
  settings.port = 9443;
  settings.http_port = 9443;
  EXPECT_EQ(failure(), "Port 9443 is set for TLS and for plain HTTP too: give each a port of its own");
}

TEST_F(startup, a_faulty_setting_is_told_in_a_sentence) {
  const server_settings right = settings;
  const auto failure_with = [&](auto change) {
    settings = right;
    change(settings);
    return failure();
  };
  const std::string missing = failure_with([&](auto& s) { s.certificate_file = folder.file("none.pem"); });
  EXPECT_EQ(missing, "The certificate " + folder.file("none.pem") +
                         " cannot be read (No such file or directory): check the path and who may read it");
  EXPECT_NE(failure_with([&](auto& s) { s.key_file = folder.write("empty", ""); }).find("it is empty"),
            std::string::npos);
  EXPECT_NE(failure_with([&](auto& s) {
              s.certificate_file = folder.write("text", "text");
            }).find("is not a PEM certificate"),
            std::string::npos);
  EXPECT_NE(failure_with([&](auto& s) { s.key_file = folder.write("text", "text"); }).find("is not a private key"),
            std::string::npos);
  EXPECT_NE(failure_with([&](auto& s) {
              s.key_file = another_certificate().key;
            }).find("does not belong to the certificate"),
            std::string::npos);
  EXPECT_NE(failure_with([](auto& s) { s.origins.clear(); }).find("No origin is allowed"), std::string::npos);
  EXPECT_NE(failure_with([](auto& s) { s.origins = {"https://a.org/"}; }).find("nothing after it"),
            std::string::npos);
  EXPECT_NE(failure_with([](auto& s) { s.addresses = {"localhost"}; }).find("is not an IP address"),
            std::string::npos);
  EXPECT_NE(failure_with([](auto& s) { s.proxies = {"10.0.0.0/99"}; }).find("The proxy \"10.0.0.0/99\" is neither"),
            std::string::npos);
  EXPECT_NE(failure_with([](auto& s) { s.addresses.clear(); }).find("No listening address"), std::string::npos);
  settings = right;
  EXPECT_EQ(failure(), "started");
}

TEST_F(startup, out_of_file_descriptors_it_pauses_and_recovers) {
  start();
  raw_client waiting(*this, false);  // in the backlog: nothing has run yet
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  int turns = 0;
  const auto until = std::chrono::steady_clock::now() + 250ms;
  while (std::chrono::steady_clock::now() < until) turns += static_cast<int>(io.run_one_for(10ms));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_LT(turns, 50) << "it spins";
  EXPECT_TRUE(waiting.shake_hands());
  EXPECT_TRUE(waiting.get("/").starts_with("HTTP/1.1 200"));
  EXPECT_NE(stop_and_log().find("accept failed"), std::string::npos);
}

TEST(endpoint, is_read_from_a_url) {
  const auto full = drill::parse_url("wss://consult.example.org:8443/socket2");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->host, "consult.example.org");
  EXPECT_EQ(full->port, 8443);
  EXPECT_EQ(full->path, "/socket2");
  EXPECT_EQ(full->origin(), "https://consult.example.org:8443");
  const auto least = drill::parse_url("wss://consult.example.org");
  ASSERT_TRUE(least);
  EXPECT_EQ(least->port, 443);
  EXPECT_EQ(least->path, "/socket");
  EXPECT_EQ(least->origin(), "https://consult.example.org");
  const auto address = drill::parse_url("wss://[::1]:8443/");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "[::1]");
  EXPECT_EQ(address->origin(), "https://[::1]:8443");
  for (const char* url :
       {"", "wss://", "ws://a", "https://a", "wss://a:0", "wss://a:65536", "wss://a:x", "wss://a:", "wss://u@a",
        "wss://[::1", "wss://[::1]x:1", "wss://:8443", "wss://a b", "wss://a?x", "wss://a/ b"}) {
    const auto read = drill::parse_url(url);
    ASSERT_FALSE(read) << url;
    EXPECT_NE(read.error().find("write wss://host"), std::string::npos);
  }
}

}  // namespace
}  // namespace tomoshibi::net
