#include "server/net/server.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/net/frames.hpp"
#include "server/net/request.hpp"
#include "server/net/tls.hpp"

namespace tomoshibi::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

// The concrete executor, not any_io_executor: fewer indirections on the way of every message.
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, executor>;
using timer = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, executor>;
template <class T>
using awaitable = asio::awaitable<T, executor>;
constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable_t<executor>());

constexpr clock::time_point never = clock::time_point::max();
constexpr std::size_t record_bytes_max = 16'384;   // TLS 1.3
constexpr std::size_t reads_per_turn_max = 16;     // then the other connections have their turn;
constexpr std::size_t events_per_turn_max = 32;    // for one read can bring 700 messages
constexpr std::size_t drained_bytes_max = 65'536;  // read and dropped from a peer that was refused
constexpr unsigned requests_per_connection_max = 100;
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::minutes log_interval{1};

// A point in time after which the sweep cuts the connection.
struct deadline {
  clock::time_point at = never;
  std::string_view reason;

  void set(std::chrono::milliseconds from_now, std::string_view why) {
    at = clock::now() + from_now;
    reason = why;
  }
  void clear() { at = never; }
};

class connection;

// What the server object, its acceptors and its connections share. A coroutine that outlives the server keeps it.
struct common {
  common(asio::io_context& on, server_settings with, audience& who, std::function<void(std::string_view)> log_to)
      : io(on.get_executor()),
        settings(std::move(with)),
        tls(settings.certificate_file, settings.key_file),
        listener(&who),
        nearby(settings.neighbours),
        log(std::move(log_to)),
        sweep_timer(io) {}

  void note(std::string_view reason) { ++reasons[std::string(reason)]; }
  void log_notes();
  void finish_stop();
  void stop_accepting();

  executor io;
  server_settings settings;
  site here;
  tls_context tls;
  audience* listener;  // null once the server is gone
  neighbours nearby;
  std::function<void(std::string_view)> log;
  std::vector<tcp_acceptor> acceptors;
  std::unordered_map<connection_id, connection*> connections;
  connection_id last_id = 0;
  timer sweep_timer;
  std::map<std::string, std::size_t> reasons;  // counted since the last log line
  bool stopping = false;
  deadline stop_by;
  std::function<void()> stopped;
  block<record_bytes_max> read_buffer;  // one for all: it is never in use across a wait
};

void common::log_notes() {
  if (reasons.empty()) return;
  std::string line = "Connections:";
  for (const auto& [reason, count] : reasons) {
    line.append(" ").append(std::to_string(count)).append(" x ").append(reason).append(";");
  }
  line.back() = '.';
  reasons.clear();
  if (log) log(line);
}

void common::stop_accepting() {
  stopping = true;
  error_code ignored;
  for (tcp_acceptor& acceptor : acceptors) acceptor.close(ignored);
}

void common::finish_stop() {
  stop_by.clear();
  log_notes();
  if (stopped) asio::post(io, std::exchange(stopped, nullptr));
}

// One peer, from accept to the end of its socket. A local of serve(), known to the table while it lives.
class connection {
 public:
  connection(common& with, tcp_socket socket, neighbours::entry counted)
      : common_(with),
        counted_(std::move(counted)),
        id_(++with.last_id),
        socket_(std::move(socket)),
        tls_(with.tls, socket_.native_handle()),
        wake_(with.io),
        frames_(with.settings.message_bytes_max),
        outbox_bytes_max_(with.settings.outbox_bytes_max) {
    common_.connections.emplace(id_, this);
  }
  connection(const connection&) = delete;
  ~connection() {
    common_.connections.erase(id_);
    if (common_.stopping && common_.connections.empty()) common_.finish_stop();
  }

  awaitable<void> talk();

  void send(std::shared_ptr<const bytes> message);
  void bound(std::size_t outbox_bytes_max) { outbox_bytes_max_ = outbox_bytes_max; }
  void close(std::uint16_t code, std::string_view reason);
  void cut(std::string_view reason);  // at once, without a goodbye
  void cut_if_late(clock::time_point now);
  void stop();

 private:
  struct goodbye {
    std::uint16_t code;
    std::string reason;
    bool written = false;
  };

  awaitable<bool> ready(tls_step wanted);
  awaitable<bool> shake_hands();
  awaitable<bool> read_more(std::string& into);
  awaitable<bool> write(bytes_view in);
  awaitable<std::optional<request>> answer_requests(std::string& in);
  awaitable<bool> answer_page(const request& asked, bool keep_alive);
  awaitable<void> answer_refusal(refusal why);
  awaitable<void> converse(request accepted, std::string early);
  awaitable<void> reader(std::string early);
  awaitable<void> writer();
  awaitable<void> part();
  bool take(bytes_view& in);
  bool take(const frame_event& event);
  bytes next_batch();
  std::size_t cost(const bytes& message) const { return message.size() + common_.settings.message_cost_bytes; }
  void drop_outbox();
  void end();

  common& common_;
  const neighbours::entry counted_;
  const connection_id id_;
  tcp_socket socket_;
  tls_session tls_;
  timer wake_;  // of the writer: something to write, or time for a ping
  frame_reader frames_;
  std::deque<std::shared_ptr<const bytes>> outbox_;
  std::size_t outbox_bytes_ = 0;  // by cost()
  std::size_t outbox_bytes_max_;
  std::optional<bytes> pong_;  // to the latest ping, RFC 6455 section 5.5.3
  std::optional<goodbye> goodbye_;
  deadline read_by_, write_by_, close_by_;
  deadline empty_by_;  // the outbox
  clock::time_point next_ping_ = never;
  bool upgraded_ = false;
  bool ended_ = false;  // the socket is of no more use: both coroutines return
};

// --- what others ask of a connection ---

void connection::send(std::shared_ptr<const bytes> message) {
  if (!upgraded_ || ended_ || goodbye_) return;
  const server_settings& settings = common_.settings;
  if (outbox_bytes_ + cost(*message) > outbox_bytes_max_) {
    common_.note("outbox full");
    drop_outbox();  // the peer does not read; what it lacks it asks for when it is back
    close_by_.set(settings.limits.close, "outbox full and closing took too long");
    close(settings.too_slow.code, settings.too_slow.reason);
    return;
  }
  if (outbox_.empty()) empty_by_.set(settings.limits.write, "peer reads too slowly");
  empty_by_.at += std::chrono::microseconds(1'000'000 * message->size() / settings.limits.read_bytes_per_second_min);
  outbox_bytes_ += cost(*message);
  outbox_.push_back(std::move(message));
  wake_.cancel();
}

void connection::close(std::uint16_t code, std::string_view reason) {
  if (!upgraded_ || ended_ || goodbye_) return;
  goodbye_ = goodbye{code, std::string(reason)};
  wake_.cancel();
}

void connection::drop_outbox() {
  outbox_.clear();
  outbox_bytes_ = 0;
  empty_by_.clear();
}

void connection::end() {
  ended_ = true;
  error_code ignored;
  socket_.cancel(ignored);
  wake_.cancel();
}

void connection::cut(std::string_view reason) {
  if (ended_) return;
  common_.note(reason);
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);  // what the peer never read is not kept for it
  end();
}

void connection::cut_if_late(clock::time_point now) {
  for (const deadline* limit : {&read_by_, &write_by_, &empty_by_, &close_by_}) {
    if (now >= limit->at) return cut(limit->reason);
  }
}

void connection::stop() {
  if (upgraded_) {
    close(close_code::service_restart, "service_restart");
  } else if (read_by_.at != never) {
    cut("server stopped");  // an answer under way is still written
  }
}

// --- bytes ---

// False: the connection is over.
awaitable<bool> connection::ready(tls_step wanted) {
  if (wanted == tls_step::ended) ended_ = true;
  if (ended_) co_return false;
  const auto direction = wanted == tls_step::want_write ? tcp_socket::wait_write : tcp_socket::wait_read;
  const auto [error] = co_await socket_.async_wait(direction, tuple_awaitable);
  co_return !error && !ended_;
}

awaitable<bool> connection::shake_hands() {
  read_by_.set(common_.settings.limits.tls_handshake, "TLS handshake too slow");
  for (;;) {
    const tls_step step = tls_.handshake();
    if (step == tls_step::done) break;
    if (step == tls_step::ended) common_.note("TLS handshake failed");
    if (!co_await ready(step)) co_return false;
  }
  read_by_.clear();
  co_return true;
}

awaitable<bool> connection::read_more(std::string& into) {
  for (;;) {
    const auto [step, count] = tls_.read(common_.read_buffer);
    if (step == tls_step::done) {
      into += as_text(bytes_view(common_.read_buffer).first(count));
      co_return true;
    }
    if (!co_await ready(step)) co_return false;
  }
}

// The limit is on each TLS record, so a peer that takes single bytes is shed too.
awaitable<bool> connection::write(bytes_view in) {
  while (!in.empty()) {
    const auto [step, count] = tls_.write(in.first(std::min(in.size(), record_bytes_max)));
    if (step == tls_step::done) {
      in = in.subspan(count);
      write_by_.clear();
      continue;
    }
    if (write_by_.at == never) write_by_.set(common_.settings.limits.write, "peer does not read");
    if (!co_await ready(step)) co_return false;
  }
  co_return !ended_;
}

// --- HTTP ---

// The request to upgrade, if it came to that; what came after it stays in `in`.
awaitable<std::optional<request>> connection::answer_requests(std::string& in) {
  const deadlines& limits = common_.settings.limits;
  for (unsigned served = 1; !common_.stopping; ++served) {
    std::size_t searched = 0, end = std::string::npos;
    if (in.empty() && served > 1) {
      read_by_.set(limits.http_idle, "no further request");
      if (!co_await read_more(in)) co_return std::nullopt;
    }
    read_by_.set(limits.http_header, "HTTP header too slow");
    while ((end = in.find("\r\n\r\n", searched)) == std::string::npos && in.size() <= header_bytes_max) {
      searched = in.size() < 3 ? 0 : in.size() - 3;
      if (!co_await read_more(in)) co_return std::nullopt;
    }
    read_by_.clear();
    if (end == std::string::npos || end + 4 > header_bytes_max) {
      co_await answer_refusal({431, "the request's header is too long"});
      co_return std::nullopt;
    }
    auto asked = read_request(std::string_view(in).substr(0, end + 4), common_.here);
    in.erase(0, end + 4);
    if (!asked) {
      co_await answer_refusal(asked.error());
      co_return std::nullopt;
    }
    if (asked->upgrade) {
      const std::string header = upgrade_header(*asked, common_.here);
      if (!co_await write(as_bytes(header))) co_return std::nullopt;
      co_return std::move(*asked);
    }
    const bool keep_alive = asked->keep_alive && served < requests_per_connection_max;
    if (!co_await answer_page(*asked, keep_alive) || !keep_alive) co_return std::nullopt;
  }
  co_return std::nullopt;
}

awaitable<bool> connection::answer_page(const request& asked, bool keep_alive) {
  if (common_.listener == nullptr) co_return false;
  const page found = common_.listener->get(asked.path);
  const encoded chosen = choose(found, asked.taken);
  const std::string_view body = chosen.body ? std::string_view(*chosen.body) : std::string_view();
  std::string out = answer_header({.status = found.status,
                                   .type = found.type,
                                   .length = body.size(),
                                   .encoding = chosen.name,
                                   .varies = found.br || found.gzip,
                                   .keep_alive = keep_alive,
                                   .binds_host = asked.binds_host});
  // The first record carries the header and as much of the body as fits.
  const std::size_t beside = asked.head ? body.size() : std::min(body.size(), record_bytes_max - out.size());
  if (!asked.head) out += body.substr(0, beside);
  co_return co_await write(as_bytes(out)) && co_await write(as_bytes(body.substr(beside)));
}

awaitable<void> connection::answer_refusal(refusal why) {
  common_.note(why.reason);
  const std::string body = std::string(why.reason) + "\n";
  std::string out = answer_header({.status = why.status,
                                   .type = "text/plain; charset=utf-8",
                                   .length = body.size(),
                                   .binds_host = why.binds_host});
  if (!why.head) out += body;
  co_await write(as_bytes(out));
}

// --- WebSocket ---

// False: read no more.
bool connection::take(const frame_event& event) {
  switch (event.what) {
    case frame_event::kind::message:
      if (!goodbye_ && common_.listener != nullptr) common_.listener->received(id_, event.payload);
      return true;
    case frame_event::kind::ping:
      pong_.emplace(event.payload.begin(), event.payload.end());
      wake_.cancel();
      return true;
    case frame_event::kind::pong:
      return true;
    case frame_event::kind::close:
      drop_outbox();  // nobody reads it any more
      close(event.code, "");
      return false;
    case frame_event::kind::failure:
      common_.note(event.code == close_code::too_big        ? "message too big"
                   : event.code == close_code::not_accepted ? "message in text"
                                                            : "WebSocket protocol broken");
      close(event.code, "");
      return false;
  }
  return false;
}

// Takes what makes up a turn off the front.
bool connection::take(bytes_view& in) {
  for (std::size_t events = 0; events < events_per_turn_max; ++events) {
    const auto event = frames_.read(in);
    if (!event) break;
    if (!take(*event) || ended_) return false;
  }
  return true;
}

awaitable<void> connection::reader(std::string held) {  // held: read, and left for the next turn
  bool more = true;
  std::size_t reads_in_turn = 0;
  while (more && !ended_) {
    tls_result got{tls_step::done};
    if (held.empty()) got = tls_.read(common_.read_buffer);
    if (got.step != tls_step::done) {
      reads_in_turn = 0;
      if (!co_await ready(got.step)) end();
      continue;
    }
    bytes_view in = held.empty() ? bytes_view(common_.read_buffer).first(got.count) : as_bytes(held);
    if (held.empty()) read_by_.set(2 * common_.settings.limits.ping, "peer silent");
    more = take(in);
    std::string left = as_text(in);  // a string of its own: a connection idles for hours
    held.swap(left);
    if (!held.empty() || ++reads_in_turn == reads_per_turn_max) {
      reads_in_turn = 0;
      co_await asio::post(common_.io, tuple_awaitable);
    }
  }
  read_by_.clear();
}

// Everything that is due, as frames, up to about one TLS record: one write however many messages wait.
bytes connection::next_batch() {
  bytes out;
  if (goodbye_ && goodbye_->written) return out;
  if (pong_) append_frame(out, opcode::pong, *std::exchange(pong_, std::nullopt));
  if (clock::now() >= next_ping_) {
    append_frame(out, opcode::ping, {});
    next_ping_ = clock::now() + common_.settings.limits.ping;
  }
  constexpr std::size_t header_bytes = 10;
  while (!outbox_.empty() &&
         (out.empty() || out.size() + outbox_.front()->size() + header_bytes <= record_bytes_max)) {
    outbox_bytes_ -= cost(*outbox_.front());
    append_frame(out, opcode::binary, *outbox_.front());
    outbox_.pop_front();
  }
  if (outbox_.empty()) empty_by_.clear();  // the last batch has its own deadline
  if (goodbye_ && outbox_.empty()) {
    append_close(out, goodbye_->code, goodbye_->reason);
    goodbye_->written = true;
    if (close_by_.at == never) close_by_.set(common_.settings.limits.close, "no answer to close");
  }
  return out;
}

awaitable<void> connection::writer() {
  while (!ended_) {
    const bytes batch = next_batch();
    if (!batch.empty()) {
      if (!co_await write(batch)) end();
    } else if (goodbye_) {
      co_return;
    } else {
      wake_.expires_at(next_ping_);
      co_await wake_.async_wait(tuple_awaitable);
    }
  }
}

// --- the whole of it ---

// Says goodbye below the WebSocket, and reads on until the peer has closed: closing with bytes unread would make the
// kernel reset the connection, and the answer would be lost on its way.
awaitable<void> connection::part() {
  if (ended_) co_return;
  close_by_.set(common_.settings.limits.close, "peer does not close");
  tls_.say_goodbye();
  error_code error;
  socket_.shutdown(tcp_socket::shutdown_send, error);
  socket_.non_blocking(true, error);
  for (std::size_t drained = 0; drained < drained_bytes_max;) {
    drained += socket_.read_some(asio::buffer(common_.read_buffer), error);
    if (error == asio::error::would_block && !co_await ready(tls_step::want_read)) co_return;
    if (error && error != asio::error::would_block) co_return;
  }
}

awaitable<void> connection::converse(request accepted, std::string early) {
  using namespace asio::experimental::awaitable_operators;
  struct visit {  // `closed` for each `opened`, however this ends
    common& with;
    connection_id who;
    ~visit() {
      if (with.listener != nullptr) with.listener->closed(who);
    }
  };
  if (common_.listener == nullptr) co_return;
  upgraded_ = true;
  next_ping_ = clock::now() + common_.settings.limits.ping;
  read_by_.set(2 * common_.settings.limits.ping, "peer silent");
  const visit here{common_, id_};
  common_.listener->opened(id_, accepted.origin);
  accepted = {};
  if (common_.stopping) stop();
  co_await (reader(std::move(early)) && writer());
  upgraded_ = false;
}

awaitable<void> connection::talk() {
  if (!co_await shake_hands()) co_return;
  std::string in;
  if (auto accepted = co_await answer_requests(in)) co_await converse(std::move(*accepted), std::move(in));
  co_await part();
}

awaitable<void> serve(std::shared_ptr<common> with, tcp_socket socket, neighbours::entry counted) {
  if (with->stopping) co_return;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  connection peer(*with, std::move(socket), std::move(counted));
  co_await peer.talk();
}

// An exception in a coroutine is a fault of ours, never of a peer: it leaves io_context::run.
void rethrow(std::exception_ptr fault) {
  if (fault) std::rethrow_exception(fault);
}

// Or turns it away.
void let_in(const std::shared_ptr<common>& with, tcp_socket socket) {
  const std::size_t here = with->connections.size(), most = with->settings.connections_max;
  if (here >= most) return with->note("turned away, connections at their limit");
  error_code gone;
  const tcp::endpoint from = socket.remote_endpoint(gone);
  if (gone) return;
  auto counted = with->nearby.admit(from.address(), here > most / 2);
  if (!counted) return with->note("turned away, too many from one neighbourhood");
  asio::co_spawn(with->io, serve(with, std::move(socket), *std::move(counted)), rethrow);
}

awaitable<void> accept_from(std::shared_ptr<common> with, tcp_acceptor& acceptor) {
  timer pause(with->io);
  while (!with->stopping) {
    auto [error, socket] = co_await acceptor.async_accept(tuple_awaitable);
    if (with->stopping) co_return;
    if (error) {  // out of descriptors or memory: trying again at once would spin
      with->note("accept failed, out of file descriptors or memory");
      pause.expires_after(accept_pause);
      co_await pause.async_wait(tuple_awaitable);
    } else {
      let_in(with, std::move(socket));
    }
  }
}

// One look at all deadlines instead of a timer for each: 20,000 connections take about a millisecond.
awaitable<void> sweep(std::shared_ptr<common> with) {
  const deadlines& limits = with->settings.limits;
  const auto shortest =
      std::min({limits.tls_handshake, limits.http_header, limits.http_idle, limits.write, limits.ping, limits.close});
  const auto interval = std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(500));
  clock::time_point log_at = clock::now() + log_interval;
  while (!with->stopping || !with->connections.empty()) {
    with->sweep_timer.expires_after(interval);
    co_await with->sweep_timer.async_wait(tuple_awaitable);
    const clock::time_point now = clock::now();
    for (const auto& [id, peer] : with->connections) peer->cut_if_late(now);
    if (now >= with->stop_by.at) {
      for (const auto& [id, peer] : with->connections) peer->cut(with->stop_by.reason);
      with->finish_stop();
    }
    if (now >= log_at) {
      with->log_notes();
      log_at = now + log_interval;
    }
  }
}

// --- listening ---

tcp_acceptor open_acceptor(executor io, const tcp::endpoint& where, error_code& error) {
  tcp_acceptor out(io);
  error_code ignored;
  out.open(where.protocol(), error);
  if (!error && where.address().is_v6()) out.set_option(asio::ip::v6_only(true), error);
  if (!error)
    out.set_option(tcp_acceptor::reuse_address(true), error);  // a restart need not wait for old connections
  if (!error) out.bind(where, error);
  if (!error) out.listen(asio::socket_base::max_listen_connections, error);
  if (error) out.close(ignored);
  return out;
}

bool is_missing_family(const error_code& error) {
  return error == asio::error::address_family_not_supported || error == boost::system::errc::address_not_available ||
         error == boost::system::errc::protocol_not_supported;
}

[[noreturn]] void fail_to_listen(const error_code& error, const std::string& address, std::uint16_t port) {
  const std::string where = "Port " + std::to_string(port) + " of " + address;
  if (error == asio::error::address_in_use) {
    throw std::runtime_error(where + " is in use by another program: stop that program, or set another port");
  }
  if (error == asio::error::access_denied) {
    throw std::runtime_error(where +
                             " may not be opened by this user: set a port above 1023, or grant CAP_NET_BIND_SERVICE");
  }
  if (is_missing_family(error)) {
    throw std::runtime_error(
        where + " cannot be opened: this machine has none of the listening addresses; correct the setting");
  }
  throw std::runtime_error(where + " cannot be opened: " + error.message());
}

// All addresses on one port. With port 0 the first takes a free one; false: another address has it taken already.
bool listen_on(common& with, std::uint16_t& port) {
  const bool any_port = port == 0;
  error_code missing;
  std::string missing_address;
  for (const std::string& text : with.settings.addresses) {
    error_code error;
    const asio::ip::address address = asio::ip::make_address(text, error);
    if (error)
      throw std::runtime_error("The listening address \"" + text + "\" is not an IP address: correct the setting");
    tcp_acceptor opened = open_acceptor(with.io, {address, port}, error);
    if (!error) {
      port = opened.local_endpoint().port();
      with.acceptors.push_back(std::move(opened));
    } else if (is_missing_family(error)) {
      missing = error;
      missing_address = text;
    } else if (any_port && error == asio::error::address_in_use && !with.acceptors.empty()) {
      with.acceptors.clear();
      port = 0;
      return false;
    } else {
      fail_to_listen(error, text, port);
    }
  }
  if (with.settings.addresses.empty())
    throw std::runtime_error("No listening address is set: set one, such as 127.0.0.1");
  if (with.acceptors.empty()) fail_to_listen(missing, missing_address, port);
  if (missing && with.log) with.log("A listening address was skipped: this machine does not have it.");
  return true;
}

site make_site(const server_settings& from, std::uint16_t port) {
  site out{from.origins, from.subprotocol, from.socket_path};
  if (out.origins.empty())
    throw std::runtime_error("No origin is allowed: set one, such as https://consult.example.org");
  for (std::string& origin : out.origins) {
    if (const auto at = origin.find("{port}"); at != std::string::npos) origin.replace(at, 6, std::to_string(port));
    if (const std::string fault = fault_of_origin(origin); !fault.empty()) throw std::runtime_error(fault);
  }
  return out;
}

}  // namespace

struct server::implementation {
  std::shared_ptr<common> shared;
  std::uint16_t port;
};

server::server(asio::io_context& io, server_settings settings, audience& who,
               std::function<void(std::string_view)> log) {
  auto shared = std::make_shared<common>(io, std::move(settings), who, std::move(log));
  std::uint16_t port = shared->settings.port;
  for (int tries = 1; !listen_on(*shared, port); ++tries) {
    if (tries == 16) throw std::runtime_error("No port is free on all listening addresses at once: set one");
  }
  shared->here = make_site(shared->settings, port);
  for (tcp_acceptor& acceptor : shared->acceptors) {
    asio::co_spawn(shared->io, accept_from(shared, acceptor), rethrow);
  }
  asio::co_spawn(shared->io, sweep(shared), rethrow);
  implementation_ = std::make_unique<implementation>(std::move(shared), port);
}

server::~server() {
  common& shared = *implementation_->shared;
  shared.listener = nullptr;
  shared.log = nullptr;
  shared.stopped = nullptr;
  shared.stop_accepting();
  for (const auto& [id, peer] : shared.connections) peer->cut("server stopped");
  shared.sweep_timer.cancel();
}

std::uint16_t server::port() const { return implementation_->port; }

void server::send(connection_id to, std::shared_ptr<const bytes> message) {
  const auto& connections = implementation_->shared->connections;
  if (const auto found = connections.find(to); found != connections.end()) found->second->send(std::move(message));
}

void server::bound(connection_id who, std::size_t outbox_bytes_max) {
  const auto& connections = implementation_->shared->connections;
  if (const auto found = connections.find(who); found != connections.end()) found->second->bound(outbox_bytes_max);
}

void server::close(connection_id who, std::uint16_t code, std::string_view reason) {
  common& shared = *implementation_->shared;
  const auto found = shared.connections.find(who);
  if (found == shared.connections.end()) return;
  shared.note(reason);
  found->second->close(code, reason);
}

void server::stop(std::function<void()> done) {
  common& shared = *implementation_->shared;
  shared.stopped = std::move(done);
  shared.stop_by.set(shared.settings.limits.close, "server stopped");
  shared.stop_accepting();
  for (const auto& [id, peer] : shared.connections) peer->stop();
  shared.sweep_timer.cancel();
  if (shared.connections.empty()) shared.finish_stop();
}

}  // namespace tomoshibi::net
