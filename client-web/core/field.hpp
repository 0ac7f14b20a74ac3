// How a command or an event names its fields, so that the codec (bridge.hpp) and its TypeScript come from one
// declaration. Each has a `name` and `fields()`, a tuple of these:
//
//   struct place_changed {
//     std::uint32_t ahead = 0;
//     static constexpr std::string_view name = "place_changed";
//     static constexpr auto fields() { return std::tuple{field{"ahead", &place_changed::ahead}}; }
//   };
#pragma once

#include <functional>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace tomoshibi::core {

// `member`: a pointer to the member, or what finds it in an object.
template <class Member>
struct field {
  std::string_view name;
  Member member;
};
template <class Member>
field(std::string_view, Member) -> field<Member>;

// Finds a member of a member.
template <class Outer, class Member>
struct path {
  Outer outer;
  Member member;
  template <class Object>
  constexpr auto& operator()(Object& of) const {
    return of.*outer.*member;
  }
};

// One field of what a member holds: inner("present", &set_duty::duty, &wire::duty::present).
template <class Outer, class Member>
constexpr auto inner(std::string_view name, Outer outer, Member member) {
  return field{name, path<Outer, Member>{outer, member}};
}

// secret_bytes that hold UTF-8: a string in TypeScript.
template <class Member>
struct words {
  std::string_view name;
  Member member;
};
template <class Member>
words(std::string_view, Member) -> words<Member>;

// Specialised in names.hpp for each enumeration that crosses the bridge: its `name`, and `of(value)`, the value's
// name or nothing if it is not declared. The declared values of each follow one another.
template <class Enumeration>
struct names;

}  // namespace tomoshibi::core
