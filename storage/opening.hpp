// Opening a store's two files: creates what is not there, refuses what is not ours, rewrites what an older version
// wrote.
#pragma once

#include "storage/database.hpp"
#include "storage/slot_file.hpp"
#include "storage/sqlite_store.hpp"

namespace tomoshibi::storage {

struct opened_files {
  database db;
  slot_file slots;
};

// Throws runtime_error with a sentence for the person who starts the server; or database_error or
// slot_file::unusable, of which `refusal` makes one.
opened_files open_files(const sqlite_settings& settings, const sealing& keys, crypto::random_source& random);
std::string refusal(const std::filesystem::path& file, const database_error& why);
std::string refusal(const std::filesystem::path& file, const slot_file::unusable& why);

}  // namespace tomoshibi::storage
