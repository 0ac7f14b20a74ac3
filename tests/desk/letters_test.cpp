// Letters: each rule, and each bound with one past it.
#include "server/desk/letters.hpp"

#include "tests/desk/scene.hpp"

namespace tomoshibi::desk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::letter_finish;
using wire::letter_refusal;

constexpr day_number today = 20'000;
constexpr seconds day_seconds = 86'400;

// No cryptography here either: a number made of all the bytes.
wire::hash digest_of(bytes_view in) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const byte b : in) sum = (sum ^ b) * 0x100000001b3;
  wire::hash out{};
  for (byte& b : out) b = static_cast<byte>((sum = sum * 6364136223846793005 + 1) >> 56);
  return out;
}

// Days begin at midnight UTC. The desk is open on every day but the ones that a test names.
class post : public scene {
 public:
  post() { make(); }

  static inline const desk_id other_desk = named<16>(4);

  std::optional<letters> mail;
  std::set<day_number> closed_days;
  std::uint64_t rows_named = 0;

  void make() {
    const auto days = [this](seconds moment) {
      local_days out{static_cast<day_number>(moment / day_seconds), 0};
      for (day_number day = out.today - 1; day > out.today - 100 && out.staffed_before == 0; --day)
        if (!closed_days.contains(day)) out.staffed_before = day;
      return out;
    };
    std::vector<desk_settings> with = settings();
    with.push_back({.id = other_desk, .hours = nine_to_five});
    for (desk_settings& one : with) one.days = days;
    mail.emplace(std::move(with), digest_of, [this] {
      conversation_id out{0xaa};
      for (unsigned i = 0; i < 8; ++i) out[8 + i] = static_cast<byte>(rows_named >> (8 * i));
      ++rows_named;
      return out;
    });
    const auto loaded = mail->load(load(), now);
    EXPECT_TRUE(loaded) << loaded.error();
  }
  void restart() {
    make();
    heard.clear();
    ended.clear();
  }

  // --- events ---
  void say(connection_id who, const wire::client_message& said) { apply(mail->received(who, said, now)); }
  void hang_up(connection_id who) { apply(mail->closed(who)); }
  void tick() { apply(mail->tick(now)); }
  void pass(seconds time) {
    now += time;
    tick();
  }

  letter_member member_of(unsigned n, const desk_id& desk = centre_desk) const {
    letter_member out{{}, desk, named(n), {}};
    out.certificate[0] = static_cast<byte>(n);
    out.certificate[1] = static_cast<byte>(n >> 8);
    out.id = digest_of(out.certificate);
    return out;
  }
  static block<wire::inbox_key_bytes> key_of(unsigned n, day_number day) {
    block<wire::inbox_key_bytes> out{};
    out[0] = static_cast<byte>(n);
    out[1] = static_cast<byte>(day);
    return out;
  }
  void arrive(connection_id who, unsigned n, const desk_id& desk = centre_desk) {
    apply(mail->arrived(who, member_of(n, desk), now));
  }
  void put_key(connection_id who, unsigned n, day_number day) { apply(mail->put_key(who, day, key_of(n, day), now)); }
  // Readers 1 and 2 on connections 101 and 102, with their keys of today.
  void staff_it() {
    for (unsigned n = 1; n <= 2; ++n) {
      arrive(100 + n, n);
      put_key(100 + n, n, today);
    }
    heard.clear();
  }

  static return_phrase phrase_of(unsigned n) { return {named(1'000 + n), named(2'000 + n)}; }
  static bytes text_of(unsigned n, byte parts) {
    bytes out(parts * sizeof(wire::frame));
    for (byte part = 0; part < parts; ++part) {
      out[part * sizeof(wire::frame)] = static_cast<byte>(n);
      out[part * sizeof(wire::frame) + 1] = part;
    }
    return out;
  }
  wire::begin_letter begin_of(unsigned n, std::optional<return_phrase> phrase = {}, byte parts = 5) const {
    wire::begin_letter out{centre_desk,
                           named<16>(n),
                           static_cast<day_number>(now / day_seconds),
                           parts,
                           digest_of(text_of(n, parts)),
                           {},
                           {}};
    if (phrase) {
      out.locator_hash = phrase->locator_hash;
      out.sign_key = phrase->sign_key;
    }
    return out;
  }
  wire::letter_part part_of(unsigned n, byte number, byte parts = 5) const {
    wire::letter_part out{named<16>(n), number, {}};
    const bytes text = text_of(n, parts);
    std::copy_n(text.begin() + static_cast<std::ptrdiff_t>((number - 1u) * out.body.size()), out.body.size(),
                out.body.begin());
    return out;
  }
  void parts(connection_id who, unsigned n, byte from = 1, byte through = 5) {
    for (byte number = from; number <= through; ++number) say(who, part_of(n, number, through));
  }
  void deposit(connection_id who, unsigned n, std::optional<return_phrase> phrase = {}) {
    say(who, begin_of(n, phrase));
    parts(who, n);
  }
  void deposit_slowly(connection_id who, unsigned n, std::optional<return_phrase> phrase = {}) {
    now += letters_begun.pause;
    deposit(who, n, phrase);
  }
  void reply(connection_id who, unsigned n) {
    for (byte number = 1; number <= wire::reply_parts; ++number)
      say(who, wire::reply_part{named<16>(n), number, body_of(n * 10 + number)});
  }
  void finish(connection_id who, unsigned n, letter_finish how) { say(who, wire::finish_letter{named<16>(n), how}); }
  void show(connection_id who, unsigned n, bool proven = true, bool burn = false) {
    apply(
        mail->show(who, phrase_of(n).locator_hash, proven && mail->return_key(phrase_of(n).locator_hash), burn, now));
  }
  void answer(connection_id who, unsigned n) {
    say(who, wire::take_letter{});
    reply(who, n);
    finish(who, n, letter_finish::answered);
  }

  // --- what was said ---
  std::optional<letter_refusal> refusal_of(connection_id who) const {
    const auto last = this->last<wire::letter_refused>(who);
    return last ? std::optional(last->why) : std::nullopt;
  }
  unsigned given(connection_id who) const {  // the latest; 0: none
    const auto last = this->last<wire::letter_given>(who);
    return last ? last->letter[15] : 999u;
  }
  std::size_t rows_of(byte kind) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(stored, [&](const auto& one) { return one.second.value.at(0) == kind; }));
  }
};

// --- who can read ---

TEST(letter_keys, of_today_are_given_with_the_certificates_and_two_make_a_letter_possible) {
  post in;
  in.arrive(101, 1);
  in.put_key(101, 1, today);
  in.put_key(101, 1, today + 1);
  in.say(1, wire::ask_letter_keys{in.centre_desk});
  EXPECT_FALSE(in.last<wire::letter_day>(1)->taken) << "one reader is too few";
  EXPECT_EQ(in.last<wire::letter_day>(1)->readers, 1);
  in.arrive(102, 2);
  in.put_key(102, 2, today);
  in.say(1, wire::ask_letter_keys{in.centre_desk});
  const auto day = *in.last<wire::letter_day>(1);
  EXPECT_TRUE(day.taken);
  EXPECT_EQ(day.day, today);
  EXPECT_EQ(day.readers, 2);
  EXPECT_EQ(day.read_from, in.now) << "it is open";
  EXPECT_EQ(day.kept_days, letters_kept_days);
  const auto readers = in.all<wire::letter_reader>(1);
  ASSERT_EQ(readers.size(), 3u);
  std::set<byte> both{readers[1].certificate[0], readers[2].certificate[0]};
  EXPECT_EQ(both, (std::set<byte>{1, 2}));
  for (const auto& each : readers) EXPECT_EQ(each.key, post::key_of(each.certificate[0], today));
}

TEST(letter_keys, say_when_the_desk_opens_next) {
  post in;
  in.now = today * day_seconds + 20 * 3600;
  in.say(1, wire::ask_letter_keys{in.centre_desk});
  EXPECT_EQ(in.last<wire::letter_day>(1)->read_from, (today + 1) * day_seconds + 9 * 3600);
}

TEST(letter_keys, of_a_desk_that_takes_no_letters_are_zeros) {
  post in;
  in.staff_it();
  for (const desk_id& desk : {in.drill_desk, in.hidden_desk, named<16>(99)}) {
    in.say(1, wire::ask_letter_keys{desk});
    wire::letter_day said = *in.last<wire::letter_day>(1), zeros{desk, 0, 0, 0, 0, false};
    EXPECT_TRUE(said.fields() == zeros.fields());
    in.say(2, [&] {
      auto begun = in.begin_of(1);
      begun.desk = desk;
      return begun;
    }());
    EXPECT_EQ(in.refusal_of(2), letter_refusal::unknown);
  }
}

TEST(letter_keys, are_of_one_desk) {
  post in;
  in.staff_it();
  in.arrive(103, 3, in.other_desk);
  in.put_key(103, 3, today);
  in.say(1, wire::ask_letter_keys{in.other_desk});
  EXPECT_EQ(in.last<wire::letter_day>(1)->readers, 1);
}

TEST(letter_keys, are_told_of_so_many_and_no_more) {
  post in;
  for (unsigned n = 1; n <= wire::letter_readers_max + 1u; ++n) {
    in.arrive(100 + n, n);
    in.put_key(100 + n, n, today);
  }
  in.say(1, wire::ask_letter_keys{in.centre_desk});
  EXPECT_EQ(in.last<wire::letter_day>(1)->readers, wire::letter_readers_max);
  EXPECT_EQ(in.count<wire::letter_reader>(1), wire::letter_readers_max);
}

TEST(letter_keys, are_asked_for_so_often_and_no_oftener) {
  post in;
  for (unsigned n = 0; n < key_questions.at_once; ++n) in.say(1, wire::ask_letter_keys{in.centre_desk});
  EXPECT_THAT(in.ended, IsEmpty());
  in.say(1, wire::ask_letter_keys{in.centre_desk});
  EXPECT_EQ(in.end_of(1), wire::error::too_fast);
  for (unsigned n = 0; n < key_questions.at_once; ++n) in.say(2, wire::ask_letter_keys{in.centre_desk});
  in.now += key_questions.pause;
  in.say(2, wire::ask_letter_keys{in.centre_desk});
  EXPECT_FALSE(in.end_of(2));
}

TEST(inbox, takes_keys_from_today_to_twenty_days_ahead) {
  post in;
  in.arrive(101, 1);
  for (const day_number day : {today - 1, today, today + keys_ahead_days, today + keys_ahead_days + 1})
    in.put_key(101, 1, day);
  ASSERT_EQ(in.stored.size(), 1u);
  const row& kept = in.stored.begin()->second;
  ASSERT_EQ(kept.mail.size(), 2u);
  EXPECT_TRUE(kept.mail.contains({side::counselor, today}));
  EXPECT_TRUE(kept.mail.contains({side::counselor, today + keys_ahead_days}));
}

TEST(inbox, takes_none_of_who_reads_no_letters) {
  post in;
  in.put_key(101, 1, today);
  EXPECT_THAT(in.stored, IsEmpty());
}

TEST(inbox, drops_what_it_has_and_replaces_another_key_of_the_day) {
  post in;
  in.arrive(101, 1);
  for (day_number day = today; day < today + 3; ++day) in.put_key(101, 1, day);
  in.put_key(101, 1, today + 1);
  EXPECT_THAT(in.writes, IsEmpty());
  in.apply(in.mail->put_key(101, today + 1, post::key_of(9, today + 1), in.now));
  const row& kept = in.stored.begin()->second;
  ASSERT_EQ(kept.mail.size(), 3u);
  EXPECT_EQ(kept.mail.at({side::counselor, today})[0], 1);
  EXPECT_EQ(kept.mail.at({side::counselor, today + 1})[0], 9);
  EXPECT_EQ(kept.mail.at({side::counselor, today + 2})[0], 1);
}

TEST(inbox, of_a_newer_certificate_takes_the_place_of_the_one_before) {
  post in;
  in.staff_it();
  letter_member newer = in.member_of(1);
  newer.certificate[5] = 7;
  newer.id = digest_of(newer.certificate);
  in.apply(in.mail->arrived(111, newer, in.now));
  in.apply(in.mail->put_key(111, today, post::key_of(1, today), in.now));
  EXPECT_EQ(in.rows_of(inbox_kind), 2u);
  in.say(1, wire::ask_letter_keys{in.centre_desk});
  EXPECT_EQ(in.last<wire::letter_day>(1)->readers, 2) << "nobody counts twice";
}

TEST(inbox, is_kept_for_so_many_members_and_no_more) {
  post in;
  for (unsigned n = 1; n <= inboxes_max + 1; ++n) {
    in.arrive(100 + n, n);
    in.put_key(100 + n, n, today);
  }
  EXPECT_EQ(in.stored.size(), inboxes_max);
}

TEST(inbox, of_who_reads_letters_no_more_is_erased) {
  post in;
  in.staff_it();
  in.apply(in.mail->review([](bytes_view certificate) { return certificate[0] != 1; }));
  EXPECT_EQ(in.stored.size(), 1u);
  in.say(1, wire::ask_letter_keys{in.centre_desk});
  EXPECT_EQ(in.last<wire::letter_day>(1)->readers, 1);
  EXPECT_EQ(in.last<wire::letter_reader>(1)->certificate[0], 2);
}

TEST(inbox_days, are_told_on_arriving_and_at_midnight) {
  post in;
  in.arrive(101, 1);
  EXPECT_EQ(in.last<wire::inbox_days>(101)->today, today);
  EXPECT_EQ(in.last<wire::inbox_days>(101)->keep_from, today - 1);
  in.arrive(101, 1);
  in.pass(14 * 3600 - 1);
  EXPECT_EQ(in.count<wire::inbox_days>(101), 1u);
  in.pass(1);
  EXPECT_EQ(in.count<wire::inbox_days>(101), 2u);
  EXPECT_EQ(in.last<wire::inbox_days>(101)->today, today + 1);
}

TEST(inbox_days, keep_what_the_last_staffed_day_could_not_open_but_sixteen_days_at_most) {
  for (const day_number closed : {0u, 1u, 5u, 15u, 16u, 40u}) {
    post in;
    for (day_number n = 1; n <= closed; ++n) in.closed_days.insert(today - n);
    in.make();
    in.arrive(101, 1);
    EXPECT_EQ(in.last<wire::inbox_days>(101)->keep_from, today - std::min(closed + 1, unread_days_max)) << closed;
  }
}

TEST(inbox_days, end_of_a_day_erases_its_public_keys) {
  post in;
  in.staff_it();
  in.put_key(101, 1, today + 1);
  in.pass(day_seconds);
  in.say(1, wire::ask_letter_keys{in.centre_desk});
  EXPECT_EQ(in.last<wire::letter_day>(1)->readers, 1);
  std::size_t keys = 0;
  for (const auto& [name, kept] : in.stored) keys += kept.mail.size();
  EXPECT_EQ(keys, 1u);
}

// --- depositing ---

TEST(letter, is_stored_whole_with_its_last_part_and_not_before) {
  for (const byte parts : {wire::letter_parts_short, wire::letter_parts_long}) {
    post in;
    in.say(1, in.begin_of(7, {}, parts));
    in.parts(1, 7, 1, parts);
    EXPECT_EQ(in.writes.size(), 1u + parts) << "one batch";
    EXPECT_EQ(in.count<wire::letter_stored>(1), 1u);
    EXPECT_EQ(in.last<wire::letter_stored>(1)->kept_until, in.now + letters_kept_days * day_seconds);
    ASSERT_EQ(in.stored.size(), 1u);
    EXPECT_EQ(in.stored.begin()->second.mail.size(), parts);
  }
  post in;
  in.say(1, in.begin_of(7));
  for (byte number = 1; number < 5; ++number) in.say(1, in.part_of(7, number));
  EXPECT_THAT(in.stored, IsEmpty());
  EXPECT_THAT(in.heard, IsEmpty());
}

TEST(letter, has_one_of_two_sizes) {
  for (const byte parts : bytes{0, 1, 4, 6, 10, 12, 255}) {
    post in;
    in.say(1, in.begin_of(7, {}, parts));
    EXPECT_EQ(in.refusal_of(1), letter_refusal::unknown) << int{parts};
  }
}

TEST(letter, that_is_another_than_its_digest_says_is_refused) {
  post in;
  in.say(1, in.begin_of(7));
  for (byte number = 1; number <= 5; ++number) {
    auto part = in.part_of(7, number);
    if (number == 5) part.body[4095] = 1;  // in the padding
    in.say(1, part);
  }
  EXPECT_EQ(in.refusal_of(1), letter_refusal::unknown);
  EXPECT_THAT(in.stored, IsEmpty());
}

TEST(letter, parts_come_in_order) {
  for (const frame_number wrong : {0u, 1u, 3u}) {
    post in;
    in.say(1, in.begin_of(7));
    in.say(1, in.part_of(7, 1));
    auto part = in.part_of(7, 2);
    part.number = wrong;
    in.say(1, part);
    EXPECT_EQ(in.refusal_of(1), letter_refusal::unknown) << wrong;
    in.parts(1, 7, 2);
    EXPECT_EQ(in.heard.at(1).size(), 1u) << "the rest was on its way";
    EXPECT_THAT(in.stored, IsEmpty());
  }
}

TEST(letter, is_collected_one_at_a_time_for_each_connection) {
  post in;
  in.say(1, in.begin_of(7));
  in.parts(1, 7, 1, 4);
  in.say(1, in.begin_of(8));
  in.say(1, in.part_of(7, 5));
  EXPECT_THAT(in.stored, IsEmpty());
  in.parts(1, 8);
  EXPECT_EQ(in.last<wire::letter_stored>(1)->letter, named<16>(8));
  EXPECT_EQ(in.stored.size(), 1u);
}

TEST(letter, of_a_connection_that_is_gone_is_forgotten) {
  post in;
  in.say(1, in.begin_of(7));
  in.say(1, in.part_of(7, 1));
  in.hang_up(1);
  in.parts(1, 7, 2);
  EXPECT_THAT(in.stored, IsEmpty());
  in.deposit(2, 7);
  EXPECT_EQ(in.count<wire::letter_stored>(2), 1u);
}

TEST(letter, said_again_is_acknowledged_again_without_its_parts) {
  post in;
  in.deposit(1, 7, post::phrase_of(1));
  in.say(2, in.begin_of(7, post::phrase_of(1)));
  EXPECT_EQ(in.last<wire::letter_stored>(2)->kept_until, in.last<wire::letter_stored>(1)->kept_until);
  in.parts(2, 7);
  EXPECT_EQ(in.heard.at(2).size(), 1u);
  EXPECT_EQ(in.stored.size(), 1u);
}

TEST(letter, said_on_two_connections_at_once_is_stored_once) {
  post in;
  in.say(1, in.begin_of(7));
  in.say(2, in.begin_of(7));
  in.parts(1, 7);
  in.parts(2, 7);
  EXPECT_EQ(in.count<wire::letter_stored>(1), 1u);
  EXPECT_EQ(in.count<wire::letter_stored>(2), 1u);
  EXPECT_EQ(in.stored.size(), 1u);
}

TEST(letter, of_an_id_in_use_is_refused) {
  post in;
  in.deposit(1, 7);
  auto other = in.begin_of(7);
  other.digest[0] ^= 1;
  in.say(2, other);
  EXPECT_EQ(in.refusal_of(2), letter_refusal::unknown);
  in.say(3, in.begin_of(7, post::phrase_of(1)));
  EXPECT_EQ(in.refusal_of(3), letter_refusal::unknown);
}

TEST(letter, comes_with_a_whole_phrase_or_none) {
  for (const bool locator : {false, true}) {
    post in;
    auto half = in.begin_of(7, post::phrase_of(1));
    (locator ? half.sign_key : half.locator_hash) = {};
    in.say(1, half);
    EXPECT_EQ(in.refusal_of(1), letter_refusal::unknown);
  }
}

TEST(letter, is_of_today_or_for_ten_minutes_of_yesterday) {
  post in;
  const auto refusal_at = [&](seconds at, day_number day) {
    in.now = at;
    auto begun = in.begin_of(7);
    begun.day = day;
    in.heard.clear();
    in.say(1, begun);
    return in.refusal_of(1);
  };
  const seconds midnight = (today + 1) * day_seconds;
  EXPECT_EQ(refusal_at(midnight - 1, today), std::nullopt);
  EXPECT_EQ(refusal_at(midnight - 1, today + 1), letter_refusal::another_day);
  EXPECT_EQ(refusal_at(midnight, today), std::nullopt);
  EXPECT_EQ(refusal_at(midnight, today + 1), std::nullopt);
  EXPECT_EQ(refusal_at(midnight, today - 1), letter_refusal::another_day);
  EXPECT_EQ(refusal_at(midnight + yesterday_seconds_max - 1, today), std::nullopt);
  EXPECT_EQ(refusal_at(midnight + yesterday_seconds_max, today), letter_refusal::another_day);
}

TEST(letter, waits_with_so_many_at_a_desk_and_no_more) {
  post in;
  in.staff_it();
  for (unsigned n = 1; n < letters_waiting_max; ++n) in.deposit_slowly(1, n);
  in.now += 2 * letters_begun.pause;
  in.say(2, in.begin_of(300));  // two at once, for one place
  in.say(3, in.begin_of(301));
  in.parts(2, 300);
  EXPECT_EQ(in.count<wire::letter_stored>(2), 1u);
  in.parts(3, 301);
  EXPECT_EQ(in.refusal_of(3), letter_refusal::full);
  EXPECT_EQ(in.rows_of(letter_kind), letters_waiting_max);
  in.deposit_slowly(4, 302);
  EXPECT_EQ(in.refusal_of(4), letter_refusal::full);
  in.say(4, wire::ask_letter_keys{in.centre_desk});
  EXPECT_FALSE(in.last<wire::letter_day>(4)->taken);
  in.say(101, wire::take_letter{});
  in.say(101, wire::finish_letter{in.last<wire::letter_given>(101)->letter, letter_finish::read});
  in.deposit_slowly(4, 302);
  EXPECT_EQ(in.count<wire::letter_stored>(4), 1u);
}

TEST(letter, is_kept_with_so_many_at_a_desk_and_no_more) {
  post in;
  in.staff_it();
  for (unsigned n = 1; n <= letters_kept_max; ++n) {
    in.deposit_slowly(1, n, post::phrase_of(n));
    in.say(101, wire::take_letter{});
    in.finish(101, n, letter_finish::read);
    in.heard.clear();
  }
  EXPECT_EQ(in.rows_of(letter_kind), letters_kept_max);
  in.deposit_slowly(1, letters_kept_max + 1);
  EXPECT_EQ(in.refusal_of(1), letter_refusal::full);
}

TEST(letter, comes_under_one_phrase_so_often_and_no_oftener) {
  post in;
  for (unsigned n = 1; n <= wire::letters_by_locator_max; ++n) in.deposit(1, n, post::phrase_of(1));
  EXPECT_EQ(in.count<wire::letter_stored>(1), wire::letters_by_locator_max);
  in.deposit(1, 20, post::phrase_of(1));
  EXPECT_EQ(in.refusal_of(1), letter_refusal::full);
  in.deposit(1, 21, post::phrase_of(2));
  EXPECT_EQ(in.last<wire::letter_stored>(1)->letter, named<16>(21));
}

TEST(letter, under_a_known_phrase_with_another_key_is_refused) {
  post in;
  in.deposit(1, 1, post::phrase_of(1));
  auto forged = post::phrase_of(1);
  forged.sign_key[0] ^= 1;
  in.say(2, in.begin_of(2, forged));
  EXPECT_EQ(in.refusal_of(2), letter_refusal::unknown);
}

TEST(letter, is_begun_so_often_in_the_whole_centre_and_no_oftener) {
  post in;
  for (unsigned n = 1; n <= letters_begun.at_once; ++n) in.say(n, in.begin_of(n));
  EXPECT_THAT(in.heard, IsEmpty());
  in.say(99, in.begin_of(99));
  EXPECT_EQ(in.refusal_of(99), letter_refusal::full);
  in.now += letters_begun.pause;
  in.say(98, in.begin_of(98));
  EXPECT_EQ(in.refusal_of(98), std::nullopt);
}

TEST(letter, is_collected_for_two_minutes) {
  post in;
  in.say(1, in.begin_of(7));
  in.parts(1, 7, 1, 4);
  in.pass(deposit_seconds_max - 1);
  EXPECT_THAT(in.heard, IsEmpty());
  in.pass(1);
  EXPECT_EQ(in.refusal_of(1), letter_refusal::unknown);
  in.say(1, in.part_of(7, 5));
  EXPECT_THAT(in.stored, IsEmpty());
}

// --- reading ---

TEST(reading, begins_with_the_oldest_and_each_letter_is_read_by_one) {
  post in;
  in.staff_it();
  for (const unsigned n : {5u, 3u, 4u}) in.deposit_slowly(1, n);
  EXPECT_EQ(in.last<wire::letters_state>(101)->waiting, 3u);
  EXPECT_EQ(in.last<wire::letters_state>(101)->oldest, in.now - 2 * letters_begun.pause);
  in.heard.clear();
  in.say(101, wire::take_letter{});
  EXPECT_EQ(in.given(101), 5u);
  EXPECT_EQ(in.last<wire::letter_given>(101)->parts, 5);
  EXPECT_FALSE(in.last<wire::letter_given>(101)->answerable);
  EXPECT_EQ(in.last<wire::letter_given>(101)->day, today);
  const auto parts = in.all<wire::letter_part>(101);
  ASSERT_EQ(parts.size(), 5u);
  for (byte number = 1; number <= 5; ++number) {
    auto said = parts[number - 1u], wanted = in.part_of(5, number);
    EXPECT_TRUE(said.fields() == wanted.fields());
  }
  EXPECT_EQ(in.last<wire::letters_state>(102)->waiting, 2u);
  in.say(102, wire::take_letter{});
  EXPECT_EQ(in.given(102), 3u);
}

TEST(reading, of_none_is_all_zeros) {
  post in;
  in.staff_it();
  in.arrive(103, 3, in.other_desk);
  in.deposit(1, 7);
  for (const connection_id who : {103u, 50u}) {  // of another desk; who reads no letters
    in.say(who, wire::take_letter{});
    wire::letter_given said = *in.last<wire::letter_given>(who), zeros;
    EXPECT_TRUE(said.fields() == zeros.fields());
  }
  EXPECT_FALSE(in.last<wire::letters_state>(103)->waiting);
}

TEST(reading, is_of_one_letter_at_a_time) {
  post in;
  in.staff_it();
  in.deposit(1, 1);
  in.deposit(1, 2);
  in.say(101, wire::take_letter{});
  in.say(101, wire::take_letter{});
  EXPECT_EQ(in.end_of(101), wire::error::out_of_phase);
  in.say(102, wire::take_letter{});
  EXPECT_EQ(in.given(102), 1u) << "it is back";
}

TEST(reading, put_back_goes_to_a_colleague_and_to_the_same_one_after_a_new_login_only) {
  post in;
  in.staff_it();
  in.deposit(1, 7);
  in.say(101, wire::take_letter{});
  in.finish(101, 7, letter_finish::put_back);
  EXPECT_GT(in.last<wire::letter_stored>(101)->kept_until, in.now);
  in.say(101, wire::take_letter{});
  EXPECT_EQ(in.given(101), 0u);
  in.say(102, wire::take_letter{});
  EXPECT_EQ(in.given(102), 7u);
  in.finish(102, 7, letter_finish::put_back);
  in.hang_up(101);
  in.arrive(111, 1);
  in.say(111, wire::take_letter{});
  EXPECT_EQ(in.given(111), 7u);
}

TEST(reading, ends_with_the_connection_and_nothing_of_the_answer_is_kept) {
  post in;
  in.staff_it();
  in.deposit(1, 7, post::phrase_of(1));
  in.say(101, wire::take_letter{});
  in.reply(101, 7);
  const rows before = in.stored;
  in.hang_up(101);
  EXPECT_EQ(in.stored, before);
  EXPECT_EQ(in.last<wire::letters_state>(102)->waiting, 1u);
  in.finish(101, 7, letter_finish::answered);
  EXPECT_EQ(in.refusal_of(101), letter_refusal::unknown);
  in.say(102, wire::take_letter{});
  EXPECT_EQ(in.given(102), 7u);
  in.finish(102, 7, letter_finish::answered);
  EXPECT_EQ(in.refusal_of(102), letter_refusal::unknown) << "another's reply is not this one's";
}

TEST(reading, answered_erases_the_text_and_keeps_the_reply) {
  post in;
  in.staff_it();
  in.deposit(1, 7, post::phrase_of(1));
  in.say(101, wire::take_letter{});
  EXPECT_TRUE(in.last<wire::letter_given>(101)->answerable);
  in.reply(101, 7);
  EXPECT_EQ(in.count<wire::letter_stored>(101), 0u);
  in.finish(101, 7, letter_finish::answered);
  EXPECT_EQ(in.last<wire::letter_stored>(101)->kept_until, in.last<wire::letter_stored>(1)->kept_until);
  for (const auto& [name, kept] : in.stored)
    if (kept.value.at(0) == letter_kind) {
      ASSERT_EQ(kept.mail.size(), wire::reply_parts);
      for (const auto& [at, value] : kept.mail) EXPECT_EQ(at.first, side::survivor);
    }
  in.say(102, wire::take_letter{});
  EXPECT_EQ(in.given(102), 0u);
}

TEST(reading, answer_has_all_its_parts_in_order) {
  post in;
  in.staff_it();
  in.deposit(1, 7, post::phrase_of(1));
  in.say(101, wire::take_letter{});
  const auto part = [&](frame_number number) { in.say(101, wire::reply_part{named<16>(7), number, {}}); };
  const auto refused = [&] {
    in.heard.clear();
    in.finish(101, 7, letter_finish::answered);
    return in.refusal_of(101) == letter_refusal::unknown;
  };
  EXPECT_TRUE(refused()) << "none";
  part(1);
  part(2);
  EXPECT_TRUE(refused()) << "one too few";
  part(3);
  part(4);
  EXPECT_TRUE(refused()) << "one too many";
  part(1);
  part(3);
  part(2);
  EXPECT_TRUE(refused());
  part(0);
  EXPECT_TRUE(refused());
  in.say(101, wire::reply_part{named<16>(8), 1, {}});              // of another letter
  for (const frame_number number : {1u, 2u, 1u, 2u, 3u}) part(number);  // begun anew
  EXPECT_FALSE(refused());
  EXPECT_EQ(in.count<wire::letter_stored>(101), 1u);
}

TEST(reading, without_a_phrase_leaves_nothing_and_cannot_be_answered) {
  post in;
  in.staff_it();
  in.deposit(1, 7);
  in.say(101, wire::take_letter{});
  in.reply(101, 7);
  in.finish(101, 7, letter_finish::answered);
  EXPECT_EQ(in.refusal_of(101), letter_refusal::unknown);
  in.finish(101, 7, letter_finish::read);
  EXPECT_EQ(in.last<wire::letter_stored>(101)->kept_until, 0u);
  EXPECT_EQ(in.rows_of(letter_kind), 0u);
}

TEST(reading, finished_twice_is_acknowledged_twice_to_who_did_it) {
  post in;
  in.staff_it();
  in.deposit(1, 7, post::phrase_of(1));
  in.answer(101, 7);
  in.hang_up(101);
  in.arrive(111, 1);
  in.finish(111, 7, letter_finish::answered);
  EXPECT_EQ(in.last<wire::letter_stored>(111)->kept_until, in.last<wire::letter_stored>(101)->kept_until);
  in.finish(102, 7, letter_finish::answered);
  EXPECT_EQ(in.refusal_of(102), letter_refusal::unknown);
}

// --- the return phrase ---

TEST(return_phrase, shows_what_has_become_of_each_letter_and_the_replies) {
  post in;
  in.staff_it();
  in.deposit_slowly(1, 1, post::phrase_of(1));
  in.answer(101, 1);
  in.deposit_slowly(1, 2, post::phrase_of(1));
  in.say(101, wire::take_letter{});
  in.finish(101, 2, letter_finish::read);
  in.deposit_slowly(1, 3, post::phrase_of(1));
  in.answer(102, 3);
  in.deposit_slowly(1, 4, post::phrase_of(1));
  in.deposit_slowly(1, 5, post::phrase_of(1));
  in.say(101, wire::take_letter{});
  in.deposit_slowly(1, 6, post::phrase_of(2));
  in.show(9, 1);
  wire::returned said = *in.last<wire::returned>(9);
  wire::returned wanted{true, 2, 1, 0, 2, in.now - letters_begun.pause + letters_kept_days * day_seconds};
  EXPECT_TRUE(said.fields() == wanted.fields());
  const auto parts = in.all<wire::reply_part>(9);
  ASSERT_EQ(parts.size(), 6u);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const unsigned letter = i < 3 ? 1 : 3, number = static_cast<unsigned>(i % 3 + 1);
    EXPECT_EQ(parts[i].letter, named<16>(letter));
    EXPECT_EQ(parts[i].number, number);
    EXPECT_EQ(parts[i].body, body_of(letter * 10 + number));
  }
}

TEST(return_phrase, that_is_unknown_or_signed_by_another_is_answered_alike) {
  post in;
  in.staff_it();
  in.deposit(1, 1, post::phrase_of(1));
  in.answer(101, 1);
  for (const bool burn : {false, true}) {
    const rows before = in.stored;
    in.heard.clear();
    in.show(8, 1, false, burn);
    in.show(9, 2, true, burn);
    EXPECT_EQ(in.stored, before);
    wire::returned zeros;
    for (const connection_id who : {8u, 9u}) {
      ASSERT_EQ(in.heard.at(who).size(), 1u);
      EXPECT_TRUE(in.last<wire::returned>(who)->fields() == zeros.fields());
    }
  }
}

TEST(return_phrase, burns_everything_that_is_kept_under_it) {
  post in;
  in.staff_it();
  in.deposit(1, 1, post::phrase_of(1));
  in.answer(101, 1);
  in.deposit(1, 2, post::phrase_of(1));
  in.say(101, wire::take_letter{});  // in hand
  in.deposit(1, 3, post::phrase_of(1));
  in.deposit(1, 4, post::phrase_of(2));
  in.show(9, 1, true, true);
  wire::returned said = *in.last<wire::returned>(9), wanted{true, 0, 0, 0, 0, 0};
  EXPECT_TRUE(said.fields() == wanted.fields());
  EXPECT_EQ(in.rows_of(letter_kind), 1u);
  EXPECT_EQ(in.refusal_of(101), letter_refusal::unknown) << "whoever reads it is told at once";
  in.reply(101, 2);
  in.finish(101, 2, letter_finish::answered);
  EXPECT_EQ(in.refusal_of(101), letter_refusal::unknown);
  EXPECT_EQ(in.rows_of(letter_kind), 1u);
  EXPECT_EQ(in.last<wire::letters_state>(102)->waiting, 1u);
  in.show(10, 1);
  EXPECT_FALSE(in.last<wire::returned>(10)->found);
  in.say(101, wire::take_letter{});
  EXPECT_EQ(in.given(101), 4u) << "its hands are free";
}

TEST(return_phrase, is_shown_so_often_on_one_connection_and_no_oftener) {
  post in;
  for (unsigned n = 0; n < return_visits.at_once; ++n) in.show(1, 1);
  EXPECT_THAT(in.ended, IsEmpty());
  in.show(1, 1);
  EXPECT_EQ(in.end_of(1), wire::error::too_fast);
}

// --- time ---

TEST(time, erases_a_letter_when_it_was_kept_long_enough) {
  post in;
  in.staff_it();
  in.deposit(1, 1, post::phrase_of(1));
  in.answer(101, 1);
  const seconds until = in.last<wire::letter_stored>(1)->kept_until;
  in.pass(until - 1 - in.now);
  EXPECT_EQ(in.rows_of(letter_kind), 1u);
  in.pass(1);
  EXPECT_EQ(in.rows_of(letter_kind), 0u);
  in.show(9, 1);
  EXPECT_FALSE(in.last<wire::returned>(9)->found);
}

TEST(time, erases_the_text_of_what_nobody_can_open_any_more) {
  post in;
  in.staff_it();
  in.deposit(1, 1, post::phrase_of(1));
  in.deposit(1, 2);
  in.say(101, wire::take_letter{});
  in.pass((today + 2) * day_seconds - 1 - in.now);
  EXPECT_EQ(in.rows_of(letter_kind), 2u) << "on the next staffed day it can be read";
  in.show(9, 1);
  EXPECT_EQ(in.last<wire::returned>(9)->waiting, 1);
  in.pass(1);
  EXPECT_EQ(in.rows_of(letter_kind), 1u);
  in.show(9, 1);
  wire::returned said = *in.last<wire::returned>(9);
  EXPECT_EQ(said.never_read, 1);
  EXPECT_EQ(said.waiting, 0);
  for (const auto& [name, kept] : in.stored) EXPECT_TRUE(kept.mail.empty() || kept.value.at(0) != letter_kind);
  in.finish(101, 1, letter_finish::read);
  EXPECT_EQ(in.refusal_of(101), letter_refusal::unknown);
  EXPECT_EQ(in.last<wire::letters_state>(102)->waiting, 0u);
}

TEST(time, keeps_a_letter_unread_as_long_as_the_consoles_keep_its_keys) {
  for (const day_number closed : {0u, 3u, 15u, 40u}) {
    post in;
    in.staff_it();
    for (day_number n = 1; n <= closed; ++n) in.closed_days.insert(today + n);
    in.deposit(1, 1, post::phrase_of(1));
    const day_number over = today + std::min(closed + 2, unread_days_max + 1);
    in.pass(over * day_seconds - 1 - in.now);
    in.show(8, 1);
    EXPECT_EQ(in.last<wire::returned>(8)->waiting, 1) << closed;
    EXPECT_LE(in.last<wire::inbox_days>(102)->keep_from, today) << closed;
    in.pass(1);
    in.show(9, 1);
    EXPECT_EQ(in.last<wire::returned>(9)->never_read, 1) << closed;
    EXPECT_GT(in.last<wire::inbox_days>(102)->keep_from, today) << closed;
  }
}

TEST(time, of_a_clock_that_was_far_ahead_does_not_keep_a_letter_longer) {
  post in;
  in.now += 1'000 * day_seconds;
  in.deposit(1, 1, post::phrase_of(1));
  in.now -= 1'000 * day_seconds;
  in.tick();
  in.pass(letters_kept_days * day_seconds);
  EXPECT_EQ(in.rows_of(letter_kind), 0u);
}

// --- the store ---

TEST(restart, finds_every_letter_where_it_was_and_nobody_reading_it) {
  post in;
  in.staff_it();
  in.deposit(1, 1, post::phrase_of(1));
  in.answer(101, 1);
  in.deposit(1, 2, post::phrase_of(1));
  in.say(101, wire::take_letter{});
  in.deposit(1, 3);
  in.say(2, in.begin_of(4));
  in.parts(2, 4, 1, 4);
  in.restart();
  in.show(9, 1);
  EXPECT_EQ(in.last<wire::returned>(9)->replies, 1);
  EXPECT_EQ(in.last<wire::returned>(9)->waiting, 1);
  EXPECT_EQ(in.count<wire::reply_part>(9), wire::reply_parts);
  in.say(8, wire::ask_letter_keys{in.centre_desk});
  EXPECT_TRUE(in.last<wire::letter_day>(8)->taken);
  in.arrive(101, 1);
  in.arrive(102, 2);
  EXPECT_EQ(in.last<wire::letters_state>(101)->waiting, 2u) << "what was not whole is not there";
  in.say(101, wire::take_letter{});
  EXPECT_EQ(in.count<wire::letter_part>(101), 5u);
  in.say(1, in.begin_of(3));
  EXPECT_EQ(in.count<wire::letter_stored>(1), 1u) << "acknowledged again";
}

TEST(restart, with_what_is_damaged_says_so) {
  post whole;
  whole.staff_it();
  whole.deposit(1, 1, post::phrase_of(1));
  const auto error_of = [&](const std::function<void(stored_conversation&)>& spoil, byte kind) {
    post in;
    std::vector<stored_conversation> all = whole.load();
    for (stored_conversation& one : all)
      if (one.value.at(0) == kind) spoil(one);
    const auto loaded = in.mail->load(std::move(all), in.now);
    return loaded ? std::string() : loaded.error();
  };
  const auto damaged = testing::HasSubstr("damaged");
  EXPECT_EQ(error_of([](auto&) {}, letter_kind), "");
  EXPECT_THAT(error_of([](auto& one) { one.mail.pop_back(); }, letter_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.mail.erase(one.mail.begin()); }, letter_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.mail[2].value[5] ^= 1; }, letter_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.mail[2].value[0] ^= 1; }, letter_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.mail[4].to = side::survivor; }, letter_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.value.push_back(0); }, letter_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.value.pop_back(); }, letter_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.mail[0].value.pop_back(); }, inbox_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.value.pop_back(); }, inbox_kind), damaged);
  EXPECT_THAT(error_of([](auto& one) { one.value[17 + 15] ^= 0x40; }, letter_kind),
              testing::HasSubstr("put the desk back"));
}

TEST(figures, count_what_waits_and_who_can_read_today) {
  post in;
  in.staff_it();
  in.deposit(1, 1);
  in.deposit(1, 2, post::phrase_of(1));
  in.say(101, wire::take_letter{});
  figures out;
  in.mail->add_figures(in.centre_desk, out, in.now);
  EXPECT_EQ(out.letters, 2u);
  EXPECT_EQ(out.letter_readers, 2u);
}

}  // namespace
}  // namespace tomoshibi::desk
