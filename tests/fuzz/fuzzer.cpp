// The main of each fuzzer is libFuzzer's; tests/fuzz/run starts it. `FUZZER --seeds FOLDER` writes the inputs that it
// begins from.
#include "tests/fuzz/fuzzer.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace tomoshibi::fuzz {
namespace {

void write_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  unsigned count = 0;
  for (const bytes& each : seeds()) {
    std::ofstream out(folder / std::to_string(count++), std::ios::binary);
    out.write(reinterpret_cast<const char*>(each.data()), static_cast<std::streamsize>(each.size()));
    must(out.good(), "seeds can be written");
  }
}

// What the tests' own worlds expect must hold here too.
class strict_listener : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed()) must(false, result.message());
  }
};

}  // namespace
}  // namespace tomoshibi::fuzz

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  testing::UnitTest::GetInstance()->listeners().Append(new tomoshibi::fuzz::strict_listener);
  if (*count == 3 && std::string_view((*arguments)[1]) == "--seeds") {
    tomoshibi::fuzz::write_seeds((*arguments)[2]);
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tomoshibi::fuzz::feed({data, size});
  return 0;
}
