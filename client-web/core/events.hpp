// What the core tells its page, and the words both use. How an event names its fields: field.hpp.
#pragma once

#include <string>
#include <variant>

#include "client-web/core/field.hpp"
#include "crypto/invitation.hpp"
#include "crypto/letter.hpp"
#include "crypto/session.hpp"
#include "server/wire/messages.hpp"

namespace tomoshibi::core {

using crypto::conversation_id;
using crypto::seconds;
using message_id = block<16>;

// The language of a text as its writer chose it.
enum class language : byte { unknown = 0, ja = 1, ja_easy = 2, en = 3, pt = 4, zh = 5, vi = 6 };
constexpr language known_language(byte number) {
  return number <= static_cast<byte>(language::vi) ? language{number} : language::unknown;
}

// Centre file, issuer and roster are verified. `demo` and `clock_shift_hours` are to be shown wherever a time is.
struct trusted {
  bool demo = false;
  std::uint32_t clock_shift_hours = 0;
  std::string page;  // JSON: hours, numbers, exit page, texts
  crypto::sign_public_key root{};
  static constexpr std::string_view name = "trusted";
  static constexpr auto fields() {
    return std::tuple{field{"demo", &trusted::demo}, field{"clock_shift_hours", &trusted::clock_shift_hours},
                      field{"page", &trusted::page}, field{"root", &trusted::root}};
  }
};
// They are not: nothing is sent or taken over this connection; the person is told why and given telephone numbers. A
// survivor's conversation is over.
struct distrusted {
  crypto::failure why{};
  static constexpr std::string_view name = "distrusted";
  static constexpr auto fields() { return std::tuple{field{"why", &distrusted::why}}; }
};

struct door_changed {
  wire::door door;
  static constexpr std::string_view name = "door_changed";
  static constexpr auto fields() {
    return std::tuple{inner("intake", &door_changed::door, &wire::door::intake),
                      inner("why", &door_changed::door, &wire::door::why),
                      inner("until", &door_changed::door, &wire::door::until),
                      inner("next", &door_changed::door, &wire::door::next),
                      inner("waiting", &door_changed::door, &wire::door::waiting)};
  }
};
struct place_changed {
  std::uint32_t ahead = 0;
  static constexpr std::string_view name = "place_changed";
  static constexpr auto fields() { return std::tuple{field{"ahead", &place_changed::ahead}}; }
};
// Not let in: `why` closed comes after a door_changed that says more.
struct turned_away {
  wire::refusal why{};
  static constexpr std::string_view name = "turned_away";
  static constexpr auto fields() { return std::tuple{field{"why", &turned_away::why}}; }
};

// Staff.
struct signed_in {
  std::string alias;  // of our own certificate
  byte capacity_max = 0;
  static constexpr std::string_view name = "signed_in";
  static constexpr auto fields() {
    return std::tuple{field{"alias", &signed_in::alias}, field{"capacity_max", &signed_in::capacity_max}};
  }
};
// When this console's papers end, in seconds on the centre's clock: its own certificate, the roster, the issuer's
// certificate. Told after `signed_in` and whenever the centre shows newer ones.
struct expiry_changed {
  seconds certificate_until = 0, roster_until = 0, issuer_until = 0;
  static constexpr std::string_view name = "expiry_changed";
  static constexpr auto fields() {
    return std::tuple{field{"certificate_until", &expiry_changed::certificate_until},
                      field{"roster_until", &expiry_changed::roster_until},
                      field{"issuer_until", &expiry_changed::issuer_until}};
  }
};
struct line_changed {
  wire::line_state line;
  static constexpr std::string_view name = "line_changed";
  static constexpr auto fields() {
    return std::tuple{inner("waiting", &line_changed::line, &wire::line_state::waiting),
                      inner("longest_wait", &line_changed::line, &wire::line_state::longest_wait),
                      inner("present", &line_changed::line, &wire::line_state::present),
                      inner("free", &line_changed::line, &wire::line_state::free),
                      inner("intake", &line_changed::line, &wire::line_state::intake),
                      inner("why", &line_changed::line, &wire::line_state::why)};
  }
};
// Somebody from the line rings: answer with `accept`, within wire::accept_seconds.
struct called {
  conversation_id conversation{};
  std::uint32_t waited_seconds = 0;
  static constexpr std::string_view name = "called";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &called::conversation}, field{"waited_seconds", &called::waited_seconds}};
  }
};
struct call_withdrawn {
  conversation_id conversation{};
  wire::withdrawal why{};
  static constexpr std::string_view name = "call_withdrawn";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &call_withdrawn::conversation}, field{"why", &call_withdrawn::why}};
  }
};

// What `restore` gave was kept by this certificate: the conversation is being reconnected, until `joined` or `ended`.
struct restored {
  conversation_id conversation{};
  static constexpr std::string_view name = "restored";
  static constexpr auto fields() { return std::tuple{field{"conversation", &restored::conversation}}; }
};

// The encrypted conversation stands: a frame of the peer has opened. `alias`: the counselor's pseudonym (empty on the
// counselor's side). `same_tab`: the peer has proven to hold the secret of the conversation before; otherwise this is
// somebody new. `we_forgot`, `peer_forgot`: that side lost its memory since. If we alone did and it is the same tab,
// `recall` asks for what was said before. If both did, that is gone, and with it what was not yet delivered: both are
// to be told.
struct joined {
  conversation_id conversation{};
  std::string alias;
  bool same_tab = false;
  bool we_forgot = false, peer_forgot = false;
  static constexpr std::string_view name = "joined";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &joined::conversation}, field{"alias", &joined::alias},
                      field{"same_tab", &joined::same_tab}, field{"we_forgot", &joined::we_forgot},
                      field{"peer_forgot", &joined::peer_forgot}};
  }
};
// `by`: the pseudonym of somebody else than the two of this conversation; else empty.
struct text_received {
  conversation_id conversation{};
  message_id id{};
  language written_in{};
  crypto::secret_bytes text;  // UTF-8, complete
  std::string by;
  static constexpr std::string_view name = "text_received";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &text_received::conversation}, field{"id", &text_received::id},
                      field{"written_in", &text_received::written_in}, words{"text", &text_received::text},
                      field{"by", &text_received::by}};
  }
};
// The answer to `recall`, in the order in which it was said: texts of the time before our memory was lost. They
// belong above all others, and `shown` is not said of them.
struct text_recalled {
  conversation_id conversation{};
  message_id id{};
  bool ours = false;  // said by us, before
  language written_in{};
  crypto::secret_bytes text;  // UTF-8, complete
  static constexpr std::string_view name = "text_recalled";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &text_recalled::conversation}, field{"id", &text_recalled::id},
                      field{"ours", &text_recalled::ours}, field{"written_in", &text_recalled::written_in},
                      words{"text", &text_recalled::text}};
  }
};
// That was all there is. Comes at once if there is nothing to recall, and also when a new session begins before all
// has come: `joined` then says whether it can be asked for again.
struct recalled {
  conversation_id conversation{};
  static constexpr std::string_view name = "recalled";
  static constexpr auto fields() { return std::tuple{field{"conversation", &recalled::conversation}}; }
};
// The answer to `say`: whether the text is taken (then it moves on with text_moved), and its id.
enum class said : byte { yes, too_long, too_many, over };
struct say_answered {
  std::uint32_t reference = 0;
  message_id id{};
  said answer{};
  static constexpr std::string_view name = "say_answered";
  static constexpr auto fields() {
    return std::tuple{field{"reference", &say_answered::reference}, field{"id", &say_answered::id},
                      field{"answer", &say_answered::answer}};
  }
};
enum class text_progress : byte {
  stored,     // the server has it
  delivered,  // it is on the peer's screen
  dropped,    // never shown to anybody: meant for somebody who is not there any more
};
struct text_moved {
  conversation_id conversation{};
  message_id id{};
  text_progress now{};
  static constexpr std::string_view name = "text_moved";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &text_moved::conversation}, field{"id", &text_moved::id},
                      field{"now", &text_moved::now}};
  }
};
struct peer_changed {
  conversation_id conversation{};
  wire::presence now{};
  static constexpr std::string_view name = "peer_changed";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &peer_changed::conversation}, field{"now", &peer_changed::now}};
  }
};
struct peer_left_by_exit {
  conversation_id conversation{};
  static constexpr std::string_view name = "peer_left_by_exit";
  static constexpr auto fields() { return std::tuple{field{"conversation", &peer_left_by_exit::conversation}}; }
};

// --- invitations: a hand-over, or somebody who joins ---

using crypto::invitation_kind;

// Survivor: the counselor asks whether somebody else may take over, or join. Nothing has happened yet: answer with
// `answer_invitation`, which names the number. A later one takes the place of the one before.
struct invitation_received {
  std::uint32_t number = 0;
  invitation_kind kind{};
  std::string alias;  // verified: who would come
  crypto::role holder{};
  std::string desk;  // the desk's id in the centre's configuration
  language written_in{};
  crypto::secret_bytes sheet;  // exactly what they would be given to read
  static constexpr std::string_view name = "invitation_received";
  static constexpr auto fields() {
    return std::tuple{
        field{"number", &invitation_received::number}, field{"purpose", &invitation_received::kind},
        field{"alias", &invitation_received::alias},   field{"holder", &invitation_received::holder},
        field{"desk", &invitation_received::desk},     field{"written_in", &invitation_received::written_in},
        words{"sheet", &invitation_received::sheet}};
  }
};
// Survivor: the counselor asks this no more.
struct invitation_withdrawn {
  std::uint32_t number = 0;
  static constexpr std::string_view name = "invitation_withdrawn";
  static constexpr auto fields() { return std::tuple{field{"number", &invitation_withdrawn::number}}; }
};
// Survivor: nobody came after all; the talk goes on as it was.
struct invitation_failed {
  static constexpr std::string_view name = "invitation_failed";
  static constexpr auto fields() { return std::tuple{}; }
};
// Survivor: the conversation goes on with somebody else. What was not delivered to the one before was told as
// dropped. From now on events name `conversation`.
struct handed_over {
  conversation_id before{}, conversation{};
  std::string alias;
  static constexpr std::string_view name = "handed_over";
  static constexpr auto fields() {
    return std::tuple{field{"before", &handed_over::before}, field{"conversation", &handed_over::conversation},
                      field{"alias", &handed_over::alias}};
  }
};
// Somebody has joined, with the survivor's consent, or has gone again.
struct company_changed {
  conversation_id conversation{};
  std::string alias;
  bool here = false;
  static constexpr std::string_view name = "company_changed";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &company_changed::conversation}, field{"alias", &company_changed::alias},
                      field{"here", &company_changed::here}};
  }
};
// Staff, in company: a text of ours is missing, altered or out of order, or the order does not hold together. Not
// everybody sees the same: to be shown until the conversation is over.
struct transcript_broken {
  conversation_id conversation{};
  static constexpr std::string_view name = "transcript_broken";
  static constexpr auto fields() { return std::tuple{field{"conversation", &transcript_broken::conversation}}; }
};
// Staff: the answer to `ask_team`, one for each colleague who is on duty, verified; `left`: so many follow.
struct colleague_told {
  crypto::hash32 certificate{};
  std::string alias;
  crypto::role holder{};
  std::string desk;
  bool free = false;
  std::uint32_t left = 0;
  static constexpr std::string_view name = "colleague_told";
  static constexpr auto fields() {
    return std::tuple{field{"certificate", &colleague_told::certificate},
                      field{"alias", &colleague_told::alias},
                      field{"holder", &colleague_told::holder},
                      field{"desk", &colleague_told::desk},
                      field{"free", &colleague_told::free},
                      field{"left", &colleague_told::left}};
  }
};
enum class invitation_stage : byte {
  asked,     // the colleague is asked
  offered,   // has agreed; the survivor is asked
  accepted,  // has agreed, too; the colleague has the sheet
  done,      // the survivor's client says that they are together
  refused,   // by the survivor, or nobody came
  colleague_refused,
  gone,       // the colleague's console is not there, or does not answer
  withdrawn,  // by us
  fault,      // something did not fit together: nothing was given to anybody
};
// Staff: how the invitation of ours stands.
struct invitation_moved {
  conversation_id conversation{};
  invitation_stage now{};
  static constexpr std::string_view name = "invitation_moved";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &invitation_moved::conversation}, field{"now", &invitation_moved::now}};
  }
};
// Staff: a colleague asks us to take over, or to join, a conversation of theirs: answer with `answer_colleague`.
struct invited {
  conversation_id conversation{};  // theirs
  std::string alias;
  invitation_kind kind{};
  static constexpr std::string_view name = "invited";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &invited::conversation}, field{"alias", &invited::alias},
                      field{"purpose", &invited::kind}};
  }
};
// Staff: it comes to nothing, or has come to something.
struct invited_over {
  conversation_id conversation{};  // theirs
  static constexpr std::string_view name = "invited_over";
  static constexpr auto fields() { return std::tuple{field{"conversation", &invited_over::conversation}}; }
};
// Staff: whom the next `joined` of this conversation is about: the survivor who saw this sheet and agreed to us.
struct introduced {
  conversation_id conversation{};  // ours
  std::string alias;               // of the colleague
  invitation_kind kind{};
  language written_in{};
  crypto::secret_bytes sheet;
  static constexpr std::string_view name = "introduced";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &introduced::conversation}, field{"alias", &introduced::alias},
                      field{"purpose", &introduced::kind}, field{"written_in", &introduced::written_in},
                      words{"sheet", &introduced::sheet}};
  }
};

// --- letters ---

// Survivor: the answer to `ask_letters`. `possible`: a letter would be taken now, and be read from `read_from` on, at
// the next opening; a return phrase is good for `kept_days`.
struct letters_told {
  bool possible = false;
  seconds read_from = 0;
  std::uint32_t kept_days = 0;
  static constexpr std::string_view name = "letters_told";
  static constexpr auto fields() {
    return std::tuple{field{"possible", &letters_told::possible}, field{"read_from", &letters_told::read_from},
                      field{"kept_days", &letters_told::kept_days}};
  }
};
// Survivor: the centre has it. With a return phrase, a reply can be fetched until then; else 0.
struct letter_sent {
  seconds kept_until = 0;
  static constexpr std::string_view name = "letter_sent";
  static constexpr auto fields() { return std::tuple{field{"kept_until", &letter_sent::kept_until}}; }
};
enum class letter_fault : byte {
  full,         // the centre has no room for it now
  another_day,  // the day has changed meanwhile: ask again
  not_taken,    // not as it was sent, or the phrase is in use otherwise
  no_readers,   // fewer than two people could open it now
  too_long,
};
struct letter_not_sent {
  letter_fault why{};
  static constexpr std::string_view name = "letter_not_sent";
  static constexpr auto fields() { return std::tuple{field{"why", &letter_not_sent::why}}; }
};
// Survivor: what the centre keeps under the return phrase. Not `found`: unknown, burnt, or over.
struct replies_told {
  bool found = false;
  std::uint32_t waiting = 0;  // letters not read yet
  std::uint32_t read = 0;     // read, without a reply
  std::uint32_t unread = 0;   // which nobody could read any more
  std::uint32_t replies = 0;  // so many reply_received or reply_refused follow
  seconds kept_until = 0;
  static constexpr std::string_view name = "replies_told";
  static constexpr auto fields() {
    return std::tuple{field{"found", &replies_told::found},     field{"waiting", &replies_told::waiting},
                      field{"read", &replies_told::read},       field{"unread", &replies_told::unread},
                      field{"replies", &replies_told::replies}, field{"kept_until", &replies_told::kept_until}};
  }
};
struct reply_received {
  language written_in{};
  std::string alias;
  crypto::secret_bytes text;
  static constexpr std::string_view name = "reply_received";
  static constexpr auto fields() {
    return std::tuple{field{"written_in", &reply_received::written_in}, field{"alias", &reply_received::alias},
                      words{"text", &reply_received::text}};
  }
};
// Survivor: what came as a reply was made by nobody who has read the letter.
struct reply_refused {
  static constexpr std::string_view name = "reply_refused";
  static constexpr auto fields() { return std::tuple{}; }
};
// Staff: what is to be kept on this device for the days to come, sealed; before anything of it is shown to the
// server.
struct keep_inbox {
  bytes sealed;
  static constexpr std::string_view name = "keep_inbox";
  static constexpr auto fields() { return std::tuple{field{"sealed", &keep_inbox::sealed}}; }
};
// Staff who read letters: so many wait, the oldest since then (on the centre's clock; 0: none).
struct letters_changed {
  std::uint32_t waiting = 0;
  seconds oldest = 0;
  static constexpr std::string_view name = "letters_changed";
  static constexpr auto fields() {
    return std::tuple{field{"waiting", &letters_changed::waiting}, field{"oldest", &letters_changed::oldest}};
  }
};
// Staff: the answer to `take_letter`. It is ours until `answer_letter`, `put_letter` or the end of the connection.
struct letter_opened {
  crypto::letter_id letter{};
  seconds written = 0;
  bool answerable = false;
  language written_in{};
  crypto::secret_bytes text;
  static constexpr std::string_view name = "letter_opened";
  static constexpr auto fields() {
    return std::tuple{field{"letter", &letter_opened::letter}, field{"written", &letter_opened::written},
                      field{"answerable", &letter_opened::answerable},
                      field{"written_in", &letter_opened::written_in}, words{"text", &letter_opened::text}};
  }
};
// Staff: the answer to `take_letter` if there is none for us. `unreadable`: the oldest is not for this console's keys
// and was put back for a colleague; there may be others.
struct no_letter {
  bool unreadable = false;
  static constexpr std::string_view name = "no_letter";
  static constexpr auto fields() { return std::tuple{field{"unreadable", &no_letter::unreadable}}; }
};
// Staff: it is off our hands. `done`: as we said (answered, read, put back); else it was gone before, or no reply can
// be made to it.
struct letter_closed {
  crypto::letter_id letter{};
  bool done = false;
  static constexpr std::string_view name = "letter_closed";
  static constexpr auto fields() {
    return std::tuple{field{"letter", &letter_closed::letter}, field{"done", &letter_closed::done}};
  }
};

// What the page may keep while its tab lives, so that a reload finds the way back; empty: erase it, as before
// each `ended`. A console's is sealed under a key of its vault.
struct keep {
  conversation_id conversation{};
  crypto::secret_bytes kept;
  static constexpr std::string_view name = "keep";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &keep::conversation}, field{"kept", &keep::kept}};
  }
};

enum class ending : byte {
  by_us,       // we ended or left
  by_peer,     // the peer said close, or left; what it said before may still arrive
  lost,        // the server knows nothing of it any more
  taken_over,  // another tab or console took its place
  broken,      // the encryption failed too often: nothing more is sent or shown
};
struct ended {
  conversation_id conversation{};
  ending why{};
  static constexpr std::string_view name = "ended";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &ended::conversation}, field{"why", &ended::why}};
  }
};
// The server has erased our side; nothing of the conversation is left in this core.
struct finished {
  conversation_id conversation{};
  static constexpr std::string_view name = "finished";
  static constexpr auto fields() { return std::tuple{field{"conversation", &finished::conversation}}; }
};
// The server refused us; it closes the connection. Reconnect unless the code says otherwise.
struct server_failed {
  wire::error why{};
  static constexpr std::string_view name = "server_failed";
  static constexpr auto fields() { return std::tuple{field{"why", &server_failed::why}}; }
};

// The key file is open, or it is not: malformed says that it is no key file, cannot_open that passphrase and file do
// not fit each other.
struct unlocked {
  bytes certificate;
  crypto::sign_seed sign_seed;
  crypto::agree_seed agree_seed;
  static constexpr std::string_view name = "unlocked";
  static constexpr auto fields() {
    return std::tuple{field{"certificate", &unlocked::certificate}, field{"sign_seed", &unlocked::sign_seed},
                      field{"agree_seed", &unlocked::agree_seed}};
  }
};
struct not_unlocked {
  crypto::failure why{};
  static constexpr std::string_view name = "not_unlocked";
  static constexpr auto fields() { return std::tuple{field{"why", &not_unlocked::why}}; }
};

// To the one-shot worker of a return phrase: as it is to be shown, and what was made of it; or that what was typed is
// none, or that this device has not the memory for it.
struct phrase_made {
  crypto::secret_bytes shown;
  crypto::secret<128> keys;
  static constexpr std::string_view name = "phrase_made";
  static constexpr auto fields() {
    return std::tuple{words{"shown", &phrase_made::shown}, field{"keys", &phrase_made::keys}};
  }
};
struct no_phrase {
  bool memory = false;  // it may be one
  static constexpr std::string_view name = "no_phrase";
  static constexpr auto fields() { return std::tuple{field{"memory", &no_phrase::memory}}; }
};

// Who is told what.
using survivor_event =
    std::variant<trusted, distrusted, door_changed, place_changed, turned_away, joined, say_answered, text_received,
                 text_recalled, recalled, text_moved, peer_changed, invitation_received, invitation_withdrawn,
                 invitation_failed, handed_over, company_changed, letters_told, letter_sent, letter_not_sent,
                 replies_told, reply_received, reply_refused, phrase_made, no_phrase, keep, ended, finished,
                 server_failed>;
using counselor_event =
    std::variant<trusted, distrusted, signed_in, expiry_changed, line_changed, called, call_withdrawn, restored,
                 joined, say_answered, text_received, text_recalled, recalled, text_moved, peer_changed,
                 peer_left_by_exit, company_changed, transcript_broken, colleague_told, invitation_moved, invited,
                 invited_over, introduced, keep_inbox, letters_changed, letter_opened, no_letter, letter_closed, keep,
                 ended, finished, server_failed>;
using vault_event = std::variant<unlocked, not_unlocked>;
using event =
    std::variant<trusted, distrusted, door_changed, place_changed, turned_away, signed_in, expiry_changed,
                 line_changed, called, call_withdrawn, restored, joined, say_answered, text_received, text_recalled,
                 recalled, text_moved, peer_changed, peer_left_by_exit, invitation_received, invitation_withdrawn,
                 invitation_failed, handed_over, company_changed, transcript_broken, colleague_told, invitation_moved,
                 invited, invited_over, introduced, letters_told, letter_sent, letter_not_sent, replies_told,
                 reply_received, reply_refused, keep_inbox, letters_changed, letter_opened, no_letter, letter_closed,
                 keep, ended, finished, server_failed, unlocked, not_unlocked, phrase_made, no_phrase>;

}  // namespace tomoshibi::core
