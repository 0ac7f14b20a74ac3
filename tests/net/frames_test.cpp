#include "server/net/frames.hpp"

#include <random>

#include <gtest/gtest.h>

#include "tests/net/running_server.hpp"

namespace tomoshibi::net {
namespace {

struct heard_frame {
  frame_event::kind what;
  std::string payload;
  std::uint16_t code;
  bool operator==(const heard_frame&) const = default;
};

// Everything up to the first close or failure, with the input in pieces of `step` bytes.
std::vector<heard_frame> read_in_steps(std::string_view in, std::size_t step, std::size_t message_bytes_max = 1000) {
  frame_reader frames(message_bytes_max);
  std::vector<heard_frame> out;
  for (std::size_t at = 0; at < in.size(); at += step) {
    bytes_view piece = as_bytes(in.substr(at, step));
    while (const auto event = frames.read(piece)) {
      out.push_back({event->what, as_text(event->payload), event->code});
      if (event->what == frame_event::kind::close || event->what == frame_event::kind::failure) return out;
    }
  }
  return out;
}

std::uint16_t failure_of(std::string_view in) {
  const auto events = read_in_steps(in, 1);
  return !events.empty() && events.back().what == frame_event::kind::failure ? events.back().code : 0;
}

constexpr int continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10;
using kind = frame_event::kind;

TEST(frames, read_the_same_in_pieces_of_any_size) {
  const std::string in = client_frame(binary, "one") + client_frame(binary, "") + client_frame(ping, "p") +
                         client_frame(binary, std::string(126, 'x')) + client_frame(binary, "ab", false) +
                         client_frame(pong, "between") + client_frame(continuation, "", false) +
                         client_frame(continuation, "cd") + client_frame(binary, std::string(1000, 'y')) +
                         client_frame(close, std::string("\x03\xe9", 2));
  const std::vector<heard_frame> expected = {{kind::message, "one", 0},
                                             {kind::message, "", 0},
                                             {kind::ping, "p", 0},
                                             {kind::message, std::string(126, 'x'), 0},
                                             {kind::pong, "between", 0},
                                             {kind::message, "abcd", 0},
                                             {kind::message, std::string(1000, 'y'), 0},
                                             {kind::close, "", 1001}};
  for (std::size_t step : {1u, 2u, 3u, 7u, 64u, 100'000u}) EXPECT_EQ(read_in_steps(in, step), expected) << step;
}

TEST(frames, garbage_reads_the_same_in_pieces_and_never_gives_more_than_the_limit) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string in;
    for (int i = 0; i < 3; ++i)
      in += client_frame(static_cast<int>(random() % 11), std::string(random() % 200, 'x'), random() % 2);
    for (int i = 0; i < 2; ++i) in[random() % in.size()] = static_cast<char>(random());
    const auto whole = read_in_steps(in, in.size(), 300);
    EXPECT_EQ(read_in_steps(in, 1 + random() % 9, 300), whole);
    for (const heard_frame& event : whole) EXPECT_LE(event.payload.size(), 300u);
  }
}

TEST(frames, refuse_a_message_over_the_limit_before_its_payload) {
  EXPECT_EQ(failure_of(client_frame(binary, std::string(1001, 'x')).substr(0, 8)), 1009);
  EXPECT_EQ(failure_of(client_frame(binary, std::string(600, 'x'), false) +
                       client_frame(continuation, std::string(401, 'x'))),
            1009);
  EXPECT_EQ(failure_of(std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff mask", 14)), 1009);
  EXPECT_EQ(failure_of(std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff mask", 14)), 1009);
}

TEST(frames, refuse_text) { EXPECT_EQ(failure_of(client_frame(text, "hello")), 1003); }

TEST(frames, refuse_what_breaks_the_protocol) {
  std::string unmasked = "\x82\x01x", reserved = client_frame(binary, "x");
  reserved[0] = static_cast<char>(0xc2);
  EXPECT_EQ(failure_of(unmasked), 1002);
  EXPECT_EQ(failure_of(reserved), 1002);
  EXPECT_EQ(failure_of(client_frame(3, "x")), 1002);
  EXPECT_EQ(failure_of(client_frame(11, "x")), 1002);
  EXPECT_EQ(failure_of(client_frame(ping, std::string(126, 'x'))), 1002);
  EXPECT_EQ(failure_of(client_frame(ping, "x", false)), 1002);
  EXPECT_EQ(failure_of(client_frame(continuation, "x")), 1002);
  EXPECT_EQ(failure_of(client_frame(binary, "x", false) + client_frame(binary, "x")), 1002);
  EXPECT_EQ(failure_of(client_frame(close, "x")), 1002);
  EXPECT_EQ(failure_of(client_frame(close, std::string("\x03\xed", 2))), 1002) << "1005 may not be sent";
  EXPECT_EQ(failure_of(std::string("\x82\xfe\x00\x05mask", 8)), 1002) << "a length in more bytes than it needs";
  EXPECT_EQ(failure_of(std::string("\x82\xff\x00\x00\x00\x00\x00\x00\x01\x00mask", 14)), 1002);
}

TEST(frames, written_lengths_are_minimal) {
  for (const auto& [size, header] : {std::pair{125, 2}, {126, 4}, {65'535, 4}, {65'536, 10}}) {
    bytes out;
    append_frame(out, opcode::binary, bytes(static_cast<std::size_t>(size)));
    EXPECT_EQ(out.size(), static_cast<std::size_t>(size + header));
    EXPECT_EQ(out[0], 0x82);
  }
}

TEST(frames, a_close_reason_is_cut_to_what_fits) {
  bytes out;
  append_close(out, 1012, std::string(500, 'r'));
  EXPECT_EQ(out.size(), 2u + 125u);
}

}  // namespace
}  // namespace tomoshibi::net
