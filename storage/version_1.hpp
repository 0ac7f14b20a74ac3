// What a version-1 database holds: there everything was sealed under the storage key itself, conversations were found
// by a keyed hash ("row key"), and there was no slot file. Read once, when such a database is opened and rewritten.
#pragma once

#include "crypto/secret.hpp"
#include "storage/database.hpp"
#include "storage/store.hpp"

namespace tomoshibi::storage {

// Throws database_error, or runtime_error where something does not open.
std::vector<stored_conversation> load_version_1(const database& db, const crypto::secret<32>& storage_key);

}  // namespace tomoshibi::storage
