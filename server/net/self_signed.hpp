// A certificate for a machine that has none yet: made at init, renewed by it. Plain OpenSSL.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace tomoshibi::net {

struct certificate_pair {
  std::string certificate, key;  // PEM; the caller writes the key with mode 0600
};

// P-256, signed by itself, for a server's use only. Names are DNS names or IP addresses, at least one. `not_before`
// is in Unix seconds. Throws std::runtime_error with a sentence.
certificate_pair make_self_signed(const std::vector<std::string>& names, std::int64_t not_before, int days);

// Of the first certificate of a PEM file, in Unix seconds; the error is a sentence.
std::expected<std::int64_t, std::string> certificate_not_after(const std::string& file);
// Whether it signed itself, as those made here do.
std::expected<bool, std::string> certificate_is_self_signed(const std::string& file);
// Whether it is valid for every one of these DNS names and IP addresses.
std::expected<bool, std::string> certificate_covers(const std::string& file, const std::vector<std::string>& names);

}  // namespace tomoshibi::net
