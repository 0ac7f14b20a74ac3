// A return phrase as a person sees it and types it. The phrase itself, as crypto/return_phrase.hpp takes it, is six
// made-up words in Latin letters or 24 digits; in Japanese the words are read in hiragana, and digits stand in
// groups of four.
#pragma once

#include <optional>
#include <string>

#include "crypto/secret.hpp"

namespace tomoshibi::core {

inline constexpr std::size_t phrase_words = 6, phrase_digits = 24, phrase_digits_in_group = 4;

// `phrase`: words or digits, as made.
crypto::secret_bytes show_in_kana(bytes_view phrase);   // words; digits as show_in_latin
crypto::secret_bytes show_in_latin(bytes_view phrase);  // the words as they are; digits in groups

// What was typed, as it was made: either kana, either way to spell them in Latin letters, full-width forms, capitals,
// and any white space, dots, commas and dashes between. None: neither six words nor 24 digits.
std::optional<crypto::secret_bytes> read_phrase(bytes_view typed);

}  // namespace tomoshibi::core
