// A certificate that is renewed while the server runs: new connections see it, and a bad one changes nothing.
#include <ctime>

#include "server/net/self_signed.hpp"
#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

class reload : public running_server {
 protected:
  reload() {
    put(make(2));
    settings.certificate_file = folder.file("certificate.pem");
    settings.key_file = folder.file("key.pem");
  }
  static certificate_pair make(int days, std::int64_t begun_seconds_ago = 3600) {
    return make_self_signed({"localhost"}, std::time(nullptr) - begun_seconds_ago, days);
  }
  void put(const certificate_pair& pair) const {
    folder.write("certificate.pem", pair.certificate);
    folder.write("key.pem", pair.key);
  }
  std::string shown() { return raw_client(*this).certificate(); }
  // Why the server keeps what it has.
  std::string refusal() {
    const auto done = server_->reload_certificate();
    return done ? "taken" : done.error();
  }
  temporary_folder folder;
};

TEST_F(reload, new_connections_see_the_new_certificate_and_those_under_way_go_on) {
  const certificate_pair first = make(2), second = make(30);
  put(first);
  start();
  raw_client page(*this), peer(*this);
  peer.upgrade();
  ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 1; }));
  EXPECT_EQ(page.certificate(), first.certificate);
  put(second);
  EXPECT_EQ(shown(), first.certificate) << "not before it is told";
  ASSERT_TRUE(server_->reload_certificate());
  EXPECT_EQ(shown(), second.certificate);
  EXPECT_TRUE(page.get("/").ends_with("<p>hello"));
  peer.send(client_frame(2, "still here"));
  ASSERT_TRUE(wait_for([&] { return audience_.messages == std::vector<std::string>{"still here"}; }));
}

TEST_F(reload, a_connection_in_its_handshake_ends_it_with_the_certificate_it_began_with) {
  const certificate_pair first = make(2);
  put(first);
  start();
  raw_client halfway(*this, false);
  halfway.begin_handshake();
  ASSERT_TRUE(wait_for([&] { return halfway.is_answered(); }));
  put(make(30));
  ASSERT_TRUE(server_->reload_certificate());
  EXPECT_TRUE(halfway.shake_hands());
  EXPECT_EQ(halfway.certificate(), first.certificate);
  EXPECT_TRUE(halfway.get("/").ends_with("<p>hello"));
}

TEST_F(reload, a_bad_one_leaves_the_old_and_says_what_is_wrong) {
  const certificate_pair good = make(2);
  put(good);
  start();
  const auto expect_kept = [&](std::string_view why) {
    const std::string said = refusal();
    EXPECT_NE(said.find(why), said.npos) << said;
    EXPECT_EQ(shown(), good.certificate) << why;
  };
  put({make(2).certificate, good.key});
  expect_kept("does not belong to the certificate");
  put({"broken", good.key});
  expect_kept("is not a PEM certificate");
  put({make(2).certificate.substr(0, 300), good.key});
  expect_kept("is not a PEM certificate");
  put({good.certificate, "broken"});
  expect_kept("is not a private key");
  put({"", good.key});
  expect_kept("it is empty");
  put(make(1, 3 * 86400));
  expect_kept("The certificate has expired");
  put(make(2, -86400));
  expect_kept("The certificate is not valid yet");
  put(make_self_signed({"localhost.example.org"}, std::time(nullptr) - 3600, 2));
  expect_kept("The certificate is not for localhost");
  put(good);
  std::filesystem::remove(folder.file("key.pem"));
  expect_kept("cannot be read (No such file or directory)");
  std::filesystem::remove(folder.file("certificate.pem"));
  expect_kept("cannot be read (No such file or directory)");
  const certificate_pair better = make(30);
  put(better);
  EXPECT_EQ(refusal(), "taken");
  EXPECT_EQ(shown(), better.certificate);
}

// Behind a proxy that browsers are shown the certificate of, that of the server may name what it likes.
TEST_F(reload, one_for_another_host_is_told_and_renewed_where_it_was_there_from_the_start) {
  settings.origins = {"https://[::1]:{port}", "https://localhost:{port}"};
  put(make(2));
  start();
  EXPECT_NE(log().find("The certificate is not for ::1"), std::string::npos) << log();
  logged.clear();
  const certificate_pair renewed = make(30);
  put(renewed);
  EXPECT_EQ(refusal(), "taken");
  EXPECT_EQ(shown(), renewed.certificate);
  EXPECT_NE(log().find("The certificate is not for ::1"), std::string::npos) << log();
  logged.clear();
  put(make_self_signed({"::1", "localhost"}, std::time(nullptr) - 3600, 2));
  EXPECT_EQ(refusal(), "taken");
  EXPECT_EQ(log(), "");
  put(renewed);
  EXPECT_NE(refusal().find("The certificate is not for ::1"), std::string::npos);
}

}  // namespace
}  // namespace tomoshibi::net
