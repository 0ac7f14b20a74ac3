// What a client sends after the upgrade: the same events in pieces of any size, and never more than the limit.
#include "server/net/frames.hpp"
#include "tests/fuzz/fuzzer.hpp"

namespace tomoshibi::fuzz {
namespace {

using kind = net::frame_event::kind;

struct heard_event {
  kind what;
  bytes payload;
  std::uint16_t code;
  bool operator==(const heard_event&) const = default;
};

// Up to the first close or failure. The lengths of the pieces repeat; with none, there is one piece.
std::vector<heard_event> read_in_pieces(bytes_view in, bytes_view lengths, std::size_t message_bytes_max) {
  net::frame_reader frames(message_bytes_max);
  std::vector<heard_event> out;
  for (std::size_t i = 0; !in.empty(); ++i) {
    const std::size_t length = lengths.empty() ? in.size() : lengths[i % lengths.size()] + 1u;
    bytes_view piece = in.first(std::min(length, in.size()));
    in = in.subspan(piece.size());
    while (const auto event = frames.read(piece)) {
      out.push_back({event->what, {event->payload.begin(), event->payload.end()}, event->code});
      if (event->what == kind::close || event->what == kind::failure) return out;
    }
    must(piece.empty(), "a reader that has nothing to tell has read everything");
  }
  return out;
}

// As a client sends it, with the mask 1, 2, 3, 4.
bytes masked(net::opcode what, std::string_view payload, bool last = true) {
  bytes out;
  net::append_frame(out, what, as_bytes(payload));
  const std::size_t header_bytes = out.size() - payload.size();
  if (!last) out[0] &= 0x7f;
  out[1] |= 0x80;
  for (std::size_t i = 0; i < payload.size(); ++i) out[header_bytes + i] ^= static_cast<byte>(i % 4 + 1);
  const bytes mask = {1, 2, 3, 4};
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(header_bytes), mask.begin(), mask.end());
  return out;
}

}  // namespace

// limit2 | count1 | lengths | what the client sends
void feed(bytes_view in) {
  script from(in);
  const std::size_t message_bytes_max = from.number<std::uint16_t>() % 5000;
  const bytes_view lengths = from.take(1 + from.roll(8));
  const bytes_view sent = from.take(in.size());
  const auto whole = read_in_pieces(sent, {}, message_bytes_max);
  must(read_in_pieces(sent, lengths, message_bytes_max) == whole, "pieces of any size read the same");
  std::size_t total = 0;
  for (const heard_event& each : whole) {
    total += each.payload.size();
    must(each.payload.size() <= (each.what == kind::message ? message_bytes_max : 125u), "nothing is over its limit");
    must((each.code != 0) == (each.what == kind::close || each.what == kind::failure), "an end has its code");
  }
  must(total <= sent.size(), "nothing is read that was not sent");
}

std::vector<bytes> seeds() {
  using net::opcode;
  const std::vector<std::vector<bytes>> conversations = {
      {masked(opcode::binary, std::string(999, 'x'), false), masked(opcode::continuation, "y", false),
       masked(opcode::continuation, "")},
      {masked(opcode::binary, std::string(999, 'x'), false), masked(opcode::continuation, "yz")},
      {masked(opcode::binary, "one"), masked(opcode::ping, "p"), masked(opcode::binary, "")},
      {masked(opcode::binary, "ab", false), masked(opcode::pong, "between"), masked(opcode::continuation, "", false),
       masked(opcode::continuation, "cd"), masked(opcode::close, std::string_view("\x03\xe9", 2))},
      {masked(opcode::binary, std::string(126, 'x')), masked(opcode::binary, std::string(999, 'y'))},
      {masked(opcode::text, "text"), masked(opcode::close, "")},
      {masked(opcode::close, "\x03")},
  };
  std::vector<bytes> out;
  for (const auto& frames : conversations) {
    writer one;
    one.number(std::uint16_t{1000}).number(byte{1}).number(byte{0}).number(byte{6});
    for (const bytes& each : frames) one.put(each);
    out.push_back(one.finish());
  }
  return out;
}

}  // namespace tomoshibi::fuzz
