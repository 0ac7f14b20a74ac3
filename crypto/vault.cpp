#include "crypto/vault.hpp"

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"

namespace tomoshibi::crypto {

namespace {

constexpr byte version = 1;
constexpr std::string_view vault_tag = "t1/vault";
constexpr byte kept_version = 1;
constexpr std::string_view kept_tag = "t1/kept";
constexpr std::size_t header_bytes = 1 + 4 + 8 + 16 + 24;
static_assert(vault_bytes == header_bytes + 64 + aead_tag_bytes);

struct header {
  password_cost cost;
  block<16> salt;
  aead_nonce nonce;
};

bytes encode(const header& in) {
  return writer(vault_bytes)
      .number(version)
      .number(in.cost.passes)
      .number(in.cost.memory_bytes)
      .put(in.salt)
      .put(in.nonce)
      .finish();
}

// A server that hands out a vault must not be able to make the browser work for ever.
bool affordable(password_cost cost) {
  return cost.passes >= 1 && cost.passes <= 2 * vault_cost.passes && cost.memory_bytes >= 8 << 10 &&
         cost.memory_bytes <= 2 * vault_cost.memory_bytes;
}

result<secret<32>> make_key(const header& in, std::string_view passphrase, const secret<32>& device_secret,
                            const secret<32>& prf) {
  if (!affordable(in.cost)) return std::unexpected(failure::out_of_bounds);
  result<secret<32>> stretched = stretch(as_bytes(passphrase), in.salt, in.cost);
  if (!stretched) return stretched;
  const secret<32> extracted = hkdf_extract(in.salt, {stretched->view(), device_secret.view(), prf.view()});
  return hkdf_expand<32>(extracted, as_bytes(vault_tag));
}

}  // namespace

result<bytes> seal_vault(const seeds& kept, std::string_view passphrase, const secret<32>& device_secret,
                         const secret<32>& prf, random_source& random, password_cost cost) {
  if (passphrase.empty() || (device_secret == secret<32>{} && prf == secret<32>{})) {
    return std::unexpected(failure::out_of_bounds);
  }
  const header head{cost, random.make_block<16>(), random.make_block<24>()};
  const result<secret<32>> key = make_key(head, passphrase, device_secret, prf);
  if (!key) return std::unexpected(key.error());

  bytes out = encode(head);
  const secret_bytes plain = secret_writer(64).put(kept.sign.view()).put(kept.agree.view()).finish();
  const bytes sealed = seal(*key, head.nonce, plain, out);
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

result<seeds> open_vault(bytes_view vault, std::string_view passphrase, const secret<32>& device_secret,
                         const secret<32>& prf) {
  reader in(vault);
  if (vault.size() != vault_bytes || in.number<byte>() != version) return std::unexpected(failure::malformed);
  const header head{{in.number<std::uint32_t>(), in.number<std::uint64_t>()}, in.take<16>(), in.take<24>()};
  const result<secret<32>> key = make_key(head, passphrase, device_secret, prf);
  if (!key) return std::unexpected(key.error());

  const result<secret_bytes> plain = open(*key, head.nonce, in.rest(), vault.first(header_bytes));
  if (!plain) return std::unexpected(plain.error());
  const std::span<const byte, 64> both(*plain);
  return seeds{sign_seed(both.first<32>()), agree_seed(both.last<32>())};
}

secret<32> make_kept_key(const sign_seed& sign, const agree_seed& agree) {
  return hkdf_expand<32>(hkdf_extract({}, {sign.view(), agree.view()}), as_bytes(kept_tag));
}

bytes seal_kept(const secret<32>& key, bytes_view plain, random_source& random) {
  const auto nonce = random.make_block<24>();
  bytes out = writer().number(kept_version).put(nonce).finish();
  const bytes sealed = seal(key, nonce, plain, {&kept_version, 1});
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

result<secret_bytes> open_kept(const secret<32>& key, bytes_view sealed) {
  reader in(sealed);
  const bool known = in.number<byte>() == kept_version;
  const auto nonce = in.take<24>();
  if (!known || !in.ok()) return std::unexpected(failure::malformed);
  return open(key, nonce, in.rest(), {&kept_version, 1});
}

// Japanese syllables, none a bare vowel (read aloud it would pass for a long one) and none spelled in two ways, so
// that a word can be heard and read in one way only. 70 * 70 * 2 = 9,800 words.
std::string make_passphrase(random_source& random) {
  static constexpr std::array<std::string_view, 70> syllables = {
      "ka", "ki", "ku", "ke", "ko", "ga", "gi",  "gu",  "ge",  "go", "sa", "shi", "su",  "se",
      "so", "za", "ji", "zu", "ze", "zo", "ta",  "chi", "tsu", "te", "to", "da",  "de",  "do",
      "na", "ni", "nu", "ne", "no", "ha", "hi",  "fu",  "he",  "ho", "ba", "bi",  "bu",  "be",
      "bo", "pa", "pi", "pu", "pe", "po", "ma",  "mi",  "mu",  "me", "mo", "ya",  "yu",  "yo",
      "ra", "ri", "ru", "re", "ro", "wa", "sha", "shu", "sho", "ja", "ju", "jo",  "cha", "cho"};
  static_assert(!syllables.back().empty());
  constexpr unsigned count = 70 * 70 * 2;
  constexpr unsigned fair = 65536 / count * count;  // beyond it some words would be likelier than others

  std::string out;
  for (int words = 0; words < 6;) {
    const unsigned drawn = reader(random.make_block<2>()).number<std::uint16_t>();
    if (drawn >= fair) continue;
    if (words++ > 0) out += ' ';
    out += syllables[drawn % 70];
    out += syllables[drawn / 70 % 70];
    if (drawn / 4900 % 2 == 1) out += 'n';
  }
  return out;
}

}  // namespace tomoshibi::crypto
