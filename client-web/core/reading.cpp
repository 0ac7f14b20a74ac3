#include "client-web/core/reading.hpp"

#include <algorithm>

namespace tomoshibi::core {

// A server cannot make this console destroy keys of days that are not over, by more than a day's error of clocks.
static constexpr crypto::local_day day_error_max = 1;

reading::reading(bytes_view kept, const crypto::identity& who) {
  if (auto opened = crypto::inbox::open(kept, who)) keys_ = std::move(*opened);
}

void reading::disconnected() { letter_.reset(); }

void reading::on(const wire::inbox_days& message, const crypto::identity& who, seconds centre_time,
                 crypto::random_source& random, output& out) {
  const auto day = static_cast<crypto::local_day>(centre_time / 86400);
  if (message.today + day_error_max < day || message.today > day + day_error_max) return;
  if (keys_.keep(message.today, message.keep_from, random)) out.tell(keep_inbox{keys_.seal(who, random)});
  for (const crypto::local_day each : keys_.days()) {
    if (each < message.today) continue;
    const auto object = keys_.signed_key(each, who);
    wire::put_inbox_key said;
    std::ranges::copy(*object, said.key.begin());
    out.say(said);
  }
}

void reading::on(const wire::letters_state& message, output& out) {
  out.tell(letters_changed{message.waiting, message.oldest});
}

void reading::on(const wire::letter_given& message, output& out) {
  letter_.reset();
  if (message.parts == 0) return out.tell(no_letter{});
  letter_ = in_hand{message, {}};
}

void reading::on(const wire::letter_part& message, output& out) {
  if (!letter_ || message.letter != letter_->given.letter || message.number != letter_->pieces.size() + 1) return;
  letter_->pieces.push_back(message.body);
  if (letter_->pieces.size() < letter_->given.parts) return;
  const std::size_t size =
      letter_->given.parts == wire::letter_parts_short ? crypto::letter_short_bytes : crypto::letter_long_bytes;
  const auto whole = crypto::join_pieces(letter_->pieces, size);
  auto opened = whole ? crypto::open_letter(*whole, message.letter, keys_)
                      : crypto::result<crypto::letter_content>(std::unexpected(whole.error()));
  letter_->pieces.clear();
  if (!opened) {
    out.say(wire::finish_letter{message.letter, wire::letter_finish::put_back});
    out.tell(no_letter{true});
    return letter_.reset();
  }
  letter_->answer = std::move(opened->answer);
  out.tell(letter_opened{message.letter, letter_->given.stored_at,
                         letter_->answer.has_value() && letter_->given.answerable, known_language(opened->language),
                         std::move(opened->text)});
}

void reading::answer(const from_counselor::answer_letter& reply, std::string_view alias,
                     crypto::random_source& random, output& out) {
  if (!letter_ || reply.letter != letter_->given.letter || !letter_->answer) return;
  const crypto::reply_content content{static_cast<byte>(reply.written_in), std::string(alias), reply.text};
  const auto sealed = crypto::seal_reply(reply.letter, *letter_->answer, content, random);
  if (!sealed) {  // longer than the page lets anybody write, or what came with the letter is no key
    letter_.reset();
    out.say(wire::finish_letter{reply.letter, wire::letter_finish::put_back});
    return out.tell(letter_closed{reply.letter, false});
  }
  wire::frame_number number = 0;
  for (const crypto::piece& each : crypto::split_pieces(*sealed))
    out.say(wire::reply_part{reply.letter, ++number, each});
  out.say(wire::finish_letter{reply.letter, wire::letter_finish::answered});
}

void reading::put(const from_counselor::put_letter& letter, output& out) const {
  if (letter_ && letter.letter == letter_->given.letter)
    out.say(
        wire::finish_letter{letter.letter, letter.read ? wire::letter_finish::read : wire::letter_finish::put_back});
}

void reading::on(const wire::letter_stored& message, output& out) {
  if (!letter_ || message.letter != letter_->given.letter) return;
  letter_.reset();
  out.tell(letter_closed{message.letter, true});
}

void reading::on(const wire::letter_refused& message, output& out) {
  if (!letter_ || message.letter != letter_->given.letter) return;
  letter_.reset();
  out.tell(letter_closed{message.letter, false});
}

}  // namespace tomoshibi::core
