#include "server/drill/drill.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <boost/asio/post.hpp>

#include "server/drill/shell.hpp"

namespace tomoshibi::drill {
namespace {

using core::seconds;
using crypto::conversation_id;
using survivor_shell = shell<core::survivor>;
using counselor_shell = shell<core::counselor>;

// Without a rate, so many texts of one side are under way at once: enough to keep both directions busy, few enough
// that turns change.
constexpr std::size_t texts_under_way = 2;
// A text that nobody can say at the moment is tried again so soon.
constexpr std::chrono::milliseconds next_try{5};
// The server takes so many new nonces of one conversation at once, and coming back may cost three.
constexpr std::size_t memory_losses_max = wire::nonces_at_once / 3;
// A counselor who sees for so long that nothing more comes from a survivor who has left ends the conversation.
constexpr std::chrono::seconds wait_for_leaver{10};

seconds device_clock() {
  return static_cast<seconds>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

moment now() { return std::chrono::steady_clock::now(); }

constexpr speaker sides[] = {speaker::survivor, speaker::counselor};
speaker side_of(const survivor_shell&) { return speaker::survivor; }
speaker side_of(const counselor_shell&) { return speaker::counselor; }

// A conversation as the drill sees it, from the first side that joined it.
struct talk {
  // By speaker.
  struct one_side {
    bool joined = false;  // a session stands, and the page knows it
    bool takes_turns = false;
    bool told_ended = false;  // the conversation is over
    bool finished = false;    // and nothing of it is left
  };
  one_side sides[2];
  one_side& of(speaker who) { return sides[static_cast<std::size_t>(who)]; }
  survivor_shell* survivor = nullptr;
  counselor_shell* counselor = nullptr;
  bool begun = false;             // both sides have been there
  bool closing = false;           // all is said and done
  std::size_t memory_losses = 0;  // of either side
  std::optional<moment> left_at;  // by exit
  bool over() const { return closing || left_at; }
};

class rehearsal {
 public:
  rehearsal(const settings& wanted, crypto::random_source& random)
      : wanted_(wanted),
        random_(random),
        beat_(io_),
        next_text_(io_),
        mishaps_(wanted.wanted_mishaps, wanted.survivors * 2 * wanted.messages) {
    if (wanted.rate) schedule_.emplace(*wanted.rate);
  }

  report run() {
    const moment begun = now();
    for (std::size_t i = 0; i < wanted_.counselors.size(); ++i) add_counselor(i);
    beat();
    if (schedule_) say_what_is_due();
    io_.run();
    made_.texts = ledger_.sum();
    made_.mishaps = mishaps_.counts();
    made_.until_read = until_read_.sum();
    made_.until_delivered = until_delivered_.sum();
    made_.seconds = std::chrono::duration<double>(now() - begun).count();
    for_each_shell([this](const auto& each) {
      made_.reconnects += each.reconnects();
      made_.resent += each.mail().resent();
    });
    return made_;
  }

 private:
  // --- the people ---

  core::counselor make_counselor(std::size_t index) {
    return {{wanted_.root_fingerprint, wanted_.where.origin()}, wanted_.counselors[index], random_};
  }
  static void on_duty(core::counselor& c, core::output& out) { c.set_duty({true, true, 255}, out); }

  void add_counselor(std::size_t index) {
    counselors_.push_back(std::make_unique<counselor_shell>(
        io_, wanted_.where, make_counselor(index), device_clock,
        [this](counselor_shell& at, core::event& what) { std::visit([&](auto& event) { sees(at, event); }, what); }));
    counselors_.back()->act([](core::counselor& c, seconds, core::output& out) { on_duty(c, out); });
    counselors_.back()->start();
  }

  core::survivor make_survivor(std::size_t index, bytes_view kept = {}) {
    core::survivor_settings chosen{wanted_.root_fingerprint, wanted_.desk, crypto::role::counselor, {}};
    if (wanted_.on_drill_desk) {
      chosen.asked_role = crypto::role::drill;
      chosen.ticket = [&signer = wanted_.counselors[index % wanted_.counselors.size()]](
                          const conversation_id& conversation, const wire::nonce& nonce, seconds at) {
        const bytes made = crypto::sign_ticket(signer.certificate, conversation, nonce, at, signer.sign);
        block<wire::ticket_bytes> shown;
        std::ranges::copy(made, shown.begin());
        return shown;
      };
    }
    return {std::move(chosen), random_, kept};
  }

  void add_survivor(std::size_t index) {
    survivors_.push_back(std::make_unique<survivor_shell>(
        io_, wanted_.where, make_survivor(index), device_clock,
        [this](survivor_shell& at, core::event& what) { std::visit([&](auto& event) { sees(at, event); }, what); }));
    survivors_.back()->start();
  }

  template <class Do>
  void for_each_shell(Do what) const {
    for (const auto& each : survivors_) what(*each);
    for (const auto& each : counselors_) what(*each);
  }

  // --- what they see ---

  void sees(survivor_shell& at, core::door_changed& event) {
    if (event.door.intake) at.act([](core::survivor& s, seconds when, core::output& out) { s.enter(when, out); });
  }
  // Survivors come when everybody is on duty, so that no console gets them all.
  void sees(counselor_shell&, core::signed_in&) {
    if (++signed_in_ != counselors_.size()) return;
    for (std::size_t i = 0; i < wanted_.survivors; ++i) add_survivor(i);
  }
  void sees(counselor_shell& at, core::called& event) {
    at.act([&](core::counselor& c, seconds when, core::output& out) { c.accept(event.conversation, when, out); });
  }

  template <class Core>
  void sees(shell<Core>& at, core::joined& event) {
    const conversation_id& in = event.conversation;
    const speaker who = side_of(at);
    talk& here = talks_[in];
    made_.taken_for_new += who == speaker::counselor && here.begun && !event.same_tab;
    if constexpr (std::is_same_v<Core, core::survivor>)
      here.survivor = &at;
    else
      here.counselor = &at;
    if (!std::exchange(here.of(who).takes_turns, true)) turns_.push_back({in, who});
    here.of(who).joined = true;
    here.begun = here.begun || here.of(other(who)).joined;
    ledger_.joined(in, who);
    ++progress_;
    if (event.same_tab && event.we_forgot && !event.peer_forgot) recall(at, in);
    go_on(in);
  }

  template <class Core>
  void sees(shell<Core>& at, core::text_received& event) {
    const auto due = ledger_.read(event.conversation, side_of(at), as_text(event.text));
    if (due) until_read_.add(now() - *due);
    show(at, event);
    go_on(event.conversation);
  }
  template <class Core>
  void sees(shell<Core>& at, core::text_recalled& event) {
    const speaker who = side_of(at);
    ledger_.recalled(event.conversation, who, event.ours ? who : other(who), as_text(event.text));
  }
  template <class Core>
  void sees(shell<Core>& at, core::text_moved& event) {
    if (event.now == core::text_progress::stored) ledger_.stored(event.conversation, side_of(at), event.id);
    if (event.now == core::text_progress::delivered) note_delivered(event.conversation, side_of(at), event.id);
    if (event.now == core::text_progress::dropped) ledger_.dropped(event.conversation, side_of(at), event.id);
  }

  void sees(counselor_shell&, core::peer_left_by_exit&) { ++made_.left_by_exit_seen; }
  template <class Core>
  void sees(shell<Core>& at, core::ended& event) {
    if (event.why != core::ending::by_us && event.why != core::ending::by_peer)
      return stop("a conversation ended early: " + std::string(name(event.why)));
    talks_[event.conversation].of(side_of(at)).told_ended = true;
    go_on(event.conversation);
  }
  template <class Core>
  void sees(shell<Core>& at, core::finished& event) {
    note_finished(event.conversation, side_of(at));
  }
  template <class Core>
  void sees(shell<Core>&, core::distrusted& event) {
    stop(fmt::format("a client refused what the server showed it: {}", crypto::name(event.why)));
  }
  template <class Core, class Other>
  void sees(shell<Core>&, Other&) {}

  static std::string_view name(core::ending why) {
    switch (why) {
      case core::ending::lost:
        return "the server no longer knows it";
      case core::ending::taken_over:
        return "another connection took it over";
      case core::ending::broken:
        return "a client refused a frame or a key";
      default:
        return "closed";
    }
  }

  // --- what they do ---

  static void show(survivor_shell& at, const core::text_received& text) {
    at.act([&](core::survivor& s, seconds when, core::output& out) { s.shown(text.id, when, out); });
  }
  static void show(counselor_shell& at, const core::text_received& text) {
    at.act(
        [&](core::counselor& c, seconds when, core::output& out) { c.shown(text.conversation, text.id, when, out); });
  }
  static void recall(survivor_shell& at, const conversation_id&) {
    at.act([](core::survivor& s, seconds when, core::output& out) { s.recall(when, out); });
  }
  static void recall(counselor_shell& at, const conversation_id& in) {
    at.act([&](core::counselor& c, seconds when, core::output& out) { c.recall(in, when, out); });
  }

  bool has_more_to_say(const conversation_id& in, speaker who) {
    return !talks_.at(in).over() && ledger_.count_said(in, who) < wanted_.messages;
  }

  // False: this side cannot at the moment.
  bool say(const conversation_id& in, speaker who, moment due) {
    talk& here = talks_.at(in);
    if (!here.of(who).joined) return false;
    const auto unstored = [&] {
      return who == speaker::survivor ? here.survivor->mail().unstored() : here.counselor->mail().unstored();
    };
    const std::uint64_t unstored_before = unstored();
    std::string text = ledger_.next_text(in, who, random_);
    core::message_id id{};
    bool taken = false;
    const auto note = [&](core::said answer) {
      taken = answer == core::said::yes;
      if (taken) ledger_.said(in, who, std::move(text), id, due);
    };
    if (who == speaker::survivor)
      here.survivor->act([&](core::survivor& s, seconds when, core::output& out) {
        note(s.say(text, core::language::ja, when, out, &id));
      });
    else
      here.counselor->act([&](core::counselor& c, seconds when, core::output& out) {
        note(c.say(in, text, core::language::ja, when, out, &id));
      });
    if (taken) note_said(1, unstored() > unstored_before);
    return taken;
  }

  // With a rate: all that is due, by whoever can say it, in turns.
  void say_what_is_due() {
    if (stopped_) return;
    moment next = now() + next_try;
    while (true) {
      const moment due = schedule_->next(now());
      if (due > now()) {
        next = due;
        break;
      }
      if (!say_somewhere(due)) break;
      schedule_->said();
    }
    next_text_.expires_at(next);
    next_text_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) say_what_is_due();
    });
  }

  bool say_somewhere(moment due) {
    for (std::size_t tried = 0; tried < turns_.size();) {
      next_turn_ %= turns_.size();
      const turn next = turns_[next_turn_];
      if (!has_more_to_say(next.in, next.who)) {
        turns_.erase(turns_.begin() + static_cast<std::ptrdiff_t>(next_turn_));
        continue;
      }
      ++next_turn_;
      ++tried;
      if (say(next.in, next.who, due)) return true;
    }
    if (turns_.empty()) schedule_->rest();
    return false;
  }

  // Whatever this conversation can do now: say more, or end.
  void go_on(const conversation_id& in) {
    talk& here = talks_.at(in);
    if (here.left_at) return go_on_after_exit(in);
    for (speaker who : sides)
      while (!schedule_ && has_more_to_say(in, who) && ledger_.count_waiting(in, who) < texts_under_way &&
             say(in, who, now())) {
      }
    if (here.closing || !is_done(in)) return;
    here.closing = true;
    here.survivor->act([](core::survivor& s, seconds when, core::output& out) { s.end(when, out); });
  }

  bool is_done(const conversation_id& in) {
    talk& here = talks_.at(in);
    return std::ranges::all_of(sides, [&](speaker who) {
      return here.of(who).joined && ledger_.count_said(in, who) >= wanted_.messages &&
             ledger_.count_waiting(in, who) == 0 && ledger_.count_owed(in, who) == 0;
    });
  }

  // The counselor reads what is still on its way, then ends it too.
  void go_on_after_exit(const conversation_id& in) {
    talk& here = talks_.at(in);
    if (here.counselor == nullptr || here.of(speaker::counselor).finished) return;
    const bool all_read = here.of(speaker::counselor).told_ended && ledger_.count_owed(in, speaker::counselor) == 0;
    if (!all_read && now() < *here.left_at + wait_for_leaver) return;
    here.counselor->act([&](core::counselor& c, seconds when, core::output& out) { c.end(in, when, out); });
  }

  // --- what goes wrong ---

  // As they are due; not in the middle of an event.
  void let_mishaps_happen() {
    for (mishap what : every_mishap)
      while (!stopped_ && mishaps_.due(what, texts_past_) && happens(what)) mishaps_.happened(what);
  }

  // False: it can happen to nobody at the moment.
  bool happens(mishap what) {
    const speaker who = what == mishap::exit ? speaker::survivor : sides[random_.make_block<1>()[0] % 2];
    std::vector<std::pair<conversation_id, talk*>> open;
    for (auto& [in, here] : talks_)
      if (here.begun && !here.over() && can_happen(what, here, who)) open.emplace_back(in, &here);
    if (open.empty()) return false;
    auto& [in, here] = open[reader(random_.make_block<8>()).number<std::uint64_t>() % open.size()];
    switch (what) {
      case mishap::reload:
        who == speaker::survivor ? reload_survivor(in, *here) : reload_counselor(*here->counselor);
        break;
      case mishap::cut:
        who == speaker::survivor ? here->survivor->cut() : here->counselor->cut();
        break;
      case mishap::exit:
        exit(in, *here);
        break;
    }
    return true;
  }

  static bool can_happen(mishap what, talk& here, speaker who) {
    if (what == mishap::reload)
      return here.of(speaker::survivor).joined && here.of(speaker::counselor).joined &&
             here.memory_losses < memory_losses_max;
    const bool is_open = who == speaker::survivor ? here.survivor->is_open() : here.counselor->is_open();
    return is_open && (what == mishap::cut || here.of(who).joined);
  }

  void reload_survivor(const conversation_id& in, talk& here) {
    note_memory_lost(in, speaker::survivor);
    const auto index = place_in(survivors_, here.survivor);
    const auto kept = here.survivor->kept().find(in);
    const crypto::secret_bytes nothing;
    here.survivor->reload(make_survivor(index, kept == here.survivor->kept().end() ? nothing : kept->second),
                          [](core::survivor&, seconds, core::output&) {});
  }

  void reload_counselor(counselor_shell& at) {
    for (auto& [in, here] : talks_) {
      if (here.counselor != &at || here.of(speaker::counselor).finished) continue;
      note_memory_lost(in, speaker::counselor);
      // Of what was over the page has kept nothing, and its next core may never hear of it.
      if (here.of(speaker::counselor).told_ended) note_finished(in, speaker::counselor);
    }
    const auto kept = at.kept();
    at.reload(make_counselor(place_in(counselors_, &at)), [&](core::counselor& c, seconds, core::output& out) {
      for (const auto& [in, state] : kept) c.restore(state, out);
      on_duty(c, out);
    });
  }

  template <class Shell>
  static std::size_t place_in(const std::vector<std::unique_ptr<Shell>>& all, const Shell* one) {
    return static_cast<std::size_t>(std::ranges::find(all, one, &std::unique_ptr<Shell>::get) - all.begin());
  }

  void note_memory_lost(const conversation_id& in, speaker who) {
    ledger_.memory_lost(in, who);
    talk& here = talks_.at(in);
    here.of(who).joined = false;
    ++here.memory_losses;
  }

  void exit(const conversation_id& in, talk& here) {
    here.left_at = now();
    std::size_t never_said = 0;
    for (speaker who : sides) never_said += wanted_.messages - ledger_.count_said(in, who);
    here.survivor->act([](core::survivor& s, seconds when, core::output& out) { s.exit(when, out); });
    here.survivor->stop();
    ledger_.left(in, speaker::survivor);
    note_finished(in, speaker::survivor);
    note_said(never_said, false);
  }

  // --- progress, and the end ---

  // Or never will be: the survivor has left.
  void note_said(std::size_t texts, bool sending) {
    texts_past_ += texts;
    const auto is_due = [this](mishap what) { return mishaps_.due(what, texts_past_); };
    if (std::ranges::any_of(every_mishap, is_due)) boost::asio::post(io_, [this] { let_mishaps_happen(); });
    tell_progress(sending);
  }

  void note_delivered(const conversation_id& in, speaker who, const core::message_id& id) {
    ++progress_;
    ++delivered_;
    const auto due = ledger_.delivered(in, who, id);
    if (due) until_delivered_.add(now() - *due);
    tell_progress(false);
    go_on(in);
  }

  void tell_progress(bool sending) const {
    if (!wanted_.progress) return;
    standing at{delivered_, 0, sending};
    for_each_shell([&](const auto& each) { at.resent += each.mail().resent(); });
    wanted_.progress(at);
  }

  void note_finished(const conversation_id& in, speaker who) {
    ++progress_;
    talk& here = talks_[in];
    if (std::exchange(here.of(who).finished, true) || !here.of(other(who)).finished) return;
    if (++made_.conversations == wanted_.survivors) stop({});
  }

  // Once a second: cores keep their time, what could not be done is tried again, and a drill that stands still is
  // given up.
  void beat() {
    beat_.expires_after(std::chrono::seconds(1));
    beat_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled || stopped_) return;
      for (auto& each : survivors_) each->tick();
      for (auto& each : counselors_) each->tick();
      for (auto& [in, here] : talks_) go_on(in);
      let_mishaps_happen();
      still_ = progress_ == progress_before_ ? still_ + 1 : 0;
      progress_before_ = progress_;
      if (still_ >= wanted_.patience.count())
        return stop(fmt::format("no progress for {} s: {} of {} conversations came to their end{}",
                                wanted_.patience.count(), made_.conversations, wanted_.survivors, why_closed()));
      beat();
    });
  }

  // What a socket said last, if one of them was closed: mostly the whole explanation.
  std::string why_closed() const {
    std::string out;
    for_each_shell([&](const auto& each) {
      if (out.empty() && !each.why_closed().empty()) out = "; a connection says: " + each.why_closed();
    });
    return out;
  }

  void stop(std::string trouble) {
    if (stopped_) return;
    stopped_ = true;
    made_.trouble = std::move(trouble);
    for (auto& each : survivors_) each->stop();
    for (auto& each : counselors_) each->stop();
    beat_.cancel();
    next_text_.cancel();
  }

  struct turn {
    conversation_id in;
    speaker who;
  };

  const settings& wanted_;
  crypto::random_source& random_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer beat_, next_text_;
  ledger ledger_;
  latencies until_read_, until_delivered_;
  std::optional<schedule> schedule_;  // with a rate
  std::vector<turn> turns_;           // who has more to say
  std::size_t next_turn_ = 0;
  mishaps mishaps_;
  std::size_t signed_in_ = 0;   // times
  std::size_t texts_past_ = 0;  // said, or never to be said
  std::vector<std::unique_ptr<counselor_shell>> counselors_;
  std::vector<std::unique_ptr<survivor_shell>> survivors_;
  std::map<conversation_id, talk> talks_;
  std::uint64_t progress_ = 0, progress_before_ = 0;
  std::size_t delivered_ = 0;
  std::int64_t still_ = 0;
  bool stopped_ = false;
  report made_;
};

}  // namespace

report run(const settings& wanted, crypto::random_source& random) { return rehearsal(wanted, random).run(); }

}  // namespace tomoshibi::drill
