// A peer with a session that is in order, and a client of its own making: what it may seal, it seals, whatever the
// layout. The other side's core shows nothing but what its person agreed to.
#include <gmock/gmock.h>

#include "client-web/core/conversation.hpp"
#include "tests/core/world.hpp"
#include "tests/hostile/forger.hpp"

namespace tomoshibi::core {
namespace {

using crypto::body_type;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr int bodies = 400;
constexpr seconds brief_life = 100;  // of a certificate, from the beginning

class hostile_peer : public testing::TestWithParam<int> {
 protected:
  hostile_peer() : in(static_cast<std::uint64_t>(GetParam()) + 500), random(static_cast<std::uint64_t>(GetParam())) {
    administrator = in.signed_by.enrol(crypto::role::administrator, in.signed_by.desk, "administrator");
    drill = in.signed_by.enrol(crypto::role::drill, in.signed_by.drill_desk, "drill");
    signed_centre unlisted = in.signed_by;
    strangers = {administrator, drill, unlisted.enrol(crypto::role::counselor, in.signed_by.desk, "unlisted")};
    brief = in.signed_by.enrol(crypto::role::counselor, in.signed_by.desk, "brief", in.now + brief_life);
    in.signed_by.publish_next();
    trust = in.signed_by.trust();
    conversation = random.make_block<16>();
  }

  template <class Core, class Message>
  void tell(Core& core, const Message& message) {
    output out;
    core.received(wire::encode(wire::server_message(message)), in.now, out);
    take(out);
  }
  void take(output& out) {
    std::ranges::move(out.events, std::back_inserter(told));
    for (bytes& each : out.messages) sent.push_back(*wire::decode_client(each));
    out = {};
  }
  template <class Core>
  void make_it_believe(Core& core) {
    core.connected();
    output out;
    core.received(wire::encode(wire::server_message(
                      wire::welcome{in.now, trust->centre_hash, trust->issuer_hash, trust->roster_hash, {}})),
                  in.now, out);
    for (const crypto::hash32& each : std::vector(out.wanted))
      core.fetched(each, in.signed_by.object(each), in.now, out);
    take(out);
  }
  template <class Message>
  Message last_sent() {
    Message out{};
    for (const wire::client_message& each : sent)
      if (const auto* it = std::get_if<Message>(&each)) out = *it;
    return out;
  }
  template <class Event>
  std::vector<Event> seen() {
    return of_type<Event>(told);
  }
  std::size_t below(std::size_t end) {
    return static_cast<std::size_t>(reader(random.make_block<8>()).number<std::uint64_t>() % end);
  }

  template <class Core>
  void say(Core& core, body_type type, bytes_view data, bool more = false) {
    const auto sealed = peer->seal(type, data, more, in.now, random);
    if (!sealed) return;
    wire::talk message;
    message.conversation = conversation;
    message.number = ++number;
    message.body = *sealed;
    tell(core, message);
  }
  // Of a layout that is near to right, or of none.
  bytes make_data() {
    writer out;
    switch (below(6)) {
      case 0:
        return {};
      case 1:
        out.put(random.make_block<32>());
        break;
      case 2:
        out.put(random.make_block<32>())
            .put(random.make_block<32>())
            .put(strangers[below(strangers.size())].certificate);
        break;
      case 3:
        out.put(in.staff[below(2)].certificate).put(random.make_block<32>());
        break;
      case 4:
        out.number(std::uint64_t{1})
            .put(random.make_block<32>())
            .put(crypto::hash32{})
            .put(random.make_block<16>())
            .number(byte{1})
            .put("in no order");
        break;
      default: {
        bytes junk(below(crypto::body_data_bytes_max + 1));
        random.fill(junk);
        return junk;
      }
    }
    return out.finish();
  }
  template <class Core>
  void say_anything(Core& core) {
    constexpr body_type types[] = {body_type::cover,           body_type::text,           body_type::close,
                                   body_type::delivered,       body_type::history_wanted, body_type::history,
                                   body_type::sequenced,       body_type::company,        body_type::handover_offer,
                                   body_type::handover_accept, body_type::sheet,          body_type::invitation,
                                   body_type::withdrawal,      body_type::urgent,         body_type::safe_word};
    // A close would end it at once.
    body_type type = types[below(std::size(types))];
    if (type == body_type::close && below(40) != 0) type = body_type::text;
    say(core, type, make_data(), below(4) == 0);
  }

  world in;
  support::seeded_random random;
  crypto::identity administrator, drill, brief;
  std::vector<crypto::identity> strangers;
  std::optional<crypto::trust> trust;
  conversation_id conversation{};
  std::optional<crypto::session> peer;
  wire::frame_number number = 1;
  std::vector<event> told;
  std::vector<wire::client_message> sent;
};

// --- a counselor ---

class hostile_counselor : public hostile_peer {
 protected:
  hostile_counselor() : phone({in.signed_by.fingerprint(), "talk", crypto::role::counselor, {}}, in.random) {
    make_it_believe(phone);
    output out;
    phone.enter(in.now, out);
    take(out);
    const auto entered = last_sent<wire::enter>();
    conversation = entered.conversation;
    tell(phone, wire::place{conversation, 0});
    auto begun = offer(entered, in.staff[0])
                     .answer(
                         last_sent<wire::hello>().body, [](const auto&) { return std::nullopt; }, in.now);
    peer.emplace(std::move(begun->talk));
    EXPECT_TRUE(peer->open(last_sent<wire::talk>().body, in.now));
    say(phone, body_type::cover, bytes{0});
    EXPECT_THAT(seen<joined>(), SizeIs(1));
  }
  // `entered`: how the client came into the conversation that the offer is for.
  template <class Entered>
  crypto::pending_offer offer(const Entered& entered, const crypto::identity& by) {
    auto made = crypto::pending_offer::make(by, crypto::make_day_key(by, in.now, random), trust->roster_hash,
                                            entered.conversation, entered.challenge, random);
    wire::offer message;
    message.conversation = entered.conversation;
    message.number = 1;
    message.body = made.offer();
    tell(phone, message);
    return made;
  }
  // She says yes, and her client goes where the guest is to come.
  wire::enter_invited accept(body_type asked, const crypto::identity& whom) {
    say(phone, asked, invitation_of(whom));
    say(phone, body_type::sheet, bytes{1, 'a'});
    output out;
    phone.answer_invitation(seen<invitation_received>().back().number, true, in.now, out);
    take(out);
    const auto entered = last_sent<wire::enter_invited>();
    tell(phone, wire::resumed{entered.conversation, wire::stage::talking, 0});
    return entered;
  }
  bytes invitation_of(const crypto::identity& whom) {
    return writer().put(random.make_block<32>()).put(random.make_block<32>()).put(whom.certificate).finish();
  }
  // Whether the other counselor may join.
  crypto::hash32 ask() {
    const bytes asked = invitation_of(in.staff[1]);
    say(phone, body_type::invitation, asked);
    say(phone, body_type::sheet, bytes{1, 'a'});
    return crypto::make_question(asked);
  }
  void expect_alone() {
    EXPECT_THAT(seen<handed_over>(), IsEmpty());
    EXPECT_THAT(seen<company_changed>(), IsEmpty());
    for (const wire::client_message& each : sent) EXPECT_FALSE(std::holds_alternative<wire::enter_invited>(each));
  }

  survivor phone;
};

TEST_P(hostile_counselor, brings_nobody_in_whatever_it_says) {
  for (int i = 0; i < bodies && !peer->broken(); ++i) say_anything(phone);
  expect_alone();
  for (const invitation_received& each : seen<invitation_received>()) EXPECT_EQ(each.alias, "hotaru 1");
  EXPECT_THAT(seen<text_recalled>(), IsEmpty()) << "nothing was asked for";
}

TEST_P(hostile_counselor, cannot_have_the_survivor_asked_about_anybody_who_may_not_come) {
  for (const crypto::identity& each : strangers) {
    say(phone, body_type::handover_offer, invitation_of(each));
    say(phone, body_type::sheet, bytes{1, 'a'});
    say(phone, body_type::invitation, invitation_of(each));
    say(phone, body_type::sheet, bytes{1, 'a'});
  }
  say(phone, body_type::invitation, invitation_of(in.staff[0]));
  say(phone, body_type::sheet, bytes{1, 'a'});
  EXPECT_THAT(seen<invitation_received>(), IsEmpty());
  expect_alone();
}

TEST_P(hostile_counselor, cannot_swap_the_sheet_or_the_guest_after_it_was_shown) {
  say(phone, body_type::handover_offer, invitation_of(in.staff[1]));
  say(phone, body_type::sheet, bytes{1, 'a'});
  say(phone, body_type::sheet, bytes{1, 'b'});
  ASSERT_THAT(seen<invitation_received>(), SizeIs(1));
  say(phone, body_type::invitation, invitation_of(in.staff[1]));  // another question, and no sheet to it yet
  const std::uint32_t first = seen<invitation_received>().front().number;
  output out;
  phone.answer_invitation(first, true, in.now, out);
  EXPECT_THAT(out.messages, IsEmpty()) << "yes to what was not shown";
  take(out);
  say(phone, body_type::sheet, bytes{1, 'c'});
  ASSERT_THAT(seen<invitation_received>(), SizeIs(2));
  output late;
  phone.answer_invitation(first, true, in.now, late);
  EXPECT_THAT(late.messages, IsEmpty()) << "yes to the sheet that was on the screen before";
  take(late);
  expect_alone();
}

TEST_P(hostile_counselor, takes_back_the_question_that_it_names_and_no_other) {
  const crypto::hash32 first = ask();
  const crypto::hash32 second = ask();
  ASSERT_THAT(seen<invitation_withdrawn>(), SizeIs(1)) << "another one is in its place";
  say(phone, body_type::withdrawal, first);
  say(phone, body_type::withdrawal, random.make_block<32>());
  say(phone, body_type::withdrawal, {});
  EXPECT_THAT(seen<invitation_withdrawn>(), SizeIs(1));
  say(phone, body_type::withdrawal, second);
  ASSERT_THAT(seen<invitation_withdrawn>(), SizeIs(2));
  EXPECT_EQ(seen<invitation_withdrawn>().back().number, seen<invitation_received>().back().number);
}

TEST_P(hostile_counselor, takes_back_what_was_accepted_as_long_as_nobody_has_come) {
  const crypto::hash32 question = ask();
  output out;
  phone.answer_invitation(seen<invitation_received>().back().number, true, in.now, out);
  take(out);
  say(phone, body_type::withdrawal, random.make_block<32>());
  EXPECT_THAT(seen<invitation_failed>(), IsEmpty());
  say(phone, body_type::withdrawal, question);
  EXPECT_THAT(seen<invitation_failed>(), SizeIs(1));
  EXPECT_EQ(last_sent<wire::leave>().conversation, last_sent<wire::enter_invited>().conversation);
}

TEST_P(hostile_counselor, cannot_come_in_the_guests_place) {
  const auto entered = accept(body_type::handover_offer, in.staff[1]);
  offer(entered, in.staff[0]);
  EXPECT_NE(last_sent<wire::hello>().conversation, entered.conversation);
}

// Nobody is in a conversation with the guest yet, so there is none to be finished.
TEST_P(hostile_counselor, cannot_bring_in_a_guest_after_the_end_of_their_certificate) {
  const seconds begin = in.now;
  for (const seconds after : {brief_life + 1, brief_life}) {
    in.now = begin;
    const auto entered = accept(body_type::invitation, brief);
    in.now = begin + after;
    offer(entered, brief);
    const bool taken = last_sent<wire::hello>().conversation == entered.conversation;
    EXPECT_EQ(taken, after == brief_life);
    EXPECT_THAT(seen<invitation_failed>(), SizeIs(1)) << "at once, where it is refused";
  }
}

TEST_P(hostile_counselor, cannot_have_an_empty_or_too_long_sheet_shown) {
  say(phone, body_type::invitation, invitation_of(in.staff[1]));
  say(phone, body_type::sheet, {});
  const bytes piece(crypto::body_data_bytes_max, 'a');
  for (std::size_t sent_bytes = 0; sent_bytes < crypto::sheet_bytes_max; sent_bytes += piece.size())
    say(phone, body_type::sheet, piece, true);
  say(phone, body_type::sheet, piece);
  EXPECT_THAT(seen<invitation_received>(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(from_seed, hostile_counselor, testing::Range(0, 3));

// --- a survivor ---

class hostile_survivor : public hostile_peer {
 protected:
  hostile_survivor() : console({in.signed_by.fingerprint(), std::string(origin)}, in.staff[0], in.random) {
    make_it_believe(console);
    tell(console, wire::logged_in{in.signed_by.desk, 3, 0});
    const auto nonce = random.make_block<32>();
    tell(console, wire::assigned{conversation, nonce, wire::calling::first, 0});
    output out;
    console.accept(conversation, in.now, out);
    take(out);
    auto begun = crypto::answer_offer(last_sent<wire::offer>().body, *trust, crypto::role::counselor,
                                      in.signed_by.desk, nullptr, conversation, nonce, nullptr, in.now, random);
    wire::hello message;
    message.conversation = conversation;
    message.number = number;
    message.body = begun->hello;
    tell(console, message);
    peer.emplace(std::move(begun->talk));
    say(console, body_type::cover, bytes{0});
    EXPECT_THAT(seen<joined>(), SizeIs(1));
    EXPECT_TRUE(peer->open(last_sent<wire::talk>().body, in.now));
  }
  void ask_colleague() {
    output out;
    console.ask_team(out);
    wire::colleague colleague;
    std::ranges::copy(in.staff[1].certificate, colleague.certificate.begin());
    tell(console, colleague);
    console.invite(
        {conversation, crypto::sha256(in.staff[1].certificate), invitation_kind::join, language::en, {'a'}}, in.now,
        out);
    take(out);
    const auto asked = last_sent<wire::invite>();
    const auto by = trust->check(in.staff[0].certificate, in.now);
    const auto consent = crypto::pending_consent::make(in.staff[1], crypto::make_day_key(in.staff[1], in.now, random),
                                                       invitation_kind::join, *by,
                                                       crypto::sha256(in.staff[0].certificate), asked.th, random);
    tell(console, wire::consent{conversation, consent.consent()});
    EXPECT_EQ(seen<invitation_moved>().back().now, invitation_stage::offered);
  }
  // What the console sealed since, opened.
  std::vector<crypto::session::opened> opened_since(std::size_t before) {
    std::vector<crypto::session::opened> out;
    for (std::size_t i = before; i < sent.size(); ++i)
      if (const auto* it = std::get_if<wire::talk>(&sent[i]))
        if (auto body = peer->open(it->body, in.now)) out.push_back(std::move(*body));
    return out;
  }
  void expect_nobody_introduced() {
    for (const wire::client_message& each : sent) EXPECT_FALSE(std::holds_alternative<wire::introduce>(each));
    EXPECT_THAT(seen<company_changed>(), IsEmpty());
  }

  counselor console;
};

TEST_P(hostile_survivor, has_nobody_introduced_whatever_it_says) {
  ask_colleague();
  for (int i = 0; i < bodies && !peer->broken(); ++i) say_anything(console);
  expect_nobody_introduced();
  EXPECT_THAT(seen<text_recalled>(), IsEmpty());
}

TEST_P(hostile_survivor, cannot_accept_another_sheet_than_the_counselor_wrote) {
  const std::size_t before = sent.size();
  ask_colleague();
  const crypto::hash32 question = crypto::make_question(opened_since(before)[0].data);
  say(console, body_type::handover_accept, crypto::encode_answer({question, random.make_block<32>()}));
  EXPECT_EQ(seen<invitation_moved>().back().now, invitation_stage::fault);
  expect_nobody_introduced();
}

TEST_P(hostile_survivor, is_introduced_once_however_often_it_says_yes) {
  const std::size_t before = sent.size();
  ask_colleague();
  const auto bodies_of_it = opened_since(before);
  ASSERT_THAT(bodies_of_it, SizeIs(2));
  auto agreed = *crypto::decode_invitation(bodies_of_it[0].type, bodies_of_it[0].data,
                                           crypto::sha256(in.staff[0].certificate), peer->id());
  agreed.sheet = bodies_of_it[1].data;
  const crypto::answer yes{crypto::make_question(bodies_of_it[0].data), crypto::make_accept(agreed)};
  for (int i = 0; i < 2; ++i) say(console, body_type::handover_accept, crypto::encode_answer(yes));
  EXPECT_EQ(seen<invitation_moved>().back().now, invitation_stage::accepted);
  EXPECT_EQ(
      std::ranges::count_if(sent, [](const auto& each) { return std::holds_alternative<wire::introduce>(each); }), 3);
}

TEST_P(hostile_survivor, answers_the_question_that_it_names_and_no_other) {
  const std::size_t before = sent.size();
  ask_colleague();
  const crypto::hash32 question = crypto::make_question(opened_since(before)[0].data);
  for (const std::optional<crypto::hash32>& accept : {std::optional<crypto::hash32>{}, {random.make_block<32>()}})
    say(console, body_type::handover_accept, crypto::encode_answer({random.make_block<32>(), accept}));
  say(console, body_type::handover_accept, {});
  EXPECT_EQ(seen<invitation_moved>().back().now, invitation_stage::offered);
  say(console, body_type::handover_accept, crypto::encode_answer({question, {}}));
  EXPECT_EQ(seen<invitation_moved>().back().now, invitation_stage::refused);
}

TEST_P(hostile_survivor, cannot_answer_before_it_is_asked) {
  output out;
  console.ask_team(out);
  wire::colleague colleague;
  std::ranges::copy(in.staff[1].certificate, colleague.certificate.begin());
  tell(console, colleague);
  console.invite({conversation, crypto::sha256(in.staff[1].certificate), invitation_kind::join, language::en, {'a'}},
                 in.now, out);
  take(out);
  say(console, body_type::handover_accept, {});
  say(console, body_type::handover_accept, crypto::hash32{});
  say(console, body_type::handover_accept, bytes(64));
  EXPECT_EQ(seen<invitation_moved>().back().now, invitation_stage::asked);
}

TEST_P(hostile_survivor, is_asked_once_however_often_the_server_says_that_the_colleague_agrees) {
  const std::size_t before = sent.size();
  ask_colleague();
  const auto asked = last_sent<wire::invite>();
  const auto by = trust->check(in.staff[0].certificate, in.now);
  for (int i = 0; i < 2; ++i)
    tell(console, wire::consent{conversation, crypto::pending_consent::make(
                                                  in.staff[1], crypto::make_day_key(in.staff[1], in.now, random),
                                                  invitation_kind::join, *by, crypto::sha256(in.staff[0].certificate),
                                                  asked.th, random)
                                                  .consent()});
  EXPECT_THAT(opened_since(before), SizeIs(2)) << "one question, one sheet";
}

TEST_P(hostile_survivor, cannot_announce_company_that_nobody_invited) {
  const auto announce = [&](const crypto::identity& who) {
    say(console, body_type::company,
        crypto::encode_company({who.certificate, crypto::begin_transcript(random.make_block<32>(), peer->id())}));
  };
  announce(in.staff[1]);
  ask_colleague();
  announce(in.staff[1]);  // asked, and not accepted
  for (const crypto::identity& each : strangers) announce(each);
  EXPECT_THAT(seen<transcript_broken>(), SizeIs(2 + strangers.size()));
  expect_nobody_introduced();
}

TEST_P(hostile_survivor, is_heard_under_an_alarm_when_it_puts_texts_in_order_without_company) {
  crypto::transcript order(random.make_block<32>());
  const auto text = [&](std::string_view words) {
    return writer().put(random.make_block<16>()).number(byte{1}).put(words).finish();
  };
  const crypto::hash32 stranger = random.make_block<32>();
  say(console, body_type::sequenced, crypto::encode_sequenced(order.append(crypto::survivor_sender, text("one"))));
  ASSERT_THAT(told, Not(IsEmpty()));
  EXPECT_THAT(seen<transcript_broken>(), SizeIs(1));
  say(console, body_type::sequenced, crypto::encode_sequenced(order.append(stranger, text("two"))));
  EXPECT_THAT(seen<transcript_broken>(), SizeIs(1)) << "said once, and shown until the end";
  ASSERT_THAT(seen<text_received>(), SizeIs(2));
  EXPECT_EQ(as_text(seen<text_received>()[1].text), "two");
  EXPECT_EQ(seen<text_received>()[1].by, "");
  EXPECT_TRUE(std::holds_alternative<text_received>(told.back())) << "the alarm is first";
}

INSTANTIATE_TEST_SUITE_P(from_seed, hostile_survivor, testing::Range(0, 3));

// --- a survivor, and a server, to a counselor who is invited ---

class hostile_guest : public hostile_peer {
 protected:
  hostile_guest() : console({in.signed_by.fingerprint(), std::string(origin)}, in.staff[0], in.random) {
    make_it_believe(console);
    tell(console, wire::logged_in{in.signed_by.desk, 3, 0});
  }
  const crypto::identity& inviting() { return *inviter; }
  void invite(const bytes& certificate) {
    wire::invited message;
    message.conversation = first_talk;
    message.kind = wire::invitation_kind::join;
    message.th = th;
    std::ranges::copy(certificate, message.certificate.begin());
    tell(console, message);
  }
  void console_agrees() {
    output out;
    console.answer_colleague(first_talk, true, in.now, out);
    take(out);
  }
  crypto::introduction make_introduction() {
    const crypto::hash32 by = crypto::sha256(inviting().certificate), to = crypto::sha256(in.staff[0].certificate);
    const auto consented =
        crypto::open_consent(last_sent<wire::consent>().body, *trust, crypto::role::counselor, by, to, th, in.now);
    const auto agreed =
        crypto::make_invitation(invitation_kind::join, by, th, in.staff[0].certificate, bytes{1, 'a'}, random);
    with = crypto::make_invitation_psk(agreed->invite, crypto::make_accept(*agreed));
    return *crypto::introduce(*agreed, *consented, inviting().agree, random);
  }
  void introduce() {
    invite(inviting().certificate);
    console_agrees();
    introduce(make_introduction());
  }
  void introduce(const crypto::introduction& pieces) {
    wire::frame_number piece = 0;
    for (const crypto::frame& each : pieces) tell(console, wire::introduce{first_talk, ++piece, each});
  }
  // As the survivor who was introduced comes, into a conversation of its own.
  void come() { come(&with); }
  void come(const crypto::psk* shown) {
    conversation = random.make_block<16>();
    number = 1;
    const auto nonce = random.make_block<32>();
    tell(console, wire::assigned{conversation, nonce, wire::calling::invited, 0});
    const crypto::expected_counselor expected{crypto::sha256(in.staff[0].certificate)};
    auto begun = crypto::answer_offer(last_sent<wire::offer>().body, *trust, crypto::role::counselor,
                                      in.signed_by.desk, &expected, conversation, nonce, shown, in.now, random);
    ASSERT_TRUE(begun);
    wire::hello message;
    message.conversation = conversation;
    message.number = number;
    message.body = begun->hello;
    tell(console, message);
    peer.emplace(std::move(begun->talk));
    say(console, body_type::cover, bytes{0});
  }

  counselor console;
  const crypto::identity* inviter = &in.staff[1];
  conversation_id first_talk = random.make_block<16>();
  crypto::hash32 th = random.make_block<32>();
  crypto::psk with;
};

TEST_P(hostile_guest, whom_nobody_has_accepted_rings_whatever_the_server_says_that_it_is) {
  const auto offers = [&] {
    return std::ranges::count_if(sent, [](const auto& each) { return std::holds_alternative<wire::offer>(each); });
  };
  std::size_t rung = 0;
  for (const auto why : {wire::calling::first, wire::calling::survivor_back, wire::calling::asked}) {
    conversation = random.make_block<16>();
    const auto before = offers();
    tell(console, wire::assigned{conversation, random.make_block<32>(), why, 0});
    tell(console, wire::assigned{conversation, random.make_block<32>(), wire::calling::asked, 0});
    EXPECT_THAT(seen<called>(), SizeIs(rung += 2));
    EXPECT_EQ(offers(), before);
    output out;
    console.accept(conversation, in.now, out);
    take(out);
    EXPECT_EQ(offers(), before + 1);
    tell(console, wire::assigned{conversation, random.make_block<32>(), wire::calling::survivor_back, 0});
    EXPECT_EQ(offers(), before + 2) << "who accepted once need not again";
    EXPECT_THAT(seen<called>(), SizeIs(rung));
  }
}

TEST_P(hostile_guest, is_told_as_introduced_only_once) {
  introduce();
  come();
  EXPECT_THAT(seen<introduced>(), SizeIs(1));
  EXPECT_THAT(seen<joined>(), SizeIs(1));
  come();
  EXPECT_THAT(seen<introduced>(), SizeIs(1));
  EXPECT_THAT(seen<joined>(), SizeIs(1)) << "the invitation is used up";
}

TEST_P(hostile_guest, is_nobody_after_the_time_to_come_also_at_a_console_that_slept) {
  introduce();
  in.now += crypto::invitation_life + 1;
  come();
  EXPECT_THAT(seen<introduced>(), IsEmpty());
  EXPECT_THAT(seen<joined>(), IsEmpty());
}

TEST_P(hostile_guest, is_introduced_by_pieces_in_their_order_whatever_comes_between) {
  invite(inviting().certificate);
  console_agrees();
  const auto pieces = make_introduction();
  tell(console, wire::introduce{first_talk, 2, pieces[1]});
  for (wire::frame_number i = 1; i <= pieces.size(); ++i) {
    tell(console, wire::introduce{first_talk, i, pieces[i - 1]});
    if (i < pieces.size()) tell(console, wire::introduce{first_talk, i, pieces[0]});
  }
  come();
  EXPECT_THAT(seen<introduced>(), SizeIs(1));
}

// The cover right behind the HELLO is the first of them.
TEST_P(hostile_guest, is_heard_with_64_frames_behind_a_hello_that_waits_and_not_with_a_65th) {
  invite(inviting().certificate);
  console_agrees();
  const auto pieces = make_introduction();
  come();
  const auto say_text = [&](std::size_t which) {
    const std::string words = std::to_string(which);
    say(console, body_type::text, writer().put(random.make_block<16>()).number(byte{1}).put(words).finish());
  };
  for (std::size_t which = 2; which <= frames_unstored_max + 1; ++which) say_text(which);
  EXPECT_THAT(seen<joined>(), IsEmpty());
  introduce(pieces);
  EXPECT_THAT(seen<joined>(), SizeIs(1));
  ASSERT_THAT(seen<text_received>(), SizeIs(frames_unstored_max - 1));
  EXPECT_EQ(as_text(seen<text_received>().back().text), "64");
  say_text(66);  // may be the end of what was dropped, for all that the console knows
  say_text(67);
  EXPECT_EQ(as_text(seen<text_received>().back().text), "67") << "it goes on as after a frame that was lost";
  EXPECT_THAT(seen<ended>(), IsEmpty());
}

TEST_P(hostile_guest, without_the_secret_is_left_whenever_it_comes) {
  const auto expect_left = [&] {
    come(nullptr);
    EXPECT_EQ(last_sent<wire::leave>().conversation, conversation);
    EXPECT_THAT(seen<joined>(), IsEmpty());
  };
  expect_left();
  invite(inviting().certificate);
  expect_left();
  console_agrees();
  expect_left();
  introduce(make_introduction());
  expect_left();
  come();
  EXPECT_THAT(seen<joined>(), SizeIs(1)) << "it has used nothing up";
}

TEST_P(hostile_guest, is_asked_for_by_nobody_who_may_not) {
  invite(strangers.back().certificate);
  EXPECT_EQ(last_sent<wire::decline>().conversation, first_talk);
  EXPECT_THAT(seen<invited>(), IsEmpty());
}

TEST_P(hostile_guest, is_agreed_to_once) {
  invite(inviting().certificate);
  console_agrees();
  console_agrees();
  EXPECT_EQ(std::ranges::count_if(sent, [](const auto& each) { return std::holds_alternative<wire::consent>(each); }),
            1);
}

TEST_P(hostile_guest, cannot_begin_company_anywhere_but_after_the_talk_it_was_introduced_from) {
  introduce();
  come();
  say(console, body_type::company,
      crypto::encode_company(
          {inviting().certificate, crypto::begin_transcript(random.make_block<32>(), peer->id())}));
  EXPECT_THAT(seen<transcript_broken>(), SizeIs(1));
  EXPECT_THAT(seen<company_changed>(), IsEmpty());
  say(console, body_type::company,
      crypto::encode_company({inviting().certificate, crypto::begin_transcript(th, peer->id())}));
  EXPECT_THAT(seen<company_changed>(), SizeIs(1));
}

TEST_P(hostile_guest, cannot_begin_company_with_somebody_whose_certificate_is_over) {
  inviter = &brief;
  for (const seconds after : {brief_life + 1, brief_life}) {
    const seconds begin = in.now;
    introduce();
    come();
    in.now = begin + after;
    say(console, body_type::company,
        crypto::encode_company({inviting().certificate, crypto::begin_transcript(th, peer->id())}));
    const bool believed = !seen<company_changed>().empty();
    EXPECT_EQ(believed, after == brief_life);
    EXPECT_THAT(seen<transcript_broken>(), SizeIs(1));
    in.now = begin;
    first_talk = random.make_block<16>();
  }
}

TEST_P(hostile_guest, is_found_out_when_it_tells_another_order_of_texts) {
  introduce();
  come();
  const crypto::hash32 begin = crypto::begin_transcript(th, peer->id());
  say(console, body_type::company, crypto::encode_company({inviting().certificate, begin}));
  crypto::transcript order(begin), other(random.make_block<32>());
  const auto text = [&](std::string_view words) {
    return writer().put(random.make_block<16>()).number(byte{1}).put(words).finish();
  };
  const crypto::hash32 by = crypto::sha256(inviting().certificate);
  say(console, body_type::sequenced, crypto::encode_sequenced(order.append(by, text("in order"))));
  EXPECT_THAT(seen<transcript_broken>(), IsEmpty());
  say(console, body_type::sequenced, crypto::encode_sequenced(other.append(by, text("out of order"))));
  say(console, body_type::sequenced, crypto::encode_sequenced(other.append(by, text("out of order"))));
  EXPECT_THAT(seen<transcript_broken>(), SizeIs(1)) << "said once, and shown until the end";
  EXPECT_EQ(seen<text_received>().front().by, "hotaru 1");
}

INSTANTIATE_TEST_SUITE_P(from_seed, hostile_guest, testing::Range(0, 1));

}  // namespace
}  // namespace tomoshibi::core
