#include "server/net/forwarded.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace tomoshibi::net {
namespace {

namespace ip = boost::asio::ip;
using node = std::optional<ip::address>;         // none: it is not told who
using nodes = std::optional<std::vector<node>>;  // none: malformed

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

// "::ffff:192.0.2.1" is 192.0.2.1. No zone: "fe80::1%eth0" means nothing on another machine.
std::optional<ip::address> read_address(std::string_view text) {
  boost::system::error_code wrong;
  const ip::address read = ip::make_address(std::string(text), wrong);
  if (wrong || text.find('%') != text.npos) return std::nullopt;
  if (read.is_v6() && read.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, read.to_v6());
  return read;
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
  std::string_view until(char mark) { return take_front(std::min(left_.find(mark), left_.size())); }

 private:
  void skip_blanks() { left_.remove_prefix(std::min(left_.find_first_not_of(" \t"), left_.size())); }
  std::string_view take_front(std::size_t count) {
    const std::string_view out = left_.substr(0, count);
    left_.remove_prefix(out.size());
    return out;
  }

  std::string_view left_;
};

nodes read_x_forwarded_for(std::string_view text) {
  std::vector<node> out;
  scanner in(text);
  do {
    in.at_end();  // past the blanks
    std::string_view element = in.until(',');
    element = element.substr(0, element.find_last_not_of(" \t") + 1);
    if (!read_node(element, out.emplace_back())) return std::nullopt;
  } while (in.take(','));
  return out;
}

// One `for=...;by=...;proto=...`: for whom. False: malformed.
bool read_element(scanner& in, node& out) {
  bool told = false;
  do {
    const std::string name = in_small_letters(in.token());
    if (name.empty() || !in.take('=')) return false;
    const auto value = in.value();
    if (!value) return false;
    if (name == "for" && (std::exchange(told, true) || !read_node(*value, out))) return false;
  } while (in.take(';'));
  return true;
}

nodes read_forwarded(std::string_view text) {
  std::vector<node> out;
  scanner in(text);
  do {
    if (!read_element(in, out.emplace_back())) return std::nullopt;
  } while (in.take(','));
  return in.at_end() ? nodes(std::move(out)) : std::nullopt;
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
  return network{as_ipv6(*address), bits + (128 - most)};
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
  const auto address = as_ipv6(one);
  return std::ranges::any_of(all_, [&](const network& each) {
    for (unsigned bit = 0; bit < each.bits; ++bit) {
      if ((address[bit / 8] ^ each.from[bit / 8]) & (0x80 >> bit % 8)) return false;
    }
    return true;
  });
}

std::expected<node, std::string_view> proxies::client_of(const forwarded_headers& said) const {
  std::vector<node> found;
  for (const auto& [text, read] :
       {std::pair{&said.x_forwarded_for, &read_x_forwarded_for}, {&said.forwarded, &read_forwarded}}) {
    if (text->empty()) continue;
    const nodes all = read(*text);
    if (!all) return std::unexpected("the header in which a proxy names its client is malformed");
    const auto client =
        std::find_if(all->rbegin(), all->rend(), [&](const node& each) { return !each || !name(*each); });
    found.push_back(client == all->rend() ? node() : *client);
  }
  if (found.empty()) return node();
  // A proxy writes one of them. The other was written by whoever it is.
  if (found.front() != found.back()) return std::unexpected("two headers name different clients of a proxy");
  return found.front();
}

}  // namespace tomoshibi::net
