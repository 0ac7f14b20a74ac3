// What the core tells its page, and the words both use. How an event names its fields: field.hpp.
#pragma once

#include <string>
#include <variant>

#include "client-web/core/field.hpp"
#include "crypto/session.hpp"
#include "server/wire/messages.hpp"

namespace tomoshibi::core {

using crypto::conversation_id;
using crypto::seconds;
using message_id = block<16>;

// The language of a text as its writer chose it.
enum class language : byte { unknown = 0, ja = 1, ja_easy = 2, en = 3, pt = 4, zh = 5, vi = 6 };

// Centre file, issuer and roster are verified. `demo` and `clock_shift_hours` are to be shown wherever a time is.
struct trusted {
  bool demo = false;
  std::uint32_t clock_shift_hours = 0;
  std::string page;  // JSON: hours, numbers, exit page, texts
  static constexpr std::string_view name = "trusted";
  static constexpr auto fields() {
    return std::tuple{field{"demo", &trusted::demo}, field{"clock_shift_hours", &trusted::clock_shift_hours},
                      field{"page", &trusted::page}};
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
struct text_received {
  conversation_id conversation{};
  message_id id{};
  language written_in{};
  crypto::secret_bytes text;  // UTF-8, complete
  static constexpr std::string_view name = "text_received";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &text_received::conversation}, field{"id", &text_received::id},
                      field{"written_in", &text_received::written_in}, words{"text", &text_received::text}};
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

// Who is told what.
using survivor_event =
    std::variant<trusted, distrusted, door_changed, place_changed, turned_away, joined, say_answered, text_received,
                 text_recalled, recalled, text_moved, peer_changed, keep, ended, finished, server_failed>;
using counselor_event =
    std::variant<trusted, distrusted, signed_in, expiry_changed, line_changed, called, call_withdrawn, restored,
                 joined, say_answered, text_received, text_recalled, recalled, text_moved, peer_changed,
                 peer_left_by_exit, keep, ended, finished, server_failed>;
using vault_event = std::variant<unlocked, not_unlocked>;
using event = std::variant<trusted, distrusted, door_changed, place_changed, turned_away, signed_in, expiry_changed,
                           line_changed, called, call_withdrawn, restored, joined, say_answered, text_received,
                           text_recalled, recalled, text_moved, peer_changed, peer_left_by_exit, keep, ended,
                           finished, server_failed, unlocked, not_unlocked>;

}  // namespace tomoshibi::core
