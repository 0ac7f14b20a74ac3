// Doors, lines and calls.
//
// A place in the line is its order of entry and stays until the conversation is accepted or over: being called, and
// the call coming back, do not move it. So the head of the line is always who came first, `ahead` never grows, and
// who slept through a turn is served first on waking.
//
// Closing time takes nobody's place: who is in the line then is still served as long as a colleague is present. When
// the hours are over and nobody has been present for `unattended_seconds_max`, the line is let go, and each place is
// told so with the door: an honest no is better than a line that nobody serves.
#include <algorithm>

#include "server/desk/desk.hpp"
#include "server/wire/codec.hpp"

namespace tomoshibi::desk {
namespace {

bool can_be_entered(const desk_settings& desk) { return desk.reachable || desk.kind == desk_kind::drill; }

}  // namespace

hours_state desks::hours(const one_desk& at, seconds now) const {
  if (at.settings.kind == desk_kind::centre) return at.settings.hours(now);
  hours_state always;
  always.open = always.intake = true;
  return always;
}

std::uint32_t desks::present(const one_desk& at) const {
  std::uint32_t count = 0;
  for (const auto& [id, someone] : staff_)
    if (someone.who.desk == at.settings.id && someone.who.takes_calls && someone.present) ++count;
  return count;
}

std::uint32_t desks::free_now(const one_desk& at, seconds now) const {
  std::uint32_t count = 0;
  for (const auto& [id, someone] : staff_)
    if (someone.who.desk == at.settings.id && can_take(someone, now)) ++count;
  return count;
}

// Whoever is served counts, but for a survivor who is gone for so long that they may never come back. An invitation
// keeps a place free, as a call does.
bool desks::has_room(const colleague& someone, seconds now) const {
  if (!someone.present || !someone.free || elapsed(now, someone.who.until) <= wire::accept_seconds) return false;
  const auto invited = static_cast<std::ptrdiff_t>(invitations_open_to(someone.who.id));
  const auto serves = serving_.find(someone.who.id);
  if (serves == serving_.end()) return invited < someone.capacity;
  return invited + std::ranges::count_if(serves->second,
                                         [&](const conversation_id& name) {
                                           const conversation& one = conversations_.at(name);
                                           return one.survivor || one.has_left(side::survivor) ||
                                                  elapsed(one.away_since, now) <= wire::resume_grace_seconds;
                                         }) <
         someone.capacity;
}

bool desks::can_take(const colleague& someone, seconds now) const {
  return someone.who.takes_calls && has_room(someone, now);
}

// Places that somebody waits in.
std::uint32_t desks::attended(const one_desk& at, seconds now) const {
  std::uint32_t count = 0;
  for (const auto& [order, name] : at.line) {
    const conversation& one = conversations_.at(name);
    if (one.survivor || elapsed(one.away_since, now) < attended_seconds_max) ++count;
  }
  return count;
}

wire::door desks::door(const one_desk& at, seconds now) const {
  using wire::door_reason;
  const hours_state by_hours = hours(at, now);
  const std::uint32_t least = at.settings.kind == desk_kind::drill ? 0 : at.settings.present_least;
  wire::door out;
  out.desk = at.settings.id;
  out.waiting = attended(at, now);
  out.next = by_hours.next_opening.value_or(0);
  out.until = by_hours.intake ? by_hours.last_intake : by_hours.open ? by_hours.until : out.next;
  out.why = !by_hours.open                        ? door_reason::outside_hours
            : !by_hours.intake                    ? door_reason::past_last_intake
            : present(at) < least                 ? door_reason::too_few_on_duty
            : out.waiting >= at.settings.line_max ? door_reason::line_full
                                                  : door_reason::open;
  out.intake = out.why == door_reason::open;
  return out;
}

wire::line_state desks::line_state(const one_desk& at, seconds now) const {
  const wire::door shown = door(at, now);
  wire::line_state out;
  out.waiting = shown.waiting;
  if (!at.line.empty()) {
    const conversation& first = conversations_.at(at.line.begin()->second);
    out.longest_wait = static_cast<std::uint32_t>(elapsed(first.entered, now));
  }
  out.present = present(at);
  out.free = free_now(at, now);
  out.intake = shown.intake;
  out.why = shown.why;
  return out;
}

// --- entering ---

outcome desks::enter(connection_id who, const wire::enter& said, bool ticket_good, seconds now) {
  const auto refuse = [&](wire::refusal why) {
    tell(who, wire::refused{said.conversation, why});
    return finish(now);
  };
  if (const auto& attached = connections_[who].attached;
      !attached.empty() && std::ranges::find(attached, said.conversation) == attached.end()) {
    fail(who, wire::error::out_of_phase, wire::enter::code, now);
    return finish(now);
  }
  if (const place_of known = conversations_.find(said.conversation); known != conversations_.end()) {
    const conversation& here = known->second;
    if (here.desk != said.desk || here.challenge != said.challenge || !here.has_token(said.token_hash))
      return refuse(wire::refusal::unknown);
    attach(who, known, now);
    if (!here.in_line()) {
      greet_back(who, known, side::survivor, now);
      send_mail(who, here.to_survivor);
    }
    return finish(now);
  }
  const auto found = desks_.find(said.desk);
  if (found == desks_.end() || !can_be_entered(found->second.settings)) return refuse(wire::refusal::no_such_desk);
  one_desk& desk = found->second;
  const bool drill = desk.settings.kind == desk_kind::drill;
  if (drill ? !ticket_good : said.ticket.has_value()) {
    tell(who, wire::refused{said.conversation, wire::refusal::bad_ticket});
    fail(who, wire::error::login_refused, wire::enter::code, now);  // the next try costs a connection
    return finish(now);
  }
  if (const wire::door shown = door(desk, now); !shown.intake) {
    tell(who, shown);
    return refuse(wire::refusal::closed);
  }
  make_room(desk);
  conversation fresh;
  fresh.desk = said.desk;
  fresh.order = ++orders_;
  fresh.entered = now;
  fresh.challenge = said.challenge;
  fresh.tokens = {said.token_hash};
  const place_of at = conversations_.emplace(said.conversation, std::move(fresh)).first;
  desk.line.emplace(at->second.order, at->first);
  save(at);
  attach(who, at, now);
  return finish(now);
}

// Those who went keep their places while there is room; the longest absent goes first.
void desks::make_room(one_desk& at) {
  if (at.line.size() < std::size_t{places_by_line_max} * at.settings.line_max) return;
  place_of longest = conversations_.end();
  for (const auto& [order, name] : at.line) {
    const place_of one = conversations_.find(name);
    if (one->second.survivor || one->second.called) continue;
    if (longest == conversations_.end() || one->second.away_since < longest->second.away_since) longest = one;
  }
  if (longest != conversations_.end()) erase(longest);
}

void desks::on(connection_id who, const wire::watch& said, seconds now) {
  std::optional<desk_id>& watches = connections_[who].watches;
  if (watches) desks_.at(*watches).watchers.erase(who);
  watches.reset();
  const auto found = desks_.find(said.desk);
  if (found == desks_.end() || !can_be_entered(found->second.settings))
    return tell(who, wire::refused{{}, wire::refusal::no_such_desk});
  watches = said.desk;
  const wire::door shown = door(found->second, now);
  found->second.watchers.emplace(who, wire::encode(wire::server_message{shown}));
  tell(who, shown);
}

// --- calls ---

void desks::on(connection_id who, const wire::duty& said, seconds) {
  const staff_id& id = connections_.at(who).staff;
  colleague& here = staff_.at(id);
  one_desk& desk = desks_.at(here.who.desk);
  const bool was_ready = here.present && here.free;
  here.present = said.present;
  here.free = said.free;
  here.capacity = std::min(said.capacity, desk.settings.capacity_max);
  here.line_told.clear();
  desk.changed = true;
  if (here.present && here.free && !was_ready) here.idle_since = ++turns_;
  if (here.present) return;
  withdraw_calls(id);
  end_invitations_to(id);
}

// Whoever came first and is there to hear it, to whoever has been idle longest.
void desks::call_from_line(one_desk& at, seconds now) {
  for (const auto& [order, name] : at.line) {
    const place_of waiting = conversations_.find(name);
    if (waiting->second.called || !waiting->second.survivor) continue;
    const std::pair<const staff_id, colleague>* next = nullptr;
    for (const auto& someone : staff_)
      if (someone.second.who.desk == at.settings.id && can_take(someone.second, now) &&
          (!next || someone.second.idle_since < next->second.idle_since))
        next = &someone;
    if (!next) return;
    call(waiting, next->first, now);
  }
}

void desks::call(place_of at, const staff_id& id, seconds now) {
  conversation& here = at->second;
  here.called = id;
  here.called_at = now;
  serving_[id].insert(at->first);
  tell_assigned(at, wire::calling::first, now);
}

void desks::tell_assigned(place_of at, wire::calling why, seconds now) {
  const seconds waited = why == wire::calling::first ? elapsed(at->second.entered, now) : 0;
  tell(at->second, side::counselor,
       wire::assigned{at->first, at->second.challenge, why, static_cast<std::uint32_t>(waited)});
}

void desks::uncall(place_of at) {
  serving_[*at->second.called].erase(at->first);
  at->second.called.reset();
  desk_of(at->second).changed = true;
}

void desks::withdraw(place_of at, wire::withdrawal why) {
  if (const auto console = connection_of(at->second, side::counselor)) {
    tell(*console, wire::withdrawn{at->first, why});
    forget(*console, at->first);
  }
  uncall(at);
}

void desks::withdraw_calls(const staff_id& id) {
  const std::set<conversation_id> serves = serving_[id];
  for (const conversation_id& name : serves)
    if (const place_of at = conversations_.find(name); at->second.in_line())
      withdraw(at, wire::withdrawal::not_accepted);
}

// --- telling everyone ---

void desks::announce(one_desk& at, seconds now) {
  std::uint32_t before = 0;
  for (const auto& [order, name] : at.line) {
    conversation& here = conversations_.at(name);
    if (here.survivor && here.ahead_told != before) tell(*here.survivor, wire::place{name, before});
    if (here.survivor) here.ahead_told = before;
    ++before;
  }
  tell_watchers(at, now);

  wire::line_state line = line_state(at, now);
  const message full = std::make_shared<const bytes>(wire::encode(wire::server_message{line}));
  line.longest_wait = 0;  // it always changes
  const bytes state = wire::encode(wire::server_message{line});
  for (auto& [id, someone] : staff_) {
    if (someone.who.desk != at.settings.id || !someone.present || someone.line_told == state) continue;
    someone.line_told = state;
    out_.effects.push_back(send{someone.at, full});
  }
}

// There may be thousands of them, and one survivor can enter and leave as fast as it likes.
void desks::tell_watchers(one_desk& at, seconds now) {
  const message shown = std::make_shared<const bytes>(wire::encode(wire::server_message{door(at, now)}));
  const auto is_news = [&](const auto& watcher) { return watcher.second != *shown; };
  if (std::ranges::none_of(at.watchers, is_news) || !at.news.take(door_news, now)) return;
  for (auto& [who, told] : at.watchers) {
    if (told == *shown) continue;
    told = *shown;
    out_.effects.push_back(send{who, shown});
  }
}

// --- time ---

void desks::tick_desk(one_desk& at, seconds now) {
  at.changed = true;
  if (hours(at, now).open || present(at) > 0)
    at.unattended_since = 0;
  else if (at.unattended_since == 0)
    at.unattended_since = now;
  else if (elapsed(at.unattended_since, now) >= unattended_seconds_max)
    let_line_go(at, now);
}

void desks::let_line_go(one_desk& at, seconds now) {
  const auto line = at.line;
  for (const auto& [order, name] : line) {
    const place_of here = conversations_.find(name);
    tell(here->second, side::survivor, door(at, now));
    tell(here->second, side::survivor, wire::refused{name, wire::refusal::closed});
    erase(here);
  }
}

}  // namespace tomoshibi::desk
