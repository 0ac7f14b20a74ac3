#include "server/drill/ledger.hpp"

#include <algorithm>
#include <utility>

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

// --- a text ---

void ledger::said(const crypto::conversation_id& in, speaker who, std::string text, const block<16>& id, moment due) {
  side& from = sides_[{in, who}];
  const side& to = sides_[{in, other(who)}];
  entry one;
  one.due = due;
  one.receiver_forgot = to.between_sessions;
  one.receiver_left = to.has_left;
  from.by_text.emplace(std::move(text), from.texts.size());
  from.by_id.emplace(id, from.texts.size());
  one.waiting = one.confirmable();
  from.waiting += one.waiting;
  from.texts.push_back(one);
  screen& on = from.at_home;
  show(from, on, from.texts.size());
  if (on.first_read == 0) on.first_read = from.texts.size();
}

void ledger::stored(const crypto::conversation_id& in, speaker who, const block<16>& id) {
  side& from = sides_[{in, who}];
  const auto found = from.by_id.find(id);
  if (found != from.by_id.end()) from.texts[found->second].stored = true;
}

std::optional<moment> ledger::read(const crypto::conversation_id& in, speaker by, std::string_view text) {
  side& from = sides_[{in, other(by)}];
  const auto found = from.by_text.find(text);
  if (found == from.by_text.end()) {
    ++from.altered;
    return std::nullopt;
  }
  screen& on = from.at_peer;
  const std::size_t place = found->second + 1;
  if (!show(from, on, place)) return std::nullopt;
  if (place < on.last_read || place < on.last_recalled) ++from.reordered;
  on.last_read = std::max(on.last_read, place);
  if (on.first_read == 0 || place < on.first_read) on.first_read = place;
  entry& one = from.texts[found->second];
  if (std::exchange(one.read, true)) return std::nullopt;
  return one.due;
}

void ledger::recalled(const crypto::conversation_id& in, speaker by, speaker who, std::string_view text) {
  side& from = sides_[{in, who}];
  const auto found = from.by_text.find(text);
  if (found == from.by_text.end()) {
    ++from.altered;
    return;
  }
  screen& on = by == who ? from.at_home : from.at_peer;
  const std::size_t place = found->second + 1;
  if (!show(from, on, place)) return;
  if (place < on.last_recalled || (on.first_read != 0 && place > on.first_read)) ++from.reordered;
  on.last_recalled = std::max(on.last_recalled, place);
}

// False: it is there already.
bool ledger::show(side& from, screen& on, std::size_t place) {
  if (on.shown.size() < from.texts.size()) on.shown.resize(from.texts.size());
  const bool fresh = !on.shown[place - 1];
  on.shown[place - 1] = true;
  from.duplicated += !fresh;
  return fresh;
}

std::optional<moment> ledger::delivered(const crypto::conversation_id& in, speaker who, const block<16>& id) {
  side& from = sides_[{in, who}];
  const auto found = from.by_id.find(id);
  if (found == from.by_id.end()) return std::nullopt;
  entry& one = from.texts[found->second];
  if (one.delivered) return std::nullopt;
  stop_waiting(from, one);
  one.delivered = true;
  return one.due;
}

void ledger::stop_waiting(side& from, entry& text) {
  if (std::exchange(text.waiting, false)) --from.waiting;
}

void ledger::dropped(const crypto::conversation_id& in, speaker who, const block<16>& id) {
  side& from = sides_[{in, who}];
  if (const auto found = from.by_id.find(id); found != from.by_id.end())
    stop_waiting(from, from.texts[found->second]);
}

// --- a side ---

void ledger::memory_lost(const crypto::conversation_id& in, speaker who) {
  side& from = sides_[{in, who}];
  for (entry& text : from.texts) {
    stop_waiting(from, text);
    if (!text.delivered) text.sender_forgot = true;
  }
  side& to = sides_[{in, other(who)}];
  for (entry& text : to.texts)
    if (!text.read) text.receiver_forgot = true;
  from.between_sessions = true;
  from.at_home = {};
  to.at_peer = {};
}

void ledger::joined(const crypto::conversation_id& in, speaker who) { sides_[{in, who}].between_sessions = false; }

void ledger::left(const crypto::conversation_id& in, speaker who) {
  side& from = sides_[{in, who}];
  for (entry& text : from.texts) {
    stop_waiting(from, text);
    if (!text.delivered) text.sender_forgot = true;
  }
  from.has_left = true;
  side& to = sides_[{in, other(who)}];
  for (entry& text : to.texts) {
    stop_waiting(to, text);
    if (!text.delivered) text.receiver_left = true;
  }
}

std::size_t ledger::count_said(const crypto::conversation_id& in, speaker who) const {
  const auto found = sides_.find({in, who});
  return found == sides_.end() ? 0 : found->second.texts.size();
}

std::size_t ledger::count_waiting(const crypto::conversation_id& in, speaker who) const {
  const auto found = sides_.find({in, who});
  return found == sides_.end() ? 0 : found->second.waiting;
}

std::size_t ledger::count_owed(const crypto::conversation_id& in, speaker to) const {
  const auto found = sides_.find({in, other(to)});
  if (found == sides_.end()) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(found->second.texts, [](const entry& text) { return !text.read && text.owed(); }));
}

totals ledger::sum() const {
  totals all;
  for (const auto& [whose, from] : sides_) {
    all.sent += from.texts.size();
    for (const entry& text : from.texts) {
      const bool arrived = text.read && (text.delivered || !text.confirmable());
      const bool missed = !arrived && (text.read || text.owed());
      (arrived ? all.delivered : missed ? all.lost : all.forgotten)++;
    }
    all.duplicated += from.duplicated;
    all.reordered += from.reordered;
    all.altered += from.altered;
  }
  return all;
}

}  // namespace tomoshibi::drill
