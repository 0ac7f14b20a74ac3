#include "client-web/core/counselor.hpp"

#include "crypto/vault.hpp"

namespace tomoshibi::core {
namespace {

// A day key is good for 12 h either side of when it was made. It is used for half of that, so that a phone whose
// clock is wrong by up to six hours still finds it valid.
constexpr seconds day_key_use = 6 * 3600;

}  // namespace

counselor::counselor(counselor_settings settings, crypto::identity who, crypto::random_source& random)
    : settings_(std::move(settings)),
      who_(std::move(who)),
      kept_key_(crypto::make_kept_key(who_.sign, who_.agree)),
      random_(random),
      belief_(settings_.root_fingerprint) {}

void counselor::restore(bytes_view kept, output& out) {
  const auto opened = crypto::open_kept(kept_key_, kept);
  if (!opened) return;
  const auto before = decode_kept(*opened);
  if (!before || before->what != kept_kind::talk) return;
  held& in = open(before->conversation);
  in.memory_lost = true;
  in.talk.restore(*before);
  out.tell(restored{before->conversation});
}

counselor::held* counselor::find(const conversation_id& id) {
  const auto found = conversations_.find(id);
  return found == conversations_.end() ? nullptr : &found->second;
}

counselor::held& counselor::open(const conversation_id& id) {
  return conversations_.try_emplace(id, held{.talk = conversation(crypto::side::counselor, id, kept_key_)})
      .first->second;
}

// The server knows nothing of it any more.
void counselor::drop(const conversation_id& id, output& out) {
  find(id)->talk.forgotten_by_server(out);
  conversations_.erase(id);
}

// --- the connection ---

void counselor::disconnected(seconds) {
  connected_ = ready_ = logged_in_ = newer_given_ = false;
  newer_.reset();
  belief_.disconnected();
  for (auto& [id, in] : conversations_) {
    in.talk.detach();
    in.call.reset();  // said again after the next login, if it still stands
    in.accepted = false;
  }
}

void counselor::received(bytes_view message, seconds clock, output& out) {
  auto said = wire::decode_server(message);
  if (!said) return;
  heard_at_ = clock;
  if (!connected_ || !belief::counts(*said, ready_)) return;
  std::visit([&](const auto& what) { on(what, clock, out); }, *said);
}

void counselor::fetched(const crypto::hash32& hash, bytes_view object, seconds clock, output& out) {
  if (connected_) believe(belief_.fetched(hash, object, clock), clock, out);
}

void counselor::on(const wire::welcome& message, seconds clock, output& out) {
  challenge_ = message.challenge;
  believe(belief_.named(message, clock, out), clock, out);
}

void counselor::on(const wire::renewed& message, seconds clock, output& out) {
  believe(belief_.named(message, clock, out), clock, out);
}

void counselor::believe(belief::step step, seconds clock, output& out) {
  if (step == belief::step::waiting) return;
  if (step == belief::step::refused) return distrust(belief_.why(), clock, out);
  const crypto::centre_file& centre = belief_.trust()->centre;
  out.tell(trusted{centre.demo(), centre.clock_shift_hours, centre.page});
  if (!std::exchange(ready_, true)) return log_in(clock, out);
  if (logged_in_) tell_expiry(out);
  if (const auto given = std::exchange(newer_, std::nullopt)) log_in_newer(*given, clock, out);
  for (auto& [id, in] : conversations_)
    if (in.accepted && in.call && !in.talk.ending()) make_offer(in, clock, out);
}

void counselor::distrust(crypto::failure why, seconds clock, output& out) {
  disconnected(clock);  // nothing more is said or taken over this connection
  out.tell(distrusted{why});
}

void counselor::log_in(seconds clock, output& out) {
  wire::login message;
  std::ranges::copy(who_.certificate, message.certificate.begin());
  message.time = centre_time(clock);
  message.made =
      crypto::sign_login({settings_.origin, challenge_, crypto::sha256(who_.certificate), message.time}, who_.sign);
  out.say(message);
}

// The roster that lists it may be on its way still.
void counselor::on(const wire::certificate& message, seconds clock, output& out) {
  if (logged_in_ || std::exchange(newer_given_, true)) return;
  if (belief_.fetching())
    newer_ = message;
  else
    log_in_newer(message, clock, out);
}

// The key file keeps the older one, which leads to the newer one at each sign-in.
void counselor::log_in_newer(const wire::certificate& given, seconds clock, output& out) {
  const auto fields = belief_.trust()->check(given.newer, centre_time(clock));
  if (!fields) return distrust(fields.error(), clock, out);
  const bool ours =
      fields->sign_key == crypto::sign_public(who_.sign) && fields->agree_key == crypto::agree_public(who_.agree);
  if (!ours || std::ranges::equal(given.newer, who_.certificate))
    return distrust(crypto::failure::wrong_binding, clock, out);
  who_.certificate.assign(given.newer.begin(), given.newer.end());
  day_.reset();  // it names the certificate before
  challenge_ = given.challenge;
  log_in(clock, out);
}

// The server names next what this certificate still serves; whatever else we hold is over.
void counselor::on(const wire::logged_in& message, seconds, output& out) {
  logged_in_ = true;
  unlisted_ = message.serves;
  desk_ = message.desk;
  for (auto& [id, in] : conversations_) in.listed = false;
  const auto certified = crypto::open_certificate(who_.certificate, belief_.trust()->issued_by.key);
  out.tell(signed_in{certified ? certified->alias : std::string(), message.capacity_max});
  tell_expiry(out);
  out.say(duty_);
  if (unlisted_ == 0) drop_unlisted(out);
}

void counselor::tell_expiry(output& out) {
  const crypto::trust& now = *belief_.trust();
  if (const auto certified = crypto::open_certificate(who_.certificate, now.issued_by.key))
    out.tell(expiry_changed{certified->not_after, now.listed.expires, now.issued_by.not_after});
}

void counselor::drop_unlisted(output& out) {
  std::vector<conversation_id> gone;
  for (const auto& [id, in] : conversations_)
    if (!in.listed) gone.push_back(id);
  for (const conversation_id& id : gone) drop(id, out);
}

void counselor::on(const wire::line_state& message, seconds, output& out) { out.tell(line_changed{message}); }

void counselor::on(const wire::resumed& message, seconds clock, output& out) {
  const bool known = find(message.conversation) != nullptr;
  held& in = open(message.conversation);
  in.listed = true;
  if (!known) {
    in.memory_lost = true;
    in.talk.memory_lost();
  }
  in.talk.attach(message.stored, centre_time(clock), random_, out);
  if (message.now == wire::stage::peer_gone) in.talk.peer_now(wire::presence::left, out);
  if (message.now == wire::stage::talking && in.memory_lost) {
    in.talk.hold(out);
    out.say(wire::ask_again{message.conversation});
  }
  if (unlisted_ > 0 && --unlisted_ == 0) drop_unlisted(out);
}

void counselor::tick(seconds clock, output& out) {
  if (ready_ && clock > heard_at_ + silence_max) {
    heard_at_ = clock;  // once for each such while
    out.say(wire::watch{desk_});
  }
  for (auto& [id, in] : conversations_) in.talk.tick(centre_time(clock), random_, out);
}

// --- the line ---

void counselor::set_duty(const wire::duty& now, output& out) {
  duty_ = now;
  if (logged_in_) out.say(duty_);
}

void counselor::on(const wire::assigned& message, seconds clock, output& out) {
  held& in = open(message.conversation);
  in.listed = true;
  if (in.offered && in.offered_for == message.challenge) return;  // that OFFER is under way
  in.call = message;
  if (!in.talk.attached()) in.talk.attach(0, centre_time(clock), random_, out);
  // Called a second time: our OFFER crossed a survivor who came back with a new nonce. Who accepted once need not
  // again.
  const bool rings = message.why == wire::calling::first && !in.offered && !in.accepted;
  if (rings) return out.tell(called{message.conversation, message.waited});
  in.talk.hold(out);
  if (!in.talk.ending()) make_offer(in, clock, out);
}

void counselor::on(const wire::withdrawn& message, seconds, output& out) {
  conversations_.erase(message.conversation);
  out.tell(call_withdrawn{message.conversation, message.why});
}

void counselor::accept(const conversation_id& id, seconds clock, output& out) {
  held* in = find(id);
  if (in != nullptr && in->call && ready_) make_offer(*in, clock, out);
}

// Under the newest roster that the server has named: a survivor who came after it has never seen the one before.
void counselor::make_offer(held& in, seconds clock, output& out) {
  in.accepted = true;
  if (belief_.fetching()) return;
  const seconds now = centre_time(clock);
  if (!day_ || now >= day_made_ + day_key_use) {
    day_ = crypto::make_day_key(who_, now, random_);
    day_made_ = now;
  }
  in.offered = crypto::pending_offer::make(who_, *day_, belief_.trust()->roster_hash, in.talk.id(),
                                           in.call->challenge, random_);
  in.offered_for = in.call->challenge;
  in.call.reset();
  in.accepted = false;
  in.talk.post_offer(in.offered->offer(), out);
}

void counselor::on(const wire::hello& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr || !in->talk.take(message.number, out) || !in->offered) return;
  const seconds now = centre_time(clock);
  bool secret_unknown = false;
  const auto find_psk = [&](const crypto::psk_id& wanted) {
    auto found = in->talk.find_psk(wanted, now);
    secret_unknown = !found;
    return found;
  };
  auto answer = in->offered->answer(message.body, find_psk, now);
  if (!answer && !secret_unknown) return;  // not the survivor we offered to: the offer still stands for the right one
  in->offered.reset();
  // A secret that we do not know, or that is too old: the survivor is asked to come without, as somebody new; and
  // once more after the next login, for the connection may be gone already and nobody would ever ask.
  if (secret_unknown) {
    in->memory_lost = true;
    return out.say(wire::ask_again{message.conversation});
  }
  in->memory_lost = false;
  in->talk.begin_as_counselor(std::move(answer->talk), answer->with);
}

// --- the talk ---

void counselor::on(const wire::talk& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in != nullptr && in->talk.take(message.number, out))
    in->talk.frame_arrived(message.body, centre_time(clock), random_, out);
}

void counselor::on(const wire::stored& message, seconds clock, output& out) {
  if (held* in = find(message.conversation)) in->talk.stored(message.through, centre_time(clock), random_, out);
}

void counselor::on(const wire::peer_state& message, seconds, output& out) {
  if (held* in = find(message.conversation)) in->talk.peer_now(message.now, out);
}

void counselor::on(const wire::left& message, seconds, output& out) {
  if (held* in = find(message.conversation)) in->talk.forgotten_by_server(out);
  conversations_.erase(message.conversation);
}

void counselor::on(const wire::failed& message, seconds, output& out) { out.tell(server_failed{message.why}); }

said counselor::say(const conversation_id& id, std::string_view text, language written_in, seconds clock, output& out,
                    message_id* message) {
  held* in = find(id);
  if (in == nullptr) return said::over;
  const message_id fresh = random_.make_block<16>();
  if (message != nullptr) *message = fresh;
  return in->talk.say(text, written_in, fresh, centre_time(clock), random_, out);
}

void counselor::shown(const conversation_id& id, const message_id& message, seconds clock, output& out) {
  if (held* in = find(id)) in->talk.shown(message, centre_time(clock), random_, out);
}

void counselor::recall(const conversation_id& id, seconds clock, output& out) {
  if (held* in = find(id)) in->talk.recall(centre_time(clock), random_, out);
}

void counselor::end(const conversation_id& id, seconds clock, output& out) {
  if (held* in = find(id)) in->talk.end(centre_time(clock), random_, out);
}

}  // namespace tomoshibi::core
