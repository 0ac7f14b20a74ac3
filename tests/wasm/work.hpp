// What is measured in both builds (measure.mjs): each function does its work `times` times over.
#pragma once

#include "crypto/password.hpp"
#include "tests/crypto/staffed_centre.hpp"

namespace tomoshibi::crypto {

// From the OFFER to both sides holding a session.
inline void shake_hands(unsigned times) {
  static first_contact contact;
  for (unsigned i = 0; i < times; ++i) {
    pending_offer offer = contact.make_offer();
    const auto met = contact.answer(offer.offer());
    if (!met || !offer.answer(met->hello, knows_none, noon)) std::abort();
  }
}

// A frame sealed and opened, each in a new turn: the dearest kind.
inline void exchange_frames(unsigned times) {
  static two_sides both;
  static unsigned turn = 0;
  for (unsigned i = 0; i < times; ++i) {
    const side from = turn++ % 2 == 0 ? side::survivor : side::counselor;
    const frame sealed = both.seal(from, "text");
    if (!both.of(from == side::survivor ? side::counselor : side::survivor).open(sealed, noon)) std::abort();
  }
}

// As the vault does: Argon2id, 256 MiB, three passes.
inline void stretch_passphrases(unsigned times) {
  for (unsigned i = 0; i < times; ++i)
    if (!stretch(as_bytes("ka ki ku ke ko sa"), {}, {3, 256ull << 20})) std::abort();
}

}  // namespace tomoshibi::crypto
