// A real store in a temporary folder, and completions that a test can wait for.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <future>
#include <mutex>
#include <set>

#include "storage/sqlite_store.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tomoshibi::storage {

inline constexpr auto survivor = direction::to_survivor, counselor = direction::to_counselor;

inline constexpr std::chrono::seconds patience{30};

inline conversation_key conversation_of(std::uint64_t number) {
  conversation_key out{};
  bytes tail = writer().put("conversation").number(static_cast<std::uint32_t>(number)).finish();
  std::copy(tail.begin(), tail.end(), out.begin());
  return out;
}

// Collects completions in the order in which they come.
class completions {
 public:
  std::function<void(completion)> next() {
    return [this](completion done) {
      const std::scoped_lock lock(mutex_);
      came_.push_back(std::move(done));
      changed_.notify_all();
    };
  }

  std::vector<completion> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return came_.size() >= count; }))
        << "completions are missing";
    return came_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<completion> came_;
};

inline std::expected<void, failure> store_now(store& into, std::vector<write> writes, std::uint64_t number = 1) {
  std::promise<completion> promise;
  std::future<completion> future = promise.get_future();
  into.submit({number, std::move(writes)}, [&](completion done) { promise.set_value(std::move(done)); });
  EXPECT_EQ(future.wait_for(patience), std::future_status::ready);
  return future.get().result;
}

// Holds the store's thread inside a completion, so that what is submitted meanwhile waits together.
class held_store {
 public:
  explicit held_store(store& held) {
    held.submit({0, {}}, [this](completion) {
      inside_.set_value();
      go_.get_future().wait_for(patience);
    });
    inside_.get_future().wait_for(patience);
  }
  void release() { go_.set_value(); }

 private:
  std::promise<void> inside_, go_;
};

class store_test : public testing::Test {
 public:
  sqlite_settings settings() const { return {.file = folder / "centre.db", .key = key}; }

  std::unique_ptr<sqlite_store> open() { return open(settings()); }
  std::unique_ptr<sqlite_store> open(const sqlite_settings& with) {
    auto opened = open_sqlite_store(with, random);
    if (!opened) {
      ADD_FAILURE() << opened.error().what;
      throw std::runtime_error("no store");
    }
    return std::move(*opened);
  }
  std::string refusal(const sqlite_settings& with) {
    auto opened = open_sqlite_store(with, random);
    return opened ? "it opens" : opened.error().what;
  }

  static std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string everything_on_disk() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) all += contents(entry.path());
    return all;
  }

  // As they lie in a slot file: those of its slots that are not zeros.
  static std::set<std::string> sealed_keys(const std::filesystem::path& slots) {
    const std::string all = contents(slots);
    std::set<std::string> out;
    for (std::size_t block = 4096; block + 4096 <= all.size(); block += 4096) {
      const std::string slot = all.substr(block, 4096);
      if (slot.find_first_not_of('\0') != std::string::npos) out.insert(slot.substr(0, 72));
    }
    return out;
  }

  support::temporary_folder folder;
  support::seeded_random random{1};
  crypto::secret<32> key{block<32>{1, 2, 3, 4}};
};

inline put_mail mail(std::uint64_t conversation, direction to, std::uint64_t number, std::string_view value) {
  return {conversation_of(conversation), to, number, bytes(as_bytes(value).begin(), as_bytes(value).end())};
}
inline put_conversation conversation(std::uint64_t number, std::string_view value) {
  return {conversation_of(number), bytes(as_bytes(value).begin(), as_bytes(value).end())};
}

}  // namespace tomoshibi::storage
