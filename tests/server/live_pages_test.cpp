// The pages as browsers get them from the running program.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <memory>

#include "tests/server/live_centre.hpp"

namespace tomoshibi {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// One request on a connection of its own, and the whole answer.
std::string ask(const live_centre& centre, std::string_view method, std::string_view path,
                std::string_view accept_encoding = "") {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> trusting(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_load_verify_file(trusting.get(), centre.of.tls_certificate().c_str());
  SSL_CTX_set_verify(trusting.get(), SSL_VERIFY_PEER, nullptr);
  const std::unique_ptr<BIO, void (*)(BIO*)> line(BIO_new_ssl_connect(trusting.get()), BIO_free_all);
  BIO_set_conn_hostname(line.get(), fmt::format("127.0.0.1:{}", centre.where.port).c_str());
  const std::string request =
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost:{}\r\nAccept-Encoding: {}\r\nConnection: close\r\n\r\n", method,
                  path, centre.where.port, accept_encoding);
  EXPECT_EQ(BIO_write(line.get(), request.data(), static_cast<int>(request.size())),
            static_cast<int>(request.size()));
  std::string out;
  char some[4096];
  for (int got; (got = BIO_read(line.get(), some, sizeof some)) > 0;) out.append(some, static_cast<std::size_t>(got));
  return out;
}

auto has_security_headers() {
  return AllOf(HasSubstr("\r\nContent-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "),
               HasSubstr("\r\nIntegrity-Policy: blocked-destinations=(script)\r\n"),
               HasSubstr("\r\nCache-Control: no-store\r\n"));
}

TEST(live_pages, are_drawn_for_this_centre_and_this_moment) {
  const live_centre centre;
  const std::string front = ask(centre, "GET", "/", "br, gzip");
  EXPECT_THAT(front, AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("\r\nContent-Type: text/html; charset=utf-8\r\n"),
                           has_security_headers(), Not(HasSubstr("Vary: ")), Not(HasSubstr("Content-Encoding: "))));
  const std::string fingerprint = support::contents_of(centre.of.fingerprint());
  EXPECT_THAT(front, HasSubstr("data-root=\"" + fingerprint.substr(0, 64) + "\" data-desk=\"centre\">"));
  EXPECT_THAT(front, HasSubstr("<a href=\"https://www.jma.go.jp/bosai/forecast/\">x</a><section lang=\"ja\">"));
  EXPECT_THAT(ask(centre, "GET", "/?from=elsewhere"), HasSubstr("<section lang=\"en\">"));
  EXPECT_THAT(ask(centre, "GET", "/staff"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("<title>staff</title>")));
  const std::string head = ask(centre, "HEAD", "/");
  EXPECT_THAT(head, AllOf(StartsWith("HTTP/1.1 200 "), has_security_headers(), EndsWith("\r\n\r\n")));
}

TEST(live_pages, come_in_the_encoding_that_the_browser_takes) {
  const live_centre centre;
  const auto script = AllOf(StartsWith("HTTP/1.1 200 "), has_security_headers(),
                            HasSubstr("\r\nContent-Type: text/javascript; charset=utf-8\r\n"),
                            HasSubstr("\r\nVary: Accept-Encoding\r\n"));
  EXPECT_THAT(ask(centre, "GET", "/page.js", "gzip, deflate, br, zstd"),
              AllOf(script, HasSubstr("\r\nContent-Encoding: br\r\n"), EndsWith("\r\n\r\nin br")));
  EXPECT_THAT(ask(centre, "GET", "/page.js", "gzip"),
              AllOf(script, HasSubstr("\r\nContent-Encoding: gzip\r\n"), EndsWith("\r\n\r\nin gzip")));
  EXPECT_THAT(ask(centre, "GET", "/page.js", "identity"),
              AllOf(script, Not(HasSubstr("Content-Encoding: ")), EndsWith("\r\n\r\nas it is")));
  EXPECT_THAT(ask(centre, "HEAD", "/page.js", "br"),
              AllOf(script, HasSubstr("\r\nContent-Encoding: br\r\n"), HasSubstr("\r\nContent-Length: 5\r\n"),
                    EndsWith("\r\n\r\n")));
  EXPECT_THAT(ask(centre, "GET", "/parts/icon.svg", "br"),
              AllOf(Not(HasSubstr("Vary: ")), HasSubstr("\r\nContent-Type: image/svg+xml\r\n"), EndsWith("<svg/>")));
}

TEST(live_pages, are_not_found_by_other_names) {
  const live_centre centre;
  for (const char* path : {"/page.js.br", "/page.js.gz", "/front.html", "/staff.html", "/favicon.ico", "/parts",
                           "/parts/", "/staff/", "/parts/../page.js", "//page.js", "/../centre/centre.toml"})
    EXPECT_THAT(ask(centre, "GET", path), AllOf(StartsWith("HTTP/1.1 404 "), has_security_headers())) << path;
}

TEST(live_pages, are_what_they_were_at_the_start) {
  const live_centre centre;
  std::filesystem::remove_all(centre.pages());
  EXPECT_THAT(ask(centre, "GET", "/page.js"), EndsWith("as it is"));
}

TEST(live_pages, that_are_not_built_are_asked_for_with_how_to_build_them) {
  const live_centre centre;
  centre.server->stop(SIGTERM);
  const auto refused = support::run_program(
      {"serve", "--centre", centre.of.base.string(), "--pages", (centre.place / "nowhere").string(), "--port", "0"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.said, HasSubstr("nowhere: is no folder; client-web/build makes the pages"));
}

}  // namespace
}  // namespace tomoshibi
