#include "tests/net/running_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <fstream>

#include <openssl/pem.h>

#include "server/net/self_signed.hpp"

namespace tomoshibi::net {

page heard::get(const visit& asked) {
  const auto found = pages.find(asked.path);
  if (found != pages.end() && (asked.from_loopback || asked.path != "/loopback")) return found->second;
  return {404, "text/plain", std::make_shared<const std::string>("not here")};
}

void heard::opened(connection_id who, std::string_view origin) {
  ++opened_count;
  open.push_back(who);
  origins.emplace_back(origin);
}

void heard::received(connection_id who, bytes_view message) {
  messages.push_back(as_text(message));
  if (on_received) on_received(who, message);
}

void heard::closed(connection_id who) {
  ++closed_count;
  EXPECT_EQ(std::erase(open, who), 1u);
}

temporary_folder::temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "tomoshibi-net-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string temporary_folder::write(const std::string& name, std::string_view text) const {
  std::ofstream(file(name)) << text;
  return file(name);
}

namespace {

certificate_files make_files(const std::string& name) {
  static temporary_folder folder;
  const certificate_pair made = make_self_signed({"localhost", "127.0.0.1", "::1"}, std::time(nullptr) - 3600, 2);
  return {folder.write(name + ".pem", made.certificate), folder.write(name + ".key", made.key)};
}

}  // namespace

const certificate_files& certificate_of_localhost() {
  static const certificate_files files = make_files("localhost");
  return files;
}

const certificate_files& another_certificate() {
  static const certificate_files files = make_files("another");
  return files;
}

running_server::running_server() {
  std::signal(SIGPIPE, SIG_IGN);  // the test's own clients; the server must do without
  settings.addresses = {"127.0.0.1"};
  settings.port = 0;
  settings.certificate_file = certificate_of_localhost().certificate;
  settings.key_file = certificate_of_localhost().key;
  settings.origins = {"https://localhost:{port}"};
  settings.subprotocol = "tomoshibi.1";
  audience_.pages["/"] = {200, "text/html", std::make_shared<const std::string>("<p>hello")};
}

void running_server::start() {
  server_ =
      std::make_unique<server>(io, settings, audience_, [this](std::string_view line) { logged.emplace_back(line); });
}

bool running_server::wait_for(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    io.restart();
    io.run_one_for(1ms);
  }
  return true;
}

std::string running_server::log() const {
  std::string out;
  for (const std::string& line : logged) out += line + "\n";
  return out;
}

drill::endpoint running_server::where() const {
  return {"localhost", server_->port(), settings.socket_path, settings.certificate_file, settings.subprotocol};
}

std::string running_server::stop_and_log() {
  bool stopped = false;
  server_->stop([&] { stopped = true; });
  EXPECT_TRUE(wait_for([&] { return stopped; }));
  return log();
}

raw_client::raw_client(running_server& test, bool handshake, int receive_buffer_bytes, way over)
    : test_(test), context_(SSL_CTX_new(TLS_client_method())), session_(SSL_new(context_)) {
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  sockaddr_in from{}, to{};
  from.sin_family = to.sin_family = AF_INET;
  EXPECT_EQ(::inet_pton(AF_INET, over.from, &from.sin_addr), 1);
  EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&from), sizeof from), 0);
  to.sin_port = htons(over.port == 0 ? test_.server_->port() : over.port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
  SSL_set_fd(session_, socket_);
  if (handshake) {
    EXPECT_TRUE(shake_hands());
  }
}

raw_client::~raw_client() {
  SSL_free(session_);
  SSL_CTX_free(context_);
  ::close(socket_);
}

int raw_client::pump(const std::function<int()>& step) {
  int result = -1;
  EXPECT_TRUE(test_.wait_for([&] {
    result = step();
    if (result > 0) return true;
    const int why = SSL_get_error(session_, result);
    return why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
  }));
  return result;
}

bool raw_client::shake_hands(int maximum_version) {
  SSL_set_max_proto_version(session_, maximum_version);
  return pump([&] { return SSL_connect(session_); }) == 1;
}

void raw_client::begin_handshake() { EXPECT_LT(SSL_connect(session_), 1); }

bool raw_client::is_answered() const {
  char ignored;
  return ::recv(socket_, &ignored, 1, MSG_PEEK) == 1;
}

void raw_client::send(std::string_view in) {
  if (in.empty()) return;
  EXPECT_GT(pump([&] { return SSL_write(session_, in.data(), static_cast<int>(in.size())); }), 0);
}

void raw_client::send_plainly(std::string_view in) {
  EXPECT_EQ(::send(socket_, in.data(), in.size(), MSG_NOSIGNAL), static_cast<ssize_t>(in.size()));
}

std::string raw_client::read_some() {
  if (!in_.empty()) return std::exchange(in_, {});
  char buffer[16'384];
  const int count = pump([&] { return SSL_read(session_, buffer, sizeof buffer); });
  return {buffer, static_cast<std::size_t>(std::max(count, 0))};
}

std::string raw_client::read_answer(bool head) {
  std::string in = read_some();
  const auto more = [&] {
    const std::string next = read_some();
    in += next;
    return !next.empty();
  };
  while (in.find("\r\n\r\n") == in.npos && more()) {
  }
  const std::size_t header = in.find("\r\n\r\n") + 4;
  const std::size_t at = in.find("Content-Length: ");
  const std::size_t length = at == in.npos || head ? 0 : std::stoul(in.substr(at + 16));
  while (in.size() < header + length && more()) {
  }
  in_ = in.substr(header + length);
  return in.substr(0, header + length);
}

std::string raw_client::read_all() {
  std::string out;
  for (std::string next = read_some(); !next.empty(); next = read_some()) out += next;
  return out;
}

std::string raw_client::read_all_plainly() {
  std::string out;
  EXPECT_TRUE(test_.wait_for([&] {
    char buffer[4096];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count > 0) out.append(buffer, static_cast<std::size_t>(count));
    return count == 0 || (count < 0 && errno != EAGAIN);
  }));
  return out;
}

std::string raw_client::certificate() const {
  const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(session_), X509_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(out.get(), shown.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string raw_client::request(std::string_view method, std::string_view path, std::string_view more_headers) const {
  return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: " + test_.host() + "\r\n" +
         std::string(more_headers) + "\r\n";
}

std::string raw_client::get(std::string_view path, std::string_view more_headers) {
  send(request("GET", path, more_headers));
  return read_answer();
}

std::string raw_client::upgrade_request(std::string_view more_headers) const {
  return request("GET", "/socket",
                 "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n" + std::string(more_headers));
}

void raw_client::upgrade() {
  send(upgrade_request("Origin: " + test_.origin() +
                       "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                       "Sec-WebSocket-Protocol: tomoshibi.1\r\n"));
  const std::string answer = read_answer();
  ASSERT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
  // The example of RFC 6455 section 1.3.
  ASSERT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), answer.npos);
  ASSERT_NE(answer.find("Sec-WebSocket-Protocol: tomoshibi.1\r\n"), answer.npos);
}

bool raw_client::was_reset() const {
  int error = 0;
  socklen_t size = sizeof error;
  EXPECT_EQ(::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size), 0);
  return error != 0;
}

bool raw_client::is_left() const { return ::send(socket_, "x", 1, MSG_NOSIGNAL) < 0 && errno != EAGAIN; }

bool raw_client::is_cut() {
  char byte_read;
  return test_.wait_for([&] {
    const ssize_t count = ::recv(socket_, &byte_read, 1, 0);
    return count == 0 || (count < 0 && errno != EAGAIN);
  });
}

std::string client_frame(int opcode, std::string_view payload, bool final) {
  static constexpr char mask[] = {0x11, 0x22, 0x33, 0x44};
  std::string out;
  out += static_cast<char>((final ? 0x80 : 0) | opcode);
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(0x80 | 126);
    out += as_text(writer().number(static_cast<std::uint16_t>(payload.size())).finish());
  } else {
    out += static_cast<char>(0x80 | 127);
    out += as_text(writer().number(static_cast<std::uint64_t>(payload.size())).finish());
  }
  out.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

std::string close_frame(int code, std::string_view reason) {
  std::string out = "\x88";
  out += static_cast<char>(2 + reason.size());
  return out + as_text(writer().number(static_cast<std::uint16_t>(code)).finish()) + std::string(reason);
}

}  // namespace tomoshibi::net
