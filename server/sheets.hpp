// The root key on paper: three sheets, any two of which give it back (crypto/sheets.hpp).
#pragma once

#include "crypto/sheets.hpp"
#include "server/folder.hpp"

namespace tomoshibi {

struct sheet_title {
  std::string ja, en;  // the centre's name
  std::string date;    // of the day on which the three are made: two sets do not fit together
};

// sheet-1.txt to sheet-3.txt in `out`, a page each. Refused: one of them is there already, or the key is not the one
// whose fingerprint the centre's folder has.
file_result<void> write_sheets(const folder& of, const key_folder& keys, const std::filesystem::path& out,
                               const sheet_title& title, crypto::random_source& random);

// Puts the root key where `init` finds it, and gives its fingerprint. Refused: there is one already, a page that is
// no sheet (which one, and which line), and two that do not belong together.
file_result<crypto::hash32> restore_root(const key_folder& into, const std::filesystem::path& one,
                                         const std::filesystem::path& other);

}  // namespace tomoshibi
