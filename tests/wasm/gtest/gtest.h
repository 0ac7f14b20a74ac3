// GoogleTest does not build for WebAssembly. This is the part of it that the tests of crypto and core use, so that
// the same test files run in both builds. Node runs each test in a fresh instance (tests/wasm/core.test.mjs).
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace testing {

class Test {
 public:
  virtual ~Test() = default;
  virtual void TestBody() = 0;
  static bool HasFailure();
};

struct registered {
  const char *suite, *name;
  Test* (*make)();
};
std::vector<registered>& all_tests();
std::string& complaints();  // of the test that runs; empty: it has passed so far
inline bool Test::HasFailure() { return !complaints().empty(); }

template <class T>
bool enlist(const char* suite, const char* name) {
  all_tests().push_back({suite, name, [] { return static_cast<Test*>(new T); }});
  return true;
}

// Takes what the test streams into a failed expectation.
struct complaint {
  complaint(const char* file, int line, const char* expected) {
    complaints() += std::string(file) + ":" + std::to_string(line) + ": expected " + expected;
  }
  complaint(const complaint&) = delete;
  ~complaint() { complaints() += "\n"; }
  template <class T>
  const complaint& operator<<(const T& more) const {
    if constexpr (std::convertible_to<T, std::string_view>)
      complaints() += std::string(" ") + std::string(std::string_view(more));
    else if constexpr (std::integral<T>)
      complaints() += " " + std::to_string(more);
    return *this;
  }
};
struct end_of_test {
  void operator=(const complaint&) const {}
};

}  // namespace testing

#define TOMOSHIBI_TEST(suite, name, base)                                                                   \
  class suite##_##name final : public base {                                                                \
    void TestBody() override;                                                                               \
  };                                                                                                        \
  [[maybe_unused]] const bool suite##_##name##_enlisted = ::testing::enlist<suite##_##name>(#suite, #name); \
  void suite##_##name::TestBody()
#define TEST(suite, name) TOMOSHIBI_TEST(suite, name, ::testing::Test)
#define TEST_F(suite, name) TOMOSHIBI_TEST(suite, name, suite)

#define TOMOSHIBI_EXPECT(holds, text) \
  if (holds) {                        \
  } else                              \
    ::testing::complaint(__FILE__, __LINE__, text)
#define TOMOSHIBI_ASSERT(holds, text) \
  if (holds) {                        \
  } else                              \
    return ::testing::end_of_test() = ::testing::complaint(__FILE__, __LINE__, text)

#define EXPECT_TRUE(x) TOMOSHIBI_EXPECT(static_cast<bool>(x), #x)
#define EXPECT_FALSE(x) TOMOSHIBI_EXPECT(!static_cast<bool>(x), "not " #x)
#define EXPECT_EQ(a, b) TOMOSHIBI_EXPECT((a) == (b), #a " == " #b)
#define EXPECT_NE(a, b) TOMOSHIBI_EXPECT((a) != (b), #a " != " #b)
#define EXPECT_LT(a, b) TOMOSHIBI_EXPECT((a) < (b), #a " < " #b)
#define EXPECT_GT(a, b) TOMOSHIBI_EXPECT((a) > (b), #a " > " #b)
#define ASSERT_TRUE(x) TOMOSHIBI_ASSERT(static_cast<bool>(x), #x)
#define ASSERT_FALSE(x) TOMOSHIBI_ASSERT(!static_cast<bool>(x), "not " #x)
#define ASSERT_EQ(a, b) TOMOSHIBI_ASSERT((a) == (b), #a " == " #b)
#define ASSERT_NE(a, b) TOMOSHIBI_ASSERT((a) != (b), #a " != " #b)
#define ASSERT_LE(a, b) TOMOSHIBI_ASSERT((a) <= (b), #a " <= " #b)
#define SCOPED_TRACE(x) static_cast<void>(x)
