// A centre's folder on disk: what lies where. `init` makes it, `staff` changes who belongs to it, `serve` and `drill`
// read it.
//
//   centre.toml centre.file issuer.file roster fingerprint   public: what a client is given or believes
//   issuer.before                         the issuer before this one, while it is being replaced
//   rosters/EPOCH                         every roster that was published
//   staff/ID/certificates                 a member's certificates, one after the other, oldest first
//   staff/ID/disabled                     is there once the member is disabled
//   staff/ID/reads_letters                is there while letters are sealed to the member
//   staff/ID/ID.key staff/ID/passphrase   in a demo: what its invented people sign in with
//   drill/members                         drill members: certificate and seeds, one after the other
//   tls/ data/                            the server's own: TLS key, storage key, database, control socket
//   data/centre.keys                      the conversations' keys, beside the database (storage's)
//
// Root and issuer lie in a key_folder of their own: no running server needs them.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <utility>
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
  std::filesystem::path issuer_before() const { return base / "issuer.before"; }
  std::filesystem::path roster(std::uint64_t epoch) const { return base / "rosters" / std::to_string(epoch); }
  std::filesystem::path tls_certificate() const { return base / "tls" / "certificate.pem"; }
  std::filesystem::path tls_key() const { return base / "tls" / "key.pem"; }
  std::filesystem::path storage_key() const { return base / "data" / "storage.key"; }
  std::filesystem::path database() const { return base / "data" / "centre.db"; }
  std::filesystem::path served() const { return base / "data" / "served"; }    // the signed files last served
  std::filesystem::path control() const { return base / "data" / "control"; }  // a socket, while the server runs
  std::filesystem::path running() const { return base / "data" / "running"; }  // locked by the server
  std::filesystem::path lock() const { return base / "lock"; }                 // by who changes the folder
  std::filesystem::path staff() const { return base / "staff"; }
  std::filesystem::path staff(const std::string& id) const { return staff() / id; }
  std::filesystem::path certificates(const std::string& id) const { return staff(id) / "certificates"; }
  std::filesystem::path disabled(const std::string& id) const { return staff(id) / "disabled"; }
  std::filesystem::path reads_letters(const std::string& id) const { return staff(id) / "reads_letters"; }
  std::filesystem::path staff_key(const std::string& id) const { return staff(id) / (id + ".key"); }
  std::filesystem::path passphrase(const std::string& id) const { return staff(id) / "passphrase"; }
  std::filesystem::path drill() const { return base / "drill" / "members"; }
};

// `init` needs both, `staff` the issuer alone. A real centre keeps them on disks that lie in a safe.
struct key_folder {
  std::filesystem::path base;

  std::filesystem::path root_seed() const { return base / "root" / "seed"; }
  std::filesystem::path issuer_seed() const { return base / "issuer" / "seed"; }
};

// Files are read whole; the errors are sentences that name the file.
template <class T>
using file_result = std::expected<T, std::string>;

file_result<bytes> read_file(const std::filesystem::path& file);
// Whole or not at all, and on the disk when it returns. Folders above are made, for the owner alone.
enum class readers { owner, everyone };
file_result<void> write_file(const std::filesystem::path& file, bytes_view content, readers who);
// An empty file that says so by being there.
file_result<void> mark(const std::filesystem::path& file, bool there);

// Held by one process at a time, until it ends. Nobody is waited for: `when_held` is what the second one is told.
class file_lock {
 public:
  static file_result<file_lock> hold(const std::filesystem::path& file, std::string_view when_held);
  static bool is_held(const std::filesystem::path& file);  // by another process, or by this one
  file_lock(file_lock&& from) noexcept : opened_(std::exchange(from.opened_, -1)) {}
  file_lock& operator=(file_lock&&) = delete;
  ~file_lock();

 private:
  explicit file_lock(int opened) : opened_(opened) {}

  int opened_;
};
// Whoever changes the folder: two at once could publish two rosters of one epoch. Also refused: another user than the
// folder's, whose files the server could not read.
file_result<file_lock> hold_folder(const folder& of);

file_result<crypto::secret<32>> read_secret(const std::filesystem::path& file);  // exactly 32 bytes
file_result<crypto::hash32> read_fingerprint(const folder& of);

// The beginning of a roster, read without its signature: `centre16 | issuer_hash32 | epoch8 | previous32 | issued8`
// (PROTOCOL.md, "Objects"). An issuer whose key is gone may have signed it.
struct roster_outline {
  std::uint64_t epoch = 0;
  crypto::hash32 previous{};
  crypto::seconds issued = 0;

  static roster_outline of(bytes_view roster);
};

// What the folder's public files prove at `clock` (the machine's, unshifted).
struct believed {
  crypto::trust trust;
  bytes centre_object, issuer_object, roster_object;
};
file_result<believed> read_trust(const folder& of, crypto::seconds clock);

// As read_trust, and no step back from what this folder's server has shown before (folder::served): a backup that was
// put back, or two rosters of one epoch, would be refused by every client that has seen the newer one. What is
// good is noted as shown.
file_result<believed> read_trust_to_serve(const folder& of, crypto::seconds clock);
file_result<bytes> read_served_roster(const folder& of);  // of folder::served; empty: nothing was served yet

file_result<crypto::key_file> read_key_file(const std::filesystem::path& file);

// A member's signed certificates, oldest first. Nothing is verified.
file_result<std::vector<bytes>> read_certificates(const folder& of, const std::string& id);

// A member of staff, unlocked with the passphrase that init wrote beside the key file (demo centres only),
// with the newest certificate.
file_result<crypto::identity> unlock_demo_staff(const folder& of, const std::string& id);
file_result<std::vector<crypto::identity>> read_drill_members(const folder& of);

crypto::seconds machine_clock();

}  // namespace tomoshibi
