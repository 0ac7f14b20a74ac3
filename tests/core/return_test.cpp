// Every way in which a page, a phone or a network can be gone and come back. Nobody is left talking into the void.
#include "crypto/vault.hpp"
#include "tests/core/two_people.hpp"

namespace tomoshibi::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class coming_back : public two_people {};

TEST_F(coming_back, proves_the_same_tab_to_both_sides) {
  begin();
  reload_yuki();
  EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
  EXPECT_TRUE(hotaru->seen<joined>().back().peer_forgot);
  EXPECT_FALSE(hotaru->seen<joined>().back().we_forgot);
  EXPECT_TRUE(yuki->seen<joined>().back().same_tab);
  EXPECT_TRUE(yuki->seen<joined>().back().we_forgot);
  EXPECT_FALSE(yuki->seen<joined>().back().peer_forgot);
  expect_that_they_talk();
}

TEST_F(coming_back, finds_its_place_though_the_tokens_were_lost_with_the_connection) {
  begin();
  in.hears = [](centre::connection_id, bytes message) -> std::vector<bytes> {
    if (message[0] == wire::register_token::code) return {};
    return {std::move(message)};
  };
  turns(3);  // of what the page keeps, nothing is known to the server
  in.hears = nullptr;
  yuki->cut();
  in.settle();
  yuki->connect();
  in.settle();
  reload_yuki();
  ASSERT_THAT(yuki->seen<joined>(), Not(IsEmpty()));
  EXPECT_TRUE(yuki->seen<joined>().back().same_tab);
  expect_that_they_talk();
}

TEST_F(coming_back, tells_both_when_both_forgot) {
  begin();
  hotaru->reload();
  yuki->reload();
  on_duty(*hotaru);
  hotaru->connect();
  yuki->connect();
  in.settle();
  for (const joined& seen : {hotaru->seen<joined>().back(), yuki->seen<joined>().back()}) {
    EXPECT_TRUE(seen.same_tab);
    EXPECT_TRUE(seen.we_forgot);
    EXPECT_TRUE(seen.peer_forgot);
  }
  expect_that_they_talk();
}

TEST_F(coming_back, tells_both_when_the_survivor_had_not_yet_heard_that_the_counselor_forgot) {
  begin();
  hotaru->reload();
  on_duty(*hotaru);
  hotaru->connect();
  const std::size_t before = hotaru->seen<joined>().size();
  for (int steps = 0; steps < 300 && hotaru->seen<joined>().size() == before; ++steps) in.step(1);
  ASSERT_GT(hotaru->seen<joined>().size(), before);
  reload_yuki();
  for (const joined& seen : {hotaru->seen<joined>().back(), yuki->seen<joined>().back()}) {
    EXPECT_TRUE(seen.same_tab);
    EXPECT_TRUE(seen.we_forgot);
    EXPECT_TRUE(seen.peer_forgot);
  }
}

TEST_F(coming_back, is_the_same_tab_when_the_counselor_forgot_before_the_survivor_who_forgot_heard_of_it) {
  begin();
  yuki->reload();
  yuki->connect();
  const std::size_t before = hotaru->seen<joined>().size();
  for (int steps = 0; steps < 300 && hotaru->seen<joined>().size() == before; ++steps) in.step(1);
  ASSERT_GT(hotaru->seen<joined>().size(), before);
  reload_hotaru();
  for (const joined& seen : {hotaru->seen<joined>().back(), yuki->seen<joined>().back()}) {
    EXPECT_TRUE(seen.same_tab);
    EXPECT_TRUE(seen.we_forgot);
    EXPECT_TRUE(seen.peer_forgot);
  }
  expect_that_they_talk();
}

TEST_F(coming_back, is_the_same_tab_after_the_console_was_loaded_again_and_again_before_it_was_heard) {
  begin();
  const auto until_hotaru_hears = [&] {
    const std::size_t before = hotaru->seen<joined>().size();
    for (int steps = 0; steps < 300 && hotaru->seen<joined>().size() == before; ++steps) in.step(1);
    ASSERT_GT(hotaru->seen<joined>().size(), before);
  };
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE(round);
    yuki->reload();
    yuki->connect();
    until_hotaru_hears();
    hotaru->reload();
    on_duty(*hotaru);
    hotaru->connect();
    until_hotaru_hears();
    EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
  }
  reload_yuki();
  EXPECT_TRUE(yuki->seen<joined>().back().same_tab);
  expect_that_they_talk();
}

TEST_F(coming_back, works_when_the_counselors_last_step_was_not_seen) {
  begin();
  hotaru->shows_texts = false;
  yuki_says("q");
  in.settle();
  yuki->cut();
  hotaru_says("answer");
  in.settle();
  hotaru->reload();
  yuki->reload();
  hotaru->shows_texts = true;
  on_duty(*hotaru);
  hotaru->connect();
  in.settle();
  yuki->connect();
  in.settle();
  EXPECT_TRUE(hotaru->seen<joined>().back().same_tab) << "the secret of the step before is taken";
  expect_that_they_talk();
}

TEST_F(coming_back, works_when_the_counselors_last_step_never_left_the_console) {
  begin();
  hotaru->shows_texts = false;
  yuki_says("q");
  in.settle();
  hotaru_says("typed into a dead network");
  hotaru->cut();
  in.settle();
  hotaru->shows_texts = true;
  reload_hotaru();
  EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
  expect_that_they_talk();
}

TEST_F(coming_back, goes_on_as_somebody_new_when_the_console_kept_nothing) {
  begin();
  hotaru->kept.clear();
  reload_hotaru();
  ASSERT_FALSE(hotaru->seen<joined>().empty());
  EXPECT_FALSE(hotaru->seen<joined>().back().same_tab);
  EXPECT_FALSE(yuki->seen<joined>().back().same_tab);
  expect_that_they_talk();
}

TEST_F(coming_back, goes_on_as_somebody_new_even_if_the_network_is_gone_again_after_each_try) {
  begin();
  hotaru->kept.clear();
  hotaru->reload();
  on_duty(*hotaru);
  hotaru->connect();
  const std::size_t before = hotaru->seen<joined>().size();
  for (int tries = 0; tries < 12 && hotaru->seen<joined>().size() == before; ++tries) {
    in.step(30);  // enough for one HELLO and the answer that its secret is not known
    yuki->cut();
    yuki->connect();
  }
  EXPECT_GT(hotaru->seen<joined>().size(), before);
  in.settle();
  expect_that_they_talk();
}

// crypto/model/talk.pml, run unknown-secret-asked-once.
TEST_F(coming_back, goes_on_when_the_network_is_gone_while_the_console_asks_for_another_secret) {
  begin();
  for (std::size_t steps = 0; steps < 40; ++steps) {
    SCOPED_TRACE(steps);
    hotaru->kept.clear();
    hotaru->reload();
    on_duty(*hotaru);
    hotaru->connect();
    const std::size_t before = hotaru->seen<joined>().size();
    for (int waited = 0; waited < 300 && hotaru->seen<joined>().size() == before; ++waited) in.step(1);
    yuki->reload();  // before it learns the secret of the session that the console is in
    yuki->connect();
    in.step(steps);
    hotaru->cut();
    hotaru->connect();
    in.settle();
    expect_that_they_talk();
    in.pass(300);  // so that no nonce comes too fast
  }
}

TEST_F(coming_back, shows_a_console_at_once_what_it_kept) {
  begin();
  EXPECT_THAT(hotaru->seen<restored>(), IsEmpty());
  reload_hotaru();
  ASSERT_THAT(hotaru->seen<restored>(), SizeIs(1));
  EXPECT_EQ(hotaru->seen<restored>().front().conversation, talk);
}

TEST_F(coming_back, begins_with_a_question_when_the_server_has_been_silent) {
  begin();
  const auto asks = [](auto& person, seconds after) {
    bool asked = false;
    person->act([&](auto& core, seconds now, output&) {
      output said;
      core.tick(now + after, said);
      for (const bytes& message : said.messages) asked = asked || message.front() == wire::watch::code;
    });
    return asked;
  };
  EXPECT_FALSE(asks(yuki, silence_max));
  EXPECT_TRUE(asks(yuki, silence_max + 1));
  EXPECT_FALSE(asks(hotaru, silence_max));
  EXPECT_TRUE(asks(hotaru, silence_max + 1));
}

TEST_F(coming_back, is_kept_by_a_console_under_its_vault_alone) {
  begin();
  const crypto::secret_bytes& kept = hotaru->kept.at(talk);
  EXPECT_THAT(kept, SizeIs(155));
  EXPECT_FALSE(decode_kept(kept));
  const auto opens_with = [&](const crypto::identity& who) {
    return crypto::open_kept(crypto::make_kept_key(who.sign, who.agree), kept).has_value();
  };
  EXPECT_EQ(opens_with(in.staff[0]) + opens_with(in.staff[1]), 1);
  const kept_state survivors = *decode_kept(yuki->kept.at(talk));
  EXPECT_TRUE(std::ranges::search(kept, survivors.secret.view()).empty());
}

TEST_F(coming_back, goes_on_as_somebody_new_when_what_the_console_kept_is_damaged_or_of_another_vault) {
  begin();
  const auto forget_and_expect_somebody_new = [&](crypto::secret_bytes kept) {
    hotaru->kept[talk] = std::move(kept);
    reload_hotaru();
    EXPECT_THAT(hotaru->seen<restored>(), IsEmpty());
    EXPECT_FALSE(hotaru->seen<joined>().back().same_tab);
    EXPECT_TRUE(hotaru->seen<joined>().back().we_forgot);
    expect_that_they_talk();
  };
  crypto::secret_bytes damaged = hotaru->kept.at(talk);
  damaged[100] ^= 1;
  forget_and_expect_somebody_new(damaged);
  const crypto::secret_bytes plain = encode_kept(*decode_kept(yuki->kept.at(talk)));
  forget_and_expect_somebody_new(plain);
  const crypto::secret<32> other = crypto::make_kept_key(in.random.make_secret<32>(), in.random.make_secret<32>());
  const bytes of_another = crypto::seal_kept(other, plain, in.random);
  forget_and_expect_somebody_new({of_another.begin(), of_another.end()});
}

TEST_F(coming_back, goes_on_as_somebody_new_after_a_quarter_of_an_hour_without_a_sign_of_life) {
  begin();
  const crypto::secret_bytes copied = yuki->kept.begin()->second;
  yuki->frozen = true;  // its connection is half open: the server notices nothing
  in.pass(wire::resume_grace_seconds + 1);
  auto second = in.make_survivor();
  *in.kept_by(second.get()) = copied;
  second->kept[talk] = copied;
  second->reload();
  second->connect();
  in.settle();
  ASSERT_THAT(hotaru->seen<joined>(), SizeIs(2));
  EXPECT_FALSE(hotaru->seen<joined>().back().same_tab);
  EXPECT_FALSE(second->seen<joined>().back().same_tab);
}

TEST_F(coming_back, knows_a_quiet_survivor_by_its_signs_of_life) {
  begin();
  in.pass(3 * wire::resume_grace_seconds);
  reload_yuki();
  EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
}

TEST_F(coming_back, is_the_same_session_after_a_long_sleep_with_memory) {
  begin();
  turns(4);
  hotaru->cut();
  in.settle();
  yuki->cut();
  hotaru->connect();
  in.settle();
  in.pass(wire::resume_grace_seconds + 2);
  for (int flaps = 0; flaps < 3; ++flaps) {
    yuki->cut();
    yuki->connect();
    in.settle();
  }
  EXPECT_THAT(yuki->seen<ended>(), IsEmpty());
  EXPECT_THAT(yuki->seen<joined>(), SizeIs(1));
  expect_that_they_talk();
}

TEST_F(coming_back, works_when_the_page_dies_after_a_long_sleep) {
  begin();
  yuki->cut();
  in.pass(wire::resume_grace_seconds + 2);
  yuki->connect();
  in.settle();
  reload_yuki();
  expect_that_they_talk();
}

TEST_F(coming_back, works_after_many_answers_in_a_row_were_lost) {
  begin();
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    yuki->reload();
    yuki->connect();
    const std::size_t before = hotaru->seen<joined>().size();
    for (int steps = 0; steps < 300 && hotaru->seen<joined>().size() == before; ++steps) in.step(1);
    yuki->cut();
    in.settle();
    ASSERT_GT(hotaru->seen<joined>().size(), before);
    EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
  }
  reload_yuki();
  expect_that_they_talk();
}

TEST_F(coming_back, is_inside_when_the_place_was_given_while_the_network_was_gone) {
  yuki_enters();
  in.step(1);  // `enter` arrives, its answer does not
  yuki->cut();
  in.settle();
  yuki->connect();
  in.settle();
  find_hotaru();
  ASSERT_NE(hotaru, nullptr);
  turns(20);
  yuki->cut();
  yuki->connect();
  in.settle();
  EXPECT_THAT(yuki->seen<turned_away>(), IsEmpty());
  expect_that_they_talk();
  yuki_ends();
  in.settle();
  EXPECT_THAT(hotaru->seen<ended>(), SizeIs(1));
  EXPECT_THAT(in.store.committed(), IsEmpty());
}

TEST_F(coming_back, gives_nothing_meant_for_one_person_to_another) {
  for (auto& each : counselors) each->accepts_calls = false;
  yuki_enters();
  in.settle();
  const crypto::secret_bytes place = yuki->kept.begin()->second;  // a duplicated tab holds it too
  for (auto& each : counselors) each->accepts_calls = true;
  in.pass(wire::accept_seconds + 1);
  find_hotaru();
  ASSERT_NE(hotaru, nullptr);
  turns(1);
  auto stranger = in.make_survivor();
  *in.kept_by(stranger.get()) = place;
  stranger->kept[talk] = place;
  hotaru_says("for yuki only");
  const auto copied = yuki->kept;
  stranger->reload();
  stranger->connect();
  const std::size_t before = hotaru->seen<joined>().size();
  for (int steps = 0; steps < 300 && hotaru->seen<joined>().size() == before; ++steps) in.step(1);
  ASSERT_GT(hotaru->seen<joined>().size(), before);
  EXPECT_FALSE(hotaru->seen<joined>().back().same_tab);
  stranger->cut();
  in.settle();
  EXPECT_THAT(yuki->kept, IsEmpty()) << "who was taken over has no way back";
  hotaru_says("for the stranger only");
  in.settle();
  yuki->kept = copied;  // but a copy of its tab may have
  reload_yuki();
  EXPECT_FALSE(hotaru->seen<joined>().back().same_tab) << "it is not the tab of the session before";
  EXPECT_THAT(yuki->texts(), Not(Contains("for the stranger only")));
  EXPECT_THAT(stranger->texts(), Not(Contains("for yuki only")));
  EXPECT_EQ(hotaru->count(text_progress::dropped), 2u) << "and the counselor knows that nobody read them";
}

TEST_F(coming_back, says_the_counselors_greeting_that_was_typed_before_the_survivor_answered) {
  for (auto& each : counselors) each->accepts_calls = false;
  yuki_enters();
  in.settle();
  for (auto& each : counselors)
    if (!each->seen<called>().empty()) hotaru = each.get();
  ASSERT_NE(hotaru, nullptr);
  talk = hotaru->seen<called>()[0].conversation;
  hotaru->act([&](counselor& c, seconds now, output& out) { c.accept(talk, now, out); });
  EXPECT_EQ(hotaru_says("いま話しても安全ですか"), said::yes);
  in.settle();
  EXPECT_THAT(yuki->texts(), ElementsAre("いま話しても安全ですか"));
}

TEST_F(coming_back, says_again_what_was_not_stored_before_what_was_typed_meanwhile) {
  begin();
  yuki_says("on its way when the network went");
  yuki->cut();
  yuki_says("typed without a network");
  yuki->connect();
  in.settle();
  EXPECT_TRUE(yuki->at) << "the server took the numbers for a gap, and closed the connection";
  hotaru_says("on its way when the network went");
  hotaru->cut();
  hotaru_says("typed without a network");
  hotaru->connect();
  in.settle();
  EXPECT_TRUE(hotaru->at);
  for (auto texts : {hotaru->texts(), yuki->texts()}) {
    texts.erase(texts.begin());
    EXPECT_THAT(texts, ElementsAre("on its way when the network went", "typed without a network"));
  }
}

TEST_F(coming_back, tells_stored_once_for_each_text) {
  begin();
  hotaru->shows_texts = false;
  yuki_says("x");
  in.settle();
  const std::size_t before = yuki->count(text_progress::stored);
  reload_hotaru();
  EXPECT_EQ(yuki->count(text_progress::stored), before);
}

TEST_F(coming_back, loses_nothing_when_the_server_dies_before_a_commit_at_every_message) {
  for (std::size_t dies_after = 0; dies_after < 90; ++dies_after) {
    SCOPED_TRACE(dies_after);
    world fresh(dies_after + 100);
    std::vector<std::unique_ptr<person<counselor>>> staff;
    for (std::size_t i = 0; i < 2; ++i) {
      staff.push_back(fresh.make_counselor(i));
      on_duty(*staff.back());
      staff.back()->connect();
    }
    auto phone = fresh.make_survivor();
    phone->connect();
    fresh.settle();
    phone->act([](survivor& s, seconds now, output& out) { s.enter(now, out); });
    fresh.settle();
    person<counselor>* serving = nullptr;
    for (auto& each : staff)
      if (!each->seen<joined>().empty()) serving = each.get();
    ASSERT_NE(serving, nullptr);
    const conversation_id id = serving->seen<joined>()[0].conversation;
    for (const char* word : {"one", "two", "three"}) {
      phone->act([&](survivor& s, seconds now, output& out) { s.say(word, language::ja, now, out); });
      serving->act([&](counselor& c, seconds now, output& out) { c.say(id, word, language::ja, now, out); });
    }
    fresh.step(dies_after);
    fresh.restart_server();
    for (auto& each : staff) each->connect();
    phone->connect();
    fresh.settle();
    EXPECT_THAT(serving->texts(), ElementsAre("one", "two", "three"));
    EXPECT_THAT(phone->texts(), ElementsAre("one", "two", "three"));
    EXPECT_EQ(phone->count(text_progress::delivered), 3u);
    EXPECT_EQ(serving->count(text_progress::delivered), 3u);
  }
}

}  // namespace
}  // namespace tomoshibi::core
