// A member's pseudonym, as it stands in a certificate and on a survivor's screen.
#pragma once

#include <string>
#include <string_view>

namespace tomoshibi::config {

inline constexpr std::size_t alias_bytes_max = 32;

// Why this is none, in a sentence; empty: it is one. UTF-8, 1 to alias_bytes_max bytes, no blank at either end;
// nothing that a terminal obeys, and nothing that is not seen or turns the writing round.
std::string fault_of_alias(std::string_view alias);

}  // namespace tomoshibi::config
