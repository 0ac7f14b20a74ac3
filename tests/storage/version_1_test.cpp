// A store that the program of version 1 left behind: version_1.db and its log, as a killed process leaves them, with
// four conversations' lives in it. It was opened with the storage key of store_fixture.hpp, and held:
//
//   1 "talking", to the survivor 2 "second", to the counselor 1 ""      2 "", to the counselor 7, 1,500 times f
//
// Another one, 3, was erased, and so was mail 1 to the survivor.
#include <sqlite3.h>

#include "tests/storage/disk_shim.hpp"
#include "tests/storage/store_fixture.hpp"
#include "tests/support/hex.hpp"

namespace tomoshibi::storage {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::filesystem::path kept = std::filesystem::path(TOMOSHIBI_SOURCE_DIR) / "tests" / "storage";

class version_1_test : public store_test {
 public:
  version_1_test() {
    random = support::seeded_random(2);  // other nonces than in the old files
    put(folder.path());
  }

  static void put(const std::filesystem::path& at) {
    for (const char* end : {"", "-wal"}) {
      const auto to = at / (std::string("centre.db") + end);
      std::filesystem::copy_file(kept / (std::string("version_1.db") + end), to,
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }

  // What every row says, and the version, read from a copy.
  static std::string rows(const std::filesystem::path& folder) {
    const support::temporary_folder copy;
    for (const char* name : {"centre.db", "centre.db-wal"}) {
      if (std::filesystem::exists(folder / name)) std::filesystem::copy_file(folder / name, copy / name);
    }
    std::string out;
    sqlite3* db = nullptr;
    // Not on the tests' disk, which has no shared memory.
    EXPECT_EQ(sqlite3_open_v2((copy / "centre.db").c_str(), &db, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
    const auto take = [](void* into, int count, char** of, char**) {
      for (int n = 0; n < count; ++n) *static_cast<std::string*>(into) += std::string(of[n]) + "\n";
      return 0;
    };
    for (const char* sql : {"PRAGMA user_version", "SELECT hex(check_value) FROM storage_key",
                            "SELECT id, hex(row_key), hex(sealed) FROM conversation ORDER BY id",
                            "SELECT conversation, direction, number, hex(sealed) FROM mail ORDER BY 1, 2, 3"}) {
      sqlite3_exec(db, sql, take, &out, nullptr);
    }
    sqlite3_close(db);
    return out;
  }

  // Of every sealed value and row key in the files of version 1, 16 bytes each.
  static std::vector<std::string> sealed_pieces() {
    std::vector<std::string> out;
    const support::temporary_folder at;
    put(at.path());
    std::istringstream lines(rows(at.path()));
    std::string version, check;  // the check value is the same in both versions
    std::getline(lines, version);
    std::getline(lines, check);
    for (std::string line; std::getline(lines, line);) {
      for (std::size_t from = 0; line.size() >= 64 && from + 32 <= line.size(); from += 32) {
        out.push_back(as_text(support::from_hex(line.substr(from, 32))));
      }
    }
    return out;
  }
  static std::size_t left_of_version_1(const std::filesystem::path& folder) {
    static const std::vector<std::string> pieces = sealed_pieces();
    std::string disk;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) disk += contents(entry);
    return static_cast<std::size_t>(std::ranges::count_if(
        pieces, [&](const std::string& piece) { return disk.find(piece) != std::string::npos; }));
  }

  void expect_all_of_it(store& opened) {
    const auto all = opened.load();
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 2u);
    for (const auto& one : *all) {
      const bool first = one.conversation == conversation_of(1);
      EXPECT_EQ(as_text(one.value), first ? "talking" : "");
      ASSERT_EQ(one.mail.size(), first ? 2u : 1u);
      EXPECT_EQ(one.mail[0].to, direction::to_counselor);
      EXPECT_EQ(one.mail[0].number, first ? 1u : 7u);
      EXPECT_EQ(as_text(one.mail[0].value), first ? "" : std::string(1'500, 'f'));
      if (!first) continue;
      EXPECT_EQ(one.mail[1].to, direction::to_survivor);
      EXPECT_EQ(one.mail[1].number, 2u);
      EXPECT_EQ(as_text(one.mail[1].value), "second");
    }
  }
};

TEST_F(version_1_test, is_opened_with_all_that_is_in_it) {
  {
    auto store = open();
    expect_all_of_it(*store);
    ASSERT_TRUE(store_now(*store, {mail(1, direction::to_survivor, 3, "third")}));
    ASSERT_TRUE(store_now(*store, {erase_mail{conversation_of(1), direction::to_survivor, 3},
                                   mail(1, direction::to_survivor, 2'000, "x")}));
    ASSERT_TRUE(store_now(*store, {erase_mail{conversation_of(1), direction::to_survivor, 2'000}}));
    ASSERT_TRUE(store_now(*store, {mail(1, direction::to_survivor, 2, "second")}));
  }
  EXPECT_THAT(rows(folder.path()), testing::StartsWith("2\n"));
  EXPECT_EQ(sealed_keys(folder / "centre.keys").size(), 2u);
  expect_all_of_it(*open());
}

TEST_F(version_1_test, leaves_nothing_sealed_under_the_storage_key) {
  ASSERT_GT(left_of_version_1(folder.path()), 100u) << "it is not found where it is";
  auto store = open();
  EXPECT_EQ(left_of_version_1(folder.path()), 0u);
  store.reset();
  EXPECT_EQ(left_of_version_1(folder.path()), 0u);
}

TEST_F(version_1_test, is_left_as_it_was_or_rewritten_without_a_trace_whichever_call_fails) {
  const std::string before = rows(folder.path());
  for (int result : {SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_IOERR_FSYNC}) {
    int refused = 0, refused_when_rewritten = 0;
    bool met = true;
    // Each call fails in one way, and every fifth in the others.
    for (int n = 1; met; n += result == SQLITE_IOERR_WRITE ? 1 : 5) {
      const support::temporary_folder live, synced;
      put(live.path());
      const sqlite_settings there{.file = live / "centre.db", .key = key};
      disk_shim disk(synced.path());
      disk.fail_call(n, result);
      auto opened = open_sqlite_store(there, random);
      met = disk.has_failed_call();
      if (opened) {
        expect_all_of_it(**opened);
        EXPECT_EQ(left_of_version_1(live.path()), 0u) << "call " << n;
        continue;
      }
      ++refused;
      const std::string after = rows(live.path());
      if (after.starts_with("2\n")) {
        ++refused_when_rewritten;
      } else {
        EXPECT_TRUE(after == before) << "call " << n;
      }
      expect_all_of_it(*open(there));
      EXPECT_EQ(left_of_version_1(live.path()), 0u) << "call " << n;
    }
    EXPECT_GT(refused, 3) << "the failing calls were not met";
    EXPECT_GT(refused_when_rewritten, 1) << "the log was copied into the database without a failing call";
  }
}

TEST_F(version_1_test, is_there_as_a_whole_at_whichever_sync_the_power_goes) {
  int syncs = 0;
  for (bool finished = false; !finished; ++syncs) {
    const support::temporary_folder live, synced;
    put(live.path());
    put(synced.path());
    {
      disk_shim disk(synced.path());
      disk.cut_power_after(syncs);
      open({.file = live / "centre.db", .key = key});
      finished = disk.has_power();
    }
    expect_all_of_it(*open({.file = synced / "centre.db", .key = key}));
    EXPECT_EQ(left_of_version_1(synced.path()), 0u) << syncs << " syncs";
  }
  EXPECT_GT(syncs, 3);
}

TEST_F(version_1_test, is_refused_and_left_as_it_was_where_something_in_it_does_not_open) {
  std::filesystem::remove(folder / "centre.db-wal");
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "centre.db").c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "UPDATE mail SET sealed = zeroblob(99) WHERE number = 2", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  const std::string before = rows(folder.path());
  EXPECT_THAT(refusal(settings()),
              AllOf(HasSubstr("version 1 and could not be rewritten"), HasSubstr("a mail does not open")));
  EXPECT_EQ(rows(folder.path()), before);
}

TEST_F(version_1_test, is_refused_under_another_key) {
  const std::string before = rows(folder.path());
  auto with = settings();
  with.key = crypto::secret<32>(block<32>{9});
  EXPECT_THAT(refusal(with), HasSubstr("it was written under another storage key"));
  EXPECT_EQ(rows(folder.path()), before);
  EXPECT_FALSE(std::filesystem::exists(folder / "centre.keys"));
}

}  // namespace
}  // namespace tomoshibi::storage
