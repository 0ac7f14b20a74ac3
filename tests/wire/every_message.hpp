// One of each message, with another byte in every place, so that no field can stand for another.
#pragma once

#include <type_traits>
#include <utility>

#include "server/wire/codec.hpp"

namespace tomoshibi::wire {

// Calls `with(std::type_identity<Message>)` for every message of the variant.
template <class Variant, class F>
void for_each_type(F with) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (with(std::type_identity<std::variant_alternative_t<I, Variant>>{}), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Variant>>{});
}

class distinct_filler {
 public:
  template <class T>
  void operator()(T& field) {
    if constexpr (std::is_same_v<T, bool>)
      field = true;
    else if constexpr (std::is_enum_v<T>)
      field = static_cast<T>(2);  // declared in every enumeration
    else
      for (std::size_t i = 0; i < sizeof(T); ++i) field = static_cast<T>((std::uint64_t{field} << 8) | next());
  }
  template <std::size_t N>
  void operator()(block<N>& field) {
    for (byte& b : field) b = next();
  }
  template <std::size_t N>
  void operator()(std::optional<block<N>>& field) {
    (*this)(field.emplace());
  }

 private:
  byte next() { return static_cast<byte>(++count_ % 251); }
  unsigned count_ = 0;
};

template <class Message>
Message filled() {
  Message out;
  distinct_filler fill;
  std::apply([&](auto&... field) { (fill(field), ...); }, out.fields());
  return out;
}

}  // namespace tomoshibi::wire
