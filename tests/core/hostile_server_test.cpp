// A server that lies, leaves out or repeats: the client refuses, says why, and gives nothing away.
#include "tests/core/two_people.hpp"

namespace tomoshibi::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

bytes said_by_server(const wire::server_message& message) { return wire::encode(message); }

wire::offer as_offer(const conversation_id& id, wire::frame_number number, const crypto::frame& body) {
  wire::offer out;
  out.conversation = id;
  out.number = number;
  out.body = body;
  return out;
}

class hostile_server : public two_people {
 protected:
  wire::welcome welcome() const {
    const crypto::trust shown = in.signed_by.trust();
    return {in.now, shown.centre_hash, shown.issuer_hash, shown.roster_hash, {}};
  }
  // A survivor that believes the centre and waits in the line; the test is the server.
  struct waiting {
    survivor client;
    conversation_id id{};
    wire::nonce nonce{};
  };
  waiting wait_in_line() {
    waiting out{survivor({in.signed_by.fingerprint(), "talk", crypto::role::counselor, {}}, in.random)};
    output said;
    out.client.connected();
    tell(out.client, welcome(), said);
    for (const crypto::hash32& hash : std::vector(said.wanted))
      out.client.fetched(hash, in.signed_by.object(hash), in.now, said);
    said = {};
    out.client.enter(in.now, said);
    reader message(said.messages.back());
    message.view(1 + 16);
    out.id = message.take<16>();
    out.nonce = message.take<32>();
    tell(out.client, wire::place{out.id, 0}, said);
    return out;
  }
  template <class Core, class Message>
  void tell(Core& client, const Message& message, output& out) {
    client.received(said_by_server(message), in.now, out);
  }
  crypto::pending_offer offer_for(const waiting& whom, const crypto::identity& from) {
    return crypto::pending_offer::make(from, crypto::make_day_key(from, in.now, in.random),
                                       in.signed_by.trust().roster_hash, whom.id, whom.nonce, in.random);
  }
};

TEST_F(hostile_server, is_not_listened_to_before_it_has_shown_whom_it_serves) {
  const kept_state kept{kept_kind::place, conversation_id{1}, in.random.make_secret<32>(), {}, {}};
  survivor phone({in.signed_by.fingerprint(), "talk", crypto::role::counselor, {}}, in.random, encode_kept(kept));
  counselor console({in.signed_by.fingerprint(), std::string(origin)}, in.staff[0], in.random);
  phone.connected();
  console.connected();
  output out;
  tell(phone, as_offer(kept.conversation, 1, {}), out);
  tell(phone, wire::resumed{kept.conversation, wire::stage::talking, 0}, out);
  tell(console, wire::assigned{kept.conversation, {}, wire::calling::survivor_back, 0}, out);
  console.accept(kept.conversation, in.now, out);
  EXPECT_TRUE(out.empty());
}

TEST_F(hostile_server, is_refused_with_files_of_another_centre) {
  survivor phone({crypto::sha256(as_bytes("another root")), "talk", crypto::role::counselor, {}}, in.random);
  output out;
  phone.connected();
  tell(phone, welcome(), out);
  for (const crypto::hash32& hash : std::vector(out.wanted))
    phone.fetched(hash, in.signed_by.object(hash), in.now, out);
  phone.enter(in.now, out);
  EXPECT_THAT(of_type<distrusted>(out.events), SizeIs(1));
  EXPECT_THAT(out.messages, IsEmpty());
}

TEST_F(hostile_server, is_refused_with_a_file_that_does_not_have_its_name) {
  survivor phone({in.signed_by.fingerprint(), "talk", crypto::role::counselor, {}}, in.random);
  output out;
  phone.connected();
  tell(phone, welcome(), out);
  phone.fetched(out.wanted[0], in.signed_by.object(out.wanted[1]), in.now, out);
  EXPECT_THAT(of_type<distrusted>(out.events), SizeIs(1));
  EXPECT_THAT(out.messages, IsEmpty());
}

TEST_F(hostile_server, gets_nothing_once_it_is_distrusted_in_the_middle_of_a_talk) {
  begin();
  yuki->cut();
  yuki_says("typed offline");
  output out;
  yuki->core.connected();
  wire::welcome other = welcome();
  other.roster = crypto::sha256(as_bytes("another roster"));
  tell(yuki->core, other, out);
  yuki->core.fetched(other.roster, as_bytes("another roster"), in.now, out);
  EXPECT_THAT(of_type<distrusted>(out.events), SizeIs(1));
  EXPECT_THAT(of_type<ended>(out.events), SizeIs(1));
  ASSERT_THAT(of_type<keep>(out.events), SizeIs(1));
  EXPECT_THAT(of_type<keep>(out.events)[0].kept, IsEmpty());
  tell(yuki->core, wire::resumed{talk, wire::stage::talking, 3}, out);
  EXPECT_THAT(out.messages, IsEmpty());
}

TEST_F(hostile_server, gets_nothing_more_at_the_door_once_it_is_distrusted) {
  output out;
  wire::renewed other{welcome().centre, welcome().issuer, crypto::sha256(as_bytes("another roster"))};
  tell(yuki->core, other, out);
  yuki->core.fetched(other.roster, as_bytes("no roster"), in.now, out);
  ASSERT_THAT(of_type<distrusted>(out.events), SizeIs(1));
  out = {};
  yuki->core.ask_letters(out);
  yuki->core.fetch_replies({in.random.make_secret<128>(), false}, out);
  yuki->core.enter(in.now, out);
  yuki->core.tick(in.now + 1000, out);
  EXPECT_THAT(out.messages, IsEmpty());
}

TEST_F(hostile_server, gets_no_answer_to_an_offer_after_the_person_has_left) {
  waiting phone = wait_in_line();
  const auto offer = offer_for(phone, in.staff[0]);
  output out;
  phone.client.end(in.now, out);
  tell(phone.client, as_offer(phone.id, 1, offer.offer()), out);
  for (const bytes& message : out.messages) EXPECT_NE(message[0], wire::hello::code);
}

TEST_F(hostile_server, is_answered_once_however_often_it_repeats_an_offer_that_cannot_be_taken) {
  waiting phone = wait_in_line();
  const auto offer =
      crypto::pending_offer::make(in.staff[0], crypto::make_day_key(in.staff[0], in.now, in.random),
                                  crypto::sha256(as_bytes("another roster")), phone.id, phone.nonce, in.random);
  output out;
  for (int i = 0; i < 3; ++i) tell(phone.client, as_offer(phone.id, 1, offer.offer()), out);
  EXPECT_EQ(std::ranges::count_if(out.messages, [](const bytes& each) { return each[0] == wire::resume::code; }), 1);
}

TEST_F(hostile_server, cannot_end_a_talk_by_repeating_one_message_of_junk) {
  begin();
  wire::talk junk;
  junk.conversation = talk;
  junk.number = 1000;
  in.random.fill(junk.body);
  for (unsigned i = 0; i < 2 * crypto::session_failures_max; ++i) {
    output out;
    tell(yuki->core, junk, out);
    tell(hotaru->core, junk, out);
    EXPECT_THAT(of_type<ended>(out.events), IsEmpty());
  }
}

TEST_F(hostile_server, cannot_put_a_person_of_another_desk_or_role_behind_the_desk) {
  for (const auto& [role, desk] :
       {std::pair{crypto::role::supervisor, in.signed_by.desk}, {crypto::role::drill, in.signed_by.drill_desk}}) {
    world other(7);
    const crypto::identity wrong = in.signed_by.enrol(role, desk, "wrong");
    in.signed_by.publish();
    waiting phone = wait_in_line();
    output out;
    tell(phone.client, as_offer(phone.id, 1, offer_for(phone, wrong).offer()), out);
    EXPECT_THAT(of_type<distrusted>(out.events), SizeIs(1));
    EXPECT_THAT(of_type<ended>(out.events), SizeIs(1));
    for (const bytes& message : out.messages) EXPECT_NE(message[0], wire::hello::code);
  }
}

TEST_F(hostile_server, cannot_bring_another_counselor_into_a_talk_that_comes_back) {
  begin();
  const crypto::secret_bytes kept = yuki->kept.begin()->second;
  const kept_state state = *decode_kept(kept);
  const bool first = state.counselor == crypto::sha256(in.staff[0].certificate);
  survivor phone({in.signed_by.fingerprint(), "talk", crypto::role::counselor, {}}, in.random, kept);
  output out;
  phone.connected();
  tell(phone, welcome(), out);
  for (const crypto::hash32& hash : std::vector(out.wanted))
    phone.fetched(hash, in.signed_by.object(hash), in.now, out);
  wire::nonce nonce{};
  std::copy_n(out.messages.back().end() - 32, 32, nonce.begin());
  tell(phone, wire::resumed{talk, wire::stage::talking, 5}, out);
  const auto offer = crypto::pending_offer::make(in.staff[first ? 1 : 0],
                                                 crypto::make_day_key(in.staff[first ? 1 : 0], in.now, in.random),
                                                 in.signed_by.trust().roster_hash, talk, nonce, in.random);
  out = {};
  tell(phone, as_offer(talk, 100, offer.offer()), out);
  for (const bytes& message : out.messages) EXPECT_NE(message[0], wire::hello::code);
  EXPECT_THAT(of_type<joined>(out.events), IsEmpty());
}

TEST_F(hostile_server, cannot_restart_a_session_with_an_offer_that_was_answered) {
  waiting phone = wait_in_line();
  auto offer = offer_for(phone, in.staff[0]);
  output out;
  tell(phone.client, as_offer(phone.id, 1, offer.offer()), out);
  const auto hellos = [&] {
    return std::ranges::count_if(out.messages, [](const bytes& each) { return each[0] == wire::hello::code; });
  };
  EXPECT_EQ(hellos(), 1);
  tell(phone.client, as_offer(phone.id, 2, offer.offer()), out);
  EXPECT_EQ(hellos(), 1);
}

TEST_F(hostile_server, does_not_make_the_survivor_believe_in_a_counselor_who_has_not_spoken) {
  waiting phone = wait_in_line();
  output out;
  tell(phone.client, as_offer(phone.id, 1, offer_for(phone, in.staff[0]).offer()), out);
  EXPECT_THAT(of_type<joined>(out.events), IsEmpty()) << "nothing of the counselor's has opened yet";
}

TEST_F(hostile_server, shows_a_text_once_however_often_it_is_sent) {
  begin();
  hotaru->shows_texts = false;
  yuki_says("一度だけ");
  in.settle();
  reload_yuki();  // nothing to send again: the memory is gone
  reload_hotaru();
  hotaru->shows_texts = true;
  yuki_says("二つ目");
  in.settle();
  hotaru->cut();
  yuki->cut();
  yuki->connect();
  hotaru->connect();
  in.settle();
  EXPECT_THAT(hotaru->texts(), testing::Contains("二つ目").Times(1));
}

TEST_F(hostile_server, is_found_out_when_it_forgets_what_it_had_acknowledged) {
  begin();
  const support::memory_store older = in.store;
  turns(2);
  yuki_says("three");
  in.settle();
  in.store = older;
  in.restart_server();
  for (auto& each : counselors) each->connect();
  yuki->connect();
  in.settle();
  ASSERT_FALSE(yuki->seen<ended>().empty());
  EXPECT_EQ(yuki->seen<ended>()[0].why, ending::lost);
  EXPECT_THAT(yuki->seen<server_failed>(), IsEmpty());
}

TEST_F(hostile_server, ends_a_talk_by_junk_but_shows_none_of_it) {
  begin();
  yuki->act([&](survivor& s, seconds now, output& out) {
    for (wire::frame_number number = 1000; number < 1000 + crypto::session_failures_max; ++number) {
      wire::talk junk;
      junk.conversation = talk;
      junk.number = number;
      in.random.fill(junk.body);
      s.received(said_by_server(junk), now, out);
    }
  });
  ASSERT_THAT(yuki->seen<ended>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<ended>()[0].why, ending::broken);
  EXPECT_THAT(yuki->texts(), ElementsAre("はい、どうぞ"));
  EXPECT_THAT(yuki->kept, IsEmpty());
}

TEST_F(hostile_server, cannot_cut_a_piece_out_of_a_long_text_unseen) {
  begin();
  const std::string before = hotaru->texts().back();
  std::size_t frames = 0;  // the second of those that follow
  in.drops = [&](const bytes& message) { return message[0] == wire::talk::code && frames++ == 1; };
  yuki_says(std::string(5000, 'a'));
  in.settle();
  yuki_says("after");
  in.settle();
  yuki_says("and again");
  in.settle();
  for (const std::string& text : hotaru->texts())
    EXPECT_TRUE(text == before || text == "and again" || text == "after") << text.substr(0, 40);
  EXPECT_THAT(hotaru->texts(), testing::Contains("and again"));
}

TEST_F(hostile_server, gets_nothing_sealed_for_a_session_that_is_to_be_replaced) {
  begin();
  output out;
  tell(yuki->core, wire::nonce_wanted{talk}, out);
  out = {};
  EXPECT_EQ(yuki->core.say("for the next session", language::en, in.now, out), said::yes);
  EXPECT_THAT(out.messages, IsEmpty());
}

TEST_F(hostile_server, does_not_keep_a_talk_alive_beyond_the_life_of_its_session) {
  begin();
  in.now += crypto::session_life + crypto::session_grace + 60;
  yuki->act([](survivor& s, seconds now, output& out) { s.tick(now, out); });
  ASSERT_THAT(yuki->seen<ended>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<ended>()[0].why, ending::lost);
}

TEST_F(hostile_server, has_nothing_confirmed_that_was_not_received) {
  begin();
  output out;
  yuki->core.shown(in.random.make_block<16>(), in.now, out);
  hotaru->core.shown(talk, in.random.make_block<16>(), in.now, out);
  EXPECT_THAT(out.messages, IsEmpty());
}

TEST_F(hostile_server, is_answered_with_nothing_to_junk_of_every_length) {
  for (std::size_t size = 0; size < 64; ++size) {
    bytes junk(size);
    in.random.fill(junk);
    output out;
    if (size > 0) junk[0] = 0xee;
    yuki->core.received(junk, in.now, out);
    EXPECT_TRUE(out.empty());
  }
}

}  // namespace
}  // namespace tomoshibi::core
