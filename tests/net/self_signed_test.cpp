#include "server/net/self_signed.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

constexpr std::int64_t noon = 1'800'000'000;

TEST(self_signed, covers_the_names_and_addresses_it_was_made_for) {
  const temporary_folder folder;
  const std::string file = folder.write(
      "c.pem", make_self_signed({"consult.example.org", "192.0.2.7", "2001:db8::7"}, noon, 90).certificate);
  EXPECT_EQ(certificate_not_after(file), noon + 90 * 86'400);
  const auto covers = [&](std::vector<std::string> names) { return certificate_covers(file, names).value(); };
  EXPECT_TRUE(covers({"consult.example.org", "192.0.2.7", "2001:db8:0::7"}));
  EXPECT_TRUE(covers({"Consult.Example.Org"}));
  EXPECT_FALSE(covers({"consult.example.org", "localhost"}));
  EXPECT_FALSE(covers({"www.consult.example.org"}));
  EXPECT_FALSE(covers({"192.0.2.8"}));
  EXPECT_FALSE(covers({"::1"}));
}

TEST(self_signed, is_for_a_server_on_p_256_and_nothing_else) {
  const certificate_pair made = make_self_signed({"localhost"}, noon, 1);
  BIO* const in = BIO_new_mem_buf(made.certificate.data(), static_cast<int>(made.certificate.size()));
  X509* const read = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(X509_check_purpose(read, X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_purpose(read, X509_PURPOSE_SSL_CLIENT, 0), 0);
  EXPECT_EQ(X509_check_purpose(read, X509_PURPOSE_SSL_SERVER, 1), 0) << "no authority";
  EXPECT_EQ(X509_verify(read, X509_get0_pubkey(read)), 1);
  char group[32] = {};
  EXPECT_EQ(EVP_PKEY_get_group_name(X509_get0_pubkey(read), group, sizeof group, nullptr), 1);
  EXPECT_STREQ(group, "prime256v1");
  X509_free(read);
  BIO_free(in);
}

TEST(self_signed, is_another_each_time) {
  EXPECT_NE(make_self_signed({"localhost"}, noon, 1).key, make_self_signed({"localhost"}, noon, 1).key);
}

TEST(self_signed, refuses_what_is_no_name) {
  for (const char* name : {"", "https://a", "a:8443", "a,DNS:b", "a b"}) {
    EXPECT_THROW(make_self_signed({name}, noon, 1), std::runtime_error) << name;
  }
  EXPECT_THROW(make_self_signed({}, noon, 1), std::runtime_error);
}

TEST(self_signed, a_file_that_is_no_certificate_is_told) {
  const temporary_folder folder;
  EXPECT_NE(certificate_not_after(folder.file("none")).error().find("cannot be read"), std::string::npos);
  EXPECT_NE(certificate_covers(folder.write("text", "text"), {"a"}).error().find("not a PEM certificate"),
            std::string::npos);
}

}  // namespace
}  // namespace tomoshibi::net
