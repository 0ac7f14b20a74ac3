// What a page's worker does in the browser, for native cores: keeps a connection, feeds the core, carries out what it
// leaves in `output`, and comes back after a lost network with growing pauses.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "client-web/core/output.hpp"
#include "server/drill/sent_mail.hpp"
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
        core_(std::make_unique<Core>(std::move(core))),
        now_(std::move(now)),
        react_(std::move(react)),
        retry_(io) {}

  void start() { connect(); }

  // Gives the core a command: `command(core, clock, output)`.
  template <class Command>
  void act(Command command) {
    core::output out;
    command(*core_, now_(), out);
    carry_out(out);
  }

  void tick() {
    act([](Core& c, core::seconds at, core::output& out) { c.tick(at, out); });
  }

  // --- what goes wrong; not from within `react` ---

  // What the page kept of each conversation while its tab lived.
  const std::map<core::conversation_id, crypto::secret_bytes>& kept() const { return kept_; }
  // The page begins again with another core, made from what was kept: `restoring`, a command, is the first one.
  template <class Command>
  void reload(Core fresh, Command restoring) {
    abandon_connection();
    core_ = std::make_unique<Core>(std::move(fresh));
    open_ = false;
    mail_.forget();
    connections_ = 0;
    act(restoring);
    connect();
  }
  // The network goes without a word, and comes back after the pause.
  void cut() {
    abandon_connection();
    closed("cut by the drill");
  }

  bool is_open() const { return open_; }
  std::size_t reconnects() const { return reconnects_; }  // connections of a core after its first
  const sent_mail& mail() const { return mail_; }

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
    const auto turn = ++connection_;
    socket_ = std::make_unique<socket>(io_, where_,
                                       socket::events{
                                           [this, turn] {
                                             if (turn == connection_) opened();
                                           },
                                           [this, turn](bytes_view message) {
                                             if (turn == connection_) received(message);
                                           },
                                           [this, turn](std::string reason) {
                                             if (turn == connection_) closed(std::move(reason));
                                           },
                                       });
  }

  // No event of it is heard any more.
  void abandon_connection() {
    ++connection_;
    retry_.cancel();
    socket_.reset();
  }

  void opened() {
    open_ = true;
    opened_at_ = std::chrono::steady_clock::now();
    reconnects_ += connections_++ > 0;
    mail_.connected();
    core_->connected();
  }

  void received(bytes_view message) {
    mail_.received(message);
    if (!message.empty() && message.front() == wire::stored::code) pause_ = pause_least;
    act([&](Core& c, core::seconds at, core::output& out) { c.received(message, at, out); });
  }

  void closed(std::string reason) {
    const bool was_open = std::exchange(open_, false);
    why_closed_ = std::move(reason);
    core_->disconnected(now_());
    if (stopped_) return;
    if (was_open && std::chrono::steady_clock::now() > opened_at_ + steady) pause_ = pause_least;
    retry_.expires_after(pause_);
    pause_ = std::min(pause_ * 2, pause_most);
    retry_.async_wait([this](boost::system::error_code failed) {
      if (!failed) connect();
    });
  }

  void fetch(const crypto::hash32& hash) {
    const auto turn = connection_;
    get(io_, where_, "/signed/" + to_hex(hash), [this, hash, turn](std::expected<bytes, std::string> body) {
      if (turn != connection_) return;
      if (!body) {
        if (socket_) socket_->close();  // and come back later
        return;
      }
      act([&](Core& c, core::seconds at, core::output& out) { c.fetched(hash, *body, at, out); });
    });
  }

  // What is to be kept comes first, as output.hpp asks.
  void carry_out(core::output& out) {
    for (const core::event& event : out.events)
      if (const auto* told = std::get_if<core::keep>(&event)) keep(*told);
    for (bytes& message : out.messages) send(std::move(message));
    for (const crypto::hash32& hash : out.wanted) fetch(hash);
    for (core::event& event : out.events) react_(*this, event);
  }

  void keep(const core::keep& told) {
    if (told.kept.empty())
      kept_.erase(told.conversation);
    else
      kept_[told.conversation] = told.kept;
  }

  void send(bytes message) {
    if (!open_) return;
    mail_.sending(message);
    socket_->send(std::make_shared<const bytes>(std::move(message)));
  }

  static constexpr std::chrono::milliseconds pause_least{100}, pause_most{5'000};
  // A connection that lasted so long, or over which a frame was stored, begins the pauses anew: others may have been
  // refused.
  static constexpr std::chrono::milliseconds steady{300};

  boost::asio::io_context& io_;
  endpoint where_;
  std::unique_ptr<Core> core_;
  clock now_;
  std::function<void(shell&, core::event&)> react_;
  boost::asio::steady_timer retry_;
  std::chrono::milliseconds pause_ = pause_least;
  std::unique_ptr<socket> socket_;
  std::chrono::steady_clock::time_point opened_at_;
  std::uint64_t connection_ = 0;  // the number of the one whose events count
  bool open_ = false, stopped_ = false;
  std::map<core::conversation_id, crypto::secret_bytes> kept_;
  sent_mail mail_;
  std::size_t connections_ = 0, reconnects_ = 0;  // of this core; of all
  std::string why_closed_;
};

}  // namespace tomoshibi::drill
