// The pages as browsers get them from the running program.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include "tests/server/ask.hpp"

namespace tomoshibi {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string page_from(const live_centre& centre, std::string_view method, std::string_view path,
                      std::string_view accept_encoding = "") {
  return support::ask(centre, method, path, fmt::format("Accept-Encoding: {}\r\n", accept_encoding));
}

std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

// Of at most 64 KiB; empty if it is no gzip.
std::string gunzip(std::string packed) {
  std::string plain(64 << 10, '\0');
  z_stream state{};
  inflateInit2(&state, 16 + MAX_WBITS);
  state.next_in = reinterpret_cast<Bytef*>(packed.data());
  state.avail_in = static_cast<uInt>(packed.size());
  state.next_out = reinterpret_cast<Bytef*>(plain.data());
  state.avail_out = static_cast<uInt>(plain.size());
  const int ended = inflate(&state, Z_FINISH);
  plain.resize(ended == Z_STREAM_END && state.avail_in == 0 ? state.total_out : 0);
  inflateEnd(&state);
  return plain;
}

auto has_security_headers() {
  return AllOf(HasSubstr("\r\nContent-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "),
               HasSubstr("\r\nIntegrity-Policy: blocked-destinations=(script)\r\n"),
               HasSubstr("\r\nCache-Control: no-store\r\n"));
}

TEST(live_pages, are_drawn_for_this_centre_and_this_moment) {
  const live_centre centre;
  const std::string front = page_from(centre, "GET", "/", "identity");
  EXPECT_THAT(front, AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("\r\nContent-Type: text/html; charset=utf-8\r\n"),
                           has_security_headers(), Not(HasSubstr("Content-Encoding: "))));
  const std::string fingerprint = support::contents_of(centre.of.fingerprint());
  EXPECT_THAT(front, HasSubstr("data-root=\"" + fingerprint.substr(0, 64) + "\" data-desk=\"centre\">"));
  EXPECT_THAT(front, HasSubstr("<a href=\"https://www.jma.go.jp/bosai/forecast/\">x</a><section lang=\"ja\">"));
  EXPECT_THAT(page_from(centre, "GET", "/?from=elsewhere"), HasSubstr("<section lang=\"en\">"));
  EXPECT_THAT(page_from(centre, "GET", "/staff"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("<title>staff</title>")));
  const std::string head = page_from(centre, "HEAD", "/");
  EXPECT_THAT(head, AllOf(StartsWith("HTTP/1.1 200 "), has_security_headers(), EndsWith("\r\n\r\n")));
}

TEST(live_pages, come_in_the_encoding_that_the_browser_takes) {
  const live_centre centre;
  const auto script = AllOf(StartsWith("HTTP/1.1 200 "), has_security_headers(),
                            HasSubstr("\r\nContent-Type: text/javascript; charset=utf-8\r\n"),
                            HasSubstr("\r\nVary: Accept-Encoding\r\n"));
  EXPECT_THAT(page_from(centre, "GET", "/page.js", "gzip, deflate, br, zstd"),
              AllOf(script, HasSubstr("\r\nContent-Encoding: br\r\n"), EndsWith("\r\n\r\nin br")));
  EXPECT_THAT(page_from(centre, "GET", "/page.js", "gzip"),
              AllOf(script, HasSubstr("\r\nContent-Encoding: gzip\r\n"), EndsWith("\r\n\r\nin gzip")));
  EXPECT_THAT(page_from(centre, "GET", "/page.js", "identity"),
              AllOf(script, Not(HasSubstr("Content-Encoding: ")), EndsWith("\r\n\r\nas it is")));
  EXPECT_THAT(page_from(centre, "HEAD", "/page.js", "br"),
              AllOf(script, HasSubstr("\r\nContent-Encoding: br\r\n"), HasSubstr("\r\nContent-Length: 5\r\n"),
                    EndsWith("\r\n\r\n")));
  EXPECT_THAT(page_from(centre, "GET", "/parts/icon.svg", "br"),
              AllOf(Not(HasSubstr("Vary: ")), HasSubstr("\r\nContent-Type: image/svg+xml\r\n"), EndsWith("<svg/>")));
}

TEST(live_pages, that_are_drawn_are_compressed_too) {
  const live_centre centre;
  for (const char* path : {"/", "/staff"}) {
    const std::string plain = page_from(centre, "GET", path, "identity");
    const std::string packed = page_from(centre, "GET", path, "br, gzip");
    EXPECT_THAT(packed,
                AllOf(StartsWith("HTTP/1.1 200 "), has_security_headers(), HasSubstr("\r\nVary: Accept-Encoding\r\n"),
                      HasSubstr("\r\nContent-Encoding: gzip\r\n")));
    EXPECT_EQ(gunzip(body_of(packed)), body_of(plain));
  }
}

TEST(live_pages, are_not_found_by_other_names) {
  const live_centre centre;
  for (const char* path : {"/page.js.br", "/page.js.gz", "/front.html", "/staff.html", "/favicon.ico", "/parts",
                           "/parts/", "/staff/", "/parts/../page.js", "//page.js", "/../centre/centre.toml"})
    EXPECT_THAT(page_from(centre, "GET", path), AllOf(StartsWith("HTTP/1.1 404 "), has_security_headers())) << path;
}

TEST(live_pages, are_what_they_were_at_the_start) {
  const live_centre centre;
  std::filesystem::remove_all(centre.pages());
  EXPECT_THAT(page_from(centre, "GET", "/page.js"), EndsWith("as it is"));
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
