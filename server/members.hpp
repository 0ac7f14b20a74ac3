// The members of staff of a centre, as its folder has them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/folder.hpp"

namespace tomoshibi {

struct member {
  std::string id;                   // of the folder below staff/
  std::vector<bytes> certificates;  // signed, oldest first; never empty
  crypto::certificate newest;       // the fields of the last one
  bool disabled = false;
};

// The fields, if one of these issuers signed them; else why the last one did not.
crypto::result<crypto::certificate> open_certificate(bytes_view object,
                                                     std::span<const crypto::sign_public_key> issuers);

// All of staff/, by id. A certificate that none of these issuers signed is refused: the folder is a server's, and who
// can write there must not be able to make a member. Folders without certificates are no members.
file_result<std::vector<member>> read_members(const folder& of, std::span<const crypto::sign_public_key> issuers);

// The issuer's key, and that of the one before it where there is one: as the root signed them.
file_result<std::vector<crypto::sign_public_key>> read_issuers(const folder& of);

}  // namespace tomoshibi
