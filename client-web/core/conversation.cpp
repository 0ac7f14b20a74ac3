#include "client-web/core/conversation.hpp"

#include <algorithm>

namespace tomoshibi::core {

using crypto::body_type;
using crypto::random_source;

// --- the connection ---

template <class Kind>
void conversation::post(const crypto::frame& body, output& out) {
  Kind message;
  message.conversation = id_;
  message.number = next_number_++;
  message.body = body;
  unstored_.push_back({message.number, message});
  if (attached_) out.say(unstored_.back().message);
}
template void conversation::post<wire::offer>(const crypto::frame&, output&);
template void conversation::post<wire::hello>(const crypto::frame&, output&);

void conversation::attach(wire::frame_number stored_through, seconds now, random_source& random, output& out) {
  attached_ = true;
  if (ending_ == stage::leaving) {
    out.say(wire::leave{id_});
    return;
  }
  stored(stored_through, now, random, out);
  const bool server_fell_back = !unstored_.empty() && unstored_.front().number != stored_through + 1;
  next_number_ = stored_through + 1;
  for (mail& waiting : unstored_) {
    waiting.number = next_number_++;
    std::visit(
        [&](auto& message) {
          if constexpr (requires { message.number; }) message.number = waiting.number;
        },
        waiting.message);
    out.say(waiting.message);
  }
  // A store put back from an older copy has lost frames that it had acknowledged: texts without 03 are sealed again.
  if (server_fell_back) start_texts_again();
  pump(now, random, out);
}

void conversation::stored(wire::frame_number through, seconds now, random_source& random, output& out) {
  while (!unstored_.empty() && unstored_.front().number <= through) unstored_.pop_front();
  for (outgoing_text& text : texts_) {
    if (!text.sealed || text.stored || text.last_frame > through) continue;
    text.stored = true;
    out.tell(text_moved{id_, text.id, text_progress::stored});
  }
  if (ending_ == stage::said && close_number_ <= through && closed_at_ == 0) closed_at_ = now;
  pump(now, random, out);
  tick(now, out);
}

bool conversation::take(wire::frame_number number, output& out) {
  const bool fresh = number > taken_;
  taken_ = std::max(taken_, number);
  out.say(wire::taken{id_, taken_});
  return fresh;
}

// --- the session ---

void conversation::begin_as_survivor(crypto::greeting greeting, bool same_tab, seconds now, random_source& random,
                                     output& out) {
  counselor_hash_ = greeting.counselor_hash;
  current_ = std::move(greeting.talk);
  session_begins();
  post<wire::hello>(greeting.hello, out);
  seal(body_type::cover, {}, false, now, random, out);
  out.tell(joined{id_, greeting.counselor.alias, same_tab});
  start_texts_again();
  pump(now, random, out);
}

void conversation::begin_as_counselor(crypto::session talk, bool same_tab) {
  fresh_ = std::move(talk);
  fresh_same_tab_ = same_tab;
}

void conversation::frame_arrived(const crypto::frame& in, seconds now, random_source& random, output& out) {
  if (fresh_) {
    if (auto body = fresh_->open(in, now)) {
      current_ = std::move(*fresh_);
      fresh_.reset();
      session_begins();
      if (!fresh_same_tab_) {  // somebody new: nothing meant for the one before goes to them
        texts_.clear();
        confirming_.clear();
      }
      out.tell(joined{id_, {}, fresh_same_tab_});
      start_texts_again();
      // Answered at once, so that the survivor holds a resume secret from the first moment on.
      seal(body_type::cover, {}, false, now, random, out);
      body_arrived(std::move(*body), now, random, out);
      return;
    }
  }
  if (!current_) return;  // memory was lost: this frame belongs to the session before
  const bool had_stepped = current_->resume_secret() != nullptr;
  auto body = current_->open(in, now);
  if (!body) {
    if (current_->broken()) fail(out);
    return;
  }
  if (us_ == crypto::side::survivor) {
    learn_resume_secret(out);
  } else if (body->stepped && had_stepped) {
    // The survivor answers our step, so it holds the secret of this session: those of earlier sessions are spent.
    resume_secrets_.clear();
    if (const crypto::psk* before = current_->resume_secret_before()) resume_secrets_.push_front(*before);
    if (const crypto::psk* latest = current_->resume_secret()) resume_secrets_.push_front(*latest);
  }
  body_arrived(std::move(*body), now, random, out);
}

void conversation::body_arrived(crypto::session::opened body, seconds now, random_source& random, output& out) {
  if (body.duplicate) return;
  // A frame that never came (an honest server loses none): what was begun cannot be completed. It stays unconfirmed,
  // so the peer still has it; after the next frame that ends a text, texts are whole again.
  if (body.number != next_body_ || (body.type != body_type::text && fragments_ > 0)) {
    start_pieces_again();
    in_step_ = body.number == next_body_;
  }
  next_body_ = body.number + 1;
  if (body.type != body_type::text) in_step_ = true;
  if (body.type == body_type::text) {
    if (!piece_together(body)) return fail(out);
    if (in_step_ && !body.more) text_complete(out);
    in_step_ = in_step_ || !body.more;
  } else if (body.type == body_type::delivered) {
    texts_delivered(body.data, out);
  } else if (body.type == body_type::left_by_exit) {
    out.tell(peer_left_by_exit{id_});
  } else if (body.type == body_type::close) {
    peer_closed_ = true;
    if (ending_ == stage::none) {
      out.tell(ended{id_, ending::by_peer});
      ending_ = stage::wanted;
    }
  }
  pump(now, random, out);
  tick(now, out);
}

void conversation::fail(output& out) {
  if (broken_) return;
  broken_ = true;
  out.tell(ended{id_, ending::broken});
  leave(out);
}

// False: no honest peer sends so many fragments.
bool conversation::piece_together(const crypto::session::opened& body) {
  if (!in_step_) return true;
  assembling_.insert(assembling_.end(), body.data.begin(), body.data.end());
  ++fragments_;
  return !body.more || fragments_ < crypto::fragments_max;
}

void conversation::start_pieces_again() {
  assembling_ = crypto::secret_bytes();
  fragments_ = 0;
}

void conversation::text_complete(output& out) {
  const crypto::secret_bytes whole = std::move(assembling_);
  start_pieces_again();
  reader in(whole);
  text_received text{id_, in.take<16>(), static_cast<language>(in.number<byte>()), {}};
  if (!in.ok()) return;
  if (text.written_in > language::vi) text.written_in = language::unknown;
  if (!received_.insert(text.id).second) {
    // Sent again because our 03 was not seen: say it again, show nothing twice.
    if (shown_.contains(text.id)) confirming_.push_back(text.id);
    return;
  }
  const bytes_view words = in.rest();
  text.text.assign(words.begin(), words.end());
  out.tell(std::move(text));
}

void conversation::texts_delivered(bytes_view ids, output& out) {
  for (reader in(ids); in.left() >= sizeof(message_id);) {
    const message_id id = in.take<16>();
    if (std::erase_if(texts_, [&](const outgoing_text& text) { return text.id == id && text.sealed; }) > 0)
      out.tell(text_moved{id_, id, text_progress::delivered});
  }
}

// --- sealing ---

bool conversation::may_seal() const {
  return attached_ && current_ && !held_ && !broken_ && unstored_.size() < frames_unstored_max &&
         (us_ == crypto::side::survivor || current_->heard());
}

bool conversation::seal(body_type type, bytes_view data, bool more, seconds now, random_source& random, output& out) {
  auto sealed = current_->seal(type, data, more, now, random);
  if (!sealed) return false;
  post<wire::talk>(*sealed, out);
  if (us_ == crypto::side::counselor) learn_resume_secret(out);
  return true;
}

// Both sides register at each step of the counselor; the survivor's page keeps the secret before it sends again.
void conversation::learn_resume_secret(output& out) {
  const crypto::psk* latest = current_->resume_secret();
  if (latest == nullptr || (!resume_secrets_.empty() && resume_secrets_.front() == *latest)) return;
  resume_secrets_.push_front(*latest);
  if (resume_secrets_.size() > 4) resume_secrets_.pop_back();
  out.say(wire::register_token{id_, crypto::sha256(crypto::make_resume_token(*latest).view())});
  out.tell(keep{id_, encode_kept({kept_kind::talk, id_, *latest})});
}

void conversation::seal_text(outgoing_text& text, seconds now, random_source& random, output& out) {
  crypto::secret_writer whole(text.text.size() + 17);
  whole.put(text.id).number(static_cast<byte>(text.written_in)).put(text.text);
  const crypto::secret_bytes data = whole.finish();
  for (std::size_t at = 0; at < data.size(); at += crypto::body_data_bytes_max) {
    const bytes_view part = bytes_view(data).subspan(at, std::min(crypto::body_data_bytes_max, data.size() - at));
    if (!seal(body_type::text, part, at + part.size() < data.size(), now, random, out)) return;
  }
  text.sealed = true;
  text.stored = false;
  text.last_frame = next_number_ - 1;
}

// Everything that waits to be said, in order: confirmations, texts, the close.
void conversation::pump(seconds now, random_source& random, output& out) {
  if (may_seal() && !confirming_.empty()) {
    constexpr std::size_t ids_max = crypto::body_data_bytes_max / sizeof(message_id);
    writer ids;
    const std::size_t count = std::min(confirming_.size(), ids_max);
    for (std::size_t i = 0; i < count; ++i) ids.put(confirming_[i]);
    if (seal(body_type::delivered, ids.finish(), false, now, random, out))
      confirming_.erase(confirming_.begin(), confirming_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  for (outgoing_text& text : texts_) {
    if (!may_seal()) return;
    if (!text.sealed) seal_text(text, now, random, out);
    if (!text.sealed) return;
  }
  if (ending_ == stage::wanted && may_seal() && seal(body_type::close, {}, false, now, random, out)) {
    ending_ = stage::said;
    close_number_ = next_number_ - 1;
  }
}

void conversation::session_begins() {
  held_ = false;
  start_pieces_again();
  next_body_ = 0;
  in_step_ = true;
}

void conversation::start_texts_again() {
  for (outgoing_text& text : texts_) text.sealed = false;
}

// --- the person ---

said conversation::say(std::string_view text, language written_in, const message_id& id, seconds now,
                       random_source& random, output& out) {
  if (ending() || broken_) return said::over;
  if (text.size() > text_bytes_max) return said::too_long;
  if (texts_.size() >= texts_waiting_max) return said::too_many;
  texts_.push_back({id, written_in, crypto::secret_bytes(text.begin(), text.end())});
  pump(now, random, out);
  return said::yes;
}

void conversation::shown(const message_id& id, seconds now, random_source& random, output& out) {
  if (!received_.contains(id) || !shown_.insert(id).second) return;
  confirming_.push_back(id);
  pump(now, random, out);
}

void conversation::end(seconds now, random_source& random, output& out) {
  if (ending()) return;
  out.tell(ended{id_, ending::by_us});
  ending_ = stage::wanted;
  if (!current_ || held_ || peer_gone_) return leave(out);
  pump(now, random, out);
}

void conversation::exit(seconds now, random_source& random, output& out) {
  if (ending_ == stage::leaving) return;
  if (ending_ == stage::none) out.tell(ended{id_, ending::by_us});
  if (attached_ && current_ && !held_ && !broken_) seal(body_type::left_by_exit, {}, false, now, random, out);
  leave(out);
}

void conversation::peer_now(wire::presence state, seconds now, output& out) {
  const bool here = state == wire::presence::here;
  // Whoever comes back so late is taken for somebody new: their secrets open nothing any more.
  if (here && away_since_ != 0 && now > away_since_ + wire::resume_grace_seconds) resume_secrets_.clear();
  if (here)
    away_since_ = 0;
  else if (away_since_ == 0)
    away_since_ = now;
  peer_gone_ = peer_gone_ || state == wire::presence::left;
  out.tell(peer_changed{id_, state});
  tick(now, out);
}

void conversation::tick(seconds now, output& out) {
  const bool heard_out = peer_closed_ || peer_gone_ || (closed_at_ != 0 && now >= closed_at_ + close_patience);
  if (ending_ == stage::said && closed_at_ != 0 && heard_out) leave(out);
  if (ending_ == stage::wanted && (held_ || peer_gone_)) leave(out);
}

// Nothing of the conversation stays here: keys and texts are wiped with the objects that hold them.
void conversation::leave(output& out) {
  ending_ = stage::leaving;
  current_.reset();
  fresh_.reset();
  texts_.clear();
  unstored_.clear();
  confirming_.clear();
  received_.clear();
  shown_.clear();
  assembling_ = crypto::secret_bytes();
  resume_secrets_.clear();
  if (attached_) out.say(wire::leave{id_});
  out.tell(keep{id_, {}});
}

// --- the way back ---

std::optional<crypto::psk> conversation::find_psk(const crypto::psk_id& wanted) const {
  for (const crypto::psk& kept : resume_secrets_)
    if (crypto::make_psk_id(kept) == wanted) return kept;
  return std::nullopt;
}

crypto::secret_bytes encode_kept(const kept_state& state) {
  crypto::secret_writer out(kept_bytes);
  out.number<byte>(1).number(static_cast<byte>(state.what)).put(state.conversation).put(state.secret.view());
  return out.finish();
}

std::optional<kept_state> decode_kept(bytes_view in) {
  reader from(in);
  kept_state state;
  const byte version = from.number<byte>();
  state.what = static_cast<kept_kind>(from.number<byte>());
  state.conversation = from.take<16>();
  const bytes_view secret = from.view(32);
  if (version != 1 || !from.complete() || (state.what != kept_kind::place && state.what != kept_kind::talk))
    return std::nullopt;
  state.secret = crypto::secret<32>(secret.first<32>());
  return state;
}

}  // namespace tomoshibi::core
