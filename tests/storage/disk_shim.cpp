#include "tests/storage/disk_shim.hpp"

#include <string>

namespace tomoshibi::storage {

disk_shim* disk_shim::current = nullptr;

struct disk_shim::file {
  sqlite3_file base;
  char path[1024];
  bool folder_synced;  // as the real one does it for a new journal or log: at its first sync
  // The real file follows in the same allocation.
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

disk_shim::file* disk_shim::of(sqlite3_file* opened) { return reinterpret_cast<file*>(opened); }

// Version 1: no shared memory. The log must do without.
const sqlite3_io_methods disk_shim::methods = {
    .iVersion = 1,
    .xClose = [](sqlite3_file* f) { return of(f)->real()->pMethods->xClose(of(f)->real()); },
    .xRead =
        [](sqlite3_file* f, void* out, int size, sqlite3_int64 at) {
          const int failed = current->fails_to_read(of(f)->path);
          return failed == SQLITE_OK ? of(f)->real()->pMethods->xRead(of(f)->real(), out, size, at) : failed;
        },
    .xWrite =
        [](sqlite3_file* f, const void* in, int size, sqlite3_int64 at) {
          const int failed = current->fails(of(f)->path);
          const int half = failed == SQLITE_OK ? size : size / 2;  // what fails is half done
          const int result = of(f)->real()->pMethods->xWrite(of(f)->real(), in, half, at);
          return failed == SQLITE_OK ? result : failed;
        },
    .xTruncate =
        [](sqlite3_file* f, sqlite3_int64 size) {
          const int failed = current->fails(of(f)->path);
          return failed == SQLITE_OK ? of(f)->real()->pMethods->xTruncate(of(f)->real(), size) : failed;
        },
    .xSync =
        [](sqlite3_file* f, int) {
          const int failed = current->fails(of(f)->path, true);
          if (failed != SQLITE_OK) return failed;
          ++current->syncs_[std::filesystem::path(of(f)->path).filename().string()];
          current->keep(of(f)->path);
          if (!of(f)->folder_synced) current->sync_folder();
          of(f)->folder_synced = true;
          return failed;
        },
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* size) { return of(f)->real()->pMethods->xFileSize(of(f)->real(), size); },
    .xLock = [](sqlite3_file* f, int lock) { return of(f)->real()->pMethods->xLock(of(f)->real(), lock); },
    .xUnlock = [](sqlite3_file* f, int lock) { return of(f)->real()->pMethods->xUnlock(of(f)->real(), lock); },
    .xCheckReservedLock = [](sqlite3_file* f,
                             int* out) { return of(f)->real()->pMethods->xCheckReservedLock(of(f)->real(), out); },
    .xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    .xSectorSize = [](sqlite3_file* f) { return of(f)->real()->pMethods->xSectorSize(of(f)->real()); },
    .xDeviceCharacteristics = [](sqlite3_file*) { return 0; },
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

disk_shim::disk_shim(std::filesystem::path synced)
    : synced_(std::move(synced)), real_(sqlite3_vfs_find(nullptr)), shim_(*real_) {
  shim_.zName = "disk_shim";
  shim_.szOsFile = static_cast<int>(sizeof(file)) + real_->szOsFile;
  shim_.pNext = nullptr;
  shim_.xOpen = [](sqlite3_vfs*, const char* path, sqlite3_file* opened, int flags, int* out_flags) {
    file* made = new (opened) file{};
    const int result = current->real_->xOpen(current->real_, path, made->real(), flags, out_flags);
    if (result != SQLITE_OK) return result;
    made->base.pMethods = &methods;
    std::string(path == nullptr ? "" : path).copy(made->path, sizeof made->path - 1);
    made->folder_synced = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    return result;
  };
  shim_.xDelete = [](sqlite3_vfs*, const char* path, int sync_folder) {
    const int result = current->real_->xDelete(current->real_, path, sync_folder);
    if (result == SQLITE_OK) current->deleted_.emplace_back(path);
    if (sync_folder != 0) current->sync_folder();
    return result;
  };
  current = this;
  sqlite3_vfs_register(&shim_, 1);
}

disk_shim::~disk_shim() {
  sqlite3_vfs_unregister(&shim_);
  sqlite3_vfs_register(real_, 1);
  current = nullptr;
}

int disk_shim::fails(const std::filesystem::path& path, bool syncing) {
  const bool reading = failing_result_ == SQLITE_IOERR_READ;
  if (path.filename() == failing_ && !reading && syncing == (failing_result_ == SQLITE_IOERR_FSYNC))
    return failing_result_;
  return calls_left_ != never && --calls_left_ == 0 ? result_ : SQLITE_OK;
}

int disk_shim::fails_to_read(const std::filesystem::path& path) const {
  return path.filename() == failing_ && failing_result_ == SQLITE_IOERR_READ ? failing_result_ : SQLITE_OK;
}

void disk_shim::keep(const std::filesystem::path& path) {
  if (!has_power()) return;
  std::filesystem::copy_file(path, synced_ / path.filename(), std::filesystem::copy_options::overwrite_existing);
  if (syncs_left_ != never) --syncs_left_;
}

void disk_shim::sync_folder() {
  if (!has_power()) return;
  for (const auto& path : deleted_) std::filesystem::remove(synced_ / path.filename());
  deleted_.clear();
}

}  // namespace tomoshibi::storage
