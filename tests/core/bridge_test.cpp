// The bytes between core and page, both ways. client-web/src/core.ts is the other end: tests/wasm.
#include "client-web/core/bridge.hpp"

#include <gtest/gtest.h>

#include "tests/support/hex.hpp"

namespace tomoshibi::core {
namespace {

constexpr seconds clock_then = 0x0102030405060708;

// Writes and compares as the pages would; what is not a number, bool or enumeration is a range of bytes.
struct page_writer {
  template <class T>
  void operator()(const T& value) {
    if constexpr (std::is_same_v<T, bool> || std::is_enum_v<T>)
      out.number(static_cast<byte>(value));
    else if constexpr (std::is_unsigned_v<T>)
      out.number(value);
    else
      out.number(static_cast<std::uint32_t>(value.size()))
          .put({reinterpret_cast<const byte*>(value.data()), value.size()});
  }
  template <std::size_t N>
  void operator()(const block<N>& value) {
    out.put(value);
  }
  template <std::size_t N>
  void operator()(const crypto::secret<N>& value) {
    out.put(value.view());
  }
  writer out;
};

// Gives each field another value, none of them zero.
struct filler {
  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_same_v<T, bool>)
      value = true;
    else if constexpr (std::is_enum_v<T>)
      value = static_cast<T>(1);
    else if constexpr (std::is_unsigned_v<T>)
      value = static_cast<T>(0xa1a2a3a4a5a6a7a8 + next++);
    else
      value.assign(next++, 'x');
  }
  template <std::size_t N>
  void operator()(block<N>& value) {
    value.fill(static_cast<byte>(++next));
  }
  template <std::size_t N>
  void operator()(crypto::secret<N>& value) {
    block<N> plain;
    (*this)(plain);
    value = crypto::secret<N>(plain);
  }
  unsigned next = 1;
};

template <class Object, class Visitor>
void each_field(Object& object, Visitor& visit) {
  std::apply([&](const auto&... field) { (visit(std::invoke(field.member, object)), ...); },
             std::remove_const_t<Object>::fields());
}

template <class Object>
bytes fields_of(const Object& object) {
  page_writer write;
  each_field(object, write);
  return write.out.finish();
}

bytes as_command(byte code, bytes_view fields) {
  return writer().number(clock_then).number(code).put(fields).finish();
}

// `check(code, object)` for a filled object of each alternative.
template <class Check, class... Said>
void each_of(std::type_identity<std::variant<Said...>>, Check check) {
  byte code = 0;
  const auto one = [&]<class Object>(Object object) {
    filler fill;
    each_field(object, fill);
    check(code++, object);
  };
  (one(Said{}), ...);
}

template <class Command, class Decode>
void expect_every_command(Decode decode) {
  each_of(std::type_identity<Command>{}, [&]<class Object>(byte code, const Object& sent) {
    const bytes in = as_command(code, fields_of(sent));
    const auto got = decode(in);
    ASSERT_TRUE(got) << Object::name;
    EXPECT_EQ(got->clock, clock_then);
    ASSERT_EQ(got->command.index(), code);
    EXPECT_EQ(to_hex(fields_of(std::get<Object>(got->command))), to_hex(fields_of(sent))) << Object::name;
    for (std::size_t size = 0; size < in.size(); ++size)
      EXPECT_FALSE(decode(bytes_view(in).first(size))) << Object::name << " of " << size << " bytes";
    EXPECT_FALSE(decode(writer().put(in).number(byte{0}).finish())) << Object::name << " and one byte more";
  });
}

TEST(bridge, reads_every_command_and_refuses_it_cut_short_or_too_long) {
  expect_every_command<survivor_command>(decode_survivor_command);
  expect_every_command<counselor_command>(decode_counselor_command);
  expect_every_command<vault_command>(decode_vault_command);
}

TEST(bridge, refuses_an_unknown_command) {
  EXPECT_FALSE(decode_survivor_command(as_command(std::variant_size_v<survivor_command>, {})));
  EXPECT_FALSE(decode_counselor_command(as_command(std::variant_size_v<counselor_command>, {})));
  EXPECT_FALSE(decode_vault_command(as_command(255, {})));
}

TEST(bridge, refuses_values_that_are_not_declared) {
  const byte say = 7, set_duty = 7;  // the places in their variants
  EXPECT_TRUE(decode_survivor_command(as_command(say, support::from_hex("00000001"
                                                                        "06"
                                                                        "00000000"))));
  EXPECT_FALSE(decode_survivor_command(as_command(say, support::from_hex("00000001"
                                                                         "07"
                                                                         "00000000"))));
  EXPECT_TRUE(decode_counselor_command(as_command(set_duty, support::from_hex("010005"))));
  EXPECT_FALSE(decode_counselor_command(as_command(set_duty, support::from_hex("010205"))));
}

TEST(bridge, reads_a_length_that_is_longer_than_the_command_as_malformed) {
  EXPECT_FALSE(decode_survivor_command(as_command(3, support::from_hex("ffffffff"
                                                                       "00"))));
}

TEST(bridge, lays_out_an_output_as_its_header_says) {
  output out;
  out.messages = {{1, 2, 3}, {}};
  out.wanted = {crypto::hash32{0xaa}};
  out.tell(place_changed{7});
  out.tell(text_received{{0xc0}, {0x1d}, language::ja, {'h', 'i'}, "A"});
  const std::string zeros(30, '0');
  EXPECT_EQ(to_hex(encode_for_survivor(out)),
            "00000002"
            "00000003"
            "010203"
            "00000000"
            "00000001"
            "aa" +
                zeros + zeros +
                "00"
                "00000002"
                "03"
                "00000007"
                "07"
                "c0" +
                zeros + "1d" + zeros +
                "01"
                "00000002"
                "6869"
                "00000001"
                "41");
}

template <class Event, class Encode>
void expect_every_event(Encode encode) {
  each_of(std::type_identity<Event>{}, [&]<class Object>(byte code, const Object& told) {
    output out;
    out.tell(told);
    EXPECT_EQ(to_hex(encode(out)),
              "0000000000000000"
              "00000001" +
                  to_hex(bytes{code}) + to_hex(fields_of(told)))
        << Object::name;
  });
}

TEST(bridge, writes_every_event) {
  expect_every_event<survivor_event>(encode_for_survivor);
  expect_every_event<counselor_event>(encode_for_counselor);
  expect_every_event<vault_event>(encode_for_vault);
}

}  // namespace
}  // namespace tomoshibi::core
