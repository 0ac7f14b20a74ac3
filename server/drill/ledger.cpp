#include "server/drill/ledger.hpp"

#include <algorithm>

namespace tomoshibi::drill {

std::string ledger::next_text(const crypto::conversation_id& in, speaker who, crypto::random_source& random) {
  static constexpr std::string_view words[] = {"灯",   "相談",   "今日", "話",   "明日",    "電話", "子ども", "家",
                                               "help", "listen", "hoje", "今天", "hôm nay", "🙂", "、",     "。"};
  const std::size_t said_before = count_said(in, who);
  const bool is_long = said_before % 7 == 6;  // several frames long
  const std::size_t words_count = is_long ? 500 : 1 + random.make_block<1>()[0] % 40;
  std::string text = std::string(text_marker) + " " + to_hex(random.make_block<8>()) + " ";
  bytes choices(words_count);
  random.fill(choices);
  for (byte choice : choices) text += words[choice % std::size(words)];
  return text;
}

void ledger::said(const crypto::conversation_id& in, speaker who, std::string text, const block<16>& id) {
  sides_[{in, who}].texts.push_back({std::move(text), id});
}

void ledger::read(const crypto::conversation_id& in, speaker by, std::string_view text) {
  const speaker who = by == speaker::survivor ? speaker::counselor : speaker::survivor;
  side& from = sides_[{in, who}];
  const auto found = std::ranges::find(from.texts, text, &entry::text);
  if (found == from.texts.end()) {
    ++from.altered;
    return;
  }
  if (found->read) {
    ++from.duplicated;
    return;
  }
  found->read = true;
  const auto at = static_cast<std::size_t>(found - from.texts.begin());
  if (at != from.next_to_read) ++from.reordered;
  from.next_to_read = at + 1;
}

void ledger::delivered(const crypto::conversation_id& in, speaker who, const block<16>& id) {
  side& from = sides_[{in, who}];
  const auto found = std::ranges::find(from.texts, id, &entry::id);
  if (found == from.texts.end() || found->delivered) return;
  found->delivered = true;
  ++from.delivered;
}

std::size_t ledger::count_said(const crypto::conversation_id& in, speaker who) const {
  const auto found = sides_.find({in, who});
  return found == sides_.end() ? 0 : found->second.texts.size();
}

std::size_t ledger::count_delivered(const crypto::conversation_id& in, speaker who) const {
  const auto found = sides_.find({in, who});
  return found == sides_.end() ? 0 : found->second.delivered;
}

totals ledger::sum() const {
  totals all;
  for (const auto& [whose, from] : sides_) {
    all.sent += from.texts.size();
    for (const entry& text : from.texts) (text.read && text.delivered ? all.delivered : all.lost)++;
    all.duplicated += from.duplicated;
    all.reordered += from.reordered;
    all.altered += from.altered;
  }
  return all;
}

}  // namespace tomoshibi::drill
