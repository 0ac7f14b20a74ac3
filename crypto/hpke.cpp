#include "crypto/hpke.hpp"

#include <string_view>

#include "crypto/kdf.hpp"
#include "crypto/session.hpp"
#include "crypto/sodium.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr byte mode_base = 0, mode_psk = 1;

static_assert(hpke_tag_bytes == crypto_aead_chacha20poly1305_ietf_ABYTES);
static_assert(secret<32>::size() == crypto_aead_chacha20poly1305_ietf_KEYBYTES);
static_assert(std::tuple_size_v<decltype(hpke_keys::nonce)> == crypto_aead_chacha20poly1305_ietf_NPUBBYTES);

// RFC 9180, section 4: each label is bound to the suite.
struct labels {
  hpke_suite suite;

  bytes prefix(std::string_view label) const {
    return writer()
        .put("HPKE-v1")
        .put("HPKE")
        .number(suite.kem)
        .number(suite.kdf)
        .number(suite.aead)
        .put(label)
        .finish();
  }
  secret<32> extract(bytes_view salt, std::string_view label, bytes_view input) const {
    return hkdf_extract(salt, {prefix(label), input});
  }
  template <std::size_t N>
  secret<N> expand(const secret<32>& key, std::string_view label, bytes_view info) const {
    const bytes labelled = writer().number(static_cast<std::uint16_t>(N)).put(prefix(label)).put(info).finish();
    return hkdf_expand<N>(key, labelled);
  }
};

hpke_keys make_keys(const secret<32>& shared, bytes_view info, const secret<32>* with) {
  if (!with) return make_hpke_keys(hpke_xwing, shared, info, {}, {});
  return make_hpke_keys(hpke_xwing, shared, info, with->view(), make_psk_id(*with));
}

}  // namespace

hpke_keys make_hpke_keys(hpke_suite suite, const secret<32>& shared, bytes_view info, bytes_view with,
                         bytes_view with_id) {
  const labels of{suite};
  const bytes context = writer()
                            .number(with.empty() ? mode_base : mode_psk)
                            .put(of.extract({}, "psk_id_hash", with_id).view())
                            .put(of.extract({}, "info_hash", info).view())
                            .finish();
  const secret<32> root = of.extract(shared.view(), "secret", with);
  hpke_keys out{of.expand<32>(root, "key", context)};
  const secret<12> nonce = of.expand<12>(root, "base_nonce", context);
  std::copy(nonce.view().begin(), nonce.view().end(), out.nonce.begin());
  return out;
}

bytes hpke_encrypt(const hpke_keys& keys, bytes_view plain, bytes_view associated) {
  bytes out(plain.size() + hpke_tag_bytes);
  require(crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plain.data(), plain.size(),
                                                    associated.data(), associated.size(), nullptr, keys.nonce.data(),
                                                    keys.key.view().data()) == 0);
  return out;
}

result<secret_bytes> hpke_decrypt(const hpke_keys& keys, bytes_view sealed, bytes_view associated) {
  if (sealed.size() < hpke_tag_bytes) return std::unexpected(failure::cannot_open);
  secret_bytes out(sealed.size() - hpke_tag_bytes);
  if (crypto_aead_chacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                                                associated.data(), associated.size(), keys.nonce.data(),
                                                keys.key.view().data()) != 0) {
    return std::unexpected(failure::cannot_open);
  }
  return out;
}

result<hpke_box> hpke_seal(const kem_public_key& to, bytes_view info, bytes_view plain, random_source& random,
                           const secret<32>* with) {
  const auto shared = encapsulate(to, random);
  if (!shared) return std::unexpected(shared.error());
  return hpke_box{shared->ciphertext, hpke_encrypt(make_keys(shared->shared, info, with), plain, {})};
}

result<secret_bytes> hpke_open(const kem_ciphertext& enc, bytes_view sealed, bytes_view info,
                               const kem_secret_key& key, const secret<32>* with) {
  const auto shared = decapsulate(enc, key);
  if (!shared) return std::unexpected(failure::cannot_open);
  return hpke_decrypt(make_keys(*shared, info, with), sealed, {});
}

}  // namespace tomoshibi::crypto
