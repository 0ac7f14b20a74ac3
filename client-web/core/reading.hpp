// A counselor's letters: the keys of the days to come, and the letter that is being read. Sans-io as counselor.hpp,
// whose part it is.
#pragma once

#include "client-web/core/commands.hpp"
#include "client-web/core/output.hpp"
#include "crypto/inbox.hpp"

namespace tomoshibi::core {

class reading {
 public:
  // `kept`: of the last `keep_inbox` on this device, or nothing. What does not open is of somebody else, and stays
  // where it is until a new one takes its place.
  reading(bytes_view kept, const crypto::identity& who);

  // --- the connection ---
  void disconnected();
  // Destroys and makes keys; the page keeps them before the server hears of the new ones.
  void on(const wire::inbox_days& message, const crypto::identity& who, seconds centre_time,
          crypto::random_source& random, output& out);
  void on(const wire::letters_state& message, output& out);
  void on(const wire::letter_given& message, output& out);
  void on(const wire::letter_part& message, output& out);
  void on(const wire::letter_stored& message, output& out);
  void on(const wire::letter_refused& message, output& out);

  // --- the person ---
  void take(output& out) const { out.say(wire::take_letter{}); }
  void answer(const from_counselor::answer_letter& reply, std::string_view alias, crypto::random_source& random,
              output& out);
  void put(const from_counselor::put_letter& letter, output& out) const;

 private:
  struct in_hand {
    wire::letter_given given;
    std::vector<crypto::piece> pieces;
    std::optional<crypto::answer_keys> answer{};
  };

  crypto::inbox keys_;
  std::optional<in_hand> letter_;
};

}  // namespace tomoshibi::core
