// What is longer than a message of the wire travels in pieces of one size, the last one padded with zeros.
#pragma once

#include <span>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/failure.hpp"

namespace tomoshibi::crypto {

inline constexpr std::size_t piece_bytes = 4096;
using piece = block<piece_bytes>;

constexpr std::size_t pieces_of(std::size_t size) { return (size + piece_bytes - 1) / piece_bytes; }

std::vector<piece> split_pieces(bytes_view whole);
// The first `size` bytes. malformed: not pieces_of(size) pieces, or a byte behind the end that is not zero.
result<bytes> join_pieces(std::span<const piece> pieces, std::size_t size);

}  // namespace tomoshibi::crypto
