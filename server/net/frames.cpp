#include "server/net/frames.hpp"

#include <algorithm>

namespace tomoshibi::net {
namespace {

constexpr byte final_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0f, mask_bit = 0x80, length_bits = 0x7f;
constexpr std::size_t control_bytes_max = 125;

bool is_control(opcode kind) { return static_cast<byte>(kind) >= 8; }

// Codes that may stand in a close frame: RFC 6455 section 7.4 and IANA's registry.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

frame_event failure(std::uint16_t code) { return {frame_event::kind::failure, {}, code}; }

}  // namespace

std::size_t frame_reader::header_size() const {
  if (header_bytes_ < 2) return 2;
  const byte length = header_[1] & length_bits;
  return 2 + (length == 126 ? 2u : length == 127 ? 8u : 0u) + (header_[1] & mask_bit ? 4u : 0u);
}

std::optional<std::uint16_t> frame_reader::check_header(std::uint64_t length) const {
  const auto kind = static_cast<opcode>(header_[0] & opcode_bits);
  const bool is_final = header_[0] & final_bit;
  if ((header_[0] & reserved_bits) || !(header_[1] & mask_bit)) return close_code::protocol_error;
  switch (kind) {
    case opcode::close:
    case opcode::ping:
    case opcode::pong:
      if (!is_final || length > control_bytes_max) return close_code::protocol_error;
      return std::nullopt;
    case opcode::text:
      return close_code::not_accepted;
    case opcode::binary:
    case opcode::continuation:
      if (in_message_ != (kind == opcode::continuation)) return close_code::protocol_error;
      if (length > message_bytes_max_ - message_.size()) return close_code::too_big;
      return std::nullopt;
  }
  return close_code::protocol_error;
}

std::optional<std::uint16_t> frame_reader::read_header() {
  const byte short_length = header_[1] & length_bits;
  reader extended(bytes_view(header_).subspan(2));
  const std::uint64_t length = short_length == 126   ? extended.number<std::uint16_t>()
                               : short_length == 127 ? extended.number<std::uint64_t>()
                                                     : short_length;
  if ((short_length == 126 && length < 126) || (short_length == 127 && length < 65'536)) {
    return close_code::protocol_error;
  }
  if (const auto wrong = check_header(length)) return wrong;
  payload_left_ = static_cast<std::size_t>(length);
  payload_taken_ = 0;
  in_payload_ = true;
  return std::nullopt;
}

std::optional<frame_event> frame_reader::read(bytes_view& in) {
  if (message_given_) {
    bytes().swap(message_);
    message_given_ = false;
  }
  while (!in.empty() || (in_payload_ && payload_left_ == 0)) {
    if (!in_payload_) {
      header_[header_bytes_++] = in.front();
      in = in.subspan(1);
      // The first two bytes tell the header's length; a client that does not mask is refused before the rest.
      if (header_bytes_ < 2 || header_bytes_ < header_size()) continue;
      if (const auto wrong = read_header()) return failure(*wrong);
      continue;
    }
    const bytes_view part = in.first(std::min(in.size(), payload_left_));
    const bytes_view mask = bytes_view(header_).subspan(header_size() - 4, 4);
    const bool control = is_control(static_cast<opcode>(header_[0] & opcode_bits));
    const std::size_t before = message_.size();
    if (!control) message_.resize(before + part.size());
    byte* const to = control ? control_.data() + payload_taken_ : message_.data() + before;
    for (std::size_t i = 0; i < part.size(); ++i) to[i] = part[i] ^ mask[(payload_taken_ + i) & 3];
    payload_taken_ += part.size();
    payload_left_ -= part.size();
    in = in.subspan(part.size());
    if (payload_left_ == 0) {
      if (const auto event = finish_frame()) return event;
    }
  }
  return std::nullopt;
}

std::optional<frame_event> frame_reader::finish_frame() {
  in_payload_ = false;
  header_bytes_ = 0;
  const bytes_view control = bytes_view(control_).first(std::min(payload_taken_, control_.size()));
  switch (static_cast<opcode>(header_[0] & opcode_bits)) {
    case opcode::ping:
      return frame_event{frame_event::kind::ping, control};
    case opcode::pong:
      return frame_event{frame_event::kind::pong, control};
    case opcode::close: {
      if (control.empty()) return frame_event{frame_event::kind::close, {}, close_code::normal};
      if (control.size() == 1) return failure(close_code::protocol_error);
      const auto code = reader(control).number<std::uint16_t>();
      if (!may_be_sent(code)) return failure(close_code::protocol_error);
      return frame_event{frame_event::kind::close, {}, code};
    }
    default:
      break;
  }
  in_message_ = !(header_[0] & final_bit);
  if (in_message_) return std::nullopt;
  message_given_ = true;
  return frame_event{frame_event::kind::message, message_};
}

void append_frame(bytes& out, opcode kind, bytes_view payload) {
  out.push_back(final_bit | static_cast<byte>(kind));
  writer length;
  if (payload.size() < 126) {
    length.number(static_cast<byte>(payload.size()));
  } else if (payload.size() <= 0xffff) {
    length.number(byte{126}).number(static_cast<std::uint16_t>(payload.size()));
  } else {
    length.number(byte{127}).number(static_cast<std::uint64_t>(payload.size()));
  }
  const bytes encoded = length.finish();
  out.insert(out.end(), encoded.begin(), encoded.end());
  out.insert(out.end(), payload.begin(), payload.end());
}

void append_close(bytes& out, std::uint16_t code, std::string_view reason) {
  append_frame(out, opcode::close, writer().number(code).put(reason.substr(0, control_bytes_max - 2)).finish());
}

}  // namespace tomoshibi::net
