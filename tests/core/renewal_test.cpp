// The signed files change while people talk: everyone goes on, whoever may not is gone, and no OFFER gets lost
// between two rosters.
#include "tests/core/two_people.hpp"

namespace tomoshibi::core {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class renewal : public two_people {
 protected:
  void roster_changes() {
    in.signed_by.publish_next();
    in.believe_published();
  }
  void expect_nobody_was_disturbed() {
    EXPECT_THAT(yuki->seen<ended>(), IsEmpty());
    EXPECT_THAT(yuki->seen<distrusted>(), IsEmpty());
    EXPECT_THAT(hotaru->seen<ended>(), IsEmpty());
    EXPECT_THAT(hotaru->seen<distrusted>(), IsEmpty());
    EXPECT_THAT(hotaru->seen<server_failed>(), IsEmpty());
  }
  // The counselor who was called accepts; nobody does so before.
  void nobody_accepts() {
    for (auto& each : counselors) each->accepts_calls = false;
  }
  void whoever_was_called_accepts() {
    for (auto& each : counselors) {
      each->accepts_calls = true;
      if (const auto calls = each->seen<called>(); !calls.empty())
        each->act([&](counselor& c, seconds now, output& out) { c.accept(calls.back().conversation, now, out); });
    }
  }
  void consoles_fetch_slowly() {
    for (auto& each : counselors) each->holds_fetches = true;
  }
  void consoles_have_fetched() {
    for (auto& each : counselors) each->fetch_wanted();
  }
};

// --- in the middle of a talk ---

TEST_F(renewal, goes_unnoticed_in_the_middle_of_a_talk) {
  begin();
  for (int i = 0; i < 3; ++i) {
    roster_changes();
    yuki_says("while it is on its way");
    in.settle();
    expect_that_they_talk();
  }
  EXPECT_THAT(yuki->seen<trusted>(), SizeIs(4));
  EXPECT_THAT(hotaru->seen<signed_in>(), SizeIs(1)) << "nobody logs in again";
  EXPECT_THAT(yuki->seen<joined>(), SizeIs(1));
  reload_yuki();
  reload_hotaru();
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

TEST_F(renewal, goes_on_under_the_old_files_until_the_new_ones_are_there) {
  begin();
  yuki->holds_fetches = true;
  consoles_fetch_slowly();
  roster_changes();
  in.settle();
  EXPECT_THAT(yuki->unfetched, SizeIs(1)) << "what is known already is not fetched again";
  expect_that_they_talk();
  yuki->fetch_wanted();
  consoles_have_fetched();
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

TEST_F(renewal, of_files_that_are_no_successors_ends_all_trust) {
  struct wrong {
    std::uint64_t epoch;
    crypto::failure why;
  };
  for (const wrong& each : {wrong{2, crypto::failure::forked}, wrong{1, crypto::failure::rolled_back}}) {
    world fresh(each.epoch);
    auto phone = fresh.make_survivor();
    auto console = fresh.make_counselor(0), second = fresh.make_counselor(1);
    for (auto* one : {console.get(), second.get()}) {
      on_duty(*one);
      one->connect();
    }
    phone->connect();
    fresh.signed_by.publish_next();
    fresh.believe_published();
    fresh.settle();
    phone->act([](survivor& s, seconds now, output& out) { s.enter(now, out); });
    fresh.settle();
    ASSERT_THAT(phone->seen<joined>(), SizeIs(1));
    fresh.signed_by.publish_other(each.epoch);
    fresh.believe_published();
    fresh.settle();
    ASSERT_THAT(phone->seen<distrusted>(), SizeIs(1));
    EXPECT_EQ(phone->seen<distrusted>()[0].why, each.why);
    EXPECT_EQ(phone->seen<ended>().back().why, ending::broken);
    EXPECT_THAT(phone->kept, IsEmpty());
    ASSERT_THAT(console->seen<distrusted>(), SizeIs(1));
    EXPECT_EQ(console->seen<distrusted>()[0].why, each.why);
    phone->act([](survivor& s, seconds now, output& out) {
      EXPECT_EQ(s.say("more", language::ja, now, out), said::over);
      s.tick(now + 100, out);
      EXPECT_THAT(out.messages, IsEmpty()) << "nothing more is said to it";
    });
    for (auto* one : {console.get(), second.get()})
      one->act([&](counselor& c, seconds now, output& out) {
        if (!one->seen<joined>().empty()) c.say(one->seen<joined>()[0].conversation, "more", language::ja, now, out);
        c.set_duty({true, true, 1}, out);
        c.tick(now + 100, out);
        EXPECT_THAT(out.messages, IsEmpty());
      });
  }
}

TEST_F(renewal, is_refused_with_a_file_that_does_not_have_its_name) {
  begin();
  yuki->holds_fetches = true;
  roster_changes();
  in.settle();
  ASSERT_THAT(yuki->unfetched, SizeIs(1));
  yuki->act(
      [&](survivor& s, seconds now, output& out) { s.fetched(yuki->unfetched[0], as_bytes("else"), now, out); });
  EXPECT_THAT(yuki->seen<distrusted>(), SizeIs(1));
}

TEST_F(renewal, half_fetched_when_the_network_goes_begins_again_with_the_next_connection) {
  begin();
  yuki->holds_fetches = true;
  roster_changes();
  in.settle();
  yuki->cut();
  yuki->act([&](survivor& s, seconds now, output& out) {
    s.fetched(yuki->unfetched[0], in.signed_by.object(yuki->unfetched[0]), now, out);
    EXPECT_TRUE(out.empty());
  });
  yuki->holds_fetches = false;
  yuki->connect();
  in.settle();
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

// --- an OFFER, and a change of the roster ---

TEST_F(renewal, at_any_moment_of_a_first_contact_lets_it_come_to_a_talk) {
  for (std::size_t steps = 0;; ++steps) {
    SCOPED_TRACE(steps);
    world fresh(steps + 1);
    auto phone = fresh.make_survivor();
    auto one = fresh.make_counselor(0), two = fresh.make_counselor(1);
    for (auto* each : {one.get(), two.get()}) {
      on_duty(*each);
      each->connect();
    }
    phone->connect();
    fresh.settle();
    phone->act([](survivor& s, seconds now, output& out) { s.enter(now, out); });
    fresh.step(steps);
    const bool over = !phone->seen<joined>().empty();
    for (int i = 0; i < 2; ++i) {  // twice at once: who is slow skips one
      fresh.signed_by.publish_next();
      fresh.believe_published();
    }
    fresh.settle();
    ASSERT_THAT(phone->seen<joined>(), SizeIs(1));
    EXPECT_THAT(phone->seen<distrusted>(), IsEmpty());
    EXPECT_THAT(phone->seen<ended>(), IsEmpty());
    if (over) break;
    ASSERT_LT(steps, 200u);
  }
}

TEST_F(renewal, at_any_moment_of_a_return_lets_it_come_to_a_talk) {
  for (const bool counselor_reloads : {false, true})
    for (std::size_t steps = 0;; ++steps) {
      SCOPED_TRACE(std::to_string(steps) + (counselor_reloads ? " after the console" : " after the phone"));
      world fresh(steps + 1);
      auto phone = fresh.make_survivor();
      auto one = fresh.make_counselor(0), two = fresh.make_counselor(1);
      for (auto* each : {one.get(), two.get()}) {
        on_duty(*each);
        each->connect();
      }
      phone->connect();
      fresh.settle();
      phone->act([](survivor& s, seconds now, output& out) { s.enter(now, out); });
      fresh.settle();
      auto& console = one->seen<joined>().empty() ? *two : *one;
      if (counselor_reloads) {
        console.reload();
        on_duty(console);
        console.connect();
      } else {
        phone->reload();
        phone->connect();
      }
      fresh.step(steps);
      const bool over = phone->seen<joined>().size() == 2;
      for (int i = 0; i < 2; ++i) {
        fresh.signed_by.publish_next();
        fresh.believe_published();
      }
      fresh.settle();
      ASSERT_THAT(phone->seen<joined>(), SizeIs(2));
      EXPECT_TRUE(phone->seen<joined>().back().same_tab);
      EXPECT_THAT(phone->seen<distrusted>(), IsEmpty());
      EXPECT_THAT(phone->seen<ended>(), IsEmpty());
      if (over) break;
      ASSERT_LT(steps, 200u);
    }
}

TEST_F(renewal, after_an_offer_that_waits_for_a_phone_lets_the_phone_take_it) {
  nobody_accepts();
  enter();
  yuki->cut();
  whoever_was_called_accepts();
  in.settle();
  roster_changes();
  in.settle();
  const std::size_t sent = in.frames_sent;
  yuki->connect();
  in.settle();
  find_hotaru();
  ASSERT_NE(hotaru, nullptr);
  EXPECT_THAT(yuki->seen<joined>(), SizeIs(1));
  EXPECT_EQ(in.frames_sent, sent + 3) << "a HELLO and two covers: no second OFFER was needed";
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

TEST_F(renewal, that_a_phone_slept_through_with_an_offer_waiting_lets_it_ask_for_another) {
  nobody_accepts();
  enter();
  yuki->cut();
  roster_changes();
  in.settle();
  whoever_was_called_accepts();  // the OFFER names a roster that yuki's client will never believe
  in.settle();
  roster_changes();
  in.settle();
  yuki->connect();
  in.settle();
  find_hotaru();
  ASSERT_NE(hotaru, nullptr);
  EXPECT_THAT(yuki->seen<joined>(), SizeIs(1));
  EXPECT_THAT(hotaru->seen<called>(), SizeIs(1)) << "who accepted once need not again";
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

TEST_F(renewal, that_the_phone_is_slow_to_fetch_lets_the_offer_wait_for_it) {
  nobody_accepts();
  enter();
  yuki->holds_fetches = true;
  in.staff.push_back(in.signed_by.enrol(crypto::role::counselor, in.signed_by.desk, "new here"));
  roster_changes();
  in.settle();
  for (auto& each : counselors)  // only the new colleague is left, whom yuki's client does not know yet
    each->act([](counselor& c, seconds, output& out) { c.set_duty({false, false, 0}, out); });
  counselors.push_back(in.make_counselor(2));
  on_duty(*counselors.back());
  counselors.back()->connect();
  in.settle();
  ASSERT_THAT(counselors.back()->seen<called>(), SizeIs(1));
  EXPECT_THAT(yuki->seen<joined>(), IsEmpty());
  EXPECT_THAT(yuki->seen<distrusted>(), IsEmpty());
  yuki->fetch_wanted();
  in.settle();
  find_hotaru();
  ASSERT_EQ(hotaru, counselors.back().get());
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

TEST_F(renewal, that_the_console_is_slow_to_fetch_makes_it_hold_its_offer_for_who_came_after) {
  consoles_fetch_slowly();
  roster_changes();
  in.settle();
  yuki = in.make_survivor();  // has never seen the roster before
  yuki->connect();
  in.settle();
  enter();
  std::size_t calls = 0;
  for (auto& each : counselors) calls += each->seen<called>().size();
  ASSERT_EQ(calls, 1u);
  EXPECT_EQ(in.frames_sent, 0u) << "accepted, and held";
  consoles_have_fetched();
  in.settle();
  find_hotaru();
  ASSERT_NE(hotaru, nullptr);
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

TEST_F(renewal, that_the_console_is_slow_to_fetch_holds_its_offer_for_who_comes_back) {
  begin();
  consoles_fetch_slowly();
  roster_changes();
  in.settle();
  reload_yuki();
  EXPECT_THAT(yuki->seen<joined>(), SizeIs(1));
  consoles_have_fetched();
  in.settle();
  EXPECT_THAT(yuki->seen<joined>(), SizeIs(2));
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

// The test is the server.
TEST_F(renewal, leaves_the_roster_before_good_for_fifteen_minutes_and_no_longer) {
  for (const seconds later : {roster_before_life, roster_before_life + 1}) {
    world fresh(3);
    survivor phone({fresh.signed_by.fingerprint(), "talk", crypto::role::counselor, {}}, fresh.random);
    output out;
    const auto hear = [&](const wire::server_message& said) {
      out = {};
      phone.received(wire::encode(said), fresh.now, out);
      for (const crypto::hash32& hash : std::vector(out.wanted))
        phone.fetched(hash, fresh.signed_by.object(hash), fresh.now, out);
    };
    phone.connected();
    const crypto::trust before = fresh.signed_by.trust();
    hear(wire::welcome{fresh.now, before.centre_hash, before.issuer_hash, before.roster_hash, {}});
    phone.enter(fresh.now, out);
    reader entered(out.messages.back());
    entered.view(1 + 16);
    const conversation_id id = entered.take<16>();
    const wire::nonce nonce = entered.take<32>();
    hear(wire::place{id, 0});
    fresh.signed_by.publish_next();
    const crypto::trust now = fresh.signed_by.trust();
    hear(wire::renewed{now.centre_hash, now.issuer_hash, now.roster_hash});
    fresh.now += later;
    const auto offer =
        crypto::pending_offer::make(fresh.staff[0], crypto::make_day_key(fresh.staff[0], fresh.now, fresh.random),
                                    before.roster_hash, id, nonce, fresh.random);
    hear(wire::offer{id, 1, offer.offer()});
    const byte wanted = later > roster_before_life ? wire::resume::code : wire::hello::code;
    const auto said = std::ranges::find(out.messages, wanted, [](const bytes& each) { return each[0]; });
    ASSERT_NE(said, out.messages.end()) << later;
    if (wanted == wire::resume::code) {
      const auto asks = std::get<wire::resume>(*wire::decode_client(*said));
      EXPECT_FALSE(asks.kept);
      EXPECT_NE(asks.challenge, nonce);
    }
    EXPECT_THAT(of_type<distrusted>(out.events), IsEmpty());
  }
}

// --- a counselor who may not any more ---

TEST_F(renewal, that_disables_the_counselor_ends_the_talk_and_yuki_finds_another) {
  begin();
  in.signed_by.disable(in.staff[hotaru == counselors[0].get() ? 0 : 1]);
  roster_changes();
  in.settle();
  ASSERT_THAT(yuki->seen<ended>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<ended>()[0].why, ending::by_peer);
  EXPECT_THAT(yuki->seen<distrusted>(), IsEmpty());
  ASSERT_THAT(hotaru->seen<server_failed>(), SizeIs(1));
  EXPECT_EQ(hotaru->seen<server_failed>()[0].why, wire::error::login_refused);
  EXPECT_THAT(hotaru->kept, IsEmpty()) << "its page has nothing left that leads back";
  yuki_ends();
  in.settle();
  EXPECT_THAT(in.store.committed(), IsEmpty());

  in.staff.push_back(in.signed_by.enrol(crypto::role::counselor, in.signed_by.desk, "new here"));
  roster_changes();
  counselors.push_back(in.make_counselor(2));
  on_duty(*counselors.back());
  counselors.back()->connect();
  in.settle();
  yuki = in.make_survivor();
  yuki->connect();
  in.settle();
  person<counselor>* before = std::exchange(hotaru, nullptr);
  before->events.clear();
  enter();
  ASSERT_NE(hotaru, nullptr);
  EXPECT_NE(hotaru, before);
  expect_that_they_talk();
}

// --- newer certificates ---

class newer_certificate : public renewal {
 protected:
  static constexpr seconds long_time = morning + 5'000'000;
  // A second certificate for the first member's keys, which lasts longer.
  crypto::identity renew(seconds until = long_time) {
    const crypto::identity newer =
        in.signed_by.certify(in.staff[0], crypto::role::counselor, in.signed_by.desk, "hotaru renewed", until);
    in.certificates = {{in.staff[0].certificate, newer.certificate}, {in.staff[1].certificate}};
    return newer;
  }
  person<counselor>& first() { return *counselors[0]; }
  void reconnect_first() {
    first().cut();
    first().connect();
    in.settle();
  }
  void only_the_first_takes_calls() {
    counselors[1]->act([](counselor& c, seconds, output& out) { c.set_duty({true, false, 3}, out); });
    in.settle();
  }
  std::string alias() { return first().seen<signed_in>().back().alias; }
};

TEST_F(newer_certificate, is_used_from_the_next_sign_in_on_with_the_old_key_file) {
  only_the_first_takes_calls();
  renew();
  roster_changes();
  in.settle();
  EXPECT_THAT(first().seen<signed_in>(), SizeIs(1)) << "who is signed in goes on";
  reconnect_first();
  EXPECT_EQ(alias(), "hotaru renewed");
  EXPECT_EQ(first().seen<expiry_changed>().back().certificate_until, long_time);
  enter();
  ASSERT_EQ(hotaru, &first());
  EXPECT_EQ(yuki->seen<joined>()[0].alias, "hotaru renewed");
  expect_that_they_talk();
  reload_hotaru();  // with the key file, which has the old one still
  expect_that_they_talk();
  EXPECT_EQ(alias(), "hotaru renewed");
  reload_yuki();
  expect_that_they_talk();
  expect_nobody_was_disturbed();
}

TEST_F(newer_certificate, does_not_part_who_talks_already) {
  only_the_first_takes_calls();
  begin();
  ASSERT_EQ(hotaru, &first());
  renew();
  roster_changes();
  in.settle();
  reload_hotaru();
  EXPECT_EQ(alias(), "hotaru 0");
  expect_that_they_talk();
  reload_yuki();
  expect_that_they_talk();
  hotaru_ends();
  in.settle();
  reconnect_first();
  EXPECT_EQ(alias(), "hotaru renewed");
}

TEST_F(newer_certificate, that_is_listed_in_files_on_their_way_is_waited_for) {
  reconnect_first();
  first().holds_fetches = true;
  first().cut();
  first().connect();  // its login is on its way when the files change
  renew();
  roster_changes();
  in.settle();
  EXPECT_THAT(first().seen<signed_in>(), SizeIs(2)) << "not yet";
  EXPECT_THAT(first().seen<distrusted>(), IsEmpty());
  first().fetch_wanted();
  in.settle();
  EXPECT_EQ(alias(), "hotaru renewed");
}

TEST_F(newer_certificate, of_somebody_else_or_by_nobody_or_the_same_again_is_not_believed) {
  const crypto::identity newer = renew();
  in.signed_by.publish_next();
  bytes unsigned_one = newer.certificate;
  unsigned_one.back() ^= 1;
  const std::vector<std::pair<bytes, crypto::failure>> wrong = {
      {in.staff[1].certificate, crypto::failure::wrong_binding},
      {in.staff[0].certificate, crypto::failure::wrong_binding},
      {unsigned_one, crypto::failure::wrong_signature},
  };
  const crypto::trust shown = in.signed_by.trust();
  for (const auto& [given, why] : wrong) {
    counselor console({in.signed_by.fingerprint(), std::string(origin)}, in.staff[0], in.random);
    output out;
    console.connected();
    console.received(wire::encode(wire::welcome{in.now, shown.centre_hash, shown.issuer_hash, shown.roster_hash, {}}),
                     in.now, out);
    for (const crypto::hash32& hash : std::vector(out.wanted))
      console.fetched(hash, in.signed_by.object(hash), in.now, out);
    out = {};
    wire::certificate message{{}, {7}};
    std::ranges::copy(given, message.newer.begin());
    console.received(wire::encode(message), in.now, out);
    ASSERT_THAT(of_type<distrusted>(out.events), SizeIs(1));
    EXPECT_EQ(of_type<distrusted>(out.events)[0].why, why);
    EXPECT_THAT(out.messages, IsEmpty());
  }
}

TEST_F(newer_certificate, is_taken_once_on_a_connection) {
  const crypto::identity newer = renew();
  in.signed_by.publish_next();
  const crypto::trust shown = in.signed_by.trust();
  counselor console({in.signed_by.fingerprint(), std::string(origin)}, in.staff[0], in.random);
  output out;
  console.connected();
  console.received(wire::encode(wire::welcome{in.now, shown.centre_hash, shown.issuer_hash, shown.roster_hash, {}}),
                   in.now, out);
  for (const crypto::hash32& hash : std::vector(out.wanted))
    console.fetched(hash, in.signed_by.object(hash), in.now, out);
  wire::certificate message{{}, {7}};
  std::ranges::copy(newer.certificate, message.newer.begin());
  out = {};
  console.received(wire::encode(message), in.now, out);
  ASSERT_THAT(out.messages, SizeIs(1));
  const auto again = std::get<wire::login>(*wire::decode_client(out.messages[0]));
  EXPECT_TRUE(std::ranges::equal(again.certificate, newer.certificate));
  EXPECT_TRUE(
      crypto::verify_login({std::string(origin), message.challenge, crypto::sha256(newer.certificate), in.now},
                           crypto::sign_public(newer.sign), again.made));
  out = {};
  console.received(wire::encode(message), in.now, out);
  EXPECT_TRUE(out.empty());
}

// --- the end of a certificate ---

TEST_F(newer_certificate, that_nobody_made_does_not_part_who_talks_at_the_end_of_the_old_one) {
  const seconds midnight = morning + 120;
  in.staff.push_back(in.signed_by.enrol(crypto::role::counselor, in.signed_by.desk, "ends soon", midnight));
  roster_changes();
  for (auto& each : counselors)
    each->act([](counselor& c, seconds, output& out) { c.set_duty({true, false, 3}, out); });
  counselors.push_back(in.make_counselor(2));
  on_duty(*counselors.back());
  counselors.back()->connect();
  in.settle();
  enter();
  ASSERT_EQ(hotaru, counselors.back().get());
  in.pass(midnight - in.now + 100);
  expect_that_they_talk();
  reload_yuki();
  expect_that_they_talk();
  reload_hotaru();
  expect_that_they_talk();
  expect_nobody_was_disturbed();
  yuki_ends();
  in.settle();
  in.pass(60);
  ASSERT_THAT(hotaru->seen<server_failed>(), SizeIs(1)) << "nothing is served any more";
  EXPECT_EQ(hotaru->seen<server_failed>()[0].why, wire::error::login_refused);
}

TEST_F(renewal, tells_a_console_when_its_papers_end) {
  auto& console = *counselors[0];
  ASSERT_THAT(console.seen<expiry_changed>(), SizeIs(1));
  const expiry_changed before = console.seen<expiry_changed>()[0];
  EXPECT_EQ(before.certificate_until, morning + 1'000'000);
  EXPECT_EQ(before.roster_until, morning + 1'000'000);
  EXPECT_EQ(before.issuer_until, morning + 20'000'000);
  roster_changes();
  in.settle();
  ASSERT_THAT(console.seen<expiry_changed>(), SizeIs(2));
  EXPECT_EQ(console.seen<expiry_changed>()[1].roster_until, before.roster_until + 1000);
  console.cut();
  console.connect();
  in.settle();
  EXPECT_THAT(console.seen<expiry_changed>(), SizeIs(3)) << "and at each sign-in";
}

}  // namespace
}  // namespace tomoshibi::core
