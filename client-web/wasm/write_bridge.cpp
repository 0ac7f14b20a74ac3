// Writes bridge.ts: commands, events and constants of client-web/core as the pages' TypeScript sees them. Types for
// the compiler, and for client-web/src/core.ts the tables that say how each one lies in bytes (core/bridge.hpp).
#include <cstdio>
#include <set>
#include <string>

#include "client-web/core/bridge.hpp"
#include "client-web/core/conversation.hpp"
#include "client-web/core/names.hpp"

namespace tomoshibi::core {
namespace {

template <class T>
constexpr bool is_words = false;
template <class Member>
constexpr bool is_words<words<Member>> = true;
template <class T>
constexpr std::size_t block_size = 0;
template <std::size_t N>
constexpr std::size_t block_size<block<N>> = N;
template <class T>
constexpr std::size_t secret_size = 0;
template <std::size_t N>
constexpr std::size_t secret_size<crypto::secret<N>> = N;

// door_reason -> DoorReason
std::string pascal(std::string_view name) {
  std::string out;
  bool begins = true;
  for (char c : name) {
    if (c != '_') out += begins ? static_cast<char>(c - 'a' + 'A') : c;
    begins = c == '_';
  }
  return out;
}

// One field: its type, and its row in the table.
struct description {
  std::string type, row;
};

template <class T>
description describe(std::string_view name, bool holds_words) {
  const std::string begin = "['" + std::string(name) + "', ";
  if constexpr (std::is_same_v<T, bool>) {
    return {"boolean", begin + "'flag']"};
  } else if constexpr (std::is_enum_v<T>) {
    const std::string named(names<T>::name);
    return {pascal(named), begin + "'choice', " + named + "]"};
  } else if constexpr (std::is_unsigned_v<T>) {
    return {"number", begin + "'number', " + std::to_string(sizeof(T)) + "]"};
  } else if constexpr (block_size<T> != 0) {
    return {"string", begin + "'hex', " + std::to_string(block_size<T>) + "]"};
  } else if constexpr (secret_size<T> != 0) {
    return {"Uint8Array", begin + "'block', " + std::to_string(secret_size<T>) + "]"};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {"string", begin + "'text']"};
  } else {
    static_assert(std::is_same_v<T, bytes> || std::is_same_v<T, crypto::secret_bytes>);
    return holds_words ? description{"string", begin + "'text']"} : description{"Uint8Array", begin + "'bytes']"};
  }
}

// `say` is an object of any command or event; `visit(description, name)` for each field.
template <class Said, class Visitor>
void each_field(Visitor visit) {
  const auto one = [&]<class Field>(const Field& field) {
    using type = std::remove_cvref_t<decltype(std::invoke(field.member, std::declval<Said&>()))>;
    visit(describe<type>(field.name, is_words<Field>), field.name);
  };
  std::apply([&](const auto&... field) { (one(field), ...); }, Said::fields());
}

// In TypeScript `kind` says which command or event it is.
template <class Said>
constexpr bool names_kind = std::apply([](const auto&... field) { return ((field.name == "kind") || ...); },
                                       Said::fields());

template <class Said>
std::string type_of() {
  static_assert(!names_kind<Said>);
  std::string out = "{ kind: '" + std::string(Said::name) + "'";
  each_field<Said>(
      [&](const description& field, std::string_view name) { out += "; " + std::string(name) + ": " + field.type; });
  return out + " }";
}

template <class Said>
std::string row_of() {
  std::string out = "['" + std::string(Said::name) + "'";
  each_field<Said>([&](const description& field, std::string_view) { out += ", " + field.row; });
  return out + "]";
}

template <class... Said>
void print_commands(const char* name, std::type_identity<std::variant<Said...>>) {
  std::printf("export type %s =", name);
  (std::printf("\n  | %s", type_of<Said>().c_str()), ...);
  std::printf(";\n\n");
}

template <class... Said>
void print_events(std::type_identity<std::variant<Said...>>) {
  (std::printf("export type %s = %s;\n", pascal(Said::name).c_str(), type_of<Said>().c_str()), ...);
  std::printf("\n");
}

template <class... Said>
void print_union(const char* name, std::type_identity<std::variant<Said...>>) {
  std::printf("export type %s =", name);
  (std::printf("\n  | %s", pascal(Said::name).c_str()), ...);
  std::printf(";\n\n");
}

template <class... Said>
void print_rows(const char* name, std::type_identity<std::variant<Said...>>) {
  std::printf("  %s: [\n", name);
  (std::printf("    %s,\n", row_of<Said>().c_str()), ...);
  std::printf("  ],\n");
}

template <class Command, class Event>
void print_side(const char* name, const char* commands, const char* events) {
  std::printf("export const %s: Side<%s, %s> = {\n", name, commands, events);
  print_rows("commands", std::type_identity<Command>{});
  print_rows("events", std::type_identity<Event>{});
  std::printf("};\n\n");
}

// The names in the order of their values; the bytes before the first one mean nothing.
template <class Enumeration>
void print_enumeration() {
  const std::string name(names<Enumeration>::name);
  std::string type, list;
  for (unsigned value = 0; value < 256; ++value) {
    const std::string_view of = names<Enumeration>::of(static_cast<Enumeration>(value));
    if (of.empty() && !type.empty()) break;
    list += (value > 0 ? ", '" : "'") + std::string(of) + "'";
    if (!of.empty()) type += (type.empty() ? "'" : " | '") + std::string(of) + "'";
  }
  std::printf("export type %s = %s;\nexport const %s: Choices<%s> = [%s];\n\n", pascal(name).c_str(), type.c_str(),
              name.c_str(), pascal(name).c_str(), list.c_str());
}

void print_number(const char* name, std::uint64_t value) {
  std::printf("export const %s = %llu;\n", name, static_cast<unsigned long long>(value));
}

void print_constants() {
  std::printf("export const subprotocol = '%.*s';\n", static_cast<int>(wire::subprotocol.size()),
              wire::subprotocol.data());
  print_number("text_bytes_max", text_bytes_max);
  print_number("texts_waiting_max", texts_waiting_max);
  print_number("accept_seconds", wire::accept_seconds);
  print_number("resume_grace_seconds", wire::resume_grace_seconds);
  print_number("certificate_bytes", crypto::certificate_bytes);
  print_number("sheet_text_bytes_max", crypto::sheet_bytes_max - 1);
  print_number("letter_text_bytes_max", crypto::letter_text_bytes_max);
  print_number("reply_text_bytes_max", crypto::reply_text_bytes_max);
  std::printf(
      "\n// The first byte of messages that a server answers at once: silence after one of these means that it is "
      "gone.\n");
  std::printf("export const answered_codes: readonly number[] = [%u, %u, %u, %u, %u, %u, %u, %u, %u, %u];\n",
              wire::watch::code, wire::enter::code, wire::resume::code, wire::offer::code, wire::hello::code,
              wire::talk::code, wire::leave::code, wire::login::code, wire::ask_letter_keys::code,
              wire::show_return::code);
  std::printf("\n// With which the server closes the WebSocket (RFC 6455, section 7.4.1).\n");
  std::printf("export const close_codes: Record<ServerError, number> = {\n");
  for (const wire::error_entry& entry : wire::error_table)
    std::printf("  %.*s: %u,\n", static_cast<int>(entry.name.size()), entry.name.data(),
                static_cast<unsigned>(entry.close_code));
  std::printf("};\n\n");
}

constexpr const char* opening = R"(// Made from client-web/core/commands.hpp and events.hpp at each build.
// Ids and hashes are lower-case hex; times are Unix seconds. What is a Uint8Array is secret, or meant for the core.

// A row: the name, then its fields in order; the place of a row in its table is its code.
export type Choices<Name extends string> = readonly (Name | '')[];
export type Field =
  | readonly [name: string, kind: 'flag' | 'text' | 'bytes']
  | readonly [name: string, kind: 'number' | 'hex' | 'block', size: number]
  | readonly [name: string, kind: 'choice', of: readonly string[]];
export type Row = readonly [kind: string, ...fields: Field[]];

// The types are for the compiler alone.
export type Side<Command, Event> = {
  readonly commands: readonly Row[];
  readonly events: readonly Row[];
  readonly types?: readonly [Command, Event];
};

)";

void print_bridge() {
  std::fputs(opening, stdout);
  print_enumeration<language>();
  print_enumeration<said>();
  print_enumeration<text_progress>();
  print_enumeration<ending>();
  print_enumeration<wire::door_reason>();
  print_enumeration<wire::refusal>();
  print_enumeration<wire::withdrawal>();
  print_enumeration<wire::presence>();
  print_enumeration<wire::error>();
  print_enumeration<crypto::failure>();
  print_enumeration<crypto::role>();
  print_enumeration<invitation_kind>();
  print_enumeration<invitation_stage>();
  print_enumeration<letter_fault>();
  print_constants();
  print_events(std::type_identity<event>{});
  print_union("SurvivorEvent", std::type_identity<survivor_event>{});
  print_union("CounselorEvent", std::type_identity<counselor_event>{});
  print_union("VaultEvent", std::type_identity<vault_event>{});
  print_commands("SurvivorCommand", std::type_identity<survivor_command>{});
  print_commands("CounselorCommand", std::type_identity<counselor_command>{});
  print_commands("VaultCommand", std::type_identity<vault_command>{});
  print_side<survivor_command, survivor_event>("survivor", "SurvivorCommand", "SurvivorEvent");
  print_side<counselor_command, counselor_event>("counselor", "CounselorCommand", "CounselorEvent");
  print_side<vault_command, vault_event>("vault", "VaultCommand", "VaultEvent");
}

}  // namespace
}  // namespace tomoshibi::core

int main(int count, char** words) {
  if (count != 2 || std::freopen(words[1], "w", stdout) == nullptr) {
    std::fputs("usage: write_bridge FILE\n", stderr);
    return 2;
  }
  tomoshibi::core::print_bridge();
  return std::fflush(stdout) == 0 ? 0 : 1;
}
