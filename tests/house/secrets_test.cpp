// A secret that is read, or hashed, into plain bytes first leaves them behind: only what holds secrets wipes them.
#include <gtest/gtest.h>

#include <regex>

#include "tests/house/source_file.hpp"

namespace tomoshibi::house {
namespace {

std::string find_plain_secret(const std::string& text) {
  static const std::regex plain(R"re(\b(secret<\d+>|psk|[a-z_]+_seed|kem_secret_key)\((\w+\.take<|sha256\())re");
  std::smatch found;
  return std::regex_search(text, found, plain) ? found[0].str() : "";
}

TEST(secrets, are_never_made_from_plain_temporaries) {
  for (const std::string_view room : {"crypto", "client-web"})
    for (const source_file& file : source_files(room)) EXPECT_EQ(find_plain_secret(file.text), "") << file.path;
}

TEST(secrets, are_found_where_they_are_made_from_plain_temporaries) {
  EXPECT_EQ(find_plain_secret("out.salt = secret<32>(in.take<32>());"), "secret<32>(in.take<");
  EXPECT_EQ(find_plain_secret("return psk(sha256({invite, accept}));"), "psk(sha256(");
  EXPECT_EQ(find_plain_secret("secret<32>(in.view(32).first<32>())"), "");
  EXPECT_EQ(find_plain_secret("make_psk(sha256(all))"), "") << "not the type";
}

}  // namespace
}  // namespace tomoshibi::house
