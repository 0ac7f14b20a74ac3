#include "tests/crypto/letter_vectors.hpp"

#include "crypto/return_phrase.hpp"
#include "crypto/sheets.hpp"
#include "tests/crypto/handmade_letter.hpp"
#include "tests/crypto/vector_writer.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {
namespace {

constexpr std::string_view letter_preface =
    "# Letters, replies, return phrases, inboxes and sheets of T1, written by write_letter_vectors from a seed; do "
    "not\n"
    "# edit. A line is `name = hex`. NAME.random: the random bytes that NAME was made with, in the order they are "
    "drawn.\n"
    "# letter: 32 for C; 64 for each reader's slot; for each empty slot 32 for its seed, 32 for what it seals, 64 to "
    "seal.\n"
    "# reply: 64. inbox: 24 for the nonce. sheets: 32. `refused.FAILURE.KIND.why` must be refused with FAILURE by "
    "the\n"
    "# first reader, or with the return phrase.\n";

constexpr local_day day = 20'717;

// Draws from a seed, and remembers what was drawn since it was last asked.
class drawing final : public random_source {
 public:
  void fill(std::span<byte> out) override {
    from_.fill(out);
    drawn_.insert(drawn_.end(), out.begin(), out.end());
  }
  bytes drawn() { return std::exchange(drawn_, {}); }

 private:
  support::seeded_random from_{17};
  bytes drawn_;
};

struct members {
  explicit members(random_source& random) {
    for (std::size_t i = 0; i < 3; ++i) {
      const auto certificate = random.make_block<32>();  // stands for one
      identity who{{certificate.begin(), certificate.end()}, random.make_secret<32>(), random.make_secret<32>()};
      reads[i].keep(day, day - 1, random);
      keys.push_back({sha256(certificate), kem_public(*reads[i].find(day))});
      people.push_back(std::move(who));
    }
  }
  std::vector<identity> people;
  std::array<inbox, 3> reads;
  std::vector<reader_key> keys;
};

secret_bytes text_of(std::string_view in) { return {in.begin(), in.end()}; }

void add_phrases(vector_writer& out, const sign_public_key& root) {
  out.section("Return phrases");
  for (const auto& [name, phrase] :
       {std::pair{"phrase.words", "ka ki ku ke ko sa"}, {"phrase.digits", "012345678901234567890123"}}) {
    const return_keys keys = *derive_return_keys(phrase, root);
    const std::string of(name);
    out.line(of, as_bytes(phrase));
    out.line(of + ".locator", keys.locator.view());
    out.line(of + ".locator_hash", keys.locator_hash());
    out.line(of + ".sign_seed", keys.sign.view());
    out.line(of + ".kem_seed", keys.key.view());
    out.line(of + ".psk", keys.with.view());
  }
}

void add_members(vector_writer& out, const members& in) {
  out.section("Readers of the letters, and their seeds of that day");
  out.number("day", day);
  for (std::size_t i = 0; i < in.keys.size(); ++i) {
    const std::string of = "reader." + std::to_string(i + 1);
    out.line(of + ".certificate_hash", in.keys[i].certificate_hash);
    out.line(of + ".seed", in.reads[i].find(day)->view());
    out.line(of + ".public", in.keys[i].key);
  }
}

void add_inbox(vector_writer& out, const members& in, drawing& random) {
  out.section("The inbox of the first reader");
  out.line("inbox.sign_seed", in.people[0].sign.view());
  out.line("inbox.agree_seed", in.people[0].agree.view());
  random.drawn();
  const bytes sealed = in.reads[0].seal(in.people[0], random);
  out.line("inbox.random", random.drawn());
  out.line("inbox", sealed);
}

void add_letters(vector_writer& out, const members& in, const letter_head& head, const answer_keys& answer,
                 drawing& random) {
  out.section("Letters, and a reply. The long letter stands as its hash");
  out.line("id", head.id);
  out.line("roster_hash", head.roster_hash);
  out.line("letter.text", as_bytes("聞いてもらえますか"));
  random.drawn();
  const bytes letter = *seal_letter(head, {1, answer, text_of("聞いてもらえますか")}, in.keys, random);
  out.line("letter.random", random.drawn());
  out.object("letter", letter);
  const bytes longest =
      *seal_letter(head, {1, std::nullopt, secret_bytes(letter_text_bytes_max, 'a')}, in.keys, random);
  out.line("long_letter.random", random.drawn());
  out.line("long_letter.hash", sha256(longest));
  out.line("reply.alias", as_bytes("あおい"));
  out.line("reply.text", as_bytes("読みました"));
  const bytes reply = *seal_reply(head.id, answer, {1, "あおい", text_of("読みました")}, random);
  out.line("reply.random", random.drawn());
  out.object("reply", reply);
}

void add_refused(vector_writer& out, const members& in, const letter_head& head, const answer_keys& answer,
                 drawing& random) {
  out.section("Refused, though whoever made them knew every key");
  const std::vector<kem_public_key> to{in.keys[0].key};
  handmade_body body;
  body.with[0] = 1;
  out.line("refused.malformed.letter.psk_without_answer", handmade_letter(head, to, body.finish(), random));
  body = {};
  body.length = 4;
  out.line("refused.malformed.letter.byte_behind_the_text", handmade_letter(head, to, body.finish(), random));
  letter_head other = head;
  other.day = day + 21;
  out.line("refused.expired.letter.no_key_of_its_day", handmade_letter(other, to, handmade_body{}.finish(), random));
  const bytes plain = writer().number(byte{1}).put("Aoi").pad_to(reply_plain_bytes).finish();
  out.line("refused.cannot_open.reply.without_psk", handmade_reply(head.id, answer.to, nullptr, plain, random));
  const psk wrong(random.make_block<32>());
  out.line("refused.cannot_open.reply.of_another_psk", handmade_reply(head.id, answer.to, &wrong, plain, random));
  other.id[0] ^= 1;
  out.line("refused.wrong_binding.reply.to_another_letter",
           handmade_reply(other.id, answer.to, &answer.with, plain, random));
}

void add_sheets(vector_writer& out, const sign_seed& root, drawing& random) {
  out.section("Sheets, as bytes and as they are printed");
  random.drawn();
  const auto made = split_root(root, random);
  out.line("sheets.random", random.drawn());
  for (const sheet& each : made) {
    const std::string of = "sheet." + std::to_string(each.number);
    out.line(of, encode_sheet(each));
    out.line(of + ".printed", print_sheet(each));
  }
}

}  // namespace

std::string make_letter_vectors() {
  drawing random;
  vector_writer out(letter_preface);
  out.section("The root");
  const auto root = random.make_secret<32>();
  out.line("root.seed", root.view());
  out.line("root.public", sign_public(root));
  add_phrases(out, sign_public(root));
  const members in(random);
  add_members(out, in);
  add_inbox(out, in, random);
  const return_keys phrase = *derive_return_keys("ka ki ku ke ko sa", sign_public(root));
  const answer_keys answer{phrase.with, kem_public(phrase.key)};
  const letter_head head{random.make_block<16>(), day, random.make_block<32>()};
  add_letters(out, in, head, answer, random);
  add_refused(out, in, head, answer, random);
  add_sheets(out, root, random);
  return out.finish();
}

}  // namespace tomoshibi::crypto
