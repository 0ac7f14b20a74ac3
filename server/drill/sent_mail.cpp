#include "server/drill/sent_mail.hpp"

#include <algorithm>

#include "server/wire/codec.hpp"

namespace tomoshibi::drill {

void sent_mail::connected() {
  for (auto& [id, of] : numbers_) of.sent_before = of.sent;
}

// Offer, hello and talk have one layout: code1, conversation16, number8, and the frame.
void sent_mail::sending(bytes_view message) {
  reader in(message);
  const byte code = in.number<byte>();
  if (code != wire::offer::code && code != wire::hello::code && code != wire::talk::code) return;
  const auto id = in.take<16>();
  const auto number = in.number<wire::frame_number>();
  numbers& of = numbers_[id];
  resent_ += number <= of.sent_before;
  of.sent = std::max(of.sent, number);
}

void sent_mail::received(bytes_view message) {
  const auto said = wire::decode_server(message);
  if (!said) return;
  const auto note = [&](const wire::conversation_id& id, wire::frame_number through) {
    numbers& of = numbers_[id];
    of.stored = std::max(of.stored, through);
  };
  if (const auto* now = std::get_if<wire::stored>(&*said)) note(now->conversation, now->through);
  if (const auto* now = std::get_if<wire::resumed>(&*said)) note(now->conversation, now->stored);
  if (const auto* over = std::get_if<wire::left>(&*said)) numbers_.erase(over->conversation);
}

std::uint64_t sent_mail::unstored() const {
  std::uint64_t out = 0;
  for (const auto& [id, of] : numbers_) out += of.sent - std::min(of.sent, of.stored);
  return out;
}

}  // namespace tomoshibi::drill
