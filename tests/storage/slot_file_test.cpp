// The slot file by itself: what is in it, what tears, what is refused.
#include "storage/slot_file.hpp"

#include <sys/stat.h>

#include "tests/storage/store_fixture.hpp"

namespace tomoshibi::storage {
namespace {

class slot_file_test : public store_test {
 public:
  slot_file make() { return slot_file::make(at, id, keys); }
  slot_file again() { return slot_file::open(at, id, keys); }
  static crypto::secret<32> key_of(slot_number slot) {
    return crypto::secret<32>(block<32>{static_cast<byte>(slot), 7});
  }

  const std::filesystem::path at = folder / "centre.keys";
  const slot_file_id id{1, 2};
  const sealing keys{key};
};

TEST_F(slot_file_test, keeps_keys_until_they_are_overwritten) {
  {
    slot_file slots = make();
    for (slot_number slot : {0u, 1u, 70u}) slots.write(slot, key_of(slot), random);
    slots.overwrite(1);
    slots.sync();
  }
  const slot_file slots = again();
  EXPECT_EQ(slots.read(0), key_of(0));
  EXPECT_FALSE(slots.read(1));
  EXPECT_FALSE(slots.read(2));
  EXPECT_EQ(slots.read(70), key_of(70));
  EXPECT_FALSE(slots.read(1'000'000));
  EXPECT_EQ(sealed_keys(at).size(), 2u);
}

TEST_F(slot_file_test, grows_by_steps_and_is_its_owners_alone) {
  slot_file slots = make();
  EXPECT_EQ(slots.slots(), 0u);
  slots.write(0, key, random);
  EXPECT_EQ(slots.slots(), slot_file::growth_slots);
  slots.write(slot_file::growth_slots - 1, key, random);
  EXPECT_EQ(std::filesystem::file_size(at), (1 + slot_file::growth_slots) * slot_file::block_bytes);
  slots.write(slot_file::growth_slots, key, random);
  EXPECT_EQ(slots.slots(), 2 * slot_file::growth_slots);
  struct stat of {};
  ASSERT_EQ(::stat(at.c_str(), &of), 0);
  EXPECT_EQ(of.st_mode & 0777, 0600u);
}

TEST_F(slot_file_test, a_torn_write_spoils_no_other_slot) {
  {
    slot_file slots = make();
    for (slot_number slot = 0; slot < 3; ++slot) slots.write(slot, key_of(slot), random);
  }
  const std::string whole = contents(at);
  const std::size_t middle = 2 * slot_file::block_bytes;  // slot 1
  for (std::size_t torn = 0; torn <= slot_file::block_bytes; torn += 8) {
    std::string half = whole;
    half.replace(middle, torn, std::string(torn, '\xee'));
    std::ofstream(at, std::ios::binary) << half;
    const slot_file slots = again();
    EXPECT_EQ(slots.read(0), key_of(0)) << torn;
    EXPECT_EQ(slots.read(2), key_of(2)) << torn;
  }
}

TEST_F(slot_file_test, making_it_anew_leaves_nothing_of_what_was_there) {
  { make().write(5, key, random); }
  std::ofstream(at, std::ios::binary | std::ios::app) << "half a block";
  const slot_file slots = make();
  EXPECT_FALSE(slots.read(5));
  EXPECT_THAT(sealed_keys(at), testing::IsEmpty());
  EXPECT_EQ(contents(at).find("half a block"), std::string::npos);
}

TEST_F(slot_file_test, does_not_follow_a_link) {
  const auto elsewhere = folder / "elsewhere";
  std::ofstream(elsewhere) << "something else";
  std::filesystem::create_symlink(elsewhere, at);
  EXPECT_THROW(make(), std::runtime_error);
  EXPECT_THROW(again(), std::runtime_error);
  EXPECT_EQ(contents(elsewhere), "something else");
}

}  // namespace
}  // namespace tomoshibi::storage
