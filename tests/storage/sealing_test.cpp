// How values look on the disk.
#include "storage/sealing.hpp"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace tomoshibi::storage {
namespace {

class sealing_test : public testing::Test {
 public:
  const sealing seal{crypto::secret<32>(block<32>{1})};
  const sealing other{crypto::secret<32>(block<32>{2})};
  const conversation_key conversation{7};
  const row_key row = seal.row_of(conversation);
  support::seeded_random random{1};
};

TEST_F(sealing_test, another_key_gives_other_rows_and_another_check_value) {
  EXPECT_NE(seal.row_of(conversation), other.row_of(conversation));
  EXPECT_NE(seal.row_of(conversation), seal.row_of({8}));
  EXPECT_NE(seal.check_value(), other.check_value());
  EXPECT_EQ(seal.check_value(), sealing(crypto::secret<32>(block<32>{1})).check_value());
}

TEST_F(sealing_test, conversations_of_similar_length_look_alike) {
  const auto size = [&](std::size_t value) {
    return seal.seal(row, put_conversation{conversation, bytes(value)}, random).size();
  };
  EXPECT_EQ(size(0), 512u + 40);
  EXPECT_EQ(size(492), 512u + 40);
  EXPECT_EQ(size(493), 1024u + 40);
  EXPECT_EQ(size(value_bytes_max), 16384u + 40);
}

TEST_F(sealing_test, the_same_value_never_looks_the_same) {
  const put_mail work{conversation, direction::to_survivor, 1, bytes(100)};
  EXPECT_NE(seal.seal(row, work, random), seal.seal(row, work, random));
}

TEST_F(sealing_test, a_conversation_opens_in_its_row_only) {
  const bytes sealed = seal.seal(row, put_conversation{conversation, {1, 2, 3}}, random);
  const auto opened = seal.open_conversation(row, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->conversation, conversation);
  EXPECT_EQ(opened->value, (bytes{1, 2, 3}));
  EXPECT_FALSE(seal.open_conversation(seal.row_of({8}), sealed));
  EXPECT_FALSE(other.open_conversation(row, sealed));
}

TEST_F(sealing_test, mail_opens_in_its_place_only) {
  const auto to = direction::to_survivor;
  const bytes sealed = seal.seal(row, put_mail{conversation, to, 5, {1, 2, 3}}, random);
  EXPECT_EQ(seal.open_mail(row, to, 5, sealed), (bytes{1, 2, 3}));
  EXPECT_FALSE(seal.open_mail(row, to, 6, sealed));
  EXPECT_FALSE(seal.open_mail(row, direction::to_counselor, 5, sealed));
  EXPECT_FALSE(seal.open_mail(seal.row_of({8}), to, 5, sealed));
  EXPECT_FALSE(seal.open_conversation(row, sealed));
}

TEST_F(sealing_test, what_is_altered_or_cut_does_not_open) {
  bytes sealed = seal.seal(row, put_mail{conversation, direction::to_survivor, 5, {1, 2, 3}}, random);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    bytes altered = sealed;
    altered[at] ^= 1;
    EXPECT_FALSE(seal.open_mail(row, direction::to_survivor, 5, altered));
    altered = sealed;
    altered.resize(at);
    EXPECT_FALSE(seal.open_mail(row, direction::to_survivor, 5, altered));
  }
}

}  // namespace
}  // namespace tomoshibi::storage
