// The signed objects of T1: who is who, and which keys are theirs. Layouts: PROTOCOL.md, "Objects".
//
// Each object is `encode(fields) | signature64`. `open_*` verifies the signature and the layout and gives the
// fields; whether an object is meant for *this* moment and purpose is asked in trust.hpp and session.hpp.
// Refusals of `open_*`: malformed (the layout, or a rule of a field), wrong_signature, out_of_bounds (a life longer
// than its maximum). `sign_*` does not judge its fields: whoever signs opens what was made before handing it out.
// Times are Unix seconds. The hash of an object is SHA-256 over object and signature.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/failure.hpp"
#include "crypto/hash.hpp"
#include "crypto/kem.hpp"
#include "crypto/sign.hpp"

namespace tomoshibi::crypto {

using seconds = std::uint64_t;    // Unix seconds
using local_day = std::uint32_t;  // days since 1970-01-01 in the centre's time zone
using centre_id = block<16>;
using desk_id = block<16>;
using conversation_id = block<16>;
using survivor_nonce = block<32>;

enum class role : byte { counselor = 1, supervisor = 2, desk = 3, partner = 4, administrator = 5, drill = 6 };

// SHA-256("t1/desk" | centre16 | name)[:16]; `name` is the desk's id in the configuration, ASCII.
desk_id make_desk_id(const centre_id& centre, std::string_view name);
inline constexpr std::string_view drill_desk_name = "drill";

// --- t1/centre, by the root: what a client believes about a centre before it believes any server ---
struct centre_file {
  struct desk_entry {
    std::string name;  // id in the configuration, ASCII, at most 32 bytes
    bool reachable;    // a page may enter it directly
    bool operator==(const desk_entry&) const = default;
  };
  static constexpr std::uint64_t flag_demo = 1;

  centre_id centre{};
  sign_public_key root{};
  std::uint64_t flags = 0;
  seconds issued = 0;
  std::uint64_t issuer_epoch_least = 0;
  std::uint64_t roster_epoch_least = 0;
  std::uint32_t clock_shift_hours = 0;  // 0 unless flag_demo
  std::vector<desk_entry> desks;        // at most 64; the drill desk is not among them
  std::string page;                     // UTF-8 JSON for the pages: hours, numbers, exit page, texts; at most 64 KiB

  bool demo() const { return (flags & flag_demo) != 0; }
};
bytes sign_centre_file(const centre_file& file, const sign_seed& root);
// The file names its own root; the caller knows that root's fingerprint, SHA-256(root), from the page.
result<centre_file> open_centre_file(bytes_view object, const hash32& root_fingerprint);

// --- t1/issuer, by the root ---
struct issuer {
  std::uint64_t epoch = 0;
  seconds not_before = 0, not_after = 0;
  sign_public_key key{};
};
inline constexpr std::size_t issuer_bytes = 8 + 8 + 8 + 32 + 64;
bytes sign_issuer(const issuer& fields, const sign_seed& root);
result<issuer> open_issuer(bytes_view object, const sign_public_key& root);

// --- t1/cert, by the issuer ---
struct certificate {
  role holder{};
  desk_id desk{};
  std::uint64_t serial = 0;
  seconds not_before = 0, not_after = 0;  // at most 90 days, never beyond the issuer's
  sign_public_key sign_key{};
  agree_public_key agree_key{};
  std::string alias;  // a pseudonym, UTF-8, 1 to 32 bytes, no zero byte
};
inline constexpr std::size_t certificate_bytes = 138 + 64;
inline constexpr seconds certificate_life_max = 90 * 86400;
bytes sign_certificate(const certificate& fields, const sign_seed& issuer);
result<certificate> open_certificate(bytes_view object, const sign_public_key& issuer);

// --- t1/roster, by the issuer ---
struct roster {
  static constexpr std::uint64_t flag_disabled = 1;
  static constexpr std::uint64_t flag_reads_letters = 2;
  struct entry {
    hash32 certificate{};
    std::uint64_t flags = 0;
    bool operator==(const entry&) const = default;
  };
  centre_id centre{};
  hash32 issuer_hash{};
  std::uint64_t epoch = 0;
  hash32 previous{};                // zeros for the first
  seconds issued = 0, expires = 0;  // at most 35 days
  std::vector<entry> entries;       // sorted by hash, no two alike, at most 4096

  const entry* find(const hash32& certificate_hash) const;
};
inline constexpr seconds roster_life_max = 35 * 86400;
bytes sign_roster(const roster& fields, const sign_seed& issuer);
result<roster> open_roster(bytes_view object, const sign_public_key& issuer);

// --- t1/day, by a certificate: one for each unlock of a console ---
struct day_key {
  hash32 certificate_hash{};
  seconds not_before = 0, not_after = 0;  // at most 24 h
  kem_public_key key{};
};
inline constexpr seconds day_key_life_max = 86400;
inline constexpr std::size_t day_key_bytes = 32 + 8 + 8 + 1216 + 64;  // 1328
bytes sign_day_key(const day_key& fields, const sign_seed& holder);
result<day_key> open_day_key(bytes_view object, const sign_public_key& holder);

// --- t1/otk, by a certificate: for one survivor's nonce alone ---
struct one_time_key {
  hash32 certificate_hash{};
  conversation_id conversation{};
  survivor_nonce nonce{};
  hash32 roster_hash{};
  hash32 day_hash{};
  kem_public_key key{};
};
inline constexpr std::size_t one_time_key_bytes = 32 + 16 + 32 + 32 + 32 + 1216 + 64;  // 1424
bytes sign_one_time_key(const one_time_key& fields, const sign_seed& holder);
result<one_time_key> open_one_time_key(bytes_view object, const sign_public_key& holder);

// --- t1/inbox, by a certificate: letters of one local day are sealed to it ---
struct inbox_key {
  hash32 certificate_hash{};
  local_day day = 0;
  kem_public_key key{};
};
inline constexpr std::size_t inbox_key_bytes = 32 + 4 + 1216 + 64;  // 1316
bytes sign_inbox_key(const inbox_key& fields, const sign_seed& holder);
result<inbox_key> open_inbox_key(bytes_view object, const sign_public_key& holder);

// --- t1/login, by a certificate: single use, 60 s ---
struct login {
  std::string origin;  // as the browser sends it: "https://host[:port]"; two-byte length in the signed payload
  block<32> nonce{};   // the server's
  hash32 certificate_hash{};
  seconds time = 0;
};
inline constexpr seconds login_life = 60;
signature sign_login(const login& fields, const sign_seed& holder);
bool verify_login(const login& fields, const sign_public_key& holder, const signature& made);

// --- t1/ticket, by a drill certificate: lets a drill survivor into the drill desk, and nowhere else; 60 s ---
struct ticket {
  bytes certificate;  // the signed object, 202 bytes
  seconds time = 0;
  signature made{};
};
inline constexpr std::size_t ticket_bytes = certificate_bytes + 8 + 64;
bytes sign_ticket(bytes_view signed_certificate, const conversation_id& conversation, const survivor_nonce& nonce,
                  seconds time, const sign_seed& holder);
// Layout only, then the signature under the key of a certificate that the caller has found good.
result<ticket> open_ticket(bytes_view object);
bool verify_ticket(const ticket& shown, const conversation_id& conversation, const survivor_nonce& nonce,
                   const sign_public_key& holder);

// A member of staff as the client core holds it.
struct identity {
  bytes certificate;  // the signed object
  sign_seed sign;
  agree_seed agree;
};

}  // namespace tomoshibi::crypto
