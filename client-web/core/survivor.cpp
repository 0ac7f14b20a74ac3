#include "client-web/core/survivor.hpp"

namespace tomoshibi::core {

// A counselor's client takes the secrets of the last two steps; a survivor's offers no more than these.
static constexpr std::size_t secrets_offered_max = 2;
// Each of them so often: a HELLO that nobody answered may have reached a console that was loaded again right after.
static constexpr std::size_t hellos_by_secret = 2;

survivor::survivor(survivor_settings settings, crypto::random_source& random, bytes_view kept)
    : settings_(std::move(settings)), random_(random), belief_(settings_.root_fingerprint) {
  const auto before = decode_kept(kept);
  if (!before) return;
  phase_ = phase::returning;
  conversation_.emplace(crypto::side::survivor, before->conversation);
  conversation_->restore(*before);
  if (before->what == kept_kind::place) place_token_ = before->secret;
}

// --- the connection ---

void survivor::disconnected(seconds) {
  connected_ = ready_ = false;
  belief_.disconnected();
  token_tried_ = 0;
  if (conversation_) conversation_->detach();
}

void survivor::received(bytes_view message, seconds clock, output& out) {
  auto said = wire::decode_server(message);
  if (!said) return;  // a newer server's message: nothing we could act on
  heard_at_ = clock;
  if (!connected_ || !belief::counts(*said, ready_)) return;
  std::visit([&](const auto& what) { on(what, clock, out); }, *said);
}

void survivor::fetched(const crypto::hash32& hash, bytes_view object, seconds clock, output& out) {
  if (connected_) believe(belief_.fetched(hash, object, clock), clock, out);
}

void survivor::on(const wire::welcome& message, seconds clock, output& out) {
  believe(belief_.named(message, clock, out), clock, out);
}

void survivor::on(const wire::renewed& message, seconds clock, output& out) {
  believe(belief_.named(message, clock, out), clock, out);
}

void survivor::believe(belief::step step, seconds clock, output& out) {
  if (step == belief::step::waiting) return;
  if (step == belief::step::refused) {
    disconnected(clock);  // nothing more is said or taken over this connection
    out.tell(distrusted{belief_.why()});
    return forget(ending::broken, out);
  }
  const crypto::centre_file& centre = belief_.trust()->centre;
  desk_ = crypto::make_desk_id(centre.centre, settings_.desk);
  out.tell(trusted{centre.demo(), centre.clock_shift_hours, centre.page});
  if (!std::exchange(ready_, true)) arrive(clock, out);
  if (const auto offer = std::exchange(held_offer_, std::nullopt); offer && conversation_) answer(*offer, clock, out);
}

void survivor::arrive(seconds clock, output& out) {
  if (phase_ != phase::over) out.say(wire::watch{desk_});
  if (phase_ == phase::entering) say_enter(clock, out);
  if (phase_ == phase::inside || phase_ == phase::returning) say_resume(out);
}

void survivor::tick(seconds clock, output& out) {
  if (ready_ && phase_ != phase::over && clock > heard_at_ + silence_max) {
    heard_at_ = clock;  // once for each such while
    out.say(wire::watch{desk_});
  }
  if (conversation_) conversation_->tick(centre_time(clock), random_, out);
}

// --- the line ---

void survivor::enter(seconds clock, output& out) {
  if (phase_ != phase::looking) return;
  phase_ = phase::entering;
  conversation_.emplace(crypto::side::survivor, random_.make_block<16>());
  nonce_ = random_.make_block<32>();
  place_token_ = random_.make_secret<32>();
  out.tell(keep{conversation_->id(), encode_kept({kept_kind::place, conversation_->id(), place_token_, {}, {}})});
  if (ready_) say_enter(clock, out);
}

void survivor::say_enter(seconds clock, output& out) {
  wire::enter message{desk_, conversation_->id(), nonce_, crypto::sha256(place_token_.view()), std::nullopt};
  if (settings_.ticket) message.ticket = settings_.ticket(message.conversation, nonce_, centre_time(clock));
  out.say(message);
}

// Shows the newest token first; the server may not have heard of it yet, then the one before, then the place's.
void survivor::say_resume(output& out) {
  std::vector<crypto::secret<32>> tokens;
  for (const crypto::psk& secret : conversation_->resume_secrets())
    tokens.push_back(crypto::make_resume_token(secret));
  if (place_token_ != crypto::secret<32>{}) tokens.push_back(place_token_);
  if (token_tried_ >= tokens.size()) return forget(ending::lost, out);

  const bool kept = phase_ == phase::inside && !wants_offer_;
  if (!kept) nonce_ = random_.make_block<32>();
  wire::resume message{conversation_->id(), {}, kept, kept ? wire::nonce{} : nonce_};
  std::ranges::copy(tokens[token_tried_].view(), message.shown.begin());
  out.say(message);
}

void survivor::on(const wire::door& message, seconds, output& out) { out.tell(door_changed{message}); }

void survivor::on(const wire::place& message, seconds clock, output& out) {
  if (!conversation_ || message.conversation != conversation_->id()) return;
  if (phase_ == phase::entering) phase_ = phase::inside;
  if (!conversation_->attached()) conversation_->attach(0, centre_time(clock), random_, out);
  out.tell(place_changed{message.ahead});
}

void survivor::on(const wire::refused& message, seconds, output& out) {
  if (message.why == wire::refusal::no_such_desk && !conversation_) return out.tell(turned_away{message.why});
  if (!conversation_ || message.conversation != conversation_->id() || phase_ == phase::over) return;
  // Not let in, or the line was let go; either way whoever waits here is told, and may try again.
  if (phase_ == phase::entering || message.why != wire::refusal::unknown) return turn_away(message.why, out);
  ++token_tried_;
  say_resume(out);
}

void survivor::turn_away(wire::refusal why, output& out) {
  out.tell(turned_away{why});
  out.tell(keep{conversation_->id(), {}});
  conversation_.reset();
  place_token_ = {};
  wants_offer_ = false;
  held_offer_.reset();
  phase_ = phase::looking;
}

void survivor::on(const wire::resumed& message, seconds clock, output& out) {
  if (!conversation_ || message.conversation != conversation_->id()) return;
  phase_ = phase::inside;
  wants_offer_ = false;
  const bool overtaken = conversation_->overtaken(message.stored);
  conversation_->attach(message.stored, centre_time(clock), random_, out);
  if (overtaken && !conversation_->ending() && message.now == wire::stage::talking) ask_for_another_offer(out);
  if (message.now == wire::stage::peer_gone) conversation_->peer_now(wire::presence::left, out);
}

// --- the talk ---

void survivor::on(const wire::offer& message, seconds clock, output& out) {
  if (!conversation_ || message.conversation != conversation_->id() || !conversation_->take(message.number, out))
    return;
  answer(message.body, clock, out);
}

void survivor::answer(const wire::frame& offer, seconds clock, output& out) {
  if (conversation_->ending() || conversation_->peer_gone()) return;
  const auto& secrets = conversation_->resume_secrets();
  const std::size_t which = unheard_hellos_ / hellos_by_secret;
  const bool has_secret = which < std::min(secrets.size(), secrets_offered_max);
  const crypto::psk* resume = has_secret ? &secrets[which] : nullptr;
  const bool known = conversation_->counselor_hash() != crypto::hash32{};
  auto answer = crypto::answer_offer(offer, *belief_.trust(), settings_.asked_role, desk_,
                                     known ? &conversation_->counselor_hash() : nullptr, conversation_->id(), nonce_,
                                     resume, centre_time(clock), random_, belief_.roster_before(clock));
  if (!answer) {
    // An offer for an earlier nonce of ours may still have been on its way, or one by a console that believes already
    // what we are still fetching; anything else is an attack or a wrong clock.
    if (answer.error() == crypto::failure::wrong_binding) return;
    if (belief_.fetching()) {
      held_offer_ = offer;
      return;
    }
    if (answer.error() == crypto::failure::other_roster) return ask_for_another_offer(out);
    out.tell(distrusted{answer.error()});
    return forget(ending::broken, out);
  }
  nonce_ = random_.make_block<32>();  // the same offer again is for nobody
  conversation_->begin_as_survivor(std::move(*answer), has_secret, centre_time(clock), random_, out);
}

// Another tab spoke in this one's place. Or this client skipped the roster that the offer was made under, or has not
// believed it for long: a console makes its offers under the newest one that it has verified, so the next will be
// right, and silence would be for ever.
void survivor::ask_for_another_offer(output& out) {
  wants_offer_ = true;
  say_resume(out);
}

void survivor::on(const wire::talk& message, seconds clock, output& out) {
  if (!conversation_ || message.conversation != conversation_->id() || !conversation_->take(message.number, out))
    return;
  conversation_->frame_arrived(message.body, centre_time(clock), random_, out);
}

void survivor::on(const wire::stored& message, seconds clock, output& out) {
  if (conversation_ && message.conversation == conversation_->id())
    conversation_->stored(message.through, centre_time(clock), random_, out);
}

void survivor::on(const wire::peer_state& message, seconds, output& out) {
  if (conversation_ && message.conversation == conversation_->id()) conversation_->peer_now(message.now, out);
}

// The counselor's console lost its memory; or, if it never spoke in the session that began with our last HELLO, it
// may not have known its secret. Then that one is tried once more, then the secret before, and then none: to be
// somebody new is better than silence.
void survivor::on(const wire::nonce_wanted& message, seconds, output& out) {
  if (!conversation_ || message.conversation != conversation_->id() || conversation_->ending()) return;
  if (conversation_->talking()) unheard_hellos_ = conversation_->heard() ? 0 : unheard_hellos_ + 1;
  conversation_->hold(out);
  nonce_ = random_.make_block<32>();
  out.say(wire::new_nonce{conversation_->id(), nonce_});
}

void survivor::on(const wire::left& message, seconds, output& out) {
  if (!conversation_ || message.conversation != conversation_->id()) return;
  conversation_->forgotten_by_server(out);
  conversation_.reset();
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
  place_token_ = {};
  wants_offer_ = false;
  held_offer_.reset();
  if (!conversation_) return;
  const conversation_id id = conversation_->id();
  const bool was_over = conversation_->ending();
  conversation_.reset();
  if (!was_over) {
    out.tell(keep{id, {}});
    out.tell(ended{id, why});
  }
  if (was_over) out.tell(finished{id});
}

// --- the person ---

said survivor::say(std::string_view text, language written_in, seconds clock, output& out, message_id* id) {
  if (!conversation_ || phase_ == phase::over) return said::over;
  const message_id fresh = random_.make_block<16>();
  if (id != nullptr) *id = fresh;
  return conversation_->say(text, written_in, fresh, centre_time(clock), random_, out);
}

void survivor::shown(const message_id& id, seconds clock, output& out) {
  if (conversation_) conversation_->shown(id, centre_time(clock), random_, out);
}

void survivor::recall(seconds clock, output& out) {
  if (conversation_) conversation_->recall(centre_time(clock), random_, out);
}

void survivor::end(seconds clock, output& out) {
  if (!conversation_) return;
  if (phase_ != phase::entering) return conversation_->end(centre_time(clock), random_, out);
  if (ready_) out.say(wire::leave{conversation_->id()});  // the place may be ours already
  forget(ending::by_us, out);
}

void survivor::exit(seconds clock, output& out) {
  if (!conversation_) return;
  if (ready_ && !conversation_->attached()) out.say(wire::leave{conversation_->id()});
  conversation_->exit(centre_time(clock), random_, out);
  conversation_.reset();
  place_token_ = {};
  phase_ = phase::over;
}

}  // namespace tomoshibi::core
