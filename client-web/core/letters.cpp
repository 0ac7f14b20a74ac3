#include "client-web/core/letters.hpp"

#include <algorithm>

#include "client-web/core/bridge.hpp"
#include "client-web/core/phrase.hpp"

namespace tomoshibi::core {

static_assert(wire::letter_parts_short == crypto::pieces_of(crypto::letter_short_bytes));
static_assert(wire::letter_parts_long == crypto::pieces_of(crypto::letter_long_bytes));
static_assert(wire::reply_parts == crypto::pieces_of(crypto::reply_bytes));

// --- the return phrase ---

crypto::secret<128> encode_return_keys(const crypto::return_keys& keys) {
  crypto::secret<128> out;
  auto at = out.writable().begin();
  for (const auto* part : {&keys.locator, &keys.sign, &keys.key, &keys.with})
    at = std::ranges::copy(part->view(), at).out;
  return out;
}

crypto::return_keys decode_return_keys(const crypto::secret<128>& from) {
  const auto all = from.view();
  return {crypto::secret<32>(all.subspan<0, 32>()), crypto::sign_seed(all.subspan<32, 32>()),
          crypto::kem_secret_key(all.subspan<64, 32>()), crypto::psk(all.subspan<96, 32>())};
}

static event derive(bytes_view phrase, const crypto::sign_public_key& root, crypto::secret_bytes shown) {
  const auto keys = crypto::derive_return_keys(as_words(phrase), root);
  if (!keys) return no_phrase{true};
  return phrase_made{std::move(shown), encode_return_keys(*keys)};
}

event make_phrase(const from_survivor::make_phrase& wanted, crypto::random_source& random) {
  const auto kind = wanted.digits ? crypto::phrase_kind::digits : crypto::phrase_kind::words;
  std::string made = crypto::make_return_phrase(kind, random);
  const crypto::secret_bytes phrase(made.begin(), made.end());
  crypto::wipe({reinterpret_cast<byte*>(made.data()), made.size()});
  return derive(phrase, wanted.root, wanted.kana ? show_in_kana(phrase) : show_in_latin(phrase));
}

event read_phrase(const from_survivor::read_phrase& in) {
  const auto phrase = read_phrase(in.typed);
  if (!phrase) return no_phrase{};
  return derive(*phrase, in.root, {});
}

// --- the connection ---

void letters::disconnected() {
  day_.reset();
  readers_.clear();
  fetching_.reset();
}

void letters::arrive(output& out) {
  if (under_way_) say(*under_way_, out);
}

// --- who can read one ---

void letters::ask(const crypto::desk_id& desk, output& out) {
  desk_ = desk;
  day_.reset();
  readers_.clear();
  out.say(wire::ask_letter_keys{desk_});
}

void letters::on(const wire::letter_day& message, const belief& believed, seconds clock, output& out) {
  if (message.desk != desk_ || message.readers > wire::letter_readers_max) return;
  day_ = message;
  readers_.clear();
  if (message.readers == 0) tell_whether_possible(believed, clock, out);
}

void letters::on(const wire::letter_reader& message, const belief& believed, seconds clock, output& out) {
  if (!day_ || readers_.size() >= day_->readers) return;
  readers_.push_back(
      {{message.certificate.begin(), message.certificate.end()}, {message.key.begin(), message.key.end()}});
  if (readers_.size() == day_->readers) tell_whether_possible(believed, clock, out);
}

void letters::tell_whether_possible(const belief& believed, seconds clock, output& out) {
  const bool readable =
      crypto::choose_readers(readers_, *believed.trust(), desk_, day_->day, believed.centre_time(clock)).has_value();
  out.tell(letters_told{day_->taken && readable, day_->read_from, day_->kept_days});
}

// --- writing ---

void letters::send(const from_survivor::send_letter& letter, const belief& believed, seconds clock, output& out) {
  if (under_way_) return;  // `letter_sent` or `letter_not_sent` will come
  if (letter.text.size() > crypto::letter_text_bytes_max) return out.tell(letter_not_sent{letter_fault::too_long});
  if (!day_) return out.tell(letter_not_sent{letter_fault::another_day});
  const auto readers =
      crypto::choose_readers(readers_, *believed.trust(), desk_, day_->day, believed.centre_time(clock));
  if (!readers) {
    const bool by_day = readers.error() != crypto::failure::not_listed;
    return out.tell(letter_not_sent{by_day ? letter_fault::another_day : letter_fault::no_readers});
  }
  const crypto::letter_head head{random_.make_block<16>(), day_->day, believed.trust()->roster_hash};
  crypto::letter_content content{static_cast<byte>(letter.written_in), {}, letter.text};
  wire::begin_letter begin{desk_, head.id, head.day, 0, {}, {}, {}};
  if (letter.keys != crypto::secret<128>{}) {
    const crypto::return_keys keys = decode_return_keys(letter.keys);
    content.answer = {keys.with, crypto::kem_public(keys.key)};
    begin.locator_hash = keys.locator_hash();
    begin.sign_key = crypto::sign_public(keys.sign);
  }
  const auto sealed = crypto::seal_letter(head, content, *readers, random_);
  if (!sealed) return out.tell(letter_not_sent{letter_fault::no_readers});
  std::vector<crypto::piece> pieces = crypto::split_pieces(*sealed);
  begin.parts = static_cast<byte>(pieces.size());
  bytes all;
  for (const crypto::piece& each : pieces) all.insert(all.end(), each.begin(), each.end());
  begin.digest = crypto::sha256(all);
  under_way_ = sealed_letter{begin, std::move(pieces)};
  say(*under_way_, out);
}

void letters::say(const sealed_letter& letter, output& out) const {
  out.say(letter.begin);
  wire::frame_number number = 0;
  for (const crypto::piece& each : letter.pieces) out.say(wire::letter_part{letter.begin.letter, ++number, each});
}

void letters::on(const wire::letter_stored& message, output& out) {
  if (!under_way_ || message.letter != under_way_->begin.letter) return;
  const bool answerable = under_way_->begin.locator_hash != crypto::hash32{};
  under_way_.reset();
  out.tell(letter_sent{answerable ? message.kept_until : 0});
}

void letters::on(const wire::letter_refused& message, output& out) {
  if (!under_way_ || message.letter != under_way_->begin.letter) return;
  under_way_.reset();
  switch (message.why) {
    case wire::letter_refusal::full:
      return out.tell(letter_not_sent{letter_fault::full});
    case wire::letter_refusal::another_day:
      return out.tell(letter_not_sent{letter_fault::another_day});
    case wire::letter_refusal::unknown:
      return out.tell(letter_not_sent{letter_fault::not_taken});
  }
}

// --- the reply ---

void letters::fetch(const from_survivor::fetch_replies& wanted, const wire::nonce& challenge, output& out) {
  fetching_ = fetching{decode_return_keys(wanted.keys), 0, {}};
  const crypto::return_keys& keys = fetching_->keys;
  wire::show_return message;
  std::ranges::copy(keys.locator.view(), message.locator.begin());
  message.burn = wanted.burn;
  message.made = crypto::sign_fetch({challenge, keys.locator, wanted.burn}, keys.sign);
  out.say(message);
}

void letters::on(const wire::returned& message, output& out) {
  if (!fetching_) return;
  out.tell(replies_told{message.found, message.waiting, message.read, message.never_read, message.replies,
                        message.kept_until});
  fetching_->replies = message.replies;
  if (fetching_->replies == 0) fetching_.reset();
}

// The parts of a reply come one right after the other; which letter it answers is sealed with it.
void letters::on(const wire::reply_part& message, output& out) {
  if (!fetching_ || fetching_->replies == 0) return;
  std::vector<crypto::piece>& pieces = fetching_->pieces;
  if (message.number != pieces.size() + 1) return;
  pieces.push_back(message.body);
  if (pieces.size() < wire::reply_parts) return;
  const auto whole = crypto::join_pieces(pieces, crypto::reply_bytes);
  const auto reply = whole ? crypto::open_reply(*whole, message.letter, fetching_->keys.key, fetching_->keys.with)
                           : crypto::result<crypto::reply_content>(std::unexpected(whole.error()));
  pieces.clear();
  if (reply)
    out.tell(reply_received{known_language(reply->language), reply->alias, reply->text});
  else
    out.tell(reply_refused{});
  if (--fetching_->replies == 0) fetching_.reset();
}

}  // namespace tomoshibi::core
