// The running program's addresses, ports and certificate, as the outside meets them.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <stdlib.h>
#include <sys/resource.h>
#include <cerrno>
#include <cstring>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fstream>

#include "server/net/self_signed.hpp"
#include "tests/server/ask.hpp"

namespace tomoshibi {
namespace {

using boost::asio::ip::tcp;
using support::ask;
using support::ask_plainly;
using support::certificate_shown;
using support::comes_true;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// In the demonstration's configuration.
auto replacing(std::string what, std::string with) {
  return [what = std::move(what), with = std::move(with)](config::centre_settings& settings, std::string& toml) {
    ASSERT_NE(toml.find(what), std::string::npos);
    toml.replace(toml.find(what), what.size(), with);
    auto read = config::read_config(toml, "changed.toml");
    ASSERT_TRUE(read) << read.error().front();
    settings = *read;
  };
}

std::uint16_t free_port() {
  boost::asio::io_context io;
  return tcp::acceptor(io, {boost::asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
}

bool answers_at(const char* address, std::uint16_t port) {
  boost::asio::io_context io;
  boost::system::error_code error;
  tcp::socket(io).connect({boost::asio::ip::make_address(address), port}, error);
  return !error;
}

void put_certificate(const live_centre& centre, std::string_view certificate, std::string_view key) {
  ASSERT_TRUE(write_file(centre.of.tls_key(), as_bytes(key), readers::owner));
  ASSERT_TRUE(write_file(centre.of.tls_certificate(), as_bytes(certificate), readers::everyone));
}

TEST(live_sockets, show_a_renewed_certificate_after_sighup_and_warn_of_its_end) {
  live_centre centre;
  const std::string first = certificate_shown(centre);
  EXPECT_EQ(first, support::contents_of(centre.of.tls_certificate()));
  const auto now = static_cast<std::int64_t>(machine_clock());
  const auto short_lived = net::make_self_signed({"localhost", "127.0.0.1"}, now - 3600, 5);
  put_certificate(centre, short_lived.certificate, short_lived.key);
  EXPECT_EQ(certificate_shown(centre), first);
  EXPECT_THAT(centre.server->said(), Not(HasSubstr("The TLS certificate expires")));
  centre.server->signal(SIGHUP);
  EXPECT_TRUE(comes_true([&] { return certificate_shown(centre) == short_lived.certificate; }));
  EXPECT_TRUE(comes_true([&] {
    return centre.server->said().find("The TLS certificate expires in 4 days") != std::string::npos;
  })) << centre.server->said();
  EXPECT_THAT(ask(centre, "GET", "/staff"), StartsWith("HTTP/1.1 200 "));
}

TEST(live_sockets, keep_the_certificate_when_the_new_one_is_bad) {
  live_centre centre;
  const std::string good = certificate_shown(centre);
  const auto now = static_cast<std::int64_t>(machine_clock());
  const auto expired = net::make_self_signed({"localhost"}, now - 5 * 86400, 2);
  const auto other = net::make_self_signed({"localhost"}, now, 2);
  const std::string key = support::contents_of(centre.of.tls_key());
  std::size_t refused = 0;
  const auto expect_refused = [&](std::string_view why) {
    centre.server->signal(SIGHUP);
    ++refused;
    const std::string sentence = "The TLS certificate in use stays. ";
    EXPECT_TRUE(comes_true([&] {
      const std::string said = centre.server->said();
      std::size_t count = 0;
      for (auto at = said.find(sentence); at != said.npos; at = said.find(sentence, at + 1)) ++count;
      return count == refused;
    }));
    EXPECT_THAT(centre.server->said(), HasSubstr(why));
    EXPECT_EQ(certificate_shown(centre), good);
  };
  put_certificate(centre, "broken", key);
  expect_refused("is not a PEM certificate");
  put_certificate(centre, other.certificate, key);
  expect_refused("does not belong to the certificate");
  put_certificate(centre, expired.certificate, expired.key);
  expect_refused("The certificate has expired: renew it where it was issued.");
  std::filesystem::remove(centre.of.tls_certificate());
  expect_refused("cannot be read (No such file or directory)");
  EXPECT_EQ(centre.server->stop(SIGTERM), 0);
}

TEST(live_sockets, are_closed_when_the_terminal_is_that_the_program_was_started_at) {
  live_centre centre;
  centre.server->stop(SIGTERM);
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) {  // a bare chroot has no pseudo-terminals: then nobody starts the program at one
    ASSERT_FALSE(std::filesystem::exists("/dev/pts/ptmx")) << std::strerror(errno);
    return;
  }
  ASSERT_EQ(::grantpt(terminal) | ::unlockpt(terminal), 0);
  const auto port_file = centre.place / "port";
  std::filesystem::remove(port_file);
  support::program at_terminal({"serve", "--centre", centre.of.base.string(), "--pages", centre.pages().string(),
                                "--port", "0", "--port-file", port_file.string()},
                               centre.log(), ::ptsname(terminal));
  ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(port_file); })) << at_terminal.said();
  at_terminal.signal(SIGHUP);
  EXPECT_TRUE(
      comes_true([&] { return at_terminal.said().find("Read the TLS certificate again") != std::string::npos; }));
  ::close(terminal);
  EXPECT_EQ(at_terminal.wait(), 0);
}

TEST(live_sockets, tell_this_machine_alone_whether_all_is_well) {
  const live_centre centre;
  EXPECT_THAT(ask(centre, "GET", "/healthz"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(ask(centre, "HEAD", "/healthz"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n")));
  const std::string unknown = ask(centre, "GET", "/unknown");
  for (const char* line :
       {"X-Forwarded-For: 203.0.113.5\r\n", "Forwarded: for=203.0.113.5\r\n", "Via: 1.1 proxy\r\n"})
    EXPECT_EQ(ask(centre, "GET", "/healthz", line), unknown) << line;
}

TEST(live_sockets, are_asked_for_localhost_by_this_machine_whatever_their_name) {
  const live_centre centre(
      replacing("public_origin = \"https://localhost:{port}\"", "public_origin = \"https://soudan.example.org\""));
  EXPECT_THAT(ask(centre, "GET", "/healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask(centre, "GET", "/", "X-Forwarded-For: 203.0.113.5\r\n"), StartsWith("HTTP/1.1 421 "));
  const auto named = net::certificate_covers(centre.of.tls_certificate(), {"soudan.example.org", "localhost"});
  EXPECT_TRUE(named && *named) << "init made the certificate for it";
}

// A disk that takes no more, and gives back what nobody wrote.
TEST(live_sockets, say_so_when_the_store_fails) {
  const auto before = std::signal(SIGXFSZ, SIG_IGN);  // the program inherits it, and its writes fail
  const live_centre centre;
  std::signal(SIGXFSZ, before);
  for (const char* part : {"", "-wal"}) {
    const std::string file = centre.of.database().string() + part;
    const std::string nobodys(std::filesystem::file_size(file), 'x');
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary) << nobodys;
  }
  const rlimit small{4096, 4096};
  ASSERT_EQ(::prlimit(centre.server->id(), RLIMIT_FSIZE, &small, nullptr), 0);
  crypto::system_random random;
  drill::settings vain = centre.drill(1, 1, 1);
  vain.patience = std::chrono::seconds(3);
  EXPECT_FALSE(drill::run(vain, random).clean());
  EXPECT_THAT(ask(centre, "GET", "/healthz"), AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nstorage\n")))
      << centre.server->said();
  EXPECT_THAT(ask(centre, "GET", "/staff"), StartsWith("HTTP/1.1 200 ")) << "the pages are still there";
}

TEST(live_sockets, lead_from_plain_http_to_the_public_origin_and_show_a_challenge) {
  const support::temporary_folder acme;
  std::filesystem::create_directories(acme / ".well-known/acme-challenge");
  std::ofstream(acme / ".well-known/acme-challenge/token") << "token.thumbprint";
  const std::uint16_t port = free_port();
  const live_centre centre(replacing(
      "port = 8443", fmt::format("port = 8443\nhttp_port = {}\nacme_folder = \"{}\"", port, acme.path().string())));
  const std::string led = fmt::format("\r\nLocation: https://localhost:{}/staff\r\n", centre.where.port);
  const std::string request = "GET /staff HTTP/1.1\r\nHost: evil.org\r\n\r\n";
  EXPECT_THAT(ask_plainly(port, request), AllOf(StartsWith("HTTP/1.1 308 "), HasSubstr(led), EndsWith("\r\n\r\n")));
  EXPECT_THAT(ask_plainly(centre.where.port, request), AllOf(StartsWith("HTTP/1.1 308 "), HasSubstr(led)));
  EXPECT_THAT(ask_plainly(port, "GET /.well-known/acme-challenge/token HTTP/1.1\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\ntoken.thumbprint")));
}

TEST(live_sockets, listen_on_every_address_also_beside_one_that_is_named) {
  live_centre centre(replacing("addresses = [\"127.0.0.1\", \"::1\"]", "addresses = [\"0.0.0.0\", \"::\"]"));
  EXPECT_TRUE(answers_at("127.0.0.1", centre.where.port));
  EXPECT_EQ(centre.server->stop(SIGTERM), 0);
  centre.start("0", {"--listen", "127.0.0.5"});
  for (const char* address : {"127.0.0.1", "127.0.0.5", "127.0.0.9"})
    EXPECT_TRUE(answers_at(address, centre.where.port)) << address;
  const std::string named =
      ask_plainly(centre.where.port, fmt::format("GET / HTTP/1.1\r\nHost: 127.0.0.5:{}\r\n\r\n", centre.where.port));
  EXPECT_THAT(named, HasSubstr(fmt::format("\r\nLocation: https://127.0.0.5:{}/\r\n", centre.where.port)));
}

TEST(live_sockets, listen_on_one_more_address_than_the_configured_ones) {
  live_centre centre;
  EXPECT_FALSE(answers_at("127.0.0.5", centre.where.port));
  EXPECT_EQ(centre.server->stop(SIGTERM), 0);
  centre.start("0", {"--listen", "127.0.0.5"});
  EXPECT_TRUE(answers_at("127.0.0.1", centre.where.port));
  EXPECT_TRUE(answers_at("127.0.0.5", centre.where.port));
}

}  // namespace
}  // namespace tomoshibi
