// The vectors of tests/vectors/letters.txt. Every build of the core makes them again and compares.
#pragma once

#include <string>

namespace tomoshibi::crypto {

// The whole file, lines `name = hex`.
std::string make_letter_vectors();

}  // namespace tomoshibi::crypto
