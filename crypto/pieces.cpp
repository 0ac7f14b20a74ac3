#include "crypto/pieces.hpp"

namespace tomoshibi::crypto {

std::vector<piece> split_pieces(bytes_view whole) {
  std::vector<piece> out(pieces_of(whole.size()));
  for (piece& one : out) {
    const bytes_view taken = whole.first(std::min(whole.size(), piece_bytes));
    std::copy(taken.begin(), taken.end(), one.begin());
    whole = whole.subspan(taken.size());
  }
  return out;
}

result<bytes> join_pieces(std::span<const piece> pieces, std::size_t size) {
  if (pieces.size() != pieces_of(size)) return std::unexpected(failure::malformed);
  bytes out;
  out.reserve(pieces.size() * piece_bytes);
  for (const piece& one : pieces) out.insert(out.end(), one.begin(), one.end());
  if (std::any_of(out.begin() + static_cast<std::ptrdiff_t>(size), out.end(), [](byte b) { return b != 0; }))
    return std::unexpected(failure::malformed);
  out.resize(size);
  return out;
}

}  // namespace tomoshibi::crypto
