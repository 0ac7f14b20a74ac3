#include "server/drill/socket.hpp"

#include <charconv>
#include <chrono>
#include <deque>
#include <unordered_map>
#include <vector>

#include <openssl/pem.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace tomoshibi::drill {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using executor = asio::io_context::executor_type;
template <typename value>
using awaitable = asio::awaitable<value, executor>;
using tcp_stream = beast::basic_stream<tcp, executor>;

constexpr std::size_t record_bytes_max = 16'384;  // TLS 1.3

// TLS over TCP, as Beast's WebSocket wants a stream. The operations below it know handlers and buffers of one type
// each: otherwise each of its own operations makes all of TLS and TCP anew, and this file compiles for minutes.
class tls_stream {
 public:
  using next_layer_type = asio::ssl::stream<tcp_stream>;
  using executor_type = executor;

  tls_stream(executor on, asio::ssl::context& context) : tls_(on, context) {}
  executor_type get_executor() { return tls_.get_executor(); }
  next_layer_type& next_layer() { return tls_; }
  const next_layer_type& next_layer() const { return tls_; }

  template <typename buffers, typename token>
  auto async_read_some(const buffers& into, token&& done) {
    return asio::async_initiate<token, void(error_code, std::size_t)>(
        [this](auto handler, asio::mutable_buffer first) {
          tls_.async_read_some(first, transfer_handler(erase(std::move(handler))));
        },
        done, first_of<asio::mutable_buffer>(into));
  }
  // One TLS record for a header and what follows it.
  template <typename buffers, typename token>
  auto async_write_some(const buffers& from, token&& done) {
    flat_.resize(std::min(asio::buffer_size(from), record_bytes_max));
    asio::buffer_copy(asio::buffer(flat_), from);
    return asio::async_initiate<token, void(error_code, std::size_t)>(
        [this](auto handler) {
          tls_.async_write_some(asio::const_buffer(flat_.data(), flat_.size()),
                                transfer_handler(erase(std::move(handler))));
        },
        done);
  }
  template <typename handler>
  friend void async_teardown(beast::role_type role, tls_stream& stream, handler done) {
    beast::async_teardown(role, stream.tls_, std::function<void(error_code)>(erase(std::move(done))));
  }

 private:
  using transfer_handler = std::function<void(error_code, std::size_t)>;

  // As a std::function wants it, which copies; Beast's handlers can only be moved.
  template <typename handler>
  static auto erase(handler done) {
    return [held = std::make_shared<handler>(std::move(done))](auto... results) {
      handler& once = *held;
      std::move(once)(results...);
    };
  }

  template <typename buffer, typename buffers>
  static buffer first_of(const buffers& all) {
    for (auto each = asio::buffer_sequence_begin(all); each != asio::buffer_sequence_end(all); ++each)
      if (const buffer one(*each); one.size() > 0) return one;
    return {};
  }

  next_layer_type tls_;
  bytes flat_;  // what is being written
};
using socket_stream = websocket::stream<tls_stream, false>;  // no permessage-deflate
using outcome = std::expected<void, std::string>;
constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable_t<executor>());

constexpr std::chrono::seconds connect_limit{10};
constexpr std::chrono::seconds silence_limit{60};  // the server pings every 25 s
constexpr std::size_t page_bytes_max = 8 << 20;
constexpr std::size_t message_bytes_max = 1 << 20;

struct freed {
  void operator()(X509* it) const { X509_free(it); }
  void operator()(BIO* it) const { BIO_free_all(it); }
};

bytes der_of(X509* certificate) {
  unsigned char* out = nullptr;
  const int size = certificate != nullptr ? i2d_X509(certificate, &out) : 0;
  bytes copy(out, out + std::max(size, 0));
  OPENSSL_free(out);
  return copy;
}

// TLS 1.3 that trusts one certificate: not its issuer, not its name, not its dates.
struct pinned_tls {
  asio::ssl::context context{asio::ssl::context::tls_client};
  bytes certificate;  // DER

  explicit pinned_tls(bytes pinned) : certificate(std::move(pinned)) {
    SSL_CTX* const raw = context.native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(
        raw,
        [](X509_STORE_CTX* presented, void* self) -> int {
          const bytes& pinned_one = static_cast<pinned_tls*>(self)->certificate;
          const bool same = !pinned_one.empty() && der_of(X509_STORE_CTX_get0_cert(presented)) == pinned_one;
          X509_STORE_CTX_set_error(presented, same ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
          return same;
        },
        this);
    if (SSL_CTX_set1_groups_list(raw, "X25519MLKEM768:X25519:P-256") != 1)
      SSL_CTX_set1_groups_list(raw, "X25519:P-256");
    ERR_clear_error();
  }
  pinned_tls(const pinned_tls&) = delete;
};

using pinned_tls_result = std::expected<std::shared_ptr<pinned_tls>, std::string>;

// Connections pinned to one certificate share a context while any of them lives: a load of thousands has one.
pinned_tls_result pinned_to(const std::string& file) {
  thread_local std::unordered_map<std::string, std::weak_ptr<pinned_tls>> shared;
  const std::unique_ptr<BIO, freed> in(BIO_new_file(file.c_str(), "r"));
  const std::unique_ptr<X509, freed> read(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (!read)
    return std::unexpected("the pinned certificate " + file +
                           " is not a readable PEM certificate: give the server's");
  bytes der = der_of(read.get());
  std::weak_ptr<pinned_tls>& known = shared[as_text(der)];
  std::shared_ptr<pinned_tls> out = known.lock();
  if (out == nullptr) {
    out = std::make_shared<pinned_tls>(std::move(der));
    known = out;
  }
  return out;
}

std::string sentence(const char* step, const error_code& error) {
  if (error == beast::error::timeout) return std::string(step) + " failed: no answer in time";
  if (error.category() == asio::error::get_ssl_category() &&
      ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return std::string(step) + " failed: the server did not present the pinned certificate";
  }
  return std::string(step) + " failed: " + error.message();
}

// As the Host header and the URL have it.
std::string authority(const endpoint& where) { return where.origin().substr(std::string_view("https://").size()); }

// `host` without the brackets of an IPv6 address.
std::string bare(const std::string& host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

// Where no resolver need be asked: an address, and localhost, which is the loopback whatever the machine's tables say
// (RFC 6761, section 6.3). A resolver has one thread, and a load of thousands would queue there.
std::vector<tcp::endpoint> known_endpoints(const std::string& host, std::uint16_t port) {
  if (host == "localhost")
    return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
  error_code not_numeric;
  const asio::ip::address address = asio::ip::make_address(host, not_numeric);
  if (not_numeric) return {};
  return {{address, port}};
}

// TCP and TLS. The limit set here holds for what the caller does next, too, until the caller sets another.
awaitable<outcome> connect(tls_stream& stream, const endpoint& where) {
  const std::string host = bare(where.host);
  tcp_stream& lowest = beast::get_lowest_layer(stream);
  lowest.expires_after(connect_limit);
  std::vector<tcp::endpoint> candidates = known_endpoints(host, where.port);
  if (candidates.empty()) {
    asio::ip::basic_resolver<tcp, executor> resolver(lowest.get_executor());
    auto [resolve_error, found] = co_await resolver.async_resolve(host, std::to_string(where.port), tuple_awaitable);
    if (resolve_error) co_return std::unexpected("the name " + host + " was not found: check the URL");
    for (const auto& entry : found) candidates.push_back(entry.endpoint());
  }
  error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  if (not_numeric)
    SSL_set_tlsext_host_name(stream.next_layer().native_handle(), host.c_str());  // it takes names only (RFC 6066)
  auto [error, connected] = co_await lowest.async_connect(candidates, tuple_awaitable);
  if (error) co_return std::unexpected(sentence("connecting", error));
  lowest.socket().set_option(tcp::no_delay(true), error);
  std::tie(error) = co_await stream.next_layer().async_handshake(asio::ssl::stream_base::client, tuple_awaitable);
  if (error) co_return std::unexpected(sentence("the TLS handshake", error));
  co_return outcome();
}

awaitable<std::expected<bytes, std::string>> get_page(endpoint where, std::string path) {
  const pinned_tls_result tls = pinned_to(where.pinned_file);
  if (!tls) co_return std::unexpected(tls.error());
  tls_stream stream(co_await asio::this_coro::executor, (*tls)->context);
  if (const outcome connected = co_await connect(stream, where); !connected)
    co_return std::unexpected(connected.error());
  http::request<http::empty_body> ask(http::verb::get, path, 11);
  ask.set(http::field::host, authority(where));
  ask.set(http::field::connection, "close");
  if (auto [error, count] = co_await http::async_write(stream, ask, tuple_awaitable); error) {
    co_return std::unexpected(sentence("asking for the page", error));
  }
  beast::flat_buffer buffer;
  http::response_parser<http::vector_body<byte>> answer;
  answer.body_limit(page_bytes_max);
  if (auto [error, count] = co_await http::async_read(stream, buffer, answer, tuple_awaitable); error) {
    co_return std::unexpected(error == http::error::body_limit ? "the page is larger than 8 MiB"
                                                               : sentence("reading the page", error));
  }
  if (answer.get().result_int() != 200) {
    co_return std::unexpected("the server answered " + std::to_string(answer.get().result_int()) + " instead of 200");
  }
  co_return answer.release().body();
}

awaitable<void> get_and_tell(endpoint where, std::string path,
                             std::function<void(std::expected<bytes, std::string>)> done) {
  auto got = co_await get_page(std::move(where), std::move(path));
  done(std::move(got));
}

void rethrow(std::exception_ptr fault) {
  if (fault) std::rethrow_exception(fault);
}

}  // namespace

std::string endpoint::origin() const { return "https://" + host + (port == 443 ? "" : ":" + std::to_string(port)); }

std::expected<endpoint, std::string> parse_url(std::string_view url) {
  const auto fault = [&](const char* what) {
    return std::unexpected("\"" + std::string(url) + "\" " + what +
                           ": write wss://host, wss://host:port or wss://host:port/path");
  };
  constexpr std::string_view scheme = "wss://";
  if (!url.starts_with(scheme)) return fault("does not begin with wss://");
  const std::string_view rest = url.substr(scheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view place = rest.substr(0, slash);
  endpoint out;
  if (slash < rest.size()) out.path = rest.substr(slash);
  const std::size_t host_end = place.starts_with('[') ? std::min(place.find(']'), place.size() - 1) + 1 : 0;
  if (const std::size_t colon = place.find(':', host_end); colon != place.npos) {
    const std::string_view number = place.substr(colon + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), out.port);
    if (error != std::errc() || end != number.data() + number.size() || out.port == 0)
      return fault("has no valid port");
    place = place.substr(0, colon);
  }
  if (place.empty() || (place.starts_with('[') && !place.ends_with(']')) ||
      place.find_first_of("@?# \t\r\n") != place.npos || (host_end != 0 && host_end != place.size())) {
    return fault("has no valid host");
  }
  if (rest.substr(slash).find_first_of("# \t\r\n") != rest.npos) return fault("has no valid path");
  out.host = place;
  return out;
}

void get(asio::io_context& io, const endpoint& where, std::string path,
         std::function<void(std::expected<bytes, std::string>)> done) {
  asio::co_spawn(io, get_and_tell(where, std::move(path), std::move(done)), rethrow);
}

// Outlives its `socket` until its coroutine has ended.
struct socket::implementation {
  implementation(asio::io_context& on, endpoint at, events to)
      : io(on), where(std::move(at)), tell(std::move(to)), wake(on) {}

  static awaitable<void> run(std::shared_ptr<implementation> self);
  awaitable<std::string> talk();
  awaitable<outcome> open(std::shared_ptr<pinned_tls> tls);
  awaitable<std::string> reader();
  awaitable<void> writer();
  void cut();

  asio::io_context& io;
  endpoint where;
  events tell;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor>
      wake;  // of the writer
  std::shared_ptr<pinned_tls> trust;
  std::unique_ptr<socket_stream> stream;
  std::deque<std::shared_ptr<const bytes>> outbox;
  bool closing = false;    // the user asked for it
  bool ended = false;      // nothing is written any more
  bool abandoned = false;  // no event any more
};

awaitable<outcome> socket::implementation::open(std::shared_ptr<pinned_tls> tls) {
  trust = std::move(tls);
  stream = std::make_unique<socket_stream>(io.get_executor(), trust->context);
  if (const outcome connected = co_await connect(stream->next_layer(), where); !connected) co_return connected;
  beast::get_lowest_layer(*stream).expires_never();  // the WebSocket has limits of its own
  stream->set_option(websocket::stream_base::timeout{connect_limit, silence_limit, false});
  stream->set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
    request.set(http::field::origin, where.origin());
    request.set(http::field::sec_websocket_protocol, where.subprotocol);
  }));
  stream->binary(true);
  stream->auto_fragment(false);
  stream->read_message_max(message_bytes_max);
  websocket::response_type answer;
  const auto [error] = co_await stream->async_handshake(answer, authority(where), where.path, tuple_awaitable);
  if (error == websocket::error::upgrade_declined) {
    co_return std::unexpected("the server refused the WebSocket with " + std::to_string(answer.result_int()));
  }
  if (error) co_return std::unexpected(sentence("opening the WebSocket", error));
  if (answer[http::field::sec_websocket_protocol] != where.subprotocol) {
    co_return std::unexpected("the server speaks another protocol version: update one of the two");
  }
  co_return outcome();
}

awaitable<std::string> socket::implementation::reader() {
  beast::flat_buffer buffer;
  std::string why;
  while (why.empty()) {
    const auto [error, count] = co_await stream->async_read(buffer, tuple_awaitable);
    if (abandoned) {
      why = "abandoned";
    } else if (error) {
      why = sentence("reading", error);
    } else if (!stream->got_binary()) {
      why = "the server sent text, which is not of this protocol";
    } else {
      if (!closing && tell.received) tell.received({static_cast<const byte*>(buffer.data().data()), buffer.size()});
      buffer.consume(buffer.size());
      if (buffer.capacity() > 16'384) buffer.shrink_to_fit();
    }
  }
  ended = true;
  wake.cancel();
  co_return why;
}

awaitable<void> socket::implementation::writer() {
  while (!ended) {
    if (!outbox.empty()) {
      const std::shared_ptr<const bytes> message = std::move(outbox.front());
      outbox.pop_front();
      const auto [error, count] = co_await stream->async_write(asio::buffer(*message), tuple_awaitable);
      if (error) co_return;  // the reader learns why
    } else if (closing) {
      co_await stream->async_close(websocket::close_code::normal, tuple_awaitable);
      co_return;
    } else {
      wake.expires_at(asio::steady_timer::time_point::max());
      co_await wake.async_wait(tuple_awaitable);
    }
  }
}

// Why it ended, in words.
awaitable<std::string> socket::implementation::talk() {
  using namespace asio::experimental::awaitable_operators;
  const pinned_tls_result tls = pinned_to(where.pinned_file);
  if (!tls) co_return tls.error();
  if (const outcome opened = co_await open(*tls); !opened) co_return opened.error();
  if (abandoned) co_return "abandoned";
  if (tell.opened) tell.opened();
  const std::string why = co_await (reader() && writer());
  // Whoever closed first: after our own close the reader was only told to stop.
  const websocket::close_reason& said = stream->reason();
  if (said.code == websocket::close_code::none) co_return why;
  co_return "closed with " + std::to_string(said.code) + (said.reason.empty() ? "" : " ") + said.reason.c_str();
}

awaitable<void> socket::implementation::run(std::shared_ptr<implementation> self) {
  const std::string why = co_await self->talk();
  self->ended = true;
  if (!self->abandoned && self->tell.closed) self->tell.closed(why);
}

void socket::implementation::cut() {
  ended = true;
  wake.cancel();
  if (stream != nullptr) beast::get_lowest_layer(*stream).close();
}

socket::socket(asio::io_context& io, endpoint where, events to)
    : implementation_(std::make_shared<implementation>(io, std::move(where), std::move(to))) {
  asio::co_spawn(io, implementation::run(implementation_), rethrow);
}

socket::~socket() {
  implementation_->abandoned = true;
  implementation_->cut();
}

void socket::send(std::shared_ptr<const bytes> message) {
  if (implementation_->ended || implementation_->closing) return;
  implementation_->outbox.push_back(std::move(message));
  implementation_->wake.cancel();
}

void socket::close() {
  implementation_->closing = true;
  implementation_->wake.cancel();
}

}  // namespace tomoshibi::drill
