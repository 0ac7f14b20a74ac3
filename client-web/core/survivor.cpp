#include "client-web/core/survivor.hpp"

namespace tomoshibi::core {

// A counselor's client takes the secrets of the last two steps; a survivor's offers no more than these.
static constexpr std::size_t secrets_offered_max = 2;
// Each of them so often: a HELLO that nobody answered may have reached a console that was loaded again right after.
static constexpr std::size_t hellos_by_secret = 2;

survivor::survivor(survivor_settings settings, crypto::random_source& random, bytes_view kept)
    : settings_(std::move(settings)), random_(random), belief_(settings_.root_fingerprint), letters_(random) {
  const auto before = decode_kept(kept);
  if (!before) return;
  held_.emplace(held{.talk = conversation(crypto::side::survivor, before->conversation)});
  held_->now = held::standing::returning;
  held_->talk.restore(*before);
  if (before->what == kept_kind::place) held_->place_token = before->secret;
}

survivor::held* survivor::find(const conversation_id& id) {
  return held_ && held_->talk.id() == id ? &*held_ : nullptr;
}

// --- the connection ---

void survivor::disconnected(seconds) {
  connected_ = ready_ = false;
  belief_.disconnected();
  letters_.disconnected();
  if (!held_) return;
  held_->token_tried = 0;
  held_->talk.detach();
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
  challenge_ = message.challenge;
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
  out.tell(trusted{centre.demo(), centre.clock_shift_hours, centre.page, centre.root});
  if (!std::exchange(ready_, true)) arrive(clock, out);
  if (!held_) return;
  if (const auto offer = std::exchange(held_->offer, std::nullopt)) answer(*held_, *offer, clock, out);
}

void survivor::arrive(seconds clock, output& out) {
  if (!over_) out.say(wire::watch{desk_});
  letters_.arrive(out);
  if (!held_) return;
  if (held_->now == held::standing::entering)
    say_enter(clock, out);
  else
    say_resume(*held_, out);
}

void survivor::tick(seconds clock, output& out) {
  if (ready_ && !over_ && clock > heard_at_ + silence_max) {
    heard_at_ = clock;  // once for each such while
    out.say(wire::watch{desk_});
  }
  if (held_) held_->talk.tick(centre_time(clock), random_, out);
}

// --- the line ---

void survivor::enter(seconds clock, output& out) {
  if (held_ || over_) return;
  held_.emplace(held{.talk = conversation(crypto::side::survivor, random_.make_block<16>())});
  held_->nonce = random_.make_block<32>();
  held_->place_token = random_.make_secret<32>();
  const conversation_id& id = held_->talk.id();
  out.tell(keep{id, encode_kept({kept_kind::place, id, held_->place_token, {}, {}})});
  if (ready_) say_enter(clock, out);
}

void survivor::say_enter(seconds clock, output& out) {
  wire::enter message{desk_, held_->talk.id(), held_->nonce, crypto::sha256(held_->place_token.view()), std::nullopt};
  if (settings_.ticket)
    message.ticket = settings_.ticket(message.conversation, message.challenge, centre_time(clock));
  out.say(message);
}

// Shows the newest token first; the server may not have heard of it yet, then the one before, then the place's.
void survivor::say_resume(held& in, output& out) {
  std::vector<crypto::secret<32>> tokens;
  for (const crypto::psk& secret : in.talk.resume_secrets()) tokens.push_back(crypto::make_resume_token(secret));
  if (in.place_token != crypto::secret<32>{}) tokens.push_back(in.place_token);
  if (in.token_tried >= tokens.size()) return forget(ending::lost, out);

  const bool kept = in.now == held::standing::inside && !in.wants_offer;
  if (!kept) in.nonce = random_.make_block<32>();
  wire::resume message{in.talk.id(), {}, kept, kept ? wire::nonce{} : in.nonce};
  std::ranges::copy(tokens[in.token_tried].view(), message.shown.begin());
  out.say(message);
}

void survivor::on(const wire::door& message, seconds, output& out) { out.tell(door_changed{message}); }

void survivor::on(const wire::place& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr) return;
  if (in->now == held::standing::entering) in->now = held::standing::inside;
  if (!in->talk.attached()) in->talk.attach(0, centre_time(clock), random_, out);
  out.tell(place_changed{message.ahead});
}

void survivor::on(const wire::refused& message, seconds, output& out) {
  if (message.why == wire::refusal::no_such_desk && !held_) return out.tell(turned_away{message.why});
  held* in = find(message.conversation);
  if (in == nullptr) return;
  // Not let in, or the line was let go; either way whoever waits here is told, and may try again.
  if (in->now == held::standing::entering || message.why != wire::refusal::unknown)
    return turn_away(message.why, out);
  ++in->token_tried;
  say_resume(*in, out);
}

void survivor::turn_away(wire::refusal why, output& out) {
  out.tell(turned_away{why});
  out.tell(keep{held_->talk.id(), {}});
  held_.reset();
}

void survivor::on(const wire::resumed& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr) return;
  in->now = held::standing::inside;
  in->wants_offer = false;
  in->talk.attach(message.stored, centre_time(clock), random_, out);
  if (message.now == wire::stage::peer_gone) in->talk.peer_now(wire::presence::left, out);
}

// --- the talk ---

void survivor::on(const wire::offer& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in != nullptr && in->talk.take(message.number, out)) answer(*in, message.body, clock, out);
}

void survivor::answer(held& in, const wire::frame& offer, seconds clock, output& out) {
  if (in.talk.ending() || in.talk.peer_gone()) return;
  const auto& secrets = in.talk.resume_secrets();
  const std::size_t which = in.unheard_hellos / hellos_by_secret;
  const bool has_secret = which < std::min(secrets.size(), secrets_offered_max);
  const crypto::psk* resume = has_secret ? &secrets[which] : nullptr;
  const bool known = in.talk.counselor_hash() != crypto::hash32{};
  auto answer = crypto::answer_offer(offer, *belief_.trust(), settings_.asked_role, desk_,
                                     known ? &in.talk.counselor_hash() : nullptr, in.talk.id(), in.nonce, resume,
                                     centre_time(clock), random_, belief_.roster_before(clock));
  if (!answer) {
    // An offer for an earlier nonce of ours may still have been on its way, or one by a console that believes already
    // what we are still fetching; anything else is an attack or a wrong clock.
    if (answer.error() == crypto::failure::wrong_binding) return;
    if (belief_.fetching()) {
      in.offer = offer;
      return;
    }
    if (answer.error() == crypto::failure::other_roster) {
      // This client skipped the roster that the offer was made under, or has not believed it for long. A console
      // makes its offers under the newest one that it has verified: the next will be right, and silence would be for
      // ever.
      in.wants_offer = true;
      return say_resume(in, out);
    }
    out.tell(distrusted{answer.error()});
    return forget(ending::broken, out);
  }
  in.nonce = random_.make_block<32>();  // the same offer again is for nobody
  in.talk.begin_as_survivor(std::move(*answer), has_secret, centre_time(clock), random_, out);
}

void survivor::on(const wire::talk& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in != nullptr && in->talk.take(message.number, out))
    in->talk.frame_arrived(message.body, centre_time(clock), random_, out);
}

void survivor::on(const wire::stored& message, seconds clock, output& out) {
  if (held* in = find(message.conversation)) in->talk.stored(message.through, centre_time(clock), random_, out);
}

void survivor::on(const wire::peer_state& message, seconds, output& out) {
  if (held* in = find(message.conversation)) in->talk.peer_now(message.now, out);
}

// The counselor's console lost its memory; or, if it never spoke in the session that began with our last HELLO, it
// may not have known its secret. Then that one is tried once more, then the secret before, and then none: to be
// somebody new is better than silence.
void survivor::on(const wire::nonce_wanted& message, seconds, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr || in->talk.ending()) return;
  if (in->talk.talking()) in->unheard_hellos = in->talk.heard() ? 0 : in->unheard_hellos + 1;
  in->talk.hold(out);
  in->nonce = random_.make_block<32>();
  out.say(wire::new_nonce{message.conversation, in->nonce});
}

void survivor::on(const wire::left& message, seconds, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr) return;
  in->talk.forgotten_by_server(out);
  held_.reset();
  over_ = true;
}

void survivor::on(const wire::failed& message, seconds, output& out) {
  if (message.why == wire::error::taken_over) return forget(ending::taken_over, out);
  out.tell(server_failed{message.why});
}

void survivor::forget(ending why, output& out) {
  over_ = true;
  if (!held_) return;
  const conversation_id id = held_->talk.id();
  const bool was_over = held_->talk.ending();
  held_.reset();
  if (!was_over) {
    out.tell(keep{id, {}});
    out.tell(ended{id, why});
  }
  if (was_over) out.tell(finished{id});
}

// --- the person ---

said survivor::say(std::string_view text, language written_in, seconds clock, output& out, message_id* id) {
  if (!held_) return said::over;
  const message_id fresh = random_.make_block<16>();
  if (id != nullptr) *id = fresh;
  return held_->talk.say(text, written_in, fresh, centre_time(clock), random_, out);
}

void survivor::shown(const message_id& id, seconds clock, output& out) {
  if (held_) held_->talk.shown(id, centre_time(clock), random_, out);
}

void survivor::recall(seconds clock, output& out) {
  if (held_) held_->talk.recall(centre_time(clock), random_, out);
}

void survivor::end(seconds clock, output& out) {
  if (!held_) return;
  if (held_->now != held::standing::entering) return held_->talk.end(centre_time(clock), random_, out);
  if (ready_) out.say(wire::leave{held_->talk.id()});  // the place may be ours already
  forget(ending::by_us, out);
}

void survivor::exit(seconds clock, output& out) {
  if (!held_) return;
  if (ready_ && !held_->talk.attached()) out.say(wire::leave{held_->talk.id()});
  held_->talk.exit(centre_time(clock), random_, out);
  held_.reset();
  over_ = true;
}

// --- letters ---

void survivor::ask_letters(output& out) {
  if (ready_ && !held_) letters_.ask(desk_, out);
}

void survivor::send_letter(const from_survivor::send_letter& letter, seconds clock, output& out) {
  if (belief_.trust() != nullptr && !held_) letters_.send(letter, belief_, clock, out);
}

void survivor::fetch_replies(const from_survivor::fetch_replies& wanted, output& out) {
  if (ready_ && !held_) letters_.fetch(wanted, challenge_, out);
}

}  // namespace tomoshibi::core
