// Writes tests/vectors/t1.txt to its standard output. After a change of the protocol that is meant:
//   build/dev/tests/crypto/write_t1_vectors > tests/vectors/t1.txt
#include "tests/crypto/t1_script.hpp"
#include "tests/crypto/writing_book.hpp"

int main() {
  std::puts(
      "# T1 from first contact to a resume, as tests/crypto/t1_script.hpp plays it; written by\n"
      "# tests/crypto/write_t1_vectors.cpp. Layouts: crypto/PROTOCOL.md.\n"
      "# NAME.random: the random bytes of that step, in the order they are drawn. offer: the one-time private key. "
      "hello:\n"
      "# 64 for ctD, 64 for ctO. A frame: if it begins a turn, 64 for ct and 32 for the new private key; then the "
      "nonce.\n"
      "# FRAME.opened: number8 | duplicate1 | stepped1. Frames are delivered in the order of these lines.\n"
      "# refused.KIND.WHAT.FAILURE: this must be refused, at this point, as that failure.");
  tomoshibi::crypto::writing_book book;
  tomoshibi::crypto::play_t1(book);
}
