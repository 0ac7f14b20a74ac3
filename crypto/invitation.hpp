// Invitations: a counselor (A) brings a colleague (B) to a survivor who has agreed to exactly that. B takes over or
// joins; B is given the sheet that the survivor saw and accepted, and a secret that only this survivor has. The
// server can add nobody: whoever enters B's console as invited has to know that secret. PROTOCOL.md, "Invitations".
//
//   A -> B          (server)       whom, which kind, out of which session
//   B -> A          CONSENT        keys for this one invitation
//   A -> survivor   types 10|13, 12  who, and the sheet
//   survivor -> A   type 11        `accept`, or no
//   A -> survivor   type 14        not asked any more
//   A -> B          INTRODUCTION   the sheet and the secret, sealed to the keys of CONSENT
//   survivor -> B   first contact  with make_invitation_psk as the psk, and only with B's certificate
//
// No clock, no I/O. Nothing here knows what a sheet says.
#pragma once

#include <array>

#include "crypto/session.hpp"

namespace tomoshibi::crypto {

enum class invitation_kind : byte { take_over = 1, join = 2 };

// A sheet is the joined data of type 12: `lang1 | UTF-8`.
inline constexpr std::size_t sheet_bytes_max = 8192;
// For B, from the introduction on: so long the survivor is waited for.
inline constexpr seconds invitation_life = 600;

// Nobody invites an administrator; drills and consultations do not mix.
bool may_be_invited(role by, role who);

// What the survivor's client, and A's, ask of B's certificate before anybody is asked anything: good (trust::check),
// of a role that A's may invite (wrong_role), and not A's own (wrong_binding).
result<certificate> check_invited(bytes_view signed_certificate, const trust& believed, role by,
                                  const hash32& by_hash, seconds now);

// --- what A and the survivor agree on ---

struct invitation {
  invitation_kind kind{};
  hash32 from{};  // A's certificate hash
  hash32 th{};    // of A's session with the survivor
  bytes to;       // B's signed certificate
  secret<32> invite, salt;
  secret_bytes sheet;
};
// Draws `invite` and `salt`. out_of_bounds: an empty sheet (it has at least its language), or one beyond
// sheet_bytes_max. malformed: `to` has not the length of a certificate.
result<invitation> make_invitation(invitation_kind kind, const hash32& from, const hash32& th, bytes_view to,
                                   bytes_view sheet, random_source& random);

// Data of type 10 (take over) or 13 (join), `invite32 | salt32 | certificate_B202`; the sheet follows as type 12.
inline constexpr std::size_t invitation_bytes = 32 + 32 + certificate_bytes;
secret_bytes encode_invitation(const invitation& from);
// At the survivor: `type` is handover_offer or invitation, `from` the certificate hash and `th` the session it came
// in. Sheet and all checks of the certificate are the caller's. malformed: another type or length.
result<invitation> decode_invitation(body_type type, bytes_view data, const hash32& from, const hash32& th);

// Which invitation is meant: SHA-256("t1/ask" | data of type 10 or 13). Whatever is said about one names it, so that
// nothing late is taken for what is said about the next. Type 14 is this alone.
hash32 make_question(bytes_view data);

// What the survivor's yes says, and A compares with its own (crypto::equal):
// SHA-256("t1/sheet" | cert_hash_A | cert_hash_B | th_A | kind1 | salt | sheet).
hash32 make_accept(const invitation& agreed);
// The psk of the survivor's handshake with B: SHA-256("t1/inv" | invite | accept).
psk make_invitation_psk(const secret<32>& invite, const hash32& accept);

// Data of type 11: `question32 | accept32`, yes; `question32`, no, or no more.
struct answer {
  hash32 question{};
  std::optional<hash32> accept{};
};
bytes encode_answer(const answer& from);
result<answer> decode_answer(bytes_view data);  // malformed

// --- CONSENT, from B to A ---

// A checks it as a survivor checks an OFFER. Refusals: malformed, whatever check_invited refuses, wrong_binding (not
// the certificate asked for, or keys made for another colleague, session or certificate), wrong_signature,
// out_of_bounds, not_yet_valid, expired (the day key).
struct consented {
  certificate holder;
  hash32 certificate_hash{};
  kem_public_key day{}, hand_over{};
};
result<consented> open_consent(const frame& consent, const trust& believed, role own_role, const hash32& own_hash,
                               const hash32& asked, const hash32& th, seconds now);

// --- INTRODUCTION, from A to B: 10,548 bytes in three pieces, zeros behind ---

inline constexpr std::size_t introduction_bytes = 1 + 1 + 32 + 1120 + 1120 + 8258 + 16;
using introduction = std::array<frame, 3>;

// After the survivor's `accept`. wrong_binding: `by` is not whom `agreed` is about. malformed: a key of B is none.
result<introduction> introduce(const invitation& agreed, const consented& by, const agree_seed& own,
                               random_source& random);

// What B knows once it has opened one: what the survivor saw, word for word, and what the survivor will prove.
struct introduced {
  invitation_kind kind{};
  hash32 from{}, th{};  // A's certificate hash, and its session
  secret_bytes sheet;
  hash32 accept{};
  psk with;
};

// B's consent to one invitation. Its key is used once and wiped, so it moves and is never copied.
class pending_consent {
 public:
  pending_consent(pending_consent&&) noexcept = default;
  pending_consent& operator=(pending_consent&&) noexcept = default;

  // `by`: A's certificate, which the caller has found good (trust::check), and its hash; `th`: A's session, both as
  // the server told them. If it told B anything else than A said, no introduction opens.
  static pending_consent make(const identity& who, const day_secret& day, invitation_kind kind, const certificate& by,
                              const hash32& by_hash, const hash32& th, random_source& random);
  const frame& consent() const { return consent_; }

  // malformed: the layout, outside or inside. wrong_binding: another kind than consented to, or not what the survivor
  // accepted: another sheet, salt or colleague. cannot_open: all else, and when one was opened before.
  // Consumes the keys only when it succeeds.
  result<introduced> open(const introduction& in);

 private:
  pending_consent() = default;

  frame consent_{};
  invitation_kind kind_{};
  hash32 own_hash_{}, by_hash_{}, th_{};
  agree_seed own_;
  agree_public_key by_key_{};
  kem_secret_key day_;
  std::optional<kem_secret_key> hand_over_;  // none once it is used
};

// B's, from the introduction on: somebody is to come who can prove `with`, once, and within invitation_life. For
// pending_offer::answer's find_psk.
class awaited {
 public:
  awaited(const psk& with, seconds now) : with_(with), id_(make_psk_id(with)), since_(now) {}

  const psk_id& id() const { return id_; }
  // None: another id, spent, or too late.
  std::optional<psk> find(const psk_id& wanted, seconds now) const;
  // A frame of the session that was begun with it opened: whoever comes with it from now on is somebody else. A HELLO
  // alone does not spend it, for the server could invent one.
  void spend() { with_.reset(); }
  bool over(seconds now) const;  // spent, or too late: to be dropped

 private:
  std::optional<psk> with_;
  psk_id id_{};
  seconds since_ = 0;
};

// --- company: while two counselors are there, the survivor's client puts all texts into one order ---

// Data of type 07: who has joined (for each of the two, the other one's certificate), and where the chain begins.
// Empty data: alone again.
struct company {
  bytes other;  // signed certificate; the receiver checks it as any
  hash32 begin{};
};
inline constexpr std::size_t company_bytes = certificate_bytes + 32;
bytes encode_company(const company& from);
result<company> decode_company(bytes_view data);  // malformed

// h_0 = SHA-256("t1/seq" | th_A | th_B): of the sessions with whoever was there before and with whoever has joined.
// B knows both and compares; A believes it.
hash32 begin_transcript(const hash32& th_before, const hash32& th_joined);

inline constexpr hash32 survivor_sender{};                                   // zeros: no certificate has this hash
inline constexpr std::size_t sequenced_bytes_beside = 8 + 32 + 32 + 16 + 1;  // of the UTF-8 in type 06

// A text in its place. `text` is the data of a type 01: `message_id16 | lang1 | UTF-8`.
struct sequenced {
  std::uint64_t seq = 0;  // from 1
  hash32 h{};             // h_i = SHA-256(h_(i-1) | seq8 | sender32 | SHA-256(01 | text))
  hash32 sender{};        // certificate hash, or survivor_sender
  secret_bytes text;
};
secret_bytes encode_sequenced(const sequenced& from);  // data of type 06
result<sequenced> decode_sequenced(bytes_view data);   // malformed

// The survivor's client: gives each text its place.
class transcript {
 public:
  explicit transcript(const hash32& begin) : h_(begin) {}
  sequenced append(const hash32& sender, bytes_view text);
  const hash32& h() const { return h_; }
  std::uint64_t length() const { return seq_; }

 private:
  hash32 h_;
  std::uint64_t seq_ = 0;
};

// A counselor's console: follows that order, and looks after its own texts in it. What it refuses is an alarm for
// good (`broken`): somebody was shown something else than was said.
class transcript_witness {
 public:
  // `own`, `other`: the certificate hashes of the two counselors.
  transcript_witness(const hash32& begin, const hash32& own, const hash32& other);

  // A text of ours is on its way to the survivor.
  void said(bytes_view text);
  // One that was on its way before there was company: it may get a place or not.
  void said_before(bytes_view text);
  // The next of type 06. malformed: the layout. forked: seq or h is not the next one's. wrong_binding: a sender who
  // is not here; a text of ours that is not the next that we said, as we said it.
  result<sequenced> follow(bytes_view data);
  // Type 03 for this message: forked if it is ours and has not got its place before.
  result<void> delivered(const block<16>& message_id);

  bool broken() const { return broken_; }

 private:
  struct own_text {
    block<16> id{};
    hash32 whole{};     // SHA-256(01 | text)
    bool owed = false;  // it has to get a place
  };
  std::unexpected<failure> refuse(failure why);

  transcript chain_;
  hash32 own_, other_;
  std::vector<own_text> waiting_;  // said and not yet in its place, oldest first
  bool broken_ = false;
};

}  // namespace tomoshibi::crypto
