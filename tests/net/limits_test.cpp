// Every deadline and every bound, each set small, with a peer that goes over it.
#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

class limits : public running_server {
 protected:
  limits() { settings.limits.close = 200ms; }  // the raw client never closes its end
  void open(raw_client& peer) {
    peer.upgrade();
    ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 1; }));
  }
  void expect_noted(std::string_view reason) {
    const std::string lines = stop_and_log();
    EXPECT_NE(lines.find(reason), lines.npos) << lines;
    EXPECT_EQ(lines.find("127.0.0.1"), lines.npos) << lines;
  }
};

TEST_F(limits, a_slow_tls_handshake_is_cut) {
  settings.limits.tls_handshake = 100ms;
  start();
  raw_client silent(*this, false), halfway(*this, false);
  halfway.send_plainly(std::string("\x16\x03\x01\x02\x00\x01", 6));  // the start of a ClientHello
  EXPECT_TRUE(silent.is_cut());
  EXPECT_TRUE(halfway.is_cut());
  expect_noted("2 x TLS handshake too slow");
}

TEST_F(limits, a_slow_header_is_cut_however_busy_the_client) {
  settings.limits.http_header = 150ms;
  start();
  raw_client client(*this);
  const auto before = std::chrono::steady_clock::now();
  client.send("GET / HTTP/1.1\r\n");
  const auto drip = [&] {
    client.send_plainly("");
    return std::chrono::steady_clock::now() - before > 60ms;
  };
  ASSERT_TRUE(wait_for(drip));
  client.send("X: ");
  EXPECT_EQ(client.read_some(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
  expect_noted("1 x HTTP header too slow");
}

TEST_F(limits, an_idle_keep_alive_is_cut) {
  settings.limits.http_idle = 100ms;
  start();
  raw_client client(*this);
  client.get("/");
  EXPECT_EQ(client.read_some(), "");
  expect_noted("1 x no further request");
}

TEST_F(limits, a_client_that_does_not_take_its_page_is_cut) {
  settings.limits.write = 100ms;
  audience_.pages["/big"] = {200, "text/plain", std::make_shared<const std::string>(32 << 20, 'x')};
  start();
  raw_client client(*this, true, 4096);
  client.send(client.request("GET", "/big"));
  ASSERT_TRUE(wait_for(
      [&, until = std::chrono::steady_clock::now() + 500ms] { return std::chrono::steady_clock::now() > until; }));
  expect_noted("1 x peer does not read");
}

TEST_F(limits, the_server_pings_and_a_silent_peer_is_gone_after_two) {
  settings.limits.ping = 100ms;
  start();
  raw_client peer(*this);
  open(peer);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(peer.read_some(), std::string("\x89\x00", 2));
  EXPECT_EQ(audience_.closed_count, 0);
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
  EXPECT_GE(std::chrono::steady_clock::now() - before, 90ms);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
  expect_noted("1 x peer silent");
}

TEST_F(limits, a_peer_that_answers_pings_stays) {
  settings.limits.ping = 300ms;  // a busy machine answers late
  start();
  raw_client peer(*this);
  open(peer);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(peer.read_some(), std::string("\x89\x00", 2)) << i;
    peer.send(client_frame(10, ""));
  }
  EXPECT_EQ(audience_.closed_count, 0);
}

TEST_F(limits, text_is_closed_with_1003) {
  start();
  raw_client peer(*this);
  open(peer);
  peer.send(client_frame(1, "hello"));
  EXPECT_EQ(peer.read_all(), close_frame(1003, ""));
  EXPECT_TRUE(audience_.messages.empty());
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
  expect_noted("1 x message in text");
}

TEST_F(limits, a_message_over_the_limit_is_closed_with_1009_also_in_fragments) {
  settings.message_bytes_max = 1000;
  settings.limits.close = 1s;
  start();
  raw_client peer(*this);
  open(peer);
  peer.send(client_frame(2, std::string(1000, 'x')) + client_frame(2, std::string(60'000, 'y')));
  EXPECT_EQ(peer.read_all(), close_frame(1009, ""));
  EXPECT_FALSE(peer.was_reset()) << "a reset takes the close frame with it on other systems";
  EXPECT_EQ(audience_.messages, std::vector{std::string(1000, 'x')});
  raw_client other(*this);
  other.upgrade();
  other.send(client_frame(2, std::string(999, 'x'), false) + client_frame(0, "yy"));
  EXPECT_EQ(other.read_all(), close_frame(1009, ""));
  expect_noted("2 x message too big");
}

TEST_F(limits, a_broken_frame_is_closed_with_1002) {
  start();
  raw_client peer(*this);
  open(peer);
  peer.send(std::string("\x82\x05hello", 7));
  EXPECT_EQ(peer.read_all(), close_frame(1002, ""));
  expect_noted("1 x WebSocket protocol broken");
}

TEST_F(limits, a_full_outbox_is_closed_with_1013) {
  settings.outbox_bytes_max = 10'000;
  start();
  raw_client peer(*this);
  open(peer);
  const auto message = std::make_shared<const bytes>(4000);
  for (int i = 0; i < 4; ++i) server_->send(audience_.open[0], message);
  EXPECT_EQ(peer.read_all(), close_frame(1013, "too_slow"));
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
  expect_noted("1 x outbox full");
}

TEST_F(limits, an_outbox_is_counted_with_what_each_message_costs_and_may_be_bounded_anew) {
  settings.outbox_bytes_max = 10'000;
  settings.too_slow = {4999, "sluggish"};
  start();
  raw_client small(*this), large(*this);
  small.upgrade();
  large.upgrade();
  ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 2; }));
  server_->bound(audience_.open[1], 1 << 20);
  const auto tiny = std::make_shared<const bytes>(1);
  for (const connection_id who : audience_.open)
    for (int i = 0; i < 100; ++i) server_->send(who, tiny);
  EXPECT_EQ(small.read_all(), close_frame(4999, "sluggish"));
  EXPECT_EQ(large.read_some().size(), 300u);
  expect_noted("1 x outbox full");
}

TEST_F(limits, a_reader_that_only_trickles_is_shed) {
  settings.limits.write = 1s;
  settings.limits.read_bytes_per_second_min = 64 << 20;
  settings.outbox_bytes_max = 64 << 20;
  start();
  raw_client peer(*this);
  open(peer);
  const auto message = std::make_shared<const bytes>(32'000);
  for (int i = 0; i < 1'000; ++i) server_->send(audience_.open[0], message);
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (audience_.closed_count == 0 && std::chrono::steady_clock::now() < until) {
    peer.read_some();  // a record now and then: each in good time
    wait_for([&, next = std::chrono::steady_clock::now() + 5ms] { return std::chrono::steady_clock::now() > next; });
  }
  EXPECT_EQ(audience_.closed_count, 1);
  expect_noted("1 x peer reads too slowly");
}

TEST_F(limits, one_that_says_much_at_once_does_not_keep_another_waiting) {
  start();
  raw_client busy(*this), other(*this);
  busy.upgrade();
  other.upgrade();
  ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 2; }));
  std::string many;
  for (int i = 0; i < 700; ++i) many += client_frame(2, "much");
  busy.send(many);
  other.send(client_frame(2, "one"));
  ASSERT_TRUE(wait_for([&] { return audience_.messages.size() == 701; }));
  EXPECT_LT(std::ranges::find(audience_.messages, "one") - audience_.messages.begin(), 200);
}

TEST_F(limits, a_slow_reader_is_shed_by_the_write_deadline) {
  settings.limits.write = 100ms;
  settings.outbox_bytes_max = 64 << 20;
  start();
  raw_client peer(*this, true, 4096);
  open(peer);
  const auto message = std::make_shared<const bytes>(64'000);
  for (int i = 0; i < 500; ++i) server_->send(audience_.open[0], message);
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
  expect_noted("1 x peer does not read");
}

TEST_F(limits, a_slow_reader_with_a_full_outbox_is_gone_after_the_close_deadline) {
  settings.limits.close = 100ms;
  start();
  raw_client peer(*this, true, 4096);
  open(peer);
  const auto message = std::make_shared<const bytes>(64'000);
  ASSERT_TRUE(wait_for([&] {
    if (audience_.open.size() == 1) server_->send(audience_.open[0], message);
    return audience_.closed_count == 1;
  }));
  expect_noted("1 x outbox full");
}

TEST_F(limits, a_peer_that_does_not_answer_a_close_is_gone_after_the_deadline) {
  settings.limits.close = 100ms;
  start();
  raw_client peer(*this);
  open(peer);
  server_->close(audience_.open[0], 4000, "");
  EXPECT_EQ(peer.read_some(), close_frame(4000, ""));
  ASSERT_TRUE(wait_for([&] { return audience_.closed_count == 1; }));
  expect_noted("1 x no answer to close");
}

TEST_F(limits, connections_over_the_bound_are_closed_at_once) {
  settings.connections_max = 2;
  start();
  raw_client first(*this), third_later(*this);
  {
    raw_client turned_away(*this, false);
    EXPECT_TRUE(turned_away.is_cut());
  }
  EXPECT_TRUE(first.get("/", "Connection: close\r\n").starts_with("HTTP/1.1 200"));
  EXPECT_EQ(first.read_some(), "");
  EXPECT_TRUE(third_later.get("/").starts_with("HTTP/1.1 200"));
  expect_noted("1 x turned away, connections at their limit");
}

TEST_F(limits, an_address_may_not_take_all_places_of_a_crowded_server) {
  settings.connections_max = 6;
  settings.neighbours.ipv4_max = 2;
  settings.neighbours.shared = {};
  start();
  std::vector<std::unique_ptr<raw_client>> peers;
  for (int i = 0; i < 4; ++i) peers.push_back(std::make_unique<raw_client>(*this));
  {
    raw_client turned_away(*this, false);
    EXPECT_TRUE(turned_away.is_cut());
  }
  EXPECT_TRUE(peers[3]->get("/").starts_with("HTTP/1.1 200"));
  expect_noted("1 x turned away, too many from one neighbourhood");
}

TEST_F(limits, what_connections_are_closed_for_is_counted_and_not_told_each_time) {
  start();
  std::vector<std::unique_ptr<raw_client>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(std::make_unique<raw_client>(*this));
    peers.back()->upgrade();
  }
  ASSERT_TRUE(wait_for([&] { return audience_.open.size() == 3; }));
  for (const connection_id who : std::vector(audience_.open)) server_->close(who, 4004, "gap");
  for (const auto& peer : peers) EXPECT_EQ(peer->read_some(), close_frame(4004, "gap"));
  EXPECT_EQ(log(), "");
  expect_noted("3 x gap");
}

TEST_F(limits, slow_clients_do_not_keep_a_real_one_waiting) {
  settings.limits.tls_handshake = 300ms;
  start();
  std::vector<std::unique_ptr<raw_client>> slow;
  for (int i = 0; i < 200; ++i) slow.push_back(std::make_unique<raw_client>(*this, false));
  const auto before = std::chrono::steady_clock::now();
  raw_client real(*this);
  EXPECT_TRUE(real.get("/").starts_with("HTTP/1.1 200"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
  for (const auto& client : slow) EXPECT_TRUE(client->is_cut());
  expect_noted("200 x TLS handshake too slow");
}

}  // namespace
}  // namespace tomoshibi::net
