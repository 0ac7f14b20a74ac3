// T1 between two people: first contact, ratchet, frames of constant size. PROTOCOL.md, "First contact", "Ratchet".
// No clock, no I/O: now and randomness are arguments. Nothing here knows what a text means.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "crypto/trust.hpp"

namespace tomoshibi::crypto {

inline constexpr std::size_t frame_bytes = 4096;
using frame = block<frame_bytes>;  // OFFER, HELLO and every ratchet frame

// psk of a new handshake: RS of an earlier session (resume), or an invitation (hand-over).
using psk = secret<32>;
using psk_id = block<16>;
psk_id make_psk_id(const psk& key);            // SHA-256(psk)[:16]
secret<32> make_resume_token(const psk& key);  // HKDF(RS, "t1/tok"): what the server is shown to find the place

enum class side : byte { survivor, counselor };

enum class body_type : byte {
  cover = 0x00,
  text = 0x01,
  close = 0x02,
  delivered = 0x03,
  history_wanted = 0x04,
  history = 0x05,
  sequenced = 0x06,        // survivor only: while there is company (invitation.hpp, "company")
  company = 0x07,          // survivor only
  handover_offer = 0x10,   // counselor only (invitation.hpp, as the next four)
  handover_accept = 0x11,  // survivor only
  sheet = 0x12,            // counselor only
  invitation = 0x13,       // counselor only
  withdrawal = 0x14,       // counselor only
  urgent = 0x20,           // survivor only, as the next two
  left_by_exit = 0x21,
  safe_word = 0x22,
};
bool may_send(side from, body_type type);
inline constexpr std::size_t body_data_bytes_max = 1688;
inline constexpr std::size_t fragments_max = 32;

inline constexpr seconds session_life = 24 * 3600;  // sending ends
inline constexpr seconds session_grace = 600;       // what was under way then is still opened for so long
inline constexpr unsigned session_failures_max = 16;

class session {
 public:
  struct opened {
    body_type type{};
    bool more = false;  // another fragment follows
    secret_bytes data;
    // Of the peer's frames, from 0, in the order they were sealed. The server may lose and reorder frames: fragments
    // belong together only if they are of one type and their numbers follow each other without a gap.
    std::uint64_t number = 0;
    bool duplicate = false;  // seen before: show nothing (type, more and data are not set)
    bool stepped = false;    // the peer's turn began with this frame: `resume_secret` may have changed
  };

  session(session&&) noexcept = default;
  session& operator=(session&&) noexcept = default;

  // may_not_send: the session is older than session_life, or broken, or the type is not this side's to send.
  // out_of_bounds: data longer than body_data_bytes_max, or a fragment beyond fragments_max (`more` is for a further
  // one). malformed: the peer's key is none. State changes only if a frame is returned.
  // A survivor may seal at once after answering an OFFER; a counselor once the survivor's first frame opened.
  result<frame> seal(body_type type, bytes_view data, bool more, seconds now, random_source& random);
  // True if the next `seal` begins a new turn of ours (and so a new resume_secret on the counselor's side).
  bool seal_steps() const;

  // cannot_open: not for this session, altered, wrong direction of a type, or another pk/ct under a known header key.
  // out_of_bounds: too many frames before this one are missing, or the session is over (life and grace).
  // State changes only if the whole frame opens. After 16 failures the session is `broken` and opens nothing: take
  // the resume secret and drop it.
  result<opened> open(const frame& in, seconds now);

  // Wipes keys whose time is over, also when nothing comes. True: the session itself is over (life and grace).
  bool tick(seconds now);

  const hash32& id() const;  // th: both sides have the same
  // RS of the counselor's latest step (the survivor's: the latest one whose frame opened); none before it.
  const psk* resume_secret() const;
  // The RS of the step before that: still taken.
  const psk* resume_secret_before() const;
  bool broken() const;                          // 16 failures
  bool heard() const;                           // at least one frame of the peer opened
  const hash32& peer_certificate_hash() const;  // the counselor's, on both sides

 private:
  friend struct handshake;
  struct state;
  struct state_deleter {
    void operator()(state*) const noexcept;
  };
  explicit session(std::unique_ptr<state, state_deleter> from);
  std::unique_ptr<state, state_deleter> state_;
};

// --- the counselor's half of first contact ---

// A day key with its private half, new at each unlock of the console.
struct day_secret {
  bytes signed_key;
  kem_secret_key key;
};
day_secret make_day_key(const identity& who, seconds now,
                        random_source& random);  // valid from now - 12 h to now + 12 h

// One OFFER, for one survivor's nonce; its one-time key is used once and wiped, so it moves and is never copied.
class pending_offer {
 public:
  pending_offer(pending_offer&&) noexcept = default;
  pending_offer& operator=(pending_offer&&) noexcept = default;

  static pending_offer make(const identity& who, const day_secret& day, const hash32& roster_hash,
                            const conversation_id& conversation, const survivor_nonce& nonce, random_source& random);
  const frame& offer() const { return offer_; }

  // `find_psk`: the psk that has this id, if this counselor knows it (never asked for psk_id zero; if it does not:
  // wrong_binding). Refusals: malformed, wrong_binding, cannot_open (answered before). Consumes the one-time key only
  // when it succeeds.
  struct accepted;
  result<accepted> answer(const frame& hello, const std::function<std::optional<psk>(const psk_id&)>& find_psk,
                          seconds now);

 private:
  pending_offer() = default;

  frame offer_{};
  hash32 certificate_hash_{}, roster_hash_{}, day_hash_{}, otk_hash_{};
  conversation_id conversation_{};
  survivor_nonce nonce_{};
  kem_secret_key day_;
  std::optional<kem_secret_key> one_time_;  // none once it is used
};

struct pending_offer::accepted {
  session talk;
  psk_id with{};  // zeros: a new person; else the psk that the survivor has proven to know once a frame opens
};

// --- the survivor's half ---

struct greeting {
  session talk;
  frame hello{};
  certificate counselor;   // verified: role, desk, roster, validity
  bytes counselor_object;  // its signed form
  hash32 counselor_hash{};
};

// Whom alone an OFFER is taken from, whatever role and desk.
struct expected_counselor {
  hash32 certificate{};
  bool met = false;  // the conversation is with it already, and goes on until session_life after its end
};

// Verifies an OFFER against what this client believes and asked for, and answers it. Refusals: malformed, whatever
// trust.check refuses, wrong_role, wrong_desk, wrong_signature, wrong_binding, other_roster (all else is right),
// not_yet_valid, expired.
// `expected`: whom the conversation is with, or whom the survivor has agreed to; none: role and desk count. `now`:
// the centre's clock. `roster_before`: the roster that this client believed until lately; an OFFER made under it is
// taken, too, if the certificate is good under the one believed now.
result<greeting> answer_offer(const frame& offer, const trust& believed, role asked_role, const desk_id& asked_desk,
                              const expected_counselor* expected, const conversation_id& conversation,
                              const survivor_nonce& nonce, const psk* resume, seconds now, random_source& random,
                              const hash32* roster_before = nullptr);

}  // namespace tomoshibi::crypto
