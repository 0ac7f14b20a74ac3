// One conversation as one side holds it: the ratchet session, the numbered mail to the server, texts from typed to
// delivered. The same for survivor and counselor; what differs is who makes the OFFER and who the HELLO.
//
// The server's mailbox is first in, first out, each way. So all frames of an old session come before the OFFER or
// HELLO that begins the next one, and a conversation needs one session at a time.
#pragma once

#include <deque>
#include <optional>
#include <set>

#include "client-web/core/output.hpp"
#include "crypto/invitation.hpp"

namespace tomoshibi::core {

// So that its place in the order of all texts, its id and its language have room beside it.
inline constexpr std::size_t text_bytes_max =
    crypto::fragments_max * crypto::body_data_bytes_max - crypto::sequenced_bytes_beside;
inline constexpr std::size_t texts_waiting_max = 256;   // own texts not yet delivered; one more is refused
inline constexpr std::size_t frames_unstored_max = 64;  // sealed and not yet stored; the rest waits as text
// What is kept for a peer that forgets, in frames that would carry it: 1 MiB. Beyond it the oldest texts are dropped
// first, and nobody is told: such a peer gets the end of a very long conversation. History alone never fills a
// mailbox.
inline constexpr std::size_t past_frames_max = 256;
static_assert(past_frames_max <= wire::mailbox_frames_max / 2);
// What is not delivered to one of the two counselors in company, in frames; beyond it company ends without that one.
// A quarter of a mailbox: what else may wait there has room.
inline constexpr std::size_t company_frames_max = 128;
static_assert(company_frames_max <= wire::mailbox_frames_max / 4);
inline constexpr std::size_t history_unstored_max = 16;  // so that a live text waits for no more of it than that
inline constexpr seconds close_patience = 5;             // how long we wait for the peer's close
inline constexpr seconds sign_of_life_pause = 5 * 60;  // a survivor's client that says nothing sends a cover so often

// What a page may keep while its tab lives (event `keep`; a console's is sealed): the place in the line, or what
// leads back into the talk. `ver1 | what1 | conversation16 | secret32 | before32 | counselor32`.
enum class kept_kind : byte { place = 1, talk = 2 };
struct kept_state {
  kept_kind what = kept_kind::place;
  conversation_id conversation{};
  crypto::secret<32> secret;   // the place token, or the newest RS
  crypto::secret<32> before;   // talk: the RS before it; zeros: none
  crypto::hash32 counselor{};  // talk: the certificate that this talk is with
};
inline constexpr std::size_t kept_bytes = 1 + 1 + 16 + 32 + 32 + 32;
crypto::secret_bytes encode_kept(const kept_state& state);
std::optional<kept_state> decode_kept(bytes_view in);  // none: not of this layout

class conversation {
 public:
  // `kept_key`: of a console, which hands out nothing of what it keeps unless it is sealed (crypto/vault.hpp).
  conversation(crypto::side us, const conversation_id& id, std::optional<crypto::secret<32>> kept_key = {})
      : us_(us), id_(id), kept_key_(std::move(kept_key)) {}

  // --- the connection ---
  void attach(wire::frame_number stored, seconds now, crypto::random_source& random, output& out);
  // Before `attach`: more is stored than we have sent, so another client spoke in our place while we were away, and
  // what we have is not the peer's session any more. Nothing is sealed in it; a new handshake is due.
  bool overtaken(wire::frame_number stored) const { return current_ && stored >= next_number_; }
  void detach() { attached_ = false; }
  bool attached() const { return attached_; }
  void stored(wire::frame_number through, seconds now, crypto::random_source& random, output& out);
  // False: this number was in hand before (the server is told again). True: process it; it counts as taken.
  bool take(wire::frame_number number, output& out);
  void peer_now(wire::presence state, output& out);
  void forgotten_by_server(output& out);  // it has erased the conversation

  // --- the session ---
  void hold(output& out);  // a new handshake is under way: nothing is sealed until it stands
  void post_offer(const crypto::frame& body, output& out) { post<wire::offer>(body, out); }
  // Survivor: the new session can send at once; HELLO goes out with a cover frame behind it, so that the counselor
  // may speak first. `same_tab`: the counselor has to know a secret of the session before.
  void begin_as_survivor(crypto::greeting greeting, bool same_tab, seconds now, crypto::random_source& random,
                         output& out);
  // Counselor: the session counts once the survivor's first frame opens; until then the one before it does. `proven`:
  // which secret it was begun with; zeros: none, by somebody new. `same_tab`: it is one of this conversation's, and
  // not an invitation's.
  void begin_as_counselor(crypto::session talk, const crypto::psk_id& proven, bool same_tab);
  void frame_arrived(const crypto::frame& in, seconds now, crypto::random_source& random, output& out);

  // --- the person ---
  said may_say(std::string_view text) const;
  said say(std::string_view text, language written_in, const message_id& id, seconds now,
           crypto::random_source& random, output& out);
  void shown(const message_id& id, seconds now, crypto::random_source& random, output& out);  // on the screen now
  // Of what the owner deals with: an invitation, the answer to it, company. Sealed in this session or never.
  struct errand {
    crypto::body_type type;
    crypto::secret_bytes data;
  };
  void send(errand what, seconds now, crypto::random_source& random, output& out);
  // What the peer said of the same kind, whole and in order; given once.
  std::vector<errand> take_heard() { return std::exchange(heard_, {}); }

  // --- company: a third one is in the talk, and the survivor's client says in which order all texts came ---
  // Survivor: somebody's text, which has its place. `echo`: not said by us to this side, so that no more is told of
  // it.
  void say_in_order(const crypto::sequenced& entry, bool echo, seconds now, crypto::random_source& random,
                    output& out);
  // Counselor: from now on texts are followed as they are put in order; `company_changed` is told.
  void begin_company(const crypto::hash32& other, std::string alias, const crypto::hash32& beginning, output& out);
  void end_company(output& out);
  // Survivor: alone again with this side.
  void close_company(seconds now, crypto::random_source& random, output& out);
  bool in_company() const { return company_.has_value(); }
  // Survivor: what was not delivered is `dropped`, for it was meant for somebody else than comes now.
  void give_up_texts(output& out);
  // Survivor: the texts of ours that both counselors were given count by what became of them at the other one, `to`.
  void pass_texts_on(conversation& to, output& out);
  std::size_t frames_undelivered() const;
  // Survivor: the page, which has not heard of this conversation, shows it from now on.
  void come_forward(crypto::random_source& random, output& out) const;

  // Asks for what was said before our memory was lost, if `joined` says that the peer has it: text_recalled, each,
  // then `recalled`. Where there is nothing to ask for, that comes at once.
  void recall(seconds now, crypto::random_source& random, output& out);
  // Says close, waits for the peer's close (`close_patience`), then leaves.
  void end(seconds now, crypto::random_source& random, output& out);
  // Leaves at once; one frame says so to the peer.
  void exit(seconds now, crypto::random_source& random, output& out);
  void tick(seconds now, crypto::random_source& random, output& out);

  // --- the way back ---
  void restore(const kept_state& kept);  // memory was lost; this is what the page kept
  void memory_lost() { we_forgot_ = true; }
  // The counselor's: is this a secret of the survivor's session, and was there a sign of life lately?
  std::optional<crypto::psk> find_psk(const crypto::psk_id& wanted, seconds now) const;
  const std::deque<crypto::psk>& resume_secrets() const { return resume_secrets_; }  // newest first, at most 4

  const conversation_id& id() const { return id_; }
  bool held() const { return held_; }
  bool talking() const { return current_.has_value(); }
  bool ending() const { return ending_ != stage::none; }
  bool leaving() const { return ending_ == stage::leaving; }
  bool broken() const { return broken_; }
  bool peer_gone() const { return peer_gone_; }
  bool heard() const { return current_ && current_->heard(); }
  const crypto::hash32& counselor_hash() const { return counselor_hash_; }
  const crypto::hash32& session_id() const { return current_->id(); }  // while `talking`

 private:
  struct mail {
    wire::frame_number number;
    wire::client_message message;
  };
  struct outgoing_text {
    message_id id;
    language written_in;
    crypto::secret_bytes text;
    crypto::secret_bytes placed{};  // data of type 06, while there is company; else empty
    bool echo = false;              // said by somebody else, or to somebody else
    bool sealed = false;            // in the current session
    bool told_stored = false;
    wire::frame_number last_frame = 0;
  };
  // As on our own screen, in its order; for a peer that forgets.
  struct past_text {
    message_id id;
    crypto::side by;
    language written_in;
    crypto::secret_bytes text;  // ours: in `texts_` until it is delivered
    bool delivered;             // else it comes as a text, and is no part of a history
    bool owed = false;          // to a peer that asks: delivered before this session began, not yet sealed in it
  };
  // What a counselor's side knows of the order of all texts.
  struct follower {
    crypto::hash32 other;  // the certificate of whoever else is here
    std::string alias;
    crypto::transcript_witness witness;
  };
  enum class history_stage { none, possible, wanted, asked };  // `asked`: 04 is sealed
  enum class stage { none, wanted, said, leaving };
  struct expected_join {
    std::string alias;
    bool same_tab;
    crypto::psk_id proven;  // the counselor's
  };

  template <class Kind>
  void post(const crypto::frame& body, output& out);
  bool may_seal() const;
  bool seal(crypto::body_type type, bytes_view data, bool more, seconds now, crypto::random_source& random,
            output& out);
  bool seal_message(crypto::body_type type, bytes_view data, seconds now, crypto::random_source& random, output& out);
  static crypto::secret_bytes data_of(const outgoing_text& text);
  void seal_text(outgoing_text& text, seconds now, crypto::random_source& random, output& out);
  void seal_history(seconds now, crypto::random_source& random, output& out);
  void pump(seconds now, crypto::random_source& random, output& out);
  void session_begins(bool same_tab, output& out);
  void seal_cover(seconds now, crypto::random_source& random, output& out);
  void counselor_hears(crypto::session::opened body, seconds now, crypto::random_source& random, output& out);
  void somebody_new(output& out);
  void tell_joined(const expected_join& as, const crypto::session::opened& first, output& out);
  void register_token(const crypto::psk& secret, output& out);
  void learn_resume_secret(crypto::random_source& random, output& out);
  void keep_way_back(crypto::random_source& random, output& out) const;
  void body_arrived(crypto::session::opened body, seconds now, crypto::random_source& random, output& out);
  bool piece_together(const crypto::session::opened& body);
  void start_pieces_again();
  crypto::secret_bytes take_pieces();
  void message_complete(crypto::body_type type, output& out);
  void text_complete(output& out);
  void sequenced_complete(output& out);
  void watch_transcript(output& out);
  void receive(text_received text, output& out);
  void history_complete(output& out);
  void texts_delivered(bytes_view ids, output& out);
  void remember(past_text text, std::size_t place);
  void trim_past();
  void fail(core::ending why, output& out);
  void tell_end(core::ending why, output& out);
  void leave(output& out);

  crypto::side us_;
  conversation_id id_;
  std::optional<crypto::secret<32>> kept_key_;

  bool attached_ = false;
  wire::frame_number next_number_ = 1, stored_ = 0, taken_ = 0;
  std::deque<mail> unstored_;

  std::optional<crypto::session> current_;
  std::optional<crypto::session> fresh_;  // the counselor's, until it is heard
  std::optional<expected_join> joining_;  // told when the first frame of a new session opens
  bool we_forgot_ = false;                // until both sides know it
  bool held_ = false, broken_ = false;
  crypto::hash32 counselor_hash_{};

  std::deque<errand> errands_;          // not yet sealed
  std::vector<errand> heard_;           // not yet taken
  std::optional<follower> company_;     // a counselor's side
  bool told_broken_ = false;            // the order of all texts, likewise
  std::deque<outgoing_text> texts_;     // until delivered
  std::vector<message_id> confirming_;  // on our screen, 03 not yet sealed
  std::set<message_id> received_, shown_;
  std::deque<past_text> past_;
  std::size_t recalled_ = 0;                    // so many at the front of `past_` the peer has given back to us
  history_stage asking_ = history_stage::none;  // for the peer's past
  history_stage giving_ = history_stage::none;  // of ours
  crypto::secret_bytes assembling_;
  std::size_t fragments_ = 0;
  std::uint64_t next_body_ = 0;                             // the number the peer's next frame should have
  crypto::body_type last_type_ = crypto::body_type::cover;  // of the peer's last frame
  bool in_step_ = true;  // the next fragment is known to begin or to continue a message

  std::deque<crypto::psk> resume_secrets_;
  seconds last_heard_ = 0, last_sealed_ = 0;

  stage ending_ = stage::none;
  bool told_end_ = false, peer_closed_ = false, peer_gone_ = false;
  wire::presence peer_ = wire::presence::here;
  wire::frame_number close_number_ = 0;
  seconds closed_at_ = 0;
};

}  // namespace tomoshibi::core
