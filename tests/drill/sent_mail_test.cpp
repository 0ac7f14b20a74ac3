#include "server/drill/sent_mail.hpp"

#include <gtest/gtest.h>

#include "server/wire/codec.hpp"

namespace tomoshibi::drill {
namespace {

class mail_of_a_client : public testing::Test {
 protected:
  void send(wire::frame_number number, wire::conversation_id in = {1}) {
    wire::talk frame;
    frame.conversation = in;
    frame.number = number;
    mail.sending(wire::encode(wire::client_message{frame}));
  }
  void hear(const wire::server_message& message) { mail.received(wire::encode(message)); }

  sent_mail mail;
};

TEST_F(mail_of_a_client, is_unstored_until_the_server_says_so) {
  send(1);
  send(2);
  send(1, {2});
  EXPECT_EQ(mail.unstored(), 3u);
  hear(wire::stored{{1}, 2});
  EXPECT_EQ(mail.unstored(), 1u);
  hear(wire::resumed{{2}, wire::stage::talking, 1});
  EXPECT_EQ(mail.unstored(), 0u);
}

TEST_F(mail_of_a_client, is_sent_again_if_it_was_sent_over_a_connection_before) {
  mail.connected();
  send(1);
  send(2);
  EXPECT_EQ(mail.resent(), 0u);
  mail.connected();
  send(2);
  send(3);
  EXPECT_EQ(mail.resent(), 1u);
  mail.connected();
  send(2);
  send(3);
  EXPECT_EQ(mail.resent(), 3u);
}

TEST_F(mail_of_a_client, begins_anew_with_its_memory_and_ends_with_its_conversation) {
  mail.connected();
  send(1);
  mail.forget();
  mail.connected();
  send(1);
  EXPECT_EQ(mail.resent(), 0u);
  hear(wire::left{{1}});
  EXPECT_EQ(mail.unstored(), 0u);
}

TEST_F(mail_of_a_client, is_nothing_else_than_frames) {
  mail.sending(wire::encode(wire::client_message{wire::taken{{1}, 7}}));
  mail.sending({});
  mail.received({});
  EXPECT_EQ(mail.unstored(), 0u);
}

}  // namespace
}  // namespace tomoshibi::drill
