// The functions that client-web/src/core.ts calls. Commands and outputs carry texts and keys: they are wiped as soon
// as the page has them, and with them what the work on them left on the stack.
#include "client-web/wasm/module.hpp"

namespace {

tomoshibi::crypto::secret_bytes command, output;

}  // namespace

extern "C" {

[[clang::export_name("make_room")]] tomoshibi::byte* make_room(std::size_t size) {
  command.assign(size, 0);
  return command.data();
}

[[clang::export_name("carry_out")]] std::size_t carry_out() {
  output = tomoshibi::core::carry_out(command);
  command = tomoshibi::crypto::secret_bytes();  // not {}: that would keep the buffer, and what is in it
  return output.size();
}

[[clang::export_name("find_output")]] const tomoshibi::byte* find_output() { return output.data(); }

[[clang::export_name("forget")]] void forget() {
  output = tomoshibi::crypto::secret_bytes();
  tomoshibi::core::wipe_stack();
}

}  // extern "C"
