// Writes tests/vectors/objects.txt anew, to the standard output. Only after a layout has changed on purpose: a new
// version in PROTOCOL.md first.
#include <iostream>

#include "tests/crypto/object_vectors.hpp"

int main() { std::cout << tomoshibi::crypto::make_object_vectors(); }
