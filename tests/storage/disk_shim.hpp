// A disk under SQLite and the slot file that loses power or fails: a VFS over the real one that keeps, in a second
// folder, what each file held when it was last synced. After a power cut that folder is all there is.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <vector>

namespace tomoshibi::storage {

class disk_shim {
 public:
  static constexpr int never = 1 << 30;

  explicit disk_shim(std::filesystem::path synced);  // one at a time; every database opened meanwhile is on it
  ~disk_shim();
  disk_shim(const disk_shim&) = delete;
  disk_shim& operator=(const disk_shim&) = delete;

  // The power goes when `syncs` more have happened; the process does not notice, but nothing more is kept.
  void cut_power_after(int syncs) { syncs_left_ = syncs; }
  bool has_power() const { return syncs_left_ > 0; }
  // The n-th call that writes, truncates or syncs from now fails with this result, once.
  void fail_call(int n, int result) {
    result_ = result;
    calls_left_ = n;
  }
  bool has_failed_call() const { return calls_left_ <= 0; }  // the n-th came
  // So does every sync (SQLITE_IOERR_FSYNC), every read (SQLITE_IOERR_READ), or every write and truncation, of the
  // file of this name, until it `heals`.
  void fail_file(std::string name, int result) {
    failing_result_ = result;
    failing_ = std::move(name);
  }
  void heal() { failing_.clear(); }

  int syncs_of(const std::string& name) const { return syncs_.contains(name) ? syncs_.at(name) : 0; }

 private:
  struct file;
  static file* of(sqlite3_file* opened);
  static const sqlite3_io_methods methods;
  static disk_shim* current;

  int fails(const std::filesystem::path& path, bool syncing = false);
  int fails_to_read(const std::filesystem::path& path) const;
  void keep(const std::filesystem::path& path);
  void sync_folder();

  std::filesystem::path synced_;
  std::vector<std::filesystem::path> deleted_;  // and their folder not synced since
  sqlite3_vfs* real_;
  sqlite3_vfs shim_;
  std::atomic<int> syncs_left_ = never, calls_left_ = never;
  int result_ = SQLITE_OK, failing_result_ = SQLITE_OK;
  std::string failing_;
  std::map<std::string, int> syncs_;  // by file name
};

}  // namespace tomoshibi::storage
