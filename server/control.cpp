#include "server/control.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>

namespace tomoshibi {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using local = asio::local::stream_protocol;

using answering = std::function<std::string(std::string_view)>;

constexpr std::chrono::seconds patience{10};

std::string path_fault(const std::filesystem::path& socket) {
  return fmt::format("{}: too long a path for a socket, which may have {} bytes; choose a shorter folder",
                     socket.string(), sizeof(sockaddr_un::sun_path) - 1);
}

bool fits(const std::filesystem::path& socket) { return socket.native().size() < sizeof(sockaddr_un::sun_path); }

// One request, one answer, and it is over; also for who says nothing for long.
struct visit : std::enable_shared_from_this<visit> {
  visit(local::socket from, std::shared_ptr<const answering> with)
      : socket(std::move(from)), late(socket.get_executor(), patience), answer(std::move(with)) {}

  void begin() {
    late.async_wait([self = shared_from_this()](error_code cancelled) {
      error_code ignored;
      if (!cancelled) self->socket.close(ignored);
    });
    asio::async_read_until(socket, asio::dynamic_buffer(line, control_request_bytes_max), '\n',
                           [self = shared_from_this()](error_code failed, std::size_t size) {
                             if (failed) return void(self->late.cancel());
                             self->reply(std::string_view(self->line).substr(0, size - 1));
                           });
  }

  void reply(std::string_view request) {
    std::string said = (*answer)(request) + "\n";
    line = std::move(said);
    asio::async_write(socket, asio::buffer(line),
                      [self = shared_from_this()](error_code, std::size_t) { self->late.cancel(); });
  }

  local::socket socket;
  asio::steady_timer late;
  std::shared_ptr<const answering> answer;
  std::string line;
};

}  // namespace

struct control::implementation : std::enable_shared_from_this<implementation> {
  implementation(asio::io_context& io, std::filesystem::path at, answering with)
      : path(std::move(at)), answer(std::make_shared<const answering>(std::move(with))), acceptor(io), pause(io) {}

  void listen() {
    if (!fits(path)) throw std::runtime_error(path_fault(path));
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    error_code failed;
    acceptor.open(local(), failed);
    if (!failed) acceptor.bind(local::endpoint(path.string()), failed);
    if (!failed && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
      failed.assign(errno, boost::system::generic_category());
    if (!failed) acceptor.listen(8, failed);
    if (failed)
      throw std::runtime_error(
          fmt::format("{}: the control socket cannot be made: {}", path.string(), failed.message()));
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code failed, local::socket from) {
      if (failed == asio::error::operation_aborted || !self->acceptor.is_open()) return;
      if (failed) return self->accept_later();  // out of file descriptors: trying again at once would spin
      std::make_shared<visit>(std::move(from), self->answer)->begin();
      self->accept();
    });
  }
  void accept_later() {
    pause.expires_after(std::chrono::seconds(1));
    pause.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled && self->acceptor.is_open()) self->accept();
    });
  }

  std::filesystem::path path;
  std::shared_ptr<const answering> answer;
  local::acceptor acceptor;
  asio::steady_timer pause;
};

control::control(asio::io_context& io, const std::filesystem::path& socket,
                 std::function<std::string(std::string_view)> answer)
    : implementation_(std::make_shared<implementation>(io, socket, std::move(answer))) {
  implementation_->listen();
  implementation_->accept();
}

control::~control() {
  error_code failed;
  implementation_->acceptor.close(failed);
  implementation_->pause.cancel();
  std::error_code ignored;
  std::filesystem::remove(implementation_->path, ignored);
}

file_result<std::optional<std::string>> ask_server(const folder& of, std::string_view request) {
  const std::filesystem::path path = of.control();
  if (!fits(path)) return std::unexpected(path_fault(path));
  const auto failed = [&](std::string_view doing) {
    return std::unexpected(fmt::format("{}: {}: {}", path.string(), doing, std::strerror(errno)));
  };
  const int opened = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (opened < 0) return failed("no socket");
  const std::unique_ptr<const int, void (*)(const int*)> closing(&opened, [](const int* which) { ::close(*which); });
  const timeval longest{std::chrono::seconds(patience).count(), 0};
  ::setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  ::setsockopt(opened, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof(longest));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.c_str(), path.native().size());
  if (::connect(opened, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    const int why = errno;
    if ((why == ENOENT || why == ECONNREFUSED) && file_lock::is_held(of.running()))
      return std::unexpected(fmt::format(
          "{}: a server runs and does not hear on it. It starts or stops just now: ask again. Or the socket was "
          "deleted: stop the server and start it again.",
          path.string()));
    errno = why;
    if (errno == ENOENT || errno == ECONNREFUSED) return std::optional<std::string>();
    return failed("the running server cannot be reached; ask as the user that it runs as");
  }
  const std::string line = std::string(request) + "\n";
  if (::send(opened, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return failed("the running server does not listen");
  std::string said;
  for (char part[4096];;) {
    const ssize_t got = ::recv(opened, part, sizeof(part), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("the running server does not answer");
    if (got == 0) break;
    said.append(part, static_cast<std::size_t>(got));
  }
  if (!said.ends_with('\n'))
    return std::unexpected(fmt::format("{}: the running server ended in the middle of its answer", path.string()));
  said.pop_back();
  return std::optional(std::move(said));
}

}  // namespace tomoshibi
