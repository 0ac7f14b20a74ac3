// Centre and desks against any clients: survivors, staff, drillers and strangers say what they like, in any order,
// while the store is slow, fails or is started again. Nothing is said before it is committed, nothing after an end,
// and everything is erased in the end. (What desks require of themselves ends the program too.)
#include "server/desk/conversation.hpp"
#include "tests/centre/house.hpp"
#include "tests/fuzz/fuzzer.hpp"
#include "tests/wire/every_message.hpp"

namespace tomoshibi::fuzz {
namespace {

using centre::connection_id;
using support::memory_store;
using wire::seconds;

enum class step : byte {
  open,    // line1
  log_in,  // line1, who1
  say,     // line1, message1, fields
  raw,     // line1, length1, bytes
  hang_up,
  commit,
  commit_all,
  fail,
  tick,
  wait,
  restart,
  break_store,
  open_or_close,
  count
};

constexpr unsigned lines = 6;          // connections at a time
constexpr unsigned conversations = 4;  // that anybody knows of
constexpr const char* names[] = {"akari", "hotaru", "driller", "supervisor", "elsewhere", "disabled"};

class watched_house : public centre::house {
 public:
  watched_house() : house(memory_store::commits::when_told) {}

  void send(connection_id to, std::shared_ptr<const bytes> message) override {
    centre::house::send(to, message);
    const auto said = wire::decode_server(*message);
    must(said.has_value(), "the server speaks its own protocol");
    if (const auto* about = std::get_if<wire::stored>(&*said)) expect_stored(to, *about);
    if (const auto* call = std::get_if<wire::assigned>(&*said); call && call->why == wire::calling::invited)
      must(entered_invited.contains({call->conversation, names_on.at(to)}), "nobody is brought into a talk unasked");
  }

  std::set<connection_id> staff_lines;
  std::map<connection_id, wire::hash> names_on;  // the certificate that logged in there
  // A new conversation and to whom, by a survivor's own word, when that colleague had consented.
  std::set<std::pair<wire::conversation_id, wire::hash>> entered_invited;
  std::set<wire::hash> consented;  // who ever did

 private:
  // What is acknowledged is in the store, unless the conversation has ended since.
  void expect_stored(connection_id to, const wire::stored& about) {
    const auto row = store.committed().find(about.conversation);
    if (row == store.committed().end()) return;
    auto known = desk::decode_conversation(row->second.value);
    must(known.has_value(), "what is stored can be read");
    const bool by_staff = staff_lines.contains(to);
    const auto mail_to = by_staff ? storage::direction::to_survivor : storage::direction::to_counselor;
    desk::frame_number through = known->mail_for(by_staff ? desk::side::survivor : desk::side::counselor).taken;
    for (const auto& [at_number, value] : row->second.mail)
      if (at_number.first == mail_to) through = std::max(through, at_number.second);
    must(about.through <= through, "nothing is acknowledged before it is stored");
  }
};

class any_day {
 public:
  explicit any_day(script& from) : from_(from) {}

  void run() {
    for (int steps = 0; steps < 300 && !from_.over(); ++steps)
      take(step{static_cast<byte>(from_.roll(static_cast<unsigned>(step::count)))});
    everything_ends();
  }

 private:
  void take(step what) {
    switch (what) {
      case step::open:
        return open(any_line());
      case step::log_in:
        return log_in(any_line());
      case step::say:
        return say(any_line());
      case step::raw:
        return raw(any_line());
      case step::hang_up:
        return hang_up(any_line());
      case step::commit:
        if (in_.store.waiting() > 0) in_.store.commit_next();
        return;
      case step::commit_all:
        return in_.store.commit_all();
      case step::fail:
        return in_.store.fail_next();
      case step::tick:
        return pass(1);
      case step::wait:
        return pass(from_.number<byte>() * seconds{from_.roll(4) == 0 ? 600u : 5u});
      case step::restart:
        return restart();
      case step::break_store:
        in_.store.unreadable = from_.roll(2) == 0;
        return;
      case step::open_or_close:
        in_.within_hours = from_.roll(2) == 0;
        return;
      case step::count:
        return;
    }
  }

  connection_id& any_line() { return at_[from_.roll(lines)]; }

  void open(connection_id& line) {
    hang_up(line);
    in_.open(line = ++connections_);
  }
  void hang_up(connection_id& line) {
    if (line != 0) in_.hang_up(std::exchange(line, 0));
  }
  void log_in(connection_id& line) {
    open(line);
    const char* const name = names[from_.roll(std::size(names))];
    if (in_.end_of(line)) return;
    in_.staff_lines.insert(line);
    in_.names_on[line] = in_.name_of(name);
    in_.say(line, in_.login_of(line, name));
  }

  // Any message that there is. What it is about is one of a few.
  void say(connection_id who) {
    if (who == 0) return;
    const unsigned wanted = from_.roll(std::variant_size_v<wire::client_message>);
    unsigned code = 0;
    wire::for_each_type<wire::client_message>([&]<class Message>(std::type_identity<Message>) {
      if (code++ != wanted) return;
      if constexpr (std::is_same_v<Message, wire::enter>) {
        const byte talk = any_talk();
        in_.say(who, from_.roll(4) == 0 ? in_.drill_enter_of(talk) : in_.enter_of(talk));
      } else if constexpr (std::is_same_v<Message, wire::resume>) {
        const byte talk = any_talk();
        in_.say(who,
                wire::resume{
                    in_.talk_of(talk), in_.token_of(from_.roll(8) == 0 ? any_talk() : talk), from_.roll(2) == 0, {}});
      } else if constexpr (std::is_same_v<Message, wire::enter_invited>) {
        wire::enter_invited message = in_.enter_invited_of(any_talk(), any_name());
        message.through = in_.talk_of(any_talk());
        if (in_.consented.contains(message.to)) in_.entered_invited.insert({message.conversation, message.to});
        in_.say(who, message);
      } else if constexpr (std::is_same_v<Message, wire::invite>) {
        in_.say(who, wire::invite{in_.talk_of(any_talk()), in_.name_of(any_name()), wire::invitation_kind::join, {}});
      } else if constexpr (std::is_same_v<Message, wire::consent>) {
        if (in_.names_on.contains(who)) in_.consented.insert(in_.names_on.at(who));
        in_.say(who, wire::consent{in_.talk_of(any_talk()), {}});
      } else {
        Message message;
        std::apply([&](auto&... field) { (fill(field), ...); }, message.fields());
        if constexpr (requires { message.conversation; }) message.conversation = in_.talk_of(any_talk());
        if constexpr (requires { message.desk; })
          message.desk = from_.roll(4) == 0 ? in_.files.drill : in_.files.consultation;
        in_.say(who, message);
      }
    });
  }
  const char* any_name() { return names[from_.roll(std::size(names))]; }
  byte any_talk() { return static_cast<byte>(1 + from_.roll(conversations)); }
  template <class T>
  void fill(T& field) {
    field = static_cast<T>(from_.number<byte>());
  }
  template <std::size_t N>
  void fill(block<N>&) {}

  void raw(connection_id who) {
    const bytes_view message = from_.take(from_.number<byte>());
    if (who != 0) in_.at->received(who, message, in_.now);
  }

  void pass(seconds time) {
    in_.now += time;
    in_.at->tick(in_.now);
  }

  // The process ends without a word; nothing is left but what was committed.
  void restart() {
    in_.store.lose_waiting();
    in_.store.unreadable = false;
    in_.make();
    must(in_.at->start(in_.now).has_value(), "what was committed can be served");
    for (connection_id& line : at_) line = 0;
  }

  void everything_ends() {
    in_.store.unreadable = false;
    pass(1);
    in_.store.commit_all();
    for (connection_id& line : at_) hang_up(line);
    in_.store.commit_all();
    pass(desk::life_seconds_max + 1);
    in_.store.commit_all();
    must(in_.at->idle() && in_.store.committed().empty(), "everything ends and is erased");
  }

  script& from_;
  watched_house in_;
  std::array<connection_id, lines> at_{};
  connection_id connections_ = 0;
};

template <class... Byte>
bytes one(step what, Byte... more) {
  return {static_cast<byte>(what), static_cast<byte>(more)...};
}
// A message by its place in wire::client_message.
template <class Message, class... Byte>
bytes said(int line, Byte... fields) {
  byte code = 0, found = 0;
  wire::for_each_type<wire::client_message>([&]<class Each>(std::type_identity<Each>) {
    if (std::is_same_v<Each, Message>) found = code;
    ++code;
  });
  return one(step::say, line, found, fields...);
}

}  // namespace

void feed(bytes_view in) {
  script from(in);
  any_day(from).run();
}

std::vector<bytes> seeds() {
  const bytes commit = one(step::commit_all);
  writer staffed;
  staffed.put(one(step::log_in, 0, 0)).put(said<wire::duty>(0, 1, 1, 3));
  staffed.put(one(step::log_in, 1, 1)).put(said<wire::duty>(1, 1, 1, 3));
  staffed.put(one(step::open, 2)).put(said<wire::watch>(2, 1)).put(said<wire::enter>(2, 0, 1)).put(commit);
  const bytes waiting = staffed.finish();
  writer talking;
  talking.put(waiting).put(said<wire::offer>(0, 1, 0)).put(commit).put(said<wire::hello>(2, 1, 0)).put(commit);
  for (byte number = 2; number < 5; ++number)
    talking.put(said<wire::talk>(2, number, 0)).put(said<wire::talk>(0, number, 0)).put(commit);
  const bytes talk = talking.finish();
  const auto with = [](bytes_view before, std::initializer_list<bytes> more) {
    writer out;
    out.put(before);
    for (const bytes& each : more) out.put(each);
    return out.finish();
  };
  return {
      waiting,
      talk,
      with(waiting, {one(step::open_or_close, 1), one(step::hang_up, 0), one(step::hang_up, 1),
                     one(step::wait, 60, 1), one(step::wait, 70, 1), commit}),
      with(talk, {said<wire::taken>(0, 3, 0), said<wire::leave>(0, 0), said<wire::leave>(2, 0), commit}),
      with(talk, {said<wire::ask_team>(0), said<wire::invite>(0, 0, 1), said<wire::consent>(1, 0),
                  said<wire::introduce>(0, 1, 0), said<wire::introduce>(0, 2, 0), said<wire::introduce>(0, 3, 0),
                  said<wire::enter_invited>(2, 1, 1, 0), commit, said<wire::offer>(1, 1, 1), commit,
                  said<wire::hello>(2, 1, 1), commit, said<wire::leave>(2, 0), commit}),
      with(talk, {one(step::hang_up, 2), one(step::open, 3), said<wire::resume>(3, 0, 1, 1),
                  said<wire::ask_again>(0, 0), said<wire::new_nonce>(3, 0), commit, one(step::wait, 200, 0)}),
      with(talk, {said<wire::talk>(2, 5, 0), one(step::fail), one(step::restart), one(step::open, 2),
                  said<wire::resume>(2, 0, 1, 0), commit}),
      with({}, {one(step::log_in, 0, 2), said<wire::duty>(0, 1, 1, 3), one(step::open, 1), said<wire::enter>(1, 0, 0),
                commit, one(step::raw, 1, 3, 0x16, 1, 1), one(step::break_store, 0), one(step::tick)}),
  };
}

}  // namespace tomoshibi::fuzz
