#include "storage/sqlite_store.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "storage/conversations.hpp"
#include "storage/opening.hpp"

namespace tomoshibi::storage {

namespace {

// One transaction takes at most this much of what waits, so that the first of many does not wait for the last.
constexpr std::size_t group_batches_max = 512;
constexpr std::size_t group_bytes_max = 8 << 20;
// What waits for the disk. Beyond it batches fail: the caller must be slower.
constexpr std::size_t waiting_bytes_max = 64 << 20;
// The log is copied back into the database when nothing waits, or at the latest at the larger size.
constexpr int checkpoint_pages = 1'000;
constexpr int checkpoint_pages_latest = 16'000;

std::size_t size_of(const batch& work) {
  std::size_t total = sizeof(batch);
  for (const write& one : work.writes) {
    total += sizeof(write);
    if (const auto* conversation = std::get_if<put_conversation>(&one)) total += conversation->value.size();
    if (const auto* mail = std::get_if<put_mail>(&one)) total += mail->value.size();
  }
  return total;
}

std::uint64_t size_of(const std::filesystem::path& file) {
  struct stat of {};
  return ::stat(file.c_str(), &of) == 0 ? static_cast<std::uint64_t>(of.st_size) : 0;
}

// --- the store ---

class threaded_store final : public sqlite_store {
 public:
  threaded_store(const sqlite_settings& settings, crypto::random_source& random)
      : file_(settings.file),
        file_bytes_max_(settings.file_bytes_max),
        keys_(settings.key),
        files_(open_files(settings, keys_, random)),
        conversations_(files_.db, files_.slots, random, settings.conversations_max),
        conversations_lost_(conversations_.lost()),
        conversations_counted_(conversations_.count()) {
    // A database that was rewritten leaves nothing of the old one behind. One whose log could not be copied may have
    // been rewritten by a process that was stopped here, so that none is served until it is done.
    checkpoint_or_throw(SQLITE_CHECKPOINT_TRUNCATE);
    sqlite3_wal_hook(files_.db.handle(), &threaded_store::count_log_pages, this);
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
      // What is shown as gone has no key any more.
      conversations_.overwrite_erased();
      return conversations_.load();
    } catch (const std::exception& error) {
      return std::unexpected(failure{std::string("loading the store: ") + error.what()});
    }
  }

  store_figures figures() const override {
    store_figures out;
    out.commits = commits_;
    out.conversations = conversations_counted_;
    out.conversations_lost = conversations_lost_;
    out.database_bytes = size_of(file_);
    out.log_bytes = size_of(file_.string() + "-wal");
    out.bytes_allowed = file_bytes_max_;
    struct statvfs disk {};
    if (::statvfs(file_.c_str(), &disk) == 0) out.bytes_free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const std::scoped_lock lock(queue_mutex_);
    out.failing = failing_;
    return out;
  }

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
      {
        const std::scoped_lock lock(queue_mutex_);
        failing_ = result ? "" : result.error().what;
      }
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
      conversations_.begin();
      for (const waiting_batch& one : together) {
        at = one.work.number;
        if (one.too_much) throw std::runtime_error("too much is waiting for the disk");
        for (const write& what : one.work.writes) std::visit(conversations_, what);
      }
      conversations_.commit();
      conversations_counted_ = conversations_.count();
      ++commits_;
      return {};
    } catch (const std::exception& error) {
      conversations_.roll_back();
      conversations_counted_ = conversations_.count();
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
    if (sqlite3_wal_checkpoint_v2(files_.db.handle(), "main", mode, nullptr, nullptr) != SQLITE_OK) {
      throw database_error(files_.db.handle(), "copying the log into the database");
    }
    log_pages_ = 0;
  }

  static int count_log_pages(void* store, sqlite3*, const char*, int pages) {
    static_cast<threaded_store*>(store)->log_pages_ = pages;
    return SQLITE_OK;
  }

  const std::filesystem::path file_;
  const std::uint64_t file_bytes_max_;
  const sealing keys_;

  std::mutex database_mutex_;  // over files_, conversations_ and log_pages_; never held while a completion is called
  opened_files files_;
  conversations conversations_;
  const std::uint64_t conversations_lost_;
  int log_pages_ = 0;
  std::atomic<std::uint64_t> commits_ = 0, conversations_counted_ = 0;

  mutable std::mutex queue_mutex_;  // over what follows
  std::condition_variable wake_;
  std::deque<waiting_batch> waiting_;
  std::size_t waiting_bytes_ = 0;
  // An era ends with the `load` after a failure. What was submitted in an era that failed fails.
  std::uint64_t era_ = 1;
  std::uint64_t failed_era_ = 0;  // written by the store's thread alone, under queue_mutex_
  bool stopping_ = false;
  std::string failing_;  // what the latest commit failed of

  std::thread thread_;
};

}  // namespace

std::filesystem::path slot_file_of(std::filesystem::path file) { return file.replace_extension(".keys"); }

std::expected<std::unique_ptr<sqlite_store>, failure> open_sqlite_store(const sqlite_settings& settings,
                                                                        crypto::random_source& random) {
  try {
    return std::make_unique<threaded_store>(settings, random);
  } catch (const slot_file::unusable& why) {
    return std::unexpected(failure{refusal(settings.file, why)});
  } catch (const database_error& why) {
    return std::unexpected(failure{refusal(settings.file, why)});
  } catch (const std::runtime_error& error) {
    return std::unexpected(failure{error.what()});
  }
}

}  // namespace tomoshibi::storage
