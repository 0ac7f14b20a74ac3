#include "server/desk/desk.hpp"

#include <algorithm>

#include "server/desk/require.hpp"
#include "server/wire/codec.hpp"

namespace tomoshibi::desk {
namespace {

constexpr std::size_t past_max = 32;

template <class M>
constexpr bool is_mail =
    std::is_same_v<M, wire::offer> || std::is_same_v<M, wire::hello> || std::is_same_v<M, wire::talk>;

// A frame as it was put into the store, if it is one and the very one.
bool is_frame(bytes_view value, const conversation_id& conversation, frame_number number) {
  const auto said = wire::decode_server(value);
  if (!said) return false;
  return std::visit(
      [&](const auto& one) {
        if constexpr (is_mail<std::decay_t<decltype(one)>>)
          return one.conversation == conversation && one.number == number;
        else
          return false;
      },
      *said);
}

}  // namespace

desks::desks(std::vector<desk_settings> settings) {
  for (desk_settings& one : settings) {
    const desk_id id = one.id;
    require(one.kind == desk_kind::drill || one.hours, "every desk but the drill desk has hours");
    require(desks_.try_emplace(id).second, "no two desks have the same id");
    desks_.at(id).settings = std::move(one);
  }
}

std::expected<void, std::string> desks::load(std::vector<stored_conversation> all, seconds now) {
  require(conversations_.empty() && connections_.empty(), "load comes first");
  for (stored_conversation& from : all) {
    auto decoded = decode_conversation(from.value);
    if (!decoded) return std::unexpected(decoded.error());
    const auto desk = desks_.find(decoded->desk);
    if (desk == desks_.end())
      return std::unexpected(
          "a stored conversation belongs to a desk that the settings do not name: put the desk back until its "
          "conversations have ended (24 hours at most)");
    decoded->away_since = now;
    const place_of at = conversations_.emplace(from.conversation, *std::move(decoded)).first;
    conversation& here = at->second;
    for (stored_frame& frame : from.mail) {
      mailbox& box = here.mail_for(frame.to);
      if (frame.number != box.stored() + 1 || !is_frame(frame.value, at->first, frame.number))
        return std::unexpected("the stored mail of a conversation is damaged: a frame is missing or is another one");
      box.waiting.push_back(std::make_shared<const bytes>(std::move(frame.value)));
    }
    orders_ = std::max(orders_, here.order);
    if (here.in_line())
      desk->second.line.emplace(here.order, at->first);
    else if (!here.has_left(side::counselor))
      serving_[*here.counselor].insert(at->first);
  }
  return {};
}

phase desks::phase_of(connection_id who) const {
  const auto at = connections_.find(who);
  return at == connections_.end() ? phase::fresh : at->second.now;
}

std::size_t desks::mailboxes_of(connection_id who) const {
  const auto at = connections_.find(who);
  if (at == connections_.end() || at->second.now == phase::fresh) return 0;
  if (at->second.now == phase::survivor) return std::max<std::size_t>(at->second.attached.size(), 1);
  const auto serves = serving_.find(at->second.staff);
  return (serves == serving_.end() ? 0 : serves->second.size()) +
         desks_.at(staff_.at(at->second.staff).who.desk).settings.capacity_max;
}

bool desks::serves(const staff_id& id) const {
  const auto serves = serving_.find(id);
  return serves != serving_.end() && std::ranges::any_of(serves->second, [&](const conversation_id& name) {
           return !conversations_.at(name).in_line();
         });
}

const desk_settings* desks::find(const desk_id& id) const {
  const auto at = desks_.find(id);
  return at == desks_.end() ? nullptr : &at->second.settings;
}

std::optional<wire::door> desks::door_of(const desk_id& id, seconds now) const {
  const auto found = desks_.find(id);
  if (found == desks_.end()) return std::nullopt;
  return door(found->second, now);
}

std::optional<figures> desks::figures_of(const desk_id& id, seconds now) const {
  const auto found = desks_.find(id);
  if (found == desks_.end()) return std::nullopt;
  const wire::line_state line = line_state(found->second, now);
  figures out{door(found->second, now), line.present, line.free, line.longest_wait, 0, 0, 0};
  for (const auto& [name, one] : conversations_)
    if (one.desk == id && !one.in_line() && !one.has_left(side::survivor) && !one.has_left(side::counselor))
      ++out.chats;
  return out;
}

// --- events ---

outcome desks::login(connection_id who, const member& as, seconds now) {
  const staff_id& id = as.id;
  if (const auto old = staff_.find(id); old != staff_.end()) fail(old->second.at, wire::error::taken_over, 0, now);
  connection& here = connections_[who];
  here.now = phase::staff;
  here.staff = id;
  colleague& someone = staff_[id];
  someone.at = who;
  someone.who = as;
  one_desk& desk = desks_.at(as.desk);
  desk.changed = true;

  std::map<std::uint64_t, place_of> serves;  // in the order of their entry
  for (const conversation_id& name : serving_[id]) {
    const place_of one = conversations_.find(name);
    serves.emplace(one->second.order, one);
  }
  tell(who, wire::logged_in{as.desk, desk.settings.capacity_max, static_cast<std::uint32_t>(serves.size())});
  for (const auto& [order, one] : serves) {
    greet_back(who, one, side::counselor, now);
    tell(one->second, side::survivor, wire::peer_state{one->first, wire::presence::here});
  }
  for (const auto& [order, one] : serves) send_mail(who, one->second.to_counselor);
  return finish(now);
}

outcome desks::take_over(const staff_id& id, seconds now) {
  if (const auto old = staff_.find(id); old != staff_.end()) fail(old->second.at, wire::error::taken_over, 0, now);
  return finish(now);
}

outcome desks::review(const std::function<staff_standing(const staff_id&)>& of, seconds now) {
  std::set<staff_id> all;
  for (const auto& [id, someone] : staff_) all.insert(id);
  for (const auto& [id, serves] : serving_)
    if (!serves.empty()) all.insert(id);
  for (const staff_id& id : all) {
    const staff_standing standing = of(id);
    if (standing == staff_standing::dismissed) dismiss(id, now);
    if (standing == staff_standing::out_of_time) let_finish(id, now);
  }
  return finish(now);
}

outcome desks::received(connection_id who, const wire::client_message& said, seconds now) {
  std::visit(
      [&](const auto& one) {
        if constexpr (requires { on(who, one, now); })
          on(who, one, now);
        else
          require(false, "enter, resume and login have their own ways in");
      },
      said);
  return finish(now);
}

outcome desks::closed(connection_id who, seconds now) {
  detach(who, now);
  return finish(now);
}

outcome desks::tick(seconds now) {
  for (place_of at = conversations_.begin(); at != conversations_.end();) {
    const place_of next = std::next(at);
    tick_conversation(at, now);
    at = next;
  }
  tick_invitations(now);
  for (auto& [id, at] : desks_) tick_desk(at, now);
  return finish(now);
}

void desks::tick_conversation(place_of at, seconds now) {
  conversation& here = at->second;
  // Ticks count too: what was entered while the clock was far ahead would stay for as long once that is mended.
  if (elapsed(here.entered, now) >= life_seconds_max || ++here.ticks > life_seconds_max) return end(at);
  if (const seconds left = std::max(here.survivor_left, here.counselor_left);
      left != 0 && elapsed(left, now) >= wire::leave_grace_seconds)
    return end(at);
  if (!here.in_line()) return;
  if (here.called && elapsed(here.called_at, now) >= wire::accept_seconds) {
    staff_.at(*here.called).free = false;  // until it says duty again
    withdraw(at, wire::withdrawal::not_accepted);
  }
  if (!here.survivor && !here.called && elapsed(here.away_since, now) >= absence_seconds_max) erase(at);
}

// --- connections ---

// A peer's fault, or another connection in its place: to the desk it is gone from now on.
void desks::fail(connection_id who, wire::error why, byte about, seconds now) {
  out_.effects.push_back(close{who, why, about});
  detach(who, now);
}

void desks::detach(connection_id who, seconds now) {
  const auto found = connections_.find(who);
  if (found == connections_.end()) return;
  const connection gone = std::move(found->second);
  connections_.erase(found);
  if (gone.watches) desks_.at(*gone.watches).watchers.erase(who);
  for (const conversation_id& name : gone.attached) detach_survivor(who, name, now);
  if (gone.now == phase::staff) detach_staff(gone.staff);
}

void desks::detach_survivor(connection_id who, const conversation_id& from, seconds now) {
  conversation& here = conversations_.at(from);
  if (here.survivor != who) return;  // another connection took its place
  here.survivor.reset();
  here.away_since = now;
  desk_of(here).changed = true;
  if (!here.in_line()) tell(here, side::counselor, wire::peer_state{from, wire::presence::away});
}

// A call goes at once to the next colleague; who is being served keeps their counselor.
void desks::detach_staff(const staff_id& id) {
  desks_.at(staff_.at(id).who.desk).changed = true;
  staff_.erase(id);
  end_invitations_of(id);
  const std::set<conversation_id> serves = serving_[id];
  for (const conversation_id& name : serves) {
    const place_of at = conversations_.find(name);
    if (at->second.in_line())
      uncall(at);
    else
      tell(at->second, side::survivor, wire::peer_state{name, wire::presence::away});
  }
}

// As if it had said `leave` of each talk, whether it is here or not; its console forgets them before it is closed.
void desks::dismiss(const staff_id& id, seconds now) {
  const auto here = staff_.find(id);
  const std::set<conversation_id> serves = serving_[id];
  for (const conversation_id& name : serves) {
    const place_of at = conversations_.find(name);
    if (at->second.in_line()) continue;  // a call, which goes on with the console
    leave_talk({at, side::counselor}, now);
    if (here != staff_.end()) tell(here->second.at, wire::left{name});
  }
  if (here != staff_.end()) fail(here->second.at, wire::error::login_refused, 0, now);
}

void desks::let_finish(const staff_id& id, seconds now) {
  const auto here = staff_.find(id);
  if (here == staff_.end()) return;  // may still come back to what it serves
  withdraw_calls(id);                // no survivor would take its OFFER
  end_invitations_to(id);
  if (!serves(id)) fail(here->second.at, wire::error::login_refused, 0, now);
}

// What this connection still says about the conversation was on its way when it ended: dropped without a word.
void desks::forget(connection_id who, const conversation_id& id) {
  connection& here = connections_[who];
  std::erase(here.attached, id);
  here.past.push_back(id);
  if (here.past.size() > past_max) here.past.pop_front();
}

// --- the end of a conversation ---

void desks::end(place_of at) {
  conversation& here = at->second;
  end_invitation(at->first, wire::invitation_end::gone);
  if (here.called) withdraw(at, wire::withdrawal::survivor_left);
  for (const side who : {side::survivor, side::counselor}) {
    if (!here.in_line()) tell(here, who, wire::peer_state{at->first, wire::presence::left});
    tell(here, who, wire::left{at->first});
  }
  erase(at);
}

void desks::erase(place_of at) {
  const conversation& here = at->second;
  one_desk& desk = desk_of(here);
  desk.line.erase(here.order);
  desk.changed = true;
  for (const side who : {side::survivor, side::counselor})
    if (const auto there = connection_of(here, who)) forget(*there, at->first);
  if (here.called) serving_[*here.called].erase(at->first);
  if (here.counselor) serving_[*here.counselor].erase(at->first);
  out_.writes.push_back(erase_conversation{at->first});
  conversations_.erase(at);
}

// --- small things ---

void desks::save(place_of at) { out_.writes.push_back(put_conversation{at->first, encode(at->second)}); }

std::optional<connection_id> desks::connection_of(const conversation& of, side who) const {
  if (who == side::survivor) return of.survivor;
  if (of.has_left(side::counselor)) return std::nullopt;
  const std::optional<staff_id>& id = of.in_line() ? of.called : of.counselor;
  const auto at = id ? staff_.find(*id) : staff_.end();
  return at == staff_.end() ? std::nullopt : std::optional(at->second.at);
}

void desks::tell(connection_id to, const wire::server_message& said) {
  out_.effects.push_back(send{to, std::make_shared<const bytes>(wire::encode(said))});
}

void desks::tell(const conversation& of, side who, const wire::server_message& said) {
  if (const auto to = connection_of(of, who)) tell(*to, said);
}

desks::one_desk& desks::desk_of(const conversation& of) { return desks_.at(of.desk); }

outcome desks::finish(seconds now) {
  for (auto& [id, at] : desks_)
    if (std::exchange(at.changed, false)) {
      call_from_line(at, now);
      announce(at, now);
    }
  return std::exchange(out_, {});
}

}  // namespace tomoshibi::desk
