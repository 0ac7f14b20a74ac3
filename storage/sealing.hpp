// How values look on the disk: XChaCha20-Poly1305 under keys derived from the storage key, a random nonce each, the
// associated data naming the table and the row, so that no value can stand in another's place. Conversations are
// found by a keyed hash. (Putting back an older value of the same row is not noticed.)
//
//   sealed       nonce24 | ciphertext | tag16
//   conversation conversation16 | length4 | value | zeros up to a power of two, at least 512
//   mail         value, as long as it is: its lengths are constant already
#pragma once

#include <optional>

#include "crypto/random.hpp"
#include "storage/store.hpp"

namespace tomoshibi::storage {

using row_key = block<32>;

class sealing {
 public:
  explicit sealing(const crypto::secret<32>& storage_key);

  block<32> check_value() const;  // tells nothing of the key but whether another one is the same
  row_key row_of(const conversation_key& conversation) const;

  bytes seal(const row_key& row, const put_conversation& work, crypto::random_source& random) const;
  bytes seal(const row_key& row, const put_mail& work, crypto::random_source& random) const;

  // Nothing: altered, or not of this row. `mail` is left empty.
  std::optional<stored_conversation> open_conversation(const row_key& row, bytes_view sealed) const;
  std::optional<bytes> open_mail(const row_key& row, direction to, std::uint64_t number, bytes_view sealed) const;

 private:
  crypto::secret<32> row_, value_, check_;
};

}  // namespace tomoshibi::storage
