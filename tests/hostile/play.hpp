// A consultation after the other, from a seed: persons who do what persons do, and between them a server that lies.
#pragma once

#include "client-web/core/letters.hpp"
#include "tests/hostile/forger.hpp"
#include "tests/hostile/ledger.hpp"

namespace tomoshibi::core {

class play {
 public:
  enum class kind { talks, letters };
  play(std::uint64_t seed, kind what);

  void disturb(std::size_t steps);  // something is done at each, and the server lies now and then
  void expect_honest_server_heals();
  const std::map<std::string_view, std::size_t>& told() const { return all_.told; }
  const std::vector<bytes>& overheard() const { return server_.heard(); }
  std::size_t silent() const { return silent_; }  // healed only by loading the page again

 private:
  template <class Core>
  struct actor {
    std::unique_ptr<person<Core>> at;
    who name;
    crypto::secret<128> keys{};
  };

  std::size_t below(std::size_t end);
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <class Core>
  bool is_staff(centre::connection_id id, const std::vector<actor<Core>>& among);
  std::vector<bytes> says(centre::connection_id to, bytes message);
  std::vector<bytes> hears(centre::connection_id from, bytes message);
  void let_go_of_held();
  void lie_out_of_the_blue();

  void act();
  void survivor_acts(actor<survivor>& she);
  void counselor_acts(actor<counselor>& he);
  void survivor_writes(actor<survivor>& she);
  void survivor_says(actor<survivor>& she, const std::string& words);
  void counselor_says(actor<counselor>& he, const conversation_id& id, const std::string& words);
  void invite(actor<counselor>& he, const conversation_id& id);
  void read_letters(actor<counselor>& he);
  template <class Core>
  void reload(actor<Core>& whose);
  void renew_roster();
  void come_back();
  std::vector<actor<survivor>*> find_silent(const std::function<void(seconds)>& pass);

  kind what_;
  world in_;
  support::seeded_random random_;
  forger server_;
  ledger all_;
  std::vector<actor<survivor>> survivors_;
  std::vector<actor<counselor>> counselors_;
  std::vector<std::pair<centre::connection_id, bytes>> held_;
  bool hostile_ = false;
  std::size_t silent_ = 0;
  std::size_t lies_left_ = 0;
};

}  // namespace tomoshibi::core
