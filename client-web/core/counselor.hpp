// The counselor's client: signs in, is on duty, answers the line, holds several conversations. Sans-io like
// survivor.hpp.
#pragma once

#include <map>

#include "client-web/core/belief.hpp"
#include "client-web/core/conversation.hpp"
#include "client-web/core/reading.hpp"

namespace tomoshibi::core {

struct counselor_settings {
  crypto::hash32 root_fingerprint{};
  std::string origin;  // of the page, as the browser sends it; part of what `login` signs
};

class counselor {
 public:
  // `who`: out of the vault, just unlocked. A day key is made at first use.
  // `inbox`: what this device kept of the keys for letters (event `keep_inbox`), or nothing.
  counselor(counselor_settings settings, crypto::identity who, crypto::random_source& random, bytes_view inbox = {});

  // What the console kept of a conversation before a reload (event `keep`); call before `connected`. What does not
  // open with this vault, or is damaged, is ignored: the conversation is served all the same, as to somebody new.
  void restore(bytes_view kept, output& out);

  // --- the connection; `clock` is the device's, Unix seconds ---
  void connected() { connected_ = true; }
  void disconnected(seconds clock);
  void received(bytes_view message, seconds clock, output& out);
  void fetched(const crypto::hash32& hash, bytes_view object, seconds clock, output& out);
  void tick(seconds clock, output& out);

  // --- the person ---
  void set_duty(const wire::duty& now, output& out);  // said again after each login
  void accept(const conversation_id& id, seconds clock, output& out);
  said say(const conversation_id& id, std::string_view text, language written_in, seconds clock, output& out,
           message_id* message = nullptr);
  void shown(const conversation_id& id, const message_id& message, seconds clock, output& out);
  void recall(const conversation_id& id, seconds clock, output& out);
  void end(const conversation_id& id, seconds clock, output& out);
  void ask_team(output& out);
  void invite(const from_counselor::invite& wanted, seconds clock, output& out);
  void withdraw_invitation(const conversation_id& id, seconds clock, output& out);
  void answer_colleague(const conversation_id& theirs, bool yes, seconds clock, output& out);
  void take_letter(output& out);
  void answer_letter(const from_counselor::answer_letter& reply, output& out);
  void put_letter(const from_counselor::put_letter& letter, output& out);

 private:
  // Of a talk of ours: a colleague is asked, then the survivor, then they are brought together.
  struct inviting {
    crypto::hash32 colleague{};
    bytes certificate;  // the colleague's, signed
    invitation_kind kind{};
    crypto::secret_bytes sheet;  // `lang1 | UTF-8`
    std::optional<crypto::consented> consent{};
    std::optional<crypto::invitation> agreed{};  // once the survivor is asked
    crypto::hash32 question{};                   // likewise
    bool accepted = false;
  };
  // Of a colleague's talk: we are asked.
  struct asked_by {
    crypto::certificate who;
    crypto::hash32 hash{};
    crypto::hash32 th{};
    invitation_kind kind{};
    std::optional<crypto::pending_consent> consent{};
    std::vector<wire::frame> pieces{};
  };
  // The survivor who is to come, with what only they and the colleague know.
  struct expected {
    crypto::awaited secret;
    core::introduced introduction;  // its conversation is known when they come
    crypto::hash32 from{}, th{};
  };
  struct held {
    conversation talk;
    std::optional<wire::assigned> call{};  // waits for our OFFER
    bool served = false;  // by us, now or before this page was loaded: an OFFER for a new nonce needs nobody's leave
    bool accepted = false;                           // `call`: our OFFER waits for newer signed files
    std::optional<crypto::pending_offer> offered{};  // waits for the survivor's HELLO
    std::vector<wire::frame> early{};                // a HELLO that waits for its introduction, and what is behind it
    std::optional<counselor::inviting> inviting{};   // somebody into this talk
    bool invitation_open = false;                    // the server has not said `invitation_over`
    bool invited = false;                            // came by an invitation that we had agreed to
    std::optional<expected> by{};                    // whose introduction it began with
    wire::nonce offered_for{};
    bool memory_lost = false;  // known from `restore` or from the server only
    bool listed = true;        // the server named it after the last login
  };

  void on(const wire::welcome&, seconds clock, output&);
  void on(const wire::renewed&, seconds clock, output&);
  void on(const wire::hello&, seconds clock, output&);
  void on(const wire::talk&, seconds clock, output&);
  void on(const wire::assigned&, seconds clock, output&);
  void on(const wire::withdrawn&, seconds, output&);
  void on(const wire::resumed&, seconds clock, output&);
  void on(const wire::stored&, seconds clock, output&);
  void on(const wire::peer_state&, seconds clock, output&);
  void on(const wire::left&, seconds, output&);
  void on(const wire::logged_in&, seconds clock, output&);
  void on(const wire::certificate&, seconds clock, output&);
  void on(const wire::line_state&, seconds, output&);
  void on(const wire::failed&, seconds, output&);
  void on(const wire::colleague&, seconds clock, output&);
  void on(const wire::invited&, seconds clock, output&);
  void on(const wire::consent&, seconds clock, output&);
  void on(const wire::introduce&, seconds clock, output&);
  void on(const wire::invitation_over&, seconds clock, output&);
  void on(const wire::inbox_days& message, seconds clock, output& out) {
    reading_.on(message, who_, centre_time(clock), random_, out);
  }
  void on(const wire::letters_state& message, seconds, output& out) { reading_.on(message, out); }
  void on(const wire::letter_given& message, seconds, output& out) { reading_.on(message, out); }
  void on(const wire::letter_part& message, seconds, output& out) { reading_.on(message, out); }
  void on(const wire::letter_stored& message, seconds, output& out) { reading_.on(message, out); }
  void on(const wire::letter_refused& message, seconds, output& out) { reading_.on(message, out); }
  template <class SurvivorMessage>
  void on(const SurvivorMessage&, seconds, output&) {}  // meant for survivors: nothing staff acts on

  void believe(belief::step step, seconds clock, output& out);
  void distrust(crypto::failure why, seconds clock, output& out);
  void log_in(seconds clock, output& out);
  void log_in_newer(const wire::certificate& given, seconds clock, output& out);
  void tell_expiry(output& out);
  std::string own_alias() const;
  const crypto::day_secret& day_key(seconds now);
  void make_offer(held& in, seconds clock, output& out);
  void answer_hello(held& in, const wire::frame& hello, seconds clock, output& out);
  void answer_early(seconds clock, output& out);
  void hear_frame(held& in, const wire::frame& frame, seconds clock, output& out);
  template <class Work>
  void attend(held& in, seconds clock, output& out, Work work);
  void hear(held& in, const conversation::errand& said, seconds clock, output& out);
  void hear_answer(held& in, bytes_view data, seconds clock, output& out);
  void hear_company(held& in, bytes_view data, seconds clock, output& out);
  void drop_invitation(held& in, invitation_stage why, seconds clock, output& out);
  void expect(const crypto::introduced& by, const std::string& alias, seconds clock);
  void forget_expected(seconds now);
  held* find(const conversation_id& id);
  held& open(const conversation_id& id);
  void drop(const conversation_id& id, output& out);
  void drop_unlisted(output& out);
  seconds centre_time(seconds clock) const { return belief_.centre_time(clock); }

  counselor_settings settings_;
  crypto::identity who_;
  crypto::secret<32> kept_key_;
  crypto::random_source& random_;
  belief belief_;
  bool connected_ = false, ready_ = false, logged_in_ = false;
  std::optional<wire::certificate> newer_;  // given instead of a login, looked at once trust is current
  bool newer_given_ = false;                // on this connection
  seconds heard_at_ = 0;
  crypto::desk_id desk_{};
  std::uint32_t unlisted_ = 0;  // `resumed` still to come after `logged_in`
  wire::nonce challenge_{};
  wire::duty duty_{};
  std::optional<crypto::day_secret> day_;
  seconds day_made_ = 0;
  std::map<conversation_id, held> conversations_;
  std::map<crypto::hash32, bytes> team_;  // certificates, verified
  std::map<conversation_id, asked_by> asked_;
  std::vector<expected> expected_;
  reading reading_;
};

}  // namespace tomoshibi::core
