#include "server/wire/codec.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/wire/every_message.hpp"

namespace tomoshibi::wire {
namespace {

template <class Variant>
std::expected<Variant, error> decode_as(bytes_view in) {
  if constexpr (std::is_same_v<Variant, client_message>)
    return decode_client(in);
  else
    return decode_server(in);
}

template <class Variant, class Message>
void expect_round_trip(Message said) {
  const bytes out = encode(Variant{said});
  ASSERT_LE(out.size(), message_bytes_max);
  EXPECT_EQ(out[0], Message::code);
  const auto back = decode_as<Variant>(out);
  ASSERT_TRUE(back);
  ASSERT_TRUE(std::holds_alternative<Message>(*back));
  Message got = std::get<Message>(*back);
  EXPECT_TRUE(got.fields() == said.fields());
  EXPECT_EQ(encode(*back), out);
}

template <class Variant>
void expect_refused(const bytes& in) {
  const auto got = decode_as<Variant>(in);
  ASSERT_FALSE(got) << in.size() << " bytes of code " << int{in.empty() ? byte{0} : in[0]};
  EXPECT_EQ(got.error(), error::malformed);
}

template <class Variant>
void expect_every_other_length_refused(const bytes& whole) {
  for (std::size_t size = 0; size < whole.size(); ++size)
    expect_refused<Variant>(bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
  bytes longer = whole;
  longer.push_back(0);
  expect_refused<Variant>(longer);
}

TEST(codec, gives_back_every_message) {
  for_each_type<client_message>(
      []<class M>(std::type_identity<M>) { expect_round_trip<client_message>(filled<M>()); });
  for_each_type<server_message>(
      []<class M>(std::type_identity<M>) { expect_round_trip<server_message>(filled<M>()); });
  enter without = filled<enter>();
  without.ticket.reset();
  expect_round_trip<client_message>(without);
}

TEST(codec, refuses_every_truncation_and_one_byte_more) {
  for_each_type<client_message>([]<class M>(std::type_identity<M>) {
    expect_every_other_length_refused<client_message>(encode(client_message{filled<M>()}));
  });
  for_each_type<server_message>([]<class M>(std::type_identity<M>) {
    expect_every_other_length_refused<server_message>(encode(server_message{filled<M>()}));
  });
  enter without = filled<enter>();
  without.ticket.reset();
  expect_every_other_length_refused<client_message>(encode(client_message{without}));
}

TEST(codec, writes_fields_in_order_big_endian_without_padding) {
  const bytes out = encode(client_message{duty{true, false, 3}});
  EXPECT_EQ(out, (bytes{0x21, 1, 0, 3}));
  conversation_id name{};
  name[15] = 7;
  EXPECT_EQ(encode(client_message{taken{name, 0x0102030405060708}}),
            (bytes{0x17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(codec, refuses_unknown_codes_and_those_of_the_other_direction) {
  std::set<byte> client, server;
  for_each_type<client_message>([&]<class M>(std::type_identity<M>) { client.insert(M::code); });
  for_each_type<server_message>([&]<class M>(std::type_identity<M>) { server.insert(M::code); });
  for (unsigned code = 0; code < 256; ++code)
    for (std::size_t size : {std::size_t{1}, std::size_t{17}, std::size_t{25}, message_bytes_max}) {
      bytes in(size);
      in[0] = static_cast<byte>(code);
      if (!client.contains(in[0])) expect_refused<client_message>(in);
      if (!server.contains(in[0])) expect_refused<server_message>(in);
    }
}

TEST(codec, has_one_code_for_each_message) {
  std::map<byte, std::size_t> seen;
  for_each_type<client_message>([&]<class M>(std::type_identity<M>) { EXPECT_EQ(seen[M::code]++, 0u); });
  EXPECT_EQ(seen.size(), std::variant_size_v<client_message>);
  std::size_t passed_on = 0;
  for_each_type<server_message>([&]<class M>(std::type_identity<M>) {
    const bool both_ways = std::is_same_v<M, offer> || std::is_same_v<M, hello> || std::is_same_v<M, talk> ||
                           std::is_same_v<M, letter_part> || std::is_same_v<M, reply_part> ||
                           std::is_same_v<M, consent> || std::is_same_v<M, introduce>;
    EXPECT_EQ(seen[M::code]++, both_ways ? 1u : 0u) << int{M::code};
    passed_on += both_ways;
  });
  EXPECT_EQ(passed_on, 7u);
}

// Which values a one-byte field may have, said here a second time on purpose.
template <class T>
std::pair<int, int> declared_values() {
  if constexpr (std::is_same_v<T, bool>) return {0, 1};
  if constexpr (std::is_same_v<T, door_reason>) return {0, 4};
  if constexpr (std::is_same_v<T, refusal>) return {1, 4};
  if constexpr (std::is_same_v<T, calling>) return {0, 3};
  if constexpr (std::is_same_v<T, withdrawal>) return {1, 2};
  if constexpr (std::is_same_v<T, stage>) return {0, 3};
  if constexpr (std::is_same_v<T, presence>) return {0, 2};
  if constexpr (std::is_same_v<T, letter_finish>) return {0, 2};
  if constexpr (std::is_same_v<T, letter_refusal>) return {1, 3};
  if constexpr (std::is_same_v<T, invitation_kind>) return {1, 2};
  if constexpr (std::is_same_v<T, invitation_end>) return {1, 5};
  if constexpr (std::is_same_v<T, error>) return {1, 11};
}

template <class Variant, class Message>
int expect_only_declared_values() {
  int checked = 0;
  const bytes whole = encode(Variant{filled<Message>()});
  std::size_t at = 1;
  const auto check = [&]<class T>(const T&) {
    if constexpr (std::is_same_v<T, bool> || std::is_enum_v<T>) {
      const auto [least, most] = declared_values<T>();
      for (int value = 0; value < 256; ++value) {
        bytes in = whole;
        in[at] = static_cast<byte>(value);
        EXPECT_EQ(decode_as<Variant>(in).has_value(), value >= least && value <= most)
            << value << " at " << at << " of code " << int{Message::code};
      }
      ++checked;
      at += 1;
    } else if constexpr (requires(T t) { t.has_value(); }) {
      bytes in = whole;
      in[at] = 2;
      expect_refused<Variant>(in);
      in[at] = 0;  // says it is not there, and yet it is
      expect_refused<Variant>(in);
      ++checked;
      at += 1 + sizeof(typename T::value_type);
    } else {
      at += sizeof(T);
    }
  };
  Message walked;
  std::apply([&](auto&... field) { (check(field), ...); }, walked.fields());
  EXPECT_EQ(at, whole.size());
  return checked;
}

TEST(codec, refuses_values_that_are_not_declared) {
  int checked = 0;
  for_each_type<client_message>(
      [&]<class M>(std::type_identity<M>) { checked += expect_only_declared_values<client_message, M>(); });
  for_each_type<server_message>(
      [&]<class M>(std::type_identity<M>) { checked += expect_only_declared_values<server_message, M>(); });
  EXPECT_EQ(checked, 7 + 17);  // fields of one byte with a meaning: client's, server's
}

}  // namespace
}  // namespace tomoshibi::wire
