#include "server/net/page.hpp"

#include <gtest/gtest.h>

namespace tomoshibi::net {
namespace {

struct example {
  const char* header;
  bool br, gzip;
};

TEST(accept_encoding, is_read_as_rfc_9110_says) {
  for (const example& each : {
           example{"", false, false},
           {"gzip, deflate, br, zstd", true, true},  // as browsers send it
           {"gzip", false, true},
           {"br", true, false},
           {"GZIP, Br", true, true},
           {"identity", false, false},
           {"brotli, gzipped, x-br", false, false},
           {"br;q=1.0, gzip;q=0.8", true, true},
           {"br;q=0.001, gzip;Q=0.000", true, false},
           {"br;q=0, gzip;q=0.", false, false},
           {"br;q=1., gzip;q=1.000", true, true},
           {" \tbr\t;  q=0.5 ,\tgzip\t", true, true},
           {",,br,, ,gzip,", true, true},
           {"*", true, true},
           {"*;q=0", false, false},
           {"*;q=0, br", true, false},
           {"br;q=0, *", false, true},
           {"identity;q=0, *;q=0.5", true, true},
           {"identity;q=0", false, false},
           {"br, br;q=0, gzip;q=0, gzip", false, false},
       }) {
    const encodings read = read_accept_encoding(each.header);
    EXPECT_EQ(read.br, each.br) << each.header;
    EXPECT_EQ(read.gzip, each.gzip) << each.header;
  }
}

TEST(accept_encoding, is_as_none_when_malformed) {
  for (const char* malformed :
       {"br;",        "br;q",    "br;q=",    "br;q=2",     "br;q=1.1",         "br;q=1.001",       "br;q=0.1234",
        "br;q=.5",    "br;q=-1", "br;q=0x1", "br;q=\"1\"", "br;q =1",          "br;q= 1",          "br;level=1",
        "br;q=1;q=0", "br;;q=1", ";q=1",     "br gzip",    "br, gzip deflate", "x;y=\"a, br, b\"", "\"br\"",
        "br\r\n",     "br/gzip"}) {
    const encodings read = read_accept_encoding(malformed + std::string(", gzip, br"));
    EXPECT_FALSE(read.br || read.gzip) << malformed;
  }
}

TEST(page, is_sent_in_the_smallest_encoding_that_is_taken) {
  const auto body = [](const char* text) { return std::make_shared<const std::string>(text); };
  const page all{200, "text/css", body("plain"), body("br"), body("gzip")};
  page only_gzip = all, plain = all;
  only_gzip.br = plain.br = plain.gzip = nullptr;
  const auto expect = [](const encoded& chosen, std::string_view name, const shared_body& sent) {
    EXPECT_EQ(chosen.name, name);
    EXPECT_EQ(chosen.body, sent) << "not a copy of it";
  };
  expect(choose(all, {true, true}), "br", all.br);
  expect(choose(all, {false, true}), "gzip", all.gzip);
  expect(choose(all, {false, false}), "", all.body);
  expect(choose(only_gzip, {true, true}), "gzip", all.gzip);
  expect(choose(only_gzip, {true, false}), "", all.body);
  expect(choose(plain, {true, true}), "", all.body);
}

}  // namespace
}  // namespace tomoshibi::net
