#include "client-web/core/counselor.hpp"

#include <ranges>

#include "crypto/vault.hpp"

namespace tomoshibi::core {
namespace {

// A day key is good for 12 h either side of when it was made. It is used for half of that, so that a phone whose
// clock is wrong by up to six hours still finds it valid.
constexpr seconds day_key_use = 6 * 3600;

}  // namespace

counselor::counselor(counselor_settings settings, crypto::identity who, crypto::random_source& random,
                     bytes_view inbox)
    : settings_(std::move(settings)),
      who_(std::move(who)),
      kept_key_(crypto::make_kept_key(who_.sign, who_.agree)),
      random_(random),
      belief_(settings_.root_fingerprint),
      reading_(inbox, who_) {}

std::string counselor::own_alias() const {
  const auto certified = crypto::open_certificate(who_.certificate, belief_.trust()->issued_by.key);
  return certified ? certified->alias : std::string();
}

void counselor::restore(bytes_view kept, output& out) {
  const auto opened = crypto::open_kept(kept_key_, kept);
  if (!opened) return;
  const auto before = decode_kept(*opened);
  if (!before || before->what != kept_kind::talk) return;
  held& in = open(before->conversation);
  in.served = in.memory_lost = true;
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
  reading_.disconnected();
  asked_.clear();  // the server has forgotten them, too
  for (auto& [id, in] : conversations_) {
    in.talk.detach();
    in.early.clear();
    in.invitation_open = false;
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
void counselor::on(const wire::logged_in& message, seconds clock, output& out) {
  logged_in_ = true;
  unlisted_ = message.serves;
  desk_ = message.desk;
  for (auto& [id, in] : conversations_) {
    in.listed = false;
    // The server has forgotten it, too; once it is accepted, the survivor's client says what became of it.
    if (in.inviting && !in.inviting->accepted) drop_invitation(in, invitation_stage::gone, clock, out);
  }
  out.tell(signed_in{own_alias(), message.capacity_max});
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
  in.served = in.served || message.now != wire::stage::called;
  if (!known) {
    in.memory_lost = true;
    in.talk.memory_lost();
  }
  if (in.talk.overtaken(message.stored)) in.memory_lost = true;  // it is as if: the session is another console's
  in.talk.attach(message.stored, centre_time(clock), random_, out);
  if (message.now == wire::stage::peer_gone) in.talk.peer_now(wire::presence::left, out);
  // A handshake that was under way may have been about a nonce that the survivor never said; the server tells.
  if (message.now == wire::stage::talking && (in.memory_lost || in.talk.held())) {
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
  forget_expected(centre_time(clock));
  for (auto& [id, in] : conversations_)
    attend(in, clock, out, [&](conversation& talk, output& told) { talk.tick(centre_time(clock), random_, told); });
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
  in.invited = in.invited || message.why == wire::calling::invited;
  if (!in.talk.attached()) in.talk.attach(0, centre_time(clock), random_, out);
  // Called a second time: our OFFER crossed a survivor who came back with a new nonce. Who accepted once need not
  // again; and whoever the person here has never accepted is a call, whatever the server says that it is.
  const bool rings = !in.served && !in.accepted && !in.invited;
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

const crypto::day_secret& counselor::day_key(seconds now) {
  if (!day_ || now >= day_made_ + day_key_use) {
    day_ = crypto::make_day_key(who_, now, random_);
    day_made_ = now;
  }
  return *day_;
}

// Under the newest roster that the server has named: a survivor who came after it has never seen the one before.
void counselor::make_offer(held& in, seconds clock, output& out) {
  in.accepted = true;
  if (belief_.fetching()) return;
  in.early.clear();
  in.offered = crypto::pending_offer::make(who_, day_key(centre_time(clock)), belief_.trust()->roster_hash,
                                           in.talk.id(), in.call->challenge, random_);
  in.offered_for = in.call->challenge;
  in.call.reset();
  in.served = true;
  in.accepted = false;
  in.talk.post_offer(in.offered->offer(), out);
}

void counselor::on(const wire::hello& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in != nullptr && in->talk.take(message.number, out) && in->offered) answer_hello(*in, message.body, clock, out);
}

void counselor::answer_hello(held& in, const wire::frame& hello, seconds clock, output& out) {
  const seconds now = centre_time(clock);
  bool secret_unknown = false, same_tab = false;
  const expected* invited = nullptr;
  const auto find_psk = [&](const crypto::psk_id& wanted) {
    auto found = in.talk.find_psk(wanted, now);
    same_tab = found.has_value();
    for (const expected& each : expected_) {
      if (found) break;
      found = each.secret.find(wanted, now);
      if (found) invited = &each;
    }
    secret_unknown = !found;
    return found;
  };
  auto answer = in.offered->answer(hello, find_psk, now);
  if (!answer && !secret_unknown) return;  // not the survivor we offered to: the offer still stands for the right one
  const bool introduction_comes =
      std::ranges::any_of(asked_, [](const auto& each) { return each.second.consent.has_value(); });
  if (secret_unknown && in.invited && introduction_comes && !in.talk.talking()) {
    in.early = {hello};
    return;
  }
  in.offered.reset();
  in.early.clear();
  // Came by an invitation, and nobody has introduced them, whatever they say.
  if (in.invited && !in.talk.talking() && !same_tab && invited == nullptr) return out.say(wire::leave{in.talk.id()});
  // A secret that we do not know, or that is too old: the survivor is asked to come without, as somebody new; and
  // once more after the next login, for the connection may be gone already and nobody would ever ask.
  if (secret_unknown) {
    in.memory_lost = true;
    return out.say(wire::ask_again{in.talk.id()});
  }
  in.memory_lost = false;
  in.by.reset();
  if (invited != nullptr) in.by = *invited;
  in.talk.begin_as_counselor(std::move(answer->talk), answer->with, same_tab);
}

// --- the talk ---

// Whoever came by an introduction is told as that, and has used it up.
template <class Work>
void counselor::attend(held& in, seconds clock, output& out, Work work) {
  output told;
  work(in.talk, told);
  std::ranges::move(told.messages, std::back_inserter(out.messages));
  for (event& each : told.events) {
    if (std::holds_alternative<joined>(each)) {
      if (in.inviting) drop_invitation(in, invitation_stage::gone, clock, out);  // it was about the session before
      if (in.by) {
        std::erase_if(expected_, [&](const expected& one) { return one.secret.id() == in.by->secret.id(); });
        in.by->introduction.conversation = in.talk.id();
        out.tell(std::exchange(in.by->introduction, {}));
        in.by->secret.spend();
      }
    }
    if (std::holds_alternative<ended>(each) && in.inviting) {
      const bool taken_over = in.inviting->accepted && in.inviting->kind == invitation_kind::take_over;
      drop_invitation(in, taken_over ? invitation_stage::done : invitation_stage::gone, clock, out);
    }
    out.tell(std::move(each));
  }
  for (const conversation::errand& each : in.talk.take_heard()) hear(in, each, clock, out);
}

void counselor::on(const wire::talk& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr || !in->talk.take(message.number, out)) return;
  if (in->early.empty()) return hear_frame(*in, message.body, clock, out);
  if (in->early.size() <= frames_unstored_max) in->early.push_back(message.body);  // no survivor sends more unheard
}

void counselor::hear_frame(held& in, const wire::frame& frame, seconds clock, output& out) {
  attend(in, clock, out,
         [&](conversation& talk, output& told) { talk.frame_arrived(frame, centre_time(clock), random_, told); });
}

void counselor::on(const wire::stored& message, seconds clock, output& out) {
  if (held* in = find(message.conversation))
    attend(*in, clock, out, [&](conversation& talk, output& told) {
      talk.stored(message.through, centre_time(clock), random_, told);
    });
}

void counselor::on(const wire::peer_state& message, seconds clock, output& out) {
  if (held* in = find(message.conversation))
    attend(*in, clock, out, [&](conversation& talk, output& told) { talk.peer_now(message.now, told); });
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

// --- inviting somebody ---

void counselor::ask_team(output& out) {
  if (!logged_in_) return;
  team_.clear();
  out.say(wire::ask_team{});
}

void counselor::on(const wire::colleague& message, seconds clock, output& out) {
  const crypto::trust& believed = *belief_.trust();
  const auto who = believed.check(message.certificate, centre_time(clock));
  colleague_told told;
  told.left = message.left;
  if (who) {
    told.certificate = crypto::sha256(message.certificate);
    told.alias = who->alias;
    told.holder = who->holder;
    told.desk = desk_name(believed, who->desk);
    told.free = message.free;
    team_[told.certificate].assign(message.certificate.begin(), message.certificate.end());
  }
  out.tell(told);
}

void counselor::invite(const from_counselor::invite& wanted, seconds, output& out) {
  held* in = find(wanted.conversation);
  const auto colleague = team_.find(wanted.colleague);
  const bool possible = in != nullptr && logged_in_ && in->talk.talking() && !in->talk.ending() && !in->inviting &&
                        !in->invitation_open && colleague != team_.end() &&
                        wanted.sheet.size() < crypto::sheet_bytes_max;
  if (!possible) return out.tell(invitation_moved{wanted.conversation, invitation_stage::fault});
  crypto::secret_writer sheet(1 + wanted.sheet.size());
  sheet.number(static_cast<byte>(wanted.written_in)).put(wanted.sheet);
  in->inviting = inviting{wanted.colleague, colleague->second, wanted.kind, sheet.finish()};
  in->invitation_open = true;
  out.say(wire::invite{wanted.conversation, wanted.colleague, static_cast<wire::invitation_kind>(wanted.kind),
                       in->talk.session_id()});
  out.tell(invitation_moved{wanted.conversation, invitation_stage::asked});
}

void counselor::withdraw_invitation(const conversation_id& id, seconds clock, output& out) {
  held* in = find(id);  // once it is accepted, the survivor's client says what becomes of it
  if (in != nullptr && in->inviting && !in->inviting->accepted)
    drop_invitation(*in, invitation_stage::withdrawn, clock, out);
}

// The survivor, if she was asked and does not know it, is asked no more.
void counselor::drop_invitation(held& in, invitation_stage why, seconds clock, output& out) {
  const inviting over = *std::exchange(in.inviting, std::nullopt);
  const bool knows = why == invitation_stage::refused || why == invitation_stage::done;
  const bool asked = over.agreed && in.talk.talking() && over.agreed->th == in.talk.session_id();
  if (asked && !knows && !in.talk.ending())
    in.talk.send({crypto::body_type::withdrawal, {over.question.begin(), over.question.end()}}, centre_time(clock),
                 random_, out);
  if (in.invitation_open) out.say(wire::decline{in.talk.id()});
  out.tell(invitation_moved{in.talk.id(), why});
}

// The colleague has agreed: now the survivor is asked.
void counselor::on(const wire::consent& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr || !in->inviting || in->inviting->consent) return;
  inviting& my = *in->inviting;
  const seconds now = centre_time(clock);
  const crypto::hash32 own = crypto::sha256(who_.certificate);
  const auto certified = crypto::open_certificate(who_.certificate, belief_.trust()->issued_by.key);
  if (!in->talk.talking() || in->talk.ending() || !certified)
    return drop_invitation(*in, invitation_stage::gone, clock, out);
  const crypto::hash32& th = in->talk.session_id();
  auto consent = crypto::open_consent(message.body, *belief_.trust(), certified->holder, own, my.colleague, th, now);
  if (!consent) return drop_invitation(*in, invitation_stage::fault, clock, out);
  auto agreed = crypto::make_invitation(my.kind, own, th, my.certificate, my.sheet, random_);
  if (!agreed) return drop_invitation(*in, invitation_stage::fault, clock, out);
  my.consent = *std::move(consent);
  my.agreed = *std::move(agreed);
  const crypto::secret_bytes asked = crypto::encode_invitation(*my.agreed);
  my.question = crypto::make_question(asked);
  const bool takes_over = my.kind == invitation_kind::take_over;
  in->talk.send({takes_over ? crypto::body_type::handover_offer : crypto::body_type::invitation, asked}, now, random_,
                out);
  in->talk.send({crypto::body_type::sheet, my.sheet}, now, random_, out);
  out.tell(invitation_moved{message.conversation, invitation_stage::offered});
}

void counselor::hear(held& in, const conversation::errand& said, seconds clock, output& out) {
  if (said.type == crypto::body_type::handover_accept) return hear_answer(in, said.data, clock, out);
  if (said.type == crypto::body_type::company) return hear_company(in, said.data, clock, out);
}

// Yes is the hash of all that the survivor saw; no may also come later, when nobody came. What is said about an
// invitation that is over says nothing.
void counselor::hear_answer(held& in, bytes_view data, seconds clock, output& out) {
  const auto said = crypto::decode_answer(data);
  if (!said || !in.inviting || !in.inviting->agreed || said->question != in.inviting->question) return;
  inviting& my = *in.inviting;
  if (!said->accept) return drop_invitation(in, invitation_stage::refused, clock, out);
  if (my.accepted) return;
  if (!crypto::equal(*said->accept, crypto::make_accept(*my.agreed)))
    return drop_invitation(in, invitation_stage::fault, clock, out);
  const auto pieces = crypto::introduce(*my.agreed, *my.consent, who_.agree, random_);
  if (!pieces) return drop_invitation(in, invitation_stage::fault, clock, out);
  my.accepted = true;
  wire::frame_number number = 0;
  for (const crypto::frame& each : *pieces) out.say(wire::introduce{in.talk.id(), ++number, each});
  out.tell(invitation_moved{in.talk.id(), invitation_stage::accepted});
}

void counselor::on(const wire::invitation_over& message, seconds clock, output& out) {
  if (asked_.erase(message.conversation) > 0) {
    out.tell(invited_over{message.conversation});
    answer_early(clock, out);
  }
  held* in = find(message.conversation);
  if (in == nullptr) return;
  in->invitation_open = false;
  // Once it is accepted, the survivor's client says what became of it.
  if (!in->inviting || in->inviting->accepted) return;
  const bool refused = message.why == wire::invitation_end::declined;
  drop_invitation(*in, refused ? invitation_stage::colleague_refused : invitation_stage::gone, clock, out);
}

// --- being invited ---

void counselor::on(const wire::invited& message, seconds clock, output& out) {
  const auto who = belief_.trust()->check(message.certificate, centre_time(clock));
  if (!who) return out.say(wire::decline{message.conversation});
  const auto kind = static_cast<invitation_kind>(message.kind);
  asked_[message.conversation] = asked_by{*who, crypto::sha256(message.certificate), message.th, kind};
  out.tell(core::invited{message.conversation, who->alias, kind});
}

void counselor::answer_colleague(const conversation_id& theirs, bool yes, seconds clock, output& out) {
  const auto found = asked_.find(theirs);
  if (found == asked_.end() || found->second.consent) return;
  asked_by& from = found->second;
  if (!yes) {
    asked_.erase(found);
    return out.say(wire::decline{theirs});
  }
  from.consent = crypto::pending_consent::make(who_, day_key(centre_time(clock)), from.kind, from.who, from.hash,
                                               from.th, random_);
  out.say(wire::consent{theirs, from.consent->consent()});
}

void counselor::on(const wire::introduce& message, seconds clock, output& out) {
  const auto found = asked_.find(message.conversation);
  if (found == asked_.end() || !found->second.consent || message.number != found->second.pieces.size() + 1) return;
  asked_by& from = found->second;
  from.pieces.push_back(message.body);
  if (from.pieces.size() < wire::introduction_pieces) return;
  crypto::introduction whole;
  std::ranges::copy(from.pieces, whole.begin());
  auto opened = from.consent->open(whole);
  const std::string alias = from.who.alias;
  asked_.erase(found);
  out.tell(invited_over{message.conversation});
  if (opened) expect(*opened, alias, clock);
  if (!opened) out.say(wire::decline{message.conversation});
  answer_early(clock, out);
}

// Whoever waited for an introduction that came, or that will not come.
void counselor::answer_early(seconds clock, output& out) {
  for (auto& [id, in] : conversations_) {
    const auto early = std::exchange(in.early, {});
    if (early.empty() || !in.offered) continue;
    answer_hello(in, early.front(), clock, out);
    if (!in.early.empty()) {  // it waits for another introduction
      in.early = early;
      continue;
    }
    for (const wire::frame& each : std::views::drop(early, 1)) hear_frame(in, each, clock, out);
  }
}

// Whoever comes and can prove this is the survivor who saw that sheet.
void counselor::expect(const crypto::introduced& by, const std::string& alias, seconds clock) {
  const bytes_view words = bytes_view(by.sheet).subspan(1);
  core::introduced told{{}, alias, by.kind, known_language(by.sheet.front()), {words.begin(), words.end()}};
  expected_.push_back({crypto::awaited(by.with, centre_time(clock)), std::move(told), by.from, by.th});
}

void counselor::forget_expected(seconds now) {
  std::erase_if(expected_, [&](const expected& each) { return each.secret.over(now); });
}

// The survivor's client says who else is here: whom we invited, or who invited us. Anybody else is an alarm.
void counselor::hear_company(held& in, bytes_view data, seconds clock, output& out) {
  if (data.empty()) return in.talk.end_company(out);
  const auto said = crypto::decode_company(data);
  const crypto::hash32 other = said ? crypto::sha256(said->other) : crypto::hash32{};
  const auto who = said ? belief_.trust()->check(said->other, centre_time(clock))
                        : crypto::result<crypto::certificate>(std::unexpected(said.error()));
  const bool ours = in.inviting && in.inviting->accepted && in.inviting->colleague == other;
  const bool theirs =
      in.by && in.by->from == other && said->begin == crypto::begin_transcript(in.by->th, in.talk.session_id());
  if (!who || !(ours || theirs)) return out.tell(transcript_broken{in.talk.id()});
  if (ours) {
    in.inviting.reset();
    out.tell(invitation_moved{in.talk.id(), invitation_stage::done});
  }
  in.talk.begin_company(other, who->alias, said->begin, out);
}

// --- letters ---

void counselor::take_letter(output& out) {
  if (logged_in_) reading_.take(out);
}

void counselor::answer_letter(const from_counselor::answer_letter& reply, output& out) {
  if (logged_in_) reading_.answer(reply, own_alias(), random_, out);
}

void counselor::put_letter(const from_counselor::put_letter& letter, output& out) {
  if (logged_in_) reading_.put(letter, out);
}

}  // namespace tomoshibi::core
