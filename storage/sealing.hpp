// How values look on the disk: XChaCha20-Poly1305, a random nonce each, the associated data naming the place, so that
// no value can stand in another's. (Putting back an older value of the same place is not noticed.)
//
//   sealed        nonce24 | ciphertext | tag16
//   conversation  conversation16 | length4 | value | zeros up to a power of two, at least 512
//   mail          value, as long as it is: its lengths are constant already
//   slot          a conversation's key32
//
// A conversation and its mail are sealed under the conversation's key, a slot under the storage key.
#pragma once

#include <optional>

#include "crypto/failure.hpp"
#include "crypto/random.hpp"
#include "storage/store.hpp"

namespace tomoshibi::storage {

// --- under the storage key ---

using slot_file_id = block<16>;  // random, in the slot file's header and in the database that it belongs to
using slot_number = std::uint32_t;
inline constexpr std::size_t sealed_key_bytes = 24 + 32 + 16;

class sealing {
 public:
  explicit sealing(const crypto::secret<32>& storage_key);

  block<32> check_value() const;  // tells nothing of the key but whether another one is the same
  block<32> check_of(bytes_view slot_file_header) const;

  bytes seal_key(const slot_file_id& in, slot_number slot, const crypto::secret<32>& key,
                 crypto::random_source& random) const;  // sealed_key_bytes
  // Nothing: empty, altered, or not of this slot.
  std::optional<crypto::secret<32>> open_key(const slot_file_id& in, slot_number slot, bytes_view sealed) const;

 private:
  crypto::secret<32> check_, slot_check_, slot_;
};

// --- under a conversation's own key ---

bytes seal(const crypto::secret<32>& key, const put_conversation& work, crypto::random_source& random);
bytes seal(const crypto::secret<32>& key, const put_mail& work, crypto::random_source& random);

// Nothing: altered, of another conversation, or not of this place. `mail` is left empty.
std::optional<stored_conversation> open_conversation(const crypto::secret<32>& key, bytes_view sealed);
std::optional<bytes> open_mail(const crypto::secret<32>& key, direction to, std::uint64_t number, bytes_view sealed);

// --- the parts of it, for what an older version sealed under other keys and names ---

crypto::result<crypto::secret_bytes> open_value(const crypto::secret<32>& key, bytes_view sealed, bytes_view name);
std::optional<stored_conversation> read_conversation(bytes_view plain);

}  // namespace tomoshibi::storage
