#include "server/wire/codec.hpp"

#include <type_traits>

namespace tomoshibi::wire {
namespace {

// Enumerations travel as one byte; only declared values are taken.
constexpr bool declared(door_reason v) { return v <= door_reason::line_full; }
constexpr bool declared(refusal v) { return v >= refusal::closed && v <= refusal::bad_ticket; }
constexpr bool declared(calling v) { return v <= calling::invited; }
constexpr bool declared(withdrawal v) { return v >= withdrawal::not_accepted && v <= withdrawal::survivor_left; }
constexpr bool declared(stage v) { return v <= stage::peer_gone; }
constexpr bool declared(presence v) { return v <= presence::left; }
constexpr bool declared(letter_finish v) { return v <= letter_finish::read; }
constexpr bool declared(letter_refusal v) { return v >= letter_refusal::full && v <= letter_refusal::unknown; }
constexpr bool declared(invitation_kind v) { return v >= invitation_kind::take_over && v <= invitation_kind::join; }
constexpr bool declared(invitation_end v) { return v >= invitation_end::declined && v <= invitation_end::done; }
constexpr bool declared(error v) { return v >= error::malformed && v <= error::idle; }

class field_reader {
 public:
  explicit field_reader(bytes_view in) : in_(in) {}

  template <class T>
  void operator()(T& field) {
    if constexpr (std::is_same_v<T, bool>) {
      const byte value = in_.number<byte>();
      valid_ = valid_ && value <= 1;
      field = value == 1;
    } else if constexpr (std::is_enum_v<T>) {
      field = static_cast<T>(in_.number<byte>());
      valid_ = valid_ && in_.ok() && declared(field);
    } else {
      field = in_.number<T>();
    }
  }
  template <std::size_t N>
  void operator()(block<N>& field) {
    field = in_.take<N>();
  }
  template <std::size_t N>
  void operator()(std::optional<block<N>>& field) {
    bool there = false;
    (*this)(there);
    if (there) (*this)(field.emplace());
  }

  bool complete() const { return valid_ && in_.complete(); }

 private:
  reader in_;
  bool valid_ = true;
};

class field_writer {
 public:
  explicit field_writer(byte code) : out_(64) { out_.number(code); }

  template <class T>
  void operator()(const T& field) {
    if constexpr (std::is_same_v<T, bool>)
      out_.number<byte>(field ? 1 : 0);
    else if constexpr (std::is_enum_v<T>)
      out_.number(static_cast<byte>(field));
    else
      out_.number(field);
  }
  template <std::size_t N>
  void operator()(const block<N>& field) {
    out_.put(field);
  }
  template <std::size_t N>
  void operator()(const std::optional<block<N>>& field) {
    (*this)(field.has_value());
    if (field) (*this)(*field);
  }

  bytes finish() { return out_.finish(); }

 private:
  writer out_;
};

template <class Message, class Variant>
bool try_decode(bytes_view in, std::optional<Variant>& out) {
  if (in[0] != Message::code) return false;
  Message message;
  field_reader read(in.subspan(1));
  std::apply([&](auto&... field) { (read(field), ...); }, message.fields());
  if (read.complete()) out = std::move(message);
  return true;
}

template <class... Messages>
std::expected<std::variant<Messages...>, error> decode(bytes_view in, std::type_identity<std::variant<Messages...>>) {
  std::optional<std::variant<Messages...>> out;
  if (!in.empty() && in.size() <= message_bytes_max) (void)(try_decode<Messages>(in, out) || ...);
  if (!out) return std::unexpected(error::malformed);
  return *std::move(out);
}

template <class Variant>
bytes encode_any(const Variant& message) {
  return std::visit(
      [](auto said) {  // a copy: fields() gives references to what may be changed
        field_writer write(said.code);
        std::apply([&](auto&... field) { (write(field), ...); }, said.fields());
        return write.finish();
      },
      message);
}

}  // namespace

std::expected<client_message, error> decode_client(bytes_view in) {
  return decode(in, std::type_identity<client_message>{});
}
std::expected<server_message, error> decode_server(bytes_view in) {
  return decode(in, std::type_identity<server_message>{});
}
bytes encode(const client_message& message) { return encode_any(message); }
bytes encode(const server_message& message) { return encode_any(message); }

}  // namespace tomoshibi::wire
