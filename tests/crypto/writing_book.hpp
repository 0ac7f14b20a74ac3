// A book that writes what a script plays (t1_script.hpp, invitation_script.hpp) to its standard output.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "crypto/failure.hpp"
#include "tests/support/seeded_random.hpp"

namespace tomoshibi::crypto {

class writing_book {
 public:
  random_source& random(const std::string& name) {
    end_random();
    random_name_ = name;
    return drawing_;
  }

  void same(const std::string& name, const bytes& made) {
    end_random();
    put(name, made);
  }

  void refused(const std::string& name, bytes_view shown, failure expected, failure actual) {
    fails(name, expected, actual);
    put("refused." + name + "." + std::string(crypto::name(expected)), shown);
  }

  void fails(const std::string& name, failure expected, failure actual) {
    if (expected == actual) return;
    std::fprintf(stderr, "%s: refused as %s\n", name.c_str(), std::string(crypto::name(actual)).c_str());
    std::exit(1);
  }

 private:
  class drawing final : public random_source {
   public:
    void fill(std::span<byte> out) override {
      from_.fill(out);
      drawn.insert(drawn.end(), out.begin(), out.end());
    }
    bytes drawn;

   private:
    support::seeded_random from_{41};
  };

  void end_random() {
    if (!random_name_.empty()) put(random_name_, drawing_.drawn);
    drawing_.drawn.clear();
    random_name_.clear();
  }

  void put(const std::string& name, bytes_view value) {
    const auto [at, is_new] = put_.emplace(name, to_hex(value));
    if (is_new) std::printf("%s = %s\n", name.c_str(), at->second.c_str());
  }

  drawing drawing_;
  std::string random_name_;
  std::map<std::string, std::string> put_;
};

}  // namespace tomoshibi::crypto
