#include "server/net/forwarded.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace tomoshibi::net {
namespace {

namespace ip = boost::asio::ip;
using node = std::optional<ip::address>;  // none: it is not told who

constexpr std::string_view digits = "0123456789";
constexpr std::string_view token_characters =
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool consists_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

std::string in_small_letters(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

ip::address_v6::bytes_type as_ipv6(const ip::address& one) {
  return (one.is_v6() ? one.to_v6() : ip::make_address_v6(ip::v4_mapped, one.to_v4())).to_bytes();
}

// "::ffff:192.0.2.1" is 192.0.2.1.
ip::address unmapped(const ip::address& one) {
  return one.is_v6() && one.to_v6().is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, one.to_v6()) : one;
}

// No zone: "fe80::1%eth0" means nothing on another machine.
std::optional<ip::address> read_address(std::string_view text) {
  boost::system::error_code wrong;
  const ip::address read = ip::make_address(std::string(text), wrong);
  if (wrong || text.find('%') != text.npos) return std::nullopt;
  return unmapped(read);
}

// RFC 7239 section 6, without the quotes: an address, with a port or without, "unknown" or "_hidden". False:
// malformed.
bool read_node(std::string_view text, node& out) {
  if (in_small_letters(text) == "unknown" || (text.starts_with('_') && consists_of(text.substr(1), token_characters)))
    return true;
  if ((out = read_address(text))) return true;  // IPv6 without brackets, too, as X-Forwarded-For has it
  const std::size_t port = text.rfind(':');
  std::string_view address = text.substr(0, port);
  const bool has_port = port != text.npos && text.back() != ']';
  if (has_port && !consists_of(text.substr(port + 1), digits) && !text.substr(port + 1).starts_with('_'))
    return false;
  if (!has_port) address = text;
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  out = read_address(bracketed ? address.substr(1, address.size() - 2) : address);
  return out && (bracketed == (address.find(':') != address.npos));
}

// RFC 9110 section 5.6: what header values are made of.
class scanner {
 public:
  explicit scanner(std::string_view text) : left_(text) {}

  bool at_end() {
    skip_blanks();
    return left_.empty();
  }
  bool take(char mark) {
    skip_blanks();
    if (!left_.starts_with(mark)) return false;
    left_.remove_prefix(1);
    return true;
  }
  std::string_view token() {  // empty: there is none
    skip_blanks();
    return take_front(std::min(left_.find_first_not_of(token_characters), left_.size()));
  }
  std::optional<std::string> value() {  // a token or a quoted string
    if (!take('"')) {
      const std::string_view text = token();
      return text.empty() ? std::nullopt : std::optional<std::string>(text);
    }
    std::string out;
    while (!left_.empty()) {
      std::string_view next = take_front(1);
      if (next == "\"") return out;
      if (next == "\\") next = take_front(1);
      out += next;
    }
    return std::nullopt;  // never closed
  }

 private:
  void skip_blanks() { left_.remove_prefix(std::min(left_.find_first_not_of(" \t"), left_.size())); }
  std::string_view take_front(std::size_t count) {
    const std::string_view out = left_.substr(0, count);
    left_.remove_prefix(out.size());
    return out;
  }

  std::string_view left_;
};

bool read_x_forwarded_for(std::string_view element, node& out) {
  element.remove_prefix(std::min(element.find_first_not_of(" \t"), element.size()));
  return read_node(element.substr(0, element.find_last_not_of(" \t") + 1), out);
}

// One `for=...;by=...;proto=...`.
bool read_forwarded(std::string_view element, node& out) {
  scanner in(element);
  bool told = false;
  do {
    const std::string name = in_small_letters(in.token());
    if (name.empty() || !in.take('=')) return false;
    const auto value = in.value();
    if (!value) return false;
    if (name == "for" && (std::exchange(told, true) || !read_node(*value, out))) return false;
  } while (in.take(';'));
  return in.at_end();
}

bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t from = at;
  while (from > 0 && text[from - 1] == '\\') --from;
  return (at - from) % 2 == 1;
}

// Off the end of a list; a comma between quotes divides nothing. Whatever strangers wrote to the left, what a proxy
// added to the right of it is read alike.
std::string_view take_last_element(std::string_view& list) {
  bool quoted = false;
  std::size_t from = list.size();
  for (; from > 0 && (quoted || list[from - 1] != ','); --from)
    if (list[from - 1] == '"' && !(quoted && is_escaped(list, from - 1))) quoted = !quoted;
  const std::string_view out = list.substr(from);
  list = list.substr(0, from == 0 ? 0 : from - 1);
  return out;
}

}  // namespace

std::optional<proxies::network> proxies::read_network(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = read_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = address->is_v6() ? 128 : 32;
  unsigned bits = most;
  if (slash != text.npos) {
    const char* const end = text.data() + text.size();
    const auto [stopped, wrong] = std::from_chars(text.data() + slash + 1, end, bits);
    if (wrong != std::errc() || stopped != end || bits > most) return std::nullopt;
  }
  return network{address->is_v6(), as_ipv6(*address), bits + (128 - most)};
}

proxies::proxies(const std::vector<std::string>& networks) {
  for (const std::string& text : networks) {
    const auto read = read_network(text);
    if (!read)
      throw std::runtime_error("The proxy \"" + text +
                               "\" is neither an IP address nor a network such as 192.0.2.0/24: correct the setting");
    all_.push_back(*read);
  }
}

bool proxies::name(const ip::address& one) const {
  const bool ipv6 = unmapped(one).is_v6();
  const auto address = as_ipv6(one);
  return std::ranges::any_of(all_, [&](const network& each) {
    if (ipv6 != each.ipv6) return false;  // "::/64" has no IPv4 address in it
    for (unsigned bit = 0; bit < each.bits; ++bit) {
      if ((address[bit / 8] ^ each.from[bit / 8]) & (0x80 >> bit % 8)) return false;
    }
    return true;
  });
}

std::expected<node, std::string_view> proxies::client_of(const forwarded_headers& said) const {
  const bool x = !said.x_forwarded_for.empty();
  std::string_view left = x ? said.x_forwarded_for : said.forwarded;
  while (!left.empty()) {
    const std::string_view element = take_last_element(left);
    node client;
    if (!(x ? read_x_forwarded_for(element, client) : read_forwarded(element, client)))
      return std::unexpected("the header in which a proxy names its client is malformed");
    if (!client || !name(*client)) return client;
  }
  return node();
}

}  // namespace tomoshibi::net
