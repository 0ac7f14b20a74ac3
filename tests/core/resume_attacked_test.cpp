// Whoever comes back without the secret that is due is refused, or is somebody new: never the one before. What is
// meant for the one before, and what was said with it, goes to nobody else.
#include "tests/core/two_people.hpp"

namespace tomoshibi::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

crypto::psk secret_in(const crypto::secret_bytes& kept) { return decode_kept(kept)->secret; }

// A survivor's client by hand, with a connection of its own. It is shown to the right place, as by a server that
// helps; which secret it has, and which one it says it has, is the test's.
class intruder {
 public:
  intruder(world& in, const conversation_id& talk) : in_(in), talk_(talk) {}

  void come(const crypto::psk& newest) {
    at_ = in_.open({[this](bytes_view message) { hear(*wire::decode_server(message)); }, [] {}, [] {}});
    nonce_ = in_.random.make_block<32>();
    wire::resume back{talk_, {}, false, nonce_};
    std::ranges::copy(crypto::make_resume_token(newest).view(), back.shown.begin());
    say(back);
    in_.settle();
  }
  void go() { in_.hang_up(at_); }

  std::optional<crypto::psk> secret;
  std::optional<crypto::psk_id> claims;  // in the HELLO, instead of the secret's
  std::size_t refused = 0;               // asked to come with another secret or none
  std::vector<crypto::body_type> heard;  // of the counselor's frames, those that opened

 private:
  void say(const wire::client_message& message) { in_.to_server(at_, wire::encode(message)); }

  void hear(const wire::server_message& message) {
    if (const auto* place = std::get_if<wire::resumed>(&message)) number_ = place->stored;
    if (std::holds_alternative<wire::nonce_wanted>(message)) ++refused;
    if (const auto* offer = std::get_if<wire::offer>(&message)) answer(*offer);
    if (const auto* talk = std::get_if<wire::talk>(&message); talk && session_)
      if (const auto body = session_->open(talk->body, in_.now)) heard.push_back(body->type);
  }
  void answer(const wire::offer& offer) {
    auto begun = crypto::answer_offer(offer.body, in_.signed_by.trust(), crypto::role::counselor, in_.signed_by.desk,
                                      nullptr, talk_, nonce_, secret ? &*secret : nullptr, in_.now, in_.random);
    ASSERT_TRUE(begun);
    if (claims) std::ranges::copy(*claims, begun->hello.begin() + 1 + 1 + 16);
    session_.emplace(std::move(begun->talk));
    post<wire::hello>(begun->hello);
    seal(crypto::body_type::cover, bytes{1});  // it forgot, it says
    seal(crypto::body_type::history_wanted, {});
  }
  void seal(crypto::body_type type, bytes_view data) {
    post<wire::talk>(*session_->seal(type, data, false, in_.now, in_.random));
  }
  template <class Kind>
  void post(const crypto::frame& body) {
    Kind message;
    message.conversation = talk_;
    message.number = ++number_;
    message.body = body;
    say(message);
  }

  world& in_;
  conversation_id talk_;
  centre::connection_id at_ = 0;
  wire::nonce nonce_{};
  wire::frame_number number_ = 0;
  std::optional<crypto::session> session_;
};

class resume_attacked : public two_people {
 protected:
  // Yuki's phone is without a network, and something waits for it.
  void leave_something_for_yuki() {
    begin();
    turns(2);
    leave_something();
  }
  void leave_something() {
    yuki->cut();
    in.settle();
    hotaru_says("for yuki only");
    in.settle();
  }
  crypto::psk secret_of_yuki() { return secret_in(yuki->kept.at(talk)); }
  // Another tab of yuki's browser, or its session storage in another's hands.
  std::unique_ptr<person<survivor>> tab_with(const crypto::secret_bytes& kept) {
    auto tab = in.make_survivor();
    tab->kept[talk] = kept;
    tab->reload();
    return tab;
  }
  void expect_refused(intruder& who) {
    EXPECT_GT(who.refused, 0u);
    EXPECT_THAT(who.heard, IsEmpty());
    EXPECT_THAT(hotaru->seen<joined>(), SizeIs(1));
    EXPECT_EQ(hotaru->count(text_progress::dropped), 0u);
    who.go();
    in.settle();
  }
  void expect_that_yuki_has_the_place() {
    reload_yuki();
    EXPECT_TRUE(hotaru->seen<joined>().back().same_tab);
    EXPECT_THAT(yuki->texts(), Contains("for yuki only"));
    expect_that_they_talk();
  }
  void expect_somebody_new(person<survivor>& who) {
    ASSERT_THAT(who.seen<joined>(), SizeIs(1));
    EXPECT_FALSE(who.seen<joined>().back().same_tab);
    EXPECT_FALSE(hotaru->seen<joined>().back().same_tab);
    who.act([](survivor& s, seconds now, output& out) { s.recall(now, out); });
    in.settle();
    EXPECT_THAT(who.seen<text_recalled>(), IsEmpty());
    EXPECT_THAT(who.texts(), Not(Contains("for yuki only")));
  }
  // It says once that another has its place, and neither keeps nor says anything from then on.
  void expect_taken_over(person<survivor>& who) {
    ASSERT_THAT(who.seen<ended>(), SizeIs(1));
    EXPECT_EQ(who.seen<ended>()[0].why, ending::taken_over);
    EXPECT_THAT(who.kept, IsEmpty());
    output out;
    EXPECT_EQ(who.core.say("still here", language::en, in.now, out), said::over);
    who.core.connected();
    who.core.received(wire::encode(wire::server_message(welcome())), in.now, out);
    who.core.tick(in.now + 2 * sign_of_life_pause, out);
    who.core.end(in.now, out);
    EXPECT_THAT(out.messages, IsEmpty());
  }
  wire::welcome welcome() const {
    const crypto::trust shown = in.signed_by.trust();
    return {in.now, shown.centre_hash, shown.issuer_hash, shown.roster_hash, {}};
  }
};

TEST_F(resume_attacked, by_a_hello_without_the_secret_is_told_as_somebody_new) {
  leave_something_for_yuki();
  intruder stranger(in, talk);
  stranger.come(secret_of_yuki());
  ASSERT_THAT(hotaru->seen<joined>(), SizeIs(2));
  EXPECT_FALSE(hotaru->seen<joined>().back().same_tab);
  EXPECT_THAT(stranger.heard, ElementsAre(crypto::body_type::cover)) << "nothing of what was said, nor of what waits";
  EXPECT_EQ(hotaru->count(text_progress::dropped), 1u);
  hotaru_says("for the stranger");
  in.settle();
  EXPECT_THAT(stranger.heard, ElementsAre(crypto::body_type::cover, crypto::body_type::text));

  reload_yuki();
  EXPECT_FALSE(hotaru->seen<joined>().back().same_tab) << "its secrets went with the one before";
  EXPECT_THAT(yuki->texts(), Not(Contains("for the stranger")));
  EXPECT_THAT(yuki->seen<ended>(), IsEmpty());
  expect_that_they_talk();
}

TEST_F(resume_attacked, by_a_hello_that_names_a_secret_and_does_not_have_it_is_never_believed) {
  leave_something_for_yuki();
  intruder liar(in, talk);
  liar.secret = in.random.make_secret<32>();
  liar.claims = crypto::make_psk_id(secret_of_yuki());
  liar.come(secret_of_yuki());
  EXPECT_THAT(liar.heard, IsEmpty());
  EXPECT_THAT(hotaru->seen<joined>(), SizeIs(1));
  liar.go();
  in.settle();
  expect_that_yuki_has_the_place();
}

TEST_F(resume_attacked, by_a_copied_tab_leaves_no_text_told_as_stored_that_never_was) {
  begin();
  auto copy = tab_with(yuki->kept.at(talk));
  yuki_says("never arrives");
  yuki->cut();
  in.settle();
  const std::size_t before = yuki->count(text_progress::stored);
  copy->connect();
  in.settle();
  ASSERT_THAT(copy->seen<joined>(), SizeIs(1));
  copy->act([](survivor& s, seconds now, output& out) { s.say("of the copy", language::en, now, out); });
  in.settle();
  copy->cut();
  in.settle();
  in.drops = [](const bytes& message) { return message[0] == wire::offer::code; };
  yuki->connect();
  in.settle();
  EXPECT_EQ(yuki->count(text_progress::stored), before);
}

TEST_F(resume_attacked, by_a_secret_two_steps_back_is_refused) {
  begin();
  std::vector<crypto::psk> secrets;
  for (int i = 0; i < 4; ++i) {
    turns(1);
    secrets.push_back(secret_of_yuki());
  }
  yuki->cut();
  in.settle();
  hotaru_says("for yuki only");  // a step that yuki has not seen: its newest is now the step before
  in.settle();
  for (const std::size_t steps_back : {2u, 3u, 4u}) {
    SCOPED_TRACE(steps_back);
    intruder late(in, talk);
    late.secret = secrets[secrets.size() - steps_back];
    late.come(secrets.back());
    expect_refused(late);
  }
  expect_that_yuki_has_the_place();
}

TEST_F(resume_attacked, by_the_secret_that_a_return_has_spent_is_refused) {
  begin();
  const crypto::secret_bytes old = yuki->kept.at(talk);
  reload_yuki();
  expect_that_they_talk();
  const std::size_t before = hotaru->seen<joined>().size();
  yuki->cut();
  in.settle();
  hotaru_says("for yuki only");
  in.settle();
  intruder late(in, talk);
  late.secret = secret_in(old);
  late.come(secret_of_yuki());
  EXPECT_GT(late.refused, 0u);
  EXPECT_THAT(late.heard, IsEmpty());
  EXPECT_THAT(hotaru->seen<joined>(), SizeIs(before));
  late.go();
  in.settle();
  expect_that_yuki_has_the_place();
}

class quarter_of_an_hour : public resume_attacked, public testing::WithParamInterface<seconds> {};

TEST_P(quarter_of_an_hour, after_the_last_sign_of_life_is_how_long_a_secret_is_taken) {
  begin();
  yuki->frozen = true;  // its connection is half open: the server notices nothing
  in.pass(wire::resume_grace_seconds + GetParam());
  auto copy = tab_with(yuki->kept.at(talk));
  copy->connect();
  in.settle();
  ASSERT_THAT(hotaru->seen<joined>(), SizeIs(2));
  EXPECT_EQ(hotaru->seen<joined>().back().same_tab, GetParam() == 0);
  EXPECT_EQ(copy->seen<joined>().back().same_tab, GetParam() == 0);
}
INSTANTIATE_TEST_SUITE_P(resume_attacked_a, quarter_of_an_hour, testing::Values(0, 1));

TEST_F(resume_attacked, by_a_copied_tab_leaves_one_of_the_two_and_tells_the_other) {
  begin();
  auto copy = tab_with(yuki->kept.at(talk));
  copy->connect();
  in.settle();
  expect_taken_over(*yuki);
  ASSERT_THAT(copy->seen<joined>(), SizeIs(1));
  hotaru_says("to whoever has the place");
  in.settle();
  EXPECT_THAT(copy->texts(), Contains("to whoever has the place"));
  EXPECT_THAT(yuki->texts(), Not(Contains("to whoever has the place")));
}

TEST_F(resume_attacked, by_a_copy_that_comes_after_its_secret_was_spent_is_told_as_somebody_new) {
  begin();
  const crypto::secret_bytes copied = yuki->kept.at(talk);
  reload_yuki();
  expect_that_they_talk();
  auto copy = tab_with(copied);
  copy->connect();
  in.settle();
  expect_taken_over(*yuki);
  expect_somebody_new(*copy);
}

// The network gives the second tab its turn after each message that the first one's return takes.
class two_tabs : public resume_attacked {
 public:
  void TestBody() override {}
  // Whether the second one has the place of the one before.
  bool race(std::size_t steps) {
    leave_something_for_yuki();
    const crypto::secret_bytes kept = yuki->kept.at(talk);
    auto first = tab_with(kept), second = tab_with(kept);
    first->connect();
    in.step(steps);
    second->connect();
    in.settle();
    expect_taken_over(*first);
    EXPECT_THAT(second->seen<ended>(), IsEmpty());
    if (second->seen<joined>().empty()) return ADD_FAILURE() << "it is not inside", false;
    const bool same = second->seen<joined>().back().same_tab;
    EXPECT_EQ(hotaru->seen<joined>().back().same_tab, same);
    EXPECT_THAT(second->texts(), same ? testing::Matcher<std::vector<std::string>>(Contains("for yuki only"))
                                      : Not(Contains("for yuki only")));
    hotaru_says("to the second");
    in.settle();
    EXPECT_THAT(second->texts(), Contains("to the second"));
    EXPECT_THAT(first->texts(), Not(Contains("to the second")));
    return same;
  }
};

TEST(resume_attacked_by, two_copies_at_every_message_leaves_one_and_tells_the_other) {
  std::size_t same = 0, others = 0;
  for (std::size_t steps = 0; steps < 40; ++steps) {
    SCOPED_TRACE(steps);
    ++(two_tabs().race(steps) ? same : others);
  }
  EXPECT_GT(same, 0u) << "the first had not spent the secret yet";
  EXPECT_GT(others, 0u) << "it had";
}

TEST_F(resume_attacked, by_a_tab_that_slept_while_its_copy_spoke_is_told_as_somebody_new) {
  begin();
  auto copy = tab_with(yuki->kept.at(talk));
  yuki->cut();  // with its memory, and a session that it takes for the one
  in.settle();
  copy->connect();
  in.settle();
  copy->act([](survivor& s, seconds now, output& out) { s.say("the copy", language::en, now, out); });
  in.settle();
  hotaru_says("for the copy only");
  in.settle();
  ASSERT_THAT(hotaru->texts(), Contains("the copy"));
  const std::size_t before = hotaru->seen<joined>().size();
  yuki->connect();
  in.settle();
  expect_taken_over(*copy);
  ASSERT_GT(hotaru->seen<joined>().size(), before);
  EXPECT_FALSE(hotaru->seen<joined>().back().same_tab);
  EXPECT_FALSE(yuki->seen<joined>().back().same_tab);
  EXPECT_THAT(yuki->texts(), Not(Contains("for the copy only")));
  expect_that_they_talk();
}

TEST_F(resume_attacked, by_a_console_that_slept_while_another_spoke_leaves_nobody_in_a_session_of_one) {
  begin();
  const std::size_t number = counselors[0].get() == hotaru ? 0 : 1;
  auto other = in.make_counselor(number);
  hotaru->cut();
  in.settle();
  on_duty(*other);
  other->connect();
  in.settle();
  ASSERT_FALSE(other->seen<joined>().empty());
  EXPECT_FALSE(other->seen<joined>().back().same_tab) << "it has nothing that the first one kept";
  yuki_says("to the second console");
  in.settle();
  EXPECT_THAT(other->texts(), Contains("to the second console"));
  hotaru->connect();
  in.settle();
  EXPECT_THAT(hotaru->texts(), Not(Contains("to the second console")));
  EXPECT_FALSE(hotaru->seen<joined>().back().same_tab);
  expect_that_they_talk();
}

TEST_F(resume_attacked, by_a_state_of_an_hour_ago_is_refused) {
  begin();
  const crypto::secret_bytes old = yuki->kept.at(talk);
  for (int i = 0; i < 12; ++i) {
    turns(3);
    in.pass(300);
  }
  leave_something();
  auto rolled_back = tab_with(old);
  rolled_back->connect();
  in.settle();
  ASSERT_THAT(rolled_back->seen<ended>(), SizeIs(1));
  EXPECT_EQ(rolled_back->seen<ended>()[0].why, ending::lost);
  EXPECT_THAT(rolled_back->seen<joined>(), IsEmpty());
  EXPECT_THAT(rolled_back->kept, IsEmpty());
  EXPECT_THAT(hotaru->seen<joined>(), SizeIs(1));
  expect_that_yuki_has_the_place();
}

TEST_F(resume_attacked, by_a_server_whose_memory_went_back_ends_on_both_sides) {
  begin();
  const support::memory_store older = in.store;
  turns(2);
  reload_yuki();
  expect_that_they_talk();
  in.store = older;
  in.restart_server();
  for (auto& each : counselors) each->connect();
  yuki->connect();
  in.settle();
  ASSERT_THAT(yuki->seen<ended>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<ended>()[0].why, ending::lost);
  ASSERT_THAT(hotaru->seen<ended>(), SizeIs(1));
  EXPECT_EQ(yuki_says("still here"), said::over);
  EXPECT_EQ(hotaru_says("still here"), said::over);
}

// What the server has seen go by may come again, with any number.
TEST_F(resume_attacked, by_messages_of_old_begins_nothing) {
  std::vector<bytes> seen;
  in.drops = [&](const bytes& message) {
    if (message[0] == wire::offer::code || message[0] == wire::hello::code || message[0] == wire::assigned::code)
      seen.push_back(message);
    return false;
  };
  begin();
  reload_yuki();
  in.drops = [](const bytes&) { return false; };
  ASSERT_GE(seen.size(), 6u);
  hotaru->accepts_calls = false;  // a person wonders at a call from somebody who is there
  const std::size_t joined_before = hotaru->seen<joined>().size() + yuki->seen<joined>().size();
  wire::frame_number number = 10'000;
  for (const bytes& old : seen) {
    wire::server_message again = *wire::decode_server(old);
    if (auto* offer = std::get_if<wire::offer>(&again)) offer->number = ++number;
    if (auto* hello = std::get_if<wire::hello>(&again)) hello->number = ++number;
    hotaru->act([&](counselor& c, seconds now, output& out) { c.received(wire::encode(again), now, out); });
    yuki->act([&](survivor& s, seconds now, output& out) { s.received(wire::encode(again), now, out); });
    in.settle();
    EXPECT_EQ(hotaru->seen<joined>().size() + yuki->seen<joined>().size(), joined_before);
    EXPECT_THAT(yuki->seen<ended>(), IsEmpty());
  }
}

}  // namespace
}  // namespace tomoshibi::core
