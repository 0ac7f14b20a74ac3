// Who lost its memory may ask the peer for what was said before: all of it, in order, once, and nobody else gets it.
#include "tests/core/two_people.hpp"
#include "tests/crypto/staffed_centre.hpp"

namespace tomoshibi::core {
namespace {

using crypto::body_type;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::Gt;
using testing::IsEmpty;
using testing::Lt;
using testing::SizeIs;

class history : public two_people {
 protected:
  // "ours: " or "theirs: " and the text, as they came.
  template <class Core>
  static std::vector<std::string> recalled_by(person<Core>& who) {
    std::vector<std::string> out;
    for (const text_recalled& each : who.template seen<text_recalled>())
      out.push_back((each.ours ? "ours: " : "theirs: ") + as_text(each.text));
    return out;
  }
  template <class Core>
  static std::size_t place_of(person<Core>& who, const std::function<bool(const event&)>& is) {
    return static_cast<std::size_t>(std::ranges::find_if(who.events, is) - who.events.begin());
  }
  // As its page does, which is empty then.
  void yuki_forgets() {
    yuki->events.clear();
    reload_yuki();
  }
  void hotaru_forgets() {
    hotaru->events.clear();
    reload_hotaru();
  }
  void talk_of_four_texts() {
    enter();
    ASSERT_NE(hotaru, nullptr);
    for (const char* each : {"1", "3"}) {
      yuki_says(each);
      in.settle();
      hotaru_says(std::to_string(each[0] - '0' + 1));
      in.settle();
    }
  }
  static bool offers_recall(const joined& as) { return as.we_forgot && as.same_tab && !as.peer_forgot; }
};

TEST_F(history, is_given_to_a_survivor_who_reloaded_and_asks) {
  talk_of_four_texts();
  yuki_forgets();
  EXPECT_TRUE(offers_recall(yuki->seen<joined>().back()));
  EXPECT_FALSE(offers_recall(hotaru->seen<joined>().back()));
  EXPECT_THAT(recalled_by(*yuki), IsEmpty()) << "it was not asked for";

  const std::size_t heard = hotaru->texts().size(), confirmed = hotaru->count(text_progress::delivered);
  yuki_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*yuki), ElementsAre("ours: 1", "theirs: 2", "ours: 3", "theirs: 4"));
  EXPECT_THAT(yuki->seen<recalled>(), SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<recalled>(yuki->events.back()));
  EXPECT_EQ(yuki->seen<text_recalled>()[0].written_in, language::ja);
  EXPECT_THAT(yuki->texts(), IsEmpty());
  EXPECT_EQ(hotaru->texts().size(), heard);
  EXPECT_EQ(hotaru->count(text_progress::delivered), confirmed);
  expect_that_they_talk();
}

TEST_F(history, is_given_to_a_counselor_who_reloaded_and_asks) {
  talk_of_four_texts();
  hotaru_forgets();
  EXPECT_TRUE(offers_recall(hotaru->seen<joined>().back()));
  EXPECT_FALSE(offers_recall(yuki->seen<joined>().back()));
  hotaru_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*hotaru), ElementsAre("theirs: 1", "ours: 2", "theirs: 3", "ours: 4"));
  EXPECT_THAT(hotaru->seen<recalled>(), SizeIs(1));
  EXPECT_THAT(hotaru->texts(), IsEmpty());
  expect_that_they_talk();
}

TEST_F(history, goes_back_and_forth_when_one_after_the_other_reloads) {
  talk_of_four_texts();
  yuki_forgets();
  yuki_says("5");  // said before it asks: still below what it recalls
  in.settle();
  yuki_recalls();
  in.settle();
  hotaru_says("6");
  in.settle();
  hotaru_forgets();
  EXPECT_TRUE(offers_recall(hotaru->seen<joined>().back()));
  EXPECT_FALSE(offers_recall(yuki->seen<joined>().back()));
  hotaru_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*hotaru),
              ElementsAre("theirs: 1", "ours: 2", "theirs: 3", "ours: 4", "theirs: 5", "ours: 6"));
  yuki_forgets();
  yuki_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*yuki),
              ElementsAre("ours: 1", "theirs: 2", "ours: 3", "theirs: 4", "ours: 5", "theirs: 6"));
}

TEST_F(history, reaches_back_to_the_reload_of_a_keeper_who_did_not_ask) {
  talk_of_four_texts();
  yuki_forgets();
  yuki_says("5");
  in.settle();
  hotaru_forgets();
  hotaru_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*hotaru), ElementsAre("theirs: 5"));
  EXPECT_THAT(hotaru->seen<recalled>(), SizeIs(1));
}

TEST_F(history, is_gone_when_both_forgot) {
  talk_of_four_texts();
  hotaru->reload();
  yuki->reload();
  on_duty(*hotaru);
  hotaru->connect();
  yuki->connect();
  in.settle();
  EXPECT_FALSE(offers_recall(yuki->seen<joined>().back()));
  EXPECT_FALSE(offers_recall(hotaru->seen<joined>().back()));
  const std::size_t frames = in.frames_sent;
  yuki_recalls();
  hotaru_recalls();
  EXPECT_THAT(yuki->seen<recalled>(), SizeIs(1)) << "at once";
  EXPECT_THAT(hotaru->seen<recalled>(), SizeIs(1));
  in.settle();
  EXPECT_EQ(in.frames_sent, frames);
}

TEST_F(history, of_a_peer_that_left_is_complete_at_once) {
  talk_of_four_texts();
  hotaru_forgets();
  yuki->act([](survivor& s, seconds now, output& out) { s.exit(now, out); });
  yuki->cut_after_sending();
  in.settle();
  hotaru_recalls();
  EXPECT_THAT(hotaru->seen<recalled>(), SizeIs(1));
  EXPECT_THAT(recalled_by(*hotaru), IsEmpty());
}

TEST_F(history, of_a_side_that_forgot_nothing_is_complete_at_once) {
  talk_of_four_texts();
  yuki_recalls();
  EXPECT_THAT(yuki->seen<recalled>(), SizeIs(1));
  EXPECT_THAT(recalled_by(*yuki), IsEmpty());
}

TEST_F(history, is_sent_once_however_often_it_is_asked_for) {
  talk_of_four_texts();
  yuki_forgets();
  yuki_recalls();
  yuki_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*yuki), SizeIs(4));
  EXPECT_THAT(yuki->seen<recalled>(), SizeIs(1));
  const std::size_t frames = in.frames_sent;
  yuki_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*yuki), SizeIs(4));
  EXPECT_THAT(yuki->seen<recalled>(), SizeIs(2)) << "at once";
  EXPECT_EQ(in.frames_sent, frames);
}

TEST_F(history, does_not_double_what_was_on_its_way_or_is_said_now) {
  talk_of_four_texts();
  yuki->shows_texts = false;
  hotaru_says("not yet seen");
  in.settle();
  hotaru->cut();
  hotaru_says("typed offline");
  yuki->shows_texts = true;
  yuki->events.clear();
  yuki->reload();
  hotaru->connect();
  yuki->connect();
  in.settle();
  EXPECT_THAT(yuki->texts(), ElementsAre("not yet seen", "typed offline"));
  hotaru_says("new");
  in.settle();
  yuki_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*yuki), ElementsAre("ours: 1", "theirs: 2", "ours: 3", "theirs: 4"));
  EXPECT_THAT(yuki->texts(), ElementsAre("not yet seen", "typed offline", "new"));
  EXPECT_EQ(hotaru->count(text_progress::delivered), 5u);
}

TEST_F(history, gets_no_03_even_if_a_page_says_shown) {
  talk_of_four_texts();
  yuki_forgets();
  yuki_recalls();
  in.settle();
  const std::size_t frames = in.frames_sent;
  for (const text_recalled& each : yuki->seen<text_recalled>())
    yuki->act([&](survivor& s, seconds now, output& out) { s.shown(each.id, now, out); });
  in.settle();
  EXPECT_EQ(in.frames_sent, frames);
}

TEST_F(history, carries_texts_of_every_length_whole) {
  enter();
  ASSERT_NE(hotaru, nullptr);
  std::vector<std::string> expected;
  for (std::size_t size :
       {0ul, 1ul, crypto::body_data_bytes_max - 18, crypto::body_data_bytes_max - 17, 5000ul, text_bytes_max}) {
    const std::string text(size, static_cast<char>('a' + expected.size() % 26));
    EXPECT_EQ(yuki_says(text), said::yes);
    in.settle();
    EXPECT_EQ(hotaru_says(text), said::yes);
    in.settle();
    expected.push_back("ours: " + text);
    expected.push_back("theirs: " + text);
  }
  yuki_forgets();
  yuki_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*yuki), ElementsAreArray(expected));
  EXPECT_THAT(yuki->seen<recalled>(), SizeIs(1));
}

TEST_F(history, that_lost_a_piece_on_the_way_leaves_that_text_out_and_gives_the_rest) {
  begin();
  yuki_says(std::string(5000, 'a'));
  in.settle();
  yuki_says("short");
  in.settle();
  reload_hotaru();
  std::size_t frames = 0;
  in.says = [&](centre::connection_id to, bytes message) {
    const bool lost = to == hotaru->at && message[0] == wire::talk::code && frames++ == 2;
    return lost ? std::vector<bytes>() : std::vector<bytes>{message};
  };
  hotaru_recalls();
  in.settle();
  std::vector<std::string> recalled_texts;
  for (const text_recalled& each : hotaru->seen<text_recalled>()) recalled_texts.push_back(as_text(each.text));
  EXPECT_THAT(recalled_texts, testing::Contains("short"));
  EXPECT_THAT(recalled_texts, testing::Not(testing::Contains(std::string(5000, 'a'))));
  EXPECT_THAT(hotaru->seen<recalled>(), SizeIs(1));
}

TEST_F(history, lets_live_texts_pass) {
  enter();
  ASSERT_NE(hotaru, nullptr);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(hotaru_says(std::to_string(i)), said::yes);
  in.settle();
  yuki_forgets();
  yuki_recalls();
  for (int steps = 0; steps < 1000 && yuki->seen<text_recalled>().size() < 20; ++steps) in.step(1);
  const std::size_t before = yuki->seen<text_recalled>().size();
  ASSERT_THAT(before, AllOf(Gt(0u), Lt(100u)));
  hotaru_says("live");
  yuki_says("answer");
  in.settle();
  EXPECT_THAT(yuki->texts(), ElementsAre("live"));
  EXPECT_EQ(hotaru->texts().back(), "answer");
  const std::size_t live =
      place_of(*yuki, [](const event& each) { return std::holds_alternative<text_received>(each); });
  const auto passed =
      std::ranges::count_if(yuki->events.begin(), yuki->events.begin() + static_cast<long>(live),
                            [](const event& each) { return std::holds_alternative<text_recalled>(each); });
  EXPECT_LE(static_cast<std::size_t>(passed), before + 2 * history_unstored_max)
      << "it does not wait behind the rest";
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) expected.push_back("theirs: " + std::to_string(i));
  EXPECT_THAT(recalled_by(*yuki), ElementsAreArray(expected));
}

TEST_F(history, is_whole_when_the_network_or_the_server_dies_at_any_message_of_it) {
  talk_of_four_texts();
  hotaru_says(std::string(4000, 'x'));
  in.settle();
  for (std::size_t dies_after = 0; dies_after < 40; ++dies_after) {
    SCOPED_TRACE(dies_after);
    yuki_forgets();
    yuki_recalls();
    in.step(dies_after);
    if (dies_after % 3 == 0) yuki->cut();
    if (dies_after % 3 == 1) hotaru->cut();
    if (dies_after % 3 == 2) in.restart_server();
    in.settle();
    hotaru->connect();
    yuki->connect();
    in.settle();
    EXPECT_THAT(recalled_by(*yuki),
                ElementsAre("ours: 1", "theirs: 2", "ours: 3", "theirs: 4", "theirs: " + std::string(4000, 'x')));
    EXPECT_THAT(yuki->seen<recalled>(), SizeIs(1));
    EXPECT_THAT(yuki->seen<joined>(), SizeIs(1));
  }
}

TEST_F(history, begins_anew_when_the_side_that_asked_reloads_in_the_middle) {
  talk_of_four_texts();
  yuki_forgets();
  yuki_recalls();
  for (int steps = 0; steps < 1000 && yuki->seen<text_recalled>().size() < 2; ++steps) in.step(1);
  yuki_forgets();
  EXPECT_THAT(recalled_by(*yuki), IsEmpty());
  yuki_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*yuki), ElementsAre("ours: 1", "theirs: 2", "ours: 3", "theirs: 4"));
}

TEST_F(history, that_comes_no_more_is_told_as_complete) {
  talk_of_four_texts();
  yuki_forgets();
  hotaru->cut();
  in.settle();
  yuki_recalls();
  in.settle();
  EXPECT_THAT(yuki->seen<recalled>(), IsEmpty());
  reload_hotaru();
  EXPECT_TRUE(yuki->seen<joined>().back().peer_forgot);
  EXPECT_THAT(yuki->seen<recalled>(), SizeIs(1));
}

TEST_F(history, is_not_given_to_a_console_that_proved_nothing) {
  talk_of_four_texts();
  hotaru->kept.clear();
  hotaru_forgets();
  ASSERT_FALSE(hotaru->seen<joined>().back().same_tab);
  hotaru_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*hotaru), IsEmpty());
  yuki_says("5");
  in.settle();
  hotaru_forgets();
  ASSERT_TRUE(hotaru->seen<joined>().back().same_tab) << "as the console that proved nothing";
  hotaru_recalls();
  in.settle();
  EXPECT_THAT(recalled_by(*hotaru), ElementsAre("theirs: 5"));
}

TEST_F(history, is_not_given_to_a_survivor_who_proved_nothing) {
  talk_of_four_texts();
  const crypto::secret_bytes copied = yuki->kept.begin()->second;
  yuki->frozen = true;
  in.pass(wire::resume_grace_seconds + 1);  // so that the secret is not taken any more
  hotaru_says("for yuki only");
  auto stranger = in.make_survivor();
  *in.kept_by(stranger.get()) = copied;
  stranger->kept[talk] = copied;
  stranger->reload();
  stranger->connect();
  in.settle();
  ASSERT_FALSE(stranger->seen<joined>().back().same_tab);
  hotaru_says("for the stranger");
  in.settle();
  for (int asks = 0; asks < 2; ++asks) {
    stranger->act([](survivor& s, seconds now, output& out) { s.recall(now, out); });
    in.settle();
    stranger->reload();
    stranger->connect();
    in.settle();
    EXPECT_TRUE(stranger->seen<joined>().back().same_tab);
  }
  EXPECT_THAT(recalled_by(*stranger), ElementsAre("theirs: for the stranger"));
}

TEST_F(history, forgets_the_oldest_texts_first_at_its_bound) {
  enter();
  ASSERT_NE(hotaru, nullptr);
  std::vector<std::string> expected;
  for (int i = 0; i < 150; ++i) {
    ASSERT_EQ(yuki_says("y" + std::to_string(i)), said::yes);
    expected.push_back("ours: y" + std::to_string(i));
  }
  in.settle();
  for (int i = 0; i < 149; ++i) {
    ASSERT_EQ(hotaru_says("h" + std::to_string(i)), said::yes);
    expected.push_back("theirs: h" + std::to_string(i));
  }
  const std::string three_frames(crypto::body_data_bytes_max * 2, 'x');
  hotaru_says(three_frames);
  expected.push_back("theirs: " + three_frames);
  in.settle();
  expected.erase(expected.begin(), expected.begin() + static_cast<long>(expected.size() + 2 - past_frames_max));
  for (int reloads = 0; reloads < 2; ++reloads) {
    yuki_forgets();
    yuki_recalls();
    in.settle();
    EXPECT_THAT(recalled_by(*yuki), ElementsAreArray(expected));
    EXPECT_THAT(yuki->seen<recalled>(), SizeIs(1));
  }
  // What is recalled is older than what was said meanwhile, also where it does not all have room.
  yuki_forgets();
  yuki_recalls();
  for (int i = 0; i < 5; ++i) yuki_says("live " + std::to_string(i));
  in.settle();
  EXPECT_THAT(recalled_by(*yuki), ElementsAreArray(expected));
  hotaru_forgets();
  hotaru_recalls();
  in.settle();
  std::vector<std::string> hotarus;
  for (std::size_t i = 5; i < expected.size(); ++i)
    hotarus.push_back(expected[i].starts_with("ours") ? "theirs" + expected[i].substr(4)
                                                      : "ours" + expected[i].substr(6));
  for (int i = 0; i < 5; ++i) hotarus.push_back("theirs: live " + std::to_string(i));
  EXPECT_THAT(recalled_by(*hotaru), ElementsAreArray(hotarus));
}

TEST_F(history, is_not_there_any_more_when_the_conversation_has_ended) {
  talk_of_four_texts();
  yuki_forgets();
  yuki_recalls();
  hotaru_ends();
  in.settle();
  yuki_recalls();
  hotaru_recalls();
  in.settle();
  in.pass(close_patience + 1);
  EXPECT_THAT(yuki->seen<finished>(), SizeIs(1));
  EXPECT_THAT(hotaru->seen<finished>(), SizeIs(1));
  EXPECT_THAT(in.store.committed(), IsEmpty());
}

// One real conversation, the survivor's; the peer is a bare session, which says what no client of ours would.
class odd_peer : public testing::Test {
 protected:
  // What the client sends is taken at once, and its frames are opened.
  void settle() {
    for (output now = std::exchange(out, {}); !now.messages.empty(); now = std::exchange(out, {})) {
      for (const bytes& message : now.messages) take(*wire::decode_client(message));
      events.insert(events.end(), now.events.begin(), now.events.end());
    }
  }
  void take(const wire::client_message& message) {
    if (const auto* hello = std::get_if<wire::hello>(&message)) {
      peer.emplace(std::move(offer
                                 ->answer(
                                     hello->body, [&](auto&) { return secret; }, crypto::noon)
                                 ->talk));
      me.stored(hello->number, crypto::noon, random(), out);
    } else if (const auto* talk = std::get_if<wire::talk>(&message)) {
      auto opened = peer->open(talk->body, crypto::noon);
      ASSERT_TRUE(opened);
      bodies.push_back(std::move(*opened));
      me.stored(talk->number, crypto::noon, random(), out);
    }
  }
  void meet(bool proven) {
    offer.emplace(contact.make_offer());
    const crypto::psk* with = proven ? &*secret : nullptr;
    me.begin_as_survivor(std::move(*contact.answer(offer->offer(), with)), proven, crypto::noon, random(), out);
    settle();
    bodies.clear();
  }
  void peer_says(body_type type, bytes_view data = {}) {
    const auto frame = peer->seal(type, data, false, crypto::noon, random());
    ASSERT_TRUE(frame);
    me.frame_arrived(*frame, crypto::noon, random(), out);
    const auto secret_now = peer->resume_secret();
    secret = *secret_now;
    events.insert(events.end(), out.events.begin(), out.events.end());
    out.events.clear();
    settle();
  }
  void peer_remembers() { peer_says(body_type::cover, bytes{0}); }
  void peer_forgot() { peer_says(body_type::cover, bytes{1}); }
  // Both have said something, and it was delivered.
  void begin() {
    me.attach(0, crypto::noon, random(), out);
    meet(false);
    peer_remembers();
    peer_says(body_type::text, text(1));
    me.say("mine", language::en, id(2), crypto::noon, random(), out);
    settle();
    peer_says(body_type::delivered, id(2));
    bodies.clear();
  }
  static message_id id(byte number) { return message_id{number}; }
  static bytes text(byte number) { return writer().put(id(number)).number(byte{3}).put("theirs").finish(); }
  static bytes history_of(byte by, byte number) {
    return writer().number(by).put(id(number)).number(byte{3}).put("before").finish();
  }
  std::size_t sent(body_type type) const {
    return static_cast<std::size_t>(std::ranges::count(bodies, type, &crypto::session::opened::type));
  }
  crypto::random_source& random() { return contact.centre.random; }

  crypto::first_contact contact;
  conversation me{crypto::side::survivor, contact.conversation};
  std::optional<crypto::pending_offer> offer;
  std::optional<crypto::session> peer;
  std::optional<crypto::psk> secret;
  output out;
  std::vector<crypto::session::opened> bodies;  // what the client sent
  std::vector<event> events;
};

TEST_F(odd_peer, that_is_proven_and_forgot_is_given_all_once) {
  begin();
  me.say("not delivered", language::en, id(3), crypto::noon, random(), out);
  settle();
  meet(true);
  peer_forgot();
  EXPECT_EQ(sent(body_type::history), 0u);
  bodies.clear();
  peer_says(body_type::history_wanted);
  ASSERT_EQ(sent(body_type::history), 3u);
  EXPECT_EQ(to_hex(bodies[0].data), to_hex(writer().number(byte{1}).put(text(1)).finish()));
  EXPECT_EQ(to_hex(bodies[1].data), to_hex(writer().number(byte{0}).put(id(2)).number(byte{3}).put("mine").finish()));
  EXPECT_THAT(bodies[2].data, IsEmpty());
  peer_says(body_type::history_wanted);
  EXPECT_EQ(sent(body_type::history), 3u);
}

TEST_F(odd_peer, that_is_not_proven_is_given_nothing) {
  begin();
  meet(false);
  peer_forgot();
  peer_says(body_type::history_wanted);
  EXPECT_EQ(sent(body_type::history), 0u);
  meet(true);  // as the one who was not proven
  peer_forgot();
  peer_says(body_type::history_wanted);
  ASSERT_EQ(sent(body_type::history), 1u);
  EXPECT_THAT(bodies.back().data, IsEmpty());
}

TEST_F(odd_peer, that_forgot_nothing_is_given_nothing) {
  begin();
  peer_says(body_type::history_wanted);
  meet(true);
  peer_remembers();
  peer_says(body_type::history_wanted);
  EXPECT_EQ(sent(body_type::history), 0u);
}

TEST_F(odd_peer, is_not_heard_when_it_gives_a_history_that_nobody_asked_for) {
  begin();
  meet(true);
  peer_remembers();
  peer_says(body_type::history, history_of(0, 7));
  peer_says(body_type::history);
  EXPECT_THAT(of_type<text_recalled>(events), IsEmpty());
  EXPECT_THAT(of_type<recalled>(events), IsEmpty());
}

// `me` comes back without memory.
class odd_keeper : public odd_peer {
 protected:
  void ask() {
    begin();
    me = conversation(crypto::side::survivor, contact.conversation);
    me.restore({kept_kind::talk, contact.conversation, *secret, {}, crypto::sha256(contact.who.certificate)});
    me.attach(0, crypto::noon, random(), out);
    meet(true);
    peer_remembers();
    me.recall(crypto::noon, random(), out);
    settle();
    EXPECT_EQ(sent(body_type::history_wanted), 1u);
    events.clear();
  }
};

TEST_F(odd_keeper, cannot_show_a_text_twice) {
  ask();
  peer_says(body_type::text, text(7));
  peer_says(body_type::history, history_of(1, 7));
  EXPECT_THAT(of_type<text_recalled>(events), IsEmpty());
  peer_says(body_type::history, history_of(1, 8));
  peer_says(body_type::history, history_of(1, 8));
  peer_says(body_type::text, text(8));
  me.say("said now", language::en, id(9), crypto::noon, random(), out);
  settle();
  peer_says(body_type::history, history_of(0, 9));
  EXPECT_THAT(of_type<text_recalled>(events), SizeIs(1));
  EXPECT_THAT(of_type<text_received>(events), SizeIs(1));
}

TEST_F(odd_keeper, cannot_say_it_in_a_wrong_layout) {
  ask();
  peer_says(body_type::history, history_of(2, 7));
  peer_says(body_type::history, bytes(17));
  EXPECT_THAT(of_type<text_recalled>(events), IsEmpty());
  peer_says(body_type::history, history_of(0, 7));
  peer_says(body_type::history);
  peer_says(body_type::history, history_of(0, 8));
  ASSERT_THAT(of_type<text_recalled>(events), SizeIs(1)) << "it was complete";
  EXPECT_TRUE(of_type<text_recalled>(events)[0].ours);
  EXPECT_THAT(of_type<recalled>(events), SizeIs(1));
}

}  // namespace
}  // namespace tomoshibi::core
