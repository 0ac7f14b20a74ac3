// vault.wasm: opens the vault of a member of staff. Argon2id takes 256 MiB, and a WebAssembly memory never shrinks:
// so it runs in a worker of its own that ends after one answer.
#include "crypto/vault.hpp"
#include "client-web/core/bridge.hpp"
#include "client-web/wasm/module.hpp"

namespace tomoshibi::core {

crypto::secret_bytes carry_out(bytes_view command) {
  const auto said = decode_vault_command(command);
  if (!said) return {};
  const auto& in = std::get<from_staff::unlock>(said->command);
  output out;
  const auto opened = crypto::open_vault(in.vault, as_words(in.passphrase), in.device_secret, in.prf);
  if (opened)
    out.tell(unlocked{opened->sign, opened->agree});
  else
    out.tell(not_unlocked{opened.error()});
  return encode_for_vault(out);
}

}  // namespace tomoshibi::core
