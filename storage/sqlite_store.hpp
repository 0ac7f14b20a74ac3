// The store on SQLite: WAL, synchronous=FULL, group commit on a thread of its own. Each conversation is sealed under
// a random key of its own; these keys lie, sealed under the storage key, in a slot file beside the database. A disk
// without the storage key shows sizes and counts only, and what was erased does not open with it either: its slot is
// overwritten and synced before its completion.
#pragma once

#include <filesystem>
#include <memory>

#include "crypto/random.hpp"
#include "storage/store.hpp"

namespace tomoshibi::storage {

struct sqlite_settings {
  // Created 0600 if absent, with its -wal and its slot file beside it; one process at a time.
  std::filesystem::path file;
  crypto::secret<32> key;                     // the storage key
  std::uint64_t file_bytes_max = 4ull << 30;  // batches that need more fail; erasing makes room again
  std::uint32_t conversations_max = 16'384;   // so too; each takes 4096 bytes in the slot file, which never shrinks
};

// The file's name with the extension .keys. Only both together are a store.
std::filesystem::path slot_file_of(std::filesystem::path file);

struct store_figures {
  std::uint64_t commits = 0;  // transactions since it was opened: how well batches are grouped
  std::uint64_t conversations = 0;
  std::uint64_t conversations_lost = 0;  // when it was opened: damaged, so that they were erased
  std::uint64_t database_bytes = 0, log_bytes = 0;
  std::uint64_t bytes_allowed = 0;  // for the database: file_bytes_max
  std::uint64_t bytes_free = 0;     // in its file system, for this user
  std::string failing;              // why the latest commit failed; empty if it did not
};

// Destroying it waits until everything submitted is committed or has failed and every completion has been delivered.
class sqlite_store : public store {
 public:
  // Any thread may ask, and does not wait for a commit that is under way.
  virtual store_figures figures() const = 0;
};

// Failure: a file cannot be opened or created, is in use, is damaged, was written under another key, or is from a
// newer version: a sentence that says which, with the path and what to do. The slot file may be missing or damaged
// only while the database has no conversations; then it is made anew. Where only some of its slots are damaged, their
// conversations are erased, and counted in `conversations_lost`: say so to whoever runs the centre. `random` makes
// keys and nonces, in this call and then on the store's thread, and must outlive the store.
std::expected<std::unique_ptr<sqlite_store>, failure> open_sqlite_store(const sqlite_settings& settings,
                                                                        crypto::random_source& random);

}  // namespace tomoshibi::storage
