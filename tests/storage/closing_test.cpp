// Whoever takes the disk and the storage key after a conversation's end reads nothing of it, whatever copies of the
// database and its log they have from before. Old copies of the slot file are another matter: these do open it.
#include <sqlite3.h>

#include <map>

#include "crypto/kdf.hpp"
#include "storage/sealing.hpp"
#include "tests/storage/store_fixture.hpp"
#include "tests/support/hex.hpp"

namespace tomoshibi::storage {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

struct copy {
  std::string database, log, slots;
};

// Keeps every sealed value that it ever sees in a copy, and tries every key that it can get at.
class thief {
 public:
  explicit thief(const crypto::secret<32>& storage_key) : storage_key_(storage_key), keys_(storage_key) {}

  void look_at(const copy& taken) {
    const support::temporary_folder at;
    write(at / "centre.db", taken.database);
    write(at / "centre.db-wal", taken.log);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((at / "centre.db").c_str(), &db), SQLITE_OK);
    const auto keep = [](void* into, int, char** of, char**) {
      static_cast<thief*>(into)->sealed_.emplace(as_text(support::from_hex(of[0])),
                                                 std::pair(std::atoi(of[1]), std::atoll(of[2])));
      return 0;
    };
    ASSERT_EQ(sqlite3_exec(db, "SELECT hex(sealed), -1, -1 FROM conversation", keep, this, nullptr), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "SELECT hex(sealed), direction, number FROM mail", keep, this, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }

  // The keys that this slot file gives, in whatever slot, and what the storage key is or once was good for.
  std::vector<crypto::secret<32>> keys_in(const std::string& slots) const {
    std::vector<crypto::secret<32>> out{storage_key_};
    for (const char* once : {"storage/value", "storage/row", "storage/check", "storage/slot"}) {
      out.push_back(crypto::hkdf_expand<32>(storage_key_, as_bytes(once)));
    }
    reader header(as_bytes(slots).subspan(16 + 4));
    const auto id = header.take<sizeof(slot_file_id)>();
    const slot_number count = static_cast<slot_number>(slots.size() / 4096);
    for (slot_number block = 0; block < count; ++block) {
      const bytes_view sealed = as_bytes(slots).subspan(std::size_t{block} * 4096, sealed_key_bytes);
      for (slot_number slot = 0; slot < count; ++slot) {
        if (const auto key = keys_.open_key(id, slot, sealed)) out.push_back(*key);
      }
    }
    return out;
  }

  // What of all that was ever seen opens with these keys, as text.
  std::set<std::string> recover(const std::vector<crypto::secret<32>>& with) const {
    std::set<std::string> out;
    for (const auto& [sealed, at] : sealed_) {
      for (const auto& key : with) {
        if (const auto opened = open_conversation(key, as_bytes(sealed))) {
          out.insert(as_text(opened->value));
        }
        const auto to = static_cast<direction>(at.first);
        if (const auto mail = open_mail(key, to, static_cast<std::uint64_t>(at.second), as_bytes(sealed))) {
          out.insert(as_text(*mail));
        }
      }
    }
    return out;
  }

  std::size_t seen_in(const std::string& disk) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(sealed_, [&](const auto& one) { return disk.find(one.first) != std::string::npos; }));
  }

 private:
  static void write(const std::filesystem::path& file, const std::string& content) {
    std::ofstream(file, std::ios::binary) << content;
  }
  crypto::secret<32> storage_key_;
  sealing keys_;
  std::map<std::string, std::pair<int, std::int64_t>> sealed_;  // direction and number; -1 for a conversation
};

class closing_test : public store_test {
 public:
  copy take() const {
    return {contents(folder / "centre.db"), contents(folder / "centre.db-wal"), contents(folder / "centre.keys")};
  }

  // Commits, and a copy of the files is taken.
  void hold(std::vector<write> writes) {
    ASSERT_TRUE(store_now(*store, std::move(writes)));
    taken.push_back(take());
    knows.look_at(taken.back());
  }

  static std::string value_of(std::uint64_t n) { return "the value of conversation " + std::to_string(n); }
  static std::string frame(std::uint64_t n, std::uint64_t number) {
    return "frame " + std::to_string(number) + " of conversation " + std::to_string(n);
  }
  static std::set<std::string> all_of(std::uint64_t n) {
    return {value_of(n), value_of(n) + ", later", frame(n, 1), frame(n, 2), frame(n, 3)};
  }

  // Conversations 1 to 4, what is sealed of them in several commits, some of it erased again.
  void hold_four_conversations() {
    for (std::uint64_t n = 1; n <= 4; ++n) {
      hold({conversation(n, value_of(n)), mail(n, survivor, 1, frame(n, 1))});
      hold({mail(n, counselor, 2, frame(n, 2))});
    }
    for (std::uint64_t n = 1; n <= 4; ++n) {
      hold({conversation(n, value_of(n) + ", later"), mail(n, survivor, 3, frame(n, 3)),
            erase_mail{conversation_of(n), survivor, 1}});
    }
  }

  std::unique_ptr<sqlite_store> store = open();
  thief knows{key};
  std::vector<copy> taken;
};

TEST_F(closing_test, with_the_storage_key_and_every_copy_from_before_nothing_of_a_closed_conversation_opens) {
  hold_four_conversations();
  const copy before = take();
  hold({erase_conversation{conversation_of(1)}});
  hold({erase_conversation{conversation_of(3)}, mail(4, survivor, 4, "the last frame of conversation 4")});
  // Another one takes a slot that became free.
  hold({conversation(5, value_of(5))});
  const copy open_still = take();
  store.reset();
  const copy closed = take();
  knows.look_at(closed);

  ASSERT_GT(knows.seen_in(before.database + before.log), 16u);
  EXPECT_EQ(before.slots.size(), closed.slots.size()) << "another slot was taken than a free one";
  for (const copy& now : {open_still, closed}) {
    const std::set<std::string> recovered = knows.recover(knows.keys_in(now.slots));
    for (std::uint64_t gone : {1u, 3u}) {
      for (const std::string& text : all_of(gone)) EXPECT_THAT(recovered, Not(Contains(text)));
    }
    // The same search, where it must find something.
    for (std::uint64_t open : {2u, 4u}) EXPECT_THAT(recovered, IsSupersetOf(all_of(open)));
    EXPECT_THAT(recovered, Contains(value_of(5)));
  }
  const std::set<std::string> from_before = knows.recover(knows.keys_in(before.slots));
  for (std::uint64_t n : {1u, 2u, 3u, 4u}) EXPECT_THAT(from_before, IsSupersetOf(all_of(n))) << "the search is blind";
}

// Why the keys are not in the database.
TEST_F(closing_test, the_log_keeps_sealed_what_was_erased) {
  hold_four_conversations();
  for (std::uint64_t n = 1; n <= 4; ++n) hold({erase_conversation{conversation_of(n)}});
  EXPECT_GT(knows.seen_in(take().log), 10u);
  EXPECT_THAT(knows.recover(knows.keys_in(take().slots)), IsEmpty());
}

TEST_F(closing_test, no_copy_shows_a_key_or_a_conversation) {
  hold_four_conversations();
  hold({erase_conversation{conversation_of(1)}});
  std::size_t keys = 0;
  for (const copy& one : taken) {
    const std::string disk = one.database + one.log + one.slots;
    for (const auto& secret : knows.keys_in(taken.at(taken.size() - 2).slots)) {
      EXPECT_EQ(disk.find(as_text(secret.view())), std::string::npos);
      ++keys;
    }
    for (std::uint64_t n = 1; n <= 4; ++n) EXPECT_EQ(disk.find(as_text(conversation_of(n))), std::string::npos);
  }
  EXPECT_EQ(keys, taken.size() * (4 + 5));
}

TEST_F(closing_test, the_slot_is_overwritten_when_the_completion_comes) {
  ASSERT_TRUE(store_now(*store, {conversation(1, ""), conversation(2, "")}));
  const std::set<std::string> both = sealed_keys(folder / "centre.keys");
  ASSERT_EQ(both.size(), 2u);
  std::promise<std::set<std::string>> left;
  store->submit({1, {erase_conversation{conversation_of(1)}}},
                [&](completion) { left.set_value(sealed_keys(folder / "centre.keys")); });
  const std::set<std::string> one = left.get_future().get();
  EXPECT_EQ(one.size(), 1u);
  EXPECT_THAT(both, IsSupersetOf(one));
}

TEST_F(closing_test, a_conversation_that_comes_again_has_another_key) {
  hold({conversation(1, value_of(1))});
  hold({erase_conversation{conversation_of(1)}, conversation(1, "again")});
  EXPECT_THAT(knows.recover(knows.keys_in(take().slots)), testing::ElementsAre("again"));
}

}  // namespace
}  // namespace tomoshibi::storage
