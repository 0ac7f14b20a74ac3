#include "client-web/core/bridge.hpp"

#include <cstdlib>

#include "client-web/core/names.hpp"

namespace tomoshibi::core {
namespace {

class field_reader {
 public:
  explicit field_reader(bytes_view in) : in_(in) {}

  template <class T>
  void operator()(T& out) {
    if constexpr (std::is_same_v<T, bool>) {
      const byte value = in_.number<byte>();
      valid_ = valid_ && value <= 1;
      out = value == 1;
    } else if constexpr (std::is_enum_v<T>) {
      out = static_cast<T>(in_.number<byte>());
      valid_ = valid_ && !names<T>::of(out).empty();
    } else if constexpr (std::is_unsigned_v<T>) {
      out = in_.number<T>();
    } else {
      const bytes_view whole = in_.view(in_.number<std::uint32_t>());
      out.assign(whole.begin(), whole.end());
    }
  }
  template <std::size_t N>
  void operator()(block<N>& out) {
    out = in_.take<N>();
  }
  template <std::size_t N>
  void operator()(crypto::secret<N>& out) {
    const bytes_view whole = in_.view(N);
    std::ranges::copy(whole, out.writable().begin());
  }

  bool complete() const { return valid_ && in_.complete(); }

 private:
  reader in_;
  bool valid_ = true;
};

class field_writer {
 public:
  explicit field_writer(crypto::secret_writer& out) : out_(out) {}

  template <class T>
  void operator()(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.number<byte>(value ? 1 : 0);
    } else if constexpr (std::is_enum_v<T>) {
      out_.number(static_cast<byte>(value));
    } else if constexpr (std::is_unsigned_v<T>) {
      out_.number(value);
    } else {
      out_.number(static_cast<std::uint32_t>(value.size()));
      out_.put({reinterpret_cast<const byte*>(value.data()), value.size()});
    }
  }
  template <std::size_t N>
  void operator()(const block<N>& value) {
    out_.put(value);
  }
  template <std::size_t N>
  void operator()(const crypto::secret<N>& value) {
    out_.put(value.view());
  }

 private:
  crypto::secret_writer& out_;
};

// Each field of `object`, in order.
template <class Object, class Visitor>
void each_field(Object& object, Visitor& visit) {
  std::apply([&](const auto&... field) { (visit(std::invoke(field.member, object)), ...); },
             std::remove_const_t<Object>::fields());
}

template <class Variant, std::size_t Code = 0>
bool read_into(Variant& out, byte code, field_reader& in) {
  if constexpr (Code == std::variant_size_v<Variant>) {
    return false;
  } else {
    if (code != Code) return read_into<Variant, Code + 1>(out, code, in);
    each_field(out.template emplace<Code>(), in);
    return in.complete();
  }
}

template <class Command>
std::optional<timed<Command>> decode(bytes_view in) {
  reader head(in);
  std::optional<timed<Command>> out(std::in_place);
  out->clock = head.number<seconds>();
  const byte code = head.number<byte>();
  field_reader fields(head.rest());
  if (!head.ok() || !read_into(out->command, code, fields)) out.reset();
  return out;
}

template <class Event, class Variant, std::size_t Code = 0>
constexpr std::size_t code_of() {
  if constexpr (Code == std::variant_size_v<Variant>)
    return Code;
  else if constexpr (std::is_same_v<std::variant_alternative_t<Code, Variant>, Event>)
    return Code;
  else
    return code_of<Event, Variant, Code + 1>();
}

template <class Told>
void put_event(const event& from, crypto::secret_writer& out) {
  std::visit(
      [&]<class Event>(const Event& what) {
        constexpr std::size_t code = code_of<Event, Told>();
        if constexpr (code < std::variant_size_v<Told>) {
          out.number(static_cast<byte>(code));
          field_writer put(out);
          each_field(what, put);
        } else {
          std::abort();
        }
      },
      from);
}

template <class Told>
crypto::secret_bytes encode(const output& in) {
  crypto::secret_writer out(256);
  field_writer put(out);
  out.number(static_cast<std::uint32_t>(in.messages.size()));
  for (const bytes& message : in.messages) put(message);
  out.number(static_cast<std::uint32_t>(in.wanted.size()));
  for (const crypto::hash32& hash : in.wanted) put(hash);
  out.number(static_cast<std::uint32_t>(in.events.size()));
  for (const event& what : in.events) put_event<Told>(what, out);
  return out.finish();
}

}  // namespace

std::optional<timed<survivor_command>> decode_survivor_command(bytes_view in) { return decode<survivor_command>(in); }
std::optional<timed<counselor_command>> decode_counselor_command(bytes_view in) {
  return decode<counselor_command>(in);
}
std::optional<timed<vault_command>> decode_vault_command(bytes_view in) { return decode<vault_command>(in); }

crypto::secret_bytes encode_for_survivor(const output& out) { return encode<survivor_event>(out); }
crypto::secret_bytes encode_for_counselor(const output& out) { return encode<counselor_event>(out); }
crypto::secret_bytes encode_for_vault(const output& out) { return encode<vault_event>(out); }

}  // namespace tomoshibi::core
