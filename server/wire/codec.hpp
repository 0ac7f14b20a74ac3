// Bytes to messages and back, from the fields that messages.hpp declares.
#pragma once

#include <expected>
#include <optional>

#include "server/wire/messages.hpp"

namespace tomoshibi::wire {

// The largest message either way: a frame with its code, conversation and number.
inline constexpr std::size_t message_bytes_max = 1 + 16 + 8 + 4096;

std::expected<client_message, error> decode_client(bytes_view in);  // error: malformed
std::expected<server_message, error> decode_server(bytes_view in);

bytes encode(const client_message& message);
bytes encode(const server_message& message);

}  // namespace tomoshibi::wire
