// Secrets that are wiped when they go: no key outlives the object that holds it.
#pragma once

#include <memory>
#include <vector>

#include "crypto/bytes.hpp"

namespace tomoshibi::crypto {

// Overwrites memory in a way the compiler may not leave out.
void wipe(std::span<byte> memory) noexcept;

// Compares without telling by its time where the difference is. Lengths are public.
bool equal(bytes_view a, bytes_view b) noexcept;

// N secret bytes. Copies are made where a protocol needs them (a ratchet opens on a copy of its state);
// each copy wipes itself, and a moved-from secret is wiped at once.
template <std::size_t N>
class secret {
 public:
  secret() = default;
  explicit secret(const block<N>& value) : value_(value) {}
  explicit secret(std::span<const byte, N> value) { std::copy(value.begin(), value.end(), value_.begin()); }
  secret(const secret&) = default;
  secret(secret&& other) noexcept : value_(other.value_) { wipe(other.value_); }
  secret& operator=(const secret&) = default;
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      value_ = other.value_;
      wipe(other.value_);
    }
    return *this;
  }
  ~secret() { wipe(value_); }

  static constexpr std::size_t size() { return N; }
  std::span<const byte, N> view() const { return value_; }
  std::span<byte, N> writable() { return value_; }
  bool operator==(const secret& other) const { return equal(value_, other.value_); }

 private:
  block<N> value_{};
};

// Wipes every buffer it gives back, the outgrown ones of a growing vector among them.
template <class T>
struct wiping_allocator {
  using value_type = T;
  wiping_allocator() = default;
  template <class U>
  wiping_allocator(const wiping_allocator<U>&) noexcept {}
  T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* memory, std::size_t count) noexcept {
    wipe({reinterpret_cast<byte*>(memory), count * sizeof(T)});
    std::allocator<T>{}.deallocate(memory, count);
  }
  bool operator==(const wiping_allocator&) const = default;
};

// Secret bytes of a length known only at run time: plain texts above all.
using secret_bytes = std::vector<byte, wiping_allocator<byte>>;
using secret_writer = basic_writer<secret_bytes>;

}  // namespace tomoshibi::crypto
