// A centre with its staff's keys, a store that commits when told, and everything that left through the outlet.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "crypto/hash.hpp"
#include "server/centre/centre.hpp"
#include "server/wire/codec.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::centre {

using support::memory_store;

inline constexpr std::string_view origin = "https://centre.example";

struct member {
  crypto::certificate fields;
  crypto::sign_seed seed;
  bytes object;
};

// The signed files of a small centre. Everything made with the seed 1.
struct signed_files {
  static constexpr seconds now = 20'000 * seconds{86400} + 10 * 3600;

  support::seeded_random random{1};
  crypto::sign_seed root = random.make_secret<32>(), issuer_seed = random.make_secret<32>();
  crypto::centre_id id = random.make_block<16>();
  desk::desk_id consultation = crypto::make_desk_id(id, "consultation");
  desk::desk_id drill = crypto::make_desk_id(id, crypto::drill_desk_name);
  std::map<std::string, member> staff;
  std::set<std::string> disabled;
  std::set<std::string> letter_readers;
  byte epoch = 0;

  void add(const std::string& name, crypto::role as, const desk::desk_id& at, seconds until = now + 86400) {
    member one;
    one.seed = random.make_secret<32>();
    one.fields.holder = as;
    one.fields.desk = at;
    one.fields.serial = staff.size();
    one.fields.not_before = now - 86400;
    one.fields.not_after = until;
    one.fields.sign_key = crypto::sign_public(one.seed);
    one.fields.agree_key = random.make_block<32>();
    one.fields.alias = name;
    one.object = crypto::sign_certificate(one.fields, issuer_seed);
    staff.emplace(name, std::move(one));
  }
  // A newer certificate for the same keys, under a name of its own.
  void renew(const std::string& older, const std::string& name, seconds until = now + 80 * 86400) {
    member one = staff.at(older);
    one.fields.serial = staff.size();
    one.fields.not_after = until;
    one.object = crypto::sign_certificate(one.fields, issuer_seed);
    staff.emplace(name, std::move(one));
  }

  crypto::trust believed(const std::set<std::string>& unlisted = {}) const {
    crypto::trust out;
    out.centre.centre = id;
    out.centre.root = crypto::sign_public(root);
    out.issued_by = {1, now - 86400, now + 300 * 86400, crypto::sign_public(issuer_seed)};
    out.listed.centre = id;
    out.listed.issued = now - 3600;
    out.listed.expires = now + 30 * 86400;
    for (const auto& [name, one] : staff)
      if (!unlisted.contains(name))
        out.listed.entries.push_back({crypto::sha256(one.object),
                                      (disabled.contains(name) ? crypto::roster::flag_disabled : 0) |
                                          (letter_readers.contains(name) ? crypto::roster::flag_reads_letters : 0)});
    std::ranges::sort(out.listed.entries, {}, &crypto::roster::entry::certificate);
    out.centre_hash[0] = 1;
    out.issuer_hash[0] = 2;
    out.roster_hash[0] = 3;
    out.roster_hash[1] = epoch;
    return out;
  }
};

// Signed once: that costs more than most tests.
inline const signed_files& staffed_files() {
  static const signed_files made = [] {
    signed_files files;
    files.add("akari", crypto::role::counselor, files.consultation);
    files.add("hotaru", crypto::role::counselor, files.consultation);
    files.add("driller", crypto::role::drill, files.drill);
    files.add("supervisor", crypto::role::supervisor, files.consultation);
    files.add("administrator", crypto::role::administrator, files.consultation);
    files.add("elsewhere", crypto::role::counselor, crypto::make_desk_id(files.id, "elsewhere"));
    files.add("drill_as_counselor", crypto::role::counselor, files.drill);
    files.add("drill_as_supervisor", crypto::role::supervisor, files.drill);
    files.add("counselor_as_drill", crypto::role::drill, files.consultation);
    files.add("expired", crypto::role::counselor, files.consultation, signed_files::now - 1);
    files.add("disabled", crypto::role::counselor, files.consultation);
    files.add("unlisted", crypto::role::counselor, files.consultation);
    files.disabled = {"disabled"};
    return files;
  }();
  return made;
}

class house : public outlet {
 public:
  explicit house(memory_store::commits mode = memory_store::commits::at_once) : store(mode) {
    make();
    started = at->start(now);
  }

  signed_files files = staffed_files();
  memory_store store;
  support::seeded_random random{2};
  std::optional<centre> at;
  std::expected<void, std::string> started;
  seconds now = signed_files::now;
  bool within_hours = true;  // of the consultation desk
  std::map<connection_id, std::vector<bytes>> heard;
  std::map<connection_id, wire::error> ended;
  std::map<connection_id, std::size_t> bounds;  // of outboxes
  std::vector<std::string> logged;
  std::set<std::string> unlisted{"unlisted"};
  std::vector<std::vector<std::string>> renewals;  // members who have more than one certificate, oldest first

  void send(connection_id to, std::shared_ptr<const bytes> message) override {
    EXPECT_FALSE(ended.contains(to)) << "said after the end";
    heard[to].push_back(*message);
  }
  void close(connection_id who, wire::error why) override {
    EXPECT_TRUE(ended.emplace(who, why).second) << "closed twice";
  }

  void bound(connection_id who, std::size_t bytes_max) override { bounds[who] = bytes_max; }

  void make() {
    desk::desk_settings consultation{.id = files.consultation, .hours = [this](seconds) {
                                       desk::hours_state open;
                                       open.open = open.intake = within_hours;
                                       return open;
                                     }};
    consultation.days = [](seconds moment) {
      const auto today = static_cast<std::uint32_t>(moment / 86400);
      return desk::local_days{today, today - 1};
    };
    desk::desk_settings drill{.id = files.drill, .kind = desk::desk_kind::drill, .hours = {}};
    at.emplace(
        std::vector{consultation, drill}, files.believed(unlisted), store,
        [this](storage::completion done) { at->committed(std::move(done), now); }, *this, random,
        [this](std::string_view line) { logged.emplace_back(line); });
  }

  // The administrator has changed something.
  void believe() {
    ++files.epoch;
    believe_the_same();
  }
  void believe_the_same() {
    std::vector<std::vector<bytes>> certificates;
    for (const auto& names : renewals) {
      std::vector<bytes>& of_one = certificates.emplace_back();
      for (const std::string& name : names) of_one.push_back(files.staff.at(name).object);
    }
    at->believe(files.believed(unlisted), std::move(certificates), now);
  }

  // --- what is said ---
  void open(connection_id who) { at->opened(who, origin, now); }
  void say(connection_id who, const wire::client_message& said) { at->received(who, wire::encode(said), now); }
  void hang_up(connection_id who) {
    ended.try_emplace(who, wire::error{});
    at->closed(who, now);
  }

  wire::welcome welcome(connection_id who) const {
    return std::get<wire::welcome>(*wire::decode_server(heard.at(who).at(0)));
  }
  wire::login login_of(connection_id who, const std::string& name, seconds time = 0) {
    return login_for(welcome(who).challenge, name, time);
  }
  wire::login login_for(const wire::nonce& challenge, const std::string& name, seconds time = 0) {
    const member& by = files.staff.at(name);
    wire::login out;
    std::copy(by.object.begin(), by.object.end(), out.certificate.begin());
    out.time = time == 0 ? now : time;
    out.made = crypto::sign_login({std::string(origin), challenge, crypto::sha256(by.object), out.time}, by.seed);
    return out;
  }
  void log_in(connection_id who, const std::string& name) {
    open(who);
    say(who, login_of(who, name));
  }
  void on_duty(connection_id who, const std::string& name) {
    log_in(who, name);
    say(who, wire::duty{true, true, 3});
  }
  wire::hash name_of(const std::string& name) const { return crypto::sha256(files.staff.at(name).object); }
  wire::conversation_id talk_of(byte n) const { return {n}; }
  wire::token token_of(byte n) const { return {n, 1}; }
  wire::enter enter_of(byte n) const {
    return {files.consultation, talk_of(n), {n, 2}, crypto::sha256(token_of(n)), {}};
  }
  wire::enter drill_enter_of(byte n, const std::string& by = "driller", seconds time = 0) const {
    wire::enter out = enter_of(n);
    out.desk = files.drill;
    const member& signer = files.staff.at(by);
    const bytes ticket =
        crypto::sign_ticket(signer.object, out.conversation, out.challenge, time == 0 ? now : time, signer.seed);
    std::copy(ticket.begin(), ticket.end(), out.ticket.emplace().begin());
    return out;
  }
  // Akari on 101 and Hotaru on 102; survivor 1 on connection 1 talks with Akari.
  void begin_talk() {
    on_duty(101, "akari");
    on_duty(102, "hotaru");
    open(1);
    say(1, enter_of(1));
    say(101, wire::offer{talk_of(1), 1, {}});
    say(1, wire::hello{talk_of(1), 1, {}});
  }
  // Akari invites, this one consents, and survivor 1 enters talk 2.
  wire::enter_invited enter_invited_of(byte n, const std::string& by) const {
    return {talk_of(1), name_of(by), talk_of(n), {n, 2}, crypto::sha256(token_of(n))};
  }
  void be_invited(connection_id who, const std::string& name) {
    say(101, wire::invite{talk_of(1), name_of(name), wire::invitation_kind::take_over, {}});
    say(who, wire::consent{talk_of(1), {}});
    say(1, enter_invited_of(2, name));
  }

  // --- what was heard ---
  template <class Message>
  std::vector<Message> all(connection_id who) const {
    std::vector<Message> out;
    if (const auto to = heard.find(who); to != heard.end())
      for (const bytes& one : to->second) {
        const auto said = wire::decode_server(one);
        if (said && std::holds_alternative<Message>(*said)) out.push_back(std::get<Message>(*said));
      }
    return out;
  }
  template <class Message>
  std::size_t count(connection_id who) const {
    return all<Message>(who).size();
  }
  std::vector<int> codes(connection_id who) const {
    std::vector<int> out;
    if (const auto to = heard.find(who); to != heard.end())
      for (const bytes& one : to->second) out.push_back(one.at(0));
    return out;
  }
  std::optional<wire::error> end_of(connection_id who) const {
    const auto found = ended.find(who);
    return found == ended.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace tomoshibi::centre
