// The vault of a member of staff, and what its console keeps under it. The vault: the Ed25519 and X25519 seeds and
// nothing else, wrapped so that a server may hold it. Layout: PROTOCOL.md, "Vault". Key = HKDF(Argon2id(passphrase) |
// device_secret32 | prf32 or zeros).
#pragma once

#include <string>

#include "crypto/objects.hpp"
#include "crypto/password.hpp"

namespace tomoshibi::crypto {

inline constexpr password_cost vault_cost{3, 256ull << 20};

inline constexpr std::size_t vault_bytes = 133;

struct seeds {
  sign_seed sign;
  agree_seed agree;
};

// `cost` is written into the vault; both refuse one beyond twice `vault_cost` (out_of_bounds). Tests hand in a small
// one. Sealing also refuses an empty passphrase, and to do without both the device secret and the prf (zeros).
result<bytes> seal_vault(const seeds& kept, std::string_view passphrase, const secret<32>& device_secret,
                         const secret<32>& prf, random_source& random, password_cost cost = vault_cost);
result<seeds> open_vault(bytes_view vault, std::string_view passphrase, const secret<32>& device_secret,
                         const secret<32>& prf);  // malformed, out_of_bounds, cannot_open

// What a console keeps while its tab lives (client-web/core, event `keep`), so that a copy of the browser's storage
// opens nothing without the vault. PROTOCOL.md, "Resume".
secret<32> make_kept_key(const sign_seed& sign, const agree_seed& agree);
bytes seal_kept(const secret<32>& key, bytes_view plain, random_source& random);
result<secret_bytes> open_kept(const secret<32>& key, bytes_view sealed);  // malformed, cannot_open

// Six words of two syllables with or without a closing n (9,800 possible words each): 79.5 bits. Easy to say, to
// type on any keyboard and to read out in Japanese; no word list is needed.
std::string make_passphrase(random_source& random);

}  // namespace tomoshibi::crypto
