// A colleague asked into a talk: to take over, or to join.
//
// The server passes on who asks whom, and keeps a place free; it changes nobody's counselor. A conversation with the
// invited begins only with a survivor's own `enter_invited` out of the talk that the invitation is for, after the
// consent; and the server cannot say that in a survivor's place, for the invited console then wants to hear the
// secret that only the introduced survivor has (crypto/invitation.hpp).
#include <algorithm>

#include "server/desk/desk.hpp"
#include "server/wire/codec.hpp"

namespace tomoshibi::desk {
namespace {

constexpr rate team_rate{wire::teams_at_once, wire::team_pause_seconds};

}  // namespace

// Drills stay among themselves.
bool desks::may_invite(const colleague& by, const colleague& who) const {
  const auto kind_of = [this](const colleague& one) { return desks_.at(one.who.desk).settings.kind; };
  return by.who.id != who.who.id && kind_of(by) == kind_of(who);
}

void desks::on(connection_id who, const wire::ask_team&, seconds now) {
  colleague& by = staff_.at(connections_.at(who).staff);
  if (!by.teams.take(team_rate, now)) return fail(who, wire::error::too_fast, wire::ask_team::code, now);
  std::vector<wire::colleague> team;
  for (const auto& [id, someone] : staff_)
    if (someone.present && may_invite(by, someone))
      team.push_back({someone.who.certificate, has_room(someone, now), 0});
  if (team.empty()) team.emplace_back();
  for (std::size_t left = team.size(); wire::colleague & one : team) {
    one.left = static_cast<std::uint32_t>(--left);
    tell(who, one);
  }
}

void desks::on(connection_id who, const wire::invite& said, seconds now) {
  const std::optional<part> in = part_of(who, said.conversation, wire::invite::code, now);
  if (!in) return;
  if (invitations_.contains(said.conversation)) return fail(who, wire::error::out_of_phase, wire::invite::code, now);
  const conversation& here = in->at->second;
  const colleague& by = staff_.at(*here.counselor);
  const auto to = staff_.find(said.to);
  if (!here.greeted || here.has_left(side::survivor) || to == staff_.end() || !may_invite(by, to->second) ||
      !has_room(to->second, now))
    return tell(who, wire::invitation_over{said.conversation, wire::invitation_end::gone});
  invitations_.emplace(said.conversation, invitation{by.who.id, said.to, now});
  desks_.at(to->second.who.desk).changed = true;
  tell(to->second.at, wire::invited{said.conversation, by.who.certificate, said.kind, said.th});
}

// The invitation of this connection's member of staff into that talk; or none.
desks::invitations::iterator desks::find_invited(connection_id who, const conversation_id& talk) {
  const auto found = invitations_.find(talk);
  const bool theirs = found != invitations_.end() && found->second.to == connections_.at(who).staff;
  return theirs ? found : invitations_.end();
}

void desks::on(connection_id who, const wire::consent& said, seconds now) {
  const auto found = find_invited(who, said.conversation);
  if (found == invitations_.end()) {
    const auto& past = connections_.at(who).past;
    if (std::ranges::find(past, said.conversation) == past.end())
      fail(who, wire::error::not_yours, wire::consent::code, now);
    return;
  }
  // A yes to an invitation that was withdrawn meanwhile counts for the one that followed; then this one comes second.
  if (std::exchange(found->second.consented, true)) return;
  found->second.since = now;
  tell(staff_.at(found->second.from).at, said);
}

void desks::on(connection_id who, const wire::decline& said, seconds now) {
  if (find_invited(who, said.conversation) != invitations_.end())
    return end_invitation(said.conversation, wire::invitation_end::declined);
  if (part_of(who, said.conversation, wire::decline::code, now))
    end_invitation(said.conversation, wire::invitation_end::withdrawn);
}

void desks::on(connection_id who, const wire::introduce& said, seconds now) {
  if (!part_of(who, said.conversation, wire::introduce::code, now)) return;
  const auto found = invitations_.find(said.conversation);
  if (found == invitations_.end()) return;  // it was on its way when the invitation ended
  invitation& here = found->second;
  if (!here.consented) return fail(who, wire::error::out_of_phase, wire::introduce::code, now);
  if (said.number != here.introduced + 1 || said.number > wire::introduction_pieces)
    return fail(who, wire::error::gap, wire::introduce::code, now);
  here.introduced = said.number;
  tell(staff_.at(here.to).at, said);
  end_if_done(found);
}

// --- the survivor comes ---

void desks::on(connection_id who, const wire::enter_invited& said, seconds now) {
  const auto refuse = [&] { tell(who, wire::refused{said.conversation, wire::refusal::unknown}); };
  const connection& from = connections_.at(who);
  if (std::ranges::find(from.attached, said.through) == from.attached.end()) return refuse();
  place_of at = conversations_.find(said.conversation);
  if (!may_hold(from, at)) return fail(who, wire::error::out_of_phase, wire::enter_invited::code, now);
  const auto found = invitations_.find(said.through);
  const bool again = at != conversations_.end();
  if (again) {
    const conversation& here = at->second;
    if (here.counselor != said.to || here.challenge != said.challenge || !here.has_token(said.token_hash))
      return refuse();
  } else {
    if (found == invitations_.end() || found->second.to != said.to || !found->second.consented ||
        found->second.entered)
      return refuse();
    at = begin_invited(said, now);
  }
  attach(who, at, now);
  greet_back(who, at, side::survivor, now);
  if (again) return send_mail(who, at->second.to_survivor);
  found->second.entered = true;
  end_if_done(found);
}

// It has a counselor from the start, and never was in a line.
desks::place_of desks::begin_invited(const wire::enter_invited& said, seconds now) {
  colleague& by = staff_.at(said.to);
  conversation fresh;
  fresh.desk = by.who.desk;
  fresh.order = ++orders_;
  fresh.entered = now;
  fresh.challenge = said.challenge;
  fresh.tokens = {said.token_hash};
  fresh.counselor = said.to;
  fresh.wanted = wire::calling::invited;
  by.idle_since = ++turns_;
  const place_of at = conversations_.emplace(said.conversation, std::move(fresh)).first;
  serving_[said.to].insert(at->first);
  save(at);
  tell_assigned(at, wire::calling::invited, now);
  return at;
}

// --- the end of an invitation ---

void desks::end_if_done(invitations::iterator at) {
  if (at->second.entered && at->second.introduced == wire::introduction_pieces)
    end_invitation(conversation_id(at->first), wire::invitation_end::done);
}

// Nothing, if there is none. What the invited still says about it is dropped.
void desks::end_invitation(const conversation_id& talk, wire::invitation_end why) {
  const auto found = invitations_.find(talk);
  if (found == invitations_.end()) return;
  const invitation over = found->second;
  invitations_.erase(found);
  for (const staff_id& id : {over.from, over.to}) {
    const auto there = staff_.find(id);
    if (there == staff_.end()) continue;
    tell(there->second.at, wire::invitation_over{talk, why});
    if (id != over.to) continue;
    forget(there->second.at, talk);
    desks_.at(there->second.who.desk).changed = true;
  }
}

void desks::end_invitations_to(const staff_id& id) {
  const invitations all = invitations_;
  for (const auto& [talk, one] : all)
    if (one.to == id && !one.entered) end_invitation(talk, wire::invitation_end::gone);
}

// Whoever is gone.
void desks::end_invitations_of(const staff_id& id) {
  const invitations all = invitations_;
  for (const auto& [talk, one] : all)
    if (one.from == id || one.to == id) end_invitation(talk, wire::invitation_end::gone);
}

void desks::tick_invitations(seconds now) {
  const invitations all = invitations_;
  for (const auto& [talk, one] : all)
    if (elapsed(one.since, now) >= (one.consented ? wire::invitation_life_seconds : wire::invitation_answer_seconds))
      end_invitation(talk, wire::invitation_end::too_late);
}

// Whom the invited already serves is counted there.
std::size_t desks::invitations_open_to(const staff_id& id) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      invitations_, [&](const auto& one) { return one.second.to == id && !one.second.entered; }));
}

}  // namespace tomoshibi::desk
