// Letters: who can read one, depositing, reading and answering it, and showing the return phrase. Pure, like desks:
// an event and the time go in, writes and effects come out, and the effects may be let out only once the writes, and
// all writes before them, are committed.
//
// What a letter says is sealed; the server keeps parts and knows desk, day and size.
#pragma once

#include "server/desk/desk.hpp"
#include "server/desk/letter.hpp"

namespace tomoshibi::desk {

inline constexpr std::uint32_t letters_waiting_max = 200;  // of a desk, not read yet
inline constexpr std::uint32_t letters_kept_max = 1'000;   // of a desk, with those that wait to be fetched
inline constexpr std::uint16_t letters_kept_days = 30;
inline constexpr day_number unread_days_max = 16;  // after its day, at most; else the next staffed day is its last
inline constexpr day_number keys_ahead_days = 20;
inline constexpr std::uint32_t letter_readers_least = 2;
inline constexpr seconds yesterday_seconds_max = 10 * 60;  // after midnight
inline constexpr seconds deposit_seconds_max = 120;        // from `begin_letter` to the last part
inline constexpr std::uint32_t inboxes_max = 256;          // of a centre: its members who read letters

inline constexpr rate letters_begun{20, 3};  // of a centre; one more: full
inline constexpr rate key_questions{4, 10};  // of a connection; one more: too_fast
inline constexpr rate return_visits{8, 10};  // likewise

// A member whose certificate is good and reads letters, logged in.
struct letter_member {
  staff_id id{};
  desk_id desk{};
  block<32> holder{};  // the certificate's signing key
  block<wire::certificate_bytes> certificate{};
};

class letters {
 public:
  // Desks without `days` take no letters. `sha256`, and `name_row`, 16 random bytes at each call: this room has no
  // cryptography of its own.
  letters(std::vector<desk_settings> settings, std::function<wire::hash(bytes_view)> sha256,
          std::function<conversation_id()> name_row);

  static bool is_row(bytes_view value);  // of a stored row: it is a letter or an inbox

  // Everything of that kind that is committed. The error is a sentence.
  std::expected<void, std::string> load(std::vector<stored_conversation> all, seconds now);

  // Messages 0x50 to 0x52, 0x55 to 0x57. The caller has checked that this connection's phase may send it.
  outcome received(connection_id who, const wire::client_message& said, seconds now);

  // The caller checks the signature of `show_return` against this key, or against any other that is good for nothing
  // where there is none, and says `proven` only if it was this one's.
  std::optional<block<32>> return_key(const wire::hash& locator_hash) const;
  outcome show(connection_id who, const wire::hash& locator_hash, bool proven, bool burn, seconds now);

  // This connection is logged in as somebody who reads letters; said again, nothing happens.
  outcome arrived(connection_id who, const letter_member& as, seconds now);
  // The caller has opened `signed_key`: it is of this connection's certificate, and for this day.
  outcome put_key(connection_id who, day_number day, const block<wire::inbox_key_bytes>& signed_key, seconds now);
  // Keys of certificates that read letters no more are erased.
  outcome review(const std::function<bool(bytes_view certificate)>& reads);

  outcome closed(connection_id who);  // also of who may not read letters any more: what was in hand is back
  outcome tick(seconds now);          // once a second

  void add_figures(const desk_id& of, figures& to, seconds now) const;

 private:
  using places = std::map<letter_id, letter>;
  using place_of = places::iterator;

  struct deposit {
    letter_id id{};
    letter so_far;
    seconds begun = 0;
  };
  struct caller {  // a connection
    allowance questions, visits;
    std::optional<deposit> depositing;
  };
  struct member {  // a connection that is logged in
    letter_member as;
    std::optional<letter_id> in_hand;
    std::vector<message> reply;  // its parts, so far
    bytes told;                  // the latest letters_state
  };
  struct finished {
    letter_id id{};
    seconds kept_until = 0;
  };
  struct one_desk {
    desk_settings settings;
    local_days days;       // at the last tick
    bool changed = false;  // since its letters_state was told
  };

  // survivors
  void on(connection_id who, const wire::ask_letter_keys& said, seconds now);
  void on(connection_id who, const wire::begin_letter& said, seconds now);
  void on(connection_id who, const wire::letter_part& said, seconds now);
  std::vector<const inbox*> readers(const desk_id& of, day_number day) const;
  bool has_room(const desk_id& of) const;
  bool is_day(const one_desk& at, day_number day, seconds now) const;
  bool answer_known(connection_id who, const letter_id& id, const letter& said);
  std::optional<wire::letter_refusal> fault_of(const letter& said) const;
  void keep(connection_id who, deposit whole, seconds now);

  // staff
  void on(connection_id who, const wire::take_letter& said, seconds now);
  void on(connection_id who, const wire::reply_part& said, seconds now);
  void on(connection_id who, const wire::finish_letter& said, seconds now);
  bool finish(place_of at, wire::letter_finish how, member& by);
  place_of oldest_for(const member& by);
  void tell_days(connection_id who, const local_days& days);
  inbox* inbox_of(const letter_member& as);
  void put(inbox& to, day_number day, const block<wire::inbox_key_bytes>& key);

  // both
  wire::letters_state state_of(const desk_id& of) const;
  void erase_text(place_of at);
  void erase(place_of at);
  void take_from(connection_id who);  // what it has in hand
  void detach(connection_id who);
  void tick_letter(place_of at, seconds now);
  void tick_desk(const desk_id& id, one_desk& at, seconds now);
  void save(place_of at);
  void refuse(connection_id who, const letter_id& id, wire::letter_refusal why);
  void fail(connection_id who, wire::error why, byte about);
  void tell(connection_id to, const wire::server_message& said);
  one_desk* find(const desk_id& id);
  outcome finish();

  std::function<wire::hash(bytes_view)> sha256_;
  std::function<conversation_id()> name_row_;
  std::map<desk_id, one_desk> desks_;  // that take letters
  places letters_;
  std::map<staff_id, inbox> inboxes_;
  std::map<connection_id, caller> callers_;
  std::map<connection_id, member> members_;
  std::map<staff_id, finished> finished_;  // by each member the latest, that its answer may be lost
  allowance begun_;
  outcome out_;  // of the event under way
};

}  // namespace tomoshibi::desk
