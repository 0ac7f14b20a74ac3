#include "server/net/neighbours.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace tomoshibi::net {

neighbours::neighbours(neighbour_limits limits) : limits_(std::move(limits)) {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
    throw std::runtime_error("The system gives no random numbers: see getrandom(2)");
}

neighbours::entry::~entry() {
  if (of_ == nullptr) return;
  const auto at = of_->counts_.find(name_);
  if (--at->second == 0) of_->counts_.erase(at);
}

std::optional<neighbours::entry> neighbours::admit(const boost::asio::ip::address& from, bool crowded) {
  if (std::ranges::find(limits_.shared, from.to_string()) != limits_.shared.end()) return entry(nullptr, 0);
  const std::uint64_t name = name_of(from);
  const auto here = counts_.find(name);
  const std::size_t count = here == counts_.end() ? 0 : here->second;
  if (from.is_v6() ? count >= limits_.ipv6_max : crowded && count >= limits_.ipv4_max) return std::nullopt;
  ++counts_[name];
  return entry(this, name);
}

std::uint64_t neighbours::name_of(const boost::asio::ip::address& from) const {
  writer place;
  if (from.is_v6())
    place.put(bytes_view(from.to_v6().to_bytes()).first(8));
  else
    place.put(from.to_v4().to_bytes());
  const bytes clear = place.finish();
  block<32> hashed;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), clear.data(), clear.size(), hashed.data(), nullptr);
  return reader(hashed).number<std::uint64_t>();
}

}  // namespace tomoshibi::net
