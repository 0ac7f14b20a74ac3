// Mail both ways, coming back, and leaving.
//
// What is said about a conversation by a connection that is not part of it closes that connection (not_yours), with
// two exceptions: what was on its way when a conversation ended or a call was withdrawn is dropped, and `leave` is
// always answered with `left`, for then it is true.
#include <algorithm>

#include "server/desk/desk.hpp"
#include "server/wire/codec.hpp"

namespace tomoshibi::desk {
namespace {

constexpr rate nonce_rate{wire::nonces_at_once, wire::nonce_pause_seconds};

wire::stage stage_of(const conversation& of, side seen_by) {
  if (of.in_line()) return of.called ? wire::stage::called : wire::stage::waiting;
  return of.has_left(other(seen_by)) ? wire::stage::peer_gone : wire::stage::talking;
}

}  // namespace

std::optional<desks::part> desks::find_part(connection_id who, const conversation_id& id) {
  const connection& from = connections_[who];
  if (std::ranges::find(from.attached, id) != from.attached.end())
    return part{conversations_.find(id), side::survivor};
  if (from.now == phase::staff && serving_[from.staff].contains(id))
    return part{conversations_.find(id), side::counselor};
  return std::nullopt;
}

// None: it was dealt with.
std::optional<desks::part> desks::part_of(connection_id who, const conversation_id& id, byte about, seconds now) {
  const std::optional<part> found = find_part(who, id);
  if (!found) {
    const auto& past = connections_.at(who).past;
    if (std::find(past.begin(), past.end(), id) == past.end()) fail(who, wire::error::not_yours, about, now);
    return std::nullopt;
  }
  const bool called = found->who == side::counselor && found->at->second.in_line();
  if (called && about != wire::offer::code) {
    fail(who, wire::error::out_of_phase, about, now);
    return std::nullopt;
  }
  return found;
}

// --- mail ---

// Takes a frame into the mailbox of the other side. None: it was dealt with in another way.
template <class Frame>
std::optional<desks::part> desks::post(connection_id who, const Frame& said, seconds now) {
  const auto refuse = [&](wire::error why) {
    fail(who, why, Frame::code, now);
    return std::nullopt;
  };
  const std::optional<part> by = part_of(who, said.conversation, Frame::code, now);
  if (!by) return std::nullopt;
  conversation& here = by->at->second;
  const side to = other(by->who);
  if (here.has_left(to)) return std::nullopt;  // the sender was told so, or will be
  const bool greets = Frame::code != wire::talk::code;
  if (greets ? here.in_line() && by->who == side::survivor : !here.greeted) return refuse(wire::error::out_of_phase);
  if (said.number == 0) return refuse(wire::error::malformed);
  mailbox& box = here.mail_for(to);
  if (said.number > box.stored() + 1) return refuse(wire::error::gap);
  if (said.number <= box.stored()) {  // the answer was lost
    tell(who, wire::stored{said.conversation, box.stored()});
    return std::nullopt;
  }
  if (box.waiting.size() == wire::mailbox_frames_max) {
    // The survivor does not take its mail, and the counselor, who serves others too, is not to blame.
    if (to == side::survivor) return end(by->at), std::nullopt;
    return refuse(wire::error::mailbox_full);
  }
  if (here.in_line()) accept(by->at, *here.called);
  const message kept = std::make_shared<const bytes>(wire::encode(wire::server_message{said}));
  box.waiting.push_back(kept);
  out_.writes.push_back(put_mail{said.conversation, to, said.number, kept});
  tell(who, wire::stored{said.conversation, box.stored()});
  if (const auto peer = connection_of(here, to)) out_.effects.push_back(send{*peer, kept});
  return by;
}

void desks::accept(place_of at, const staff_id& id) {
  conversation& here = at->second;
  one_desk& desk = desk_of(here);
  desk.line.erase(here.order);
  desk.changed = true;
  here.called.reset();
  here.counselor = id;
  colleague& by = staff_.at(id);
  by.idle_since = ++turns_;
  save(at);
  tell(by.at, wire::peer_state{at->first, here.survivor ? wire::presence::here : wire::presence::away});
}

void desks::on(connection_id who, const wire::offer& said, seconds now) { post(who, said, now); }

// The survivor's client answers no offer but one for its latest nonce: until then, one may still be wanted.
void desks::on(connection_id who, const wire::hello& said, seconds now) {
  const std::optional<part> by = post(who, said, now);
  if (!by) return;
  conversation& here = by->at->second;
  const bool first = !std::exchange(here.greeted, true);
  if (std::exchange(here.wanted, std::nullopt) || first) save(by->at);
}

void desks::on(connection_id who, const wire::talk& said, seconds now) { post(who, said, now); }

void desks::on(connection_id who, const wire::taken& said, seconds now) {
  const std::optional<part> by = part_of(who, said.conversation, wire::taken::code, now);
  if (!by) return;
  mailbox& box = by->at->second.mail_for(by->who);
  if (said.through > box.stored()) return fail(who, wire::error::gap, wire::taken::code, now);
  if (said.through <= box.taken) return;
  box.waiting.erase(box.waiting.begin(), box.waiting.begin() + static_cast<std::ptrdiff_t>(said.through - box.taken));
  box.taken = said.through;
  out_.writes.push_back(erase_mail{said.conversation, by->who, said.through});
  save(by->at);
}

// The caller saves the conversation.
void desks::erase_waiting(place_of at, side whose) {
  mailbox& box = at->second.mail_for(whose);
  if (box.waiting.empty()) return;
  box.taken = box.stored();
  box.waiting.clear();
  out_.writes.push_back(erase_mail{at->first, whose, box.taken});
}

void desks::send_mail(connection_id to, const mailbox& from) {
  for (const message& frame : from.waiting) out_.effects.push_back(send{to, frame});
}

// --- coming back ---

// In a talk, the secret behind the token is taken for a while only: a page that lost its memory comes back soon or as
// somebody new.
static bool too_late(const conversation& here, const wire::resume& said, seconds now) {
  return !said.kept && !here.in_line() && !here.survivor &&
         elapsed(here.away_since, now) > wire::resume_grace_seconds;
}

outcome desks::resume(connection_id who, const wire::resume& said, const wire::hash& shown_hash, seconds now) {
  const place_of at = conversations_.find(said.conversation);
  if (!may_hold(connections_[who], at)) {
    fail(who, wire::error::out_of_phase, wire::resume::code, now);
    return finish(now);
  }
  if (at == conversations_.end() || !at->second.has_token(shown_hash) || too_late(at->second, said, now)) {
    tell(who, wire::refused{said.conversation, wire::refusal::unknown});
    return finish(now);
  }
  const bool renews = !said.kept && said.challenge != at->second.challenge;
  if (renews && !at->second.nonces.take(nonce_rate, now)) {
    fail(who, wire::error::too_fast, wire::resume::code, now);
    return finish(now);
  }
  attach(who, at, now);
  if (renews) {
    erase_waiting(at, side::survivor);  // nobody can read it any more
    take_nonce(at, said.challenge, wire::calling::survivor_back, now);
  }
  greet_back(who, at, side::survivor, now);
  send_mail(who, at->second.to_survivor);
  return finish(now);
}

// One place in a line, or one talk and the one that its counselor invited to. `at` may be none.
bool desks::may_hold(const connection& from, place_of at) const {
  const auto& held = from.attached;
  if (held.empty() || (at != conversations_.end() && std::ranges::find(held, at->first) != held.end())) return true;
  const bool talks =
      !conversations_.at(held.front()).in_line() && (at == conversations_.end() || !at->second.in_line());
  return talks && held.size() < wire::survivor_conversations_max;
}

// This connection is the survivor's from now on; the place in the line, if there is one, is told with the desk's
// news.
void desks::attach(connection_id who, place_of at, seconds now) {
  conversation& here = at->second;
  connection& from = connections_[who];
  from.now = phase::survivor;
  if (std::ranges::find(from.attached, at->first) == from.attached.end()) from.attached.push_back(at->first);
  const std::optional<connection_id> old = std::exchange(here.survivor, who);
  if (old && old != who) fail(*old, wire::error::taken_over, 0, now);
  here.ahead_told.reset();
  desk_of(here).changed = true;
  if (!old && !here.in_line()) tell(here, side::counselor, wire::peer_state{at->first, wire::presence::here});
}

// Where the conversation stands, what is still wanted from this side, and where the other one is.
void desks::greet_back(connection_id who, place_of at, side as, seconds now) {
  const conversation& here = at->second;
  const frame_number stored = at->second.mail_for(other(as)).stored();
  tell(who, wire::resumed{at->first, stage_of(here, as), stored});
  if (here.in_line()) return;
  if (here.has_left(other(as))) return tell(who, wire::peer_state{at->first, wire::presence::left});
  if (as == side::counselor && here.wanted) tell_assigned(at, *here.wanted, now);
  if (as == side::survivor && here.nonce_wanted) tell(who, wire::nonce_wanted{at->first});
  const bool there = connection_of(here, other(as)).has_value();
  tell(who, wire::peer_state{at->first, there ? wire::presence::here : wire::presence::away});
}

// The survivor's client needs an OFFER for this nonce from now on.
void desks::take_nonce(place_of at, const wire::nonce& fresh, wire::calling why, seconds now) {
  conversation& here = at->second;
  end_invitation(at->first, wire::invitation_end::gone);  // it was out of the session before
  here.challenge = fresh;
  here.nonce_wanted = false;
  if (here.called) {
    here.wanted = why;  // the OFFER that accepts may be on its way, and for the nonce before
    tell_assigned(at, wire::calling::first, now);
  }
  if (!here.in_line() && !here.has_left(side::counselor)) {
    here.wanted = why;
    tell_assigned(at, why, now);
  }
  save(at);
}

void desks::on(connection_id who, const wire::ask_again& said, seconds now) {
  const std::optional<part> by = part_of(who, said.conversation, wire::ask_again::code, now);
  if (!by || by->at->second.has_left(side::survivor)) return;
  if (std::exchange(by->at->second.nonce_wanted, true)) return;  // the survivor knows, or will on coming back
  save(by->at);
  tell(by->at->second, side::survivor, wire::nonce_wanted{said.conversation});
}

void desks::on(connection_id who, const wire::new_nonce& said, seconds now) {
  const std::optional<part> by = part_of(who, said.conversation, wire::new_nonce::code, now);
  if (!by || by->at->second.has_left(side::counselor)) return;
  if (!by->at->second.nonce_wanted) return fail(who, wire::error::out_of_phase, wire::new_nonce::code, now);
  if (!by->at->second.nonces.take(nonce_rate, now))
    return fail(who, wire::error::too_fast, wire::new_nonce::code, now);
  take_nonce(by->at, said.challenge, wire::calling::asked, now);
}

void desks::on(connection_id who, const wire::register_token& said, seconds now) {
  const std::optional<part> by = part_of(who, said.conversation, wire::register_token::code, now);
  if (!by || by->at->second.has_left(side::survivor) || by->at->second.has_token(said.token_hash)) return;
  auto& tokens = by->at->second.tokens;
  if (tokens.size() == wire::tokens_max) tokens.erase(tokens.begin());
  tokens.push_back(said.token_hash);
  save(by->at);
}

// --- leaving ---

void desks::on(connection_id who, const wire::leave& said, seconds now) {
  if (const std::optional<part> of = find_part(who, said.conversation)) {
    if (of->at->second.in_line())
      leave_line(*of, who);
    else
      leave_talk(*of, now);
  }
  tell(who, wire::left{said.conversation});
}

// The survivor gives up the place; or the colleague declines the call, and is called again once it says duty.
void desks::leave_line(const part& of, connection_id who) {
  conversation& here = of.at->second;
  if (of.who == side::survivor) {
    if (here.called) withdraw(of.at, wire::withdrawal::survivor_left);
    return erase(of.at);
  }
  staff_.at(*here.called).free = false;
  forget(who, of.at->first);
  uncall(of.at);
}

// Also of somebody who is not connected (review).
void desks::leave_talk(const part& of, seconds now) {
  conversation& here = of.at->second;
  const conversation_id id = of.at->first;
  end_invitation(id, wire::invitation_end::gone);
  if (const auto there = connection_of(here, of.who)) forget(*there, id);
  erase_waiting(of.at, of.who);
  here.wanted.reset();
  here.nonce_wanted = false;
  if (of.who == side::survivor) {
    here.survivor.reset();
    here.survivor_left = now;
    here.tokens.clear();
    here.challenge = {};
  } else {
    here.counselor_left = now;
    serving_[*here.counselor].erase(id);
    if (const auto by = staff_.find(*here.counselor); by != staff_.end()) by->second.idle_since = ++turns_;
  }
  desk_of(here).changed = true;
  if (here.has_left(other(of.who))) return erase(of.at);
  save(of.at);
  tell(here, other(of.who), wire::peer_state{id, wire::presence::left});
}

}  // namespace tomoshibi::desk
