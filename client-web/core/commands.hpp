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
  static constexpr std::string_view name = "begin";
  static constexpr auto fields() {
    return std::tuple{field{"root_fingerprint", &begin::root_fingerprint}, field{"origin", &begin::origin},
                      field{"certificate", &begin::certificate}, field{"sign_seed", &begin::sign_seed},
                      field{"agree_seed", &begin::agree_seed}};
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

using survivor_command =
    std::variant<from_survivor::begin, from_network::connected, from_network::disconnected, from_network::received,
                 from_network::fetched, from_network::tick, from_survivor::enter, from_survivor::say,
                 from_survivor::shown, from_survivor::recall, from_survivor::end, from_survivor::exit>;

using counselor_command =
    std::variant<from_counselor::begin, from_counselor::restore, from_network::connected, from_network::disconnected,
                 from_network::received, from_network::fetched, from_network::tick, from_counselor::set_duty,
                 from_counselor::accept, from_counselor::say, from_counselor::shown, from_counselor::recall,
                 from_counselor::end>;

using vault_command = std::variant<from_staff::unlock>;

}  // namespace tomoshibi::core
