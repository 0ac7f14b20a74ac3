// A store in memory, as strict as the real one about what a batch may do. Batches complete at once, or when told.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "storage/store.hpp"

namespace tomoshibi::support {

class memory_store final : public storage::store {
 public:
  struct row {
    bytes value;
    std::map<std::pair<storage::direction, std::uint64_t>, bytes> mail;
    bool operator==(const row&) const = default;
  };
  using rows = std::map<storage::conversation_key, row>;

  enum class commits { at_once, when_told };
  explicit memory_store(commits mode = commits::at_once) : mode_(mode) {}

  void submit(storage::batch work, std::function<void(storage::completion)> done) override {
    waiting_.push_back({std::move(work), std::move(done)});
    if (mode_ == commits::at_once) commit_next();
  }

  std::expected<std::vector<storage::stored_conversation>, storage::failure> load() override {
    if (unreadable) return std::unexpected(storage::failure{"the store cannot be read: told so by the test"});
    std::vector<storage::stored_conversation> out;
    for (const auto& [key, kept] : committed_) {
      storage::stored_conversation& one = out.emplace_back(key, kept.value, std::vector<storage::stored_mail>{});
      for (const auto& [at, value] : kept.mail) one.mail.push_back({at.first, at.second, value});
    }
    return out;
  }

  // --- by hand ---
  bool unreadable = false;  // load() fails
  std::size_t waiting() const { return waiting_.size(); }
  const storage::batch& next() const { return waiting_.front().work; }
  const rows& committed() const { return committed_; }

  void commit_next() {
    const job next = take_next();
    std::map<storage::conversation_key, std::optional<row>>
        before;  // what the batch touches, to put back if it fails
    result went;
    for (const storage::write& one : next.work.writes) {
      const storage::conversation_key key = std::visit([](const auto& w) { return w.conversation; }, one);
      if (!before.contains(key)) {
        const auto at = committed_.find(key);
        before[key] = at == committed_.end() ? std::nullopt : std::optional(at->second);
      }
      went = std::visit([&](const auto& w) { return apply(w); }, one);
      if (!went) break;
    }
    if (!went) put_back(std::move(before));
    next.done({next.work.number, std::move(went)});
  }

  void commit_all() {
    while (!waiting_.empty()) commit_next();
  }

  // The process ends before these are committed: nobody hears of them again.
  void lose_waiting() { waiting_.clear(); }

  // The next batch fails, and so does every batch submitted after it and before it completed.
  void fail_next() {
    std::deque<job> lost = std::exchange(waiting_, {});
    for (job& one : lost)
      one.done({one.work.number, std::unexpected(storage::failure{"disk full: told so by the test"})});
  }

 private:
  struct job {
    storage::batch work;
    std::function<void(storage::completion)> done;
  };
  using result = std::expected<void, storage::failure>;

  job take_next() {
    job next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
  }

  void put_back(std::map<storage::conversation_key, std::optional<row>> before) {
    for (auto& [key, kept] : before)
      if (kept)
        committed_[key] = *std::move(kept);
      else
        committed_.erase(key);
  }

  static result refuse(std::string what) { return std::unexpected(storage::failure{std::move(what)}); }
  result apply(const storage::put_conversation& w) {
    if (w.value.size() > storage::value_bytes_max) return refuse("a conversation's value is too long");
    committed_[w.conversation].value = w.value;
    return {};
  }
  result apply(const storage::erase_conversation& w) {
    committed_.erase(w.conversation);
    return {};
  }
  result apply(const storage::put_mail& w) {
    if (w.value.size() > storage::value_bytes_max) return refuse("a frame's value is too long");
    const auto at = committed_.find(w.conversation);
    if (at == committed_.end()) return refuse("mail for a conversation that is not there");
    if (!at->second.mail.emplace(std::pair{w.to, w.number}, w.value).second) return refuse("mail put twice");
    return {};
  }
  result apply(const storage::erase_mail& w) {
    if (const auto at = committed_.find(w.conversation); at != committed_.end())
      std::erase_if(at->second.mail,
                    [&](const auto& one) { return one.first.first == w.to && one.first.second <= w.through; });
    return {};
  }

  commits mode_;
  rows committed_;
  std::deque<job> waiting_;
};

}  // namespace tomoshibi::support
