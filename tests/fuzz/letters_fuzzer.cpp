// Letters through a centre, against any survivors and staff, while the store is slow, fails or is started again. A
// letter that was acknowledged is in the store until it is finished, burnt or too old; it is read by one member at a
// time; a reply that was acknowledged is shown; and in the end everything is erased.
#include "tests/centre/post_house.hpp"
#include "tests/fuzz/fuzzer.hpp"

namespace tomoshibi::fuzz {
namespace {

using centre::connection_id;
using centre::post_house;
using support::memory_store;
using wire::letter_finish;
using wire::seconds;

enum class step : byte {
  open,     // line1
  log_in,   // line1, who1
  begin,    // line1, letter1, phrase1
  part,     // line1, letter1, number1
  deposit,  // line1, letter1, phrase1
  show,     // line1, phrase1, how1
  key,      // line1, who1, day1
  take,     // line1
  reply,    // line1, letter1
  finish,   // line1, letter1, how1
  hang_up,  // line1
  commit,
  commit_all,
  fail,
  tick,
  wait,  // hours1
  restart,
  readers,  // who1
  count
};

constexpr unsigned lines = 6;
constexpr byte letters = 5, phrases = 2;
constexpr const char* names[] = {"akari", "hotaru", "driller", "expired"};

class watched_post : public post_house {
 public:
  watched_post() : post_house(memory_store::commits::when_told) {}

  struct kept {
    seconds until = 0;
    wire::day_number day = 0;
  };
  std::map<wire::letter_id, kept> acknowledged;      // to a survivor
  std::map<wire::letter_id, connection_id> in_hand;  // of which connection
  std::set<connection_id> staff_lines;

  void send(connection_id to, std::shared_ptr<const bytes> message) override {
    post_house::send(to, message);
    const auto said = wire::decode_server(*message);
    must(said.has_value(), "the server speaks its own protocol");
    if (const auto* about = std::get_if<wire::letter_stored>(&*said); about && !staff_lines.contains(to)) {
      const auto found = find(about->letter);
      const auto stored_at = about->kept_until - desk::letters_kept_days * seconds{86400};
      const bool old = now / 86400 >= stored_at / 86400 + 1;  // the next staffed day is over, at the earliest
      if (!found && (old || over.contains(about->letter))) return;  // it ended before this could be said
      must(found.has_value(), "nothing is acknowledged before it is stored");
      acknowledged[about->letter] = {about->kept_until, found->day};
    }
    if (const auto* given = std::get_if<wire::letter_given>(&*said); given && given->parts != 0)
      must(in_hand.emplace(given->letter, to).second, "a letter is read by one at a time");
  }
  void close(connection_id who, wire::error why) override {
    post_house::close(who, why);
    release(who);
  }
  void release(connection_id who) {
    std::erase_if(in_hand, [&](const auto& one) { return one.second == who; });
  }

  std::set<wire::letter_id> over;  // finished or burnt, or on the way to it

  std::optional<desk::letter> find(const wire::letter_id& id) const {
    for (const auto& [row, value] : store.committed()) {
      if (value.value.at(0) != desk::letter_kind) continue;
      const auto known = desk::decode_letter(value.value);
      must(known.has_value(), "what is stored can be read");
      if (known->id == id) return known->fields;
    }
    return std::nullopt;
  }

  void expect_kept() const {
    for (const auto& [id, one] : acknowledged) {
      const bool old = now >= one.until || now / 86400 > one.day + 1;
      must(old || over.contains(id) || find(id).has_value(), "what was acknowledged is kept");
    }
  }
};

class any_week {
 public:
  explicit any_week(script& from) : from_(from) {}

  void run() {
    for (int steps = 0; steps < 300 && !from_.over(); ++steps) {
      take(step{static_cast<byte>(from_.roll(static_cast<unsigned>(step::count)))});
      in_.expect_kept();
    }
    everything_ends();
  }

 private:
  void take(step what) {
    switch (what) {
      case step::open:
        return open(any_line());
      case step::log_in:
        return log_in(any_line());
      case step::begin:
        begin(any_line());
        return;
      case step::part: {
        const connection_id who = any_line();
        const byte n = any_letter(), number = static_cast<byte>(from_.roll(7));
        return say(who, wire::letter_part{post_house::letter_of(n), number, post_house::body_of(n, number)});
      }
      case step::deposit:
        return deposit(any_line());
      case step::show:
        return show(any_line());
      case step::key:
        return put_key(any_line());
      case step::take:
        return say(any_line(), wire::take_letter{});
      case step::reply: {
        const connection_id who = any_line();
        const byte n = any_letter();
        if (who != 0) in_.say_reply(who, n);
        return;
      }
      case step::finish:
        return finish(any_line());
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
        return pass(from_.number<byte>() * seconds{3600});
      case step::restart:
        return restart();
      case step::readers:
        return change_readers();
      case step::count:
        return;
    }
  }

  connection_id& any_line() { return at_[from_.roll(lines)]; }
  byte any_letter() { return static_cast<byte>(1 + from_.roll(letters)); }

  void say(connection_id who, const wire::client_message& said) {
    if (who != 0) in_.say(who, said);
  }
  void open(connection_id& line) {
    hang_up(line);
    in_.open(line = ++connections_);
  }
  void hang_up(connection_id& line) {
    if (line == 0) return;
    in_.release(line);
    in_.hang_up(std::exchange(line, 0));
  }
  void log_in(connection_id& line) {
    open(line);
    const char* const name = names[from_.roll(std::size(names))];
    if (in_.end_of(line)) return;
    in_.staff_lines.insert(line);
    in_.say(line, in_.login_of(line, name));
  }

  std::optional<post_house::phrase> any_phrase() {
    const unsigned n = from_.roll(phrases + 1);
    return n == 0 ? std::nullopt : std::optional(post_house::phrase_of(static_cast<byte>(n)));
  }
  byte begin(connection_id who) {
    const byte n = any_letter();
    const auto with = any_phrase();
    if (who != 0) in_.say(who, in_.begin_of(n, with ? &*with : nullptr));
    return n;
  }
  void deposit(connection_id who) {
    const byte n = begin(who);
    if (who != 0) in_.say_parts(who, n);
  }

  // how: 0 looks, 1 burns, 2 is signed wrongly.
  void show(connection_id who) {
    const auto with = post_house::phrase_of(static_cast<byte>(1 + from_.roll(phrases)));
    const unsigned how = from_.roll(3);
    if (who == 0 || in_.heard[who].empty() || in_.heard[who][0].at(0) != wire::welcome::code) return;
    auto said = in_.shown_by(with, in_.welcome(who).challenge, how == 1);
    if (how == 2) said.made[from_.roll(64)] ^= 1;
    if (how == 1) all_over(crypto::sha256(with.locator));
    in_.say(who, said);
  }
  void all_over(const crypto::hash32& locator_hash) {
    for (byte n = 1; n <= letters; ++n) {
      const auto known = in_.find(post_house::letter_of(n));
      if (!known || (known->phrase && known->phrase->locator_hash == locator_hash))
        in_.over.insert(post_house::letter_of(n));
    }
  }
  void put_key(connection_id who) {
    const char* const name = names[from_.roll(2)];
    const auto day = static_cast<wire::day_number>(in_.now / 86400) + from_.roll(24) - 1;
    say(who, in_.key_of(name, day));
  }
  void finish(connection_id who) {
    const byte n = any_letter();
    const auto how = letter_finish{static_cast<byte>(from_.roll(3))};
    const auto id = post_house::letter_of(n);
    if (how != letter_finish::put_back) in_.over.insert(id);
    if (const auto held = in_.in_hand.find(id); held != in_.in_hand.end() && held->second == who)
      in_.in_hand.erase(held);
    say(who, wire::finish_letter{id, how});
  }
  void change_readers() {
    in_.files.letter_readers = {names[from_.roll(2)]};
    if (from_.roll(2) == 0) in_.files.letter_readers = {"akari", "hotaru"};
    in_.in_hand.clear();  // who reads no more gives back
    in_.believe();
  }

  void pass(seconds time) {
    in_.now += time;
    in_.at->tick(in_.now);
  }
  void restart() {
    in_.store.lose_waiting();
    in_.make();
    must(in_.at->start(in_.now).has_value(), "what was committed can be served");
    in_.in_hand.clear();
    for (connection_id& line : at_) line = 0;
  }

  void everything_ends() {
    pass(1);
    in_.store.commit_all();
    in_.expect_kept();
    for (connection_id& line : at_) hang_up(line);
    in_.store.commit_all();
    pass((desk::letters_kept_days + 1) * seconds{86400});
    in_.store.commit_all();
    must(in_.at->idle() && in_.rows_of(desk::letter_kind) == 0, "everything ends and is erased");
  }

  script& from_;
  watched_post in_;
  std::array<connection_id, lines> at_{};
  connection_id connections_ = 0;
};

template <class... Byte>
bytes one(step what, Byte... more) {
  return {static_cast<byte>(what), static_cast<byte>(more)...};
}

}  // namespace

void feed(bytes_view in) {
  script from(in);
  any_week(from).run();
}

std::vector<bytes> seeds() {
  const bytes commit = one(step::commit_all);
  const auto with = [](bytes_view before, std::initializer_list<bytes> more) {
    writer out;
    out.put(before);
    for (const bytes& each : more) out.put(each);
    return out.finish();
  };
  const bytes staffed = with({}, {one(step::log_in, 0, 0), one(step::key, 0, 0, 1), one(step::log_in, 1, 1),
                                  one(step::key, 1, 1, 1), one(step::open, 2), commit});
  const bytes written = with(staffed, {one(step::deposit, 2, 0, 1), commit, one(step::deposit, 2, 1, 0), commit});
  const bytes taken = with(written, {one(step::take, 0), one(step::take, 1), commit});
  return {
      staffed,
      written,
      taken,
      with(taken, {one(step::reply, 0, 0), one(step::finish, 0, 0, 1), one(step::finish, 1, 1, 2), commit,
                   one(step::open, 3), one(step::show, 3, 0, 0), commit}),
      with(taken,
           {one(step::finish, 0, 0, 0), one(step::take, 1), one(step::hang_up, 1), commit, one(step::take, 0)}),
      with(taken, {one(step::open, 3), one(step::show, 3, 0, 1), one(step::fail), one(step::restart),
                   one(step::open, 3), one(step::show, 3, 0, 2), commit}),
      with(staffed, {one(step::begin, 2, 0, 1), one(step::part, 2, 0, 1), one(step::part, 2, 0, 2),
                     one(step::part, 2, 0, 3), one(step::part, 2, 0, 4), one(step::part, 2, 0, 5), commit,
                     one(step::readers, 0, 1), one(step::wait, 200), one(step::wait, 250)}),
  };
}

}  // namespace tomoshibi::fuzz
