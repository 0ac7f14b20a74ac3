// The client's core against a hostile server: between a survivor, two counselors and an honest centre lies one that
// drops, repeats, alters and invents messages, and hands out the wrong files, while people talk, reload and lose
// their network. Whatever it does: nobody reads a text that the other did not write, or reads it twice; nobody is
// told "delivered" of what was not on the other's screen.
#include "client-web/core/bridge.hpp"
#include "tests/core/world.hpp"
#include "tests/fuzz/fuzzer.hpp"
#include "tests/wire/every_message.hpp"

namespace tomoshibi::fuzz {
namespace {

using namespace core;

enum class step : byte {
  settle,
  deliver,  // so many messages
  wait,     // so many seconds
  wait_long,
  connect,
  cut,
  reload,  // who1, from1
  restart_server,
  enter,
  say,  // who1, length2
  end,
  exit,
  recall,
  change_habits,  // shows texts, accepts calls, sleeps
  drop,           // the server's next so many messages
  repeat,         // who1, which1, edits
  invent,         // who1, code1, fields
  wrong_file,     // who1, which1, edits
  junk,           // who1, length1, bytes
  count
};

class talk_through_hostile_hands {
 public:
  explicit talk_through_hostile_hands(script& from) : from_(from) {
    in_.drops = [this](const bytes& message) {
      if (heard_.size() < heard_max) heard_.push_back(message);
      return to_drop_ > 0 && to_drop_-- > 0;
    };
    for (std::size_t i = 0; i < 2; ++i) {
      staff_.push_back({in_.make_counselor(i)});
      on_duty(*staff_.back().at);
    }
    yuki_.at->connect();
    in_.settle();
  }

  void run() {
    for (int steps = 0; steps < 100 && !from_.over(); ++steps) {
      take(step{static_cast<byte>(from_.roll(static_cast<unsigned>(step::count)))});
      check();
    }
  }

 private:
  static constexpr std::size_t heard_max = 256;

  template <class Core>
  struct party {
    std::unique_ptr<person<Core>> at;
    std::map<conversation_id, crypto::secret_bytes> kept_first = {};  // as if a tab had been copied early
    std::size_t checked = 0;                                          // of its events
    std::set<message_id> received = {};                               // since the page was loaded
    std::set<conversation_id> over = {};                              // as well
  };
  struct said_text {
    std::string text;
    bool by_survivor;
  };

  // --- what people do ---

  void take(step what) {
    switch (what) {
      case step::settle:
        return in_.settle();
      case step::deliver:
        return in_.step(1 + from_.roll(16));
      case step::wait:
        return in_.pass(1 + from_.roll(8));
      case step::wait_long:
        in_.now += from_.number<byte>() * seconds{600};
        return in_.pass(1);
      case step::connect:
        return anyone([this](auto& who) { connect(*who.at); });
      case step::cut:
        return anyone([this](auto& who) { from_.roll(2) == 0 ? who.at->cut() : who.at->cut_after_sending(); });
      case step::reload:
        return anyone([this](auto& who) { reload(who); });
      case step::restart_server:
        return in_.restart_server();
      case step::enter:
        return yuki_.at->act([](survivor& s, seconds now, output& out) { s.enter(now, out); });
      case step::say:
        return anyone([this](auto& who) { say(*who.at); });
      case step::end:
        return anyone([this](auto& who) { end(*who.at); });
      case step::exit:
        return yuki_.at->act([](survivor& s, seconds now, output& out) { s.exit(now, out); });
      case step::recall:
        return anyone([this](auto& who) { recall(*who.at); });
      case step::change_habits:
        return anyone([this](auto& who) { change_habits(*who.at); });
      case step::drop:
        to_drop_ = from_.roll(8);
        return;
      case step::repeat:
        return anyone([this](auto& who) { repeat(*who.at); });
      case step::invent:
        return anyone([this](auto& who) { invent(*who.at); });
      case step::wrong_file:
        return anyone([this](auto& who) { wrong_file(*who.at); });
      case step::junk:
        return anyone([this](auto& who) { hear(*who.at, copy_of(from_.take(from_.number<byte>()))); });
      case step::count:
        return;
    }
  }

  template <class Act>
  void anyone(Act act) {
    const unsigned who = from_.roll(4);
    who < 2 ? act(yuki_) : act(staff_[who - 2]);
  }

  void on_duty(person<counselor>& who) {
    who.act([](counselor& c, seconds, output& out) { c.set_duty({true, true, 3}, out); });
    who.connect();
  }
  void connect(person<survivor>& who) { who.connect(); }
  void connect(person<counselor>& who) { on_duty(who); }

  template <class Core>
  void reload(party<Core>& who) {
    who.received.clear();
    who.over.clear();
    if (from_.roll(4) == 0) who.at->kept = who.kept_first;
    who.at->reload();
    check();
    connect(*who.at);
  }

  void say(person<survivor>& who) {
    who.act([&](survivor& s, seconds now, output& out) {
      message_id id{};
      const std::string text = any_text();
      if (s.say(text, language::ja, now, out, &id) == said::yes) said_[id] = {text, true};
    });
  }
  void say(person<counselor>& who) {
    who.act([&](counselor& c, seconds now, output& out) {
      message_id id{};
      const std::string text = any_text();
      if (c.say(talk(), text, language::ja, now, out, &id) == said::yes) said_[id] = {text, false};
    });
  }
  std::string any_text() {
    const std::size_t length = from_.number<std::uint16_t>() % (from_.roll(8) == 0 ? text_bytes_max + 2 : 200);
    return std::string(length, static_cast<char>('a' + said_.size() % 26));
  }

  void end(person<survivor>& who) {
    who.act([](survivor& s, seconds now, output& out) { s.end(now, out); });
  }
  void end(person<counselor>& who) {
    who.act([&](counselor& c, seconds now, output& out) { c.end(talk(), now, out); });
  }
  void recall(person<survivor>& who) {
    who.act([](survivor& s, seconds now, output& out) { s.recall(now, out); });
  }
  void recall(person<counselor>& who) {
    who.act([&](counselor& c, seconds now, output& out) { c.recall(talk(), now, out); });
  }
  template <class Core>
  void change_habits(person<Core>& who) {
    const byte habits = from_.number<byte>();
    who.shows_texts = habits & 1;
    who.accepts_calls = habits & 2;
    who.frozen = (habits & 12) == 12;
  }

  // The latest conversation that the survivor's page knows of.
  conversation_id talk() const { return yuki_.at->kept.empty() ? last_talk_ : yuki_.at->kept.begin()->first; }

  // --- what the server does ---

  static bytes copy_of(bytes_view in) { return {in.begin(), in.end()}; }

  template <class Core>
  void hear(person<Core>& who, const bytes& message) {
    who.act([&](Core& core, seconds now, output& out) { core.received(message, now, out); });
  }

  template <class Core>
  void repeat(person<Core>& who) {
    if (heard_.empty()) return;
    bytes message = heard_[from_.number<byte>() % heard_.size()];
    from_.alter(message);
    hear(who, message);
  }

  // Any message that there is, about the talk that there is; numbers are small where they would be.
  template <class Core>
  void invent(person<Core>& who) {
    const unsigned wanted = from_.roll(std::variant_size_v<wire::server_message>);
    unsigned code = 0;
    wire::for_each_type<wire::server_message>([&]<class Message>(std::type_identity<Message>) {
      if (code++ != wanted) return;
      Message message;
      std::apply([&](auto&... field) { (invent_field(field), ...); }, message.fields());
      if constexpr (requires { message.conversation; }) message.conversation = talk();
      hear(who, wire::encode(wire::server_message(message)));
    });
  }
  template <class T>
  void invent_field(T& field) {
    field = static_cast<T>(from_.number<byte>());
  }
  template <std::size_t N>
  void invent_field(block<N>& field) {
    std::ranges::copy(from_.take(std::min<std::size_t>(N, from_.roll(4))), field.begin());
  }

  template <class Core>
  void wrong_file(person<Core>& who) {
    const bytes* const files[] = {&in_.signed_by.centre_object, &in_.signed_by.issuer_object,
                                  &in_.signed_by.roster_object};
    const bytes* const named = files[from_.roll(3)];
    bytes given = *files[from_.roll(3)];
    const bool wrong = from_.alter(given) || given != *named;
    who.act([&](Core& core, seconds now, output& out) {
      core.fetched(crypto::sha256(*named), given, now, out);
      must(!wrong || of_type<trusted>(out.events).empty(), "a wrong file is not believed");
    });
  }

  // --- what must hold ---

  void check() {
    note_arrivals(yuki_);
    for (auto& each : staff_) note_arrivals(each);
    check(yuki_, true);
    for (auto& each : staff_) check(each, false);
    if (!yuki_.at->kept.empty()) last_talk_ = yuki_.at->kept.begin()->first;
  }

  template <class Core>
  void note_arrivals(const party<Core>& who) {
    const auto& events = who.at->events;
    for (std::size_t i = who.checked; i < events.size(); ++i)
      if (const auto* text = std::get_if<text_received>(&events[i])) arrived_.insert(text->id);
  }

  template <class Core>
  void check(party<Core>& who, bool is_survivor) {
    if (who.kept_first.empty()) who.kept_first = who.at->kept;
    const auto& events = who.at->events;
    for (; who.checked < events.size(); ++who.checked)
      std::visit([&](const auto& what) { check(who, is_survivor, what); }, events[who.checked]);
  }
  template <class Core>
  void check(party<Core>& who, bool is_survivor, const text_received& text) {
    const auto written = said_.find(text.id);
    must(written != said_.end() && written->second.text == as_text(text.text), "a text is as somebody wrote it");
    must(written->second.by_survivor != is_survivor, "a text comes from the other side");
    must(who.received.insert(text.id).second, "a text is shown once");
  }
  template <class Core>
  void check(party<Core>& who, bool is_survivor, const text_recalled& text) {
    const auto written = said_.find(text.id);
    must(written != said_.end() && written->second.text == as_text(text.text),
         "a recalled text is as it was written");
    must(text.ours == (written->second.by_survivor == is_survivor), "a recalled text is the one's who wrote it");
    must(who.received.insert(text.id).second, "a text is shown once");
  }
  template <class Core>
  void check(party<Core>&, bool is_survivor, const text_moved& moved) {
    const auto written = said_.find(moved.id);
    must(written != said_.end() && written->second.by_survivor == is_survivor, "one's own texts move on");
    if (moved.now == text_progress::delivered)
      must(arrived_.contains(moved.id), "delivered is what was on the other's screen");
  }
  template <class Core>
  void check(party<Core>&, bool is_survivor, const joined& with) {
    must(is_survivor == with.alias.starts_with("hotaru "), "a survivor talks with somebody who is listed");
  }
  template <class Core>
  void check(party<Core>& who, bool, const ended& end) {
    who.over.insert(end.conversation);
  }
  template <class Core>
  void check(party<Core>& who, bool is_survivor, const keep& kept) {
    must(!is_survivor || kept.kept.empty() || !who.over.contains(kept.conversation),
         "what is over leaves no way back");
  }
  template <class Core, class Event>
  void check(party<Core>&, bool is_survivor, const Event& what) {
    output one;
    one.tell(what);  // aborts, if the page must not see it
    must(!(is_survivor ? encode_for_survivor(one) : encode_for_counselor(one)).empty(), "a page can be told");
  }

  script& from_;
  std::vector<bytes> heard_;  // what the server said first
  std::size_t to_drop_ = 0;
  world in_;
  std::vector<party<counselor>> staff_;
  party<survivor> yuki_{in_.make_survivor()};
  conversation_id last_talk_{};
  std::map<message_id, said_text> said_;
  std::set<message_id> arrived_;
};

bytes in_steps(std::initializer_list<bytes> steps) {
  writer out;
  for (const bytes& each : steps) out.put(each);
  return out.finish();
}
template <class... Byte>
bytes one(step what, Byte... more) {
  return {static_cast<byte>(what), static_cast<byte>(more)...};
}

}  // namespace

void feed(bytes_view in) {
  script from(in);
  talk_through_hostile_hands(from).run();
}

std::vector<bytes> seeds() {
  constexpr int yuki = 0, first = 2, second = 3;
  const bytes settle = one(step::settle), survivor_says = one(step::say, yuki, 0, 9, 1);
  const bytes talk = in_steps({one(step::enter), settle, survivor_says, one(step::say, first, 0, 9, 1),
                               one(step::say, second, 0, 9, 1), settle});
  const bytes long_text = one(step::say, yuki, 0x20, 0, 0);
  return {
      talk,
      in_steps({talk, one(step::reload, yuki, 1), settle, one(step::recall, yuki), settle, survivor_says, settle}),
      in_steps({talk, one(step::reload, yuki, 0), settle, survivor_says, one(step::say, first, 0, 9, 1), settle}),
      in_steps({talk, one(step::reload, first, 1), one(step::reload, second, 1), settle, one(step::recall, first),
                settle}),
      in_steps({talk, one(step::cut, yuki, 0), survivor_says, one(step::connect, yuki), settle, one(step::end, yuki),
                settle, one(step::wait, 7)}),
      in_steps({talk, one(step::drop, 2), long_text, settle, survivor_says, settle, one(step::exit), settle}),
      in_steps({talk, one(step::repeat, yuki, 9, 0), one(step::repeat, first, 9, 1, 0, 7, 1), settle}),
      in_steps(
          {talk, one(step::invent, yuki, 8, 2, 9), one(step::invent, first, 10, 1), one(step::junk, yuki, 2, 1, 1)}),
      in_steps({talk, one(step::cut, yuki, 0), one(step::connect, yuki),
                one(step::wrong_file, yuki, 0, 1, 1, 0, 9, 9), settle, one(step::restart_server),
                one(step::connect, yuki), one(step::connect, first), settle}),
      in_steps({one(step::change_habits, first, 1), one(step::change_habits, second, 3), one(step::enter), settle,
                one(step::wait_long, 2), one(step::wait_long, 200), settle}),
  };
}

}  // namespace tomoshibi::fuzz
