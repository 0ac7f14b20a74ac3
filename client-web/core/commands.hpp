// What a page's worker tells its core. Each comes with the device's clock, in Unix seconds. How a command names its
// fields: field.hpp.
#pragma once

#include "client-web/core/events.hpp"

namespace tomoshibi::core {

// --- from the worker itself: what the network brings ---
namespace from_network {

struct connected {
  static constexpr std::string_view name = "connected";
  static constexpr auto fields() { return std::tuple{}; }
};
struct disconnected {
  static constexpr std::string_view name = "disconnected";
  static constexpr auto fields() { return std::tuple{}; }
};
// One message of the socket.
struct received {
  bytes message;
  static constexpr std::string_view name = "received";
  static constexpr auto fields() { return std::tuple{field{"message", &received::message}}; }
};
// A file that `wanted` asked for: the body of GET /signed/HASH.
struct fetched {
  crypto::hash32 hash{};
  bytes object;
  static constexpr std::string_view name = "fetched";
  static constexpr auto fields() {
    return std::tuple{field{"hash", &fetched::hash}, field{"object", &fetched::object}};
  }
};
// About once a second.
struct tick {
  static constexpr std::string_view name = "tick";
  static constexpr auto fields() { return std::tuple{}; }
};

}  // namespace from_network

namespace from_survivor {

// First of all. `kept`: of the last `keep` event, if the page was reloaded; else empty.
struct begin {
  crypto::hash32 root_fingerprint{};
  std::string desk;
  crypto::secret_bytes kept;
  static constexpr std::string_view name = "begin";
  static constexpr auto fields() {
    return std::tuple{field{"root_fingerprint", &begin::root_fingerprint}, field{"desk", &begin::desk},
                      field{"kept", &begin::kept}};
  }
};
struct enter {
  static constexpr std::string_view name = "enter";
  static constexpr auto fields() { return std::tuple{}; }
};
// `reference`: the page's own number for this text; `say_answered` repeats it.
struct say {
  std::uint32_t reference = 0;
  language written_in{};
  crypto::secret_bytes text;
  static constexpr std::string_view name = "say";
  static constexpr auto fields() {
    return std::tuple{field{"reference", &say::reference}, field{"written_in", &say::written_in},
                      words{"text", &say::text}};
  }
};
// This text is on the screen now.
struct shown {
  message_id id{};
  static constexpr std::string_view name = "shown";
  static constexpr auto fields() { return std::tuple{field{"id", &shown::id}}; }
};
// Asks the counselor for what was said before this page was loaded. Offered if `joined` says we_forgot, same_tab and
// not peer_forgot.
struct recall {
  static constexpr std::string_view name = "recall";
  static constexpr auto fields() { return std::tuple{}; }
};
// To the `invitation_received` of this number: a yes to what is not asked any more is a yes to nothing.
struct answer_invitation {
  std::uint32_t number = 0;
  bool yes = false;
  static constexpr std::string_view name = "answer_invitation";
  static constexpr auto fields() {
    return std::tuple{field{"number", &answer_invitation::number}, field{"yes", &answer_invitation::yes}};
  }
};
// Whoever has joined is to go.
struct end_company {
  static constexpr std::string_view name = "end_company";
  static constexpr auto fields() { return std::tuple{}; }
};
// Whether a letter can be written now, and when it would be read: `letters_told`.
struct ask_letters {
  static constexpr std::string_view name = "ask_letters";
  static constexpr auto fields() { return std::tuple{}; }
};
// After `letters_told`. `keys`: of the return phrase (`phrase_made`); zeros: no answer can come.
struct send_letter {
  language written_in{};
  crypto::secret_bytes text;
  crypto::secret<128> keys;
  static constexpr std::string_view name = "send_letter";
  static constexpr auto fields() {
    return std::tuple{field{"written_in", &send_letter::written_in}, words{"text", &send_letter::text},
                      field{"keys", &send_letter::keys}};
  }
};
// `replies_told`, and what is there. `burn`: erase all that is kept under the phrase.
struct fetch_replies {
  crypto::secret<128> keys;
  bool burn = false;
  static constexpr std::string_view name = "fetch_replies";
  static constexpr auto fields() {
    return std::tuple{field{"keys", &fetch_replies::keys}, field{"burn", &fetch_replies::burn}};
  }
};
struct end {
  static constexpr std::string_view name = "end";
  static constexpr auto fields() { return std::tuple{}; }
};
struct exit {
  static constexpr std::string_view name = "exit";
  static constexpr auto fields() { return std::tuple{}; }
};

}  // namespace from_survivor

namespace from_counselor {

// First of all. Certificate and seeds come out of the key file (`unlocked`); `origin`: the page's, as the browser
// sends it.
struct begin {
  crypto::hash32 root_fingerprint{};
  std::string origin;
  bytes certificate;
  crypto::sign_seed sign_seed;
  crypto::agree_seed agree_seed;
  bytes inbox;  // of the last `keep_inbox` on this device; empty: none
  static constexpr std::string_view name = "begin";
  static constexpr auto fields() {
    return std::tuple{field{"root_fingerprint", &begin::root_fingerprint},
                      field{"origin", &begin::origin},
                      field{"certificate", &begin::certificate},
                      field{"sign_seed", &begin::sign_seed},
                      field{"agree_seed", &begin::agree_seed},
                      field{"inbox", &begin::inbox}};
  }
};
// After `begin`, for each conversation that `keep` events left behind before a reload.
struct restore {
  crypto::secret_bytes kept;
  static constexpr std::string_view name = "restore";
  static constexpr auto fields() { return std::tuple{field{"kept", &restore::kept}}; }
};
// `present`: at the desk and on duty; `free`: can take a chat now; `capacity`: chats at once.
struct set_duty {
  wire::duty duty{};
  static constexpr std::string_view name = "set_duty";
  static constexpr auto fields() {
    return std::tuple{inner("present", &set_duty::duty, &wire::duty::present),
                      inner("free", &set_duty::duty, &wire::duty::free),
                      inner("capacity", &set_duty::duty, &wire::duty::capacity)};
  }
};
// The answer to `called`.
struct accept {
  conversation_id conversation{};
  static constexpr std::string_view name = "accept";
  static constexpr auto fields() { return std::tuple{field{"conversation", &accept::conversation}}; }
};
struct say {
  conversation_id conversation{};
  std::uint32_t reference = 0;
  language written_in{};
  crypto::secret_bytes text;
  static constexpr std::string_view name = "say";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &say::conversation}, field{"reference", &say::reference},
                      field{"written_in", &say::written_in}, words{"text", &say::text}};
  }
};
struct shown {
  conversation_id conversation{};
  message_id id{};
  static constexpr std::string_view name = "shown";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &shown::conversation}, field{"id", &shown::id}};
  }
};
// As the survivor's.
struct recall {
  conversation_id conversation{};
  static constexpr std::string_view name = "recall";
  static constexpr auto fields() { return std::tuple{field{"conversation", &recall::conversation}}; }
};
// Who is on duty and could be invited: `colleague_told`.
struct ask_team {
  static constexpr std::string_view name = "ask_team";
  static constexpr auto fields() { return std::tuple{}; }
};
// Asks a colleague, then the survivor, who is shown the sheet (at most sheet_bytes_max). One at a time.
struct invite {
  conversation_id conversation{};
  crypto::hash32 colleague{};
  invitation_kind kind{};
  language written_in{};
  crypto::secret_bytes sheet;
  static constexpr std::string_view name = "invite";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &invite::conversation}, field{"colleague", &invite::colleague},
                      field{"purpose", &invite::kind}, field{"written_in", &invite::written_in},
                      words{"sheet", &invite::sheet}};
  }
};
struct withdraw_invitation {
  conversation_id conversation{};
  static constexpr std::string_view name = "withdraw_invitation";
  static constexpr auto fields() { return std::tuple{field{"conversation", &withdraw_invitation::conversation}}; }
};
// To `invited`.
struct answer_colleague {
  conversation_id conversation{};  // theirs
  bool yes = false;
  static constexpr std::string_view name = "answer_colleague";
  static constexpr auto fields() {
    return std::tuple{field{"conversation", &answer_colleague::conversation}, field{"yes", &answer_colleague::yes}};
  }
};
// The oldest that waits: `letter_opened` or `no_letter`.
struct take_letter {
  static constexpr std::string_view name = "take_letter";
  static constexpr auto fields() { return std::tuple{}; }
};
struct answer_letter {
  crypto::letter_id letter{};
  language written_in{};
  crypto::secret_bytes text;  // at most crypto::reply_text_bytes_max
  static constexpr std::string_view name = "answer_letter";
  static constexpr auto fields() {
    return std::tuple{field{"letter", &answer_letter::letter}, field{"written_in", &answer_letter::written_in},
                      words{"text", &answer_letter::text}};
  }
};
// `read`: it is dealt with, without a reply; else a colleague is to read it.
struct put_letter {
  crypto::letter_id letter{};
  bool read = false;
  static constexpr std::string_view name = "put_letter";
  static constexpr auto fields() {
    return std::tuple{field{"letter", &put_letter::letter}, field{"read", &put_letter::read}};
  }
};
struct end {
  conversation_id conversation{};
  static constexpr std::string_view name = "end";
  static constexpr auto fields() { return std::tuple{field{"conversation", &end::conversation}}; }
};

}  // namespace from_counselor

// To the one-shot worker that opens a key file. `prf`: zeros where the browser has none. `passphrase`: as typed.
namespace from_staff {

struct unlock {
  crypto::secret_bytes key_file;
  crypto::secret_bytes passphrase;
  crypto::secret<32> prf;
  static constexpr std::string_view name = "unlock";
  static constexpr auto fields() {
    return std::tuple{field{"key_file", &unlock::key_file}, words{"passphrase", &unlock::passphrase},
                      field{"prf", &unlock::prf}};
  }
};

}  // namespace from_staff

// To a one-shot worker that makes a return phrase, or reads one, and does nothing else: Argon2id takes memory that is
// never given back. `root`: of `trusted`.
namespace from_survivor {

struct make_phrase {
  crypto::sign_public_key root{};
  bool digits = false;  // else words
  bool kana = false;    // words are shown in hiragana
  static constexpr std::string_view name = "make_phrase";
  static constexpr auto fields() {
    return std::tuple{field{"root", &make_phrase::root}, field{"digits", &make_phrase::digits},
                      field{"kana", &make_phrase::kana}};
  }
};
struct read_phrase {
  crypto::sign_public_key root{};
  crypto::secret_bytes typed;
  static constexpr std::string_view name = "read_phrase";
  static constexpr auto fields() {
    return std::tuple{field{"root", &read_phrase::root}, words{"typed", &read_phrase::typed}};
  }
};

}  // namespace from_survivor

using survivor_command =
    std::variant<from_survivor::begin, from_network::connected, from_network::disconnected, from_network::received,
                 from_network::fetched, from_network::tick, from_survivor::enter, from_survivor::say,
                 from_survivor::shown, from_survivor::recall, from_survivor::answer_invitation,
                 from_survivor::end_company, from_survivor::ask_letters, from_survivor::send_letter,
                 from_survivor::fetch_replies, from_survivor::end, from_survivor::exit, from_survivor::make_phrase,
                 from_survivor::read_phrase>;

using counselor_command =
    std::variant<from_counselor::begin, from_counselor::restore, from_network::connected, from_network::disconnected,
                 from_network::received, from_network::fetched, from_network::tick, from_counselor::set_duty,
                 from_counselor::accept, from_counselor::say, from_counselor::shown, from_counselor::recall,
                 from_counselor::ask_team, from_counselor::invite, from_counselor::withdraw_invitation,
                 from_counselor::answer_colleague, from_counselor::take_letter, from_counselor::answer_letter,
                 from_counselor::put_letter, from_counselor::end>;

using vault_command = std::variant<from_staff::unlock>;

}  // namespace tomoshibi::core
