// What the vault module does: from the key file and the passphrase as somebody typed it to the keys of a console.
#pragma once

#include "client-web/core/commands.hpp"

namespace tomoshibi::core {

// The passphrase as it was made: lower-case ASCII words, one space between. A Japanese keyboard types full-width
// letters and spaces, a phone begins with a capital, and a copy ends with a newline.
crypto::secret_bytes tidy_passphrase(bytes_view typed);

event unlock(const from_staff::unlock& with);  // `unlocked` or `not_unlocked`

}  // namespace tomoshibi::core
