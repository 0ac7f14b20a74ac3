#include "storage/sqlite_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

#include "storage/database.hpp"
#include "storage/schema.hpp"
#include "storage/sealing.hpp"

namespace tomoshibi::storage {

namespace {

constexpr std::int64_t application_id = 0x746f6d6f;  // "tomo"
constexpr std::int64_t schema_version = 1;
constexpr std::uint64_t page_bytes = 4096;

// One transaction takes at most this much of what waits, so that the first of many does not wait for the last.
constexpr std::size_t group_batches_max = 512;
constexpr std::size_t group_bytes_max = 8 << 20;
// What waits for the disk. Beyond it batches fail: the caller must be slower.
constexpr std::size_t waiting_bytes_max = 64 << 20;
// The log is copied back into the database when nothing waits, or at the latest at the larger size.
constexpr int checkpoint_pages = 1'000;
constexpr int checkpoint_pages_latest = 16'000;

// --- opening ---

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error("the store " + file.string() + " cannot be opened: " + why);
}

void create_if_absent(const std::filesystem::path& file) {
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) {
    refuse(file, "there is no folder " + folder.string() + "; create it, or correct the path");
  }
  if (std::filesystem::exists(file, none)) {
    if (!std::filesystem::is_regular_file(file, none)) refuse(file, "it is not a file; correct the path");
    return;
  }
  const int created = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (created < 0) {
    refuse(file, std::string("it cannot be created (") + std::strerror(errno) +
                     "); give this user the right to write in its folder");
  }
  ::close(created);
}

// What a failure of SQLite while opening means to the person who starts the server.
[[noreturn]] void refuse(const std::filesystem::path& file, const database_error& error) {
  switch (error.code()) {
    case SQLITE_NOTADB:
      refuse(file, "it is damaged or no store at all; restore it from a backup, or correct the path");
    case SQLITE_CORRUPT:
      refuse(file, "it is damaged; restore it from a backup");
    case SQLITE_BUSY:
      refuse(file, "another process uses it; stop that one first");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      refuse(file,
             "this user may not write it or its folder; give it the right to (" + std::string(error.what()) + ")");
    default:
      refuse(file, error.what());
  }
}

void set_up(database& db, std::uint64_t file_bytes_max) {
  // EXCLUSIVE: one process at a time, and no shared-memory file beside the log.
  db.execute("PRAGMA locking_mode = EXCLUSIVE");
  db.execute(
      "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
      "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;");
  db.execute("PRAGMA page_size = " + std::to_string(page_bytes));
  db.execute("PRAGMA max_page_count = " + std::to_string(file_bytes_max / page_bytes));
}

void write_durably(database& db) {
  statement mode = db.prepare("PRAGMA journal_mode = WAL");
  if (!mode.next() || mode.text(0) != "wal") throw std::runtime_error("SQLite has no write-ahead log here");
  db.execute("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;");
}

void create_schema(database& db, const sealing& seal) {
  db.execute("BEGIN IMMEDIATE");
  db.execute(schema);
  const block<32> check = seal.check_value();
  db.prepare("INSERT INTO storage_key (only, check_value) VALUES (1, ?)").with(bytes_view(check)).run();
  db.execute("PRAGMA application_id = " + std::to_string(application_id));
  db.execute("PRAGMA user_version = " + std::to_string(schema_version));
  db.execute("COMMIT");
}

void check_ours(const database& db, const std::filesystem::path& file) {
  if (db.number("PRAGMA application_id") != application_id) {
    refuse(file, "it is a database of something else; correct the path");
  }
  const std::int64_t version = db.number("PRAGMA user_version");
  if (version > schema_version) {
    refuse(file, "it is of version " + std::to_string(version) + " and this program knows versions up to " +
                     std::to_string(schema_version) + "; start the newer program that wrote it");
  }
}

void check_whole(const database& db, const std::filesystem::path& file) {
  statement check = db.prepare("PRAGMA quick_check(1)");
  if (!check.next() || check.text(0) != "ok") refuse(file, "it is damaged; restore it from a backup");
}

void check_key(const database& db, const std::filesystem::path& file, const sealing& seal) {
  statement asked = db.prepare("SELECT check_value FROM storage_key");
  if (!asked.next() || !crypto::equal(asked.blob(0), seal.check_value())) {
    refuse(file, "it was written under another storage key; start with the key it was created with");
  }
}

database open_database(const sqlite_settings& settings, const sealing& seal) {
  create_if_absent(settings.file);
  try {
    database db(settings.file);
    if (db.read_only()) refuse(settings.file, "this user may only read it; give it the right to write");
    set_up(db, settings.file_bytes_max);
    const bool is_new = db.number("SELECT count(*) FROM sqlite_schema") == 0;
    if (!is_new) check_ours(db, settings.file);
    write_durably(db);
    if (is_new) create_schema(db, seal);
    check_whole(db, settings.file);
    check_key(db, settings.file, seal);
    return db;
  } catch (const database_error& error) {
    refuse(settings.file, error);
  }
}

// --- what a batch does ---

// Applies writes within the transaction that is open. Throws database_error, or runtime_error where the batch is
// wrong.
class applier {
 public:
  applier(const database& db, const sealing& seal, crypto::random_source& random)
      : db_(db),
        seal_(seal),
        random_(random),
        put_conversation_(db.prepare("INSERT INTO conversation (row_key, sealed) VALUES (?, ?) "
                                     "ON CONFLICT (row_key) DO UPDATE SET sealed = excluded.sealed")),
        erase_conversation_(db.prepare("DELETE FROM conversation WHERE row_key = ?")),
        put_mail_(db.prepare("INSERT INTO mail (conversation, direction, number, sealed) "
                             "SELECT id, ?2, ?3, ?4 FROM conversation WHERE row_key = ?1")),
        erase_mail_(
            db.prepare("DELETE FROM mail WHERE conversation = (SELECT id FROM conversation WHERE row_key = ?1) "
                       "AND direction = ?2 AND number <= ?3")) {}

  void operator()(const put_conversation& work) {
    check_size(work.value);
    const row_key row = seal_.row_of(work.conversation);
    const bytes sealed = seal_.seal(row, work, random_);
    put_conversation_.with(bytes_view(row), bytes_view(sealed)).run();
  }

  void operator()(const erase_conversation& work) {  // its mail goes with it: ON DELETE CASCADE
    const row_key row = seal_.row_of(work.conversation);
    erase_conversation_.with(bytes_view(row)).run();
  }

  void operator()(const put_mail& work) {
    check_size(work.value);
    if (work.number > number_max) throw std::runtime_error("the number of a mail is not below 2^63");
    const row_key row = seal_.row_of(work.conversation);
    const bytes sealed = seal_.seal(row, work, random_);
    try {
      put_mail_.with(bytes_view(row), to_number(work.to), static_cast<std::int64_t>(work.number), bytes_view(sealed))
          .run();
    } catch (const database_error& error) {
      if (error.code() != SQLITE_CONSTRAINT) throw;
      throw std::runtime_error("mail " + std::to_string(work.number) + " is there already");
    }
    if (db_.changes() == 0) throw std::runtime_error("mail for a conversation that is not there");
  }

  void operator()(const erase_mail& work) {
    const row_key row = seal_.row_of(work.conversation);
    const auto through = static_cast<std::int64_t>(std::min(work.through, number_max));
    erase_mail_.with(bytes_view(row), to_number(work.to), through).run();
  }

 private:
  static constexpr std::uint64_t number_max = std::numeric_limits<std::int64_t>::max();

  static std::int64_t to_number(direction to) { return static_cast<std::int64_t>(to); }
  static void check_size(const bytes& value) {
    if (value.size() > value_bytes_max) {
      throw std::runtime_error("a value has " + std::to_string(value.size()) + " bytes, more than " +
                               std::to_string(value_bytes_max));
    }
  }

  const database& db_;
  const sealing& seal_;
  crypto::random_source& random_;
  statement put_conversation_, erase_conversation_, put_mail_, erase_mail_;
};

std::size_t size_of(const batch& work) {
  std::size_t total = sizeof(batch);
  for (const write& one : work.writes) {
    total += sizeof(write);
    if (const auto* conversation = std::get_if<put_conversation>(&one)) total += conversation->value.size();
    if (const auto* mail = std::get_if<put_mail>(&one)) total += mail->value.size();
  }
  return total;
}

// --- the store ---

class threaded_store final : public sqlite_store {
 public:
  threaded_store(const sqlite_settings& settings, crypto::random_source& random)
      : seal_(settings.key), db_(open_database(settings, seal_)), apply_(db_, seal_, random) {
    sqlite3_wal_hook(db_.handle(), &threaded_store::count_log_pages, this);
    thread_ = std::thread([this] { work(); });
  }

  ~threaded_store() override {
    {
      const std::scoped_lock lock(queue_mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    checkpoint(SQLITE_CHECKPOINT_TRUNCATE);  // should it fail, the log keeps everything
  }

  void submit(batch work, std::function<void(completion)> done) override {
    const std::size_t size = size_of(work);
    {
      const std::scoped_lock lock(queue_mutex_);
      const bool too_much = waiting_bytes_ + size > waiting_bytes_max;
      if (too_much) work.writes.clear();
      waiting_bytes_ += too_much ? 0 : size;
      waiting_.push_back({std::move(work), std::move(done), too_much ? 0 : size, era_, too_much});
    }
    wake_.notify_one();
  }

  std::expected<std::vector<stored_conversation>, failure> load() override {
    {
      const std::scoped_lock lock(queue_mutex_);
      if (failed_era_ == era_) ++era_;
    }
    const std::scoped_lock lock(database_mutex_);
    try {
      return load_all();
    } catch (const std::exception& error) {
      return std::unexpected(failure{std::string("loading the store: ") + error.what()});
    }
  }

  std::uint64_t commits() const override { return commits_; }

 private:
  struct waiting_batch {
    batch work;
    std::function<void(completion)> done;
    std::size_t size;   // bytes it counts for in waiting_bytes_
    std::uint64_t era;  // in which it was submitted
    bool too_much;      // came when too much was waiting
  };
  using group = std::vector<waiting_batch>;

  void work() noexcept {
    for (group next = take_group(); !next.empty(); next = take_group()) {
      const std::expected<void, failure> result = commit(next);
      if (!result) fail_all_waiting(next);
      for (waiting_batch& one : next) one.done({one.work.number, result});
      checkpoint_if_due();
    }
  }

  // All that waits, up to the bounds of a transaction; waits for something. Nothing: the store is being destroyed.
  group take_group() {
    std::unique_lock lock(queue_mutex_);
    wake_.wait(lock, [this] { return !waiting_.empty() || stopping_; });
    group taken;
    std::size_t size = 0;
    while (!waiting_.empty() && taken.size() < group_batches_max && size < group_bytes_max &&
           (taken.empty() || waiting_.front().era == taken.front().era)) {
      size += waiting_.front().size;
      take_first_into(taken);
    }
    return taken;
  }

  void take_first_into(group& taken) {
    waiting_bytes_ -= waiting_.front().size;
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }

  // From here on everything submitted before the next `load` fails.
  void fail_all_waiting(group& failed) {
    const std::scoped_lock lock(queue_mutex_);
    failed_era_ = std::max(failed_era_, failed.front().era);
    while (!waiting_.empty() && waiting_.front().era <= failed_era_) take_first_into(failed);
  }

  std::expected<void, failure> commit(const group& together) {
    const std::scoped_lock lock(database_mutex_);
    std::uint64_t at = together.front().work.number;
    try {
      if (together.front().era <= failed_era_) throw std::runtime_error("an earlier batch failed");
      if (log_pages_ >= checkpoint_pages_latest) checkpoint_or_throw(SQLITE_CHECKPOINT_PASSIVE);
      db_.execute("BEGIN IMMEDIATE");
      for (const waiting_batch& one : together) {
        at = one.work.number;
        if (one.too_much) throw std::runtime_error("too much is waiting for the disk");
        for (const write& what : one.work.writes) std::visit(apply_, what);
      }
      db_.execute("COMMIT");
      ++commits_;
      return {};
    } catch (const std::exception& error) {
      db_.roll_back();
      return std::unexpected(failure{"batch " + std::to_string(at) + " is not stored: " + error.what()});
    }
  }

  // Outside of any commit: whoever waited for a completion has it by now.
  void checkpoint_if_due() {
    if (log_pages_ < checkpoint_pages) return;
    {
      const std::scoped_lock lock(queue_mutex_);
      if (!waiting_.empty()) return;
    }
    checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  }

  void checkpoint(int mode) {
    const std::scoped_lock lock(database_mutex_);
    try {
      checkpoint_or_throw(mode);
    } catch (const database_error&) {
      // The log keeps everything; the next commit tries again.
    }
  }

  void checkpoint_or_throw(int mode) {
    if (sqlite3_wal_checkpoint_v2(db_.handle(), "main", mode, nullptr, nullptr) != SQLITE_OK) {
      throw database_error(db_.handle(), "copying the log into the database");
    }
    log_pages_ = 0;
  }

  static int count_log_pages(void* store, sqlite3*, const char*, int pages) {
    static_cast<threaded_store*>(store)->log_pages_ = pages;
    return SQLITE_OK;
  }

  std::vector<stored_conversation> load_all() {
    std::vector<stored_conversation> out;
    std::map<std::int64_t, std::pair<row_key, std::size_t>> places;  // by id: the row key, and the index in `out`
    statement conversations = db_.prepare("SELECT id, row_key, sealed FROM conversation");
    while (conversations.next()) {
      const row_key row = reader(conversations.blob(1)).take<sizeof(row_key)>();
      auto opened = seal_.open_conversation(row, conversations.blob(2));
      if (!opened) throw std::runtime_error("a conversation does not open; the file is damaged");
      places.emplace(conversations.number(0), std::pair(row, out.size()));
      out.push_back(std::move(*opened));
    }
    statement mail = db_.prepare(
        "SELECT conversation, direction, number, sealed FROM mail ORDER BY conversation, direction, number");
    while (mail.next()) {
      const auto place = places.find(mail.number(0));
      if (place == places.end()) throw std::runtime_error("mail of no conversation; the file is damaged");
      const auto& [row, index] = place->second;
      const auto to = static_cast<direction>(mail.number(1));
      const auto number = static_cast<std::uint64_t>(mail.number(2));
      auto value = seal_.open_mail(row, to, number, mail.blob(3));
      if (!value) throw std::runtime_error("a mail does not open; the file is damaged");
      out[index].mail.push_back({to, number, std::move(*value)});
    }
    return out;
  }

  const sealing seal_;

  std::mutex database_mutex_;  // over db_, apply_ and log_pages_; never held while a completion is called
  database db_;
  applier apply_;
  int log_pages_ = 0;
  std::atomic<std::uint64_t> commits_ = 0;

  std::mutex queue_mutex_;
  std::condition_variable wake_;
  std::deque<waiting_batch> waiting_;
  std::size_t waiting_bytes_ = 0;
  // An era ends with the `load` after a failure. What was submitted in an era that failed fails.
  std::uint64_t era_ = 1;
  std::uint64_t failed_era_ = 0;  // written by the store's thread alone, under queue_mutex_
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace

std::expected<std::unique_ptr<sqlite_store>, failure> open_sqlite_store(const sqlite_settings& settings,
                                                                        crypto::random_source& random) {
  try {
    return std::make_unique<threaded_store>(settings, random);
  } catch (const std::runtime_error& error) {
    return std::unexpected(failure{error.what()});
  }
}

}  // namespace tomoshibi::storage
