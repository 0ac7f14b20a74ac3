// The project's own source files, as the tests of the house read them.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace tomoshibi::house {

struct source_file {
  std::string path;  // from the project's root: "server/desk/line.cpp"
  std::string text;
};

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Every .cpp and .hpp under a top folder ("server"); none if the folder is not there.
inline std::vector<source_file> source_files(std::string_view top) {
  namespace fs = std::filesystem;
  const fs::path root = TOMOSHIBI_SOURCE_DIR;
  std::vector<source_file> out;
  if (!fs::exists(root / top)) return out;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / top)) {
    const fs::path extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp") continue;
    out.push_back({entry.path().lexically_relative(root).generic_string(), read_text(entry.path())});
  }
  return out;
}

}  // namespace tomoshibi::house
