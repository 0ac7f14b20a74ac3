#include "server/net/listening.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <boost/asio/ip/v6_only.hpp>

namespace tomoshibi::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::vector<asio::ip::address> read_addresses(const std::vector<std::string>& texts) {
  if (texts.empty()) throw std::runtime_error("No listening address is set: set one, such as 127.0.0.1");
  std::vector<asio::ip::address> out;
  for (const std::string& text : texts) {
    error_code error;
    out.push_back(asio::ip::make_address(text, error));
    if (error)
      throw std::runtime_error("The listening address \"" + text + "\" is not an IP address: correct the setting");
  }
  return out;
}

// Each once, and none beside the one that stands for its whole family: the system would refuse the second.
std::vector<asio::ip::address> without_covered(const std::vector<asio::ip::address>& all) {
  std::vector<asio::ip::address> out;
  for (const asio::ip::address& each : all) {
    const bool covered = !each.is_unspecified() && std::ranges::any_of(all, [&](const asio::ip::address& other) {
      return other.is_unspecified() && other.is_v6() == each.is_v6();
    });
    if (!covered && std::ranges::find(out, each) == out.end()) out.push_back(each);
  }
  return out;
}

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

// A machine without IPv6 may be left without its "::1" and "::", too. Any other address may yet come (DHCP), and a
// server that left it out would be there for nobody and seem well.
bool is_missing_family(const error_code& error, const asio::ip::address& of) {
  const bool every_machine_has_it = of.is_loopback() || of.is_unspecified();
  return error == asio::error::address_family_not_supported || error == boost::system::errc::protocol_not_supported ||
         (error == boost::system::errc::address_not_available && of.is_v6() && every_machine_has_it);
}

[[noreturn]] void fail_to_listen(const error_code& error, const asio::ip::address& address, std::uint16_t port) {
  const std::string where = "Port " + std::to_string(port) + " of " + address.to_string();
  if (error == asio::error::address_in_use) {
    throw std::runtime_error(where + " is in use by another program: stop that program, or set another port");
  }
  if (error == asio::error::access_denied) {
    throw std::runtime_error(where +
                             " may not be opened by this user: set a port above 1023, or grant CAP_NET_BIND_SERVICE");
  }
  if (is_missing_family(error, address)) {
    throw std::runtime_error(
        where + " cannot be opened: this machine has none of the listening addresses; correct the setting");
  }
  if (error == boost::system::errc::address_not_available) {
    throw std::runtime_error(where +
                             " cannot be opened: this machine does not have that address; correct the setting, or "
                             "start again once it has");
  }
  throw std::runtime_error(where + " cannot be opened: " + error.message());
}

// With port 0 the first address takes a free one; none: another address has it taken already.
std::optional<listening> try_to_listen(executor io, const std::vector<asio::ip::address>& addresses,
                                       std::uint16_t port) {
  listening out{{}, port};
  error_code missing;
  asio::ip::address missing_address;
  for (const asio::ip::address& address : addresses) {
    error_code error;
    tcp_acceptor opened = open_acceptor(io, {address, out.port}, error);
    if (!error) {
      out.port = opened.local_endpoint().port();
      out.acceptors.push_back(std::move(opened));
    } else if (is_missing_family(error, address)) {
      missing = error;
      missing_address = address;
    } else if (port == 0 && error == asio::error::address_in_use && !out.acceptors.empty()) {
      return std::nullopt;
    } else {
      fail_to_listen(error, address, out.port);
    }
  }
  if (out.acceptors.empty()) fail_to_listen(missing, missing_address, port);
  out.skipped = bool(missing);
  return out;
}

}  // namespace

listening listen_on(executor io, const std::vector<std::string>& addresses, std::uint16_t port) {
  const std::vector<asio::ip::address> wanted = without_covered(read_addresses(addresses));
  for (int tries = 1; tries <= 16; ++tries) {
    if (auto opened = try_to_listen(io, wanted, port)) return std::move(*opened);
  }
  throw std::runtime_error("No port is free on all listening addresses at once: set one");
}

}  // namespace tomoshibi::net
