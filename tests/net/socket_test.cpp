// The WebSocket over real sockets, with the drill's client (Boost.Beast) and by hand.
#include <csignal>

#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

class web_socket : public running_server {
 protected:
  struct client {
    int opened = 0;
    std::vector<std::string> received, closed;
    std::unique_ptr<drill::socket> socket;
  };
  std::unique_ptr<client> connect(drill::endpoint to) {
    auto out = std::make_unique<client>();
    client* const it = out.get();
    out->socket = std::make_unique<drill::socket>(
        io, std::move(to),
        drill::socket::events{[it] { ++it->opened; }, [it](bytes_view in) { it->received.push_back(as_text(in)); },
                              [it](std::string why) { it->closed.push_back(std::move(why)); }});
    return out;
  }
  static std::shared_ptr<const bytes> message(std::string_view text) {
    const bytes_view in = as_bytes(text);
    return std::make_shared<const bytes>(in.begin(), in.end());
  }
  void echo() {
    audience_.on_received = [this](connection_id who, bytes_view in) { server_->send(who, message(as_text(in))); };
  }
};

TEST_F(web_socket, echoes_many_messages_in_order) {
  echo();
  start();
  const auto peer = connect(where());
  std::vector<std::string> sent;
  for (int i = 0; i < 2000; ++i) {
    sent.push_back(std::to_string(i) + std::string(static_cast<std::size_t>(i) * 7 % 4300, 'x'));
    peer->socket->send(message(sent.back()));  // before `opened`: queued
  }
  ASSERT_TRUE(wait_for([&] { return peer->received.size() == sent.size(); })) << peer->received.size();
  EXPECT_EQ(peer->received, sent);
  EXPECT_EQ(audience_.origins, std::vector{origin()});
  peer->socket->close();
  ASSERT_TRUE(wait_for([&] { return !peer->closed.empty() && audience_.closed_count == 1; }));
  EXPECT_EQ(peer->closed, std::vector<std::string>{"closed with 1000"});
  EXPECT_EQ(audience_.opened_count, 1);
}

TEST_F(web_socket, two_hundred_connections_at_once) {
  echo();
  start();
  std::vector<std::unique_ptr<client>> peers;
  for (int i = 0; i < 200; ++i) {
    peers.push_back(connect(where()));
    peers.back()->socket->send(message("from " + std::to_string(i)));
  }
  ASSERT_TRUE(
      wait_for([&] { return std::ranges::all_of(peers, [](const auto& p) { return p->received.size() == 1; }); }));
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(peers[static_cast<std::size_t>(i)]->received[0], "from " + std::to_string(i));
  EXPECT_EQ(audience_.open.size(), 200u);
  peers.clear();  // cut, without a goodbye
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 200; }));
  EXPECT_TRUE(audience_.open.empty());
}

TEST_F(web_socket, what_is_queued_is_written_before_the_close_frame_and_nothing_read_after) {
  settings.outbox_bytes_max = 1 << 20;
  start();
  const auto peer = connect(where());
  ASSERT_TRUE(wait_for([&] { return peer->opened == 1; }));
  for (int i = 0; i < 50; ++i) server_->send(audience_.open[0], message(std::to_string(i) + std::string(4000, 'x')));
  server_->close(audience_.open[0], 4001, "taken_over");
  server_->send(audience_.open[0], message("too late"));
  peer->socket->send(message("unheard"));
  ASSERT_TRUE(wait_for([&] { return !peer->closed.empty() && audience_.closed_count == 1; }));
  EXPECT_EQ(peer->received.size(), 50u);
  EXPECT_EQ(peer->closed[0], "closed with 4001 taken_over");
  EXPECT_TRUE(audience_.messages.empty());
}

TEST_F(web_socket, messages_waiting_together_go_out_as_one_record) {
  start();
  raw_client peer(*this);
  peer.upgrade();
  ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 1; }));
  for (int i = 0; i < 16; ++i) server_->send(audience_.open[0], message(std::string(500, 'x')));
  EXPECT_EQ(peer.read_some().size(), 16u * 504u);  // SSL_read gives one record at a time
}

TEST_F(web_socket, stop_says_service_restart_and_is_done_when_all_are_gone) {
  start();
  const auto peer = connect(where()), other = connect(where());
  raw_client in_http(*this);
  in_http.get("/");
  ASSERT_TRUE(wait_for([&] { return audience_.opened_count == 2; }));
  bool stopped = false;
  server_->stop([&] { stopped = true; });
  EXPECT_FALSE(stopped) << "never from within stop()";
  ASSERT_TRUE(wait_for([&] { return stopped; }));
  EXPECT_EQ(audience_.closed_count, 2);
  ASSERT_TRUE(wait_for([&] { return !peer->closed.empty() && !other->closed.empty(); }));
  EXPECT_EQ(peer->closed[0], "closed with 1012 service_restart");
  EXPECT_EQ(other->closed[0], "closed with 1012 service_restart");
  const auto late = connect(where());
  ASSERT_TRUE(wait_for([&] { return !late->closed.empty(); }));
  EXPECT_EQ(late->opened, 0);
}

TEST_F(web_socket, stop_does_not_wait_for_a_peer_that_does_not_answer) {
  settings.limits.close = 100ms;
  start();
  raw_client peer(*this);
  peer.upgrade();
  ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 1; }));
  const auto before = std::chrono::steady_clock::now();
  stop_and_log();
  EXPECT_GE(std::chrono::steady_clock::now() - before, 100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
  io.restart();
  io.run_for(5s);
  EXPECT_TRUE(io.stopped()) << "nothing keeps the io_context running";
}

TEST_F(web_socket, nothing_is_called_after_the_server_is_gone) {
  start();
  const auto peer = connect(where());
  raw_client in_http(*this), in_tls(*this, false);
  in_http.send("GET / HT");
  ASSERT_TRUE(wait_for([&] { return peer->opened == 1; }));
  peer->socket->send(message("unheard"));
  server_.reset();
  ASSERT_TRUE(wait_for([&] { return !peer->closed.empty(); }));
  EXPECT_EQ(audience_.closed_count, 0);
  EXPECT_TRUE(audience_.messages.empty());
}

TEST_F(web_socket, everything_may_go_with_connections_open) {
  start();
  const auto peer = connect(where());
  ASSERT_TRUE(wait_for([&] { return peer->opened == 1; }));
  // Clients, server and io_context go, in this order.
}

TEST_F(web_socket, an_unknown_connection_is_no_matter) {
  start();
  server_->send(12345, message("x"));
  server_->close(12345, 1000, "");
}

TEST_F(web_socket, the_audience_may_close_and_send_from_within_its_calls) {
  audience_.on_received = [this](connection_id who, bytes_view) {
    server_->send(who, message("last words"));
    server_->close(who, 4000, "enough");
  };
  start();
  const auto peer = connect(where());
  peer->socket->send(message("one"));
  peer->socket->send(message("two"));
  ASSERT_TRUE(wait_for([&] { return !peer->closed.empty() && audience_.closed_count == 1; }));
  EXPECT_EQ(audience_.messages, std::vector<std::string>{"one"});
  EXPECT_EQ(peer->received, std::vector<std::string>{"last words"});
  EXPECT_EQ(peer->closed[0], "closed with 4000 enough");
}

TEST_F(web_socket, the_drill_client_is_refused_with_another_pin_origin_or_subprotocol) {
  start();
  drill::endpoint pinned = where(), named = where(), spoken = where();
  pinned.pinned_file = another_certificate().certificate;
  named.host = "127.0.0.1";
  spoken.subprotocol = "tomoshibi.2";
  const auto first = connect(pinned), second = connect(named), third = connect(spoken);
  ASSERT_TRUE(wait_for([&] { return first->closed.size() + second->closed.size() + third->closed.size() == 3; }));
  EXPECT_NE(first->closed[0].find("did not present the pinned certificate"), std::string::npos) << first->closed[0];
  EXPECT_EQ(second->closed[0], "the server refused the WebSocket with 421");
  EXPECT_EQ(third->closed[0], "the server refused the WebSocket with 400");
  EXPECT_EQ(audience_.opened_count, 0);
}

TEST_F(web_socket, a_message_with_the_upgrade_request_is_not_lost) {
  start();
  raw_client peer(*this);
  peer.send(peer.upgrade_request("Origin: " + origin() +
                                 "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                 "Sec-WebSocket-Protocol: tomoshibi.1\r\n") +
            client_frame(2, "early"));
  ASSERT_TRUE(wait_for([&] { return audience_.messages.size() == 1; }));
  EXPECT_EQ(audience_.messages[0], "early");
}

TEST_F(web_socket, fragments_make_one_message_and_a_ping_is_answered_between_them) {
  start();
  raw_client peer(*this);
  peer.upgrade();
  peer.send(client_frame(2, "he", false) + client_frame(9, "are you there") + client_frame(0, "llo"));
  EXPECT_EQ(peer.read_some(),
            "\x8a\x0d"
            "are you there");
  ASSERT_TRUE(wait_for([&] { return audience_.messages.size() == 1; }));
  EXPECT_EQ(audience_.messages[0], "hello");
}

TEST_F(web_socket, a_peers_close_is_answered_and_told_once) {
  start();
  raw_client peer(*this);
  peer.upgrade();
  peer.send(client_frame(8, std::string("\x0f\xa0", 2)) + client_frame(2, "after"));
  EXPECT_EQ(peer.read_all(), close_frame(4000, ""));
  EXPECT_TRUE(audience_.messages.empty());
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
}

TEST_F(web_socket, a_peer_that_vanishes_is_told_once) {
  start();
  {
    raw_client peer(*this);
    peer.upgrade();
    ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 1; }));
  }
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
}

TEST_F(web_socket, writing_to_a_peer_that_vanished_does_not_end_the_process) {
  start();
  auto peer = std::make_unique<raw_client>(*this);
  peer->upgrade();
  ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 1; }));
  peer.reset();
  std::signal(SIGPIPE, SIG_DFL);
  server_->send(audience_.open[0], std::make_shared<const bytes>(200'000));  // several writes before the end is read
  EXPECT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace
}  // namespace tomoshibi::net
