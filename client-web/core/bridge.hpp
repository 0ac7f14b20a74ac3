// Bytes to commands, and outputs to bytes: how a page's worker in TypeScript speaks with its core. Both ends are of
// one build, so there is no version.
//
//   command: clock8 | code1 | fields
//   output:  count4 (length4 | message)* | count4 (hash32)* | count4 (code1 | fields)*
//
// A code is the position in the variant, from 0. Fields follow in the order of `fields()`: numbers big-endian by
// their size, bool and enumerations one byte, blocks and secrets of a fixed size their bytes, everything else length4
// and its bytes.
#pragma once

#include "client-web/core/commands.hpp"
#include "client-web/core/output.hpp"

namespace tomoshibi::core {

inline std::string_view as_words(bytes_view utf8) {
  return {reinterpret_cast<const char*>(utf8.data()), utf8.size()};
}

template <class Command>
struct timed {
  seconds clock = 0;
  Command command;
};

// None: not of this layout; an unknown code, a value that is not declared, bytes missing or left over.
std::optional<timed<survivor_command>> decode_survivor_command(bytes_view in);
std::optional<timed<counselor_command>> decode_counselor_command(bytes_view in);
std::optional<timed<vault_command>> decode_vault_command(bytes_view in);

// An event that is not meant for this page must not be in it.
crypto::secret_bytes encode_for_survivor(const output& out);
crypto::secret_bytes encode_for_counselor(const output& out);
crypto::secret_bytes encode_for_vault(const output& out);

}  // namespace tomoshibi::core
