// `tomoshibi staff`: who belongs to a centre. Each call signs what it needs to and publishes a roster; the error is a
// sentence, and what was written until then is good and stays: `renew` goes on from there.
#pragma once

#include <functional>
#include <string>

#include "server/issuing.hpp"

namespace tomoshibi {

struct new_member {
  std::string id;     // lower-case letters, digits and hyphens, at most 32
  std::string alias;  // the pseudonym in the certificate: UTF-8, 1 to 32 bytes, nobody else's
  std::string desk;   // a desk's id in the configuration
  crypto::role role = crypto::role::counselor;
  std::filesystem::path out;  // the folder that receives ID.key; must not hold one yet
  bool reads_letters = false;
};

// Whoever signs something for somebody else's keys.
struct made_keys {
  crypto::key_file file;
  std::string passphrase;
};
// Fresh keys, and the certificate that `certify` makes for them.
file_result<made_keys> make_keys(crypto::password_cost cost, crypto::random_source& random,
                                 const std::function<bytes(crypto::certificate)>& certify);

// The folder's lock is held by the caller. `tell_passphrase` is called once the key file is written, before anybody
// else knows of the member: it is kept nowhere.
file_result<void> add_member(const folder& of, const issuing& signs, const new_member& who,
                             crypto::password_cost cost, crypto::random_source& random,
                             const std::function<void(std::string_view passphrase)>& tell_passphrase);
// `id`: also before it is due; empty: whoever is due.
file_result<void> renew_members(const folder& of, const issuing& signs, std::string_view id);
// Letters that are written from now on are sealed to this member too, or not any more.
file_result<void> set_reads_letters(const folder& of, const issuing& signs, std::string_view id, bool reads);
// For good: who comes back is enrolled under another id.
file_result<void> disable_member(const folder& of, const issuing& signs, std::string_view id);

}  // namespace tomoshibi
