#include "storage/sealing.hpp"

#include <bit>

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"

namespace tomoshibi::storage {

namespace {

constexpr std::size_t padded_bytes_min = 512;
constexpr std::string_view conversation_name = "storage/conversation/2";

bytes name_mail(direction to, std::uint64_t number) {
  return writer().put("storage/mail/2").number(static_cast<byte>(to)).number(number).finish();
}

bytes name_slot(const slot_file_id& in, slot_number slot) {
  return writer().put("storage/slot/1").put(in).number(slot).finish();
}

bytes seal_value(const crypto::secret<32>& key, bytes_view plain, bytes_view name, crypto::random_source& random) {
  const auto nonce = random.make_block<crypto::aead_nonce{}.size()>();
  return writer(nonce.size() + plain.size() + crypto::aead_tag_bytes)
      .put(nonce)
      .put(crypto::seal(key, nonce, plain, name))
      .finish();
}

}  // namespace

// --- under the storage key ---

sealing::sealing(const crypto::secret<32>& storage_key)
    : check_(crypto::hkdf_expand<32>(storage_key, as_bytes("storage/check"))),
      slot_check_(crypto::hkdf_expand<32>(storage_key, as_bytes("storage/slot/check"))),
      slot_(crypto::hkdf_expand<32>(storage_key, as_bytes("storage/slot"))) {}

block<32> sealing::check_value() const { return crypto::blake2b(as_bytes("storage/check/1"), check_.view()); }

block<32> sealing::check_of(bytes_view slot_file_header) const {
  return crypto::blake2b(slot_file_header, slot_check_.view());
}

bytes sealing::seal_key(const slot_file_id& in, slot_number slot, const crypto::secret<32>& key,
                        crypto::random_source& random) const {
  return seal_value(slot_, key.view(), name_slot(in, slot), random);
}

std::optional<crypto::secret<32>> sealing::open_key(const slot_file_id& in, slot_number slot,
                                                    bytes_view sealed) const {
  const auto plain = open_value(slot_, sealed, name_slot(in, slot));
  if (!plain || plain->size() != 32) return std::nullopt;
  return crypto::secret<32>(std::span<const byte, 32>(*plain));
}

// --- under a conversation's own key ---

bytes seal(const crypto::secret<32>& key, const put_conversation& work, crypto::random_source& random) {
  const std::size_t size = sizeof(conversation_key) + sizeof(std::uint32_t) + work.value.size();
  const auto plain = crypto::secret_writer(std::bit_ceil(size))
                         .put(work.conversation)
                         .number(static_cast<std::uint32_t>(work.value.size()))
                         .put(work.value)
                         .pad_to(std::max(padded_bytes_min, std::bit_ceil(size)))
                         .finish();
  return seal_value(key, plain, as_bytes(conversation_name), random);
}

bytes seal(const crypto::secret<32>& key, const put_mail& work, crypto::random_source& random) {
  return seal_value(key, work.value, name_mail(work.to, work.number), random);
}

std::optional<stored_conversation> open_conversation(const crypto::secret<32>& key, bytes_view sealed) {
  const auto plain = open_value(key, sealed, as_bytes(conversation_name));
  return plain ? read_conversation(*plain) : std::nullopt;
}

std::optional<bytes> open_mail(const crypto::secret<32>& key, direction to, std::uint64_t number, bytes_view sealed) {
  const auto plain = open_value(key, sealed, name_mail(to, number));
  if (!plain) return std::nullopt;
  return bytes(plain->begin(), plain->end());
}

// --- the parts of it ---

crypto::result<crypto::secret_bytes> open_value(const crypto::secret<32>& key, bytes_view sealed, bytes_view name) {
  reader in(sealed);
  const auto nonce = in.take<crypto::aead_nonce{}.size()>();
  return crypto::open(key, nonce, in.rest(), name);  // what is too short has no rest, and does not open
}

std::optional<stored_conversation> read_conversation(bytes_view plain) {
  reader in(plain);
  stored_conversation out;
  out.conversation = in.take<sizeof(conversation_key)>();
  const bytes_view value = in.view(in.number<std::uint32_t>());
  in.zeros(in.left());
  if (!in.ok()) return std::nullopt;
  out.value.assign(value.begin(), value.end());
  return out;
}

}  // namespace tomoshibi::storage
