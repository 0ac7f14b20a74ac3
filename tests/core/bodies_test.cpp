// What a peer that keeps to no layout may put into its frames: at each bound it is heard, one past it is not.
#include <gmock/gmock.h>

#include "client-web/core/conversation.hpp"
#include "crypto/handshake.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::core {
namespace {

using crypto::body_type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr seconds noon = 1'800'000'000;

template <class Event>
std::vector<Event> of_type(const std::vector<event>& all) {
  std::vector<Event> out;
  for (const event& each : all)
    if (const auto* wanted = std::get_if<Event>(&each)) out.push_back(*wanted);
  return out;
}

// A survivor's conversation, whose peer is a bare ratchet, which seals any body.
class bodies : public testing::Test {
 protected:
  bodies() {
    const crypto::root_keys keys{random.make_secret<32>(), random.make_secret<32>(), random.make_secret<32>()};
    const crypto::kem_key_pair one_time = crypto::make_kem_key(random);
    const auto th = random.make_block<32>();
    peer.emplace(crypto::ratchet::of_counselor(keys, one_time.secret_key, me.id(), th));
    crypto::ratchet ours = crypto::ratchet::of_survivor(keys, one_time.public_key, me.id(), th);
    me.attach(0, noon, random, out);
    me.begin_as_survivor(
        {crypto::handshake::begin(crypto::side::survivor, std::move(ours), th, {}, noon), {}, {}, {}}, false, noon,
        random, out);
    settle();
    arrive({body(body_type::cover, bytes{0})});
    events.clear();
  }

  static bytes body(body_type type, bytes_view data, bool more = false) {
    return writer()
        .number(static_cast<byte>(type))
        .number(static_cast<std::uint16_t>(data.size() | (more ? 0x8000u : 0u)))
        .put(data)
        .pad_to(crypto::body_bytes)
        .finish();
  }
  static bytes text(byte number, std::string_view words) {
    return writer().put(message_id{number}).number(byte{3}).put(as_bytes(words)).finish();
  }
  crypto::frame seal(const bytes& whole) { return *peer->seal(whole, random); }
  void arrive(const std::vector<bytes>& all) {
    for (const bytes& each : all) deliver(seal(each));
  }
  void deliver(const crypto::frame& frame) {
    me.frame_arrived(frame, noon, random, out);
    settle();
  }
  // What the conversation sends is stored at once, and its frames are opened.
  void settle() {
    while (!out.messages.empty() || !out.events.empty()) {
      const output now = std::exchange(out, {});
      events.insert(events.end(), now.events.begin(), now.events.end());
      for (const bytes& each : now.messages) {
        const auto message = *wire::decode_client(each);
        if (const auto* talk = std::get_if<wire::talk>(&message)) {
          const auto got = peer->open(talk->body, noon);
          ASSERT_TRUE(got);
          sent.emplace_back(got->body.begin(), got->body.end());
          me.stored(talk->number, noon, random, out);
        } else if (const auto* hello = std::get_if<wire::hello>(&message)) {
          me.stored(hello->number, noon, random, out);
        }
      }
    }
  }
  std::vector<std::string> shown() {
    std::vector<std::string> words;
    for (const text_received& each : of_type<text_received>(events)) words.push_back(as_text(each.text));
    return words;
  }
  std::size_t delivered() {
    return static_cast<std::size_t>(
        std::ranges::count(of_type<text_moved>(events), text_progress::delivered, &text_moved::now));
  }

  support::seeded_random random{1};
  conversation me{crypto::side::survivor, conversation_id{1}};
  std::optional<crypto::ratchet> peer;
  output out;
  std::vector<event> events;
  std::vector<bytes> sent;
};

TEST_F(bodies, of_32_fragments_are_a_message_and_a_33rd_ends_the_conversation) {
  for (int i = 0; i < 31; ++i) arrive({body(body_type::text, {}, true)});
  arrive({body(body_type::text, text(1, "in the last of 32"))});
  EXPECT_THAT(shown(), ElementsAre("in the last of 32"));
  for (int i = 0; i < 31; ++i) arrive({body(body_type::text, {}, true)});
  EXPECT_THAT(of_type<ended>(events), IsEmpty());
  arrive({body(body_type::text, {}, true)});
  ASSERT_THAT(of_type<ended>(events), SizeIs(1)) << "it asks for a 33rd";
  EXPECT_EQ(of_type<ended>(events)[0].why, ending::broken);
}

TEST_F(bodies, of_a_text_are_as_long_as_its_bound_and_not_a_byte_longer) {
  for (const std::size_t size : {text_bytes_max, text_bytes_max + 1}) {
    const bytes whole = text(static_cast<byte>(size), std::string(size, 'x'));
    for (bytes_view rest = whole; !rest.empty();) {
      const bytes_view part = rest.first(std::min(rest.size(), crypto::body_data_bytes_max));
      rest = rest.subspan(part.size());
      arrive({body(body_type::text, part, !rest.empty())});
    }
    ASSERT_THAT(shown(), SizeIs(1));
    EXPECT_THAT(shown()[0], SizeIs(text_bytes_max));
  }
  EXPECT_THAT(of_type<ended>(events), IsEmpty());
}

TEST_F(bodies, of_a_text_hold_an_id_and_a_language) {
  arrive({body(body_type::text, bytes(16, 7))});
  EXPECT_THAT(shown(), IsEmpty());
  arrive({body(body_type::text, bytes(17, 7))});
  EXPECT_THAT(shown(), ElementsAre(""));
  EXPECT_EQ(of_type<text_received>(events)[0].written_in, language::unknown) << "7 is one past the last";
}

TEST_F(bodies, of_two_types_are_never_one_message) {
  const bytes whole = text(1, "one message");
  const bytes_view first = bytes_view(whole).first(20), rest = bytes_view(whole).subspan(20);
  arrive({body(body_type::text, first, true), body(body_type::history, rest), body(body_type::text, first, true),
          body(body_type::cover, {}), body(body_type::text, rest)});
  EXPECT_THAT(of_type<text_recalled>(events), IsEmpty());
  for (const std::string& words : shown()) EXPECT_NE(words, "one message");
  arrive({body(body_type::text, first, true), body(body_type::text, rest)});
  EXPECT_EQ(shown().back(), "one message");
}

TEST_F(bodies, lost_or_out_of_order_are_no_message_and_twice_are_once) {
  const bytes whole = text(1, "one message");
  const auto seal_pieces = [&] {
    std::vector<crypto::frame> pieces;
    for (const auto& [from, size] : {std::pair{0u, 20u}, {20u, 4u}, {24u, 4u}})
      pieces.push_back(seal(body(body_type::text, bytes_view(whole).subspan(from, size), from < 24)));
    return pieces;
  };
  for (const std::vector<std::size_t>& order :
       {std::vector<std::size_t>{0, 2}, {1, 2}, {0, 2, 1}, {1, 0, 2}, {2, 1, 0}}) {
    const auto frames = seal_pieces();
    for (const std::size_t at : order) deliver(frames[at]);
    arrive({body(body_type::cover, {})});
    EXPECT_THAT(shown(), IsEmpty());
  }
  const auto frames = seal_pieces();
  for (const std::size_t at : {0u, 0u, 1u, 0u, 1u, 2u, 2u, 1u}) deliver(frames[at]);
  EXPECT_THAT(shown(), ElementsAre("one message"));
}

TEST_F(bodies, of_03_hold_1_to_105_ids_and_nothing_else) {
  std::vector<message_id> ids;
  const auto of = [&](std::size_t count, std::size_t beside) {
    writer all;
    for (std::size_t i = 0; i < count; ++i) all.put(ids[i]);
    return body(body_type::delivered, all.put(bytes(beside)).finish());
  };
  for (byte i = 0; i < 106; ++i) {
    ids.push_back(message_id{i, 1});
    ASSERT_EQ(me.say("x", language::en, ids.back(), noon, random, out), said::yes);
    settle();
  }
  arrive({of(0, 0), of(0, 15), of(1, 1), of(105, 8)});
  EXPECT_EQ(delivered(), 0u) << "another layout";
  arrive({of(1, 0)});
  EXPECT_EQ(delivered(), 1u);
  arrive({of(105, 0)});
  EXPECT_EQ(delivered(), 105u);
}

TEST_F(bodies, of_03_that_it_sends_hold_105_ids_at_most) {
  for (byte i = 0; i < 106; ++i) arrive({body(body_type::text, text(i, "x"))});
  me.detach();
  for (byte i = 0; i < 106; ++i) me.shown(message_id{i}, noon, random, out);
  sent.clear();
  me.attach(2, noon, random, out);
  settle();
  std::vector<std::size_t> sizes;
  for (const bytes& each : sent)
    if (each[0] == static_cast<byte>(body_type::delivered))
      sizes.push_back(reader(bytes_view(each).subspan(1)).number<std::uint16_t>() / 16u);
  EXPECT_THAT(sizes, ElementsAre(105, 1));
}

TEST_F(bodies, that_should_be_empty_and_are_not_say_nothing) {
  arrive({body(body_type::close, bytes{0}), body(body_type::close, {}, true)});
  EXPECT_THAT(of_type<ended>(events), IsEmpty());
  arrive({body(body_type::close, {})});
  EXPECT_THAT(of_type<ended>(events), SizeIs(1));
}

}  // namespace
}  // namespace tomoshibi::core
