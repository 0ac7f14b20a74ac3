// A source file that no CMakeLists.txt lists is compiled by nobody: it looks like code and is none.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/house/source_file.hpp"

namespace tomoshibi::house {
namespace {

namespace fs = std::filesystem;

// As a whole word: "deadline.cpp" does not list "line.cpp".
bool names_file(std::string cmake, std::string_view file) {
  std::ranges::replace_if(
      cmake, [](char c) { return c == '(' || c == ')' || c == '"' || c == '/'; }, ' ');
  std::istringstream words{cmake};
  return std::find(std::istream_iterator<std::string>(words), {}, file) != std::istream_iterator<std::string>();
}

// The CMakeLists.txt of its folder, or the nearest one above.
fs::path lists_of(const fs::path& file) {
  fs::path folder = file.parent_path();
  while (!fs::exists(folder / "CMakeLists.txt")) folder = folder.parent_path();
  return folder / "CMakeLists.txt";
}

TEST(source_files, are_each_listed_by_name) {
  for (std::string_view top : {"crypto", "storage", "server", "client-web", "tests"}) {
    for (const source_file& file : source_files(top)) {
      if (!file.path.ends_with(".cpp")) continue;
      const fs::path lists = lists_of(fs::path(TOMOSHIBI_SOURCE_DIR) / file.path);
      EXPECT_TRUE(names_file(read_text(lists), fs::path(file.path).filename().string()))
          << file.path << " is not listed in " << lists.lexically_relative(TOMOSHIBI_SOURCE_DIR);
    }
  }
}

TEST(source_files, are_not_taken_as_listed_by_a_longer_name) {
  EXPECT_TRUE(names_file("add_library(room line.cpp)", "line.cpp"));
  EXPECT_FALSE(names_file("add_library(room deadline.cpp)", "line.cpp"));
  EXPECT_FALSE(names_file("add_library(room line.cpp.in)", "line.cpp"));
  EXPECT_FALSE(names_file("add_library(room line_cpp)", "line.cpp"));
}

TEST(headers, are_read_once) {
  for (std::string_view top : {"crypto", "storage", "server", "client-web", "tests"}) {
    for (const source_file& file : source_files(top)) {
      if (!file.path.ends_with(".hpp")) continue;
      EXPECT_NE(file.text.find("\n#pragma once\n"), std::string::npos) << file.path << " has no #pragma once";
    }
  }
}

}  // namespace
}  // namespace tomoshibi::house
