// Writes tests/vectors/letters.txt anew, to the standard output. Only after a layout has changed on purpose: a new
// version in PROTOCOL.md first.
#include <iostream>

#include "tests/crypto/letter_vectors.hpp"

int main() { std::cout << tomoshibi::crypto::make_letter_vectors(); }
