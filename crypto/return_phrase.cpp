#include "crypto/return_phrase.hpp"

#include "crypto/kdf.hpp"
#include "crypto/vault.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr std::string_view return_tag = "t1/return", fetch_tag = "t1/fetch";
constexpr std::size_t digits = 24;

std::string make_digits(random_source& random) {
  constexpr unsigned fair = 256 / 10 * 10;  // beyond it some digits would be likelier than others
  std::string out;
  while (out.size() < digits) {
    const unsigned drawn = random.make_block<1>()[0];
    if (drawn < fair) out += static_cast<char>('0' + drawn % 10);
  }
  return out;
}

secret_bytes fetch_payload(const fetch& fields) {
  return secret_writer(32 + 32 + 1)
      .put(fields.challenge)
      .put(fields.locator.view())
      .number(static_cast<byte>(fields.burn ? 1 : 0))
      .finish();
}

}  // namespace

std::string make_return_phrase(phrase_kind kind, random_source& random) {
  return kind == phrase_kind::words ? make_passphrase(random) : make_digits(random);
}

hash32 return_keys::locator_hash() const { return sha256(locator.view()); }

result<return_keys> derive_return_keys(std::string_view phrase, const sign_public_key& root) {
  const block<16> salt = blake2b_16(writer().put(return_tag).put(root).finish());
  const auto master = stretch(as_bytes(phrase), salt, return_phrase_cost);
  if (!master) return std::unexpected(master.error());
  const auto all = hkdf_expand<128>(hkdf_extract({}, {master->view()}), as_bytes(return_tag));
  return return_keys{secret<32>(all.view().subspan<0, 32>()), sign_seed(all.view().subspan<32, 32>()),
                     kem_secret_key(all.view().subspan<64, 32>()), psk(all.view().subspan<96, 32>())};
}

signature sign_fetch(const fetch& fields, const sign_seed& seed) {
  return sign(seed, fetch_tag, fetch_payload(fields));
}

bool verify_fetch(const fetch& fields, const sign_public_key& key, const signature& made) {
  return verify(key, fetch_tag, fetch_payload(fields), made);
}

}  // namespace tomoshibi::crypto
