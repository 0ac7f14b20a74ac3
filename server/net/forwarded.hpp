// For whom a reverse proxy speaks. Text in, an address out: it serves the limits of neighbours.hpp alone, and is
// neither kept nor written anywhere.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace tomoshibi::net {

// Of one request; a header of several lines is joined with commas. Empty: not there.
struct forwarded_headers {
  std::string x_forwarded_for;
  std::string forwarded;  // RFC 7239
  bool any = false;       // these or their kind: X-Forwarded-Host, X-Real-IP, Via, ...
};

// The proxies that are believed.
class proxies {
 public:
  // IP addresses and networks: "192.0.2.7", "2001:db8::/32". Throws std::runtime_error with a sentence.
  explicit proxies(const std::vector<std::string>& networks);

  bool name(const boost::asio::ip::address& one) const;

  // In a request from a named proxy: the right-most address that is not itself a named proxy. What is left of it was
  // written by whoever it is, and is not read. X-Forwarded-For counts, and where there is none Forwarded. None:
  // nobody was named, or RFC 7239's "unknown" or an obfuscated name. The error, that it is malformed, is a reason for
  // the log and the answer.
  std::expected<std::optional<boost::asio::ip::address>, std::string_view> client_of(
      const forwarded_headers& said) const;

 private:
  struct network {
    bool ipv6;
    boost::asio::ip::address_v6::bytes_type from;  // IPv4 as ::ffff:a.b.c.d
    unsigned bits;                                 // that all its addresses share
  };
  static std::optional<network> read_network(const std::string& text);

  std::vector<network> all_;
};

}  // namespace tomoshibi::net
