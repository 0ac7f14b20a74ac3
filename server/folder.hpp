// A centre's folder on disk: what lies where. `init` makes it, `serve` and `drill` read it.
//
//   centre.toml centre.file issuer.file roster fingerprint   public: what a client is given or believes
//   root/ issuer/                                            private keys, never needed by a running server
//   tls/ data/                                               the server's own: TLS key, storage key, database
//   data/centre.keys                                         the conversations' keys, beside the database (storage's)
//   staff/ID/                                                members of staff: ID.key, which they sign in with, and
//                                                            `public`, their two public keys; in a demo `passphrase`
//   drill/members                                            drill members: certificate and seeds, one after the
//   other
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "crypto/key_file.hpp"
#include "crypto/trust.hpp"

namespace tomoshibi {

struct folder {
  std::filesystem::path base;

  std::filesystem::path config() const { return base / "centre.toml"; }
  std::filesystem::path centre_file() const { return base / "centre.file"; }
  std::filesystem::path issuer_file() const { return base / "issuer.file"; }
  std::filesystem::path roster() const { return base / "roster"; }
  std::filesystem::path fingerprint() const { return base / "fingerprint"; }  // 64 hex digits and a newline
  std::filesystem::path root_seed() const { return base / "root" / "seed"; }
  std::filesystem::path issuer_seed() const { return base / "issuer" / "seed"; }
  std::filesystem::path tls_certificate() const { return base / "tls" / "certificate.pem"; }
  std::filesystem::path tls_key() const { return base / "tls" / "key.pem"; }
  std::filesystem::path storage_key() const { return base / "data" / "storage.key"; }
  std::filesystem::path database() const { return base / "data" / "centre.db"; }
  std::filesystem::path staff(const std::string& id) const { return base / "staff" / id; }
  std::filesystem::path staff_key(const std::string& id) const { return staff(id) / (id + ".key"); }
  std::filesystem::path drill() const { return base / "drill" / "members"; }
};

// Files are read whole; the errors are sentences that name the file.
template <class T>
using file_result = std::expected<T, std::string>;

file_result<bytes> read_file(const std::filesystem::path& file);
// Whole or not at all, and on the disk when it returns. Folders above are made, for the owner alone.
enum class readers { owner, everyone };
file_result<void> write_file(const std::filesystem::path& file, bytes_view content, readers who);

file_result<crypto::secret<32>> read_secret(const std::filesystem::path& file);  // exactly 32 bytes
file_result<crypto::hash32> read_fingerprint(const folder& of);

// What the folder's public files prove at `clock` (the machine's, unshifted).
struct believed {
  crypto::trust trust;
  bytes centre_object, issuer_object, roster_object;
};
file_result<believed> read_trust(const folder& of, crypto::seconds clock);

file_result<crypto::key_file> read_key_file(const std::filesystem::path& file);

// A member of staff, unlocked with the passphrase that init wrote beside the key file (demo centres only).
file_result<crypto::identity> unlock_demo_staff(const folder& of, const std::string& id);
file_result<std::vector<crypto::identity>> read_drill_members(const folder& of);

crypto::seconds machine_clock();

}  // namespace tomoshibi
