// How many connections come from one neighbourhood, which is an IPv6 /64 or one IPv4 address: so that none takes all
// the places. It is known by a keyed hash alone, under a key of this process, and never written down.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "crypto/bytes.hpp"

namespace tomoshibi::net {

struct neighbour_limits {
  std::size_t ipv6_max = 64;
  std::size_t ipv4_max = 512;  // whole cities share an address: it counts only while the server is crowded
  // These speak for many without saying for whom, and are not counted: an onion service. See also forwarded.hpp.
  std::vector<std::string> shared{"127.0.0.1", "::1"};
};

class neighbours {
 public:
  explicit neighbours(neighbour_limits limits);  // throws std::runtime_error if there is no randomness
  neighbours(const neighbours&) = delete;

  // One connection's entry, for as long as it lives.
  class entry {
   public:
    entry(entry&& from) noexcept : of_(std::exchange(from.of_, nullptr)), name_(from.name_) {}
    ~entry();

   private:
    friend class neighbours;
    entry(neighbours* of, std::uint64_t name) : of_(of), name_(name) {}
    neighbours* of_;  // null: not counted
    std::uint64_t name_;
  };

  // None: too many are here from there.
  std::optional<entry> admit(const boost::asio::ip::address& from, bool crowded);

 private:
  std::uint64_t name_of(const boost::asio::ip::address& from) const;

  neighbour_limits limits_;
  block<32> key_;
  std::unordered_map<std::uint64_t, std::size_t> counts_;
};

}  // namespace tomoshibi::net
