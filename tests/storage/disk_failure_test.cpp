// Disks that lose power and disks that fail: nothing acknowledged is lost, and nothing is acknowledged in vain.
#include "tests/storage/disk_shim.hpp"
#include "tests/storage/store_fixture.hpp"

namespace tomoshibi::storage {
namespace {

constexpr auto survivor = direction::to_survivor;

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
    for (int n = 1; n <= 100; n += 7) {
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

}  // namespace
}  // namespace tomoshibi::storage
