// Disks that lose power and disks that fail: nothing acknowledged is lost, and nothing is acknowledged in vain.
#include "storage/slot_file.hpp"
#include "tests/storage/disk_shim.hpp"
#include "tests/storage/store_fixture.hpp"

namespace tomoshibi::storage {
namespace {

// A hundred mails of one frame each, and those of the batch before the last go. The log is copied back now and then.
std::vector<write> work_of(std::uint64_t number) {
  std::vector<write> writes;
  const std::string frame(4096, 'f');
  for (std::uint64_t n = 1; n <= 100; ++n) writes.push_back(mail(1, survivor, number * 100 + n, frame));
  if (number >= 2) writes.push_back(erase_mail{conversation_of(1), survivor, (number - 1) * 100});
  return writes;
}

// The mails that are left when batches 0 to `count` - 1 are stored.
std::size_t left_after(std::uint64_t count) { return count <= 2 ? count * 100 : 200; }

class disk_failure_test : public store_test {
 public:
  std::vector<stored_mail> mails(store& of) {
    const auto all = of.load();
    EXPECT_TRUE(all);
    return all && !all->empty() ? all->front().mail : std::vector<stored_mail>();
  }
};

TEST_F(disk_failure_test, nothing_acknowledged_is_lost_at_whichever_sync_the_power_goes) {
  constexpr std::uint64_t batches = 12;
  for (int syncs = 1; syncs <= 18; ++syncs) {
    const support::temporary_folder live, synced;
    std::uint64_t acknowledged = 0;
    {
      disk_shim disk(synced.path());
      auto store = open({.file = live / "centre.db", .key = key});
      ASSERT_TRUE(store_now(*store, {conversation(1, "")}));
      disk.cut_power_after(syncs);
      for (std::uint64_t n = 0; n < batches && disk.has_power(); ++n) {
        ASSERT_TRUE(store_now(*store, work_of(n)));
        if (disk.has_power()) acknowledged = n + 1;
      }
    }
    auto after = open({.file = synced / "centre.db", .key = key});
    const auto left = mails(*after);
    // The batch under way when the power went may be there, as a whole.
    ASSERT_TRUE(left.size() == left_after(acknowledged) || left.size() == left_after(acknowledged + 1))
        << left.size() << " mails after " << acknowledged << " batches and " << syncs << " syncs";
    if (acknowledged > 0) {
      EXPECT_GE(left.back().number, acknowledged * 100);
    }
  }
}

TEST_F(disk_failure_test, what_is_acknowledged_is_kept_if_the_power_goes_at_that_moment) {
  for (std::uint64_t batches = 1; batches <= 8; ++batches) {
    const support::temporary_folder live, synced;
    {
      disk_shim disk(synced.path());
      auto store = open({.file = live / "centre.db", .key = key});
      ASSERT_TRUE(store_now(*store, {conversation(1, "")}));
      for (std::uint64_t n = 0; n < batches; ++n) ASSERT_TRUE(store_now(*store, work_of(n)));
      disk.cut_power_after(0);
    }
    auto after = open({.file = synced / "centre.db", .key = key});
    ASSERT_EQ(mails(*after).size(), left_after(batches));
  }
}

TEST_F(disk_failure_test, whichever_call_fails_nothing_is_acknowledged_in_vain_and_the_store_recovers) {
  for (int result : {SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_IOERR_FSYNC}) {
    int failures = 0;
    for (int n = 1; n <= 100; n += result == SQLITE_IOERR_WRITE ? 1 : 7) {
      const support::temporary_folder live, synced;
      disk_shim disk(synced.path());
      auto store = open({.file = live / "centre.db", .key = key});
      ASSERT_TRUE(store_now(*store, {conversation(1, "")}));
      disk.fail_call(n, result);
      std::uint64_t stored = 0;
      while (stored < 6) {
        if (store_now(*store, {mail(1, survivor, stored + 1, std::string(4096, 'f')),
                               mail(1, direction::to_counselor, stored + 1, std::string(4096, 'f'))})) {
          ++stored;
          continue;
        }
        ++failures;
        ASSERT_EQ(mails(*store).size(), 2 * stored) << "call " << n;
      }
      store.reset();
      store = open({.file = live / "centre.db", .key = key});
      ASSERT_EQ(mails(*store).size(), 12u) << "call " << n;
    }
    EXPECT_GT(failures, 5) << "the failing calls were not met";
  }
}

// As Linux does with a file system that has failed.
TEST_F(disk_failure_test, a_disk_that_becomes_read_only_is_told_of_and_served_again_when_it_is_mended) {
  const support::temporary_folder live, synced;
  disk_shim disk(synced.path());
  auto store = open({.file = live / "centre.db", .key = key});
  ASSERT_TRUE(store_now(*store, {conversation(1, ""), mail(1, survivor, 1, "frame")}));
  disk.fail_file("centre.db-wal", SQLITE_READONLY);
  const auto failed = store_now(*store, {mail(1, survivor, 2, "frame")});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().what, testing::HasSubstr("readonly"));
  EXPECT_EQ(store->figures().failing, failed.error().what);
  EXPECT_EQ(mails(*store).size(), 1u);
  EXPECT_FALSE(store_now(*store, {erase_mail{conversation_of(1), survivor, 1}}));
  EXPECT_EQ(mails(*store).size(), 1u);
  disk.heal();
  EXPECT_TRUE(store_now(*store, {mail(1, survivor, 2, "frame")}));
  EXPECT_EQ(mails(*store).size(), 2u);
  EXPECT_EQ(store->figures().failing, "");
}

// --- the slot file ---

// Conversation `n` comes with a mail, and the one before the last goes; a batch each.
struct life {
  std::set<std::uint64_t> open, closed;              // acknowledged
  std::map<std::uint64_t, std::string> sealed_keys;  // as they lay in the slot file
};

class slots_failure_test : public disk_failure_test {
 public:
  std::string newest_key(const std::filesystem::path& slots, const life& so_far) {
    std::set<std::string> keys = sealed_keys(slots);
    for (const auto& [n, known] : so_far.sealed_keys) keys.erase(known);
    EXPECT_EQ(keys.size(), 1u);
    return keys.empty() ? std::string() : *keys.begin();
  }

  std::set<std::uint64_t> conversations(store& of) {
    const auto all = of.load();
    std::set<std::uint64_t> out;
    if (!all) return out;
    for (const auto& one : *all) {
      EXPECT_EQ(one.mail.size(), 1u);
      out.insert(std::stoull(as_text(one.value)));
    }
    return out;
  }

  static std::vector<write> come(std::uint64_t n) {
    return {conversation(n, std::to_string(n)), mail(n, survivor, 1, "frame")};
  }
};

TEST_F(slots_failure_test, at_whichever_sync_the_power_goes_what_came_is_there_and_what_went_has_no_key) {
  std::size_t closed = 0;
  for (int syncs = 0; syncs <= 45; ++syncs) {
    const support::temporary_folder live, synced;
    life told;
    {
      disk_shim disk(synced.path());
      disk.cut_power_after(syncs);
      auto store = open({.file = live / "centre.db", .key = key});
      for (std::uint64_t n = 0; n < 10 && disk.has_power(); ++n) {
        ASSERT_TRUE(store_now(*store, come(n)));
        told.sealed_keys[n] = newest_key(live / "centre.keys", told);
        if (!disk.has_power()) break;
        told.open.insert(n);
        if (n < 2) continue;
        told.open.erase(n - 2);  // from here on it may be there, or not
        ASSERT_TRUE(store_now(*store, {erase_conversation{conversation_of(n - 2)}}));
        if (disk.has_power()) told.closed.insert(n - 2);
      }
    }
    for (std::uint64_t n : told.closed) {
      ASSERT_FALSE(sealed_keys(synced / "centre.keys").contains(told.sealed_keys[n])) << syncs << " syncs";
    }
    closed += told.closed.size();
    auto after = open({.file = synced / "centre.db", .key = key});
    const auto there = conversations(*after);
    for (std::uint64_t n : told.open) EXPECT_TRUE(there.contains(n)) << n << " after " << syncs << " syncs";
    for (std::uint64_t n : told.closed) EXPECT_FALSE(there.contains(n)) << n << " after " << syncs << " syncs";
    ASSERT_EQ(sealed_keys(synced / "centre.keys").size(), there.size()) << syncs << " syncs";
    ASSERT_TRUE(store_now(*after, come(99)));
  }
  EXPECT_GT(closed, 100u) << "hardly anything was closed";
}

TEST_F(slots_failure_test, whichever_call_fails_no_key_is_lost_and_none_is_left) {
  for (int result : {SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_IOERR_FSYNC}) {
    int failures = 0;
    for (int n = 1; n <= 80; n += result == SQLITE_IOERR_WRITE ? 1 : 5) {
      const support::temporary_folder live, synced;
      disk_shim disk(synced.path());
      auto store = open({.file = live / "centre.db", .key = key});
      disk.fail_call(n, result);
      const auto insist = [&](const std::vector<write>& writes, const std::set<std::uint64_t>& wanted) {
        for (int tries = 0; tries < 5; ++tries) {
          if (store_now(*store, writes)) return;
          ++failures;
          while (!store->load()) ASSERT_LT(++tries, 5);
          if (conversations(*store) == wanted) return;  // done all the same
        }
        FAIL() << "it does not recover";
      };
      for (std::uint64_t c = 0; c < 6; ++c) {
        auto wanted = conversations(*store);
        wanted.insert(c);
        insist(come(c), wanted);
        ASSERT_EQ(conversations(*store), wanted) << "call " << n;
        if (c < 2) continue;
        wanted.erase(c - 2);
        insist({erase_conversation{conversation_of(c - 2)}}, wanted);
        ASSERT_EQ(conversations(*store), wanted) << "call " << n;
        ASSERT_EQ(sealed_keys(live / "centre.keys").size(), wanted.size()) << "call " << n;
      }
      store.reset();
      store = open({.file = live / "centre.db", .key = key});
      ASSERT_EQ(conversations(*store), (std::set<std::uint64_t>{4, 5})) << "call " << n;
      ASSERT_EQ(sealed_keys(live / "centre.keys").size(), 2u) << "call " << n;
    }
    EXPECT_GT(failures, 10) << "the failing calls were not met";
  }
}

TEST_F(slots_failure_test, a_slot_that_cannot_be_overwritten_is_neither_acknowledged_nor_forgotten) {
  for (int result : {SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC}) {
    const support::temporary_folder live, synced, killed;
    disk_shim disk(synced.path());
    auto store = open({.file = live / "centre.db", .key = key});
    ASSERT_TRUE(store_now(*store, come(1)));
    ASSERT_TRUE(store_now(*store, come(2)));
    disk.fail_file("centre.keys", result);
    const auto failed = store_now(*store, {erase_conversation{conversation_of(1)}});
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().what, testing::HasSubstr("the slot file"));
    EXPECT_EQ(store->figures().failing, failed.error().what);
    // As long as the disk refuses, it is not shown as gone, and nothing else is stored.
    EXPECT_FALSE(store->load());
    EXPECT_FALSE(store_now(*store, {mail(2, survivor, 2, "frame")}));
    for (const auto& entry : std::filesystem::directory_iterator(live.path())) {
      std::filesystem::copy_file(entry.path(), killed / entry.path().filename());
    }
    disk.heal();
    EXPECT_EQ(conversations(*store), std::set<std::uint64_t>{2});
    EXPECT_EQ(sealed_keys(live / "centre.keys").size(), 1u);
    EXPECT_TRUE(store_now(*store, come(3)));
    EXPECT_EQ(store->figures().failing, "");
    // Or the process ended before the disk was well again.
    store = open({.file = killed / "centre.db", .key = key});
    EXPECT_EQ(conversations(*store), std::set<std::uint64_t>{2});
    EXPECT_EQ(sealed_keys(killed / "centre.keys").size(), 1u);
  }
}

TEST_F(slots_failure_test, a_key_that_cannot_be_written_is_of_no_conversation) {
  const support::temporary_folder live, synced;
  disk_shim disk(synced.path());
  auto store = open({.file = live / "centre.db", .key = key});
  ASSERT_TRUE(store_now(*store, come(1)));
  for (int result : {SQLITE_FULL, SQLITE_IOERR_FSYNC}) {
    disk.fail_file("centre.keys", result);
    EXPECT_FALSE(store_now(*store, come(2)));
    disk.heal();
    EXPECT_EQ(conversations(*store), std::set<std::uint64_t>{1});
    EXPECT_EQ(sealed_keys(live / "centre.keys").size(), 1u);
  }
  EXPECT_TRUE(store_now(*store, come(2)));
}

TEST_F(slots_failure_test, whichever_call_fails_while_it_is_opened_a_person_is_told_what_to_do) {
  for (int result : {SQLITE_IOERR_WRITE, SQLITE_FULL}) {
    bool met = true;
    int refused = 0;
    for (int n = 1; met; n += result == SQLITE_IOERR_WRITE ? 1 : 5) {
      const support::temporary_folder live, synced, killed;
      disk_shim disk(synced.path());
      auto store = open({.file = live / "centre.db", .key = key});
      ASSERT_TRUE(store_now(*store, come(1)));
      for (const auto& entry : std::filesystem::directory_iterator(live.path())) {
        std::filesystem::copy_file(entry.path(), killed / entry.path().filename());
      }
      disk.fail_call(n, result);
      const std::string said = refusal({.file = killed / "centre.db", .key = key});
      met = disk.has_failed_call();
      if (said == "it opens") continue;
      ++refused;
      EXPECT_THAT(said, testing::AnyOf(testing::StartsWith("the store " + (killed / "centre.db").string()),
                                       testing::StartsWith("the slot file " + (killed / "centre.keys").string())));
      EXPECT_THAT(said, testing::ContainsRegex("; (make room there|see )")) << "call " << n;
      store.reset();
      EXPECT_EQ(conversations(*open({.file = killed / "centre.db", .key = key})), std::set<std::uint64_t>{1});
    }
    EXPECT_GT(refused, 12) << "the failing calls were not met";
  }
}

// A read that fails may succeed the next time: it loses nothing.
TEST_F(slots_failure_test, a_slot_file_that_cannot_be_read_is_refused_and_left_as_it_is) {
  const support::temporary_folder live, synced;
  disk_shim disk(synced.path());
  for (std::uint64_t n : {1u, 2u}) ASSERT_TRUE(store_now(*open({.file = live / "centre.db", .key = key}), come(n)));
  const std::string before = contents(live / "centre.keys");
  disk.fail_file("centre.keys", SQLITE_IOERR_READ);
  EXPECT_THAT(
      refusal({.file = live / "centre.db", .key = key}),
      testing::AllOf(testing::HasSubstr("centre.keys cannot be read"), testing::HasSubstr("see to its disk")));
  EXPECT_TRUE(contents(live / "centre.keys") == before);
  disk.heal();
  EXPECT_EQ(conversations(*open({.file = live / "centre.db", .key = key})), (std::set<std::uint64_t>{1, 2}));
}

TEST_F(slots_failure_test, where_the_slot_file_cannot_grow_what_is_there_goes_on) {
  const support::temporary_folder live, synced;
  disk_shim disk(synced.path());
  auto store = open({.file = live / "centre.db", .key = key});
  for (std::uint64_t n = 1; n <= slot_file::growth_slots; ++n) ASSERT_TRUE(store_now(*store, come(n)));
  disk.fail_file("centre.keys", SQLITE_FULL);
  EXPECT_FALSE(store_now(*store, come(1'000)));
  ASSERT_EQ(conversations(*store).size(), slot_file::growth_slots);
  EXPECT_TRUE(store_now(*store, {conversation(1, "1"), erase_mail{conversation_of(1), survivor, 0}}));
  disk.heal();
  EXPECT_TRUE(store_now(*store, come(1'000)));
  EXPECT_EQ(sealed_keys(live / "centre.keys").size(), slot_file::growth_slots + 1);
}

// The log was written and could not be synced: after a power cut the commit may come to light that was said to have
// failed.
TEST_F(slots_failure_test, a_commit_that_failed_keeps_its_key_until_another_takes_its_place_in_the_log) {
  const support::temporary_folder live, synced, cut;
  disk_shim disk(synced.path());
  auto store = open({.file = live / "centre.db", .key = key});
  ASSERT_TRUE(store_now(*store, come(1)));
  disk.fail_file("centre.db-wal", SQLITE_IOERR_FSYNC);
  ASSERT_FALSE(store_now(*store, come(2)));
  disk.heal();
  ASSERT_EQ(conversations(*store), std::set<std::uint64_t>{1});
  for (const auto& entry : std::filesystem::directory_iterator(live.path())) {
    std::filesystem::copy_file(entry.path(), cut / entry.path().filename());
  }
  EXPECT_EQ(conversations(*open({.file = cut / "centre.db", .key = key})), (std::set<std::uint64_t>{1, 2}));
  ASSERT_TRUE(store_now(*store, come(3)));
  EXPECT_EQ(sealed_keys(live / "centre.keys").size(), 2u);
  EXPECT_EQ(conversations(*store), (std::set<std::uint64_t>{1, 3}));
}

TEST_F(slots_failure_test, a_commit_syncs_slots_once_and_only_if_some_changed) {
  const support::temporary_folder live, synced;
  disk_shim disk(synced.path());
  auto store = open({.file = live / "centre.db", .key = key});
  const auto syncs_of = [&](const std::vector<std::vector<write>>& batches) {
    const int before = disk.syncs_of("centre.keys");
    const std::uint64_t commits = store->figures().commits;
    completions done;
    held_store held(*store);
    for (const auto& writes : batches) store->submit({1, writes}, done.next());
    held.release();
    for (const auto& one : done.wait_for(batches.size())) EXPECT_TRUE(one.result);
    EXPECT_EQ(store->figures().commits, commits + 2) << "and one to hold it";
    return disk.syncs_of("centre.keys") - before;
  };
  EXPECT_EQ(syncs_of({come(1), come(2), come(3), come(4)}), 1);
  EXPECT_EQ(
      syncs_of(
          {{mail(1, survivor, 2, "frame")}, {conversation(2, "2")}, {erase_mail{conversation_of(1), survivor, 2}}}),
      0);
  EXPECT_EQ(syncs_of({{erase_conversation{conversation_of(1)}}, {erase_conversation{conversation_of(2)}}}), 1);
  EXPECT_EQ(syncs_of({{erase_conversation{conversation_of(3)}}, come(5), come(6)}), 2);
}

}  // namespace
}  // namespace tomoshibi::storage
