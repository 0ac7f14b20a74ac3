// The store on SQLite: durability, order, failures, what is seen on the disk.
#include <signal.h>
#include <sys/resource.h>

#include <thread>

#include "tests/storage/store_fixture.hpp"

namespace tomoshibi::storage {
namespace {

using testing::HasSubstr;

const stored_conversation* find(const std::vector<stored_conversation>& all, std::uint64_t number) {
  for (const auto& one : all) {
    if (one.conversation == conversation_of(number)) return &one;
  }
  return nullptr;
}

std::vector<std::uint64_t> numbers(const stored_conversation& of, direction to) {
  std::vector<std::uint64_t> out;
  for (const auto& one : of.mail) {
    if (one.to == to) out.push_back(one.number);
  }
  return out;
}

TEST_F(store_test, keeps_what_completed_after_reopening) {
  {
    auto store = open();
    ASSERT_TRUE(store_now(*store, {conversation(1, "waiting"), mail(1, survivor, 7, "frame seven")}));
    ASSERT_TRUE(store_now(*store, {conversation(1, "talking"), conversation(2, ""), mail(1, counselor, 1, "")}));
  }
  const auto all = open()->load();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  const auto* one = find(*all, 1);
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(as_text(one->value), "talking");
  ASSERT_EQ(one->mail.size(), 2u);
  EXPECT_EQ(one->mail[0].to, counselor);
  EXPECT_EQ(one->mail[0].number, 1u);
  EXPECT_EQ(as_text(one->mail[0].value), "");
  EXPECT_EQ(one->mail[1].to, survivor);
  EXPECT_EQ(one->mail[1].number, 7u);
  EXPECT_EQ(as_text(one->mail[1].value), "frame seven");
  ASSERT_NE(find(*all, 2), nullptr);
  EXPECT_TRUE(find(*all, 2)->value.empty());
}

// A copy of the files, taken while the store is open, is what a killed process leaves behind.
TEST_F(store_test, what_completed_is_in_the_files_at_once) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "talking"), mail(1, survivor, 1, "frame")}));
  support::temporary_folder left;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::filesystem::copy_file(entry.path(), left / entry.path().filename());
  }
  const auto all = open({.file = left / "centre.db", .key = key})->load();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ((*all)[0].mail.size(), 1u);
}

TEST_F(store_test, destruction_commits_all_that_was_submitted) {
  completions done;
  {
    auto store = open();
    store->submit({0, {conversation(1, "talking")}}, done.next());
    for (std::uint64_t n = 1; n <= 2'000; ++n) store->submit({n, {mail(1, survivor, n, "frame")}}, done.next());
  }
  const auto came = done.wait_for(0);
  ASSERT_EQ(came.size(), 2'001u);
  for (const auto& one : came) EXPECT_TRUE(one.result);
  EXPECT_EQ(open()->load()->at(0).mail.size(), 2'000u);
}

TEST_F(store_test, a_clean_shutdown_empties_the_log) {
  { ASSERT_TRUE(store_now(*open(), {conversation(1, "talking")})); }
  EXPECT_EQ(everything_on_disk().size(),
            std::filesystem::file_size(folder / "centre.db") + std::filesystem::file_size(folder / "centre.keys"));
}

TEST_F(store_test, completions_come_in_the_order_submitted) {
  auto store = open();
  completions done;
  for (std::uint64_t n = 0; n < 3'000; ++n) store->submit({n, {conversation(n % 5, "value")}}, done.next());
  const auto came = done.wait_for(3'000);
  ASSERT_EQ(came.size(), 3'000u);
  for (std::uint64_t n = 0; n < came.size(); ++n) EXPECT_EQ(came[n].number, n);
}

TEST_F(store_test, later_writes_win_within_a_batch_and_across_batches) {
  auto store = open();
  ASSERT_TRUE(store_now(
      *store, {conversation(1, "a"), erase_conversation{conversation_of(1)}, conversation(1, "b"),
               mail(1, survivor, 1, "x"), erase_mail{conversation_of(1), survivor, 1}, mail(1, survivor, 1, "y")}));
  EXPECT_EQ(as_text(store->load()->at(0).value), "b");
  EXPECT_EQ(as_text(store->load()->at(0).mail.at(0).value), "y");
  ASSERT_TRUE(store_now(*store, {conversation(1, "c")}));
  EXPECT_EQ(as_text(store->load()->at(0).value), "c");
  EXPECT_EQ(store->load()->at(0).mail.size(), 1u) << "replacing a conversation keeps its mail";
}

TEST_F(store_test, erases_mail_up_to_a_number_of_one_direction_of_one_conversation) {
  auto store = open();
  std::vector<write> writes{conversation(1, ""), conversation(2, "")};
  for (std::uint64_t n : {1u, 2u, 3u, 10u}) {
    for (std::uint64_t of : {1u, 2u}) {
      writes.push_back(mail(of, survivor, n, "s"));
      writes.push_back(mail(of, counselor, n, "c"));
    }
  }
  ASSERT_TRUE(store_now(*store, writes));
  ASSERT_TRUE(store_now(*store, {erase_mail{conversation_of(1), survivor, 3}}));
  auto all = *store->load();
  EXPECT_THAT(numbers(*find(all, 1), survivor), testing::ElementsAre(10));
  EXPECT_THAT(numbers(*find(all, 1), counselor), testing::ElementsAre(1, 2, 3, 10));
  EXPECT_THAT(numbers(*find(all, 2), survivor), testing::ElementsAre(1, 2, 3, 10));
  ASSERT_TRUE(store_now(*store, {erase_mail{conversation_of(1), survivor, ~std::uint64_t{0}}}));
  all = *store->load();
  EXPECT_THAT(numbers(*find(all, 1), survivor), testing::IsEmpty());
}

TEST_F(store_test, erasing_a_conversation_erases_its_mail_and_no_other) {
  auto store = open();
  ASSERT_TRUE(store_now(
      *store, {conversation(1, ""), conversation(2, ""), mail(1, survivor, 1, "one"), mail(2, survivor, 1, "two")}));
  ASSERT_TRUE(store_now(*store, {erase_conversation{conversation_of(1)}, erase_conversation{conversation_of(99)}}));
  ASSERT_TRUE(store_now(*store, {conversation(1, "again")}));
  const auto all = *store->load();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(find(all, 1)->mail.empty());
  EXPECT_EQ(find(all, 2)->mail.size(), 1u);
}

TEST_F(store_test, takes_the_largest_value_and_number_and_no_larger) {
  auto store = open();
  const std::string largest(value_bytes_max, 'x');
  constexpr std::uint64_t last = (std::uint64_t{1} << 63) - 1;
  ASSERT_TRUE(store_now(*store, {conversation(1, largest), mail(1, survivor, last, largest)}));
  EXPECT_EQ(as_text(store->load()->at(0).value), largest);
  EXPECT_EQ(store->load()->at(0).mail.at(0).number, last);
  const auto too_long = store_now(*store, {conversation(2, largest + "x")});
  ASSERT_FALSE(too_long);
  EXPECT_THAT(too_long.error().what, HasSubstr("8193 bytes, more than 8192"));
  ASSERT_EQ(store->load()->size(), 1u);
  EXPECT_FALSE(store_now(*store, {mail(1, survivor, last + 1, "")}));
}

// --- failures ---

TEST_F(store_test, a_mail_put_twice_fails_the_whole_batch) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "old"), mail(1, survivor, 4, "first")}));
  const auto failed =
      store_now(*store, {conversation(1, "new"), conversation(2, ""), mail(1, survivor, 4, "second")}, 9);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().what, "batch 9 is not stored: mail 4 is there already");
  const auto all = store->load();
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(as_text(all->at(0).value), "old");
  EXPECT_EQ(as_text(all->at(0).mail.at(0).value), "first");
}

TEST_F(store_test, mail_for_no_conversation_fails) {
  auto store = open();
  const auto failed = store_now(*store, {mail(5, survivor, 1, "frame")});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().what, HasSubstr("mail for a conversation that is not there"));
}

TEST_F(store_test, a_failure_takes_everything_with_it_that_was_submitted_until_the_next_load) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "")}));
  completions done;
  held_store held(*store);
  store->submit({1, {mail(1, survivor, 1, "good")}}, done.next());
  store->submit({2, {mail(2, survivor, 1, "bad")}}, done.next());
  store->submit({3, {mail(1, survivor, 3, "built on what is not there")}}, [&](completion third) {
    store->submit({4, {mail(1, survivor, 4, "from a completion")}}, done.next());
    done.next()(third);
  });
  held.release();
  auto came = done.wait_for(4);
  store->submit({5, {mail(1, survivor, 5, "from one who has not heard of it yet")}}, done.next());
  came = done.wait_for(5);
  for (std::uint64_t n = 0; n < 5; ++n) {
    EXPECT_EQ(came[n].number, n + 1);
    EXPECT_FALSE(came[n].result) << "batch " << n + 1;
  }
  EXPECT_TRUE(store->load()->at(0).mail.empty());
  EXPECT_TRUE(store_now(*store, {mail(1, survivor, 1, "after the load")}));
  EXPECT_EQ(store->load()->at(0).mail.size(), 1u);
}

TEST_F(store_test, a_full_store_fails_batches_and_recovers_when_something_is_erased) {
  auto with = settings();
  with.file_bytes_max = 200 << 10;
  auto store = open(with);
  ASSERT_TRUE(store_now(*store, {conversation(1, "one"), conversation(2, "two")}));
  const std::string frame(4096, 'f');
  std::uint64_t stored = 0;
  std::expected<void, failure> result;
  while ((result = store_now(*store, {mail(1, survivor, stored + 1, frame)}))) ASSERT_LT(++stored, 1'000u);
  EXPECT_GT(stored, 10u);
  EXPECT_THAT(result.error().what, HasSubstr("full"));
  auto all = *store->load();
  EXPECT_EQ(find(all, 1)->mail.size(), stored);
  ASSERT_TRUE(store_now(*store, {erase_mail{conversation_of(1), survivor, 5}}));
  EXPECT_TRUE(store_now(*store, {mail(2, survivor, 1, frame)}));
  EXPECT_LE(std::filesystem::file_size(folder / "centre.db"), with.file_bytes_max);
}

TEST_F(store_test, takes_no_more_conversations_than_it_may_until_one_is_erased) {
  auto with = settings();
  with.conversations_max = 70;
  auto store = open(with);
  std::vector<write> writes;
  for (std::uint64_t n = 0; n < 70; ++n) writes.push_back(conversation(n, "value"));
  ASSERT_TRUE(store_now(*store, writes));
  const auto slots = std::filesystem::file_size(folder / "centre.keys");
  for (int tries = 0; tries < 3; ++tries) {
    const auto failed = store_now(*store, {conversation(70, "")});
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().what, HasSubstr("all 70 slots for conversations are taken"));
    ASSERT_EQ(store->load()->size(), 70u);
  }
  EXPECT_TRUE(store_now(*store, {conversation(3, "another value")})) << "it is there already";
  for (std::uint64_t n = 0; n < 100; ++n) {
    ASSERT_TRUE(store_now(*store, {erase_conversation{conversation_of(n)}}));
    ASSERT_TRUE(store_now(*store, {conversation(n + 70, "value")}));
  }
  EXPECT_EQ(store->load()->size(), 70u);
  EXPECT_EQ(std::filesystem::file_size(folder / "centre.keys"), slots) << "slots are taken again";
}

TEST_F(store_test, a_failed_batch_leaves_every_conversation_its_key) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "one"), conversation(2, "two")}));
  for (int round = 0; round < 3; ++round) {
    ASSERT_FALSE(
        store_now(*store, {erase_conversation{conversation_of(1)}, conversation(1, "again"), conversation(3, ""),
                           erase_conversation{conversation_of(1)}, erase_conversation{conversation_of(2)},
                           conversation(1, "and again"), mail(9, survivor, 1, "bad")}));
    const auto all = store->load();
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 2u);
    EXPECT_EQ(as_text(find(*all, 1)->value), "one");
    EXPECT_EQ(as_text(find(*all, 2)->value), "two");
  }
  ASSERT_TRUE(store_now(*store, {mail(1, survivor, 1, "good")}));
  store.reset();
  EXPECT_EQ(find(*open()->load(), 1)->mail.size(), 1u);
}

// The operating system refuses to let the log grow: a disk that fails in the middle of a commit.
TEST_F(store_test, a_disk_that_refuses_writes_gives_no_false_acknowledgement) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "")}));
  const std::string frame(4096, 'f');
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto ignored = signal(SIGXFSZ, SIG_IGN);
  const rlimit small{256 << 10, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::uint64_t stored = 0;
  std::expected<void, failure> result;
  while (stored < 1'000 && (result = store_now(*store, {mail(1, survivor, stored + 1, frame)}))) ++stored;
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, ignored);
  ASSERT_FALSE(result);
  ASSERT_EQ(store->load()->at(0).mail.size(), stored);
  ASSERT_TRUE(store_now(*store, {mail(1, survivor, stored + 1, frame)}));
  store.reset();
  EXPECT_EQ(open()->load()->at(0).mail.size(), stored + 1);
}

// --- figures ---

TEST_F(store_test, says_how_much_there_is_and_what_fails) {
  auto with = settings();
  with.file_bytes_max = 10 << 20;
  auto store = open(with);
  ASSERT_TRUE(store_now(*store, {conversation(1, ""), conversation(2, "")}));
  ASSERT_TRUE(store_now(*store, {erase_conversation{conversation_of(1)}}));
  store_figures now = store->figures();
  EXPECT_EQ(now.commits, 2u);
  EXPECT_EQ(now.conversations, 1u);
  EXPECT_EQ(now.database_bytes, std::filesystem::file_size(folder / "centre.db"));
  EXPECT_EQ(now.log_bytes, std::filesystem::file_size(folder / "centre.db-wal"));
  EXPECT_GT(now.log_bytes, 0u);
  EXPECT_EQ(now.bytes_allowed, 10u << 20);
  EXPECT_GT(now.bytes_free, 0u);
  EXPECT_LE(now.bytes_free, std::filesystem::space(folder.path()).capacity);
  EXPECT_EQ(now.failing, "");
  const auto failed = store_now(*store, {mail(9, survivor, 1, "")});
  EXPECT_EQ(store->figures().failing, failed.error().what);
  ASSERT_TRUE(store->load());
  EXPECT_NE(store->figures().failing, "") << "until a commit succeeds";
  ASSERT_TRUE(store_now(*store, {conversation(3, "")}));
  now = store->figures();
  EXPECT_EQ(now.failing, "");
  EXPECT_EQ(now.conversations, 2u);
  store.reset();
  EXPECT_EQ(open()->figures().conversations, 2u);
}

// --- grouping ---

TEST_F(store_test, batches_that_wait_together_share_one_commit) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "")}));
  completions done;
  held_store held(*store);
  const std::uint64_t before = store->figures().commits;
  for (std::uint64_t n = 1; n <= 100; ++n) store->submit({n, {mail(1, survivor, n, "frame")}}, done.next());
  EXPECT_EQ(store->figures().commits, before);
  held.release();
  done.wait_for(100);
  EXPECT_EQ(store->figures().commits, before + 1);
}

TEST_F(store_test, one_commit_takes_a_bounded_number_of_batches) {
  auto store = open();
  completions done;
  held_store held(*store);
  const std::uint64_t before = store->figures().commits;
  for (std::uint64_t n = 1; n <= 1'100; ++n) store->submit({n, {conversation(n % 7, "value")}}, done.next());
  held.release();
  done.wait_for(1'100);
  EXPECT_EQ(store->figures().commits, before + 3) << "512 at a time";
}

TEST_F(store_test, what_waits_for_the_disk_is_bounded) {
  auto store = open();
  completions done;
  held_store held(*store);
  const bytes value(value_bytes_max, 'x');
  std::vector<write> writes(1'000, put_conversation{conversation_of(1), value});
  for (std::uint64_t n = 0; n < 10; ++n) store->submit({n, writes}, done.next());  // 80 MB
  held.release();
  const auto came = done.wait_for(10);
  EXPECT_TRUE(came.front().result);
  ASSERT_FALSE(came.back().result);
  EXPECT_THAT(came.back().result.error().what, HasSubstr("too much is waiting for the disk"));
}

TEST_F(store_test, the_log_stays_bounded_under_load) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "")}));
  const std::string frame(4096, 'f');
  for (std::uint64_t round = 0; round < 400; ++round) {
    std::vector<write> writes;
    for (std::uint64_t n = 1; n <= 100; ++n) writes.push_back(mail(1, survivor, round * 100 + n, frame));
    writes.push_back(erase_mail{conversation_of(1), survivor, round * 100 + 50});
    ASSERT_TRUE(store_now(*store, writes));
  }
  EXPECT_LT(std::filesystem::file_size(folder / "centre.db-wal"), 80u << 20)
      << "400 rounds write about 300 MB of log";
}

TEST_F(store_test, takes_batches_from_many_threads) {
  auto store = open();
  completions done;
  std::vector<std::thread> threads;
  for (std::uint64_t of = 0; of < 4; ++of) {
    threads.emplace_back([&, of] {
      store->submit({0, {conversation(of, "value")}}, done.next());
      for (std::uint64_t n = 1; n <= 250; ++n) {
        store->submit({n, {mail(of, survivor, n, "frame")}}, done.next());
        if (n % 100 == 0) {
          EXPECT_TRUE(store->load());
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& one : done.wait_for(4 * 251)) EXPECT_TRUE(one.result);
  const auto all = *store->load();
  ASSERT_EQ(all.size(), 4u);
  for (const auto& one : all) EXPECT_EQ(one.mail.size(), 250u);
  EXPECT_LE(store->figures().commits, 4u * 251u);
}

// --- what the disk shows ---

TEST_F(store_test, the_disk_shows_neither_values_nor_conversations) {
  const std::string texts[] = {"a value of a conversation", "a frame to the survivor", "a frame to the counselor"};
  auto store = open();
  ASSERT_TRUE(store_now(
      *store, {conversation(1, texts[0]), mail(1, survivor, 1, texts[1]), mail(1, counselor, 1, texts[2])}));
  const auto hidden = [&](const std::string& disk) {
    ASSERT_GT(disk.size(), 4096u);
    for (const auto& text : texts) EXPECT_EQ(disk.find(text), std::string::npos) << text;
    EXPECT_EQ(disk.find(as_text(conversation_of(1))), std::string::npos);
    EXPECT_EQ(disk.find(as_text(key.view())), std::string::npos);
  };
  hidden(contents(folder / "centre.db-wal"));  // before the log is copied back
  store.reset();
  hidden(contents(folder / "centre.db"));
}

TEST_F(store_test, what_was_erased_leaves_no_sealed_bytes_in_the_database) {
  auto store = open();
  ASSERT_TRUE(store_now(*store, {conversation(1, "")}));
  store.reset();
  const std::string before = contents(folder / "centre.db");
  store = open();
  ASSERT_TRUE(store_now(*store, {mail(1, survivor, 1, std::string(4096, 'f'))}));
  store.reset();
  store = open();
  ASSERT_TRUE(store_now(*store, {erase_mail{conversation_of(1), survivor, 1}}));
  store.reset();
  const std::string after = contents(folder / "centre.db");
  ASSERT_GT(after.size(), before.size());
  EXPECT_LT(std::count_if(after.begin() + static_cast<std::ptrdiff_t>(before.size()), after.end(),
                          [](char one) { return one != 0; }),
            16)
      << "pages that were freed are zeros, but for the list of free pages";
}

TEST_F(store_test, an_altered_value_is_refused_at_loading) {
  { ASSERT_TRUE(store_now(*open(), {conversation(1, ""), mail(1, survivor, 1, std::string(3'000, 'f'))})); }
  std::string all = contents(folder / "centre.db");
  // The mail fills its page from the end, and no other page holds as much.
  std::size_t fullest = 0, most = 0;
  for (std::size_t page = 0; page < all.size(); page += 4096) {
    const auto zeros = static_cast<std::size_t>(std::count(
        all.begin() + static_cast<std::ptrdiff_t>(page), all.begin() + static_cast<std::ptrdiff_t>(page + 4096), 0));
    if (4096 - zeros > most) most = 4096 - zeros, fullest = page;
  }
  all[fullest + 4000] = static_cast<char>(all[fullest + 4000] ^ 1);
  std::ofstream(folder / "centre.db", std::ios::binary) << all;
  const auto loaded = open()->load();
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().what, HasSubstr("does not open; the file is damaged"));
}

TEST_F(store_test, loads_a_thousand_conversations_with_their_mail) {
  {
    std::vector<write> writes;
    for (std::uint64_t n = 0; n < 1'000; ++n) {
      writes.push_back(conversation(n, "value " + std::to_string(n)));
      for (std::uint64_t m = 1; m <= 2; ++m) writes.push_back(mail(n, survivor, m, "frame " + std::to_string(n)));
    }
    ASSERT_TRUE(store_now(*open(), writes));
  }
  const auto all = open()->load();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1'000u);
  for (std::uint64_t n = 0; n < 1'000; ++n) {
    const auto* one = find(*all, n);
    ASSERT_NE(one, nullptr);
    ASSERT_EQ(as_text(one->value), "value " + std::to_string(n));
    ASSERT_EQ(one->mail.size(), 2u);
    ASSERT_EQ(as_text(one->mail[1].value), "frame " + std::to_string(n));
  }
}

}  // namespace
}  // namespace tomoshibi::storage
