// Writes tests/vectors/t1.txt to its standard output. After a change of the protocol that is meant:
//   build/dev/tests/crypto/write_t1_vectors > tests/vectors/t1.txt
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/crypto/t1_script.hpp"

namespace tomoshibi::crypto {
namespace {

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

  void refused(const std::string& name, const frame& shown, failure expected, failure actual) {
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

}  // namespace
}  // namespace tomoshibi::crypto

int main() {
  std::puts(
      "# T1 from first contact to a resume, as tests/crypto/t1_script.hpp plays it; written by\n"
      "# tests/crypto/write_t1_vectors.cpp. Layouts: crypto/PROTOCOL.md.\n"
      "# NAME.random: the random bytes of that step, in the order they are drawn. offer: the one-time private key. "
      "hello:\n"
      "# 64 for ctD, 64 for ctO. A frame: if it begins a turn, 64 for ct and 32 for the new private key; then the "
      "nonce.\n"
      "# FRAME.opened: number8 | duplicate1 | stepped1. Frames are delivered in the order of these lines.\n"
      "# refused.KIND.WHAT.FAILURE: this must be refused, at this point, as that failure.");
  tomoshibi::crypto::writing_book book;
  tomoshibi::crypto::play_t1(book);
}
