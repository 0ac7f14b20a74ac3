// A whole consultation in one process: real client cores, the real centre and desks, a store in memory, and a network
// that delivers in order, holds back, or is cut, as the test says.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>

#include "client-web/core/counselor.hpp"
#include "client-web/core/survivor.hpp"
#include "server/centre/centre.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::core {

inline constexpr seconds morning = 1'800'000'000;
inline constexpr std::string_view origin = "https://localhost:8443";

// Root, issuer, roster and staff of a centre with one desk, "talk", and the drill desk.
class signed_centre {
 public:
  explicit signed_centre(crypto::random_source& random) : random_(random) {
    root_ = random.make_secret<32>();
    issuer_ = random.make_secret<32>();
    file_.centre = random.make_block<16>();
    file_.root = crypto::sign_public(root_);
    file_.issued = morning - 1000;
    file_.desks = {{"talk", true}};
    desk = crypto::make_desk_id(file_.centre, "talk");
    drill_desk = crypto::make_desk_id(file_.centre, crypto::drill_desk_name);
  }

  crypto::identity enrol(crypto::role holder, const crypto::desk_id& at, std::string alias,
                         seconds until = morning + 1'000'000) {
    const crypto::identity out{{}, random_.make_secret<32>(), random_.make_secret<32>()};
    return certify(out, holder, at, std::move(alias), until);
  }
  // Another certificate for the same keys.
  crypto::identity certify(crypto::identity who, crypto::role holder, const crypto::desk_id& at, std::string alias,
                           seconds until) {
    who.certificate =
        crypto::sign_certificate({holder, at, ++serial_, morning - 1000, until, crypto::sign_public(who.sign),
                                  crypto::agree_public(who.agree), std::move(alias)},
                                 issuer_);
    roster_.entries.push_back({crypto::sha256(who.certificate), 0});
    return who;
  }
  void disable(const crypto::identity& who) {
    for (crypto::roster::entry& each : roster_.entries)
      if (each.certificate == crypto::sha256(who.certificate)) each.flags = crypto::roster::flag_disabled;
  }

  void lets_read_letters(const crypto::identity& who) {
    for (crypto::roster::entry& each : roster_.entries)
      if (each.certificate == crypto::sha256(who.certificate)) each.flags |= crypto::roster::flag_reads_letters;
  }

  void publish() {
    centre_object = crypto::sign_centre_file(file_, root_);
    issuer_object =
        crypto::sign_issuer({1, morning - 1000, morning + 20'000'000, crypto::sign_public(issuer_)}, root_);
    roster_.centre = file_.centre;
    roster_.issuer_hash = crypto::sha256(issuer_object);
    roster_.epoch = 1;
    roster_.issued = morning - 1000;
    roster_.expires = morning + 1'000'000;
    sign_roster();
  }
  // The next roster, as a ceremony makes it.
  void publish_next() {
    roster_.previous = crypto::sha256(roster_object);
    ++roster_.epoch;
    roster_.expires += 1000;
    sign_roster();
  }
  // One that no ceremony makes: another with this epoch.
  void publish_other(std::uint64_t epoch) {
    roster_.epoch = epoch;
    roster_.expires += 1000;
    sign_roster();
  }

  crypto::hash32 fingerprint() const { return crypto::sha256(file_.root); }
  crypto::trust trust() const {
    return *crypto::verify_trust(centre_object, issuer_object, roster_object, fingerprint(), morning);
  }
  bytes object(const crypto::hash32& hash) const {
    const auto found = published_.find(hash);
    return found == published_.end() ? bytes{} : found->second;
  }

  crypto::desk_id desk{}, drill_desk{};
  bytes centre_object, issuer_object, roster_object;

 private:
  void sign_roster() {
    std::ranges::sort(roster_.entries, {}, &crypto::roster::entry::certificate);
    roster_object = crypto::sign_roster(roster_, issuer_);
    for (const bytes* each : {&centre_object, &issuer_object, &roster_object})
      published_[crypto::sha256(*each)] = *each;
  }

  crypto::random_source& random_;
  std::map<crypto::hash32, bytes> published_;  // by hash; what was once fetched can be fetched still
  crypto::sign_seed root_, issuer_;
  crypto::centre_file file_;
  crypto::roster roster_;
  std::uint64_t serial_ = 0;
};

template <class Event>
std::vector<Event> of_type(std::vector<event>& all) {
  std::vector<Event> out;
  for (event& each : all)
    if (auto* wanted = std::get_if<Event>(&each)) out.push_back(*wanted);
  return out;
}

class world;

// One client and its connection. `Core`: survivor or counselor.
template <class Core>
class person {
 public:
  person(world& in, std::function<Core()> begin) : world_(in), begin_(std::move(begin)), core(begin_()) {}
  person(const person&) = delete;
  ~person() { cut(); }
  void connect();
  void cut();                // the network goes; what was on its way is gone
  void cut_after_sending();  // what was on its way to the server still arrives
  void fetch_wanted();
  void reload();  // the page dies and begins again, with nothing but what it kept
  template <class Command>
  void act(Command command);
  template <class Event>
  std::vector<Event> seen() {
    return of_type<Event>(events);
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (const text_received& each : seen<text_received>()) out.push_back(as_text(each.text));
    return out;
  }
  std::size_t count(text_progress wanted) {
    std::size_t out = 0;
    for (const text_moved& each : seen<text_moved>()) out += each.now == wanted;
    return out;
  }
  void take(output& out);

 private:
  world& world_;
  std::function<Core()> begin_;

 public:
  Core core;
  std::vector<event> events;
  std::function<void(const event&)> watch = [](const event&) {};  // is told each, in the order of all persons'
  std::map<conversation_id, crypto::secret_bytes> kept;           // what session storage would hold
  std::optional<centre::connection_id> at;
  bool shows_texts = true;  // confirms what arrives, as a page in view does
  bool accepts_calls = true;
  bool holds_fetches = false;  // its network is slow: files come when the test says fetch_wanted
  std::vector<crypto::hash32> unfetched;
  bool frozen = false;  // the device sleeps: it neither hears nor ticks, and its connection stays half open
};

class world final : public centre::outlet {
 public:
  explicit world(std::uint64_t seed = 1);
  ~world();

  std::unique_ptr<person<survivor>> make_survivor();
  std::unique_ptr<person<counselor>> make_counselor(std::size_t number);

  // The server process ends without a word and begins again from the store.
  void restart_server();

  // An administrator has made new signed files, and the running server takes them.
  void believe_published() { server_->believe(signed_by.trust(), certificates, now); }

  // Delivers until nothing is on its way, either way, and nothing waits for the disk.
  void settle();
  // Each step delivers one message, or commits a batch: the disk is slower than the network.
  void step(std::size_t count);
  void pass(seconds by);

  // --- for the persons ---
  struct line {
    std::function<void(bytes_view)> received;
    std::function<void()> cut, tick;
  };
  centre::connection_id open(line to) {
    const centre::connection_id id = ++last_connection_;
    lines_[id] = std::move(to);
    server_->opened(id, origin, now);
    return id;
  }
  void hang_up(centre::connection_id id) {
    if (lines_.erase(id) > 0) server_->closed(id, now);
  }
  void to_server(centre::connection_id id, bytes message) {
    sizes_to_server[message[0]].insert(message.size());
    if (message[0] >= wire::offer::code && message[0] <= wire::talk::code) {
      frame_sizes.insert(message.size());
      ++frames_sent;
    }
    for (bytes& each : hears ? hears(id, std::move(message)) : std::vector<bytes>{std::move(message)})
      on_its_way_.push_back([this, id, heard = std::move(each)] {
        if (lines_.contains(id)) server_->received(id, heard, now);
      });
  }
  void later(std::function<void()> what) { on_its_way_.push_back(std::move(what)); }
  std::shared_ptr<crypto::secret_bytes> kept_by(void* who) { return kept_by_[who]; }
  std::shared_ptr<bytes> inbox_by(void* who) { return inbox_by_[who]; }  // what the device keeps of letters' keys

  support::seeded_random random;
  signed_centre signed_by;
  std::vector<crypto::identity> staff;
  std::vector<std::vector<bytes>> certificates;  // of members who have more than one, oldest first
  support::memory_store store{support::memory_store::commits::when_told};
  seconds now = morning;
  bool desk_open = true;
  // Hostile: is told each message of the server, and drops those for which it gives true.
  std::function<bool(const bytes&)> drops = [](const bytes&) { return false; };
  // Likewise, and says something else in its place.
  std::function<std::optional<bytes>(const bytes&)> changes = [](const bytes&) { return std::nullopt; };
  // Likewise, for a server that is hostile all over: all that is said to a client instead of each message; what the
  // server hears instead of what a client said; and the file that it gives under a name.
  std::function<std::vector<bytes>(centre::connection_id, bytes)> says, hears;
  std::function<bytes(const crypto::hash32&)> gives = [this](const crypto::hash32& hash) {
    return signed_by.object(hash);
  };
  void say_to(centre::connection_id to, bytes message);
  std::size_t frames_sent = 0;
  std::set<std::size_t> frame_sizes;  // of all offers, hellos and ratchet frames that clients sent
  // What somebody who watches the network sees: the sizes of messages, by their code.
  std::map<byte, std::set<std::size_t>> sizes_to_server, sizes_to_clients;

 private:
  void send(centre::connection_id to, std::shared_ptr<const bytes> message) override;
  void close(centre::connection_id who, wire::error) override;

  void start_server();
  bool pending() const { return !on_its_way_.empty() || store.waiting() > 0; }
  static desk::hours_state hours_all_day(seconds at);
  static desk::hours_state hours_closed(seconds at);

  std::unique_ptr<centre::centre> server_;
  std::map<centre::connection_id, line> lines_;
  std::deque<std::function<void()>> on_its_way_;
  centre::connection_id last_connection_ = 0;
  std::size_t steps_ = 0;
  std::map<void*, std::shared_ptr<crypto::secret_bytes>> kept_by_;
  std::map<void*, std::shared_ptr<bytes>> inbox_by_;
};

template <class Core>
template <class Command>
void person<Core>::act(Command command) {
  if (frozen) return;
  output out;
  command(core, world_.now, out);
  take(out);
}

extern template class person<survivor>;  // in world.cpp, once for all tests
extern template class person<counselor>;

}  // namespace tomoshibi::core
