// What is said when a store cannot be opened, and by what it is known.
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/slot_file.hpp"
#include "tests/storage/store_fixture.hpp"

namespace tomoshibi::storage {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// For a test that runs as root, whom no file mode stops: nobody, while it lives.
class nobody {
 public:
  nobody() : changed_(::geteuid() == 0 && ::seteuid(65534) == 0) {}
  ~nobody() {
    if (changed_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool changed_;
};

class opening_test : public store_test {
 public:
  opening_test() {
    auto store = open();
    EXPECT_TRUE(store_now(*store, {conversation(1, "value")}));
  }
  void change(const std::string& sql) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((folder / "centre.db").c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
};

TEST_F(opening_test, creates_files_that_only_their_owner_reads) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "value")}));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    struct stat of {};
    ASSERT_EQ(::stat(entry.path().c_str(), &of), 0);
    EXPECT_EQ(of.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(opening_test, says_that_the_folder_is_missing) {
  EXPECT_THAT(refusal({.file = folder / "no" / "centre.db", .key = key}),
              AllOf(HasSubstr((folder / "no" / "centre.db").string()), HasSubstr("there is no folder"),
                    HasSubstr("create it, or correct the path")));
}

TEST_F(opening_test, says_that_it_is_not_a_file) {
  EXPECT_THAT(refusal({.file = folder.path(), .key = key}), HasSubstr("it is not a file; correct the path"));
}

TEST_F(opening_test, says_that_the_folder_may_not_be_written) {
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  std::filesystem::create_directory(folder / "closed");
  ASSERT_EQ(::chmod((folder / "closed").c_str(), 0555), 0);
  const nobody me;
  EXPECT_THAT(refusal({.file = folder / "closed" / "centre.db", .key = key}),
              AllOf(HasSubstr("it cannot be created (Permission denied)"), HasSubstr("give this user the right")));
}

TEST_F(opening_test, says_that_the_file_may_only_be_read) {
  ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
  ASSERT_EQ(::chmod((folder / "centre.db").c_str(), 0444), 0);
  const nobody me;
  EXPECT_THAT(refusal(settings()), HasSubstr("this user may only read it; give it the right to write"));
}

TEST_F(opening_test, says_that_the_key_is_another_one) {
  auto with = settings();
  with.key = crypto::secret<32>(block<32>{9});
  EXPECT_THAT(refusal(with),
              HasSubstr("it was written under another storage key; start with the key it was created with"));
  EXPECT_TRUE(open()) << "and the right key still opens it";
}

TEST_F(opening_test, says_that_another_process_uses_it) {
  auto first = open();
  EXPECT_THAT(refusal(settings()), HasSubstr("another process uses it; stop that one first"));
}

TEST_F(opening_test, says_that_it_is_of_a_newer_version_and_leaves_it_as_it_is) {
  change("PRAGMA user_version = 3");
  const std::string before = contents(folder / "centre.db");
  EXPECT_THAT(refusal(settings()),
              HasSubstr("it is of version 3 and this program knows versions up to 2; start the newer "
                        "program that wrote it"));
  EXPECT_EQ(contents(folder / "centre.db"), before);
}

TEST_F(opening_test, says_that_it_is_a_database_of_something_else) {
  change("PRAGMA application_id = 42");
  EXPECT_THAT(refusal(settings()), HasSubstr("it is a database of something else; correct the path"));
}

TEST_F(opening_test, says_that_it_is_no_database) {
  std::ofstream(folder / "centre.db") << std::string(10'000, 'x');
  EXPECT_THAT(refusal(settings()), HasSubstr("it is damaged or no store at all; restore it from a backup"));
}

TEST_F(opening_test, says_that_it_is_damaged_wherever_it_was_cut_off) {
  const auto size = std::filesystem::file_size(folder / "centre.db");
  for (std::uintmax_t left : {size - 4096, size - 1, std::uintmax_t{5000}, std::uintmax_t{100}}) {
    std::filesystem::resize_file(folder / "centre.db", left);
    EXPECT_THAT(refusal(settings()), HasSubstr("it is damaged")) << left << " bytes left";
  }
}

TEST_F(opening_test, says_that_it_is_damaged_where_a_page_was_overwritten) {
  std::string all = contents(folder / "centre.db");
  for (std::size_t page = 1; (page + 1) * 4096 <= all.size(); ++page) {
    std::string damaged = all;
    damaged.replace(page * 4096, 64, std::string(64, '\xee'));
    std::ofstream(folder / "centre.db", std::ios::binary) << damaged;
    EXPECT_THAT(refusal(settings()), HasSubstr("it is damaged")) << "page " << page + 1;
  }
}

TEST_F(opening_test, an_empty_file_becomes_a_store) {
  std::ofstream(folder / "fresh.db") << "";
  auto store = open({.file = folder / "fresh.db", .key = key});
  EXPECT_TRUE(store->load()->empty());
}

TEST_F(opening_test, is_durable_and_marked_as_ours) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "centre.db").c_str(), &db), SQLITE_OK);
  const auto ask = [db](const char* sql) {
    sqlite3_stmt* asked = nullptr;
    sqlite3_prepare_v2(db, sql, -1, &asked, nullptr);
    sqlite3_step(asked);
    const std::string answer = reinterpret_cast<const char*>(sqlite3_column_text(asked, 0));
    sqlite3_finalize(asked);
    return answer;
  };
  EXPECT_EQ(ask("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(ask("PRAGMA application_id"), "1953459567");
  EXPECT_EQ(ask("PRAGMA user_version"), "2");
  EXPECT_EQ(ask("PRAGMA integrity_check"), "ok");
  sqlite3_close(db);
}

// --- the slot file ---

class slots_opening_test : public opening_test {
 public:
  const std::filesystem::path slots = folder / "centre.keys";

  void expect_refusal(std::string_view why) {
    const std::string before =
        contents(folder / "centre.db") + (std::filesystem::exists(slots) ? contents(slots) : "");
    EXPECT_THAT(refusal(settings()),
                AllOf(HasSubstr(slots.string() + ": " + std::string(why)),
                      HasSubstr("Put back the file that lay beside this database, or move both away")));
    EXPECT_EQ(contents(folder / "centre.db") + (std::filesystem::exists(slots) ? contents(slots) : ""), before);
  }
  void write_slots(const std::string& content) const { std::ofstream(slots, std::ios::binary) << content; }
  void empty_the_store() { ASSERT_TRUE(store_now(*open(), {erase_conversation{conversation_of(1)}})); }
};

TEST_F(slots_opening_test, says_that_it_is_missing) {
  const std::string kept = contents(slots);
  std::filesystem::remove(slots);
  expect_refusal("it is missing");
  EXPECT_FALSE(std::filesystem::exists(slots));
  write_slots(kept);
  EXPECT_EQ(open()->load()->size(), 1u) << "and put back it opens the store";
}

TEST_F(slots_opening_test, says_that_it_is_cut_off) {
  const std::string whole = contents(slots);
  for (std::size_t left : {0u, 100u, 4095u}) {
    write_slots(whole.substr(0, left));
    expect_refusal("it is cut off");
  }
  for (std::size_t left : {4096u, 8191u}) {
    write_slots(whole.substr(0, left));
    expect_refusal("it is cut off before slot 0");
  }
}

TEST_F(slots_opening_test, says_that_it_belongs_to_another_database) {
  auto other = settings();
  other.file = folder / "other.db";
  ASSERT_TRUE(store_now(*open(other), {conversation(1, "value")}));
  write_slots(contents(folder / "other.keys"));
  expect_refusal("it belongs to another database");
}

TEST_F(slots_opening_test, says_that_it_was_written_under_another_key) {
  std::string all = contents(slots);
  const std::string id = all.substr(20, 16);
  slot_file_id same{};
  std::copy(id.begin(), id.end(), same.begin());
  const sealing others{crypto::secret<32>(block<32>{9})};
  slot_file::make(slots, same, others).write(0, key, random);
  expect_refusal("it was written under another storage key, or is damaged");
}

TEST_F(slots_opening_test, says_that_it_is_of_a_newer_version) {
  std::string all = contents(slots);
  all[19] = 2;
  write_slots(all);
  expect_refusal("it is of version 2 and this program knows version 1: start the newer program that wrote it");
}

TEST_F(slots_opening_test, says_that_it_is_no_slot_file) {
  write_slots(std::string(10'000, 'x'));
  expect_refusal("it is damaged, or no slot file at all");
}

TEST_F(slots_opening_test, says_that_none_of_several_conversations_opens) {
  ASSERT_TRUE(store_now(*open(), {conversation(2, "value"), conversation(3, "value")}));
  const std::string all = contents(slots);
  std::string altered = all;
  for (std::size_t slot = 0; slot < 3; ++slot) altered[(slot + 1) * 4096 + 30] ^= 1;
  write_slots(altered);
  expect_refusal("no conversation opens, the first of them in slot 0");
  write_slots(all);
  EXPECT_EQ(open()->load()->size(), 3u) << "and put back it opens them";
}

TEST_F(slots_opening_test, a_damaged_slot_loses_its_conversation_and_no_other) {
  const auto to = direction::to_survivor;
  ASSERT_TRUE(store_now(*open(), {conversation(2, "value"), mail(2, to, 1, "frame"), conversation(3, "value"),
                                  mail(3, to, 1, "frame")}));
  const std::string database = contents(folder / "centre.db"), all = contents(slots);
  for (std::size_t at = 0; at < 72; at += 6) {
    std::ofstream(folder / "centre.db", std::ios::binary) << database;
    std::string altered = all;
    altered[2 * 4096 + at] ^= 1;
    write_slots(altered);
    {
      auto store = open();
      EXPECT_EQ(store->figures().conversations_lost, 1u);
      EXPECT_EQ(store->figures().conversations, 2u);
      const auto left = *store->load();
      ASSERT_EQ(left.size(), 2u);
      for (const auto& one : left) {
        EXPECT_NE(one.conversation, conversation_of(2));
        EXPECT_EQ(one.mail.size(), one.conversation == conversation_of(3) ? 1u : 0u);
      }
      EXPECT_EQ(sealed_keys(slots).size(), 2u);
      EXPECT_TRUE(store_now(*store, {conversation(2, "again")}));
    }
    auto store = open();
    EXPECT_EQ(store->figures().conversations_lost, 0u);
    EXPECT_EQ(store->load()->size(), 3u);
  }
}

TEST_F(slots_opening_test, the_only_conversation_is_lost_with_its_slot) {
  std::string all = contents(slots);
  all.replace(4096, 4096, std::string(4096, '\0'));
  write_slots(all);
  auto store = open();
  EXPECT_EQ(store->figures().conversations_lost, 1u);
  EXPECT_TRUE(store->load()->empty());
}

TEST_F(slots_opening_test, says_that_it_may_only_be_read) {
  ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
  ASSERT_EQ(::chmod((folder / "centre.db").c_str(), 0666), 0);
  ASSERT_EQ(::chmod(slots.c_str(), 0444), 0);
  const nobody me;
  EXPECT_THAT(refusal(settings()),
              HasSubstr(slots.string() + " may only be read by this user; give it the right to write"));
}

TEST_F(slots_opening_test, is_made_anew_where_it_is_lost_while_the_database_has_no_conversations) {
  empty_the_store();
  const std::string whole = contents(slots);
  for (const std::string& instead : {std::string(), whole.substr(0, 4095), std::string(10'000, 'x')}) {
    write_slots(instead);
    auto store = open();
    ASSERT_TRUE(store_now(*store, {conversation(1, "again")}));
    ASSERT_TRUE(store_now(*store, {erase_conversation{conversation_of(1)}}));
  }
  std::filesystem::remove(slots);
  { ASSERT_TRUE(store_now(*open(), {conversation(1, "again")})); }
  EXPECT_EQ(open()->load()->size(), 1u);
}

TEST_F(slots_opening_test, of_another_database_or_a_newer_version_it_is_left_even_where_no_conversation_needs_it) {
  auto other = settings();
  other.file = folder / "other.db";
  ASSERT_TRUE(store_now(*open(other), {conversation(1, "value")}));
  const std::string kept = contents(folder / "other.keys");
  empty_the_store();
  std::string newer = contents(slots);
  newer[19] = 2;
  write_slots(kept);
  expect_refusal("it belongs to another database");
  write_slots(newer);
  expect_refusal("it is of version 2");
  // Where a database was lost, a new one does not take its keys with it.
  std::filesystem::remove(folder / "centre.db");
  write_slots(kept);
  EXPECT_THAT(refusal(settings()), HasSubstr("it belongs to another database"));
  EXPECT_EQ(contents(slots), kept);
  std::filesystem::rename(folder / "other.db", folder / "centre.db");
  EXPECT_EQ(open()->load()->size(), 1u) << "and put back it opens with them";
}

TEST_F(slots_opening_test, overwrites_every_slot_that_no_conversation_names) {
  {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((folder / "centre.db").c_str(), &db), SQLITE_OK);
    slot_file_id id{};
    sqlite3_stmt* asked = nullptr;
    sqlite3_prepare_v2(db, "SELECT slot_file FROM storage_key", -1, &asked, nullptr);
    ASSERT_EQ(sqlite3_step(asked), SQLITE_ROW);
    std::copy_n(static_cast<const byte*>(sqlite3_column_blob(asked, 0)), id.size(), id.begin());
    sqlite3_finalize(asked);
    sqlite3_close(db);
    const sealing keys{key};
    slot_file left = slot_file::open(slots, id, keys);
    for (slot_number slot : {1u, 5u, 63u, 64u}) left.write(slot, key, random);
  }
  ASSERT_EQ(sealed_keys(slots).size(), 5u);
  auto store = open();
  EXPECT_EQ(sealed_keys(slots).size(), 1u);
  EXPECT_EQ(store->load()->size(), 1u);
}

}  // namespace
}  // namespace tomoshibi::storage
