#include "crypto/letter.hpp"

#include <gtest/gtest.h>

#include <set>

#include "crypto/return_phrase.hpp"
#include "tests/crypto/handmade_letter.hpp"
#include "tests/crypto/staffed_centre.hpp"
#include "tests/support/print_failure.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr local_day letter_day = noon / 86400;

secret_bytes words_of(std::size_t size) { return secret_bytes(size, 'a'); }
secret_bytes words_of(std::string_view in) { return {in.begin(), in.end()}; }

struct member {
  identity who;
  inbox keys;
};

class letters : public testing::Test {
 protected:
  staffed_centre centre;

  member enrol(role holder, const desk_id& at, std::uint64_t flags = roster::flag_reads_letters) {
    member out{centre.enrol(holder, at, noon - 24 * hour, noon + 24 * hour, flags), {}};
    out.keys.keep(letter_day, letter_day - 1, centre.random);
    return out;
  }
  static reader_shown show(const member& of, local_day day = letter_day) {
    return {of.who.certificate, *of.keys.signed_key(day, of.who)};
  }
  // `count` members of the desk, as reader keys; the roster does not matter to sealing.
  std::vector<reader_key> make_readers(std::vector<member>& members, std::size_t count) {
    std::vector<reader_key> out;
    while (members.size() < count) members.push_back(enrol(role::counselor, centre.desk));
    for (const member& each : members)
      out.push_back({sha256(each.who.certificate), kem_public(*each.keys.find(letter_day))});
    return out;
  }
  letter_head make_head(local_day day = letter_day) {
    return {centre.random.make_block<16>(), day, centre.random.make_block<32>()};
  }
};

// --- who may read ---

class readers : public letters {
 protected:
  member aoi = enrol(role::counselor, centre.desk), sumire = enrol(role::supervisor, centre.desk);

  result<std::vector<reader_key>> choose(const std::vector<reader_shown>& shown, local_day day = letter_day,
                                         seconds now = noon) {
    return choose_readers(shown, centre.publish(), centre.desk, day, now);
  }
};

TEST_F(readers, are_counselors_and_supervisors_who_read_letters) {
  const auto chosen = choose({show(aoi), show(sumire)});
  ASSERT_TRUE(chosen);
  ASSERT_EQ(chosen->size(), 2u);
  EXPECT_TRUE((*chosen)[0].certificate_hash == sha256(aoi.who.certificate));
  EXPECT_TRUE((*chosen)[0].key == kem_public(*aoi.keys.find(letter_day)));
  EXPECT_TRUE((*chosen)[1].certificate_hash == sha256(sumire.who.certificate));
}

TEST_F(readers, who_may_not_read_are_left_out) {
  const std::vector<reader_shown> others = {
      show(enrol(role::counselor, centre.desk, 0)),
      show(enrol(role::counselor, centre.other_desk)),
      show(enrol(role::desk, centre.desk)),
      show(enrol(role::partner, centre.desk)),
      show(enrol(role::administrator, centre.desk)),
      show(enrol(role::drill, centre.desk)),
      show(enrol(role::counselor, centre.desk, roster::flag_reads_letters | roster::flag_disabled)),
  };
  for (const reader_shown& each : others) {
    EXPECT_EQ(choose({show(aoi), each}).error(), failure::not_listed);
    const auto chosen = choose({show(aoi), each, show(sumire)});
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->size(), 2u);
  }
}

TEST_F(readers, whose_keys_are_not_theirs_or_of_another_day_are_left_out) {
  reader_shown of_sumire = show(sumire);
  of_sumire.inbox_key = show(aoi).inbox_key;
  EXPECT_EQ(choose({show(aoi), of_sumire}).error(), failure::not_listed) << "another's key";
  EXPECT_EQ(choose({show(aoi), show(sumire, letter_day + 1)}).error(), failure::not_listed) << "another day's";

  inbox_key key{sha256(aoi.who.certificate), letter_day, kem_public(*sumire.keys.find(letter_day))};
  of_sumire.inbox_key = sign_inbox_key(key, sumire.who.sign);
  EXPECT_EQ(choose({show(aoi), of_sumire}).error(), failure::not_listed) << "it names another certificate";
  key.certificate_hash = sha256(sumire.who.certificate);
  of_sumire.inbox_key = sign_inbox_key(key, centre.random.make_secret<32>());
  EXPECT_EQ(choose({show(aoi), of_sumire}).error(), failure::not_listed) << "the server's own";
  of_sumire.inbox_key.pop_back();
  EXPECT_EQ(choose({show(aoi), of_sumire, {{}, {}}}).error(), failure::not_listed);
  of_sumire.inbox_key = sign_inbox_key(key, sumire.who.sign);
  EXPECT_TRUE(choose({show(aoi), of_sumire}));
}

TEST_F(readers, count_once_however_often_they_are_shown) {
  EXPECT_EQ(choose({show(aoi), show(aoi)}).error(), failure::not_listed);
  EXPECT_EQ(choose({show(aoi)}).error(), failure::not_listed);
  EXPECT_EQ(choose({}).error(), failure::not_listed);
}

TEST_F(readers, whose_certificate_has_ended_are_left_out) {
  const std::vector<reader_shown> shown = {show(aoi, letter_day + 1), show(sumire, letter_day + 1)};
  EXPECT_TRUE(choose(shown, letter_day + 1, noon + 24 * hour));
  EXPECT_EQ(choose(shown, letter_day + 1, noon + 24 * hour + 1).error(), failure::not_listed);
}

TEST_F(readers, are_those_of_a_day_next_to_the_clock) {
  const seconds midnight = seconds{letter_day} * 86400;
  const std::vector<reader_shown> shown = {show(aoi, letter_day), show(sumire, letter_day)};
  EXPECT_TRUE(choose(shown, letter_day, midnight - 1));
  EXPECT_EQ(choose(shown, letter_day, midnight - 86400 - 1).error(), failure::not_yet_valid);
  EXPECT_EQ(choose(shown, letter_day + 2, midnight + 86399).error(), failure::not_yet_valid);
  EXPECT_TRUE(why(choose(shown, letter_day, midnight + 2 * 86400 - 1)) == failure::not_listed)
      << "certificates ended";
  EXPECT_EQ(choose(shown, letter_day, midnight + 2 * 86400).error(), failure::expired);
  EXPECT_EQ(choose(shown, ~local_day{0}, noon).error(), failure::not_yet_valid);
  EXPECT_EQ(choose(shown, 0, noon).error(), failure::expired);
}

// --- the letter ---

class letter_to_two : public letters {
 protected:
  std::vector<member> members;
  const std::vector<reader_key> to = make_readers(members, 2);
  const letter_head head = make_head();
  const answer_keys answer{psk(centre.random.make_block<32>()), make_kem_key(centre.random).public_key};

  bytes seal(const letter_content& content) { return *seal_letter(head, content, to, centre.random); }
  result<letter_content> open(const bytes& in, std::size_t reader = 0) {
    return open_letter(in, head.id, members[reader].keys);
  }
};

TEST_F(letter_to_two, is_opened_by_each_reader) {
  const bytes letter = seal({3, answer, words_of("聞いてもらえますか")});
  EXPECT_EQ(letter.size(), 17605u);
  for (std::size_t reader = 0; reader < 2; ++reader) {
    const auto opened = open(letter, reader);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->language, 3);
    EXPECT_TRUE(opened->text == words_of("聞いてもらえますか"));
    ASSERT_TRUE(opened->answer);
    EXPECT_TRUE(opened->answer->with == answer.with);
    EXPECT_TRUE(opened->answer->to == answer.to);
  }
  const auto shown = read_letter_head(letter);
  ASSERT_TRUE(shown);
  EXPECT_TRUE(*shown == head);
}

TEST_F(letter_to_two, may_want_no_answer) {
  const auto opened = open(seal({1, std::nullopt, words_of("hello")}));
  ASSERT_TRUE(opened);
  EXPECT_FALSE(opened->answer);
}

TEST_F(letter_to_two, is_as_short_as_its_text_allows) {
  for (const auto& [text, letter] : {std::pair{std::size_t{0}, letter_short_bytes},
                                     {6938, letter_short_bytes},
                                     {6939, letter_long_bytes},
                                     {31514, letter_long_bytes}}) {
    const bytes made = seal({3, answer, words_of(text)});
    EXPECT_EQ(made.size(), letter) << text;
    const auto opened = open(made);
    ASSERT_TRUE(opened) << text;
    EXPECT_TRUE(opened->text == words_of(text));
  }
  EXPECT_EQ(letter_long_bytes, 42181u);
  EXPECT_EQ(seal_letter(head, {3, answer, words_of(31515)}, to, centre.random).error(), failure::out_of_bounds);
  EXPECT_EQ(seal_letter(head, {3, answer, words_of("\xff")}, to, centre.random).error(), failure::malformed);
}

TEST_F(letter_to_two, is_not_opened_by_others_or_with_the_key_of_another_day) {
  const bytes letter = seal({3, answer, words_of("hello")});
  const member third = enrol(role::counselor, centre.desk);
  EXPECT_EQ(open_letter(letter, head.id, third.keys).error(), failure::cannot_open);

  const letter_head tomorrow{head.id, letter_day + 1, head.roster_hash};
  const bytes misdated = *seal_letter(tomorrow, {3, answer, words_of("hello")}, to, centre.random);
  EXPECT_EQ(open_letter(misdated, head.id, members[0].keys).error(), failure::cannot_open);
}

TEST_F(letter_to_two, cannot_be_read_once_the_key_of_its_day_is_destroyed) {
  const bytes letter = seal({3, answer, words_of("hello")});
  inbox& keys = members[0].keys;
  keys.keep(letter_day + 1, letter_day, centre.random);
  EXPECT_TRUE(open(letter));
  keys.keep(letter_day + 2, letter_day + 1, centre.random);
  EXPECT_EQ(open(letter).error(), failure::expired);
  EXPECT_TRUE(open(letter, 1));
  EXPECT_EQ(open_letter(letter, head.id, inbox()).error(), failure::expired);
}

TEST_F(letter_to_two, given_under_another_id_is_refused) {
  const bytes letter = seal({3, answer, words_of("hello")});
  for (std::size_t at = 0; at < 16; ++at) {
    letter_id other = head.id;
    other[at] ^= 1;
    ASSERT_EQ(open_letter(letter, other, members[0].keys).error(), failure::wrong_binding) << at;
  }
}

TEST_F(letter_to_two, of_another_length_or_version_is_malformed) {
  bytes letter = seal({3, answer, words_of("hello")});
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, letter_head_bytes, letter_short_bytes - 1,
                                 letter_short_bytes + 1, letter_long_bytes - 1, letter_long_bytes + 1}) {
    bytes other = letter;
    other.resize(size);
    EXPECT_EQ(open(other).error(), failure::malformed) << size;
    EXPECT_EQ(read_letter_head(other).error(), failure::malformed) << size;
  }
  bytes longer = letter;
  longer.resize(letter_long_bytes);
  EXPECT_EQ(open(longer).error(), failure::cannot_open) << "a short one is not a long one with zeros";
  for (const byte version : {byte{0}, byte{2}, byte{255}}) {
    letter[0] = version;
    EXPECT_EQ(open(letter).error(), failure::malformed);
  }
}

TEST_F(letter_to_two, is_refused_with_any_byte_changed) {
  const bytes letter = seal({3, answer, words_of("hello")});
  for (std::size_t at = 0; at < letter.size(); at += at < letter_head_bytes ? 1 : 37) {
    bytes changed = letter;
    changed[at] ^= 1;
    const auto expected = at == 0           ? failure::malformed
                          : at < 1 + 16     ? failure::wrong_binding
                          : at < 1 + 16 + 4 ? failure::expired  // another day, or cannot_open
                                            : failure::cannot_open;
    const auto refusal = why(open(changed));
    ASSERT_TRUE(refusal == expected || (expected == failure::expired && refusal == failure::cannot_open)) << at;
  }
  for (std::size_t at = letter.size() - 40; at < letter.size(); ++at) {
    bytes changed = letter;
    changed[at] ^= 0x80;
    ASSERT_EQ(open(changed).error(), failure::cannot_open) << at;
  }
}

TEST_F(letter_to_two, has_no_slot_that_could_be_moved_from_another) {
  const bytes one = seal({3, answer, words_of("hello")}), other = seal({3, answer, words_of("hello")});
  bytes mixed = one;
  std::copy_n(other.begin() + letter_head_bytes, letter_slots * letter_slot_bytes, mixed.begin() + letter_head_bytes);
  EXPECT_EQ(open(mixed).error(), failure::cannot_open);
  mixed = one;
  std::swap_ranges(mixed.begin() + letter_head_bytes, mixed.begin() + letter_head_bytes + letter_slot_bytes,
                   mixed.begin() + letter_head_bytes + letter_slot_bytes);
  EXPECT_EQ(open(mixed).error(), failure::cannot_open) << "the slots are bound to the body";
}

TEST_F(letter_to_two, that_breaks_its_layout_is_malformed) {
  const std::vector<kem_public_key> keys{to[0].key};
  const auto refusal = [&](const handmade_body& body) {
    return why(open(handmade_letter(head, keys, body.finish(), centre.random)));
  };
  handmade_body body;
  EXPECT_TRUE(refusal(body) == std::nullopt);
  body.size = letter_body_long_bytes;
  EXPECT_TRUE(refusal(body) == std::nullopt);
  body = {};
  body.answer = 2;
  EXPECT_TRUE(refusal(body) == failure::malformed);
  body = {};
  body.with[31] = 1;
  EXPECT_TRUE(refusal(body) == failure::malformed) << "a psk without an answer";
  body.answer = 1;
  EXPECT_TRUE(refusal(body) == std::nullopt);
  body = {};
  body.to[0] = 1;
  EXPECT_TRUE(refusal(body) == failure::malformed) << "a key without an answer";
  body = {};
  body.text.push_back('!');
  EXPECT_TRUE(refusal(body) == failure::malformed) << "a byte behind the text";
  body = {};
  body.text = {0xc0, 0x80, 'a', 'b', 'c'};
  EXPECT_TRUE(refusal(body) == failure::malformed) << "no UTF-8";
  body = {};
  for (const auto& [length, expected] :
       {std::pair{6938u, std::optional<failure>()}, {6939u, failure::malformed}, {0xffffffffu, failure::malformed}}) {
    body.length = length;
    EXPECT_TRUE(refusal(body) == expected) << length;
  }
  body = {};
  bytes last = body.finish();
  last.back() = 1;
  EXPECT_EQ(open(handmade_letter(head, keys, last, centre.random)).error(), failure::malformed);
}

class letter_to_many : public letters {
 protected:
  std::vector<member> members;

  std::vector<std::size_t> who_can_read(std::size_t count, const letter_head& head) {
    const auto letter =
        seal_letter(head, {3, std::nullopt, words_of("hello")}, make_readers(members, count), centre.random);
    std::vector<std::size_t> out;
    for (std::size_t i = 0; letter && i < count; ++i)
      if (open_letter(*letter, head.id, members[i].keys)) out.push_back(i);
    return out;
  }
};

TEST_F(letter_to_many, needs_two_readers) {
  EXPECT_EQ(who_can_read(1, make_head()).size(), 0u);
  EXPECT_EQ(who_can_read(2, make_head()).size(), 2u);
  std::vector<reader_key> keys = make_readers(members, 2);
  keys[1].key.fill(0xff);
  EXPECT_EQ(seal_letter(make_head(), {}, keys, centre.random).error(), failure::not_listed) << "one key is none";
}

TEST_F(letter_to_many, is_for_eight_at_most_whom_its_id_chooses) {
  EXPECT_EQ(who_can_read(7, make_head()).size(), 7u);
  EXPECT_EQ(who_can_read(8, make_head()).size(), 8u);
  std::set<std::vector<std::size_t>> choices;
  for (int i = 0; i < 8; ++i) {
    const letter_head head = make_head();
    const auto able = who_can_read(10, head);
    EXPECT_EQ(able.size(), 8u);
    std::map<hash32, std::size_t> places;
    for (std::size_t k = 0; k < 10; ++k)
      places[sha256({as_bytes("t1/slot"), head.id, sha256(members[k].who.certificate)})] = k;
    std::set<std::size_t> expected;
    for (const auto& [place, k] : places)
      if (expected.size() < 8) expected.insert(k);
    EXPECT_TRUE(std::set<std::size_t>(able.begin(), able.end()) == expected);
    choices.insert(able);
  }
  EXPECT_GT(choices.size(), 1u);
}

TEST_F(letter_to_many, one_whose_key_is_none_costs_nobody_else_the_letter) {
  std::vector<reader_key> keys = make_readers(members, 9);
  keys[4].key.fill(0xff);
  const letter_head head = make_head();
  const auto letter = seal_letter(head, {3, std::nullopt, words_of("hello")}, keys, centre.random);
  ASSERT_TRUE(letter);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(open_letter(*letter, head.id, members[i].keys).has_value(), i != 4);
}

TEST_F(letter_to_many, stands_in_the_order_of_slots_and_shows_none_that_is_empty) {
  const letter_head head = make_head();
  const bytes letter =
      *seal_letter(head, {3, std::nullopt, words_of("hello")}, make_readers(members, 3), centre.random);
  std::map<hash32, std::size_t> places;
  for (std::size_t i = 0; i < 3; ++i)
    places[sha256({as_bytes("t1/slot"), head.id, sha256(members[i].who.certificate)})] = i;
  std::set<bytes> slots;
  const bytes info = writer().put("t1/slot").put(bytes_view(letter).subspan(1, letter_head_bytes - 1)).finish();
  for (std::size_t slot = 0; slot < letter_slots; ++slot) {
    reader in(bytes_view(letter).subspan(letter_head_bytes + slot * letter_slot_bytes, letter_slot_bytes));
    slots.insert(bytes(in.view(0).begin(), in.view(0).end()));
    const auto enc = in.take<1120>();
    const bytes_view sealed = in.rest();
    EXPECT_TRUE(std::ranges::any_of(enc, [](byte b) { return b != 0; })) << slot;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool theirs = slot < 3 && std::next(places.begin(), static_cast<std::ptrdiff_t>(slot))->second == i;
      EXPECT_EQ(hpke_open(enc, sealed, info, *members[i].keys.find(letter_day)).has_value(), theirs) << slot;
    }
  }
}

// --- the reply ---

class reply_to_a_letter : public letters {
 protected:
  const return_keys phrase = *derive_return_keys("ka ki ku ke ko sa", {});
  const answer_keys answer{phrase.with, kem_public(phrase.key)};
  const letter_id id = centre.random.make_block<16>();

  bytes seal(const reply_content& content) { return *seal_reply(id, answer, content, centre.random); }
  result<reply_content> open(const bytes& in) { return open_reply(in, id, phrase.key, phrase.with); }
};

TEST_F(reply_to_a_letter, is_opened_with_the_return_phrase) {
  const bytes reply = seal({3, "あおい", words_of("読みました")});
  EXPECT_EQ(reply.size(), 9345u);
  const auto opened = open(reply);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->language, 3);
  EXPECT_TRUE(opened->alias == "あおい");
  EXPECT_TRUE(opened->text == words_of("読みました"));
}

TEST_F(reply_to_a_letter, by_somebody_who_has_not_read_it_is_refused) {
  answer_keys forged = answer;
  forged.with = psk(centre.random.make_block<32>());
  const auto with_another_psk = seal_reply(id, forged, {3, "あおい", words_of("hello")}, centre.random);
  EXPECT_EQ(open(*with_another_psk).error(), failure::cannot_open);
  const bytes plain = writer().number(byte{3}).put("Aoi").pad_to(reply_plain_bytes).finish();
  EXPECT_EQ(open(handmade_reply(id, answer.to, nullptr, plain, centre.random)).error(), failure::cannot_open)
      << "base mode";
  EXPECT_TRUE(open(handmade_reply(id, answer.to, &phrase.with, plain, centre.random)));
}

TEST_F(reply_to_a_letter, to_another_letter_or_of_another_phrase_is_refused) {
  bytes reply = seal({3, "あおい", words_of("hello")});
  letter_id other = id;
  other[0] ^= 1;
  EXPECT_EQ(open_reply(reply, other, phrase.key, phrase.with).error(), failure::wrong_binding);
  reply[1] ^= 1;
  EXPECT_EQ(open(reply).error(), failure::wrong_binding);
  EXPECT_EQ(open_reply(reply, other, phrase.key, phrase.with).error(), failure::cannot_open);
  const return_keys stranger = *derive_return_keys("ka ki ku ke ko se", {});
  EXPECT_EQ(open_reply(seal({3, "a", {}}), id, stranger.key, phrase.with).error(), failure::cannot_open);
  EXPECT_EQ(open_reply(seal({3, "a", {}}), id, phrase.key, stranger.with).error(), failure::cannot_open);
}

TEST_F(reply_to_a_letter, is_refused_with_any_byte_changed_missing_or_added) {
  const bytes reply = seal({3, "あおい", words_of("hello")});
  for (std::size_t at = 0; at < reply.size(); at += at < 1 + 16 || at > reply.size() - 40 ? 1 : 7) {
    bytes changed = reply;
    changed[at] ^= 1;
    const auto expected = at == 0 ? failure::malformed : at < 1 + 16 ? failure::wrong_binding : failure::cannot_open;
    ASSERT_EQ(open(changed).error(), expected) << at;
  }
  bytes other = reply;
  other.pop_back();
  EXPECT_EQ(open(other).error(), failure::malformed);
  other = reply;
  other.push_back(0);
  EXPECT_EQ(open(other).error(), failure::malformed);
  EXPECT_EQ(open({}).error(), failure::malformed);
}

TEST_F(reply_to_a_letter, has_a_longest_text_and_an_alias_like_a_certificate) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, reply_text_bytes_max}) {
    const auto opened = open(seal({3, std::string(32, 'a'), words_of(size)}));
    ASSERT_TRUE(opened) << size;
    EXPECT_TRUE(opened->text == words_of(size));
  }
  EXPECT_EQ(reply_text_bytes_max, 8155u);
  const auto refusal = [&](std::string alias, secret_bytes text) {
    return why(seal_reply(id, answer, {3, std::move(alias), std::move(text)}, centre.random));
  };
  EXPECT_TRUE(refusal("a", words_of(reply_text_bytes_max + 1)) == failure::out_of_bounds);
  EXPECT_TRUE(refusal("a", words_of("\xff")) == failure::malformed);
  EXPECT_TRUE(refusal("", words_of("a")) == failure::malformed);
  EXPECT_TRUE(refusal(std::string(33, 'a'), words_of("a")) == failure::malformed);
  EXPECT_TRUE(refusal(std::string("a\0b", 3), words_of("a")) == failure::malformed);
  answer_keys none = answer;
  none.to.fill(0xff);
  EXPECT_EQ(seal_reply(id, none, {3, "a", {}}, centre.random).error(), failure::malformed);
}

TEST_F(reply_to_a_letter, that_breaks_its_layout_is_malformed) {
  const auto refusal = [&](std::string_view alias, std::uint32_t length, std::string_view text) {
    const bytes plain = writer()
                            .number(byte{3})
                            .put(writer().put(alias).pad_to(32).finish())
                            .number(length)
                            .put(text)
                            .pad_to(reply_plain_bytes)
                            .finish();
    return why(open(handmade_reply(id, answer.to, &phrase.with, plain, centre.random)));
  };
  EXPECT_TRUE(refusal("Aoi", 5, "hello") == std::nullopt);
  EXPECT_TRUE(refusal("Aoi", 4, "hello") == failure::malformed);
  EXPECT_TRUE(refusal("Aoi", 8155, "hello") == std::nullopt);
  EXPECT_TRUE(refusal("Aoi", 8156, "hello") == failure::malformed);
  EXPECT_TRUE(refusal("Aoi", 2, "\xc0\x80") == failure::malformed);
  EXPECT_TRUE(refusal("", 5, "hello") == failure::malformed);
  EXPECT_TRUE(refusal("\xff", 5, "hello") == failure::malformed);
  EXPECT_TRUE(refusal(std::string_view("a\0b", 3), 5, "hello") == failure::malformed);
}

// The two never pass for each other, whoever knows which key.
TEST_F(reply_to_a_letter, and_the_letter_do_not_open_as_each_other) {
  const member reader = enrol(role::counselor, centre.desk);
  const kem_secret_key key = *reader.keys.find(letter_day);
  const letter_head head{id, letter_day, {}};
  const bytes content(32, 7);
  const auto slot = hpke_seal(kem_public(key), writer().put("t1/slot").put(id).finish(), content, centre.random);
  EXPECT_FALSE(hpke_open(slot->enc, slot->sealed, writer().put("t1/reply").put(id).finish(), key));

  const bytes letter = handmade_letter(head, std::vector{kem_public(key)}, handmade_body{}.finish(), centre.random);
  ASSERT_TRUE(open_letter(letter, id, reader.keys));
  bytes as_reply = letter;
  as_reply.resize(reply_bytes);
  EXPECT_EQ(open_reply(as_reply, id, key, {}).error(), failure::cannot_open);
  bytes as_letter = *seal_reply(id, {psk(), kem_public(key)}, {3, "a", {}}, centre.random);
  as_letter.resize(letter_short_bytes);
  const auto refusal = why(open_letter(as_letter, id, reader.keys));
  EXPECT_TRUE(refusal == failure::expired || refusal == failure::cannot_open);
}

}  // namespace
}  // namespace tomoshibi::crypto
