// One message of the socket, either way: what is taken is exactly what `encode` would have written.
#include "tests/fuzz/fuzzer.hpp"
#include "tests/wire/every_message.hpp"

namespace tomoshibi::fuzz {

void feed(bytes_view in) {
  const auto from_client = wire::decode_client(in);
  const auto from_server = wire::decode_server(in);
  if (from_client) must(std::ranges::equal(wire::encode(*from_client), in), "a client's message has one form");
  if (from_server) must(std::ranges::equal(wire::encode(*from_server), in), "a server's message has one form");
  must(in.size() <= wire::message_bytes_max || (!from_client && !from_server),
       "no message is longer than the maximum");
  must(from_client || from_client.error() == wire::error::malformed, "what is refused is malformed");
}

std::vector<bytes> seeds() {
  std::vector<bytes> out;
  wire::for_each_type<wire::client_message>([&]<class Message>(std::type_identity<Message>) {
    out.push_back(wire::encode(wire::client_message(wire::filled<Message>())));
    out.push_back(wire::encode(wire::client_message(Message{})));
  });
  wire::for_each_type<wire::server_message>([&]<class Message>(std::type_identity<Message>) {
    out.push_back(wire::encode(wire::server_message(wire::filled<Message>())));
  });
  return out;
}

}  // namespace tomoshibi::fuzz
