// The hostile server's hands: what it overheard, keys and certificates of its own, and what it makes of them.
#pragma once

#include <deque>

#include "server/wire/codec.hpp"
#include "tests/core/world.hpp"

namespace tomoshibi::core {

class forger {
 public:
  // Enrols its people at the centre, who may not serve anybody there; before the first person comes.
  forger(world& in, std::uint64_t seed);

  // What it has from another run of another centre; the same for all, so that a seed tells everything of a play.
  static std::vector<bytes> run_before;
  const std::vector<bytes>& heard() const { return heard_; }

  // --- it overhears ---
  void hear_client(const wire::client_message& said, bool by_staff);
  void hear_server(const bytes& said);

  // --- it lies ---
  bytes flip(bytes message);                                             // a bit of it
  std::optional<bytes> cross(const bytes& message);                      // one field out of another of its kind
  std::optional<bytes> replay(std::optional<byte> code = std::nullopt);  // of this run or of one before
  std::optional<bytes> forge_in_place_of(const bytes& message);          // of its kind, with keys of its own
  std::vector<bytes> invent(bool for_staff);                             // out of nothing
  bytes give(const crypto::hash32& hash);                                // a file, for a name that it said

  // What it got to read that was not meant for it: always none.
  const std::vector<std::string>& read() const { return read_; }
  // It is in a talk as somebody new, with a handshake that is in order: nobody can prevent that.
  bool poses_as_survivor(const conversation_id& id) const { return posing_.contains(id); }

 private:
  std::size_t below(std::size_t end);
  bool one_in(std::size_t count) { return below(count) == 0; }
  const crypto::identity& anybody() { return people_[below(people_.size())]; }
  conversation_id any_conversation();
  crypto::frame make_offer(const conversation_id& id);
  std::optional<crypto::frame> make_hello(const conversation_id& id);
  crypto::frame make_consent(const conversation_id& id);
  wire::letter_reader make_reader();
  wire::server_message invent_one(bool for_staff);
  void read_letter(const wire::client_message& said);

  world& in_;
  support::seeded_random random_;
  std::vector<crypto::identity> people_;
  signed_centre other_centre_;
  std::optional<signed_centre> fork_;  // the centre itself, with another roster of the same epoch
  std::map<conversation_id, wire::nonce> nonces_;
  std::map<conversation_id, wire::frame> offers_;
  std::map<conversation_id, std::pair<crypto::hash32, crypto::hash32>> invitations_;  // th and who invites
  std::deque<crypto::pending_offer> made_offers_;
  std::map<conversation_id, crypto::session> posing_;
  std::vector<bytes> heard_;
  std::vector<crypto::kem_secret_key> inbox_keys_;
  std::vector<std::string> read_;
};

}  // namespace tomoshibi::core
