// Ed25519 (RFC 8032) over tagged messages: Sign(sk, tag, m) = Ed25519(sk, len8(tag) | tag | m), so that no
// signature made for one purpose can stand for another. len8 is one byte.
#pragma once

#include <string_view>

#include "crypto/failure.hpp"
#include "crypto/random.hpp"

namespace tomoshibi::crypto {

using sign_public_key = block<32>;
using sign_seed = secret<32>;
using signature = block<64>;

sign_public_key sign_public(const sign_seed& seed);
signature sign(const sign_seed& seed, std::string_view tag, bytes_view message);
bool verify(const sign_public_key& key, std::string_view tag, bytes_view message, const signature& made);

// X25519 (RFC 7748): the static key of a certificate.
using agree_public_key = block<32>;
using agree_seed = secret<32>;
agree_public_key agree_public(const agree_seed& seed);
result<secret<32>> agree(const agree_seed& own, const agree_public_key& theirs);  // malformed: of small order

}  // namespace tomoshibi::crypto
