#include "crypto/pieces.hpp"

#include <gtest/gtest.h>

#include "crypto/letter.hpp"
#include "tests/support/print_failure.hpp"

namespace tomoshibi::crypto {
namespace {

TEST(pieces, are_as_many_as_the_wire_says) {
  EXPECT_EQ(pieces_of(letter_short_bytes), 5u);
  EXPECT_EQ(pieces_of(letter_long_bytes), 11u);
  EXPECT_EQ(pieces_of(reply_bytes), 3u);
}

TEST(pieces, give_back_what_was_split) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, piece_bytes - 1, piece_bytes, piece_bytes + 1,
                                 reply_bytes, letter_long_bytes}) {
    const bytes whole(size, 0xab);
    const auto split = split_pieces(whole);
    EXPECT_EQ(split.size(), pieces_of(size));
    const auto joined = join_pieces(split, size);
    ASSERT_TRUE(joined) << size;
    EXPECT_TRUE(*joined == whole) << size;
  }
}

TEST(pieces, too_few_too_many_or_not_padded_with_zeros_are_malformed) {
  const bytes whole(reply_bytes, 0xab);
  const auto good = split_pieces(whole);
  auto split = good;
  split.emplace_back();
  EXPECT_EQ(join_pieces(split, reply_bytes).error(), failure::malformed);
  split.resize(2);
  EXPECT_EQ(join_pieces(split, reply_bytes).error(), failure::malformed);
  EXPECT_EQ(join_pieces({}, reply_bytes).error(), failure::malformed);
  for (std::size_t at = reply_bytes; at < 3 * piece_bytes; ++at) {
    split = good;
    split.back()[at % piece_bytes] = 1;
    ASSERT_EQ(join_pieces(split, reply_bytes).error(), failure::malformed) << at;
  }
}

}  // namespace
}  // namespace tomoshibi::crypto
