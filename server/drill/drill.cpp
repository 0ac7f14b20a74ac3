#include "server/drill/drill.hpp"

#include <fmt/format.h>

#include <set>

#include "server/drill/shell.hpp"

namespace tomoshibi::drill {
namespace {

using core::seconds;
using survivor_shell = shell<core::survivor>;
using counselor_shell = shell<core::counselor>;

// How many texts of one side are under way at once: enough to keep both directions busy, few enough that turns
// change.
constexpr std::size_t texts_under_way = 2;

seconds device_clock() {
  return static_cast<seconds>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

class rehearsal {
 public:
  rehearsal(const settings& wanted, crypto::random_source& random) : wanted_(wanted), random_(random), beat_(io_) {}

  report run() {
    const auto begun = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < wanted_.counselors.size(); ++i) add_counselor(wanted_.counselors[i]);
    for (std::size_t i = 0; i < wanted_.survivors; ++i) add_survivor(i);
    beat();
    io_.run();
    report made;
    made.texts = ledger_.sum();
    made.conversations = finished_.size();
    made.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    made.trouble = trouble_;
    return made;
  }

 private:
  void add_counselor(const crypto::identity& who) {
    const std::string origin = wanted_.where.origin();
    counselors_.push_back(std::make_unique<counselor_shell>(
        io_, wanted_.where, core::counselor({wanted_.root_fingerprint, origin}, who, random_), device_clock,
        [this](counselor_shell& at, core::event& what) {
          std::visit([&](auto& event) { counselor_sees(at, event); }, what);
        }));
    counselors_.back()->act([](core::counselor& c, seconds, core::output& out) {
      c.set_duty({true, true, 255}, out);
    });
    counselors_.back()->start();
  }

  void add_survivor(std::size_t index) {
    core::survivor_settings chosen{wanted_.root_fingerprint, wanted_.desk, crypto::role::counselor, {}};
    if (wanted_.on_drill_desk) {
      chosen.asked_role = crypto::role::drill;
      chosen.ticket = [&signer = wanted_.counselors[index % wanted_.counselors.size()]](
                          const crypto::conversation_id& conversation, const wire::nonce& nonce, seconds now) {
        const bytes made = crypto::sign_ticket(signer.certificate, conversation, nonce, now, signer.sign);
        block<wire::ticket_bytes> shown;
        std::ranges::copy(made, shown.begin());
        return shown;
      };
    }
    survivors_.push_back(
        std::make_unique<survivor_shell>(io_, wanted_.where, core::survivor(std::move(chosen), random_), device_clock,
                                         [this](survivor_shell& at, core::event& what) {
                                           std::visit([&](auto& event) { survivor_sees(at, event); }, what);
                                         }));
    survivors_.back()->start();
  }

  // --- what a survivor sees, and does ---

  void survivor_sees(survivor_shell& at, core::door_changed& event) {
    if (event.door.intake) at.act([](core::survivor& s, seconds now, core::output& out) { s.enter(now, out); });
  }
  void survivor_sees(survivor_shell& at, core::joined& event) {
    survivor_of_[event.conversation] = &at;
    for (std::size_t i = 0; i < texts_under_way; ++i) survivor_speaks(event.conversation);
  }
  void survivor_sees(survivor_shell& at, core::text_received& event) {
    ledger_.read(event.conversation, speaker::survivor, as_text(event.text));
    at.act([&](core::survivor& s, seconds now, core::output& out) { s.shown(event.id, now, out); });
  }
  void survivor_sees(survivor_shell&, core::text_moved& event) {
    if (event.now != core::text_progress::delivered) return;
    note_delivered(event.conversation, speaker::survivor, event.id);
    survivor_speaks(event.conversation);
  }
  void survivor_sees(survivor_shell&, core::finished& event) { note_finished(event.conversation); }
  void survivor_sees(survivor_shell&, core::ended& event) { note_ending(event); }
  void survivor_sees(survivor_shell&, core::distrusted& event) { note_distrust(event); }
  template <class Other>
  void survivor_sees(survivor_shell&, Other&) {}

  void survivor_speaks(const crypto::conversation_id& in) {
    if (ledger_.count_said(in, speaker::survivor) >= wanted_.messages) return;
    survivor_of_.at(in)->act([&](core::survivor& s, seconds now, core::output& out) {
      core::message_id id{};
      std::string text = ledger_.next_text(in, speaker::survivor, random_);
      if (s.say(text, core::language::ja, now, out, &id) == core::said::yes)
        ledger_.said(in, speaker::survivor, std::move(text), id);
    });
  }

  // --- what a counselor sees, and does ---

  void counselor_sees(counselor_shell& at, core::called& event) {
    at.act([&](core::counselor& c, seconds now, core::output& out) { c.accept(event.conversation, now, out); });
  }
  void counselor_sees(counselor_shell& at, core::joined& event) {
    counselor_of_[event.conversation] = &at;
    for (std::size_t i = 0; i < texts_under_way; ++i) counselor_speaks(event.conversation);
  }
  void counselor_sees(counselor_shell& at, core::text_received& event) {
    ledger_.read(event.conversation, speaker::counselor, as_text(event.text));
    at.act(
        [&](core::counselor& c, seconds now, core::output& out) { c.shown(event.conversation, event.id, now, out); });
  }
  void counselor_sees(counselor_shell&, core::text_moved& event) {
    if (event.now != core::text_progress::delivered) return;
    note_delivered(event.conversation, speaker::counselor, event.id);
    counselor_speaks(event.conversation);
  }
  void counselor_sees(counselor_shell&, core::finished& event) { note_finished(event.conversation); }
  void counselor_sees(counselor_shell&, core::ended& event) { note_ending(event); }
  void counselor_sees(counselor_shell&, core::distrusted& event) { note_distrust(event); }
  template <class Other>
  void counselor_sees(counselor_shell&, Other&) {}

  void counselor_speaks(const crypto::conversation_id& in) {
    if (ledger_.count_said(in, speaker::counselor) >= wanted_.messages) return;
    counselor_of_.at(in)->act([&](core::counselor& c, seconds now, core::output& out) {
      core::message_id id{};
      std::string text = ledger_.next_text(in, speaker::counselor, random_);
      if (c.say(in, text, core::language::ja, now, out, &id) == core::said::yes)
        ledger_.said(in, speaker::counselor, std::move(text), id);
    });
  }

  // --- progress, and the end ---

  void note_delivered(const crypto::conversation_id& in, speaker who, const core::message_id& id) {
    ++progress_;
    ledger_.delivered(in, who, id);
    if (wanted_.progress) wanted_.progress(++delivered_);
    const bool done = ledger_.count_delivered(in, speaker::survivor) >= wanted_.messages &&
                      ledger_.count_delivered(in, speaker::counselor) >= wanted_.messages;
    if (done && closing_.insert(in).second)
      survivor_of_.at(in)->act([](core::survivor& s, seconds now, core::output& out) { s.end(now, out); });
  }

  void note_finished(const crypto::conversation_id& in) {
    ++progress_;
    if (half_finished_.insert(in).second) return;
    finished_.insert(in);
    if (finished_.size() == wanted_.survivors) stop({});
  }

  void note_ending(const core::ended& event) {
    if (event.why == core::ending::by_us || event.why == core::ending::by_peer) return;
    stop("a conversation ended early: " + std::string(name(event.why)));
  }

  void note_distrust(const core::distrusted& event) {
    stop(fmt::format("a client refused what the server showed it: {}", crypto::name(event.why)));
  }

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

  // Once a second: cores keep their time, and a drill that stands still is given up.
  void beat() {
    beat_.expires_after(std::chrono::seconds(1));
    beat_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled || stopped_) return;
      for (auto& each : survivors_) each->tick();
      for (auto& each : counselors_) each->tick();
      still_ = progress_ == progress_before_ ? still_ + 1 : 0;
      progress_before_ = progress_;
      if (still_ >= wanted_.patience.count())
        return stop(fmt::format("no progress for {} s: {} of {} conversations came to their end{}",
                                wanted_.patience.count(), finished_.size(), wanted_.survivors, why_closed()));
      beat();
    });
  }

  // What a socket said last, if one of them was closed: mostly the whole explanation.
  std::string why_closed() const {
    for (const auto& each : survivors_)
      if (!each->why_closed().empty()) return "; a connection says: " + each->why_closed();
    for (const auto& each : counselors_)
      if (!each->why_closed().empty()) return "; a connection says: " + each->why_closed();
    return {};
  }

  void stop(std::string trouble) {
    if (stopped_) return;
    stopped_ = true;
    trouble_ = std::move(trouble);
    for (auto& each : survivors_) each->stop();
    for (auto& each : counselors_) each->stop();
    beat_.cancel();
  }

  const settings& wanted_;
  crypto::random_source& random_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer beat_;
  ledger ledger_;
  std::vector<std::unique_ptr<counselor_shell>> counselors_;
  std::vector<std::unique_ptr<survivor_shell>> survivors_;
  std::map<crypto::conversation_id, survivor_shell*> survivor_of_;
  std::map<crypto::conversation_id, counselor_shell*> counselor_of_;
  std::set<crypto::conversation_id> closing_, half_finished_, finished_;
  std::uint64_t progress_ = 0, progress_before_ = 0;
  std::size_t delivered_ = 0;
  std::int64_t still_ = 0;
  bool stopped_ = false;
  std::string trouble_;
};

}  // namespace

report run(const settings& wanted, crypto::random_source& random) { return rehearsal(wanted, random).run(); }

}  // namespace tomoshibi::drill
