// The return phrase: all that a person needs to remember to read the reply to a letter, on any device. PROTOCOL.md,
// "Return phrase".
#pragma once

#include <string>

#include "crypto/hash.hpp"
#include "crypto/password.hpp"
#include "crypto/session.hpp"

namespace tomoshibi::crypto {

inline constexpr password_cost return_phrase_cost{2, 8ull << 20};

// words: six, as make_passphrase makes them (79.5 bits). digits: 24 of them (79.7 bits), nothing between.
enum class phrase_kind : byte { words, digits };
std::string make_return_phrase(phrase_kind kind, random_source& random);

struct return_keys {
  secret<32> locator;  // shown to the server, which keeps its hash
  sign_seed sign;      // to look and to burn
  kem_secret_key key;  // replies are sealed to it
  psk with;            // and authenticated by this

  hash32 locator_hash() const;  // SHA-256(locator)
};

// `phrase`: exactly as made, which is for client-web/core to restore from what was typed; any other gives other keys.
// out_of_bounds: the 8 MiB that it takes could not be had.
result<return_keys> derive_return_keys(std::string_view phrase, const sign_public_key& root);

// Shows one connection's server that the phrase is known. `challenge`: that connection's. `burn`: erase all that is
// kept under it.
struct fetch {
  block<32> challenge{};
  secret<32> locator;
  bool burn = false;
};
signature sign_fetch(const fetch& fields, const sign_seed& seed);
bool verify_fetch(const fetch& fields, const sign_public_key& key, const signature& made);

}  // namespace tomoshibi::crypto
