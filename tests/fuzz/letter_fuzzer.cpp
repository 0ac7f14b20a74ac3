// What is sealed and kept around letters. The fuzzer holds every key, so that its bytes get behind the seals: what
// opens has one form, and what was altered on its way does not open.
#include "crypto/letter.hpp"
#include "crypto/sheets.hpp"
#include "tests/crypto/handmade_letter.hpp"
#include "tests/fuzz/fuzzer.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::fuzz {
namespace {

using namespace crypto;

constexpr local_day today = 20'000;

// One reader, and the keys of one return phrase.
struct sample {
  sample() { keys.keep(today, today - 1, random); }
  support::seeded_random random{1};
  identity who{bytes(certificate_bytes), random.make_secret<32>(), random.make_secret<32>()};
  inbox keys;
  letter_head head{random.make_block<16>(), today, random.make_block<32>()};
  kem_key_pair answer = make_kem_key(random);
  psk with{random.make_block<32>()};
};

secret_bytes text_from(script& from) {
  const bytes_view taken = from.take(from.number<std::uint16_t>() % 9000);
  return {taken.begin(), taken.end()};
}

void must_be_refused(failure why) {
  must(why == failure::malformed || why == failure::wrong_binding || why == failure::expired ||
           why == failure::cannot_open,
       "what does not open is refused for a reason that is told");
}

// An honest letter, altered or cut short.
void feed_letter(script& from) {
  sample of;
  const letter_content content{from.number<byte>(), answer_keys{of.with, of.answer.public_key}, text_from(from)};
  const std::vector<reader_key> to{{hash32{1}, kem_public(*of.keys.find(today))}, {hash32{2}, of.answer.public_key}};
  const auto sealed = seal_letter(of.head, content, to, of.random);
  must(sealed.has_value() == is_utf8(content.text), "a text is sealed");
  if (!sealed) return must(sealed.error() == failure::malformed, "what is no text is malformed");
  bytes letter = *sealed;
  bool altered = from.alter(letter);
  if (from.roll(8) == 0) {
    letter.resize(from.number<std::uint16_t>());
    altered = true;
  }
  const auto opened = open_letter(letter, of.head.id, of.keys);
  must(opened.has_value() == (!altered || letter == *sealed), "a letter opens if nobody has altered it");
  if (!opened) return must_be_refused(opened.error());
  must(opened->text == content.text && opened->language == content.language && opened->answer &&
           opened->answer->with == of.with && opened->answer->to == of.answer.public_key,
       "a letter says what was written");
}

// Any body, sealed as a letter's.
void feed_body(script& from) {
  sample of;
  bytes body(letter_body_short_bytes);
  const bytes_view taken = from.take(body.size());
  std::ranges::copy(taken, body.begin());
  const bytes letter = handmade_letter(of.head, std::vector{kem_public(*of.keys.find(today))}, body, of.random);
  const auto opened = open_letter(letter, of.head.id, of.keys);
  if (!opened) return must(opened.error() == failure::malformed, "what was sealed is refused for what it says");
  must(is_utf8(opened->text), "a letter is text");
  handmade_body again;
  again.language = opened->language;
  again.answer = opened->answer ? 1 : 0;
  if (opened->answer) {
    std::ranges::copy(opened->answer->with.view(), again.with.begin());
    again.to = opened->answer->to;
  }
  again.length = static_cast<std::uint32_t>(opened->text.size());
  again.text.assign(opened->text.begin(), opened->text.end());
  must(again.finish() == body, "a body has one form");
}

// Any plain text, sealed as a reply's; and the reply altered.
void feed_reply(script& from) {
  sample of;
  const unsigned alterations = from.roll(2);
  bytes plain(reply_plain_bytes);
  if (alterations > 0)
    plain = writer().number(byte{1}).put("Aoi").pad_to(reply_plain_bytes).finish();
  else
    std::ranges::copy(from.take(plain.size()), plain.begin());
  bytes reply = handmade_reply(of.head.id, of.answer.public_key, &of.with, plain, of.random);
  const bool altered = alterations > 0 && from.alter(reply);
  const auto opened = open_reply(reply, of.head.id, of.answer.secret_key, of.with);
  if (altered) must(!opened.has_value(), "an altered reply does not open");
  if (!opened) return must_be_refused(opened.error());
  const bytes again = writer()
                          .number(opened->language)
                          .put(writer().put(opened->alias).pad_to(alias_bytes).finish())
                          .number(static_cast<std::uint32_t>(opened->text.size()))
                          .put(opened->text)
                          .pad_to(reply_plain_bytes)
                          .finish();
  must(again == plain && is_alias(opened->alias) && is_utf8(opened->text), "a reply has one form");
}

void feed_inbox(script& from) {
  sample of;
  const bytes_view plain = from.take(4096);
  must(!inbox::open(plain, of.who).has_value(), "nobody seals without the key");
  const auto opened = inbox::open(handmade_inbox(of.who, plain), of.who);
  if (!opened) return must(opened.error() == failure::malformed, "what was sealed is refused for what it says");
  writer again;
  const std::vector<local_day> days = opened->days();
  again.number(static_cast<byte>(days.size()));
  for (const local_day day : days) again.number(day).put(opened->find(day)->view());
  must(days.size() <= inbox_days_max && std::ranges::equal(again.finish(), plain), "an inbox has one form");
}

// A member whose server tells any days.
void feed_days(script& from) {
  sample of;
  while (!from.over()) {
    const local_day day = today + from.number<std::uint16_t>();
    const local_day keep_from = from.roll(2) == 0 ? day - from.number<byte>() : from.number<std::uint32_t>();
    of.keys.keep(day, keep_from, of.random);
    const std::vector<local_day> days = of.keys.days();
    for (local_day each = day; each < day + inbox_days_ahead; ++each)
      must(of.keys.find(each) != nullptr, "there are keys for three weeks");
    must(days.size() <= inbox_days_max && days.front() + inbox_days_behind >= day, "no key lives too long");
    must(!of.keys.keep(day, keep_from, of.random), "the same day again changes nothing");
  }
  const auto again = inbox::open(of.keys.seal(of.who, of.random), of.who);
  must(again && again->days() == of.keys.days(), "an inbox opens again");
}

// A printed sheet, altered; or any page at all.
void feed_sheet(script& from) {
  support::seeded_random random(1);
  const auto made = split_root(random.make_secret<32>(), random);
  secret_bytes page = print_sheet(made[from.roll(3)]);
  const bool any_page = from.roll(2) == 0;
  if (any_page) {
    const bytes_view taken = from.take(4096);
    page.assign(taken.begin(), taken.end());
  } else {
    from.alter(page);
  }
  const auto read = read_sheet({reinterpret_cast<const char*>(page.data()), page.size()});
  if (!read) {
    const sheet_fault& why = read.error();
    return must(why.what == sheet_fault::whole_check ? why.line == 0 : why.line >= 1 && why.line <= sheet_lines,
                "a slip is told with its line");
  }
  const auto again = read_sheet(as_text(print_sheet(*read)));
  must(again && encode_sheet(*again) == encode_sheet(*read), "a sheet reads back as printed");
  const bool one_of_ours = std::ranges::any_of(made, [&](const sheet& one) { return one.share == read->share; });
  if (!any_page) must(one_of_ours, "no slip makes another sheet");
}

constexpr byte letter_mode = 0, body_mode = 1, reply_mode = 2, inbox_mode = 3, days_mode = 4, sheet_mode = 5,
               modes = 6;

}  // namespace

// mode1 | the script of that mode
void feed(bytes_view in) {
  script from(in);
  switch (from.roll(modes)) {
    case letter_mode:
      return feed_letter(from);
    case body_mode:
      return feed_body(from);
    case reply_mode:
      return feed_reply(from);
    case inbox_mode:
      return feed_inbox(from);
    case days_mode:
      return feed_days(from);
    case sheet_mode:
      return feed_sheet(from);
  }
}

std::vector<bytes> seeds() {
  std::vector<bytes> out;
  const auto add = [&](byte mode, bytes_view script) { out.push_back(writer().number(mode).put(script).finish()); };
  add(letter_mode, block<8>{3, 0, 5, 'h', 'e', 'l', 'l', 'o'});
  add(letter_mode, block<10>{3, 0, 1, 'h', 2, 0, 99, 1, 68, 200});
  add(body_mode, handmade_body{}.finish());
  handmade_body answerable;
  answerable.answer = 1;
  answerable.with[0] = 1;
  add(body_mode, answerable.finish());
  add(reply_mode,
      writer().number(byte{0}).number(byte{3}).put("Aoi").pad_to(1 + 33).number(5u).put("hello").finish());
  add(reply_mode, block<5>{1, 1, 9, 9, 1});
  add(inbox_mode, writer().number(byte{2}).number(7u).put(block<32>{}).number(9u).put(block<32>{}).finish());
  add(days_mode, block<12>{0, 1, 0, 1, 0, 3, 0, 2, 0, 20, 1, 0});
  add(sheet_mode, block<6>{1, 1, 1, 0, 9, 1});
  support::seeded_random random(2);
  const secret_bytes page = print_sheet(split_root(random.make_secret<32>(), random)[0]);
  add(sheet_mode, writer().number(byte{0}).number(byte{0}).put("A page\n").put(page).finish());
  return out;
}

}  // namespace tomoshibi::fuzz
