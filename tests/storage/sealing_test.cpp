// How values look on the disk.
#include "storage/sealing.hpp"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace tomoshibi::storage {
namespace {

class sealing_test : public testing::Test {
 public:
  const sealing keys{crypto::secret<32>(block<32>{1})};
  const sealing others{crypto::secret<32>(block<32>{2})};
  const crypto::secret<32> key{block<32>{3}};
  const crypto::secret<32> other{block<32>{4}};
  const conversation_key conversation{7};
  const slot_file_id id{8};
  support::seeded_random random{1};
};

TEST_F(sealing_test, another_storage_key_gives_other_check_values) {
  EXPECT_NE(keys.check_value(), others.check_value());
  EXPECT_EQ(keys.check_value(), sealing(crypto::secret<32>(block<32>{1})).check_value());
  EXPECT_NE(keys.check_of(id), others.check_of(id));
  EXPECT_NE(keys.check_of(id), keys.check_of(conversation));
}

TEST_F(sealing_test, a_key_opens_in_its_slot_only) {
  bytes sealed = keys.seal_key(id, 5, key, random);
  EXPECT_EQ(sealed.size(), sealed_key_bytes);
  EXPECT_EQ(keys.open_key(id, 5, sealed), key);
  EXPECT_FALSE(keys.open_key(id, 6, sealed));
  EXPECT_FALSE(keys.open_key({9}, 5, sealed));
  EXPECT_FALSE(others.open_key(id, 5, sealed));
  EXPECT_FALSE(keys.open_key(id, 5, bytes(sealed_key_bytes)));
  sealed.back() ^= 1;
  EXPECT_FALSE(keys.open_key(id, 5, sealed));
}

TEST_F(sealing_test, conversations_of_similar_length_look_alike) {
  const auto size = [&](std::size_t value) {
    return seal(key, put_conversation{conversation, bytes(value)}, random).size();
  };
  EXPECT_EQ(size(0), 512u + 40);
  EXPECT_EQ(size(492), 512u + 40);
  EXPECT_EQ(size(493), 1024u + 40);
  EXPECT_EQ(size(value_bytes_max), 16384u + 40);
}

TEST_F(sealing_test, the_same_value_never_looks_the_same) {
  const put_mail work{conversation, direction::to_survivor, 1, bytes(100)};
  EXPECT_NE(seal(key, work, random), seal(key, work, random));
}

TEST_F(sealing_test, a_conversation_opens_under_its_key_only) {
  const bytes sealed = seal(key, put_conversation{conversation, {1, 2, 3}}, random);
  const auto opened = open_conversation(key, sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->conversation, conversation);
  EXPECT_EQ(opened->value, (bytes{1, 2, 3}));
  EXPECT_FALSE(open_conversation(other, sealed));
}

TEST_F(sealing_test, mail_opens_in_its_place_only) {
  const auto to = direction::to_survivor;
  const bytes sealed = seal(key, put_mail{conversation, to, 5, {1, 2, 3}}, random);
  EXPECT_EQ(open_mail(key, to, 5, sealed), (bytes{1, 2, 3}));
  EXPECT_FALSE(open_mail(key, to, 6, sealed));
  EXPECT_FALSE(open_mail(key, direction::to_counselor, 5, sealed));
  EXPECT_FALSE(open_mail(other, to, 5, sealed));
  EXPECT_FALSE(open_conversation(key, sealed));
}

TEST_F(sealing_test, what_is_altered_or_cut_does_not_open) {
  bytes sealed = seal(key, put_mail{conversation, direction::to_survivor, 5, {1, 2, 3}}, random);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    bytes altered = sealed;
    altered[at] ^= 1;
    EXPECT_FALSE(open_mail(key, direction::to_survivor, 5, altered));
    altered = sealed;
    altered.resize(at);
    EXPECT_FALSE(open_mail(key, direction::to_survivor, 5, altered));
  }
}

}  // namespace
}  // namespace tomoshibi::storage
