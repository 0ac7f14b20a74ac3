// Work for measure.mjs: a module in the WebAssembly build, a program in the native one.
#include "tests/wasm/work.hpp"

#ifdef __wasm__

extern "C" {
[[clang::export_name("handshake")]] void handshake(unsigned times) { tomoshibi::crypto::shake_hands(times); }
[[clang::export_name("frame")]] void frame(unsigned times) { tomoshibi::crypto::exchange_frames(times); }
[[clang::export_name("argon2id")]] void argon2id(unsigned times) { tomoshibi::crypto::stretch_passphrases(times); }
}

#else

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

// measure WORK TIMES: prints the milliseconds that one took.
int main(int count, char** words) {
  using tomoshibi::crypto::exchange_frames, tomoshibi::crypto::shake_hands, tomoshibi::crypto::stretch_passphrases;
  const std::map<std::string, void (*)(unsigned)> kinds = {
      {"handshake", shake_hands}, {"frame", exchange_frames}, {"argon2id", stretch_passphrases}};
  if (count != 3 || !kinds.contains(words[1])) return 2;
  const auto times = static_cast<unsigned>(std::atoi(words[2]));
  const auto work = kinds.at(words[1]);
  if (times > 1) work(1);  // what is made once
  const auto begun = std::chrono::steady_clock::now();
  work(times);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
  std::printf("%.4f\n", took.count() / times);
}

#endif
