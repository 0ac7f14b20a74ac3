// Desks with a store that is a plain map, and everything that was said to whom. Every outcome is committed at once.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/desk/desk.hpp"
#include "server/wire/codec.hpp"

namespace tomoshibi::desk {

using wire::server_message;

template <std::size_t N = 32>
block<N> named(unsigned n) {
  block<N> out{};
  out[N - 2] = static_cast<byte>(n >> 8);
  out[N - 1] = static_cast<byte>(n);
  return out;
}
inline conversation_id talk_of(unsigned n) { return named<16>(n); }
inline wire::frame body_of(unsigned n) { return named<4096>(n); }

// The scene has no cryptography: the hash of a token is the token with one byte changed.
inline wire::token token_of(unsigned n) { return named(n); }
inline wire::hash hash_of(wire::token shown) {
  shown[0] ^= 0xff;
  return shown;
}
inline wire::hash hash_of(unsigned n) { return hash_of(token_of(n)); }
inline wire::nonce nonce_of(unsigned n) { return named(n); }
inline staff_id staff(unsigned n) { return named(n); }
inline block<wire::certificate_bytes> certificate_of(unsigned n) { return named<wire::certificate_bytes>(n); }

// Local hours as a test needs them: open from 9:00 to 17:00 of every day, intake until 16:40.
inline hours_state nine_to_five(seconds now) {
  const seconds day = now / 86400 * 86400, opens = day + 9 * 3600, closes = day + 17 * 3600;
  hours_state out;
  out.open = now >= opens && now < closes;
  out.next_opening = now < opens ? opens : opens + 86400;
  if (!out.open) return out;
  out.until = closes;
  out.last_intake = closes - 20 * 60;
  out.intake = now < out.last_intake;
  return out;
}

struct row {
  bytes value;
  std::map<std::pair<side, frame_number>, bytes> mail;
  bool operator==(const row&) const = default;
};
using rows = std::map<conversation_id, row>;

class scene {
 public:
  static constexpr seconds morning = 20'000 * seconds{86400} + 10 * 3600;  // 10:00
  static inline const desk_id centre_desk = named<16>(1), drill_desk = named<16>(2), hidden_desk = named<16>(3);

  static std::vector<desk_settings> settings() {
    desk_settings centre{.id = centre_desk, .hours = nine_to_five};
    centre.line_max = 4;
    centre.capacity_max = 2;
    desk_settings drill{.id = drill_desk, .kind = desk_kind::drill, .hours = {}};
    desk_settings hidden{.id = hidden_desk, .hours = nine_to_five};
    hidden.reachable = false;
    return {centre, drill, hidden};
  }

  desks at{settings()};
  seconds now = morning;
  rows stored;
  std::map<connection_id, std::vector<server_message>> heard;
  std::map<connection_id, wire::error> ended;
  std::vector<write> writes;  // of the last event

  // --- events ---
  void enter(connection_id who, unsigned n, const desk_id& desk = centre_desk, bool ticket = false) {
    wire::enter said{desk, talk_of(n), nonce_of(n), hash_of(n), {}};
    if (ticket) said.ticket.emplace();
    enter(who, said, ticket);
  }
  void enter(connection_id who, const wire::enter& said, bool ticket = false) {
    apply(at.enter(who, said, ticket, now));
  }
  void resume(connection_id who, unsigned n, bool kept = true, unsigned nonce = 0) {
    resume_with(who, n, token_of(n), kept, nonce);
  }
  void resume_with(connection_id who, unsigned n, const wire::token& shown, bool kept = true, unsigned nonce = 0) {
    apply(at.resume(who, {talk_of(n), shown, kept, kept ? wire::nonce{} : nonce_of(nonce)}, hash_of(shown), now));
  }
  void login(connection_id who, unsigned n, const desk_id& desk = centre_desk,
             seconds until = morning + 365 * 86400) {
    login(who, {staff(n), desk, until, true, certificate_of(n)});
  }
  void login(connection_id who, const member& as) { apply(at.login(who, as, now)); }
  // Somebody whom no call reaches.
  void on_duty_for_invitations(connection_id who, unsigned n, const desk_id& desk = centre_desk) {
    login(who, {staff(n), desk, morning + 365 * 86400, false, certificate_of(n)});
    ready(who);
  }
  void review(const std::function<staff_standing(const staff_id&)>& of) { apply(at.review(of, now)); }
  void say(connection_id who, const wire::client_message& said) { apply(at.received(who, said, now)); }
  void ready(connection_id who, byte capacity = 2) { say(who, wire::duty{true, true, capacity}); }
  void on_duty(connection_id who, unsigned n, const desk_id& desk = centre_desk) {
    login(who, n, desk);
    ready(who);
  }
  void hang_up(connection_id who) { apply(at.closed(who, now)); }
  void tick() { apply(at.tick(now)); }
  void pass(seconds time) {
    now += time;
    tick();
  }
  void offer(connection_id who, unsigned n, frame_number number) {
    say(who, wire::offer{talk_of(n), number, body_of(static_cast<unsigned>(number))});
  }
  void hello(connection_id who, unsigned n, frame_number number) {
    say(who, wire::hello{talk_of(n), number, body_of(static_cast<unsigned>(number))});
  }
  void talk(connection_id who, unsigned n, frame_number number) {
    say(who, wire::talk{talk_of(n), number, body_of(static_cast<unsigned>(number))});
  }
  // Two colleagues on connections 101 and 102.
  void open_desk() {
    on_duty(101, 1);
    on_duty(102, 2);
  }
  // Survivor 1 on connection 1 talks with counselor 1 on connection 101: an offer and a hello are in the mailboxes.
  void begin_talk() {
    open_desk();
    enter(1, 1);
    offer(101, 1, 1);
    hello(1, 1, 1);
    heard.clear();
  }

  // The process ends and another one starts: nothing is left but what is stored.
  void restart() {
    at = desks(settings());
    const auto loaded = at.load(load(), now);
    ASSERT_TRUE(loaded) << loaded.error();
    heard.clear();
    ended.clear();
  }
  std::vector<stored_conversation> load() const {
    std::vector<stored_conversation> out;
    for (const auto& [name, kept] : stored) {
      stored_conversation& one = out.emplace_back(name, kept.value, std::vector<stored_frame>{});
      for (const auto& [key, value] : kept.mail) one.mail.push_back({key.first, key.second, value});
    }
    return out;
  }

  // --- what was said ---
  template <class Message>
  std::vector<Message> all(connection_id who) const {
    std::vector<Message> out;
    if (const auto to = heard.find(who); to != heard.end())
      for (const server_message& one : to->second)
        if (const auto* said = std::get_if<Message>(&one)) out.push_back(*said);
    return out;
  }
  template <class Message>
  std::optional<Message> last(connection_id who) const {
    const std::vector<Message> said = all<Message>(who);
    return said.empty() ? std::nullopt : std::optional(said.back());
  }
  template <class Message>
  std::size_t count(connection_id who) const {
    return all<Message>(who).size();
  }
  std::optional<wire::error> end_of(connection_id who) const {
    const auto found = ended.find(who);
    return found == ended.end() ? std::nullopt : std::optional(found->second);
  }
  // The codes of all it heard, in order.
  std::vector<int> codes(connection_id who) const {
    std::vector<int> out;
    if (const auto to = heard.find(who); to != heard.end())
      for (const server_message& one : to->second)
        out.push_back(std::visit([](auto& m) { return int{m.code}; }, one));
    return out;
  }
  std::vector<frame_number> frames(connection_id who) const {
    std::vector<frame_number> out;
    if (const auto to = heard.find(who); to != heard.end())
      for (const server_message& one : to->second)
        std::visit(
            [&](auto& m) {
              if constexpr (requires { m.body, m.number; }) {
                EXPECT_EQ(m.body, body_of(static_cast<unsigned>(m.number)));
                out.push_back(m.number);
              }
            },
            one);
    return out;
  }
  void apply(outcome out) {
    for (const write& one : out.writes) std::visit([this](const auto& w) { keep(w); }, one);
    for (const effect& one : out.effects) std::visit([this](const auto& e) { note(e); }, one);
    writes = std::move(out.writes);
  }

 private:
  void keep(const put_conversation& w) { stored[w.conversation].value = w.value; }
  void keep(const erase_conversation& w) { EXPECT_EQ(stored.erase(w.conversation), 1u); }
  void keep(const put_mail& w) {
    ASSERT_TRUE(stored.contains(w.conversation)) << "mail for a conversation that is not there";
    EXPECT_TRUE(stored[w.conversation].mail.emplace(std::pair{w.to, w.number}, *w.value).second) << "mail put twice";
  }
  void keep(const erase_mail& w) {
    ASSERT_TRUE(stored.contains(w.conversation));
    std::erase_if(stored[w.conversation].mail,
                  [&](const auto& one) { return one.first.first == w.to && one.first.second <= w.through; });
  }
  void note(const send& e) {
    EXPECT_FALSE(ended.contains(e.to)) << "said to a connection that is closed";
    const auto said = wire::decode_server(*e.said);
    ASSERT_TRUE(said);
    heard[e.to].push_back(*said);
  }
  void note(const close& e) { EXPECT_TRUE(ended.emplace(e.who, e.why).second) << "closed twice"; }
};

}  // namespace tomoshibi::desk
