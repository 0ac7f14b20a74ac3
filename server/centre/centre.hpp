// Between the sockets, the desks and the store, without any of their I/O: decodes what comes in, asks the desks,
// collects their writes into batches, and lets nothing out before what it rests on is committed.
//
// Everything is called on one thread. `now` is Unix seconds on the centre's clock (the machine's plus the shift of a
// demo centre file), the same clock for every call.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "crypto/random.hpp"
#include "crypto/trust.hpp"
#include "server/desk/desk.hpp"
#include "server/desk/letters.hpp"
#include "server/wire/codec.hpp"
#include "storage/store.hpp"

namespace tomoshibi::centre {

using desk::connection_id;
using wire::seconds;

// What is taken while a batch is in the store. One connection may say so many messages for itself and for each
// mailbox that it may read: an honest client repeats a full one and confirms the other. All together must stay well
// below what the store refuses (64 MiB), with a reserve for staff. One more: too_fast, and to that connection alone.
inline constexpr std::size_t messages_held_max = 64;
inline constexpr std::size_t messages_held_max_by_mailbox = 2 * wire::mailbox_frames_max;
inline constexpr std::size_t writes_held_max = 8'192, writes_held_max_with_staff = 12'288;
inline constexpr std::size_t effects_held_max = 65'536, effects_held_max_with_staff = 131'072;

// A connection on which nobody entered, came back or logged in is closed (idle).
inline constexpr seconds idle_seconds_max = 30 * 60;

// So often it is asked whether the certificates of those who are logged in are still good.
inline constexpr seconds review_pause_seconds = 60;

// What may wait to be read by one connection: so much for itself, and each mailbox it may read, full. Each message
// counts for what it costs in memory beside its bytes, too.
inline constexpr std::size_t message_cost_bytes = 128;
inline constexpr std::size_t outbox_bytes_max = 65'536;
inline constexpr std::size_t outbox_bytes_max_by_mailbox =
    wire::mailbox_frames_max * (wire::message_bytes_max + message_cost_bytes);
// Whoever shows a return phrase may be sent every reply that is kept under one.
inline constexpr std::size_t outbox_bytes_max_of_replies =
    wire::letters_by_locator_max * wire::reply_parts * (wire::message_bytes_max + message_cost_bytes);

// For whoever runs the centre.
struct figures {
  bool usable = false;  // the store can be read and written
  std::size_t connections = 0;
  std::uint64_t batches = 0, failures = 0;  // given to the store, and what it failed with, since the start
};

// Where effects go. Must not call back into the centre from within.
class outlet {
 public:
  virtual ~outlet() = default;
  virtual void send(connection_id to, std::shared_ptr<const bytes> message) = 0;
  // What was sent before is still delivered; `failed` is among it. The close code is in wire::error_table.
  virtual void close(connection_id who, wire::error why) = 0;
  // So many bytes may wait to be read by this connection from now on; before, outbox_bytes_max of a stranger. For an
  // outlet that keeps nothing waiting it is no matter.
  virtual void bound(connection_id, std::size_t) {}
};

class centre {
 public:
  // `post` is handed to the store as the way back: it is called on a thread of the store's choosing, and must bring
  // the completion to `committed` on this one. (A store that completes within `submit` may call `committed` at once.)
  // `log` takes sentences about the store's failures.
  centre(std::vector<desk::desk_settings> desks, crypto::trust believed, storage::store& keeps,
         std::function<void(storage::completion)> post, outlet& out, crypto::random_source& random,
         std::function<void(std::string_view)> log = {});

  // What is shown and checked from now on. The caller has verified that `fresh` is a successor of what was believed
  // before. `certificates`: for each member of staff its signed certificates, oldest first; whoever logs in with one
  // that has a newer one is given that. None is known before this is called, which may also be before `start`.
  // Everyone who is connected is told (`renewed`); whose certificate is not good any more is closed, and has left its
  // conversations.
  void believe(crypto::trust fresh, std::vector<std::vector<bytes>> certificates, seconds now);

  // Reads the store. Once, before anything but `believe`; the error is a sentence.
  std::expected<void, std::string> start(seconds now);

  // A connection: `opened` once, then any number of `received`, then `closed` once, also after outlet::close.
  void opened(connection_id who, std::string_view origin, seconds now);
  void received(connection_id who, bytes_view message, seconds now);
  void closed(connection_id who, seconds now);
  void tick(seconds now);  // once a second
  void committed(storage::completion done, seconds now);

  bool idle() const;  // nothing waits for the store: a good moment to stop
  std::optional<wire::door> door(const wire::desk_id& of, seconds now) const;  // none: no such desk, or unavailable
  std::optional<desk::figures> figures_of(const wire::desk_id& of, seconds now) const;  // likewise
  figures now() const;

 private:
  enum class standing : byte {
    open,
    closing,  // its end is decided and held until a batch has committed: nothing it says counts any more
    closed,   // it was told; the socket is still to go
  };
  struct connection {
    std::string origin;
    wire::nonce challenge{};
    seconds opened = 0;
    standing now = standing::open;
    bytes certificate;                   // of whoever is logged in; else empty
    crypto::sign_public_key sign_key{};  // in it
    desk::desk_id desk{};                // likewise
    bool renewed_login = false;          // was given a newer certificate
    std::uint64_t held_for = 0;          // the number of the batch in the store when it last spoke
    std::size_t held = 0;                // messages, since that batch was submitted
  };
  struct batch {
    std::vector<storage::write> writes;
    std::vector<desk::effect> effects;  // held until the writes are committed
    std::map<storage::conversation_key, std::size_t>
        puts;  // the latest put_conversation of each: its place in `writes`

    void add(storage::write one);
  };

  desk::outcome decide(connection_id who, connection& from, const wire::client_message& said, seconds now);
  desk::outcome login(connection_id who, connection& from, const wire::login& said, seconds now);
  desk::outcome give_newer(connection_id who, connection& from, const crypto::hash32& old, bytes_view newer,
                           seconds now);
  bytes_view newest_of(const crypto::hash32& name, seconds now) const;
  bytes_view newer_than(const crypto::hash32& name, const crypto::certificate& fields, seconds now) const;
  desk::staff_standing standing_of(bytes_view certificate, seconds now) const;
  bool reads_letters(bytes_view certificate, seconds now) const;
  desk::outcome admit_to_letters(connection_id who, const connection& from, seconds now);
  desk::outcome put_inbox_key(connection_id who, const connection& from, const wire::put_inbox_key& said,
                              seconds now);
  desk::outcome show_return(connection_id who, const connection& from, const wire::show_return& said, seconds now);
  void review(seconds now);
  bool ticket_good(const wire::enter& said, seconds now) const;
  bool holds_too_much(connection_id who, connection& from);
  void close_idle(seconds now);
  void take(desk::outcome decided, seconds now);
  void let_go(desk::outcome& decided, seconds now);
  void submit();
  void let_out(const std::vector<desk::effect>& effects);
  void close(connection_id who, connection& from, wire::error why, byte about);
  void give_up(std::string_view what, seconds now);
  std::expected<void, std::string> read_store(seconds now);

  std::vector<desk::desk_settings> settings_;
  crypto::trust believed_;
  struct place {
    std::size_t member, at;
  };
  std::vector<std::vector<bytes>> certificates_;  // of each member, oldest first
  std::map<crypto::hash32, place> places_;        // where each certificate is among them
  storage::store& store_;
  std::function<void(storage::completion)> post_;
  outlet& out_;
  crypto::random_source& random_;
  std::function<void(std::string_view)> log_;

  std::optional<desk::desks> desks_;      // none while the store cannot be read
  std::optional<desk::letters> letters_;  // likewise
  crypto::sign_public_key nobody_;        // what a return phrase that is not known here is checked against
  std::unordered_map<connection_id, connection> connections_;
  batch collecting_;
  std::optional<batch> in_store_;  // at most one at a time
  std::uint64_t batch_number_ = 0;
  std::uint64_t failures_ = 0;
  seconds reviewed_ = 0;  // when; 0: not since the store was read
  bool letting_out_ = false;
};

}  // namespace tomoshibi::centre
