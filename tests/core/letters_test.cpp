// A survivor finds the door closed and writes a letter; a counselor reads and answers it; the survivor comes back
// with the return phrase.
#include "tests/core/two_people.hpp"

#include "crypto/vault.hpp"

namespace tomoshibi::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class letter : public two_people {
 protected:
  letter() {
    for (const crypto::identity& each : in.staff) in.signed_by.lets_read_letters(each);
    in.signed_by.publish_next();
    in.believe_published();
    in.settle();
    in.desk_open = false;
    in.pass(1);
  }

  crypto::secret<128> make_phrase(std::string_view typed_again = {}) {
    const event made = core::make_phrase({in.signed_by.trust().centre.root, false, true}, in.random);
    phrase = as_text(std::get<phrase_made>(made).shown);
    if (typed_again.empty()) return std::get<phrase_made>(made).keys;
    return {};
  }
  crypto::secret<128> type_phrase() {
    const bytes_view typed = as_bytes(phrase);
    const event read = core::read_phrase({in.signed_by.trust().centre.root, {typed.begin(), typed.end()}});
    return std::get<phrase_made>(read).keys;
  }
  void yuki_asks() {
    yuki->act([](survivor& s, seconds, output& out) { s.ask_letters(out); });
    in.settle();
  }
  void yuki_writes(std::string_view text, const crypto::secret<128>& keys = {}) {
    yuki_asks();
    const bytes_view words = as_bytes(text);
    yuki->act([&](survivor& s, seconds now, output& out) {
      s.send_letter({language::ja, {words.begin(), words.end()}, keys}, now, out);
    });
    in.settle();
  }
  void take(person<counselor>& who) {
    who.act([](counselor& c, seconds, output& out) { c.take_letter(out); });
    in.settle();
  }
  void answer(person<counselor>& who, std::string_view text) {
    const bytes_view words = as_bytes(text);
    who.act([&](counselor& c, seconds, output& out) {
      c.answer_letter({who.seen<letter_opened>().back().letter, language::ja, {words.begin(), words.end()}}, out);
    });
    in.settle();
  }
  void fetch(person<survivor>& who, const crypto::secret<128>& keys, bool burn = false) {
    who.act([&](survivor& s, seconds, output& out) { s.fetch_replies({keys, burn}, out); });
    in.settle();
  }
  // Another visit, on another day perhaps: a page that remembers nothing.
  std::unique_ptr<person<survivor>> come_back() {
    auto out = in.make_survivor();
    out->connect();
    in.settle();
    return out;
  }
  static std::vector<std::string> texts(person<counselor>& who) {
    std::vector<std::string> out;
    for (const letter_opened& each : who.seen<letter_opened>()) out.push_back(as_text(each.text));
    return out;
  }
  static std::vector<std::string> replies(person<survivor>& who) {
    std::vector<std::string> out;
    for (const reply_received& each : who.seen<reply_received>()) out.push_back(as_text(each.text));
    return out;
  }

  std::string phrase;
};

TEST_F(letter, is_read_answered_and_the_answer_fetched_with_the_phrase) {
  yuki_writes("ながい手紙です", make_phrase());
  ASSERT_THAT(yuki->seen<letters_told>(), SizeIs(1));
  EXPECT_TRUE(yuki->seen<letters_told>().front().possible);
  EXPECT_EQ(yuki->seen<letters_told>().front().read_from, in.now + 3600);
  ASSERT_THAT(yuki->seen<letter_sent>(), SizeIs(1));
  EXPECT_GT(yuki->seen<letter_sent>().front().kept_until, in.now + 7 * 86400);

  person<counselor>& reader = *counselors[0];
  EXPECT_EQ(reader.seen<letters_changed>().back().waiting, 1u);
  take(reader);
  EXPECT_THAT(texts(reader), ElementsAre("ながい手紙です"));
  EXPECT_TRUE(reader.seen<letter_opened>().back().answerable);
  answer(reader, "よく書いてくれました");
  ASSERT_THAT(reader.seen<letter_closed>(), SizeIs(1));
  EXPECT_TRUE(reader.seen<letter_closed>().front().done);
  EXPECT_EQ(counselors[1]->seen<letters_changed>().back().waiting, 0u);

  const auto back = come_back();
  fetch(*back, type_phrase());
  EXPECT_THAT(replies(*back), ElementsAre("よく書いてくれました"));
  EXPECT_EQ(back->seen<reply_received>().front().alias, "hotaru 0");
  EXPECT_TRUE(back->seen<replies_told>().front().found);
}

TEST_F(letter, of_the_longest_text_arrives_whole_and_one_byte_more_is_refused) {
  const std::string longest(crypto::letter_text_bytes_max, 'a');
  yuki_writes(longest + "b");
  EXPECT_THAT(yuki->seen<letter_not_sent>(), SizeIs(1));
  EXPECT_EQ(yuki->seen<letter_not_sent>().front().why, letter_fault::too_long);
  yuki_writes(longest);
  take(*counselors[0]);
  EXPECT_THAT(texts(*counselors[0]), ElementsAre(longest));
}

TEST_F(letter, without_a_phrase_cannot_be_answered) {
  yuki_writes("一度だけ");
  EXPECT_EQ(yuki->seen<letter_sent>().front().kept_until, 0u);
  take(*counselors[0]);
  EXPECT_FALSE(counselors[0]->seen<letter_opened>().front().answerable);
  counselors[0]->act([&](counselor& c, seconds, output& out) {
    c.put_letter({counselors[0]->seen<letter_opened>().front().letter, true}, out);
  });
  in.settle();
  EXPECT_TRUE(counselors[0]->seen<letter_closed>().front().done);
  EXPECT_EQ(counselors[1]->seen<letters_changed>().back().waiting, 0u);
}

TEST_F(letter, comes_once_whatever_the_network_does_on_the_way) {
  yuki_asks();
  yuki->act([&](survivor& s, seconds now, output& out) {
    s.send_letter({language::ja, {'a'}, make_phrase()}, now, out);
  });
  in.step(3);
  yuki->cut();
  in.restart_server();
  for (auto& each : counselors) each->connect();
  yuki->connect();
  in.settle();
  EXPECT_THAT(yuki->seen<letter_sent>(), SizeIs(1));
  take(*counselors[0]);
  take(*counselors[1]);
  EXPECT_THAT(texts(*counselors[0]), ElementsAre("a"));
  EXPECT_THAT(texts(*counselors[1]), IsEmpty());
}

TEST_F(letter, is_given_to_a_colleague_when_the_console_that_has_it_goes) {
  yuki_writes("x", make_phrase());
  take(*counselors[0]);
  counselors[0]->cut();
  in.settle();
  take(*counselors[1]);
  EXPECT_THAT(texts(*counselors[1]), ElementsAre("x"));
}

TEST_F(letter, is_left_to_a_colleague_by_a_device_that_has_lost_its_keys) {
  yuki_writes("x", make_phrase());
  in.inbox_by(counselors[0].get())->clear();
  counselors[0]->reload();
  counselors[0]->connect();
  in.settle();
  take(*counselors[0]);
  ASSERT_THAT(counselors[0]->seen<no_letter>(), SizeIs(1));
  EXPECT_TRUE(counselors[0]->seen<no_letter>().front().unreadable);
  take(*counselors[0]);
  EXPECT_FALSE(counselors[0]->seen<no_letter>().back().unreadable) << "it is not given the same one again";
  take(*counselors[1]);
  EXPECT_THAT(texts(*counselors[1]), ElementsAre("x"));
}

TEST_F(letter, is_still_read_after_the_console_was_loaded_again) {
  yuki_writes("x");
  counselors[0]->reload();
  counselors[0]->connect();
  in.settle();
  take(*counselors[0]);
  EXPECT_THAT(texts(*counselors[0]), ElementsAre("x"));
}

TEST_F(letter, opens_for_nobody_once_its_day_is_over) {
  yuki_writes("x");
  const bytes then = *in.inbox_by(counselors[0].get());
  in.now += 3 * 86400;
  for (auto& each : counselors) each->cut();
  for (auto& each : counselors) each->connect();
  in.settle();
  take(*counselors[0]);
  EXPECT_THAT(texts(*counselors[0]), IsEmpty());
  EXPECT_NE(*in.inbox_by(counselors[0].get()), then) << "what the device keeps is another file";
}

TEST_F(letter, is_not_taken_where_one_alone_could_read_it) {
  counselors[1]->cut();
  in.restart_server();
  yuki->connect();
  in.settle();
  yuki_asks();
  EXPECT_TRUE(yuki->seen<letters_told>().back().possible) << "both have left keys";
  in.signed_by.disable(in.staff[1]);
  in.signed_by.publish_next();
  in.believe_published();
  in.settle();
  yuki_asks();
  EXPECT_FALSE(yuki->seen<letters_told>().back().possible);
  yuki_writes("x");
  EXPECT_EQ(yuki->seen<letter_not_sent>().back().why, letter_fault::no_readers);
}

// What somebody who watches the network sees: short or long, answered or not, there are pieces of one size.
TEST_F(letter, is_told_from_no_other_by_the_size_of_a_message) {
  for (const std::size_t size : {std::size_t{1}, crypto::letter_text_short_bytes_max, crypto::letter_text_bytes_max})
    yuki_writes(std::string(size, 'a'), size == 1 ? make_phrase() : crypto::secret<128>{});
  for (int i = 0; i < 3; ++i) {
    take(*counselors[0]);
    answer(*counselors[0], std::string(static_cast<std::size_t>(i) * 2'000, 'b'));
    counselors[0]->act([&](counselor& c, seconds, output& out) {
      c.put_letter({counselors[0]->seen<letter_opened>().back().letter, true}, out);
    });
    in.settle();
  }
  EXPECT_THAT(counselors[0]->seen<letter_opened>(), SizeIs(3));
  fetch(*come_back(), type_phrase());
  EXPECT_GT(in.sizes_to_server.size(), 8u);
  for (const auto* way : {&in.sizes_to_server, &in.sizes_to_clients})
    for (const auto& [code, sizes] : *way) EXPECT_THAT(sizes, SizeIs(1)) << int{code};
}

// What the server might try.

TEST_F(letter, is_sealed_to_nobody_who_does_not_read_letters) {
  // The server shows its own accomplice, a good counselor of this desk whom the issuer has not let read letters.
  const crypto::identity other = in.signed_by.enrol(crypto::role::counselor, in.signed_by.desk, "kagero");
  in.signed_by.publish_next();
  in.believe_published();
  in.settle();
  crypto::inbox keys;
  const auto today = static_cast<crypto::local_day>(in.now / 86400);
  keys.keep(today, today, in.random);
  in.changes = [&](const bytes& message) -> std::optional<bytes> {
    if (message[0] != wire::letter_reader::code) return std::nullopt;
    wire::letter_reader shown;
    std::ranges::copy(other.certificate, shown.certificate.begin());
    std::ranges::copy(*keys.signed_key(today, other), shown.key.begin());
    return wire::encode(wire::server_message{shown});
  };
  yuki_asks();
  EXPECT_FALSE(yuki->seen<letters_told>().back().possible);
}

TEST_F(letter, is_not_said_to_be_stored_when_another_one_is) {
  in.changes = [&](const bytes& message) -> std::optional<bytes> {
    if (message[0] != wire::letter_stored::code) return std::nullopt;
    return wire::encode(wire::server_message{wire::letter_stored{in.random.make_block<16>(), in.now + 1000}});
  };
  yuki_writes("x");
  EXPECT_THAT(yuki->seen<letter_sent>(), IsEmpty());
}

TEST_F(letter, is_sealed_to_keys_of_its_own_desk_only) {
  yuki->act([&](survivor& s, seconds now, output& out) {
    s.ask_letters(out);
    s.received(wire::encode(wire::server_message{wire::letter_day{in.signed_by.drill_desk, 0, 0, now, 1, true}}), now,
               out);
    EXPECT_THAT(of_type<letters_told>(out.events), IsEmpty());
  });
}

TEST_F(letter, is_sealed_to_no_more_readers_than_the_server_named) {
  std::vector<bytes> shown;
  in.changes = [&](const bytes& message) -> std::optional<bytes> {
    if (message[0] == wire::letter_reader::code) shown.push_back(message);
    if (message[0] != wire::letter_day::code) return std::nullopt;
    auto day = std::get<wire::letter_day>(*wire::decode_server(message));
    day.readers = 1;
    return wire::encode(wire::server_message{day});
  };
  yuki_asks();
  ASSERT_THAT(shown, SizeIs(2));
  ASSERT_THAT(yuki->seen<letters_told>(), SizeIs(1));
  EXPECT_FALSE(yuki->seen<letters_told>().front().possible);
  yuki->act([&](survivor& s, seconds now, output& out) { s.send_letter({language::ja, {'x'}, {}}, now, out); });
  EXPECT_THAT(yuki->seen<letter_not_sent>(), SizeIs(1));
}

TEST_F(letter, and_its_reply_are_put_together_in_order_whatever_comes_between) {
  yuki_writes("x", make_phrase());
  in.says = [&](centre::connection_id, bytes message) {
    std::vector<bytes> out{message};
    auto said = *wire::decode_server(message);
    if (auto* part = std::get_if<wire::letter_part>(&said)) {
      out.push_back(message);
      part->letter = in.random.make_block<16>();  // the next one, of another letter
      ++part->number;
      out.push_back(wire::encode(said));
    }
    if (std::holds_alternative<wire::reply_part>(said)) out.push_back(message);
    return out;
  };
  take(*counselors[0]);
  EXPECT_THAT(texts(*counselors[0]), ElementsAre("x"));
  answer(*counselors[0], "y");
  auto later = come_back();
  fetch(*later, type_phrase());
  EXPECT_THAT(replies(*later), ElementsAre("y"));
}

TEST_F(letter, in_hand_is_the_only_one_that_can_be_answered) {
  yuki_writes("x", make_phrase());
  take(*counselors[0]);
  output out;
  counselors[0]->core.answer_letter({in.random.make_block<16>(), language::ja, {'y'}}, out);
  EXPECT_TRUE(out.empty());
}

TEST_F(letter, leaves_its_keys_to_no_server_whose_day_is_another) {
  const auto today = static_cast<wire::day_number>(in.now / 86400);
  for (const wire::day_number day : {today - 2, today + 2}) {
    output out;
    counselors[0]->core.received(wire::encode(wire::server_message{wire::inbox_days{day, day}}), in.now, out);
    EXPECT_TRUE(out.empty()) << day - today;
  }
}

TEST_F(letter, gets_no_answer_but_one_by_who_has_read_it) {
  yuki_writes("x", make_phrase());
  take(*counselors[0]);
  answer(*counselors[0], "本物");
  // One byte of the real one, or one that knows the public key alone: neither opens.
  in.changes = [&](const bytes& message) -> std::optional<bytes> {
    if (message[0] != wire::reply_part::code || message[1 + 16 + 7] != 2) return std::nullopt;
    bytes other = message;
    other[1000] ^= 1;
    return other;
  };
  const auto back = come_back();
  fetch(*back, type_phrase());
  EXPECT_THAT(replies(*back), IsEmpty());
  EXPECT_THAT(back->seen<reply_refused>(), SizeIs(1));
}

TEST_F(letter, is_gone_once_it_is_burnt) {
  yuki_writes("x", make_phrase());
  const auto back = come_back();
  fetch(*back, type_phrase(), true);
  EXPECT_TRUE(back->seen<replies_told>().back().found);
  take(*counselors[0]);
  EXPECT_THAT(texts(*counselors[0]), IsEmpty());
  const auto again = come_back();
  fetch(*again, type_phrase());
  EXPECT_FALSE(again->seen<replies_told>().back().found);
}

TEST_F(letter, is_nothing_that_a_talk_leaves_room_for) {
  yuki_asks();
  in.desk_open = true;
  in.pass(1);
  begin();
  output out;
  yuki->core.send_letter({language::ja, {'a'}, {}}, in.now, out);
  yuki->core.ask_letters(out);
  yuki->core.fetch_replies({in.random.make_secret<128>(), false}, out);
  EXPECT_TRUE(out.empty());
}

TEST_F(letter, is_found_by_no_other_phrase) {
  yuki_writes("x", make_phrase());
  const auto stranger = come_back();
  fetch(*stranger, make_phrase());
  EXPECT_FALSE(stranger->seen<replies_told>().back().found);
}

}  // namespace
}  // namespace tomoshibi::core
