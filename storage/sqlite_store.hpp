// The store on SQLite: WAL, synchronous=FULL, group commit on a thread of its own. Values and row keys are sealed
// under the storage key, so that a disk without it shows sizes and counts only.
#pragma once

#include <filesystem>
#include <memory>

#include "crypto/random.hpp"
#include "storage/store.hpp"

namespace tomoshibi::storage {

struct sqlite_settings {
  std::filesystem::path file;        // created 0600 if absent
  crypto::secret<32> key;            // the storage key
};

// Failure: the file cannot be opened or created, is damaged, was written under another key, or is from a newer version: a sentence
// that says which, with the path and what to do.
std::expected<std::unique_ptr<store>, failure> open_sqlite_store(const sqlite_settings& settings,
                                                                 crypto::random_source& random);

}  // namespace tomoshibi::storage
