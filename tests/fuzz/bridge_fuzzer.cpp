// What a page's worker tells its core: only what is declared is taken, and each command has one form. (What the cores
// then do is core_fuzzer.cpp's.)
#include "client-web/core/bridge.hpp"
#include "tests/fuzz/fuzzer.hpp"

namespace tomoshibi::fuzz {
namespace {

using namespace core;

// As the pages write it: bridge.hpp.
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

template <class Command>
bytes written(seconds clock, const Command& command) {
  page_writer put;
  put.out.number(clock).number(static_cast<byte>(command.index()));
  const auto fields_of = [&]<class Object>(const Object& object) {
    std::apply([&](const auto&... field) { (put(std::invoke(field.member, object)), ...); }, Object::fields());
  };
  std::visit(fields_of, command);
  return put.out.finish();
}

template <class Decode>
void expect_one_form(bytes_view in, Decode decode) {
  const auto said = decode(in);
  if (said) must(std::ranges::equal(written(said->clock, said->command), in), "a command has one form");
}

template <class Command, std::size_t... Code>
void add_each(std::vector<bytes>& out, std::index_sequence<Code...>) {
  (out.push_back(written(1'800'000'000, Command(std::in_place_index<Code>))), ...);
}
template <class Command>
void add_each(std::vector<bytes>& out) {
  add_each<Command>(out, std::make_index_sequence<std::variant_size_v<Command>>{});
}

}  // namespace

void feed(bytes_view in) {
  expect_one_form(in, decode_survivor_command);
  expect_one_form(in, decode_counselor_command);
  expect_one_form(in, decode_vault_command);
}

std::vector<bytes> seeds() {
  std::vector<bytes> out;
  add_each<survivor_command>(out);
  add_each<counselor_command>(out);
  add_each<vault_command>(out);
  const crypto::secret_bytes text(20, 'x');
  out.push_back(written(1, survivor_command(from_survivor::say{1, language::ja, text})));
  out.push_back(written(1, survivor_command(from_network::received{bytes(40, 1)})));
  out.push_back(written(1, vault_command(from_staff::unlock{text, text, {}})));
  return out;
}

}  // namespace tomoshibi::fuzz
