// A survivor's letters: written while nobody is there, sealed here, and their replies fetched with a return phrase.
// Needs a connection that nothing else was said on. Sans-io as survivor.hpp, whose part it is, where it has one: what
// seals letters and signs for replies is as large as all the rest, so the page loads a core with it when somebody
// wants to write. Virtual for that alone: a module that makes none links none of it.
#pragma once

#include "client-web/core/belief.hpp"
#include "client-web/core/commands.hpp"
#include "crypto/return_phrase.hpp"

namespace tomoshibi::core {

// As they cross the bridge: locator32 | sign_seed32 | kem_seed32 | psk32.
crypto::secret<128> encode_return_keys(const crypto::return_keys& keys);
crypto::return_keys decode_return_keys(const crypto::secret<128>& from);

// What a one-shot worker does: `phrase_made` or `no_phrase`.
event make_phrase(const from_survivor::make_phrase& wanted, crypto::random_source& random);
event read_phrase(const from_survivor::read_phrase& in);

class letters {
 public:
  explicit letters(crypto::random_source& random) : random_(random) {}
  virtual ~letters() = default;

  // --- the connection ---
  virtual void disconnected();  // what was asked is to be asked again; a sealed letter waits for the next connection
  virtual void arrive(output& out);
  // What concerns letters; else nothing happens.
  virtual void on(const wire::letter_day& message, const belief& believed, seconds clock, output& out);
  virtual void on(const wire::letter_reader& message, const belief& believed, seconds clock, output& out);
  virtual void on(const wire::letter_stored& message, output& out);
  virtual void on(const wire::letter_refused& message, output& out);
  virtual void on(const wire::returned& message, output& out);
  virtual void on(const wire::reply_part& message, output& out);
  virtual bool under_way() const { return under_way_.has_value(); }

  // --- the person ---
  virtual void ask(const crypto::desk_id& desk, output& out);
  // The text is wiped once it is sealed: nothing readable of it stays here.
  virtual void send(const from_survivor::send_letter& letter, const belief& believed, seconds clock, output& out);
  virtual void fetch(const from_survivor::fetch_replies& wanted, const wire::nonce& challenge, output& out);

 private:
  struct sealed_letter {
    wire::begin_letter begin;
    std::vector<crypto::piece> pieces;
  };
  struct fetching {
    crypto::return_keys keys;
    unsigned replies = 0;               // still to come
    std::vector<crypto::piece> pieces;  // of the next one
  };

  void tell_whether_possible(const belief& believed, seconds clock, output& out);
  void say(const sealed_letter& letter, output& out) const;

  crypto::random_source& random_;
  crypto::desk_id desk_{};
  std::optional<wire::letter_day> day_;
  std::vector<crypto::reader_shown> readers_;
  std::optional<sealed_letter> under_way_;
  std::optional<fetching> fetching_;
};

}  // namespace tomoshibi::core
