// Everything that may be said between a client and the server, declared once. WIRE.md is the same in prose.
//
// One message is one binary WebSocket message: `code1`, then the fields in the order of the struct, big-endian,
// without padding; trailing bytes are refused. A field's type is its layout: numbers by their size, bool one byte
// (0 or 1), an enumeration one byte (only declared values), a block its bytes, `optional_bytes<N>` one byte (0 or 1)
// and then N bytes if 1. So every message has one constant size, but for `enter`.
//
// Frames travel in mailboxes, one each way for each conversation. The sender numbers them 1, 2, 3 ... over the life
// of the conversation, whatever session they belong to. `stored` means committed; after a reconnect the sender
// repeats what was not stored, and a repeated number is acknowledged again and dropped.
//
// Durable (survives a restart): conversations, their place in the line, who serves them, tokens, mail. Presence only
// (gone with a restart, said again by the client): connections, duty, `watch`, `peer_state`, `line_state`,
// invitations until somebody has entered.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <variant>

#include "crypto/bytes.hpp"
#include "server/wire/errors.hpp"

namespace tomoshibi::wire {

inline constexpr std::string_view subprotocol = "tomoshibi.1";

using conversation_id = block<16>;
using desk_id = block<16>;
using nonce = block<32>;
using hash = block<32>;
using token = block<32>;
using frame = block<4096>;
using seconds = std::uint64_t;       // Unix seconds on the centre's clock
using frame_number = std::uint64_t;  // from 1

template <std::size_t N>
using optional_bytes = std::optional<block<N>>;

inline constexpr std::size_t certificate_bytes = 202;
inline constexpr std::size_t ticket_bytes = 274;

// Bounds of a conversation, and what happens at them.
inline constexpr std::size_t mailbox_frames_max = 512;  // untaken frames one way; one more: see WIRE.md, Mail
inline constexpr std::size_t tokens_max = 16;           // registered tokens kept for a conversation; the oldest goes

// ---- server to anyone, first on every connection ----
struct welcome {
  static constexpr byte code = 0x01;
  seconds now{};                      // for showing waits only; a client believes its own clock
  hash centre{}, issuer{}, roster{};  // names of the signed files: GET /signed/HASH-IN-HEX
  nonce challenge{};                  // for `login`
  auto fields() { return std::tie(now, centre, issuer, roster, challenge); }
};

// ---- server to anyone, later: these are the signed files from now on ----
struct renewed {
  static constexpr byte code = 0x02;
  hash centre{}, issuer{}, roster{};
  auto fields() { return std::tie(centre, issuer, roster); }
};

// ---- client to server ----

// Tell me about this desk's door, now and whenever it changes. Answer: `door`. One desk for each connection.
struct watch {
  static constexpr byte code = 0x10;
  desk_id desk{};
  auto fields() { return std::tie(desk); }
};

// A place in this desk's line. `token_hash` = SHA-256(place token): whoever shows the token later is in this place.
// `ticket`: only at the drill desk, and needed there. Answer: `place`, or `refused`.
// Entering again with the same conversation and token hash is the same place (the answer was lost).
struct enter {
  static constexpr byte code = 0x11;
  desk_id desk{};
  conversation_id conversation{};
  nonce challenge{};
  hash token_hash{};
  optional_bytes<ticket_bytes> ticket;
  auto fields() { return std::tie(desk, conversation, challenge, token_hash, ticket); }
};

// The survivor is back. `kept`: memory is kept, the session goes on; otherwise memory is lost: what waits in its
// mailbox is erased, and the counselor is asked for a fresh OFFER for `challenge`. Answer: `resumed`, then the mail
// that waits; or `refused`. A connection that held this conversation is closed with taken_over.
struct resume {
  static constexpr byte code = 0x12;
  conversation_id conversation{};
  token shown{};
  bool kept{};
  nonce challenge{};  // used only if not kept; zeros if kept
  auto fields() { return std::tie(conversation, shown, kept, challenge); }
};

// New nonces of one conversation: so many at once, then one each pause; one more: too_fast.
inline constexpr unsigned nonces_at_once = 16;
inline constexpr seconds nonce_pause_seconds = 10;

// In a talk, a client that lost its memory is taken back only so long after its connection was gone.
inline constexpr seconds resume_grace_seconds = 15 * 60;

// From now on this token too leads back to the conversation. Both sides register at each step of the counselor.
struct register_token {
  static constexpr byte code = 0x13;
  conversation_id conversation{};
  hash token_hash{};
  auto fields() { return std::tie(conversation, token_hash); }
};

// The three kinds of mail: same layout, told apart by their code. Both ways; the server passes them on unread.
struct offer {  // from the counselor; the first one accepts the conversation
  static constexpr byte code = 0x14;
  conversation_id conversation{};
  frame_number number{};
  frame body{};
  auto fields() { return std::tie(conversation, number, body); }
};
struct hello {  // from the survivor, in answer to an offer
  static constexpr byte code = 0x15;
  conversation_id conversation{};
  frame_number number{};
  frame body{};
  auto fields() { return std::tie(conversation, number, body); }
};
struct talk {  // a ratchet frame
  static constexpr byte code = 0x16;
  conversation_id conversation{};
  frame_number number{};
  frame body{};
  auto fields() { return std::tie(conversation, number, body); }
};

// The client has all frames up to this number in hand: the server may erase them. Survives a repetition.
struct taken {
  static constexpr byte code = 0x17;
  conversation_id conversation{};
  frame_number through{};
  auto fields() { return std::tie(conversation, through); }
};

// This side is done with the conversation and will not be back. Its mail is erased; when both sides have left, or one
// has and `leave_grace_seconds` have passed, everything is erased. In the line: the place is given up. Answer:
// `left`.
struct leave {
  static constexpr byte code = 0x18;
  conversation_id conversation{};
  auto fields() { return std::tie(conversation); }
};
inline constexpr seconds leave_grace_seconds = 15 * 60;

// Staff: this console lost its memory of the conversation. The survivor's client is asked for a new nonce.
struct ask_again {
  static constexpr byte code = 0x19;
  conversation_id conversation{};
  auto fields() { return std::tie(conversation); }
};
// The survivor's answer to `nonce_wanted`: the counselor gets it in a new `assigned`.
struct new_nonce {
  static constexpr byte code = 0x1a;
  conversation_id conversation{};
  nonce challenge{};
  auto fields() { return std::tie(conversation, challenge); }
};

// Staff. `made` signs the origin, the challenge of `welcome`, the certificate's hash and `time` (within 60 s of the
// centre's clock). Answer: `logged_in`, then a `resumed` for each conversation this certificate still serves, then
// its mail. A connection of the same certificate is closed with taken_over. Or, once for each connection,
// `certificate`: then nobody is logged in yet.
struct login {
  static constexpr byte code = 0x20;
  block<certificate_bytes> certificate{};
  seconds time{};
  block<64> made{};
  auto fields() { return std::tie(certificate, time, made); }
};

// Staff: presence only, said after each login. `present`: at the desk and on duty; `free`: can take a chat now;
// `capacity`: chats at once, at most the centre's maximum (more is taken as that).
struct duty {
  static constexpr byte code = 0x21;
  bool present{};
  bool free{};
  byte capacity{};
  auto fields() { return std::tie(present, free, capacity); }
};

// ---- invitations (WIRE.md, "Inviting a colleague"; crypto/invitation.hpp) ----
//
// A colleague, A, invites another, B, into A's talk with a survivor: to take over, or to join. B consents, and the
// survivor's client, nobody else, brings B into a conversation of its own. In every message but `enter_invited`,
// `conversation` is A's talk with the survivor, and names the invitation: one at a time for a conversation.

inline constexpr std::size_t survivor_conversations_max = 2;  // of one connection, both talks

// Staff: who is here that could be invited? Answer: `colleague`s. So often at once, then one each pause; one more:
// too_fast.
struct ask_team {
  static constexpr byte code = 0x60;
  auto fields() { return std::tie(); }
};
inline constexpr unsigned teams_at_once = 8;
inline constexpr seconds team_pause_seconds = 2;

enum class invitation_kind : byte { take_over = 1, join = 2 };

// Staff, A, in a talk that neither side has left. B gets `invited`. Ends with one `invitation_over` to each of the
// two, which A waits for before it invites again (else out_of_phase); at once and to A alone, with `gone`, if B is
// not here, has no room or may not be invited, or if the survivor has left.
struct invite {
  static constexpr byte code = 0x61;
  conversation_id conversation{};
  hash to{};  // B's certificate
  invitation_kind kind{};
  hash th{};  // of A's session with the survivor
  auto fields() { return std::tie(conversation, to, kind, th); }
};
inline constexpr seconds invitation_answer_seconds = 2 * 60;  // for B's consent, from `invite`
inline constexpr seconds invitation_life_seconds = 10 * 60;   // for all the rest, from the consent

// Staff, B: yes, once. Passed to A in the same layout. From now on the survivor may say `enter_invited`.
struct consent {
  static constexpr byte code = 0x62;
  conversation_id conversation{};
  frame body{};  // CONSENT
  auto fields() { return std::tie(conversation, body); }
};

// Staff. B: no, or no more. A: withdrawn. Both get `invitation_over`.
struct decline {
  static constexpr byte code = 0x63;
  conversation_id conversation{};
  auto fields() { return std::tie(conversation); }
};

// Staff, A, after the consent: one piece of the INTRODUCTION, in order (else gap). Passed to B in the same layout.
struct introduce {
  static constexpr byte code = 0x64;
  conversation_id conversation{};
  frame_number number{};  // 1 to introduction_pieces
  frame body{};
  auto fields() { return std::tie(conversation, number, body); }
};
inline constexpr frame_number introduction_pieces = 3;

// Survivor, in the talk `through` on this connection, once B (`to`) has consented: a new conversation with B, without
// a line. Answer: `resumed`, stage `talking`, then `peer_state`; B gets `assigned` with `invited`, perhaps before the
// introduction. Or `refused` with `unknown`, whatever the reason; a third conversation is out_of_phase. Entering
// again with the same values is the same conversation (the answer was lost).
struct enter_invited {
  static constexpr byte code = 0x65;
  conversation_id through{};
  hash to{};
  conversation_id conversation{};
  nonce challenge{};
  hash token_hash{};
  auto fields() { return std::tie(through, to, conversation, challenge, token_hash); }
};

// ---- server to client ----

enum class door_reason : byte {
  open = 0,
  outside_hours = 1,     // `next` says when the desk opens
  past_last_intake = 2,  // the desk is staffed but takes nobody new today
  too_few_on_duty = 3,   // within hours, fewer present than the centre requires
  line_full = 4,
};
struct door {
  static constexpr byte code = 0x30;
  desk_id desk{};
  bool intake{};  // true: `enter` would be taken now
  door_reason why{};
  seconds until{};  // intake: when intake ends; otherwise when this state may change by the hours alone; 0 unknown
  seconds next{};   // the next opening after now; 0: none within a year
  std::uint32_t waiting{};
  auto fields() { return std::tie(desk, intake, why, until, next, waiting); }
};

// Your place: how many are before you. Never grows for one conversation.
struct place {
  static constexpr byte code = 0x31;
  conversation_id conversation{};
  std::uint32_t ahead{};
  auto fields() { return std::tie(conversation, ahead); }
};

enum class refusal : byte {
  closed = 1,   // the door is closed: a `door` with the reason goes before
  unknown = 2,  // no such conversation, or not this token: never said which
  no_such_desk = 3,
  bad_ticket = 4,
};
struct refused {
  static constexpr byte code = 0x32;
  conversation_id conversation{};
  refusal why{};
  auto fields() { return std::tie(conversation, why); }
};

enum class calling : byte {
  first = 0,          // someone from the line
  survivor_back = 1,  // the survivor lost its memory: a fresh OFFER is wanted
  asked = 2,          // the answer to `ask_again`
  invited = 3,        // somebody who came by an invitation that this colleague consented to
};
// Staff: this conversation waits for an `offer` of yours, for this nonce. `waited`: seconds in the line. A first call
// that is not answered in `accept_seconds` goes to a colleague (`withdrawn`).
struct assigned {
  static constexpr byte code = 0x33;
  conversation_id conversation{};
  nonce challenge{};
  calling why{};
  std::uint32_t waited{};
  auto fields() { return std::tie(conversation, challenge, why, waited); }
};
inline constexpr seconds accept_seconds = 45;

enum class withdrawal : byte { not_accepted = 1, survivor_left = 2 };
struct withdrawn {
  static constexpr byte code = 0x34;
  conversation_id conversation{};
  withdrawal why{};
  auto fields() { return std::tie(conversation, why); }
};

enum class stage : byte { waiting = 0, called = 1, talking = 2, peer_gone = 3 };
// To a survivor after `resume`, to a counselor after `login`: where the conversation stands, and the highest number
// of this side's own frames that is stored. To staff a conversation in stage `called` is followed by its `assigned`.
struct resumed {
  static constexpr byte code = 0x35;
  conversation_id conversation{};
  stage now{};
  frame_number stored{};
  auto fields() { return std::tie(conversation, now, stored); }
};

// All frames of yours up to this number are committed.
struct stored {
  static constexpr byte code = 0x36;
  conversation_id conversation{};
  frame_number through{};
  auto fields() { return std::tie(conversation, through); }
};

enum class presence : byte { here = 0, away = 1, left = 2 };
struct peer_state {
  static constexpr byte code = 0x37;
  conversation_id conversation{};
  presence now{};
  auto fields() { return std::tie(conversation, now); }
};

// Survivor: the counselor's console lost its memory; answer with `new_nonce`.
struct nonce_wanted {
  static constexpr byte code = 0x38;
  conversation_id conversation{};
  auto fields() { return std::tie(conversation); }
};

// Your `leave` is done; no more is known here of your side.
struct left {
  static constexpr byte code = 0x39;
  conversation_id conversation{};
  auto fields() { return std::tie(conversation); }
};

struct logged_in {
  static constexpr byte code = 0x3a;
  desk_id desk{};
  byte capacity_max{};
  std::uint32_t serves{};  // so many `resumed` follow; what is not among them is over
  auto fields() { return std::tie(desk, capacity_max, serves); }
};

// Staff on duty: this desk's line and team, whenever it changes.
struct line_state {
  static constexpr byte code = 0x3b;
  std::uint32_t waiting{};
  std::uint32_t longest_wait{};  // seconds, when this was said
  std::uint32_t present{};
  std::uint32_t free{};
  bool intake{};
  door_reason why{};
  auto fields() { return std::tie(waiting, longest_wait, present, free, intake, why); }
};

// To `login`: this member of staff has a newer certificate, for the same keys, and is to log in with it; `challenge`
// is for that. A certificate that still serves a conversation is not replaced: the conversation is bound to it.
struct certificate {
  static constexpr byte code = 0x3c;
  block<certificate_bytes> newer{};
  nonce challenge{};
  auto fields() { return std::tie(newer, challenge); }
};

// ---- letters: written while nobody is there, read in hours, answered under a return phrase ----
//
// A letter is deposited whole: `begin_letter`, then its parts 1 to `parts` in order, each 4096 bytes, the last padded
// with zeros. Nothing of it is kept until all are here and `digest` is theirs; then it is committed as one, and
// `letter_stored` says so. The same id with the same digest again is acknowledged again (the answer was lost),
// without parts; parts of a letter that is not being collected are dropped. One letter at a time for each connection.
// None of this changes a connection's phase. A member of staff has at most one letter in hand, for as long as that
// connection is there.
using letter_id = block<16>;
using day_number = std::uint32_t;  // local days of the desk since 1970-01-01

inline constexpr std::size_t inbox_key_bytes = 1316;
inline constexpr byte letter_parts_short = 5, letter_parts_long = 11;  // of 17,605 and 42,181 bytes
inline constexpr byte reply_parts = 3;                                 // of 9,345 bytes
inline constexpr byte letter_readers_max = 32;                         // said in one answer
inline constexpr byte letters_by_locator_max = 8;                      // kept under one return phrase

// Who can read a letter that is written now? Answer: `letter_day`, then its readers.
struct ask_letter_keys {
  static constexpr byte code = 0x50;
  desk_id desk{};
  auto fields() { return std::tie(desk); }
};

// `parts`: letter_parts_short or letter_parts_long. `digest` = SHA-256(all parts, padding included). `locator_hash` =
// SHA-256(locator) and `sign_key` of the return phrase; both zeros: no answer is wanted. A phrase that is known here
// must come with the key it came with first. Answer: `letter_stored` after the last part, or `letter_refused`.
struct begin_letter {
  static constexpr byte code = 0x51;
  desk_id desk{};
  letter_id letter{};
  day_number day{};
  byte parts{};
  hash digest{};
  hash locator_hash{};
  block<32> sign_key{};
  auto fields() { return std::tie(desk, letter, day, parts, digest, locator_hash, sign_key); }
};

// Also from the server, to staff, after `letter_given`.
struct letter_part {
  static constexpr byte code = 0x52;
  letter_id letter{};
  frame_number number{};  // 1 to `parts`
  frame body{};
  auto fields() { return std::tie(letter, number, body); }
};

// The return phrase is shown: what has become of the letters under it? `burn`: erase all of it, at once. `made` signs
// the challenge of `welcome`, `locator` and `burn` (t1/fetch, crypto/PROTOCOL.md). Answer: `returned`, then the
// replies. May be said again on the same connection; 8 at once, then one every 10 s; one more: too_fast.
struct show_return {
  static constexpr byte code = 0x53;
  block<32> locator{};
  bool burn{};
  block<64> made{};
  auto fields() { return std::tie(locator, burn, made); }
};

// Staff that reads letters: the public key of one day, signed by this connection's certificate (t1/inbox). The whole
// set is said again at each login and each new day; what is here already is dropped, another key of that day takes
// its place. Days that have passed, or are further ahead than today + 20, are dropped. No answer.
struct put_inbox_key {
  static constexpr byte code = 0x54;
  block<inbox_key_bytes> key{};
  auto fields() { return std::tie(key); }
};

// Staff: the oldest letter of this desk that nobody reads and this member has not put back since its login. Answer:
// `letter_given`, then its parts.
struct take_letter {
  static constexpr byte code = 0x55;
  auto fields() { return std::tie(); }
};

// Staff: part of the answer to the letter in hand, in order; kept by the server only with `finish_letter`. Also from
// the server, after `returned`: each reply has its own parts 1 to 3, and `letter` says which letter it answers.
struct reply_part {
  static constexpr byte code = 0x56;
  letter_id letter{};
  frame_number number{};  // 1 to reply_parts
  frame body{};
  auto fields() { return std::tie(letter, number, body); }
};

enum class letter_finish : byte {
  put_back = 0,  // cannot be opened here, or not now: a colleague may
  answered = 1,  // all parts of the reply were said
  read = 2,      // no answer is needed, or none is possible
};
// Staff: done with the letter in hand. Answer, once that is committed: `letter_stored`; said again by whoever
// finished it last, the same again. Not in hand (burnt meanwhile, or given back with a connection): `letter_refused`.
struct finish_letter {
  static constexpr byte code = 0x57;
  letter_id letter{};
  letter_finish how{};
  auto fields() { return std::tie(letter, how); }
};

// To `ask_letter_keys`. `taken` false: no letter would be taken now, for fewer than two could read it, or there is no
// room, or the desk takes none (the drill desk, or no such desk).
struct letter_day {
  static constexpr byte code = 0x58;
  desk_id desk{};
  day_number day{};
  byte readers{};             // so many `letter_reader` follow
  seconds read_from{};        // when the desk opens next; open now: now; 0: not within a year
  std::uint16_t kept_days{};  // so long what is stored now is kept, answers included
  bool taken{};
  auto fields() { return std::tie(desk, day, readers, read_from, kept_days, taken); }
};
struct letter_reader {
  static constexpr byte code = 0x59;
  block<certificate_bytes> certificate{};
  block<inbox_key_bytes> key{};
  auto fields() { return std::tie(certificate, key); }
};

// Committed. To a survivor: the letter is here. To staff: `finish_letter` is done. `kept_until`: when the last of it
// is erased; 0: nothing of it is kept any more.
struct letter_stored {
  static constexpr byte code = 0x5a;
  letter_id letter{};
  seconds kept_until{};
  auto fields() { return std::tie(letter, kept_until); }
};

enum class letter_refusal : byte {
  full = 1,         // too many letters: of this desk, under this phrase, or just now
  another_day = 2,  // ask for the keys again. Yesterday's are taken until ten minutes past midnight
  unknown = 3,      // everything else: never said which
};
struct letter_refused {
  static constexpr byte code = 0x5b;
  letter_id letter{};
  letter_refusal why{};
  auto fields() { return std::tie(letter, why); }
};

// To `show_return`. An unknown phrase and a wrong signature are answered alike: all zeros. After a burning `found` is
// true and the rest zeros. Otherwise `replies` times the reply_parts of a reply follow, the oldest letter's first.
struct returned {
  static constexpr byte code = 0x5c;
  bool found{};
  byte waiting{};     // letters nobody has finished reading
  byte read{};        // letters that were read and not answered
  byte never_read{};  // letters nobody read in time: their text is erased
  byte replies{};
  seconds kept_until{};  // when the last of it is erased
  auto fields() { return std::tie(found, waiting, read, never_read, replies, kept_until); }
};

// Staff that reads letters, after `logged_in` and when the day changes, or when the member begins to read letters:
// keys of days before `keep_from` are to be destroyed, those from `today` to 20 days ahead to be said.
struct inbox_days {
  static constexpr byte code = 0x5d;
  day_number today{};
  day_number keep_from{};
  auto fields() { return std::tie(today, keep_from); }
};

// Staff that reads letters: the letters of this desk that nobody reads yet, whenever that changes.
struct letters_state {
  static constexpr byte code = 0x5e;
  std::uint32_t waiting{};
  seconds oldest{};  // when it was stored; 0: none waits
  auto fields() { return std::tie(waiting, oldest); }
};

// To `take_letter`. `parts` 0, and all else zeros: there is none for this member.
struct letter_given {
  static constexpr byte code = 0x5f;
  letter_id letter{};
  day_number day{};
  byte parts{};
  bool answerable{};  // it came with a return phrase
  seconds stored_at{};
  auto fields() { return std::tie(letter, day, parts, answerable, stored_at); }
};

// Staff, to `ask_team`: somebody else who is on duty. `left`: how many follow this one. Nobody at all: one with a
// certificate of zeros.
struct colleague {
  static constexpr byte code = 0x68;
  block<certificate_bytes> certificate{};
  bool free{};  // `invite` would be passed on now
  std::uint32_t left{};
  auto fields() { return std::tie(certificate, free, left); }
};

// Staff, B: a colleague (A) asks. What `invite` said, and A's certificate.
struct invited {
  static constexpr byte code = 0x69;
  conversation_id conversation{};
  block<certificate_bytes> certificate{};
  invitation_kind kind{};
  hash th{};
  auto fields() { return std::tie(conversation, certificate, kind, th); }
};

enum class invitation_end : byte {
  declined = 1,   // by B
  withdrawn = 2,  // by A
  gone = 3,       // A, B, the talk or its session is
  too_late = 4,   // B gave no answer in time; or the survivor did not come
  done = 5,       // introduced, and the survivor has entered
};
// Staff, A and B: this invitation is over.
struct invitation_over {
  static constexpr byte code = 0x6a;
  conversation_id conversation{};
  invitation_end why{};
  auto fields() { return std::tie(conversation, why); }
};

// What went wrong; the connection is closed right after, with the close code of the table.
struct failed {
  static constexpr byte code = 0x3f;
  error why{};
  byte about{};  // the code of the message that caused it, 0 if none
  auto fields() { return std::tie(why, about); }
};

using client_message =
    std::variant<watch, enter, resume, register_token, offer, hello, talk, taken, leave, ask_again, new_nonce, login,
                 duty, ask_letter_keys, begin_letter, letter_part, show_return, put_inbox_key, take_letter, reply_part,
                 finish_letter, ask_team, invite, consent, decline, introduce, enter_invited>;
using server_message =
    std::variant<welcome, renewed, offer, hello, talk, door, place, refused, assigned, withdrawn, resumed, stored,
                 peer_state, nonce_wanted, left, logged_in, line_state, certificate, letter_day, letter_reader,
                 letter_part, letter_stored, letter_refused, returned, reply_part, inbox_days, letters_state,
                 letter_given, consent, introduce, colleague, invited, invitation_over, failed>;

}  // namespace tomoshibi::wire
