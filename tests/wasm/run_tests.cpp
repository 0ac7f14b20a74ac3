// What Node calls to run the tests of this module.
#include <gtest/gtest.h>

#include <memory>

#include "tests/support/read_text.hpp"

namespace testing {

std::vector<registered>& all_tests() {
  static std::vector<registered> tests;
  return tests;
}

std::string& complaints() {
  static std::string text;
  return text;
}

}  // namespace testing

extern "C" {

// Node holds the file's text after `open_text`; -1: there is no such file.
[[clang::import_module("env"), clang::import_name("open_text")]] int open_text(const char* path, std::size_t size);
[[clang::import_module("env"), clang::import_name("copy_text")]] void copy_text(char* to);

[[clang::export_name("count_tests")]] std::size_t count_tests() { return testing::all_tests().size(); }

// Both end with a zero byte.
[[clang::export_name("name_test")]] const char* name_test(std::size_t number) {
  static std::string name;
  const testing::registered& test = testing::all_tests().at(number);
  name = std::string(test.suite) + "." + test.name;
  return name.c_str();
}
[[clang::export_name("run_test")]] const char* run_test(std::size_t number) {
  const std::unique_ptr<testing::Test> test(testing::all_tests().at(number).make());
  test->TestBody();
  return testing::complaints().c_str();
}

}  // extern "C"

namespace tomoshibi::support {

std::string read_text(const std::string& path) {
  const int size = open_text(path.data(), path.size());
  EXPECT_TRUE(size >= 0) << path;
  std::string out(static_cast<std::size_t>(std::max(size, 0)), '\0');
  if (size > 0) copy_text(out.data());
  return out;
}

}  // namespace tomoshibi::support
