// The Double Ratchet with header encryption of T1, with an X-Wing step at each change of turn. PROTOCOL.md, "Ratchet
// and frames". For session.cpp and the tests of this room; what a body means is decided in session.cpp.
//
// The two sides take turns: a turn is everything one side seals between two frames of the other side that begin a
// turn. It starts with an encapsulation to the key of the peer's latest turn and carries a fresh key for the peer's
// next one. The survivor's first turn encapsulates to the one-time key.
#pragma once

#include <optional>
#include <vector>

#include "crypto/session.hpp"

namespace tomoshibi::crypto {

inline constexpr std::size_t body_bytes = 1 + 2 + body_data_bytes_max;  // type1 | len2 | data | zeros

inline constexpr std::uint32_t skipped_in_chain_max = 64;
inline constexpr std::size_t skipped_in_all_max = 256;
inline constexpr std::size_t old_turns_max = 4;
inline constexpr seconds skipped_life = 600;  // of a skipped key, and of the header key of a turn that is over

// What first contact hands over: Expand(SK, "t1/root", 96).
struct root_keys {
  secret<32> root;
  secret<32> survivor_header;   // of the survivor's first turn
  secret<32> counselor_header;  // of the counselor's first turn
};

// Copies are for `open`, which leaves a half-changed ratchet behind when it fails: open on a copy, and keep the copy
// only when everything about the frame was good.
class ratchet {
 public:
  static ratchet of_survivor(root_keys keys, const kem_public_key& one_time, const conversation_id& conversation,
                             const hash32& th);
  static ratchet of_counselor(root_keys keys, kem_secret_key one_time, const conversation_id& conversation,
                              const hash32& th);

  // `body`: body_bytes. may_not_send: nothing of the peer opened yet (counselor). malformed: the peer's key is none.
  // Changes nothing when it fails.
  result<frame> seal(bytes_view body, random_source& random);
  bool can_seal() const { return sending_.has_value() || peer_key_.has_value(); }
  bool seal_steps() const { return peer_key_.has_value(); }

  struct opened {
    secret_bytes body;         // body_bytes; empty for a duplicate
    std::uint64_t number = 0;  // of the peer's frames, from 0, in the order they were sealed
    bool duplicate = false;
    bool stepped = false;
  };
  // cannot_open, or out_of_bounds: more skipped keys than the bounds allow.
  result<opened> open(const frame& in, seconds now);

  // Wipes what is older than `skipped_life`.
  void purge(seconds now);

  const std::optional<psk>& resume_secret() const { return resume_; }
  const std::optional<psk>& resume_secret_before() const { return resume_before_; }

 private:
  struct header {
    std::uint32_t n = 0;   // place in this turn, from 0
    std::uint32_t pn = 0;  // frames in the sender's turn before this one; 0 in the first
    kem_public_key key{};
    kem_ciphertext ciphertext{};
  };
  struct sending_turn {
    secret<32> chain, header_key;
    std::uint32_t n = 0, pn = 0;
    kem_public_key key{};
    kem_ciphertext ciphertext{};
  };
  struct skipped_key {
    std::uint32_t n = 0;
    secret<32> message_key;
    seconds since = 0;
  };
  struct receiving_turn {
    secret<32> header_key;
    hash32 fixed{};           // SHA-256(pn | key | ciphertext): the same in every header of a turn
    std::uint64_t first = 0;  // number of its first frame
    std::uint32_t next = 0;   // the least n not yet opened or skipped; its length, once it is over
    seconds over_since = 0;   // the current turn: not used
    std::vector<skipped_key> skipped;
  };
  struct step_keys {
    secret<32> chain, next_header_key;
  };

  ratchet(side me, root_keys keys, const conversation_id& conversation, const hash32& th);

  step_keys step(side whose, const secret<32>& shared);
  std::optional<failure> begin_sending(random_source& random);
  std::optional<failure> begin_receiving(const header& seen, const hash32& fixed, seconds now);
  std::optional<failure> skip_to(std::uint32_t n, seconds now);
  result<opened> open_body(const frame& in, const secret<32>& message_key, std::uint64_t number) const;
  std::optional<header> open_header(const frame& in, const secret<32>& key) const;

  side me_;
  block<16 + 32 + 1> associated_;  // conversation16 | th32 | ver1
  secret<32> root_;
  secret<32> next_sending_header_, next_receiving_header_;  // of the turns to come
  std::optional<sending_turn> sending_;
  std::vector<receiving_turn> received_;  // oldest first, the current one last
  secret<32> receiving_chain_;            // of the current turn
  // One of the two is there: whose turn comes next?
  std::optional<kem_secret_key> my_key_;    // the peer's: it will encapsulate to this
  std::optional<kem_public_key> peer_key_;  // ours: our next frame encapsulates to this
  std::optional<psk> resume_, resume_before_;
};

}  // namespace tomoshibi::crypto
