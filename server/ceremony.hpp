// The key ceremony of a centre: makes what its folder lacks, keeps what is good, renews what is about to expire.
// Root and issuer lie in a key_folder, which a real centre keeps where no network reaches.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "server/issuing.hpp"

namespace tomoshibi {

struct staff_plan {
  std::string id;     // of the folder below staff/
  std::string alias;  // the pseudonym in the certificate
  crypto::role role{};
  std::string desk;  // the desk's id in the configuration
  bool reads_letters = true;
};

struct ceremony_plan {
  bool demo = false;
  std::vector<crypto::centre_file::desk_entry> desks;
  std::string page;               // the centre file's JSON for the pages
  std::vector<staff_plan> staff;  // invented people, demo only; their passphrases are written beside their key files
  std::vector<std::string> tls_names;  // what the self-signed certificate must be good for
  // Demo: by how many whole hours the clock is to be shifted at `clock` (the machine's), at least `least`.
  std::function<std::uint32_t(crypto::seconds clock, std::uint32_t least)> shift_hours;
  bool new_issuer = false;  // also before it is due: its key was stolen, or is lost
  crypto::password_cost vault_cost = crypto::vault_cost;
};

inline constexpr crypto::seconds issuer_life = 365 * 86400;

// `note` is told, in a sentence each, what was made or renewed. The error is a sentence; what was written until
// then is good and stays.
file_result<void> hold_ceremony(const folder& of, const key_folder& keys, const ceremony_plan& plan,
                                crypto::seconds clock, crypto::random_source& random,
                                const std::function<void(std::string_view)>& note);

}  // namespace tomoshibi
