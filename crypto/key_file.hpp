// The one file that a member of staff opens at sign-in: certificate, device secret and vault. PROTOCOL.md, "Key
// file".
#pragma once

#include "crypto/vault.hpp"

namespace tomoshibi::crypto {

struct key_file {
  bytes certificate;  // the signed object, certificate_bytes
  secret<32> device_secret;
  bytes vault;  // vault_bytes
};
inline constexpr std::size_t key_file_bytes = 1 + certificate_bytes + 32 + vault_bytes;  // 368

secret_bytes encode_key_file(const key_file& parts);
result<key_file> decode_key_file(bytes_view file);  // malformed

// What the file is for. malformed: it is no key file; out_of_bounds, cannot_open: as open_vault.
result<identity> open_key_file(bytes_view file, std::string_view passphrase, const secret<32>& prf);

}  // namespace tomoshibi::crypto
