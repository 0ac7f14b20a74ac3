// Bytes, and the one way this project reads and writes them: big-endian, fixed layouts.
//
// This header is the floor of the house: every room may include it, it includes nothing of the house.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tomoshibi {

using byte = std::uint8_t;
using bytes = std::vector<byte>;
using bytes_view = std::span<const byte>;
template <std::size_t N>
using block = std::array<byte, N>;

inline bytes_view as_bytes(std::string_view text) {
  return {reinterpret_cast<const byte*>(text.data()), text.size()};
}

inline std::string as_text(bytes_view in) { return {reinterpret_cast<const char*>(in.data()), in.size()}; }

inline std::string to_hex(bytes_view in) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(in.size() * 2);
  for (byte b : in) {
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

// Takes values off the front of a view. A value that is not there leaves the reader failed, once and for
// all, and reads as zeros: a decoder reads everything, then asks `complete()` once.
class reader {
 public:
  explicit reader(bytes_view in) : rest_(in) {}

  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    for (byte b : view(sizeof(T))) value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | b);
    return value;
  }

  template <std::size_t N>
  block<N> take() {
    block<N> out{};
    bytes_view in = view(N);
    std::copy(in.begin(), in.end(), out.begin());
    return out;
  }

  // The next `count` bytes, or none (and a failed reader) if fewer are left.
  bytes_view view(std::size_t count) {
    if (failed_ || rest_.size() < count) {
      failed_ = true;
      return {};
    }
    bytes_view out = rest_.first(count);
    rest_ = rest_.subspan(count);
    return out;
  }

  // The next `count` bytes must all be zero.
  void zeros(std::size_t count) {
    for (byte b : view(count)) failed_ = failed_ || b != 0;
  }

  bytes_view rest() { return view(rest_.size()); }
  std::size_t left() const { return rest_.size(); }
  bool ok() const { return !failed_; }
  bool complete() const { return !failed_ && rest_.empty(); }  // trailing bytes are refused

 private:
  bytes_view rest_;
  bool failed_ = false;
};

// Appends to a container of bytes; `Out` is `bytes`, or one that wipes itself.
template <class Out = bytes>
class basic_writer {
 public:
  basic_writer() = default;
  explicit basic_writer(std::size_t size) { out_.reserve(size); }

  template <std::unsigned_integral T>
  basic_writer& number(T value) {
    for (std::size_t shift = sizeof(T) * 8; shift > 0;) {
      shift -= 8;
      out_.push_back(static_cast<byte>(static_cast<std::uint64_t>(value) >> shift));
    }
    return *this;
  }

  basic_writer& put(bytes_view in) {
    out_.insert(out_.end(), in.begin(), in.end());
    return *this;
  }

  basic_writer& put(std::string_view text) { return put(as_bytes(text)); }

  // Zeros up to `size` bytes in all; nothing if it is that long already.
  basic_writer& pad_to(std::size_t size) {
    if (out_.size() < size) out_.resize(size);
    return *this;
  }

  std::size_t size() const { return out_.size(); }
  Out finish() { return std::move(out_); }

 private:
  Out out_;
};

using writer = basic_writer<>;

}  // namespace tomoshibi
