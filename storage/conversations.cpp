#include "storage/conversations.hpp"

#include <limits>
#include <ranges>

namespace tomoshibi::storage {

namespace {

constexpr std::uint64_t number_max = std::numeric_limits<std::int64_t>::max();

std::int64_t to_number(direction to) { return static_cast<std::int64_t>(to); }

void check_size(const bytes& value) {
  if (value.size() <= value_bytes_max) return;
  throw std::runtime_error("a value has " + std::to_string(value.size()) + " bytes, more than " +
                           std::to_string(value_bytes_max));
}

}  // namespace

conversations::conversations(database& db, slot_file& slots, crypto::random_source& random, std::size_t count_max)
    : db_(db),
      slots_(slots),
      random_(random),
      count_max_(count_max),
      insert_conversation_(db.prepare("INSERT INTO conversation (slot, sealed) VALUES (?, ?)")),
      update_conversation_(db.prepare("UPDATE conversation SET sealed = ?2 WHERE slot = ?1")),
      erase_conversation_(db.prepare("DELETE FROM conversation WHERE slot = ?")),
      put_mail_(db.prepare("INSERT INTO mail (slot, direction, number, sealed) VALUES (?, ?, ?, ?)")),
      erase_mail_(db.prepare("DELETE FROM mail WHERE slot = ? AND direction = ? AND number <= ?")) {
  read_places();
  overwrite_erased();
}

void conversations::read_places() {
  const auto unusable = [](std::int64_t slot, std::string_view what) {
    return slot_file::unusable(slot_file::fault::lost, std::string(what) + " slot " + std::to_string(slot));
  };
  std::vector<slot_number> lost;
  statement all = db_.prepare("SELECT slot, sealed FROM conversation ORDER BY slot");
  while (all.next()) {
    const std::int64_t slot = all.number(0);
    if (slot >= slots_.slots()) throw unusable(slot, "it is cut off before");
    for (; next_ < slot; ++next_) erased_.push_back(next_);
    const slot_number here = next_++;
    auto key = slots_.read(here);
    const auto opened = key ? open_conversation(*key, all.blob(1)) : std::nullopt;
    if (!opened) {
      lost.push_back(here);
      continue;
    }
    const bool first = places_.emplace(opened->conversation, place{here, std::move(*key)}).second;
    if (!first) throw unusable(slot, "a conversation is opened a second time by");
  }
  // What is read as zeros may be zeros in memory only, where an earlier process could not sync them: all are written.
  for (; next_ < slots_.slots(); ++next_) erased_.push_back(next_);
  if (places_.empty() && lost.size() > 1) throw unusable(lost.front(), "no conversation opens, the first of them in");
  give_up(lost);
}

// One torn or worn block must not close the centre to everybody else.
void conversations::give_up(const std::vector<slot_number>& lost) {
  if (lost.empty()) return;
  db_.execute("BEGIN IMMEDIATE");
  for (const slot_number slot : lost) erase_conversation_.with(std::int64_t{slot}).run();
  db_.execute("COMMIT");
  erased_.insert(erased_.end(), lost.begin(), lost.end());
  lost_ = lost.size();
}

// --- a transaction ---

void conversations::begin() {
  overwrite_erased();
  reached_ = step::rows;
  db_.execute("BEGIN IMMEDIATE");
}

void conversations::operator()(const put_conversation& work) {
  check_size(work.value);
  const place* there = find(work.conversation);
  const place& at = there != nullptr ? *there : make(work.conversation);
  const bytes sealed = seal(at.key, work, random_);
  statement& put = there != nullptr ? update_conversation_ : insert_conversation_;
  put.with(std::int64_t{at.slot}, bytes_view(sealed)).run();
}

void conversations::operator()(const erase_conversation& work) {
  auto found = places_.extract(work.conversation);
  if (found.empty()) return;
  const std::int64_t slot = found.mapped().slot;
  changes_.push_back({work.conversation, std::move(found.mapped())});
  erase_conversation_.with(slot).run();  // its mail goes with it: ON DELETE CASCADE
}

void conversations::operator()(const put_mail& work) {
  check_size(work.value);
  if (work.number > number_max) throw std::runtime_error("the number of a mail is not below 2^63");
  const place* at = find(work.conversation);
  if (at == nullptr) throw std::runtime_error("mail for a conversation that is not there");
  const bytes sealed = seal(at->key, work, random_);
  try {
    put_mail_
        .with(std::int64_t{at->slot}, to_number(work.to), static_cast<std::int64_t>(work.number), bytes_view(sealed))
        .run();
  } catch (const database_error& error) {
    if (error.code() != SQLITE_CONSTRAINT) throw;
    throw std::runtime_error("mail " + std::to_string(work.number) + " is there already");
  }
}

void conversations::operator()(const erase_mail& work) {
  const place* at = find(work.conversation);
  if (at == nullptr) return;
  const auto through = static_cast<std::int64_t>(std::min(work.through, number_max));
  erase_mail_.with(std::int64_t{at->slot}, to_number(work.to), through).run();
}

void conversations::commit() {
  reached_ = step::keys;
  write_new_keys();
  reached_ = step::log;
  db_.execute("COMMIT");
  for (const change& one : changes_) {
    if (one.before) erased_.push_back(one.before->slot);
  }
  if (!changes_.empty()) {
    erased_.insert(erased_.end(), abandoned_.begin(), abandoned_.end());
    abandoned_.clear();
  }
  changes_.clear();
  overwrite_erased();
}

void conversations::roll_back() noexcept {
  std::vector<slot_number>& left = reached_ == step::rows ? free_ : reached_ == step::keys ? erased_ : abandoned_;
  for (change& one : changes_ | std::views::reverse) {
    if (one.before) {
      places_.emplace(one.conversation, *std::move(one.before));
    } else {
      left.push_back(places_.extract(one.conversation).mapped().slot);
    }
  }
  changes_.clear();
  db_.roll_back();
}

void conversations::write_new_keys() {
  bool any = false;
  for (const change& one : changes_) {
    const place* made = one.before ? nullptr : find(one.conversation);
    if (made == nullptr) continue;
    slots_.write(made->slot, made->key, random_);
    any = true;
  }
  if (any) slots_.sync();
}

void conversations::overwrite_erased() {
  if (erased_.empty()) return;
  for (const slot_number slot : erased_) slots_.overwrite(slot);
  slots_.sync();
  free_.insert(free_.end(), erased_.rbegin(), erased_.rend());  // the lowest is taken first
  erased_.clear();
}

// --- who is where ---

const conversations::place* conversations::find(const conversation_key& conversation) const {
  const auto found = places_.find(conversation);
  return found == places_.end() ? nullptr : &found->second;
}

const conversations::place& conversations::make(const conversation_key& conversation) {
  const slot_number slot = take_slot();
  const auto made = places_.emplace(conversation, place{slot, random_.make_secret<32>()});
  changes_.push_back({conversation, std::nullopt});
  return made.first->second;
}

slot_number conversations::take_slot() {
  if (next_ - free_.size() >= count_max_) {
    throw std::runtime_error("all " + std::to_string(count_max_) + " slots for conversations are taken");
  }
  if (free_.empty()) return next_++;
  const slot_number slot = free_.back();
  free_.pop_back();
  return slot;
}

// --- loading ---

std::vector<stored_conversation> conversations::load() const {
  std::vector<stored_conversation> out;
  std::map<std::int64_t, std::pair<const place*, std::size_t>> by_slot;  // and the index in `out`
  for (const auto& [conversation, at] : places_) by_slot[at.slot] = {&at, 0};
  statement rows = db_.prepare("SELECT slot, sealed FROM conversation");
  while (rows.next()) {
    const auto found = by_slot.find(rows.number(0));
    auto opened = found == by_slot.end() ? std::nullopt : open_conversation(found->second.first->key, rows.blob(1));
    if (!opened) throw std::runtime_error("a conversation does not open; the file is damaged");
    found->second.second = out.size();
    out.push_back(std::move(*opened));
  }
  statement mail = db_.prepare("SELECT slot, direction, number, sealed FROM mail ORDER BY slot, direction, number");
  while (mail.next()) {
    const auto found = by_slot.find(mail.number(0));
    if (found == by_slot.end()) throw std::runtime_error("mail of no conversation; the file is damaged");
    const auto& [at, index] = found->second;
    const auto to = static_cast<direction>(mail.number(1));
    const auto number = static_cast<std::uint64_t>(mail.number(2));
    auto value = open_mail(at->key, to, number, mail.blob(3));
    if (!value) throw std::runtime_error("a mail does not open; the file is damaged");
    out[index].mail.push_back({to, number, std::move(*value)});
  }
  return out;
}

}  // namespace tomoshibi::storage
