#include "client-web/core/survivor.hpp"

namespace tomoshibi::core {

survivor::survivor(survivor_settings settings, crypto::random_source& random, bytes_view kept)
    : settings_(std::move(settings)), random_(random), belief_(settings_.root_fingerprint) {
  const auto before = decode_kept(kept);
  if (!before) return;
  phase_ = phase::returning;
  conversation_.emplace(crypto::side::survivor, before->conversation);
  if (before->what == kept_kind::place)
    place_token_ = before->secret;
  else
    kept_secret_ = before->secret;
}

// --- the connection ---

void survivor::disconnected(seconds) {
  connected_ = ready_ = false;
  token_tried_ = 0;
  if (conversation_) conversation_->detach();
}

void survivor::received(bytes_view message, seconds clock, output& out) {
  auto said = wire::decode_server(message);
  if (!said) return;  // a newer server's message: nothing we could act on
  std::visit([&](const auto& what) { on(what, clock, out); }, *said);
}

void survivor::fetched(const crypto::hash32& hash, bytes_view object, seconds clock, output& out) {
  if (connected_ && !ready_) believe(belief_.fetched(hash, object, clock), clock, out);
}

void survivor::on(const wire::welcome& message, seconds clock, output& out) {
  believe(belief_.named(message, clock, out), clock, out);
}

void survivor::believe(belief::step step, seconds clock, output& out) {
  if (step == belief::step::waiting) return;
  if (step == belief::step::refused) {
    phase_ = phase::over;
    out.tell(distrusted{belief_.why()});
    return;
  }
  const crypto::centre_file& centre = belief_.trust()->centre;
  desk_ = crypto::make_desk_id(centre.centre, settings_.desk);
  ready_ = true;
  out.tell(trusted{centre.demo(), centre.clock_shift_hours, centre.page});
  arrive(clock, out);
}

void survivor::arrive(seconds clock, output& out) {
  if (phase_ != phase::over) out.say(wire::watch{desk_});
  if (phase_ == phase::entering) say_enter(clock, out);
  if (phase_ == phase::inside || phase_ == phase::returning) say_resume(out);
}

void survivor::tick(seconds clock, output& out) {
  if (conversation_) conversation_->tick(clock, out);
}

// --- the line ---

void survivor::enter(seconds clock, output& out) {
  if (phase_ != phase::looking) return;
  phase_ = phase::entering;
  conversation_.emplace(crypto::side::survivor, random_.make_block<16>());
  nonce_ = random_.make_block<32>();
  place_token_ = random_.make_secret<32>();
  out.tell(keep{conversation_->id(), encode_kept({kept_kind::place, conversation_->id(), place_token_})});
  if (ready_) say_enter(clock, out);
}

void survivor::say_enter(seconds clock, output& out) {
  wire::enter message{desk_, conversation_->id(), nonce_, crypto::sha256(place_token_.view()), std::nullopt};
  if (settings_.ticket) message.ticket = settings_.ticket(message.conversation, nonce_, belief_.centre_time(clock));
  out.say(message);
}

// Shows the newest token first; the server may not have heard of it yet, then the one before, then the place's.
void survivor::say_resume(output& out) {
  std::vector<crypto::secret<32>> tokens;
  if (kept_secret_) tokens.push_back(crypto::make_resume_token(*kept_secret_));
  for (const crypto::psk& secret : conversation_->resume_secrets())
    tokens.push_back(crypto::make_resume_token(secret));
  if (place_token_ != crypto::secret<32>{}) tokens.push_back(place_token_);
  if (token_tried_ >= tokens.size()) return forget(ending::lost, out);

  const bool kept = phase_ == phase::inside;
  if (!kept) nonce_ = random_.make_block<32>();
  wire::resume message{conversation_->id(), {}, kept, kept ? wire::nonce{} : nonce_};
  std::ranges::copy(tokens[token_tried_].view(), message.shown.begin());
  out.say(message);
}

void survivor::on(const wire::door& message, seconds, output& out) { out.tell(door_changed{message}); }

void survivor::on(const wire::place& message, seconds, output& out) {
  if (!conversation_ || message.conversation != conversation_->id()) return;
  if (phase_ == phase::entering) phase_ = phase::inside;
  if (!conversation_->attached()) conversation_->attach(0, 0, random_, out);
  out.tell(place_changed{message.ahead});
}

void survivor::on(const wire::refused& message, seconds, output& out) {
  if (!conversation_ || message.conversation != conversation_->id()) return;
  if (phase_ == phase::entering) {
    out.tell(turned_away{message.why});
    out.tell(keep{conversation_->id(), {}});
    conversation_.reset();
    phase_ = phase::looking;
  } else if (phase_ != phase::over) {
    ++token_tried_;
    say_resume(out);
  }
}

void survivor::on(const wire::resumed& message, seconds clock, output& out) {
  if (!conversation_ || message.conversation != conversation_->id()) return;
  if (phase_ == phase::returning) phase_ = phase::inside;
  conversation_->attach(message.stored, clock, random_, out);
  if (message.now == wire::stage::peer_gone) conversation_->peer_now(wire::presence::left, clock, out);
}

// --- the talk ---

void survivor::on(const wire::offer& message, seconds clock, output& out) {
  if (!conversation_ || message.conversation != conversation_->id() || !conversation_->take(message.number, out))
    return;
  if (conversation_->ending()) return;
  const crypto::psk* resume = kept_secret_ ? &*kept_secret_ : nullptr;
  if (!resume && !conversation_->resume_secrets().empty()) resume = &conversation_->resume_secrets().front();
  const crypto::hash32* expected = conversation_->talking() ? &conversation_->counselor_hash() : nullptr;
  auto answer = crypto::answer_offer(message.body, *belief_.trust(), settings_.asked_role, desk_, expected,
                                     conversation_->id(), nonce_, resume, belief_.centre_time(clock), random_);
  if (!answer) {
    // An offer for an earlier nonce of ours may still have been on its way; anything else is an attack or a wrong
    // clock.
    if (answer.error() == crypto::failure::wrong_binding) return;
    out.tell(distrusted{answer.error()});
    return forget(ending::broken, out);
  }
  const bool same_tab = resume != nullptr;
  if (kept_secret_) conversation_->remember(*kept_secret_);
  kept_secret_.reset();
  conversation_->begin_as_survivor(std::move(*answer), same_tab, clock, random_, out);
}

void survivor::on(const wire::talk& message, seconds clock, output& out) {
  if (!conversation_ || message.conversation != conversation_->id() || !conversation_->take(message.number, out))
    return;
  conversation_->frame_arrived(message.body, clock, random_, out);
}

void survivor::on(const wire::stored& message, seconds clock, output& out) {
  if (conversation_ && message.conversation == conversation_->id())
    conversation_->stored(message.through, clock, random_, out);
}

void survivor::on(const wire::peer_state& message, seconds clock, output& out) {
  if (conversation_ && message.conversation == conversation_->id()) conversation_->peer_now(message.now, clock, out);
}

void survivor::on(const wire::nonce_wanted& message, seconds, output& out) {
  if (!conversation_ || message.conversation != conversation_->id() || conversation_->ending()) return;
  conversation_->hold();
  nonce_ = random_.make_block<32>();
  out.say(wire::new_nonce{conversation_->id(), nonce_});
}

void survivor::on(const wire::left& message, seconds, output& out) {
  if (!conversation_ || message.conversation != conversation_->id()) return;
  out.tell(finished{message.conversation});
  conversation_.reset();
  kept_secret_.reset();
  place_token_ = {};
  nonce_ = {};
  phase_ = phase::over;
}

void survivor::on(const wire::failed& message, seconds, output& out) {
  if (message.why == wire::error::taken_over) return forget(ending::taken_over, out);
  out.tell(server_failed{message.why});
}

void survivor::forget(ending why, output& out) {
  phase_ = phase::over;
  if (!conversation_) return;
  const conversation_id id = conversation_->id();
  conversation_.reset();
  kept_secret_.reset();
  place_token_ = {};
  out.tell(ended{id, why});
  if (why != ending::taken_over) out.tell(keep{id, {}});
}

// --- the person ---

said survivor::say(std::string_view text, language written_in, seconds clock, output& out, message_id* id) {
  if (!conversation_ || phase_ == phase::over) return said::over;
  const message_id fresh = random_.make_block<16>();
  if (id != nullptr) *id = fresh;
  return conversation_->say(text, written_in, fresh, clock, random_, out);
}

void survivor::shown(const message_id& id, seconds clock, output& out) {
  if (conversation_) conversation_->shown(id, clock, random_, out);
}

void survivor::end(seconds clock, output& out) {
  if (conversation_ && phase_ == phase::entering) return forget(ending::by_us, out);
  if (conversation_) conversation_->end(clock, random_, out);
}

void survivor::exit(seconds clock, output& out) {
  if (conversation_) conversation_->exit(clock, random_, out);
  conversation_.reset();
  phase_ = phase::over;
  place_token_ = {};
  kept_secret_.reset();
}

}  // namespace tomoshibi::core
