// Letters through a centre: what is checked, what is committed before it is said, and what a restart leaves.
#include "tests/centre/post_house.hpp"

namespace {
std::size_t signature_checks = 0;
}

// Every check of a signature of this program comes by here (the linker's --wrap).
extern "C" {
int __real_crypto_sign_ed25519_verify_detached(const unsigned char*, const unsigned char*, unsigned long long,
                                               const unsigned char*);
int __wrap_crypto_sign_ed25519_verify_detached(const unsigned char* made, const unsigned char* message,
                                               unsigned long long size, const unsigned char* key) {
  ++signature_checks;
  return __real_crypto_sign_ed25519_verify_detached(made, message, size, key);
}
}

namespace tomoshibi::centre {
namespace {

using desk::inbox_kind;
using desk::letter_kind;
using testing::ElementsAre;
using wire::error;
using wire::letter_finish;

// --- who reads ---

TEST(letter_readers, are_told_so_when_they_log_in_and_others_are_not) {
  post_house in;
  in.files.letter_readers = {"akari", "driller"};
  in.believe();
  in.log_in(101, "akari");
  in.log_in(102, "hotaru");
  in.log_in(103, "driller");
  EXPECT_EQ(in.all<wire::inbox_days>(101).at(0).today, post_house::today);
  EXPECT_EQ(in.count<wire::letters_state>(101), 1u);
  for (const connection_id who : {102u, 103u}) EXPECT_EQ(in.count<wire::inbox_days>(who), 0u);
  in.say(102, in.key_of("hotaru", post_house::today));
  EXPECT_FALSE(in.end_of(102));
  EXPECT_EQ(in.rows_of(inbox_kind), 0u);
}

TEST(letter_readers, begin_and_cease_with_the_roster) {
  post_house in;
  in.staff_it();
  in.open(1);
  in.deposit(1, 1);
  in.say(101, wire::take_letter{});
  EXPECT_EQ(in.all<wire::letter_given>(101).at(0).parts, 5);
  in.files.letter_readers = {"hotaru"};
  in.believe();
  EXPECT_FALSE(in.end_of(101));
  EXPECT_EQ(in.rows_of(inbox_kind), 1u);
  EXPECT_EQ(in.all<wire::letters_state>(102).back().waiting, 1u) << "given back";
  in.finish(101, 1, letter_finish::read);
  EXPECT_EQ(in.all<wire::letter_refused>(101).back().why, wire::letter_refusal::unknown);
  in.files.letter_readers = {"akari", "hotaru"};
  in.believe();
  EXPECT_EQ(in.count<wire::inbox_days>(101), 2u);
  in.say(101, wire::take_letter{});
  EXPECT_EQ(in.all<wire::letter_given>(101).back().parts, 5);
}

TEST(letter_readers, who_are_disabled_have_no_keys_and_nothing_in_hand) {
  post_house in;
  in.staff_it();
  in.open(1);
  in.deposit(1, 1);
  in.say(101, wire::take_letter{});
  in.files.disabled.insert("akari");
  in.believe();
  EXPECT_EQ(in.end_of(101), error::login_refused);
  EXPECT_EQ(in.rows_of(inbox_kind), 1u);
  in.say(1, wire::ask_letter_keys{in.files.consultation});
  EXPECT_EQ(in.all<wire::letter_day>(1).back().readers, 1);
  EXPECT_FALSE(in.all<wire::letter_day>(1).back().taken);
  in.say(102, wire::take_letter{});
  EXPECT_EQ(in.all<wire::letter_given>(102).back().letter, post_house::letter_of(1));
}

TEST(letter_readers, certificates_that_end_take_their_keys_along_within_a_minute) {
  post_house in;
  in.staff_it();
  in.hang_up(101);
  in.hang_up(102);
  in.now += 86400;  // the certificates' end
  in.at->tick(in.now);
  EXPECT_EQ(in.rows_of(inbox_kind), 2u) << "to their last second";
  in.now += review_pause_seconds;
  in.at->tick(in.now);
  EXPECT_EQ(in.rows_of(inbox_kind), 0u);
}

TEST(letter_readers, keys_must_be_signed_by_their_own_certificate_and_name_it) {
  const auto sent = [](const std::function<wire::put_inbox_key(post_house&)>& key) {
    post_house in;
    in.log_in(101, "akari");
    in.say(101, key(in));
    EXPECT_EQ(in.rows_of(inbox_kind), in.end_of(101) ? 0u : 1u);
    return in.end_of(101);
  };
  EXPECT_EQ(sent([](auto& in) { return in.key_of("akari", 20'000); }), std::nullopt);
  EXPECT_EQ(sent([](auto& in) { return in.key_of("akari", 20'000, "hotaru"); }), error::malformed);
  EXPECT_EQ(sent([](auto& in) { return in.key_of("hotaru", 20'000, "akari"); }), error::malformed);
  EXPECT_EQ(sent([](auto& in) { return in.key_of("hotaru", 20'000); }), error::malformed);
  EXPECT_EQ(sent([](auto& in) {
              auto key = in.key_of("akari", 20'000);
              key.key[35] ^= 1;  // the day
              return key;
            }),
            error::malformed);
}

TEST(letter_readers, keys_reach_whoever_asks_as_they_were_signed) {
  post_house in;
  in.staff_it();
  in.open(1);
  in.say(1, wire::ask_letter_keys{in.files.consultation});
  EXPECT_TRUE(in.all<wire::letter_day>(1).at(0).taken);
  std::map<bytes, block<wire::inbox_key_bytes>> keys;
  for (const auto& one : in.all<wire::letter_reader>(1))
    keys[bytes(one.certificate.begin(), one.certificate.end())] = one.key;
  for (const std::string name : {"akari", "hotaru"})
    EXPECT_EQ(keys.at(in.files.staff.at(name).object), in.key_of(name, post_house::today).key);
}

// --- the return phrase ---

struct answered_house : post_house {
  answered_house() {
    staff_it();
    open(1);
    deposit(1, 1, &mine);
    say(101, wire::take_letter{});
    say_reply(101, 1);
    finish(101, 1, letter_finish::answered);
  }
  const phrase mine = phrase_of(1), unknown = phrase_of(2);
};

TEST(return_phrase, leads_to_the_reply_on_any_connection) {
  answered_house in;
  EXPECT_EQ(in.show(9, in.mine).replies, 1);
  const auto parts = in.all<wire::reply_part>(9);
  ASSERT_EQ(parts.size(), wire::reply_parts);
  for (byte number = 1; number <= wire::reply_parts; ++number)
    EXPECT_EQ(parts[number - 1u].body, post_house::body_of(1, static_cast<byte>(100 + number)));
  EXPECT_GE(in.bounds.at(9), outbox_bytes_max_of_replies);
}

TEST(return_phrase, unknown_and_wrong_are_alike_in_bytes_and_in_the_work_they_cost) {
  answered_house in;
  // Of each visit: what was heard, and how many signatures were checked.
  const auto visit = [&](connection_id who, const std::function<wire::show_return(const wire::nonce&)>& shown) {
    in.open(who);
    const wire::show_return said = shown(in.welcome(who).challenge);
    const auto before = in.store.committed();
    signature_checks = 0;
    in.say(who, said);
    const std::size_t checks = signature_checks;
    EXPECT_EQ(in.store.committed(), before);
    EXPECT_FALSE(in.end_of(who));
    return std::pair(std::vector<bytes>(in.heard[who].begin() + 1, in.heard[who].end()), checks);
  };
  connection_id who = 10;
  for (const bool burn : {false, true}) {
    const auto unknown = visit(++who, [&](const auto& at) { return in.shown_by(in.unknown, at, burn); });
    EXPECT_THAT(unknown.first, ElementsAre(wire::encode(wire::server_message{wire::returned{}})));
    EXPECT_EQ(unknown.second, 1u);
    const auto wrong_signature = [&](const auto& at) {
      auto said = in.shown_by(in.mine, at, burn);
      said.made[5] ^= 1;
      return said;
    };
    const auto other_key = [&](const auto& at) { return in.shown_by({in.mine.locator, in.unknown.seed}, at, burn); };
    const auto other_challenge = [&](const auto&) { return in.shown_by(in.mine, in.welcome(1).challenge, burn); };
    const auto other_burn = [&](const auto& at) {
      auto said = in.shown_by(in.mine, at, !burn);
      said.burn = burn;
      return said;
    };
    EXPECT_EQ(visit(++who, wrong_signature), unknown);
    EXPECT_EQ(visit(++who, other_key), unknown);
    EXPECT_EQ(visit(++who, other_challenge), unknown);
    EXPECT_EQ(visit(++who, other_burn), unknown);
  }
  EXPECT_EQ(in.show(9, in.mine).replies, 1) << "and nothing was burnt";
}

TEST(return_phrase, burns_what_the_store_has) {
  answered_house in;
  in.deposit(1, 2, &in.mine);
  EXPECT_EQ(in.rows_of(letter_kind), 2u);
  EXPECT_TRUE(in.show(9, in.mine, true).found);
  EXPECT_EQ(in.rows_of(letter_kind), 0u);
  EXPECT_FALSE(in.show(10, in.mine).found);
}

// --- the store ---

TEST(letter, is_acknowledged_after_its_commit_which_is_one) {
  post_house in(memory_store::commits::when_told);
  in.open(1);
  in.deposit(1, 1);
  EXPECT_EQ(in.count<wire::letter_stored>(1), 0u);
  ASSERT_EQ(in.store.waiting(), 1u);
  EXPECT_EQ(in.store.next().writes.size(), 1u + wire::letter_parts_short);
  in.store.commit_next();
  EXPECT_EQ(in.count<wire::letter_stored>(1), 1u);
  EXPECT_TRUE(in.at->idle());
}

TEST(letter, of_a_commit_that_failed_can_be_said_again) {
  post_house in(memory_store::commits::when_told);
  in.open(1);
  in.deposit(1, 1);
  in.store.fail_next();
  EXPECT_EQ(in.end_of(1), error::unavailable);
  EXPECT_EQ(in.count<wire::letter_stored>(1), 0u);
  in.open(2);
  in.deposit(2, 1);
  in.store.commit_all();
  EXPECT_EQ(in.count<wire::letter_stored>(2), 1u);
  EXPECT_EQ(in.rows_of(letter_kind), 1u);
}

TEST(letter, that_is_read_without_a_phrase_is_in_the_store_no_more) {
  post_house in;
  in.staff_it();
  in.open(1);
  in.deposit(1, 1);
  in.say(101, wire::take_letter{});
  in.finish(101, 1, letter_finish::read);
  EXPECT_EQ(in.rows_of(letter_kind), 0u);
}

TEST(letter, may_be_named_as_a_conversation_is) {
  post_house in;
  in.staff_it();
  in.say(101, wire::duty{true, true, 3});
  in.say(102, wire::duty{true, true, 3});
  in.open(1);
  in.deposit(1, 1);
  in.open(2);
  auto enter = in.enter_of(1);
  enter.conversation = post_house::letter_of(1);
  in.say(2, enter);
  EXPECT_EQ(in.count<wire::place>(2), 1u);
  in.say(2, wire::leave{enter.conversation});
  EXPECT_EQ(in.rows_of(letter_kind), 1u);
  in.make();
  EXPECT_TRUE(in.at->start(in.now));
}

// Everything that can happen to a letter, cut off after each step and before or after its commit: what was
// acknowledged is so, and what was not is whole or not there.
TEST(restart, between_any_two_steps_loses_nothing_that_was_acknowledged) {
  const post_house::phrase mine = post_house::phrase_of(1);
  const std::vector<std::function<void(post_house&)>> steps = {
      [](post_house& in) { in.log_in(101, "akari"); },
      [](post_house& in) { in.say(101, in.key_of("akari", post_house::today)); },
      [](post_house& in) { in.log_in(102, "hotaru"); },
      [](post_house& in) { in.say(102, in.key_of("hotaru", post_house::today)); },
      [](post_house& in) { in.open(1); },
      [&](post_house& in) { in.say(1, in.begin_of(1, &mine)); },
      [](post_house& in) { in.say_parts(1, 1); },
      [](post_house& in) { in.say(101, wire::take_letter{}); },
      [](post_house& in) { in.finish(101, 1, letter_finish::put_back); },
      [](post_house& in) { in.say(102, wire::take_letter{}); },
      [](post_house& in) { in.say_reply(102, 1); },
      [](post_house& in) { in.finish(102, 1, letter_finish::answered); },
      [&](post_house& in) { in.deposit(1, 2, &mine); },
      [](post_house& in) { in.say(101, wire::take_letter{}); },
      [](post_house& in) { in.finish(101, 2, letter_finish::read); },
      [&](post_house& in) { in.deposit(1, 3, &mine); },
      [&](post_house& in) {
        in.open(9);
        in.say(9, in.shown_by(mine, in.welcome(9).challenge, true));
      },
  };
  for (std::size_t cut = 1; cut <= steps.size(); ++cut)
    for (const bool committed : {false, true}) {
      SCOPED_TRACE("cut after step " + std::to_string(cut) + (committed ? ", committed" : ""));
      post_house in(memory_store::commits::when_told);
      for (std::size_t i = 0; i < cut; ++i) {
        steps[i](in);
        if (i + 1 < cut || committed) in.store.commit_all();
      }
      const auto stored_by_staff = [&](connection_id who, byte n) {
        return std::ranges::count_if(in.all<wire::letter_stored>(who), [&](const auto& one) {
          return one.letter == post_house::letter_of(n) && one.kept_until != 0;
        });
      };
      const std::size_t acknowledged = in.count<wire::letter_stored>(1);
      const bool answered = stored_by_staff(102, 1) > 0, read = stored_by_staff(101, 2) > 0;
      const bool burnt = in.count<wire::returned>(9) > 0, burning = cut == steps.size();
      in.store.lose_waiting();
      in.make();
      ASSERT_TRUE(in.at->start(in.now));
      in.heard.clear();
      const wire::returned shown = in.show(20, mine);
      const std::size_t found = std::size_t{shown.waiting} + shown.read + shown.replies;
      EXPECT_GE(found, burning ? 0 : acknowledged);
      EXPECT_GE(shown.replies, answered && !burning);
      EXPECT_GE(shown.read, read && !burning);
      EXPECT_EQ(in.count<wire::reply_part>(20), std::size_t{shown.replies} * wire::reply_parts);
      EXPECT_TRUE(!burnt || found == 0);
      // Whatever still waits can be read whole.
      in.log_in(111, "akari");
      for (std::size_t n = 0; n < shown.waiting; ++n) {
        in.say(111, wire::take_letter{});
        in.finish(111, in.all<wire::letter_given>(111).back().letter[0], letter_finish::read);
      }
      in.store.commit_all();
      EXPECT_EQ(in.count<wire::letter_part>(111), std::size_t{shown.waiting} * wire::letter_parts_short);
    }
}

TEST(figures, of_a_desk_count_its_letters_and_readers) {
  post_house in;
  in.staff_it();
  in.open(1);
  in.deposit(1, 1);
  const auto figures = in.at->figures_of(in.files.consultation, in.now);
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->letters, 1u);
  EXPECT_EQ(figures->letter_readers, 2u);
  EXPECT_EQ(in.at->figures_of(in.files.drill, in.now)->letters, 0u);
}

}  // namespace
}  // namespace tomoshibi::centre
