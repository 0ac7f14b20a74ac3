// Writes tests/vectors/invitation.txt to its standard output. After a change of the protocol that is meant:
//   build/dev/tests/crypto/write_invitation_vectors > tests/vectors/invitation.txt
#include "tests/crypto/invitation_script.hpp"
#include "tests/crypto/writing_book.hpp"

int main() {
  std::puts(
      "# Invitations, as tests/crypto/invitation_script.hpp plays them; written by\n"
      "# tests/crypto/write_invitation_vectors.cpp. Layouts: crypto/PROTOCOL.md, \"Invitations\".\n"
      "# NAME.random: the random bytes of that step, in the order they are drawn. invitation: invite32, salt32. "
      "consent: "
      "the\n"
      "# private key of the hand-over key. introduction: 64 for ctD, 64 for ctH.\n"
      "# refused.KIND.WHAT.FAILURE: this must be refused, at this point, as that failure.");
  tomoshibi::crypto::writing_book book;
  tomoshibi::crypto::play_invitations(book);
}
