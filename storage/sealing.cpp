#include "storage/sealing.hpp"

#include <bit>

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"

namespace tomoshibi::storage {

namespace {

constexpr std::size_t padded_bytes_min = 512;

bytes name_conversation(const row_key& row) { return writer().put("storage/conversation/1").put(row).finish(); }

bytes name_mail(const row_key& row, direction to, std::uint64_t number) {
  return writer().put("storage/mail/1").put(row).number(static_cast<byte>(to)).number(number).finish();
}

bytes seal_value(const crypto::secret<32>& key, bytes_view plain, bytes_view name, crypto::random_source& random) {
  const auto nonce = random.make_block<crypto::aead_nonce{}.size()>();
  return writer(nonce.size() + plain.size() + crypto::aead_tag_bytes)
      .put(nonce)
      .put(crypto::seal(key, nonce, plain, name))
      .finish();
}

crypto::result<crypto::secret_bytes> open_value(const crypto::secret<32>& key, bytes_view sealed, bytes_view name) {
  reader in(sealed);
  const auto nonce = in.take<crypto::aead_nonce{}.size()>();
  return crypto::open(key, nonce, in.rest(), name);  // what is too short has no rest, and does not open
}

}  // namespace

sealing::sealing(const crypto::secret<32>& storage_key)
    : row_(crypto::hkdf_expand<32>(storage_key, as_bytes("storage/row"))),
      value_(crypto::hkdf_expand<32>(storage_key, as_bytes("storage/value"))),
      check_(crypto::hkdf_expand<32>(storage_key, as_bytes("storage/check"))) {}

block<32> sealing::check_value() const { return crypto::blake2b(as_bytes("storage/check/1"), check_.view()); }

row_key sealing::row_of(const conversation_key& conversation) const {
  return crypto::blake2b(conversation, row_.view());
}

bytes sealing::seal(const row_key& row, const put_conversation& work, crypto::random_source& random) const {
  const std::size_t size = sizeof(conversation_key) + sizeof(std::uint32_t) + work.value.size();
  const auto plain = crypto::secret_writer(std::bit_ceil(size))
                         .put(work.conversation)
                         .number(static_cast<std::uint32_t>(work.value.size()))
                         .put(work.value)
                         .pad_to(std::max(padded_bytes_min, std::bit_ceil(size)))
                         .finish();
  return seal_value(value_, plain, name_conversation(row), random);
}

bytes sealing::seal(const row_key& row, const put_mail& work, crypto::random_source& random) const {
  return seal_value(value_, work.value, name_mail(row, work.to, work.number), random);
}

std::optional<stored_conversation> sealing::open_conversation(const row_key& row, bytes_view sealed) const {
  const auto plain = open_value(value_, sealed, name_conversation(row));
  if (!plain) return std::nullopt;
  reader in(*plain);
  stored_conversation out;
  out.conversation = in.take<sizeof(conversation_key)>();
  const bytes_view value = in.view(in.number<std::uint32_t>());
  in.zeros(in.left());
  if (!in.ok()) return std::nullopt;
  out.value.assign(value.begin(), value.end());
  return out;
}

std::optional<bytes> sealing::open_mail(const row_key& row, direction to, std::uint64_t number,
                                        bytes_view sealed) const {
  const auto plain = open_value(value_, sealed, name_mail(row, to, number));
  if (!plain) return std::nullopt;
  return bytes(plain->begin(), plain->end());
}

}  // namespace tomoshibi::storage
