// Decides who enters, who waits, who serves whom, and what becomes of their mail. Pure: an event and the time go in,
// writes for the store and effects for the connections come out. The effects of an event may be let out only once its
// writes, and all writes before them, are committed; that is the caller's part.
//
// The drill desk is a desk of its own: always open, entered with a ticket only, and counted nowhere else.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <variant>

#include "server/desk/conversation.hpp"
#include "server/desk/opening_hours.hpp"

namespace tomoshibi::desk {

// --- settings ---

enum class desk_kind : byte { centre, drill };

struct desk_settings {
  desk_id id{};
  desk_kind kind = desk_kind::centre;
  std::function<hours_state(seconds now)> hours;          // not used at the drill desk: it is always open
  std::function<local_days(seconds now)> days = nullptr;  // none: the desk takes no letters
  bool reachable = true;                                  // a page may enter it directly
  std::uint32_t present_least = 2;                        // on duty, for intake; none needed at the drill desk
  std::uint32_t line_max = 50;
  byte capacity_max = 3;  // chats at once for one colleague
};

inline constexpr seconds life_seconds_max = 24 * 3600;     // of a conversation, from its entry
inline constexpr seconds absence_seconds_max = 60 * 60;    // of a phone in the line: the place is given up
inline constexpr seconds unattended_seconds_max = 5 * 60;  // outside hours with nobody present: the line is let go
inline constexpr seconds attended_seconds_max = 2 * 60;    // a place whose phone is away for so long is not waited in
inline constexpr std::uint32_t places_by_line_max =
    10;  // so many times `line_max` places in all; then the longest absent goes

// A door is told to those who watch it when it changes: so often at once, then once each pause.
inline constexpr rate door_news{4, 1};

// --- what comes out ---

struct put_conversation {
  conversation_id conversation{};
  bytes value;
};
struct erase_conversation {  // and all its mail
  conversation_id conversation{};
};
struct put_mail {
  conversation_id conversation{};
  side to{};
  frame_number number = 0;
  message value;
};
struct erase_mail {  // up to and including `through`
  conversation_id conversation{};
  side to{};
  frame_number through = 0;
};
using write = std::variant<put_conversation, erase_conversation, put_mail, erase_mail>;

struct send {
  connection_id to = 0;
  message said;
};
struct close {  // `failed` is said, then the connection is closed; to the desk it is gone already
  connection_id who = 0;
  wire::error why{};
  byte about = 0;
};
using effect = std::variant<send, close>;

struct outcome {
  std::vector<write> writes;
  std::vector<effect> effects;
};

// --- for whoever runs the centre: counts, of nobody in particular ---

struct figures {
  wire::door door;
  std::uint32_t present = 0, free = 0;  // counselors
  std::uint32_t longest_wait = 0;       // seconds
  std::uint32_t chats = 0;              // under way: neither side has left
  std::uint32_t letters = 0;            // not read yet
  std::uint32_t letter_readers = 0;     // members with a key for today: two are needed for a letter
};

// --- what goes in after a restart ---

struct stored_frame {
  side to{};
  frame_number number = 0;
  bytes value;
};
struct stored_conversation {
  conversation_id conversation{};
  bytes value;
  std::vector<stored_frame> mail;  // sorted by side, then number
};

enum class phase : byte { fresh, survivor, staff };

// A member of staff who logs in.
struct member {
  staff_id id{};
  desk_id desk{};
  seconds until = 0;        // the end of the certificate; no call is given that could be accepted after it
  bool takes_calls = true;  // counselors, and drills; all others come to a survivor by invitation only
  block<wire::certificate_bytes> certificate{};
};

// What a certificate is worth now.
enum class staff_standing : byte {
  good,
  out_of_time,  // it may finish what it serves, and gets nothing new
  dismissed,    // disabled, or no longer in the roster: nothing more, at once
};

class desks {
 public:
  explicit desks(std::vector<desk_settings> settings);

  // Everything that is committed, into desks that have seen nothing yet. The error is a sentence.
  std::expected<void, std::string> load(std::vector<stored_conversation> all, seconds now);

  phase phase_of(connection_id who) const;
  // How many may be sent to this connection, full as they are: none while it is fresh.
  std::size_t mailboxes_of(connection_id who) const;
  bool serves(const staff_id& id) const;  // a talk that the counselor has not left
  const desk_settings* find(const desk_id& id) const;
  std::optional<wire::door> door_of(const desk_id& id, seconds now) const;  // none: no such desk
  std::optional<figures> figures_of(const desk_id& id, seconds now) const;  // likewise

  // The caller has checked: the ticket, the token's hash, the certificate and its signature.
  outcome enter(connection_id who, const wire::enter& said, bool ticket_good, seconds now);
  outcome resume(connection_id who, const wire::resume& said, const wire::hash& shown_hash, seconds now);
  outcome login(connection_id who, const member& as, seconds now);
  // Whoever is logged in with this certificate is closed (taken_over): its holder is here on another connection.
  outcome take_over(const staff_id& id, seconds now);
  // Asks for the standing of everyone who is logged in or serves somebody, and acts upon it. Whoever is dismissed has
  // left all conversations; whoever is out of time is closed once nothing is served any more: a survivor must not
  // lose their counselor at midnight. Both are closed with login_refused.
  outcome review(const std::function<staff_standing(const staff_id&)>& of, seconds now);
  // Every other message. The caller has checked that this connection's phase may send it.
  outcome received(connection_id who, const wire::client_message& said, seconds now);
  outcome closed(connection_id who, seconds now);
  outcome tick(seconds now);  // once a second

 private:
  // A connection, as far as the desks know it.
  struct connection {
    phase now = phase::fresh;
    std::vector<conversation_id> attached;  // a survivor's; two: both are talks
    staff_id staff{};                       // in phase staff
    std::optional<desk_id> watches;
    std::deque<conversation_id> past;  // ended or withdrawn under it: what is still said about them is dropped
  };
  // A member of staff who is logged in.
  struct colleague {
    connection_id at = 0;
    member who;
    bool present = false, free = false;
    byte capacity = 0;
    allowance teams;               // ask_team
    std::uint64_t idle_since = 0;  // of turns_: the lowest is the longest idle
    bytes line_told;               // the latest line_state, its clock at zero
  };
  struct one_desk {
    desk_settings settings;
    std::map<std::uint64_t, conversation_id> line;  // by order: waiting and called
    std::map<connection_id, bytes> watchers;        // and the door they were told
    allowance news;                                 // for the watchers
    seconds unattended_since = 0;                   // outside hours with nobody present; 0: not so
    bool changed = true;                            // since it was last announced
  };
  // A colleague asked into a talk, from `invite` until it is over. Presence only.
  struct invitation {
    staff_id from{}, to{};
    seconds since = 0;  // of `invite`, then of the consent
    bool consented = false;
    frame_number introduced = 0;  // pieces passed on
    bool entered = false;         // the survivor has: `to` serves that conversation
  };
  using invitations = std::map<conversation_id, invitation>;  // by the talk
  using conversations = std::map<conversation_id, conversation>;
  using place_of = conversations::iterator;

  // line.cpp: doors, lines, calls
  hours_state hours(const one_desk& at, seconds now) const;
  std::uint32_t present(const one_desk& at) const;
  std::uint32_t free_now(const one_desk& at, seconds now) const;
  bool has_room(const colleague& someone, seconds now) const;
  bool can_take(const colleague& someone, seconds now) const;  // a call
  std::uint32_t attended(const one_desk& at, seconds now) const;
  wire::door door(const one_desk& at, seconds now) const;
  wire::line_state line_state(const one_desk& at, seconds now) const;
  void call_from_line(one_desk& at, seconds now);
  void call(place_of at, const staff_id& id, seconds now);
  void tell_assigned(place_of at, wire::calling why, seconds now);
  void uncall(place_of at);
  void withdraw(place_of at, wire::withdrawal why);
  void withdraw_calls(const staff_id& id);
  void announce(one_desk& at, seconds now);
  void tell_watchers(one_desk& at, seconds now);
  void make_room(one_desk& at);
  void let_line_go(one_desk& at, seconds now);
  void tick_desk(one_desk& at, seconds now);
  void on(connection_id who, const wire::watch& said, seconds now);
  void on(connection_id who, const wire::duty& said, seconds now);

  // talk.cpp: mail, coming back, leaving
  struct part {
    place_of at;
    side who{};
  };
  std::optional<part> find_part(connection_id who, const conversation_id& id);
  std::optional<part> part_of(connection_id who, const conversation_id& id, byte about, seconds now);
  bool may_hold(const connection& from, place_of at) const;
  void attach(connection_id who, place_of at, seconds now);
  void greet_back(connection_id who, place_of at, side as, seconds now);
  void send_mail(connection_id to, const mailbox& from);
  void erase_waiting(place_of at, side whose);
  void take_nonce(place_of at, const wire::nonce& fresh, wire::calling why, seconds now);
  template <class Frame>
  std::optional<part> post(connection_id who, const Frame& said, seconds now);
  void accept(place_of at, const staff_id& id);
  void leave_line(const part& of, connection_id who);
  void leave_talk(const part& of, seconds now);
  void on(connection_id who, const wire::offer& said, seconds now);
  void on(connection_id who, const wire::hello& said, seconds now);
  void on(connection_id who, const wire::talk& said, seconds now);
  void on(connection_id who, const wire::taken& said, seconds now);
  void on(connection_id who, const wire::leave& said, seconds now);
  void on(connection_id who, const wire::register_token& said, seconds now);
  void on(connection_id who, const wire::ask_again& said, seconds now);
  void on(connection_id who, const wire::new_nonce& said, seconds now);

  // invitations.cpp: a colleague asked into a talk
  bool may_invite(const colleague& by, const colleague& who) const;
  invitations::iterator find_invited(connection_id who, const conversation_id& talk);
  void end_if_done(invitations::iterator at);
  void end_invitation(const conversation_id& talk, wire::invitation_end why);
  void end_invitations_to(const staff_id& id);
  void end_invitations_of(const staff_id& id);
  void tick_invitations(seconds now);
  std::size_t invitations_open_to(const staff_id& id) const;
  place_of begin_invited(const wire::enter_invited& said, seconds now);
  void on(connection_id who, const wire::ask_team& said, seconds now);
  void on(connection_id who, const wire::invite& said, seconds now);
  void on(connection_id who, const wire::consent& said, seconds now);
  void on(connection_id who, const wire::decline& said, seconds now);
  void on(connection_id who, const wire::introduce& said, seconds now);
  void on(connection_id who, const wire::enter_invited& said, seconds now);

  // desk.cpp: connections, time, the store
  void fail(connection_id who, wire::error why, byte about, seconds now);
  void detach(connection_id who, seconds now);
  void detach_survivor(connection_id who, const conversation_id& from, seconds now);
  void detach_staff(const staff_id& id);
  void dismiss(const staff_id& id, seconds now);
  void let_finish(const staff_id& id, seconds now);
  void forget(connection_id who, const conversation_id& id);
  void end(place_of at);  // tells whoever is still there, then erases
  void erase(place_of at);
  void tick_conversation(place_of at, seconds now);
  void save(place_of at);
  std::optional<connection_id> connection_of(const conversation& of, side who) const;
  void tell(connection_id to, const wire::server_message& said);
  void tell(const conversation& of, side who, const wire::server_message& said);
  one_desk& desk_of(const conversation& of);
  outcome finish(seconds now);

  std::map<desk_id, one_desk> desks_;
  conversations conversations_;
  std::map<connection_id, connection> connections_;
  std::map<staff_id, colleague> staff_;
  std::map<staff_id, std::set<conversation_id>> serving_;  // called, or talking and not left by the counselor
  invitations invitations_;
  std::uint64_t orders_ = 0;
  std::uint64_t turns_ = 0;
  outcome out_;  // of the event under way
};

}  // namespace tomoshibi::desk
