#include "client-web/core/phrase.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "client-web/core/unlock.hpp"

namespace tomoshibi::core {
namespace {

// The syllables of crypto::make_passphrase, and how else they are written. `other`: the second way in Latin letters.
struct syllable {
  std::string_view latin, kana, other;
};
constexpr std::array<syllable, 70> syllables{{
    {"ka", "か", ""},       {"ki", "き", ""},       {"ku", "く", ""},       {"ke", "け", ""},
    {"ko", "こ", ""},       {"ga", "が", ""},       {"gi", "ぎ", ""},       {"gu", "ぐ", ""},
    {"ge", "げ", ""},       {"go", "ご", ""},       {"sa", "さ", ""},       {"shi", "し", "si"},
    {"su", "す", ""},       {"se", "せ", ""},       {"so", "そ", ""},       {"za", "ざ", ""},
    {"ji", "じ", "zi"},     {"zu", "ず", ""},       {"ze", "ぜ", ""},       {"zo", "ぞ", ""},
    {"ta", "た", ""},       {"chi", "ち", "ti"},    {"tsu", "つ", "tu"},    {"te", "て", ""},
    {"to", "と", ""},       {"da", "だ", ""},       {"de", "で", ""},       {"do", "ど", ""},
    {"na", "な", ""},       {"ni", "に", ""},       {"nu", "ぬ", ""},       {"ne", "ね", ""},
    {"no", "の", ""},       {"ha", "は", ""},       {"hi", "ひ", ""},       {"fu", "ふ", "hu"},
    {"he", "へ", ""},       {"ho", "ほ", ""},       {"ba", "ば", ""},       {"bi", "び", ""},
    {"bu", "ぶ", ""},       {"be", "べ", ""},       {"bo", "ぼ", ""},       {"pa", "ぱ", ""},
    {"pi", "ぴ", ""},       {"pu", "ぷ", ""},       {"pe", "ぺ", ""},       {"po", "ぽ", ""},
    {"ma", "ま", ""},       {"mi", "み", ""},       {"mu", "む", ""},       {"me", "め", ""},
    {"mo", "も", ""},       {"ya", "や", ""},       {"yu", "ゆ", ""},       {"yo", "よ", ""},
    {"ra", "ら", ""},       {"ri", "り", ""},       {"ru", "る", ""},       {"re", "れ", ""},
    {"ro", "ろ", ""},       {"wa", "わ", ""},       {"sha", "しゃ", "sya"}, {"shu", "しゅ", "syu"},
    {"sho", "しょ", "syo"}, {"ja", "じゃ", "zya"},  {"ju", "じゅ", "zyu"},  {"jo", "じょ", "zyo"},
    {"cha", "ちゃ", "tya"}, {"cho", "ちょ", "tyo"},
}};
constexpr syllable final_n{"n", "ん", "nn"};
constexpr std::array<std::string_view, 14> between{" ", "-", ".", ",", "、", "。", "・",
                                                   "‐", "‑", "–", "—", "−",  "ー", "ｰ"};

bool begins(bytes_view text, std::string_view with) {
  return !with.empty() && text.size() >= with.size() && std::ranges::equal(text.first(with.size()), as_bytes(with));
}

// Katakana are in the order of hiragana, 96 places on: both are three bytes of UTF-8.
crypto::secret_bytes to_hiragana(bytes_view text) {
  crypto::secret_bytes out(text.begin(), text.end());
  for (std::size_t at = 0; at + 2 < out.size(); ++at) {
    if (out[at] != 0xe3) continue;
    const unsigned code = 0x3000u | (out[at + 1] & 0x3fu) << 6 | (out[at + 2] & 0x3fu);
    if (code < 0x30a1 || code > 0x30f3) continue;
    const unsigned hiragana = code - 0x60;
    out[at + 1] = static_cast<byte>(0x80 | (hiragana >> 6 & 0x3f));
    out[at + 2] = static_cast<byte>(0x80 | (hiragana & 0x3f));
    at += 2;
  }
  return out;
}

// The longest spelling that `text` begins with, of all syllables; taken off its front.
const syllable* take_syllable(bytes_view& text) {
  const syllable* found = nullptr;
  std::size_t longest = 0;
  for (const syllable& each : syllables)
    for (const std::string_view spelled : {each.latin, each.kana, each.other})
      if (spelled.size() > longest && begins(text, spelled)) {
        found = &each;
        longest = spelled.size();
      }
  text = text.subspan(longest);
  return found;
}

bool take_between(bytes_view& text) {
  for (const std::string_view each : between)
    if (begins(text, each)) {
      text = text.subspan(each.size());
      return true;
    }
  return false;
}

// No syllable is a bare vowel: an n before a vowel begins one, and every other n ends a word. It may be typed twice.
bool take_final_n(bytes_view& text) {
  if (begins(text, final_n.kana)) return text = text.subspan(final_n.kana.size()), true;
  if (bytes_view after = text; take_syllable(after) != nullptr) return false;
  for (const std::string_view spelled : {final_n.latin, final_n.other}) {
    if (!begins(text, spelled)) return false;
    const bytes_view rest = text.subspan(spelled.size());
    bytes_view after = rest;
    if (rest.empty() || take_between(after) || take_syllable(after) != nullptr) return text = rest, true;
  }
  return false;
}

std::optional<crypto::secret_bytes> read_digits(bytes_view text) {
  crypto::secret_bytes out;
  while (!text.empty()) {
    if (take_between(text)) continue;
    if (text.front() < '0' || text.front() > '9') return std::nullopt;
    out.push_back(text.front());
    text = text.subspan(1);
  }
  if (out.size() != phrase_digits) return std::nullopt;
  return out;
}

std::optional<crypto::secret_bytes> read_words(bytes_view text) {
  crypto::secret_writer out(phrase_words * 10);
  for (std::size_t word = 0; word < phrase_words; ++word) {
    if (word > 0) out.put(" ");
    for (int each = 0; each < 2; ++each) {
      while (take_between(text)) {
      }
      const syllable* next = take_syllable(text);
      if (next == nullptr) return std::nullopt;
      out.put(next->latin);
    }
    if (take_final_n(text)) out.put(final_n.latin);
  }
  while (take_between(text)) {
  }
  if (!text.empty()) return std::nullopt;
  return out.finish();
}

bool is_digits(bytes_view phrase) { return !phrase.empty() && phrase.front() >= '0' && phrase.front() <= '9'; }

}  // namespace

crypto::secret_bytes show_in_kana(bytes_view phrase) {
  if (is_digits(phrase)) return show_in_latin(phrase);
  crypto::secret_writer out(phrase_words * 10);
  while (!phrase.empty()) {
    if (const syllable* next = take_syllable(phrase)) {
      out.put(next->kana);
    } else if (take_final_n(phrase)) {
      out.put(final_n.kana);
    } else {
      out.put(phrase.first(1));
      phrase = phrase.subspan(1);
    }
  }
  return out.finish();
}

crypto::secret_bytes show_in_latin(bytes_view phrase) {
  crypto::secret_writer out(phrase.size() + phrase_words);
  for (std::size_t at = 0; at < phrase.size(); ++at) {
    if (is_digits(phrase) && at > 0 && at % phrase_digits_in_group == 0) out.put(" ");
    out.number(phrase[at]);
  }
  return out.finish();
}

std::optional<crypto::secret_bytes> read_phrase(bytes_view typed) {
  const crypto::secret_bytes tidied = to_hiragana(tidy_passphrase(typed));
  if (auto digits = read_digits(tidied)) return digits;
  return read_words(tidied);
}

}  // namespace tomoshibi::core
