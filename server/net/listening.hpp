// The sockets that take connections: one port on several addresses, IPv4 and IPv6 side by side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace tomoshibi::net {

// The concrete executor, not any_io_executor: fewer indirections on the way of every message.
using executor = boost::asio::io_context::executor_type;
using tcp_acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, executor>;

struct listening {
  std::vector<tcp_acceptor> acceptors;
  std::uint16_t port = 0;
  bool skipped = false;  // an address of a family that this machine does not have
};

// Port 0: any that is free on all of them. An address of a family whose "0.0.0.0" or "::" is there too is covered by
// it. Throws std::runtime_error with a sentence, also where the machine lacks an address; a family that it lacks is
// skipped if the other works.
listening listen_on(executor io, const std::vector<std::string>& addresses, std::uint16_t port);

}  // namespace tomoshibi::net
