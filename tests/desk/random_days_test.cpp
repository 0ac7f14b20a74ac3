// Days in which anyone does anything at any time, the process dies and the clock jumps now and then, and what must
// hold holds.
#include <random>

#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

constexpr unsigned survivors = 8, colleagues = 4;

// Whoever is on it has a new connection each time.
class random_day {
 public:
  explicit random_day(unsigned seed) : chance_(seed) {}

  // Gives how many conversations were served.
  std::size_t run(unsigned steps) {
    for (unsigned i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      step();
      check();
    }
    in_.pass(std::max(latest_, in_.now) - in_.now + life_seconds_max + 1);
    EXPECT_TRUE(in_.stored.empty()) << "everything ends and is erased";
    return served_by_.size();
  }

  std::size_t invited() const { return entered_.size(); }

 private:
  struct person {
    connection_id at = 0;  // 0: not connected
    unsigned number = 0;
    std::uint32_t ahead = 99;
    unsigned invited = 0;  // the second conversation
  };

  unsigned roll(unsigned sides) { return static_cast<unsigned>(chance_() % sides); }

  void step() {
    person& survivor = survivors_[roll(survivors)];
    const unsigned colleague = 1 + roll(colleagues);
    connection_id& console = consoles_[colleague];
    switch (roll(34)) {
      case 0:
      case 1:
      case 2:
        return come(survivor);
      case 3:
        return hang_up(survivor.at);
      case 4:
        return roll(3) == 0 ? hang_up(console) : void();
      case 5:
      case 6:
      case 7:
        return duty(console, colleague);
      case 8:
      case 9:
      case 10:
        return answer_call(console);
      case 11:
      case 12:
        return speak(console, served_by(colleague), false);
      case 13:
      case 14:
        return speak(survivor.at, survivor.number, true);
      case 15:
        return greet(survivor);
      case 16:
        return roll(4) == 0 ? leave(survivor.at, survivor.number) : void();
      case 17:
        return leave(console, served_by(colleague));
      case 18:
        return take(survivor.at, survivor.number);
      case 19:
        return take(console, served_by(colleague));
      case 20:
        return in_.pass(roll(50));
      case 21:
        return roll(30) == 0 ? sleep() : in_.pass(1);
      case 22:
        return roll(20) == 0 ? restart() : in_.tick();
      case 23:
        return roll(10) == 0 ? speak(console, 1 + roll(numbers_ + 1), false) : void();  // anything
      case 24:
        return roll(20) == 0 ? jump() : in_.tick();
      case 25:
      case 26:
        return invite(console, served_by(colleague), 1 + roll(colleagues));
      case 27:
      case 28:
        return consent(consoles_[1 + roll(colleagues)]);
      case 29:
        return roll(4) == 0 ? decline(console, served_by(colleague)) : introduce(console);
      case 30:
      case 31:
      case 32:
        return enter_invited(survivor, colleague);
      case 33:
        return roll(2) == 0 ? speak(survivor.at, survivor.invited, true) : leave(survivor.at, survivor.invited);
    }
  }

  void come(person& who) {
    if (who.at != 0) return;
    who.at = ++connections_;
    if (who.number != 0 && in_.stored.contains(talk_of(who.number))) {
      in_.resume(who.at, who.number, roll(3) != 0, 1000 + roll(60'000));
      if (who.invited != 0 && !in_.end_of(who.at) && roll(4) != 0) in_.resume(who.at, who.invited);
      return;
    }
    who.number = ++numbers_;
    who.ahead = 99;
    in_.enter(who.at, who.number);
  }
  void hang_up(connection_id& who) {
    if (who != 0) in_.hang_up(std::exchange(who, 0));
  }
  void leave(connection_id who, unsigned number) {
    if (who != 0 && number != 0) in_.say(who, wire::leave{talk_of(number)});
  }
  void duty(connection_id& console, unsigned colleague) {
    if (console == 0) in_.login(console = ++connections_, colleague);
    in_.say(console, wire::duty{roll(8) != 0, roll(6) != 0, static_cast<byte>(roll(4))});
  }
  void answer_call(connection_id console) {
    const auto call = in_.last<wire::assigned>(console);
    if (call) in_.offer(console, number_of(call->conversation), next_of(number_of(call->conversation), false));
  }
  void greet(const person& who) {
    const unsigned number = roll(2) == 0 ? who.invited : who.number;
    if (who.at != 0 && stage_of(number) > 0) in_.hello(who.at, number, next_of(number, true));
  }
  void speak(connection_id who, unsigned number, bool survivor) {
    if (who == 0 || (number == 0) || (survivor && stage_of(number) < 2)) return;
    in_.talk(who, number, next_of(number, survivor) - (roll(4) == 0));
  }
  void take(connection_id who, unsigned number) {
    if (who == 0 || number == 0) return;
    frame_number last = 0;  // of this conversation, on this connection
    for (const server_message& said : in_.heard[who])
      if (const auto* frame = std::get_if<wire::talk>(&said); frame && frame->conversation == talk_of(number))
        last = frame->number;
    if (last != 0) in_.say(who, wire::taken{talk_of(number), last});
  }
  // --- invitations ---

  void invite(connection_id console, unsigned talk, unsigned to) {
    if (console == 0 || talk == 0) return;
    std::size_t over = 0;
    for (const auto& one : in_.all<wire::invitation_over>(console)) over += one.conversation == talk_of(talk);
    std::size_t& asked = asked_[{console, talk_of(talk)}];
    if (asked > over && roll(30) != 0) return;  // else it is a fault
    ++asked;
    in_.say(console, wire::invite{talk_of(talk), staff(to), wire::invitation_kind::join, {}});
  }
  void consent(connection_id console) {
    const auto asked = in_.last<wire::invited>(console);
    if (!asked || roll(4) == 0) return;
    consents_.insert({console, asked->conversation});
    in_.say(console, wire::consent{asked->conversation, body_of(1)});
  }
  void decline(connection_id console, unsigned talk) {
    const auto asked = in_.last<wire::invited>(console);
    if (asked && roll(2) == 0) return in_.say(console, wire::decline{asked->conversation});
    if (console != 0 && talk != 0) in_.say(console, wire::decline{talk_of(talk)});
  }
  void introduce(connection_id console) {
    const auto agreed = in_.last<wire::consent>(console);
    if (!agreed) return;
    const frame_number number = 1 + roll(3);
    in_.say(console, wire::introduce{agreed->conversation, number, body_of(static_cast<unsigned>(number))});
  }
  void enter_invited(person& who, unsigned to) {
    if (who.at == 0 || who.number == 0) return;
    const unsigned fresh = roll(3) == 0 && who.invited != 0 ? who.invited : ++numbers_;
    const bool was_there = in_.stored.contains(talk_of(fresh));
    for (unsigned n = 1; n <= colleagues && roll(8) != 0; ++n)
      if (has_consented(consoles_[n], who.number)) to = n;
    const bool may = has_consented(consoles_[to], who.number);
    in_.say(who.at,
            wire::enter_invited{talk_of(who.number), staff(to), talk_of(fresh), nonce_of(fresh), hash_of(fresh)});
    if (!in_.stored.contains(talk_of(fresh)) || was_there) return;
    EXPECT_TRUE(may) << "nobody is brought into a talk unasked";
    who.invited = fresh;
    entered_[talk_of(fresh)] = staff(to);
  }
  // Has this console heard of an invitation into the talk, and not of its end since?
  bool is_invited(connection_id console, unsigned talk) {
    bool open = false;
    for (const server_message& said : in_.heard[console]) {
      if (const auto* one = std::get_if<wire::invited>(&said); one && one->conversation == talk_of(talk)) open = true;
      if (const auto* one = std::get_if<wire::invitation_over>(&said); one && one->conversation == talk_of(talk))
        open = false;
    }
    return open;
  }
  bool has_consented(connection_id console, unsigned talk) {
    return consents_.contains({console, talk_of(talk)}) && is_invited(console, talk);
  }

  void sleep() { in_.pass((in_.now / 86400 + 1) * 86400 + 10 * 3600 - in_.now); }  // until the next morning

  // Somebody corrects the machine's clock, or breaks it.
  void jump() {
    latest_ = std::max(latest_, in_.now);
    const seconds far = 1 + roll(2 * 86400);
    in_.now = roll(2) == 0 ? in_.now + far : in_.now - far;
    in_.tick();
  }

  // 0: in the line or gone, 1: accepted, 2: greeted.
  int stage_of(unsigned number) const {
    const auto found = in_.stored.find(talk_of(number));
    if (found == in_.stored.end()) return 0;
    const auto known = decode_conversation(found->second.value);
    return known->in_line() ? 0 : known->greeted ? 2 : 1;
  }
  unsigned served_by(unsigned colleague) {
    std::vector<unsigned> serves;
    for (const auto& [name, kept] : in_.stored)
      if (const auto known = decode_conversation(kept.value); known->counselor == staff(colleague))
        serves.push_back(number_of(name));
    return serves.empty() ? 0 : serves[roll(static_cast<unsigned>(serves.size()))];
  }
  void restart() {
    in_.restart();
    for (person& one : survivors_) one.at = 0;
    for (auto& [n, at] : consoles_) at = 0;
    consents_.clear();
  }

  static unsigned number_of(const conversation_id& name) { return unsigned{name[14]} << 8 | name[15]; }
  frame_number next_of(unsigned number, bool by_survivor) {
    const auto found = in_.stored.find(talk_of(number));
    if (found == in_.stored.end()) return 1;
    conversation known = *decode_conversation(found->second.value);
    const side to = by_survivor ? side::counselor : side::survivor;
    frame_number last = known.mail_for(to).taken;
    for (const auto& [at, value] : found->second.mail)
      if (at.first == to) last = at.second;
    return last + 1;
  }

  void check() {
    for (const auto& [who, why] : in_.ended) {  // whoever was closed is gone
      for (person& one : survivors_)
        if (one.at == who) one.at = 0;
      for (auto& [n, at] : consoles_)
        if (at == who) at = 0;
    }
    // `ahead` never grows for one conversation.
    for (person& one : survivors_)
      if (const auto said = in_.last<wire::place>(one.at); said && said->conversation == talk_of(one.number)) {
        EXPECT_LE(said->ahead, one.ahead);
        one.ahead = said->ahead;
      }
    // Who serves a conversation serves it to its end.
    for (const auto& [name, kept] : in_.stored) {
      const auto known = decode_conversation(kept.value);
      ASSERT_TRUE(known) << known.error();
      if (!known->counselor) continue;
      EXPECT_EQ(served_by_.emplace(name, *known->counselor).first->second, *known->counselor);
      // Whoever serves was called from the line, or the survivor itself entered to exactly this one.
      if (known->wanted == wire::calling::invited || entered_.contains(name)) {
        EXPECT_EQ(entered_[name], *known->counselor);
      }
    }
    // The line is bounded, and what is stored can be read.
    EXPECT_LE(std::ranges::count_if(in_.stored,
                                    [](const auto& row) { return decode_conversation(row.second.value)->in_line(); }),
              4 * places_by_line_max);
    EXPECT_LE(in_.at.door_of(scene::centre_desk, in_.now)->waiting, 4u + survivors) << "and those who came back";
    desks again(scene::settings());
    const auto loaded = again.load(in_.load(), in_.now);
    EXPECT_TRUE(loaded) << loaded.error();
  }

  std::mt19937 chance_;
  scene in_;
  std::array<person, survivors> survivors_;
  std::map<unsigned, connection_id> consoles_;
  connection_id connections_ = 0;
  unsigned numbers_ = 0;
  seconds latest_ = 0;
  std::map<conversation_id, staff_id> served_by_;
  std::set<std::pair<connection_id, conversation_id>> consents_;  // said at any time
  std::map<std::pair<connection_id, conversation_id>, std::size_t> asked_;
  std::map<conversation_id, staff_id> entered_;  // to whom, by the survivor's own word
};

TEST(random_days, keep_every_promise) {
  std::size_t served = 0, invited = 0;
  for (unsigned seed = 1; seed <= 40 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    random_day day(seed);
    served += day.run(800);
    invited += day.invited();
  }
  EXPECT_GT(served, 200u) << "days too quiet to show anything";
  EXPECT_GT(invited, 40u);
}

}  // namespace
}  // namespace tomoshibi::desk
