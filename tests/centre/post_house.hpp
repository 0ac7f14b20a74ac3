// A house whose Akari and Hotaru read letters, and survivors who write them and hold return phrases.
#pragma once

#include "crypto/return_phrase.hpp"
#include "tests/centre/house.hpp"

namespace tomoshibi::centre {

class post_house : public house {
 public:
  static constexpr wire::day_number today = 20'000;

  explicit post_house(memory_store::commits mode = memory_store::commits::at_once) : house(mode) {
    files.letter_readers = {"akari", "hotaru"};
    believe_the_same();
  }

  // A phrase's keys; what they are derived from is no matter to a server.
  struct phrase {
    block<32> locator{};
    crypto::sign_seed seed;
  };
  static phrase phrase_of(byte n) { return {block<32>{n, 1}, crypto::sign_seed(block<32>{n, 2})}; }
  static wire::letter_id letter_of(byte n) { return {n, 7}; }
  static wire::frame body_of(byte n, byte number) { return {n, number}; }

  wire::put_inbox_key key_of(const std::string& holder, wire::day_number day, const std::string& signer = {}) const {
    const member& by = files.staff.at(holder);
    const bytes made = crypto::sign_inbox_key({crypto::sha256(by.object), day, {static_cast<byte>(day)}},
                                              files.staff.at(signer.empty() ? holder : signer).seed);
    wire::put_inbox_key out;
    std::ranges::copy(made, out.key.begin());
    return out;
  }
  // Akari on 101 and Hotaru on 102, with their keys of today.
  void staff_it() {
    log_in(101, "akari");
    say(101, key_of("akari", today));
    log_in(102, "hotaru");
    say(102, key_of("hotaru", today));
  }

  wire::begin_letter begin_of(byte n, const phrase* with = nullptr) const {
    writer text;
    for (byte number = 1; number <= wire::letter_parts_short; ++number) text.put(body_of(n, number));
    wire::begin_letter out{files.consultation,
                           letter_of(n),
                           static_cast<wire::day_number>(now / 86400),
                           wire::letter_parts_short,
                           crypto::sha256(text.finish()),
                           {},
                           {}};
    if (with) {
      out.locator_hash = crypto::sha256(with->locator);
      out.sign_key = crypto::sign_public(with->seed);
    }
    return out;
  }
  void say_parts(connection_id who, byte n) {
    for (byte number = 1; number <= wire::letter_parts_short; ++number)
      say(who, wire::letter_part{letter_of(n), number, body_of(n, number)});
  }
  void deposit(connection_id who, byte n, const phrase* with = nullptr) {
    say(who, begin_of(n, with));
    say_parts(who, n);
  }
  void say_reply(connection_id who, byte n) {
    for (byte number = 1; number <= wire::reply_parts; ++number)
      say(who, wire::reply_part{letter_of(n), number, body_of(n, static_cast<byte>(100 + number))});
  }
  void finish(connection_id who, byte n, wire::letter_finish how) {
    say(who, wire::finish_letter{letter_of(n), how});
  }

  wire::show_return shown_by(const phrase& with, const wire::nonce& challenge, bool burn = false) const {
    return {with.locator, burn, crypto::sign_fetch({challenge, crypto::secret<32>(with.locator), burn}, with.seed)};
  }
  // On a connection of its own.
  wire::returned show(connection_id who, const phrase& with, bool burn = false) {
    open(who);
    say(who, shown_by(with, welcome(who).challenge, burn));
    if (store.waiting() > 0) store.commit_all();
    return all<wire::returned>(who).at(0);
  }

  std::size_t rows_of(byte kind) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(store.committed(), [&](const auto& one) { return one.second.value.at(0) == kind; }));
  }
};

}  // namespace tomoshibi::centre
