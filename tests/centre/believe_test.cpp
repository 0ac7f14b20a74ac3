// The signed files change while the centre runs: everyone is told, whoever may not any more is gone within the call,
// and a newer certificate needs no new key file.
#include "tests/centre/house.hpp"

namespace tomoshibi::centre {
namespace {

using testing::IsEmpty;
using wire::error;

// --- what is shown ---

TEST(believe, tells_everyone_who_is_connected_and_names_the_new_files_to_whoever_comes) {
  house in;
  in.begin_talk();
  in.open(50);
  in.believe();
  for (const connection_id who : {1u, 50u, 101u, 102u}) {
    ASSERT_EQ(in.count<wire::renewed>(who), 1u) << who;
    EXPECT_EQ(in.all<wire::renewed>(who)[0].roster[1], 1);
    EXPECT_EQ(in.all<wire::renewed>(who)[0].centre, in.welcome(who).centre);
    EXPECT_FALSE(in.end_of(who));
  }
  in.open(51);
  EXPECT_EQ(in.welcome(51).roster[1], 1);
  EXPECT_EQ(in.count<wire::renewed>(51), 0u);
}

TEST(believe, of_what_is_shown_already_is_told_to_nobody) {
  house in;
  in.open(1);
  in.believe_the_same();
  EXPECT_EQ(in.count<wire::renewed>(1), 0u);
}

TEST(believe, is_not_told_to_a_connection_that_is_closed) {
  house in;
  in.open(1);
  in.at->received(1, bytes{0xff}, in.now);
  in.believe();
  EXPECT_EQ(in.count<wire::renewed>(1), 0u);
}

TEST(believe, before_the_start_is_what_the_first_one_sees) {
  house in;
  in.files.renew("akari", "akari 2");
  in.renewals = {{"akari", "akari 2"}};
  in.files.epoch = 7;
  in.make();
  in.believe_the_same();
  ASSERT_TRUE(in.at->start(in.now));
  in.log_in(1, "akari");
  EXPECT_EQ(in.welcome(1).roster[1], 7);
  EXPECT_EQ(in.count<wire::certificate>(1), 1u);
}

// --- who may not any more ---

TEST(believe, closes_consoles_that_are_disabled_or_unlisted_within_the_call) {
  house in;
  in.log_in(101, "akari");
  in.log_in(102, "hotaru");
  in.log_in(103, "driller");
  in.files.disabled.insert("akari");
  in.unlisted.insert("driller");
  in.believe();
  EXPECT_EQ(in.end_of(101), error::login_refused);
  EXPECT_FALSE(in.end_of(102));
  EXPECT_EQ(in.end_of(103), error::login_refused);
  EXPECT_EQ(in.all<wire::failed>(101).back().why, error::login_refused);
  EXPECT_EQ(in.count<wire::renewed>(101), 0u);
  in.log_in(104, "akari");
  EXPECT_EQ(in.end_of(104), error::login_refused);
}

TEST(believe, under_another_issuer_closes_every_console) {
  house in;
  in.log_in(101, "akari");
  in.files.issuer_seed = in.files.random.make_secret<32>();
  in.believe();
  EXPECT_EQ(in.end_of(101), error::login_refused);
}

TEST(believe, lets_no_survivor_wait_for_who_is_dismissed) {
  for (const bool connected : {true, false}) {
    house in;
    in.begin_talk();
    if (!connected) in.hang_up(101);
    in.files.disabled.insert("akari");
    in.believe();
    EXPECT_EQ(in.all<wire::peer_state>(1).back().now, wire::presence::left);
    EXPECT_FALSE(in.end_of(1));
    in.say(1, wire::leave{in.talk_of(1)});
    EXPECT_THAT(in.store.committed(), IsEmpty());
  }
}

TEST(believe, holds_the_end_of_a_talk_until_it_is_committed_but_hears_the_dismissed_no_more) {
  house in(memory_store::commits::when_told);
  const auto commit_all = [&] {
    while (in.store.waiting() > 0) in.store.commit_next();
  };
  in.begin_talk();
  commit_all();
  in.files.disabled.insert("akari");
  in.believe();
  EXPECT_EQ(in.store.waiting(), 1u);
  EXPECT_FALSE(in.end_of(101));
  in.say(101, wire::duty{true, true, 3});
  commit_all();
  EXPECT_EQ(in.end_of(101), error::login_refused);
  EXPECT_EQ(in.all<wire::peer_state>(1).back().now, wire::presence::left);
}

TEST(start, lets_no_survivor_wait_for_who_was_dismissed_before_it) {
  house in;
  in.begin_talk();
  in.files.disabled.insert("akari");
  in.make();
  ASSERT_TRUE(in.at->start(in.now));
  in.open(2);
  in.say(2, wire::resume{in.talk_of(1), in.token_of(1), true, {}});
  in.at->tick(in.now);
  EXPECT_EQ(in.all<wire::peer_state>(2).back().now, wire::presence::left);
}

// --- who is out of time ---

TEST(expiry, closes_a_console_within_a_minute_and_not_in_the_middle_of_a_talk) {
  house in;
  const seconds end = in.now + 600;
  in.files.add("soon", crypto::role::counselor, in.files.consultation, end);
  in.files.add("soon too", crypto::role::counselor, in.files.consultation, end);
  in.believe();
  in.on_duty(101, "soon");
  in.log_in(102, "soon too");
  in.on_duty(103, "hotaru");
  in.say(103, wire::duty{true, false, 3});
  in.open(1);
  in.say(1, in.enter_of(1));
  in.say(101, wire::offer{in.talk_of(1), 1, {}});
  in.say(1, wire::hello{in.talk_of(1), 1, {}});
  const auto pass_until = [&](seconds to) {
    for (; in.now < to; ++in.now) in.at->tick(in.now);
  };
  pass_until(end);
  EXPECT_FALSE(in.end_of(102));
  pass_until(end + review_pause_seconds + 2);
  EXPECT_EQ(in.end_of(102), error::login_refused);
  EXPECT_FALSE(in.end_of(101));
  in.say(101, wire::talk{in.talk_of(1), 2, {}});
  EXPECT_EQ(in.count<wire::talk>(1), 1u);

  in.hang_up(101);  // and it may come back to the talk
  in.log_in(111, "soon");
  ASSERT_EQ(in.count<wire::logged_in>(111), 1u);
  EXPECT_EQ(in.all<wire::logged_in>(111)[0].serves, 1u);
  in.say(111, wire::leave{in.talk_of(1)});
  pass_until(in.now + review_pause_seconds + 2);
  EXPECT_EQ(in.end_of(111), error::login_refused);
  in.log_in(112, "soon");
  EXPECT_EQ(in.end_of(112), error::login_refused);
}

// --- newer certificates ---

class newer_certificate : public testing::Test {
 protected:
  newer_certificate() {
    in.files.renew("akari", "akari 2");
    in.files.renew("akari", "akari 3");
    in.files.renew("expired", "expired 2");
    in.renewals = {{"akari", "akari 2", "akari 3"}, {"expired", "expired 2"}};
    in.believe();
  }
  wire::certificate given(connection_id who) {
    const auto all = in.all<wire::certificate>(who);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? wire::certificate{} : all[0];
  }
  bool is(const wire::certificate& shown, const std::string& name) {
    return std::ranges::equal(shown.newer, in.files.staff.at(name).object);
  }

  house in;
};

TEST_F(newer_certificate, is_given_instead_of_a_login_and_logs_in) {
  in.log_in(1, "akari");
  EXPECT_TRUE(is(given(1), "akari 3")) << "the newest";
  EXPECT_NE(given(1).challenge, in.welcome(1).challenge);
  EXPECT_EQ(in.count<wire::logged_in>(1), 0u);
  in.say(1, wire::watch{in.files.consultation});
  EXPECT_FALSE(in.end_of(1)) << "it stays fresh";
  in.say(1, in.login_for(given(1).challenge, "akari 3"));
  EXPECT_EQ(in.count<wire::logged_in>(1), 1u);
  EXPECT_EQ(in.count<wire::certificate>(1), 1u);
}

TEST_F(newer_certificate, is_given_for_one_that_has_ended) {
  in.log_in(1, "expired");
  EXPECT_TRUE(is(given(1), "expired 2"));
  in.say(1, in.login_for(given(1).challenge, "expired 2"));
  EXPECT_EQ(in.count<wire::logged_in>(1), 1u);
}

TEST_F(newer_certificate, is_given_for_one_that_is_no_longer_listed) {
  in.unlisted.insert("akari");
  in.believe();
  in.log_in(1, "akari");
  EXPECT_TRUE(is(given(1), "akari 3"));
  in.say(1, in.login_for(given(1).challenge, "akari"));
  EXPECT_EQ(in.end_of(1), error::login_refused) << "it is good for nothing else";
}

TEST_F(newer_certificate, is_given_for_one_of_the_issuer_before) {
  in.files.issuer_seed = in.files.random.make_secret<32>();
  in.files.renew("akari", "akari 4");
  in.renewals = {{"akari", "akari 2", "akari 3", "akari 4"}};
  in.believe();
  in.log_in(1, "akari");
  EXPECT_TRUE(is(given(1), "akari 4"));
  in.say(1, in.login_for(given(1).challenge, "akari 4"));
  EXPECT_EQ(in.count<wire::logged_in>(1), 1u);
}

TEST_F(newer_certificate, of_one_that_is_no_longer_listed_is_for_its_own_keys) {
  in.unlisted.insert("akari");
  in.believe();
  in.open(1);
  wire::login stolen = in.login_of(1, "akari");
  stolen.made = in.login_of(1, "hotaru").made;
  in.say(1, stolen);
  EXPECT_EQ(in.end_of(1), error::login_refused);
}

TEST_F(newer_certificate, needs_the_new_challenge) {
  in.log_in(1, "akari");
  in.say(1, in.login_of(1, "akari 3"));
  EXPECT_EQ(in.end_of(1), error::login_refused);
}

TEST_F(newer_certificate, is_given_once_on_a_connection) {
  in.log_in(1, "expired");
  in.say(1, in.login_for(given(1).challenge, "expired"));
  EXPECT_EQ(in.count<wire::certificate>(1), 1u);
  EXPECT_EQ(in.end_of(1), error::login_refused);
}

TEST_F(newer_certificate, is_not_given_to_whoever_has_it_or_a_still_newer_one) {
  in.log_in(1, "akari 3");
  EXPECT_EQ(in.count<wire::logged_in>(1), 1u);
}

TEST_F(newer_certificate, is_not_given_while_the_older_one_serves_a_talk) {
  in.renewals.clear();
  in.believe();
  in.begin_talk();
  in.renewals = {{"akari", "akari 3"}};
  in.believe();
  in.log_in(111, "akari");
  ASSERT_EQ(in.count<wire::logged_in>(111), 1u);
  EXPECT_EQ(in.all<wire::logged_in>(111)[0].serves, 1u);
  in.say(111, wire::leave{in.talk_of(1)});
  in.log_in(112, "akari");
  EXPECT_TRUE(is(given(112), "akari 3"));
}

TEST_F(newer_certificate, ends_the_login_of_the_older_one_elsewhere) {
  in.renewals.clear();
  in.believe();
  in.log_in(1, "akari");
  in.renewals = {{"akari", "akari 2"}};
  in.believe();
  EXPECT_FALSE(in.end_of(1)) << "who is signed in goes on";
  in.log_in(2, "akari");
  EXPECT_TRUE(is(given(2), "akari 2"));
  EXPECT_EQ(in.end_of(1), error::taken_over);
}

TEST_F(newer_certificate, that_is_not_good_is_passed_over) {
  in.files.disabled.insert("akari 3");
  in.believe();
  in.log_in(1, "akari");
  EXPECT_TRUE(is(given(1), "akari 2"));
  in.files.disabled.insert("akari 2");
  in.believe();
  in.log_in(2, "akari");
  EXPECT_EQ(in.count<wire::logged_in>(2), 1u);
}

TEST_F(newer_certificate, is_for_the_same_keys) {
  in.renewals = {{"akari", "hotaru"}};
  in.believe();
  in.log_in(1, "akari");
  EXPECT_EQ(in.count<wire::logged_in>(1), 1u);
}

// Whatever is wrong, and though there is a newer one: the same bytes.
TEST_F(newer_certificate, is_given_to_nobody_who_would_be_refused) {
  const std::map<std::string, std::function<wire::login()>> wrong = {
      {"signature",
       [&] {
         wire::login out = in.login_of(1, "akari");
         out.made[5] ^= 1;
         return out;
       }},
      {"signed by another",
       [&] {
         wire::login out = in.login_of(1, "akari");
         out.made = in.login_of(1, "hotaru").made;
         return out;
       }},
      {"time", [&] { return in.login_of(1, "akari", in.now - 61); }},
      {"disabled", [&] { return in.login_of(1, "disabled"); }},
      {"expired and wrongly signed",
       [&] {
         wire::login out = in.login_of(1, "expired");
         out.made = {};
         return out;
       }},
  };
  in.files.renew("disabled", "disabled 2");
  in.renewals.push_back({"disabled", "disabled 2"});
  in.believe();
  for (const auto& [what, make] : wrong) {
    SCOPED_TRACE(what);
    in.heard.clear();
    in.ended.clear();
    in.hang_up(1);
    in.ended.clear();
    in.open(1);
    in.say(1, make());
    ASSERT_EQ(in.heard[1].size(), 2u);
    EXPECT_EQ(in.heard[1][1],
              (bytes{wire::failed::code, static_cast<byte>(error::login_refused), wire::login::code}));
    EXPECT_EQ(in.end_of(1), error::login_refused);
  }
}

}  // namespace
}  // namespace tomoshibi::centre
