// The survivor's client: from a closed door to an emptied end. Sans-io: the shell tells what the connection brings
// and what the person does, and takes from `output` what is to be sent, fetched and shown. Nobody is named here.
#pragma once

#include <functional>

#include "client-web/core/belief.hpp"
#include "client-web/core/conversation.hpp"
#include "client-web/core/letters.hpp"

namespace tomoshibi::core {

struct survivor_settings {
  crypto::hash32 root_fingerprint{};  // SHA-256 of the centre's root key, from the page or the card
  std::string desk;                   // the desk's id in the centre's configuration
  crypto::role asked_role = crypto::role::counselor;
  // The drill's ticket for this conversation and nonce; empty in every page.
  std::function<block<wire::ticket_bytes>(const conversation_id&, const wire::nonce&, seconds centre_time)> ticket;
};

class survivor {
 public:
  // `kept`: what the page kept before a reload (event `keep`), or nothing. What cannot be read starts anew.
  // `with`: for a client that can write letters; else what is asked of letters is ignored.
  survivor(survivor_settings settings, crypto::random_source& random, bytes_view kept = {},
           std::unique_ptr<letters> with = nullptr);
  bool returning() const { return held_ && held_->now == held::standing::returning; }

  // --- the connection; `clock` is the device's, Unix seconds ---
  void connected() { connected_ = true; }
  void disconnected(seconds clock);
  void received(bytes_view message, seconds clock, output& out);
  void fetched(const crypto::hash32& hash, bytes_view object, seconds clock, output& out);
  void tick(seconds clock, output& out);

  // --- the person ---
  void enter(seconds clock, output& out);  // a place in the line; ignored while there is one
  said say(std::string_view text, language written_in, seconds clock, output& out, message_id* id = nullptr);
  void shown(const message_id& id, seconds clock, output& out);
  void recall(seconds clock, output& out);
  void end(seconds clock, output& out);
  void exit(seconds clock, output& out);
  void answer_invitation(std::uint32_t number, bool yes, seconds clock, output& out);
  void end_company(seconds clock, output& out);
  // Letters: at the door only; ignored in the line and in a talk.
  void ask_letters(output& out);
  void send_letter(const from_survivor::send_letter& letter, seconds clock, output& out);
  void fetch_replies(const from_survivor::fetch_replies& wanted, output& out);

 private:
  // Somebody to whom the person has said yes: first contact is with this certificate alone, and proves the
  // invitation.
  struct guest {
    crypto::invitation_kind kind{};
    crypto::hash32 question{};
    crypto::hash32 th{};  // of the session in which the yes was said
    std::string alias;
    crypto::hash32 certificate_hash{};
    crypto::psk with;  // zeros from `heard` on
    seconds since = 0;
    bool heard = false;  // or given up: nobody is awaited any more
  };
  // What the counselor asks, until it is answered.
  struct question {
    crypto::hash32 id{};
    crypto::invitation asked;
    crypto::certificate who;
    std::uint32_t number = 0;
  };
  // One conversation, and how its next handshake is made.
  struct held {
    enum class standing {
      entering,   // a place is asked for until that is answered
      inside,     // in the line or in a talk, memory kept
      returning,  // memory was lost: `resume` is said until it is answered
    };

    conversation talk;
    standing now = standing::entering;
    std::optional<wire::nonce> nonce{};  // of the handshake that is asked for; none: nobody's offer is taken
    // Refused while newer signed files were on their way: tried again with them.
    std::optional<wire::frame> offer{};
    bool wants_offer = false;  // a new nonce is said with `resume`, until it is answered
    crypto::secret<32> place_token{};
    std::size_t token_tried = 0;     // which of our tokens the last `resume` showed
    std::size_t unheard_hellos = 0;  // in a row; says which resume secret the next HELLO is made with, if any
    std::optional<guest> by{};       // began by invitation
    bytes certificate{};             // signed, of whoever it is with, once that is proven
  };

  void on(const wire::welcome&, seconds clock, output&);
  void on(const wire::renewed&, seconds clock, output&);
  void on(const wire::offer&, seconds clock, output&);
  void on(const wire::hello&, seconds, output&) {}  // the server never sends one to a survivor
  void on(const wire::talk&, seconds clock, output&);
  void on(const wire::door&, seconds, output&);
  void on(const wire::place&, seconds clock, output&);
  void on(const wire::refused&, seconds clock, output&);
  void on(const wire::resumed&, seconds clock, output&);
  void on(const wire::stored&, seconds clock, output&);
  void on(const wire::peer_state&, seconds clock, output&);
  void on(const wire::nonce_wanted&, seconds clock, output&);
  void on(const wire::left&, seconds clock, output&);
  void on(const wire::failed&, seconds, output&);
  void on(const wire::letter_day& message, seconds clock, output& out) {
    if (letters_) letters_->on(message, belief_, clock, out);
  }
  void on(const wire::letter_reader& message, seconds clock, output& out) {
    if (letters_) letters_->on(message, belief_, clock, out);
  }
  void on(const wire::letter_stored& message, seconds, output& out) {
    if (letters_) letters_->on(message, out);
  }
  void on(const wire::letter_refused& message, seconds, output& out) {
    if (letters_) letters_->on(message, out);
  }
  void on(const wire::returned& message, seconds, output& out) {
    if (letters_) letters_->on(message, out);
  }
  void on(const wire::reply_part& message, seconds, output& out) {
    if (letters_) letters_->on(message, out);
  }
  template <class StaffMessage>
  void on(const StaffMessage&, seconds, output&) {}  // meant for staff: nothing a survivor acts on

  held* find(const conversation_id& id);
  bool is_main(const conversation_id& id) const { return held_ && held_->talk.id() == id; }
  template <class Work>
  void attend(held& in, seconds clock, output& out, Work work);
  void consider(event what, const conversation_id& from, seconds clock, output& out);
  void hear(conversation::errand said, seconds clock, output& out);
  void hear_invitation(crypto::body_type type, bytes_view data, seconds clock, output& out);
  void show_sheet(crypto::secret_bytes sheet, output& out);
  void hear_withdrawal(bytes_view data, seconds clock, output& out);
  void drop_question(output& out);
  void say_no(const crypto::hash32& to, seconds clock, output& out);
  void say_enter_invited(output& out);
  void fail_invitation(seconds clock, output& out);
  void drop_beside(seconds clock, output& out);
  void await_no_more();
  bool guest_fits() const;
  void guest_is_here(seconds clock, output& out);
  void hand_over(seconds clock, output& out);
  void watch_company(seconds clock, output& out);
  void go_on_with_guest(seconds clock, output& out);
  void place_text(const crypto::hash32& sender, const message_id& id, language written_in, bytes_view text,
                  seconds clock, output& out);
  void believe(belief::step step, seconds clock, output& out);
  void arrive(seconds clock, output& out);  // trust stands and the server listens: say where we are
  void say_enter(seconds clock, output& out);
  void say_resume(held& in, seconds clock, output& out);
  void answer(held& in, const wire::frame& offer, seconds clock, output& out);
  void turn_away(wire::refusal why, seconds clock, output& out);
  void forget(ending why, output& out);
  seconds centre_time(seconds clock) const { return belief_.centre_time(clock); }

  survivor_settings settings_;
  crypto::random_source& random_;
  belief belief_;
  bool connected_ = false, ready_ = false;
  seconds heard_at_ = 0;
  crypto::desk_id desk_{};
  wire::nonce challenge_{};  // of this connection
  std::unique_ptr<letters> letters_;

  std::optional<held> held_;  // the one that the page shows; none: at the door, or over
  std::optional<held>
      beside_;  // with a guest; or, after a hand-over, with whoever was there before, until it is closed
  std::optional<question> question_;
  std::uint32_t questions_ = 0;              // asked on this page
  std::optional<crypto::transcript> order_;  // while there is company
  bool over_ = false;
};

}  // namespace tomoshibi::core
