// A book for a script (t1_script.hpp, invitation_script.hpp) that has been played into a file before.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "crypto/failure.hpp"
#include "crypto/random.hpp"

namespace tomoshibi::crypto {

// Holds what the code makes against the file, byte for byte.
class reading_book {
 public:
  explicit reading_book(std::map<std::string, bytes> file) : file_(std::move(file)) {}

  random_source& random(const std::string& name) {
    EXPECT_TRUE(replay_.left.empty()) << "random bytes were left over before " << name;
    replay_.left = take(name);
    return replay_;
  }

  void same(const std::string& name, const bytes& made) { EXPECT_EQ(to_hex(made), to_hex(take(name))) << name; }

  void refused(const std::string& name, bytes_view shown, failure expected, failure actual) {
    fails(name, expected, actual);
    same("refused." + name + "." + std::string(crypto::name(expected)), {shown.begin(), shown.end()});
  }

  void fails(const std::string& name, failure expected, failure actual) {
    EXPECT_EQ(crypto::name(actual), crypto::name(expected)) << name;
  }

  std::vector<std::string> never_used() const {
    std::vector<std::string> out;
    for (const auto& [name, value] : file_) {
      if (!used_.contains(name)) out.push_back(name);
    }
    return out;
  }

 private:
  struct replay final : random_source {
    void fill(std::span<byte> out) override {
      ASSERT_LE(out.size(), left.size());
      std::copy_n(left.begin(), out.size(), out.begin());
      left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(out.size()));
    }
    bytes left;
  };

  bytes take(const std::string& name) {
    EXPECT_TRUE(file_.contains(name)) << name;
    used_.insert(name);
    return file_[name];
  }

  std::map<std::string, bytes> file_;
  std::set<std::string> used_;
  replay replay_;
};

}  // namespace tomoshibi::crypto
