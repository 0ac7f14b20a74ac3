// WebSocket frames (RFC 6455 section 5), the server's side, binary messages only. Bytes in, events out: no socket
// here.
//
// Strict: no extension, no text, minimal lengths, clients mask. The handshake is in request.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/bytes.hpp"

namespace tomoshibi::net {

// RFC 6455 section 7.4.1
namespace close_code {
inline constexpr std::uint16_t normal = 1000, protocol_error = 1002, not_accepted = 1003, too_big = 1009,
                               service_restart = 1012;
}  // namespace close_code

struct frame_event {
  enum class kind { message, ping, pong, close, failure };
  kind what;
  bytes_view payload;      // of a message, ping or pong; valid until the next call
  std::uint16_t code = 0;  // close: what the peer said, 1000 if nothing; failure: what to close with
};

class frame_reader {
 public:
  explicit frame_reader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // Takes bytes off the front of `in` until something has happened or all are taken. After a close or a failure
  // nothing more may be read.
  std::optional<frame_event> read(bytes_view& in);

 private:
  std::optional<std::uint16_t> read_header();  // a code to close with, or nothing wrong
  std::optional<std::uint16_t> check_header(std::uint64_t length) const;
  std::optional<frame_event> finish_frame();
  std::size_t header_size() const;

  std::size_t message_bytes_max_;
  block<14> header_{};
  std::size_t header_bytes_ = 0;
  std::size_t payload_left_ = 0, payload_taken_ = 0;  // of the frame under way
  bool in_payload_ = false, in_message_ = false;      // in_message_: fragments came, the last has not
  bool message_given_ = false;                        // the last event showed message_: free it first
  bytes message_;                                     // empty while idle
  block<125> control_{};
};

enum class opcode : byte { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Appends one whole, unmasked frame.
void append_frame(bytes& out, opcode kind, bytes_view payload);
// The reason is cut to the 123 bytes that fit.
void append_close(bytes& out, std::uint16_t code, std::string_view reason);

}  // namespace tomoshibi::net
