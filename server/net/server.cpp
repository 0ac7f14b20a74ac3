#include "server/net/server.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/net/forwarded.hpp"
#include "server/net/frames.hpp"
#include "server/net/listening.hpp"
#include "server/net/plain_http.hpp"
#include "server/net/request.hpp"
#include "server/net/tls.hpp"

namespace tomoshibi::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

using tcp_socket = asio::basic_stream_socket<tcp, executor>;
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
        believed(settings.proxies),
        log(std::move(log_to)),
        sweep_timer(io) {}

  void note(std::string_view reason) { ++reasons[std::string(reason)]; }
  void log_notes();
  void finish_stop();
  void stop_accepting();
  bool crowded() const { return connections.size() > settings.connections_max / 2; }

  executor io;
  server_settings settings;
  site here;
  tls_context tls;
  audience* listener;  // null once the server is gone
  neighbours nearby;
  proxies believed;
  std::function<void(std::string_view)> log;
  listening secure, plain;  // TLS, and plain HTTP
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
  for (listening* each : {&secure, &plain})
    for (tcp_acceptor& acceptor : each->acceptors) acceptor.close(ignored);
}

void common::finish_stop() {
  stop_by.clear();
  log_notes();
  if (stopped) asio::post(io, std::exchange(stopped, nullptr));
}

// What is known of a peer when it is let in. Its address is not kept.
struct newcomer {
  tcp_socket socket;
  bool plain;                                  // it came to the port of plain HTTP
  bool loopback = false;                       // it is on this machine
  bool proxy = false;                          // a named one: for whom it speaks is known with each request
  std::optional<neighbours::entry> counted{};  // none: a proxy
};

// One peer, from accept to the end of its socket. A local of serve(), known to the table while it lives.
class connection {
 public:
  connection(common& with, newcomer from)
      : common_(with),
        plain_(from.plain),
        loopback_(from.loopback),
        proxy_(from.proxy),
        counted_(std::move(from.counted)),
        id_(++with.last_id),
        socket_(std::move(from.socket)),
        line_(plain_session(socket_.native_handle())),
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

  tls_result read(std::span<byte> out);
  awaitable<bool> ready(tls_step wanted);
  awaitable<std::optional<char>> peek();
  awaitable<bool> shake_hands();
  awaitable<bool> read_more(std::string& into);
  awaitable<bool> write(bytes_view in);
  awaitable<std::optional<std::string>> read_header(std::string& in);
  std::optional<refusal> count_client(const request& asked);
  awaitable<std::optional<request>> answer_requests(std::string& in);
  awaitable<bool> answer_page(const request& asked, bool keep_alive);
  awaitable<void> answer_refusal(refusal why);
  awaitable<void> answer_plainly();
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
  const bool plain_, loopback_, proxy_;       // as of the newcomer
  std::optional<neighbours::entry> counted_;  // of a proxy: for the client of the latest request, while it lasts
  const connection_id id_;
  tcp_socket socket_;
  std::variant<plain_session, tls_session> line_;
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

tls_result connection::read(std::span<byte> out) {
  return std::visit([&](auto& line) { return line.read(out); }, line_);
}

// The first byte, which is left where it is; none: the connection is over.
awaitable<std::optional<char>> connection::peek() {
  if (!co_await ready(tls_step::want_read)) co_return std::nullopt;
  char first = 0;
  error_code error;
  socket_.receive(asio::buffer(&first, 1), tcp_socket::message_peek, error);
  if (error) ended_ = true;
  co_return error ? std::nullopt : std::optional(first);
}

awaitable<bool> connection::shake_hands() {
  tls_session& tls = line_.emplace<tls_session>(common_.tls, socket_.native_handle());
  for (;;) {
    const tls_step step = tls.handshake();
    if (step == tls_step::done) break;
    if (step == tls_step::ended) common_.note("TLS handshake failed");
    if (!co_await ready(step)) co_return false;
  }
  read_by_.clear();
  co_return true;
}

awaitable<bool> connection::read_more(std::string& into) {
  for (;;) {
    const auto [step, count] = read(common_.read_buffer);
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
    const bytes_view next = in.first(std::min(in.size(), record_bytes_max));
    const auto [step, count] = std::visit([&](auto& line) { return line.write(next); }, line_);
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

// Up to and with its empty line; what came after it stays in `in`. None: the connection is over.
awaitable<std::optional<std::string>> connection::read_header(std::string& in) {
  std::size_t searched = 0, end = std::string::npos;
  read_by_.set(common_.settings.limits.http_header, "HTTP header too slow");
  while ((end = in.find("\r\n\r\n", searched)) == std::string::npos && in.size() <= header_bytes_max) {
    searched = in.size() < 3 ? 0 : in.size() - 3;
    if (!co_await read_more(in)) co_return std::nullopt;
  }
  read_by_.clear();
  if (end == std::string::npos || end + 4 > header_bytes_max) {
    co_await answer_refusal({431, "the request's header is too long"});
    co_return std::nullopt;
  }
  std::string header = in.substr(0, end + 4);
  in.erase(0, end + 4);
  co_return header;
}

// A proxy's connection counts where its request comes from. Why it is refused, if it is.
std::optional<refusal> connection::count_client(const request& asked) {
  if (!proxy_) return std::nullopt;
  const auto client = common_.believed.client_of(asked.forwarded);
  if (!client) return refusal{400, client.error(), asked.head, asked.binds_host};
  if (!*client) {
    common_.note("a named proxy did not say for whom it asks");
    return std::nullopt;
  }
  auto entry = common_.nearby.admit(**client, common_.crowded());
  if (!entry) return refusal{429, "too many from one neighbourhood", asked.head, asked.binds_host};
  counted_.emplace(std::move(*entry));
  return std::nullopt;
}

// The request to upgrade, if it came to that; what came after it stays in `in`.
awaitable<std::optional<request>> connection::answer_requests(std::string& in) {
  for (unsigned served = 1; !common_.stopping; ++served) {
    if (proxy_) counted_.reset();
    if (in.empty() && served > 1) {
      read_by_.set(common_.settings.limits.http_idle, "no further request");
      if (!co_await read_more(in)) co_return std::nullopt;
    }
    const auto header = co_await read_header(in);
    if (!header) co_return std::nullopt;
    auto asked = read_request(*header, common_.here, loopback_ && !proxy_);
    const std::optional<refusal> why = asked ? count_client(*asked) : asked.error();
    if (why) {
      co_await answer_refusal(*why);
      co_return std::nullopt;
    }
    if (asked->upgrade) {
      const std::string answered = upgrade_header(*asked, common_.here);
      if (!co_await write(as_bytes(answered))) co_return std::nullopt;
      co_return std::move(*asked);
    }
    const bool keep_alive = asked->keep_alive && served < requests_per_connection_max;
    if (!co_await answer_page(*asked, keep_alive) || !keep_alive) co_return std::nullopt;
  }
  co_return std::nullopt;
}

awaitable<bool> connection::answer_page(const request& asked, bool keep_alive) {
  if (common_.listener == nullptr) co_return false;
  const page found = common_.listener->get({asked.path, asked.from_loopback});
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

// One request and one answer.
awaitable<void> connection::answer_plainly() {
  std::string in;
  const auto header = co_await read_header(in);
  if (!header) co_return;
  const auto asked = read_plain_request(*header, common_.here);
  if (!asked) co_return co_await answer_refusal(asked.error());
  const std::string answered = net::answer_plainly(*asked, common_.settings.acme_folder);
  co_await write(as_bytes(answered));
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
    if (held.empty()) got = read(common_.read_buffer);
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
  std::visit([](auto& line) { line.say_goodbye(); }, line_);
  error_code error;
  socket_.shutdown(tcp_socket::shutdown_send, error);
  for (std::size_t drained = 0; drained < drained_bytes_max;) {
    drained += socket_.read_some(asio::buffer(common_.read_buffer), error);
    if (error == asio::error::would_block && !co_await ready(tls_step::want_read)) co_return;
    if (error && error != asio::error::would_block) co_return;
  }
}

awaitable<void> connection::converse(request accepted, std::string early) {
  using namespace asio::experimental::awaitable_operators;
  struct presence {  // `closed` for each `opened`, however this ends
    common& with;
    connection_id who;
    ~presence() {
      if (with.listener != nullptr) with.listener->closed(who);
    }
  };
  if (common_.listener == nullptr) co_return;
  upgraded_ = true;
  next_ping_ = clock::now() + common_.settings.limits.ping;
  read_by_.set(2 * common_.settings.limits.ping, "peer silent");
  const presence here{common_, id_};
  common_.listener->opened(id_, accepted.origin);
  accepted = {};
  if (common_.stopping) stop();
  co_await (reader(std::move(early)) && writer());
  upgraded_ = false;
}

// TLS begins with the byte 0x16 (RFC 8446 section 5.1), a request of plain HTTP with a letter.
awaitable<void> connection::talk() {
  bool plainly = plain_;
  if (!plain_) {
    read_by_.set(common_.settings.limits.tls_handshake, "TLS handshake too slow");
    const auto first = co_await peek();
    if (!first) co_return;
    plainly = *first >= 'A' && *first <= 'Z';
  }
  if (plainly) {
    co_await answer_plainly();
  } else {
    if (!co_await shake_hands()) co_return;
    std::string in;
    if (auto accepted = co_await answer_requests(in)) co_await converse(std::move(*accepted), std::move(in));
  }
  co_await part();
}

awaitable<void> serve(std::shared_ptr<common> with, newcomer from) {
  if (with->stopping) co_return;
  error_code ignored;
  from.socket.set_option(tcp::no_delay(true), ignored);
  from.socket.non_blocking(true, ignored);
  connection peer(*with, std::move(from));
  co_await peer.talk();
}

// An exception in a coroutine is a fault of ours, never of a peer: it leaves io_context::run.
void rethrow(std::exception_ptr fault) {
  if (fault) std::rethrow_exception(fault);
}

// Or turns it away.
void let_in(const std::shared_ptr<common>& with, newcomer from) {
  if (with->connections.size() >= with->settings.connections_max)
    return with->note("turned away, connections at their limit");
  error_code gone;
  const asio::ip::address address = from.socket.remote_endpoint(gone).address();
  if (gone) return;
  from.loopback = address.is_loopback();
  from.proxy = with->believed.name(address);
  if (!from.proxy) {
    auto counted = with->nearby.admit(address, with->crowded());
    if (!counted) return with->note("turned away, too many from one neighbourhood");
    from.counted.emplace(std::move(*counted));
  }
  asio::co_spawn(with->io, serve(with, std::move(from)), rethrow);
}

awaitable<void> accept_from(std::shared_ptr<common> with, tcp_acceptor& acceptor, bool plain) {
  timer pause(with->io);
  while (!with->stopping) {
    auto [error, socket] = co_await acceptor.async_accept(tuple_awaitable);
    if (with->stopping) co_return;
    if (error) {  // out of descriptors or memory: trying again at once would spin
      with->note("accept failed, out of file descriptors or memory");
      pause.expires_after(accept_pause);
      co_await pause.async_wait(tuple_awaitable);
    } else {
      let_in(with, {std::move(socket), plain});
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

// --- the server object ---

site make_site(const server_settings& from, std::uint16_t port) {
  site out{from.origins, from.subprotocol, from.socket_path, "localhost:" + std::to_string(port)};
  if (out.origins.empty())
    throw std::runtime_error("No origin is allowed: set one, such as https://consult.example.org");
  for (std::string& origin : out.origins) {
    if (const auto at = origin.find("{port}"); at != std::string::npos) origin.replace(at, 6, std::to_string(port));
    if (const std::string fault = fault_of_origin(origin); !fault.empty()) throw std::runtime_error(fault);
  }
  return out;
}

std::string fault_of_name(const tls_context& shown, const std::string& host) {
  return shown.covers(host) ? ""
                            : "The certificate is not for " + host +
                                  ", to which browsers are led: they warn of it; give one that names it";
}

// No reason not to start, for it can be mended beside.
void log_warnings(const common& with) {
  if (!with.log) return;
  if (with.secure.skipped) with.log("A listening address was skipped: this machine does not have its family.");
  const std::string host(host_of(with.here.origins.front()));
  for (const std::string& fault : {fault_of_name(with.tls, host), fault_of_acme_folder(with.settings.acme_folder)})
    if (!fault.empty()) with.log(fault + ".");
}

// One, other than 0, may not be both.
void require_two_ports(const server_settings& set) {
  if (set.port != 0 && set.http_port == set.port)
    throw std::runtime_error("Port " + std::to_string(set.port) +
                             " is set for TLS and for plain HTTP too: give each a port of its own");
}

}  // namespace

struct server::implementation {
  std::shared_ptr<common> shared;
};

server::server(asio::io_context& io, server_settings settings, audience& who,
               std::function<void(std::string_view)> log) {
  auto shared = std::make_shared<common>(io, std::move(settings), who, std::move(log));
  const server_settings& set = shared->settings;
  require_two_ports(set);
  shared->secure = listen_on(shared->io, set.addresses, set.port);
  if (set.http_port) shared->plain = listen_on(shared->io, set.addresses, *set.http_port);
  shared->here = make_site(set, shared->secure.port);
  log_warnings(*shared);
  for (listening* each : {&shared->secure, &shared->plain})
    for (tcp_acceptor& acceptor : each->acceptors)
      asio::co_spawn(shared->io, accept_from(shared, acceptor, each == &shared->plain), rethrow);
  asio::co_spawn(shared->io, sweep(shared), rethrow);
  implementation_ = std::make_unique<implementation>(std::move(shared));
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

std::uint16_t server::port() const { return implementation_->shared->secure.port; }
std::uint16_t server::http_port() const { return implementation_->shared->plain.port; }

// A session keeps the context that it began with.
std::expected<void, std::string> server::reload_certificate() try {
  common& shared = *implementation_->shared;
  tls_context loaded(shared.settings.certificate_file, shared.settings.key_file);
  if (std::string fault = loaded.fault_of_dates(); !fault.empty()) return std::unexpected(std::move(fault));
  const std::string host(host_of(shared.here.origins.front()));
  const std::string fault = fault_of_name(loaded, host);
  if (!fault.empty() && shared.tls.covers(host)) return std::unexpected(fault);
  if (!fault.empty() && shared.log) shared.log(fault + ".");  // as it was before
  shared.tls = std::move(loaded);
  return {};
} catch (const std::runtime_error& failed) {
  return std::unexpected(std::string(failed.what()));
}

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
