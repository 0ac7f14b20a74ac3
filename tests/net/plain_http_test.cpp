// Plain HTTP, on its own port and by mistake on that of TLS: where it leads, what it shows, and what it bears.
#include <sys/stat.h>

#include <fstream>

#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

class plain_http : public running_server {
 protected:
  plain_http() {
    settings.http_port = 0;
    settings.origins = {"https://consult.example.org", "https://second.example.org:8443", "https://localhost:{port}"};
    settings.limits.close = 200ms;
    std::filesystem::create_directories(challenges());
    settings.acme_folder = webroot();
  }
  std::string webroot() const { return folder.file("acme"); }
  std::filesystem::path challenges() const {
    return std::filesystem::path(webroot()) / ".well-known" / "acme-challenge";
  }

  std::string answer_on(std::uint16_t port, std::string_view request) {
    raw_client client(*this, false, 0, {.port = port});
    client.send_plainly(request);
    return client.read_all_plainly();
  }
  std::string answer_to(std::string_view request) { return answer_on(server_->http_port(), request); }
  std::string get(std::string_view target, std::string_view more = "Host: consult.example.org\r\n") {
    return answer_to("GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(more) + "\r\n");
  }
  void expect_noted(std::string_view reason) {
    const std::string lines = stop_and_log();
    EXPECT_NE(lines.find(reason), lines.npos) << lines;
  }
  temporary_folder folder;
};

std::string location_of(const std::string& answer) {
  const std::size_t at = answer.find("\r\nLocation: ");
  return at == answer.npos ? "none" : answer.substr(at + 12, answer.find("\r\n", at + 12) - at - 12);
}

void expect_redirect(const std::string& answer, std::string_view whereto) {
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 308 Permanent Redirect\r\n")) << answer;
  EXPECT_EQ(location_of(answer), whereto);
  EXPECT_NE(answer.find("\r\nContent-Length: 0\r\n"), answer.npos) << answer;
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), answer.npos) << answer;
  EXPECT_NE(answer.find("\r\nCache-Control: no-store\r\n"), answer.npos) << answer;
  EXPECT_EQ(answer.find("Strict-Transport-Security"), answer.npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << "no content";
  EXPECT_EQ(answer.find("\r\n\r\n"), answer.size() - 4);
}

TEST_F(plain_http, leads_to_the_public_origin_and_shows_nothing) {
  start();
  ASSERT_NE(server_->http_port(), 0);
  ASSERT_NE(server_->http_port(), server_->port());
  expect_redirect(get("/"), "https://consult.example.org/");
  expect_redirect(get("/staff"), "https://consult.example.org/staff");
  expect_redirect(get("/parts/page-1_a.js?token=secret"), "https://consult.example.org/parts/page-1_a.js");
  expect_redirect(get("/socket", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
                  "https://consult.example.org/socket");
  expect_redirect(answer_to("HEAD /staff HTTP/1.1\r\n\r\n"), "https://consult.example.org/staff");
  expect_redirect(answer_to("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), "https://consult.example.org/");
}

TEST_F(plain_http, leads_to_no_other_host_whatever_it_is_told) {
  start();
  for (const char* host : {"evil.org", "consult.example.org.evil.org", "consult.example.org@evil.org", "",
                           "evil.org:80", "second.example.org.evil.org", "second.example.org@evil.org",
                           "consult.example.org:443", "consult.example.org, evil.org"})
    expect_redirect(get("/", "Host: " + std::string(host) + "\r\n"), "https://consult.example.org/");
  expect_redirect(get("/", ""), "https://consult.example.org/");
  expect_redirect(get("/", "Host: evil.org\r\nHost: second.example.org:8443\r\n"), "https://consult.example.org/");
  expect_redirect(get("/", "X-Forwarded-Host: evil.org\r\n"), "https://consult.example.org/");
  for (const char* target : {"//evil.org", "//evil.org/..", "http://evil.org/", "/\\evil.org", "/a%0d%0aX:y", "*",
                             "/a@evil.org", "/a:b", "/a?b", "/#a"}) {
    const std::string answer = get(target);
    const std::string whereto = location_of(answer);
    EXPECT_TRUE(whereto == "https://consult.example.org/" || whereto == "https://consult.example.org/a" ||
                answer.starts_with("HTTP/1.1 400"))
        << target << answer;
  }
  expect_redirect(get("/" + std::string(300, 'a')), "https://consult.example.org/");
}

TEST_F(plain_http, leads_to_the_own_address_that_was_asked_for) {
  start();
  expect_redirect(get("/a", "Host: second.example.org:8443\r\n"), "https://second.example.org:8443/a");
  expect_redirect(get("/a", "Host: second.example.org\r\n"), "https://second.example.org:8443/a");
  expect_redirect(get("/a", "Host: Second.example.org:80\r\n"), "https://second.example.org:8443/a");
  expect_redirect(get("/a", "Host: " + host() + "\r\n"), origin() + "/a");
}

TEST_F(plain_http, spoken_to_the_port_of_tls_it_is_answered_alike) {
  start();
  expect_redirect(answer_on(server_->port(), "GET /staff HTTP/1.1\r\nHost: " + host() + "\r\n\r\n"),
                  origin() + "/staff");
  expect_redirect(answer_on(server_->port(), "GET / HTTP/1.1\r\n\r\n"), "https://consult.example.org/");
  raw_client garbage(*this, false);
  garbage.send_plainly("\x01\x02\x03 no protocol that is known\r\n\r\n");
  EXPECT_TRUE(garbage.is_cut());
  raw_client beside(*this);
  beside.send("GET / HTTP/1.1\r\nHost: " + host() + "\r\n\r\n");
  EXPECT_TRUE(beside.read_answer().ends_with("<p>hello"));
  expect_noted("1 x TLS handshake failed");
}

TEST_F(plain_http, no_such_port_is_opened_unless_it_is_asked_for) {
  settings.http_port = std::nullopt;
  start();
  EXPECT_EQ(server_->http_port(), 0);
}

TEST_F(plain_http, an_authority_is_shown_the_challenge_in_the_acme_folder) {
  std::ofstream(challenges() / "Token-1_a") << "Token-1_a.thumbprint";
  start();
  const std::string answer = get("/.well-known/acme-challenge/Token-1_a", "Host: any.example.org\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nToken-1_a.thumbprint")) << answer;
  EXPECT_NE(answer.find("\r\nContent-Type: application/octet-stream\r\n"), answer.npos) << answer;
  EXPECT_NE(answer.find("\r\nX-Content-Type-Options: nosniff\r\n"), answer.npos) << answer;
  EXPECT_EQ(answer.find("Strict-Transport-Security"), answer.npos) << answer;
  const std::string head = answer_to("HEAD /.well-known/acme-challenge/Token-1_a HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
  EXPECT_NE(head.find("\r\nContent-Length: 20\r\n"), head.npos) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST_F(plain_http, nothing_else_on_the_machine_is_shown) {
  const std::filesystem::path at = challenges();
  const std::string secret = folder.write("secret", "the key");
  std::ofstream(at / "large") << std::string(1025, 'x');
  std::ofstream(at / "dotted.txt") << "the key";
  std::filesystem::create_symlink(secret, at / "link");
  std::filesystem::create_directory(at / "folder");
  ASSERT_EQ(::mkfifo((at / "pipe").c_str(), 0600), 0);
  start();
  for (const char* token : {"missing", "large", "link", "folder", "pipe", "dotted.txt", "", "../../../secret", "..",
                            "%2e%2e/secret", "folder/", "/secret", "a b"}) {
    const std::string answer = get("/.well-known/acme-challenge/" + std::string(token));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 400 ")) << token << "\n"
                                                                                            << answer;
    EXPECT_EQ(answer.find("the key"), answer.npos) << token;
  }
  EXPECT_TRUE(get("/.well-known/acme-challenge/" + std::string(129, 'a')).starts_with("HTTP/1.1 404 "));
  std::filesystem::remove_all(at);
  std::filesystem::create_directory_symlink(folder.file(""), at);
  EXPECT_TRUE(get("/.well-known/acme-challenge/secret").starts_with("HTTP/1.1 404 ")) << "a link on the way";
}

TEST_F(plain_http, without_an_acme_folder_a_challenge_is_led_away_too) {
  settings.acme_folder.clear();
  start();
  expect_redirect(get("/.well-known/acme-challenge/a"), "https://consult.example.org/.well-known/acme-challenge/a");
}

TEST_F(plain_http, a_request_with_a_body_is_refused_before_it_comes) {
  start();
  const std::string sized = answer_to("POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\nslow");
  EXPECT_TRUE(sized.starts_with("HTTP/1.1 413 ")) << sized;
  EXPECT_EQ(sized.find("Strict-Transport-Security"), sized.npos) << sized;
  EXPECT_TRUE(answer_to("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n").starts_with("HTTP/1.1 413 "));
  expect_noted("2 x a request here carries no body");
}

TEST_F(plain_http, garbage_is_refused) {
  start();
  for (const char* request : {"nonsense\r\n\r\n", "\r\n\r\n", "\x16\x03\x01\r\n\r\n", "GET\r\n\r\n",
                              "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"})
    EXPECT_TRUE(answer_to(request).starts_with("HTTP/1.1 400 ")) << request;
  EXPECT_TRUE(get("/", "X: " + std::string(9000, 'x') + "\r\n").starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(answer_to(std::string(20'000, 'x')).starts_with("HTTP/1.1 431 "));
}

TEST_F(plain_http, one_connection_gets_one_answer_also_pipelined) {
  start();
  const std::string answer = answer_to("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n");
  expect_redirect(answer, "https://consult.example.org/a");
}

TEST_F(plain_http, a_slow_header_is_cut_on_either_port) {
  settings.limits.http_header = 150ms;
  settings.limits.tls_handshake = 10s;
  start();
  raw_client here(*this, false, 0, {.port = server_->http_port()}), there(*this, false);
  here.send_plainly("GET / HTTP/1.1\r\n");
  there.send_plainly("GET / HTTP/1.1\r\nX:");
  EXPECT_TRUE(here.is_cut());
  EXPECT_TRUE(there.is_cut());
  expect_noted("2 x HTTP header too slow");
}

TEST_F(plain_http, a_silent_connection_is_cut) {
  settings.limits.http_header = 100ms;
  start();
  raw_client silent(*this, false, 0, {.port = server_->http_port()});
  EXPECT_TRUE(silent.is_cut());
  expect_noted("1 x HTTP header too slow");
}

TEST_F(plain_http, a_client_that_does_not_leave_after_its_answer_is_cut) {
  settings.limits.close = 100ms;
  start();
  raw_client lingering(*this, false, 0, {.port = server_->http_port()});
  lingering.send_plainly("GET / HTTP/1.1\r\n\r\n");
  expect_redirect(lingering.read_all_plainly(), "https://consult.example.org/");
  ASSERT_TRUE(wait_for([&] { return lingering.is_left(); }));
  expect_noted("1 x peer does not close");
}

TEST_F(plain_http, its_connections_count_as_all_others) {
  settings.connections_max = 2;
  start();
  raw_client first(*this), second(*this, false, 0, {.port = server_->http_port()});
  raw_client third(*this, false, 0, {.port = server_->http_port()}), fourth(*this, false);
  EXPECT_TRUE(third.is_cut());
  EXPECT_TRUE(fourth.is_cut());
  EXPECT_TRUE(first.get("/").starts_with("HTTP/1.1 200"));
  expect_noted("2 x turned away, connections at their limit");
}

TEST_F(plain_http, its_port_in_use_is_told) {
  start();
  settings.http_port = server_->http_port();
  boost::asio::io_context other;
  try {
    server second(other, settings, audience_, {});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()), "Port " + std::to_string(*settings.http_port) +
                                             " of 127.0.0.1 is in use by another program: stop that program, or set "
                                             "another port");
  }
}

TEST_F(plain_http, answers_on_every_address) {
  settings.addresses = {"127.0.0.1", "127.0.0.3"};
  start();
  EXPECT_EQ(log().find("skipped"), std::string::npos);
  expect_redirect(get("/"), "https://consult.example.org/");
}

TEST_F(plain_http, an_acme_folder_that_is_not_there_is_told_at_the_start) {
  start();
  EXPECT_EQ(log().find("ACME"), std::string::npos) << log();
  settings.acme_folder = folder.file("none");
  start();
  EXPECT_NE(log().find("The ACME folder " + settings.acme_folder + " cannot be read (No such file or directory)"),
            std::string::npos)
      << log();
  settings.acme_folder = folder.write("file", "");
  start();
  EXPECT_NE(log().find(settings.acme_folder + " cannot be read (Not a directory)"), std::string::npos) << log();
}

}  // namespace
}  // namespace tomoshibi::net
