// vault.wasm: opens the key file of a member of staff. Argon2id takes 256 MiB, and a WebAssembly memory never
// shrinks: so it runs in a worker of its own that ends after one answer.
#include "client-web/core/bridge.hpp"
#include "client-web/core/unlock.hpp"
#include "client-web/wasm/module.hpp"

namespace tomoshibi::core {

crypto::secret_bytes carry_out(bytes_view command) {
  const auto said = decode_vault_command(command);
  if (!said) return {};
  output out;
  out.tell(unlock(std::get<from_staff::unlock>(said->command)));
  return encode_for_vault(out);
}

}  // namespace tomoshibi::core
