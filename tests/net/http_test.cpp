// Pages over real sockets: headers on every answer, keep-alive, HEAD, refusals.
#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

class http : public running_server {};

const std::vector<std::string> headers_of_every_answer = {
    "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src "
    "'self'; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
    "'none'; "
    "require-trusted-types-for 'script'; trusted-types core",
    "Integrity-Policy: blocked-destinations=(script)",
    "Cross-Origin-Opener-Policy: same-origin",
    "Cross-Origin-Embedder-Policy: require-corp",
    "Cross-Origin-Resource-Policy: same-origin",
    "Referrer-Policy: no-referrer",
    "X-Content-Type-Options: nosniff",
    "Permissions-Policy: camera=(), microphone=(), geolocation=()",
    "Cache-Control: no-store"};

void expect_headers(const std::string& answer, std::string_view status) {
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::string(status) + " ")) << answer;
  for (const std::string& header : headers_of_every_answer) {
    EXPECT_NE(answer.find("\r\n" + header + "\r\n"), answer.npos) << header << "\n" << answer;
  }
  EXPECT_EQ(answer.find("\r\nServer:"), answer.npos);
}

TEST_F(http, every_answer_carries_every_header) {
  start();
  raw_client pages(*this);
  expect_headers(pages.get("/"), "200");
  expect_headers(pages.get("/nothing"), "404");
  expect_headers(pages.get("/socket"), "426");
  const auto answer_to = [&](const std::string& request) {
    raw_client client(*this);
    client.send(request);
    return client.read_all();
  };
  const std::string post = answer_to(pages.request("POST", "/", "Content-Length: 0\r\n"));
  expect_headers(post, "405");
  EXPECT_NE(post.find("\r\nAllow: GET, HEAD\r\n"), post.npos);
  expect_headers(answer_to(pages.upgrade_request("Origin: https://evil.org\r\n")), "403");
  expect_headers(answer_to("GET / HTTP/1.1\r\nHost: evil.org\r\n\r\n"), "421");
  expect_headers(answer_to("nonsense\r\n\r\n"), "400");
  expect_headers(answer_to(pages.request("GET", "/", "X: " + std::string(9000, 'x') + "\r\n")), "431");
  expect_headers(answer_to(pages.upgrade_request("Origin: " + origin() +
                                                 "\r\nSec-WebSocket-Version: 13\r\n"
                                                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")),
                 "400");
}

TEST_F(http, a_named_host_is_bound_to_https_and_localhost_beside_it_is_not) {
  settings.origins.push_back("https://consult.example.org");
  start();
  raw_client client(*this);
  EXPECT_EQ(client.get("/").find("Strict-Transport-Security"), std::string::npos);
  client.send("GET / HTTP/1.1\r\nHost: consult.example.org\r\n\r\n");
  EXPECT_NE(client.read_answer().find("\r\nStrict-Transport-Security: max-age=63072000\r\n"), std::string::npos);
  client.send("POST / HTTP/1.1\r\nHost: consult.example.org\r\n\r\n");
  EXPECT_NE(client.read_answer().find("\r\nStrict-Transport-Security: "), std::string::npos);
}

TEST_F(http, one_connection_takes_several_requests_also_pipelined) {
  start();
  raw_client client(*this);
  EXPECT_TRUE(client.get("/").ends_with("\r\n\r\n<p>hello"));
  EXPECT_TRUE(client.get("/").ends_with("\r\n\r\n<p>hello"));
  client.send(client.request("GET", "/a") + client.request("GET", "/", "Connection: close\r\n"));
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 200"));
  EXPECT_EQ(client.read_some(), "");
}

TEST_F(http, a_connection_ends_after_a_hundred_requests) {
  start();
  raw_client client(*this);
  for (int i = 1; i < 100; ++i) ASSERT_EQ(client.get("/").find("Connection: close"), std::string::npos) << i;
  EXPECT_NE(client.get("/").find("Connection: close"), std::string::npos);
  EXPECT_EQ(client.read_some(), "");
}

TEST_F(http, head_is_the_header_alone) {
  start();
  raw_client client(*this);
  client.send(client.request("HEAD", "/") + client.request("HEAD", "/nothing"));
  const std::string first = client.read_answer(true), second = client.read_answer(true);
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200"));
  EXPECT_NE(first.find("Content-Length: 8\r\n"), first.npos);
  EXPECT_TRUE(first.ends_with("\r\n\r\n"));
  EXPECT_TRUE(second.starts_with("HTTP/1.1 404"));
}

TEST_F(http, a_page_comes_in_the_encoding_that_is_asked_for) {
  const auto body = [](const char* text) { return std::make_shared<const std::string>(text); };
  audience_.pages["/page.js"] = {200, "text/javascript; charset=utf-8", body("plainly"), body("in br"), body("gzip")};
  start();
  raw_client client(*this);
  const auto expect = [](const std::string& answer, std::string_view encoding, std::string_view end) {
    expect_headers(answer, "200");
    EXPECT_NE(answer.find("\r\nContent-Type: text/javascript; charset=utf-8\r\n"), answer.npos);
    EXPECT_NE(answer.find("\r\nVary: Accept-Encoding\r\n"), answer.npos) << answer;
    const std::string line = "\r\nContent-Encoding: " + std::string(encoding) + "\r\n";
    EXPECT_NE(answer.find(encoding.empty() ? "\r\n" : line), answer.npos) << answer;
    EXPECT_EQ(answer.find("Content-Encoding: ") == answer.npos, encoding.empty()) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n" + std::string(end))) << answer;
  };
  expect(client.get("/page.js", "Accept-Encoding: gzip, deflate, br\r\n"), "br", "in br");
  expect(client.get("/page.js", "Accept-Encoding: gzip, br;q=0\r\n"), "gzip", "gzip");
  expect(client.get("/page.js"), "", "plainly");
  client.send(client.request("HEAD", "/page.js", "Accept-Encoding: br\r\n"));
  const std::string head = client.read_answer(true);
  expect(head, "br", "");
  EXPECT_NE(head.find("\r\nContent-Length: 5\r\n"), head.npos) << "of what a GET would bring";
  const std::string unencoded = client.get("/", "Accept-Encoding: br\r\n");
  EXPECT_EQ(unencoded.find("Vary: "), unencoded.npos);
  EXPECT_EQ(unencoded.find("Content-Encoding: "), unencoded.npos);
}

TEST_F(http, a_large_page_arrives_whole) {
  std::string body(700'000, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 26);
  audience_.pages["/core.wasm"] = {200, "application/wasm", std::make_shared<const std::string>(body)};
  start();
  raw_client client(*this);
  EXPECT_TRUE(client.get("/core.wasm").ends_with("\r\n\r\n" + body));
  EXPECT_TRUE(client.get("/").ends_with("<p>hello"));
}

TEST_F(http, a_request_in_single_bytes_is_read) {
  start();
  raw_client client(*this);
  for (char c : client.request("GET", "/")) client.send({&c, 1});
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 200"));
}

TEST_F(http, older_tls_is_refused) {
  start();
  raw_client client(*this, false);
  EXPECT_FALSE(client.shake_hands(TLS1_2_VERSION));
}

TEST_F(http, the_drill_client_gets_a_page_and_trusts_one_certificate_only) {
  start();
  std::vector<std::expected<bytes, std::string>> got;
  const auto keep = [&](std::expected<bytes, std::string> answer) { got.push_back(std::move(answer)); };
  drill::get(io, where(), "/", keep);
  ASSERT_TRUE(wait_for([&] { return got.size() == 1; }));
  ASSERT_TRUE(got[0]) << got[0].error();
  EXPECT_EQ(as_text(*got[0]), "<p>hello");
  drill::get(io, where(), "/nothing", keep);
  ASSERT_TRUE(wait_for([&] { return got.size() == 2; }));
  EXPECT_EQ(got[1].error(), "the server answered 404 instead of 200");
  drill::endpoint elsewhere = where();
  elsewhere.pinned_file = another_certificate().certificate;
  drill::get(io, elsewhere, "/", keep);
  ASSERT_TRUE(wait_for([&] { return got.size() == 3; }));
  EXPECT_NE(got[2].error().find("did not present the pinned certificate"), std::string::npos) << got[2].error();
  elsewhere.pinned_file = "/nonexistent.pem";
  drill::get(io, elsewhere, "/", keep);
  ASSERT_TRUE(wait_for([&] { return got.size() == 4; }));
  EXPECT_NE(got[3].error().find("not a readable PEM certificate"), std::string::npos);
}

TEST_F(http, the_drill_client_refuses_a_page_over_its_limit) {
  audience_.pages["/big"] = {200, "text/plain", std::make_shared<const std::string>((8u << 20) + 1, 'x')};
  start();
  std::string error;
  drill::get(io, where(), "/big",
             [&](std::expected<bytes, std::string> answer) { error = answer ? "taken" : answer.error(); });
  ASSERT_TRUE(wait_for([&] { return !error.empty(); }));
  EXPECT_EQ(error, "the page is larger than 8 MiB");
}

}  // namespace
}  // namespace tomoshibi::net
