// What a page's worker does in the browser, for native cores: keeps a connection, feeds the core, carries out what it
// leaves in `output`, and comes back after a lost network with growing pauses.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "client-web/core/output.hpp"
#include "server/drill/socket.hpp"

namespace tomoshibi::drill {

// `Core`: core::survivor or core::counselor. `react` sees every event and may give the core commands through `act`.
template <class Core>
class shell {
 public:
  using clock = std::function<core::seconds()>;

  shell(boost::asio::io_context& io, endpoint where, Core core, clock now,
        std::function<void(shell&, core::event&)> react)
      : io_(io),
        where_(std::move(where)),
        core_(std::move(core)),
        now_(std::move(now)),
        react_(std::move(react)),
        retry_(io) {}

  void start() { connect(); }

  // Gives the core a command: `command(core, clock, output)`.
  template <class Command>
  void act(Command command) {
    core::output out;
    command(core_, now_(), out);
    carry_out(out);
  }

  void tick() {
    act([](Core& c, core::seconds at, core::output& out) { c.tick(at, out); });
  }

  // Why the last connection ended or did not come about; empty: it has not.
  const std::string& why_closed() const { return why_closed_; }

  // No reconnecting from here on; what was sent is still written.
  void stop() {
    stopped_ = true;
    retry_.cancel();
    if (socket_) socket_->close();
  }

 private:
  void connect() {
    if (stopped_) return;
    const auto turn = ++turn_;
    socket_ = std::make_unique<socket>(io_, where_,
                                       socket::events{
                                           [this, turn] {
                                             if (turn == turn_) opened();
                                           },
                                           [this, turn](bytes_view message) {
                                             if (turn == turn_) received(message);
                                           },
                                           [this, turn](std::string reason) {
                                             if (turn == turn_) closed(std::move(reason));
                                           },
                                       });
  }

  void opened() {
    pause_ = pause_least;
    core_.connected();
  }

  void received(bytes_view message) {
    act([&](Core& c, core::seconds at, core::output& out) { c.received(message, at, out); });
  }

  void closed(std::string reason) {
    why_closed_ = std::move(reason);
    core_.disconnected(now_());
    if (stopped_) return;
    retry_.expires_after(pause_);
    pause_ = std::min(pause_ * 2, pause_most);
    retry_.async_wait([this](boost::system::error_code failed) {
      if (!failed) connect();
    });
  }

  void fetch(const crypto::hash32& hash) {
    get(io_, where_, "/signed/" + to_hex(hash), [this, hash](std::expected<bytes, std::string> body) {
      if (!body) {
        if (socket_) socket_->close();  // and come back later
        return;
      }
      act([&](Core& c, core::seconds at, core::output& out) { c.fetched(hash, *body, at, out); });
    });
  }

  void carry_out(core::output& out) {
    if (socket_)
      for (bytes& message : out.messages) socket_->send(std::make_shared<const bytes>(std::move(message)));
    for (const crypto::hash32& hash : out.wanted) fetch(hash);
    for (core::event& event : out.events) react_(*this, event);
  }

  static constexpr std::chrono::milliseconds pause_least{100}, pause_most{5'000};

  boost::asio::io_context& io_;
  endpoint where_;
  Core core_;
  clock now_;
  std::function<void(shell&, core::event&)> react_;
  boost::asio::steady_timer retry_;
  std::chrono::milliseconds pause_ = pause_least;
  std::unique_ptr<socket> socket_;
  std::uint64_t turn_ = 0;
  bool stopped_ = false;
  std::string why_closed_;
};

}  // namespace tomoshibi::drill
