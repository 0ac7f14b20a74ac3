// The members of staff of a centre, as its folder has them, and who may sign for them.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "server/folder.hpp"

namespace tomoshibi {

// Centre file and issuer, as the root signed them, whatever the time is.
struct authority {
  crypto::centre_file centre;
  crypto::issuer issued_by;
  bytes issuer_object;
  std::vector<crypto::sign_public_key> issuers;  // whose signatures count: this one's, and the one before it
};
file_result<authority> read_authority(const folder& of);

// The fields, if one of these issuers signed them; else why the last one did not.
crypto::result<crypto::certificate> open_certificate(bytes_view object,
                                                     std::span<const crypto::sign_public_key> issuers);

// The newest roster that anybody may have seen: the one in its place, or the one that the server showed last. Empty:
// there is none. It is refused if none of these issuers signed it.
file_result<bytes> read_last_roster(const folder& of, std::span<const crypto::sign_public_key> issuers);
std::set<crypto::hash32> disabled_in(bytes_view roster, std::span<const crypto::sign_public_key> issuers);

struct member {
  std::string id;                   // of the folder below staff/
  std::vector<bytes> certificates;  // signed, oldest first; never empty
  crypto::certificate newest;       // the fields of the last one; of somebody disabled long ago perhaps none
  bool disabled = false;            // there is a mark, or the last roster says so of one of the certificates
  bool reads_letters = false;       // there is a mark
};

// All of staff/, by id. A certificate that none of these issuers signed is refused: the folder is a server's, and who
// can write there must not be able to make a member. Folders without certificates are no members.
file_result<std::vector<member>> read_members(const folder& of, std::span<const crypto::sign_public_key> issuers);

}  // namespace tomoshibi
