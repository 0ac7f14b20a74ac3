#include "crypto/key_file.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr byte version = 1;

}  // namespace

secret_bytes encode_key_file(const key_file& parts) {
  return secret_writer(key_file_bytes)
      .number(version)
      .put(parts.certificate)
      .put(parts.device_secret.view())
      .put(parts.vault)
      .finish();
}

result<key_file> decode_key_file(bytes_view file) {
  reader in(file);
  if (file.size() != key_file_bytes || in.number<byte>() != version) return std::unexpected(failure::malformed);
  const bytes_view certificate = in.view(certificate_bytes);
  const secret<32> device_secret(in.view(32).first<32>());
  const bytes_view vault = in.view(vault_bytes);
  return key_file{{certificate.begin(), certificate.end()}, device_secret, {vault.begin(), vault.end()}};
}

result<identity> open_key_file(bytes_view file, std::string_view passphrase, const secret<32>& prf) {
  auto parts = decode_key_file(file);
  if (!parts) return std::unexpected(parts.error());
  const auto opened = open_vault(parts->vault, passphrase, parts->device_secret, prf);
  if (!opened) return std::unexpected(opened.error());
  return identity{std::move(parts->certificate), opened->sign, opened->agree};
}

}  // namespace tomoshibi::crypto
