#include "server/desk/letters.hpp"

#include <algorithm>

#include "server/desk/require.hpp"
#include "server/wire/codec.hpp"

namespace tomoshibi::desk {
namespace {

constexpr seconds day_seconds = 86'400;
constexpr seconds kept_seconds = letters_kept_days * day_seconds;

message encoded(const wire::server_message& said) { return std::make_shared<const bytes>(wire::encode(said)); }

// The oldest day whose keys are not destroyed by the consoles: what is older opens nowhere.
day_number keep_from(const local_days& days) {
  const day_number oldest = days.today > unread_days_max ? days.today - unread_days_max : 0;
  return std::max(days.staffed_before, oldest);
}

bool is_zero(bytes_view in) {
  return std::ranges::all_of(in, [](byte b) { return b == 0; });
}

// A part as it was put into the store, if it is one and the very one.
template <class Part>
bool is_part(bytes_view value, const letter_id& id, frame_number number) {
  const auto said = wire::decode_server(value);
  const auto* part = said ? std::get_if<Part>(&*said) : nullptr;
  return part && part->letter == id && part->number == number;
}

// The mail of a letter's row: its text, or the reply to it.
bool take_mail(const letter_id& id, std::vector<stored_frame> mail, letter& to) {
  for (stored_frame& each : mail) {
    const bool of_text = each.to == side::counselor;
    std::vector<message>& parts = of_text ? to.text : to.reply;
    const frame_number number = parts.size() + 1;
    if (each.number != number || !(of_text ? is_part<wire::letter_part>(each.value, id, number)
                                           : is_part<wire::reply_part>(each.value, id, number)))
      return false;
    parts.push_back(std::make_shared<const bytes>(std::move(each.value)));
  }
  return to.text.size() == (to.state == letter_state::waiting ? to.parts : 0u) &&
         to.reply.size() == (to.state == letter_state::answered ? wire::reply_parts : 0u);
}

// Numbers of stored mail are days.
bool take_mail(std::vector<stored_frame> mail, inbox& to) {
  for (const stored_frame& each : mail) {
    if (each.to != side::counselor || each.value.size() != wire::inbox_key_bytes) return false;
    std::ranges::copy(each.value, to.keys[static_cast<day_number>(each.number)].begin());
  }
  return true;
}

letter make_letter(const wire::begin_letter& said) {
  letter out;
  out.desk = said.desk;
  out.day = said.day;
  out.digest = said.digest;
  out.parts = said.parts;
  if (!is_zero(said.locator_hash) || !is_zero(said.sign_key))
    out.phrase = return_phrase{said.locator_hash, said.sign_key};
  return out;
}

bool is_well_made(const letter& said) {
  const bool size = said.parts == wire::letter_parts_short || said.parts == wire::letter_parts_long;
  return size && (!said.phrase || (!is_zero(said.phrase->locator_hash) && !is_zero(said.phrase->sign_key)));
}

constexpr std::size_t code_bytes = 1 + 16 + 8;  // before the body of a part

}  // namespace

letters::letters(std::vector<desk_settings> settings, std::function<wire::hash(bytes_view)> sha256,
                 std::function<conversation_id()> name_row)
    : sha256_(std::move(sha256)), name_row_(std::move(name_row)) {
  for (desk_settings& one : settings) {
    if (one.kind == desk_kind::drill || !one.days) continue;
    const desk_id id = one.id;
    desks_[id].settings = std::move(one);
  }
}

bool letters::is_row(bytes_view value) {
  return !value.empty() && (value[0] == letter_kind || value[0] == inbox_kind);
}

std::expected<void, std::string> letters::load(std::vector<stored_conversation> all, seconds now) {
  require(letters_.empty() && inboxes_.empty() && members_.empty(), "load comes first");
  for (auto& [id, at] : desks_) at.days = at.settings.days(now);
  for (stored_conversation& from : all) {
    if (from.value.at(0) == inbox_kind) {
      auto decoded = decode_inbox(from.value);
      if (!decoded) return std::unexpected(decoded.error());
      decoded->row = from.conversation;
      if (!take_mail(std::move(from.mail), *decoded))
        return std::unexpected("the stored keys of an inbox are damaged: one of them is none");
      inboxes_[sha256_(decoded->certificate)] = *std::move(decoded);
      continue;
    }
    auto decoded = decode_letter(from.value);
    if (!decoded) return std::unexpected(decoded.error());
    if (!find(decoded->fields.desk))
      return std::unexpected(
          "a stored letter belongs to a desk that the settings do not name: put the desk back until its letters are "
          "erased (30 days at most)");
    decoded->fields.row = from.conversation;
    if (!take_mail(decoded->id, std::move(from.mail), decoded->fields))
      return std::unexpected("a stored letter is damaged: a part is missing or is another one");
    letters_.emplace(decoded->id, std::move(decoded->fields));
  }
  return {};
}

outcome letters::received(connection_id who, const wire::client_message& said, seconds now) {
  std::visit(
      [&](const auto& one) {
        if constexpr (requires { on(who, one, now); })
          on(who, one, now);
        else
          require(false, "a key and a return phrase have their own ways in");
      },
      said);
  return finish();
}

// --- who can read ---

void letters::on(connection_id who, const wire::ask_letter_keys& said, seconds now) {
  if (!callers_[who].questions.take(key_questions, now))
    return fail(who, wire::error::too_fast, wire::ask_letter_keys::code);
  wire::letter_day answer{said.desk, 0, 0, 0, 0, false};
  const one_desk* const at = find(said.desk);
  if (!at || !at->settings.reachable) return tell(who, answer);
  const hours_state hours = at->settings.hours(now);
  answer.day = at->settings.days(now).today;
  const std::vector<const inbox*> by = readers(said.desk, answer.day);
  answer.readers = static_cast<byte>(by.size());
  answer.read_from = hours.open ? now : hours.next_opening.value_or(0);
  answer.kept_days = letters_kept_days;
  answer.taken = by.size() >= letter_readers_least && has_room(said.desk);
  tell(who, answer);
  for (const inbox* const each : by) tell(who, wire::letter_reader{each->certificate, each->keys.at(answer.day)});
}

std::vector<const inbox*> letters::readers(const desk_id& of, day_number day) const {
  std::vector<const inbox*> out;
  for (const auto& [id, one] : inboxes_)
    if (one.desk == of && one.keys.contains(day) && out.size() < wire::letter_readers_max) out.push_back(&one);
  return out;
}

bool letters::has_room(const desk_id& of) const {
  std::uint32_t waiting = 0, kept = 0;
  for (const auto& [id, one] : letters_) {
    if (one.desk != of) continue;
    ++kept;
    if (one.state == letter_state::waiting) ++waiting;
  }
  return waiting < letters_waiting_max && kept < letters_kept_max;
}

// --- depositing ---

void letters::on(connection_id who, const wire::begin_letter& said, seconds now) {
  caller& from = callers_[who];
  from.depositing.reset();  // one at a time
  letter wanted = make_letter(said);
  if (answer_known(who, said.letter, wanted)) return;
  if (const auto why = fault_of(wanted)) return refuse(who, said.letter, *why);
  if (!is_day(*find(said.desk), said.day, now)) return refuse(who, said.letter, wire::letter_refusal::another_day);
  if (!begun_.take(letters_begun, now)) return refuse(who, said.letter, wire::letter_refusal::full);
  from.depositing = deposit{said.letter, std::move(wanted), now};
}

bool letters::is_day(const one_desk& at, day_number day, seconds now) const {
  return day == at.settings.days(now).today || day == at.settings.days(now - yesterday_seconds_max).today;
}

// The id is in use: by this very letter, whose answer was lost, or by another.
bool letters::answer_known(connection_id who, const letter_id& id, const letter& said) {
  const auto known = letters_.find(id);
  if (known == letters_.end()) return false;
  if (known->second.is_same(said))
    tell(who, wire::letter_stored{id, known->second.kept_until});
  else
    refuse(who, id, wire::letter_refusal::unknown);
  return true;
}

std::optional<wire::letter_refusal> letters::fault_of(const letter& said) const {
  using wire::letter_refusal;
  const auto at = desks_.find(said.desk);
  if (at == desks_.end() || !at->second.settings.reachable || !is_well_made(said)) return letter_refusal::unknown;
  std::size_t under_it = 0;
  if (said.phrase)
    for (const auto& [id, one] : letters_) {
      if (!one.phrase || one.phrase->locator_hash != said.phrase->locator_hash) continue;
      if (one.phrase->sign_key != said.phrase->sign_key) return letter_refusal::unknown;
      ++under_it;
    }
  if (under_it >= wire::letters_by_locator_max || !has_room(said.desk)) return letter_refusal::full;
  return std::nullopt;
}

// Parts of a letter that is not being collected were on their way when that was answered.
void letters::on(connection_id who, const wire::letter_part& said, seconds now) {
  caller& from = callers_[who];
  if (!from.depositing || from.depositing->id != said.letter) return;
  letter& here = from.depositing->so_far;
  if (said.number != here.text.size() + 1) {
    from.depositing.reset();
    return refuse(who, said.letter, wire::letter_refusal::unknown);
  }
  here.text.push_back(encoded(said));
  if (here.text.size() == here.parts) keep(who, *std::exchange(from.depositing, std::nullopt), now);
}

void letters::keep(connection_id who, deposit whole, seconds now) {
  if (answer_known(who, whole.id, whole.so_far)) return;
  if (const auto why = fault_of(whole.so_far)) return refuse(who, whole.id, *why);  // others came meanwhile
  writer all(whole.so_far.parts * sizeof(wire::frame));
  for (const message& part : whole.so_far.text) all.put(bytes_view(*part).subspan(code_bytes));
  if (sha256_(all.finish()) != whole.so_far.digest) return refuse(who, whole.id, wire::letter_refusal::unknown);
  whole.so_far.row = name_row_();
  whole.so_far.stored_at = now;
  whole.so_far.kept_until = now + kept_seconds;
  const place_of at = letters_.emplace(whole.id, std::move(whole.so_far)).first;
  save(at);
  for (frame_number n = 1; n <= at->second.parts; ++n)
    out_.writes.push_back(put_mail{at->second.row, side::counselor, n, at->second.text[n - 1]});
  tell(who, wire::letter_stored{at->first, at->second.kept_until});
  find(at->second.desk)->changed = true;
}

// --- the return phrase ---

// Every letter is looked at, whatever is found: the time it takes says nothing.
std::optional<block<32>> letters::return_key(const wire::hash& locator_hash) const {
  std::optional<block<32>> out;
  for (const auto& [id, one] : letters_)
    if (one.phrase && one.phrase->locator_hash == locator_hash) out = one.phrase->sign_key;
  return out;
}

outcome letters::show(connection_id who, const wire::hash& locator_hash, bool proven, bool burn, seconds now) {
  if (!callers_[who].visits.take(return_visits, now)) {
    fail(who, wire::error::too_fast, wire::show_return::code);
    return finish();
  }
  std::vector<place_of> under_it;
  for (place_of at = letters_.begin(); proven && at != letters_.end(); ++at)
    if (at->second.phrase && at->second.phrase->locator_hash == locator_hash) under_it.push_back(at);
  wire::returned answer;
  answer.found = proven;
  if (burn) {
    for (const place_of at : under_it) {
      if (at->second.reader) refuse(*at->second.reader, at->first, wire::letter_refusal::unknown);
      erase(at);
    }
    tell(who, answer);
    return finish();
  }
  std::ranges::sort(under_it, {}, [](const place_of at) { return std::pair(at->second.stored_at, at->first); });
  for (const place_of at : under_it) {
    answer.waiting = static_cast<byte>(answer.waiting + (at->second.state == letter_state::waiting));
    answer.read = static_cast<byte>(answer.read + (at->second.state == letter_state::read));
    answer.never_read = static_cast<byte>(answer.never_read + (at->second.state == letter_state::never_read));
    answer.replies = static_cast<byte>(answer.replies + (at->second.state == letter_state::answered));
    answer.kept_until = std::max(answer.kept_until, at->second.kept_until);
  }
  tell(who, answer);
  for (const place_of at : under_it)
    for (const message& part : at->second.reply) out_.effects.push_back(send{who, part});
  return finish();
}

// --- staff ---

outcome letters::arrived(connection_id who, const letter_member& as, seconds now) {
  one_desk* const at = find(as.desk);
  if (!at || members_.contains(who)) return {};
  members_[who].as = as;
  for (auto& [id, one] : letters_) one.put_back_by.erase(as.id);
  tell_days(who, at->settings.days(now));
  at->changed = true;
  return finish();
}

void letters::tell_days(connection_id who, const local_days& days) {
  tell(who, wire::inbox_days{days.today, keep_from(days)});
}

outcome letters::put_key(connection_id who, day_number day, const block<wire::inbox_key_bytes>& signed_key,
                         seconds now) {
  const auto by = members_.find(who);
  if (by == members_.end()) return {};
  const day_number today = find(by->second.as.desk)->settings.days(now).today;
  if (day < today || day > today + keys_ahead_days) return {};
  if (inbox* const to = inbox_of(by->second.as)) put(*to, day, signed_key);
  return finish();
}

// A member's newer certificate takes the place of the one before: nobody counts twice. None: there is no room.
inbox* letters::inbox_of(const letter_member& as) {
  if (const auto known = inboxes_.find(as.id); known != inboxes_.end()) return &known->second;
  for (auto at = inboxes_.begin(); at != inboxes_.end();) {
    const bool before = at->second.holder == as.holder;
    if (before) out_.writes.push_back(erase_conversation{at->second.row});
    at = before ? inboxes_.erase(at) : std::next(at);
  }
  if (inboxes_.size() >= inboxes_max) return nullptr;
  inbox& made = inboxes_[as.id];
  made = {name_row_(), as.desk, as.holder, as.certificate, {}};
  out_.writes.push_back(put_conversation{made.row, encode(made)});
  return &made;
}

// Mail in the store is never replaced: it is erased up to and with that day, and what lay before put there again.
void letters::put(inbox& to, day_number day, const block<wire::inbox_key_bytes>& key) {
  const auto write_down = [&](day_number of, const block<wire::inbox_key_bytes>& one) {
    const auto value = std::make_shared<const bytes>(one.begin(), one.end());
    out_.writes.push_back(put_mail{to.row, side::counselor, of, value});
  };
  const auto known = to.keys.find(day);
  if (known != to.keys.end()) {
    if (known->second == key) return;
    out_.writes.push_back(erase_mail{to.row, side::counselor, day});
    for (auto at = to.keys.begin(); at != known; ++at) write_down(at->first, at->second);
  }
  to.keys[day] = key;
  write_down(day, key);
}

outcome letters::review(const std::function<bool(bytes_view)>& reads) {
  for (auto at = inboxes_.begin(); at != inboxes_.end();) {
    const bool good = find(at->second.desk) && reads(at->second.certificate);
    if (!good) out_.writes.push_back(erase_conversation{at->second.row});
    at = good ? std::next(at) : inboxes_.erase(at);
  }
  return finish();
}

letters::place_of letters::oldest_for(const member& by) {
  place_of oldest = letters_.end();
  for (place_of at = letters_.begin(); at != letters_.end(); ++at) {
    const letter& one = at->second;
    if (one.desk != by.as.desk || one.state != letter_state::waiting || one.reader) continue;
    if (one.put_back_by.contains(by.as.id)) continue;
    if (oldest == letters_.end() || one.stored_at < oldest->second.stored_at) oldest = at;
  }
  return oldest;
}

void letters::on(connection_id who, const wire::take_letter&, seconds) {
  const auto by = members_.find(who);
  if (by == members_.end()) return tell(who, wire::letter_given{});
  if (by->second.in_hand) return fail(who, wire::error::out_of_phase, wire::take_letter::code);
  const place_of at = oldest_for(by->second);
  if (at == letters_.end()) return tell(who, wire::letter_given{});
  letter& one = at->second;
  one.reader = who;
  by->second.in_hand = at->first;
  by->second.reply.clear();
  find(one.desk)->changed = true;
  tell(who, wire::letter_given{at->first, one.day, one.parts, one.phrase.has_value(), one.stored_at});
  for (const message& part : one.text) out_.effects.push_back(send{who, part});
}

// From the first part on it may be said anew; what is out of order makes no reply, which `finish_letter` tells.
void letters::on(connection_id who, const wire::reply_part& said, seconds) {
  const auto by = members_.find(who);
  if (by == members_.end() || by->second.in_hand != said.letter) return;
  std::vector<message>& reply = by->second.reply;
  if (said.number == 1 || said.number != reply.size() + 1 || said.number > wire::reply_parts) reply.clear();
  if (said.number == reply.size() + 1) reply.push_back(encoded(said));
}

void letters::on(connection_id who, const wire::finish_letter& said, seconds) {
  const auto by = members_.find(who);
  if (by == members_.end()) return refuse(who, said.letter, wire::letter_refusal::unknown);
  if (by->second.in_hand != said.letter) {
    const auto latest = finished_.find(by->second.as.id);
    if (latest == finished_.end() || latest->second.id != said.letter)
      return refuse(who, said.letter, wire::letter_refusal::unknown);
    return tell(who, wire::letter_stored{said.letter, latest->second.kept_until});
  }
  const place_of at = letters_.find(said.letter);
  const desk_id desk = at->second.desk;
  const seconds kept_until =
      at->second.phrase || said.how == wire::letter_finish::put_back ? at->second.kept_until : 0;
  if (!finish(at, said.how, by->second)) return refuse(who, said.letter, wire::letter_refusal::unknown);
  by->second.in_hand.reset();
  if (said.how != wire::letter_finish::put_back) finished_[by->second.as.id] = {said.letter, kept_until};
  tell(who, wire::letter_stored{said.letter, kept_until});
  find(desk)->changed = true;
}

// False: there is no whole reply, or nobody could fetch it.
bool letters::finish(place_of at, wire::letter_finish how, member& by) {
  letter& one = at->second;
  if (how == wire::letter_finish::put_back) {
    one.reader.reset();
    one.put_back_by.insert(by.as.id);
    return true;
  }
  if (how == wire::letter_finish::answered && (!one.phrase || by.reply.size() != wire::reply_parts)) return false;
  if (!one.phrase) return erase(at), true;
  std::vector<message> reply = std::exchange(by.reply, {});
  erase_text(at);
  one.state = how == wire::letter_finish::answered ? letter_state::answered : letter_state::read;
  save(at);
  if (how == wire::letter_finish::read) return true;
  one.reply = std::move(reply);
  for (frame_number n = 1; n <= wire::reply_parts; ++n)
    out_.writes.push_back(put_mail{one.row, side::survivor, n, one.reply[n - 1]});
  return true;
}

// --- time ---

outcome letters::closed(connection_id who) {
  detach(who);
  return finish();
}

void letters::detach(connection_id who) {
  take_from(who);
  callers_.erase(who);
  members_.erase(who);
}

void letters::take_from(connection_id who) {
  const auto by = members_.find(who);
  if (by == members_.end() || !by->second.in_hand) return;
  if (const auto at = letters_.find(*by->second.in_hand); at != letters_.end()) {
    at->second.reader.reset();
    find(at->second.desk)->changed = true;
  }
  by->second.in_hand.reset();
  by->second.reply.clear();
}

outcome letters::tick(seconds now) {
  for (auto& [who, one] : callers_)
    if (one.depositing && elapsed(one.depositing->begun, now) >= deposit_seconds_max)
      refuse(who, std::exchange(one.depositing, std::nullopt)->id, wire::letter_refusal::unknown);
  for (auto& [id, at] : desks_) tick_desk(id, at, now);
  for (place_of at = letters_.begin(); at != letters_.end();) {
    const place_of next = std::next(at);
    tick_letter(at, now);
    at = next;
  }
  return finish();
}

// A new day: keys of the days before are of no use to anybody who writes.
void letters::tick_desk(const desk_id& id, one_desk& at, seconds now) {
  const local_days days = at.settings.days(now);
  if (days == at.days) return;
  at.days = days;
  for (const auto& [who, one] : members_)
    if (one.as.desk == id) tell_days(who, days);
  for (auto& [holder, one] : inboxes_) {
    if (one.desk != id || one.keys.empty() || one.keys.begin()->first >= days.today) continue;
    out_.writes.push_back(erase_mail{one.row, side::counselor, days.today - 1});
    std::erase_if(one.keys, [&](const auto& key) { return key.first < days.today; });
  }
}

void letters::tick_letter(place_of at, seconds now) {
  letter& one = at->second;
  one.kept_until = std::min(one.kept_until, now + kept_seconds);  // the clock was far ahead when it came
  if (one.kept_until <= now) return erase(at);
  if (one.state != letter_state::waiting || one.day >= keep_from(find(one.desk)->days)) return;
  if (!one.phrase) return erase(at);
  erase_text(at);
  one.state = letter_state::never_read;
  save(at);
}

// --- small things ---

// Whoever reads it loses it. The caller saves the letter.
void letters::erase_text(place_of at) {
  if (at->second.reader) take_from(*at->second.reader);
  at->second.put_back_by.clear();
  out_.writes.push_back(erase_mail{at->second.row, side::counselor, at->second.parts});
  at->second.text.clear();
  find(at->second.desk)->changed = true;
}

void letters::erase(place_of at) {
  if (at->second.reader) take_from(*at->second.reader);
  find(at->second.desk)->changed = true;
  out_.writes.push_back(erase_conversation{at->second.row});
  letters_.erase(at);
}

wire::letters_state letters::state_of(const desk_id& of) const {
  wire::letters_state out;
  for (const auto& [id, one] : letters_) {
    if (one.desk != of || one.state != letter_state::waiting || one.reader) continue;
    out.oldest = out.waiting++ == 0 ? one.stored_at : std::min(out.oldest, one.stored_at);
  }
  return out;
}

void letters::add_figures(const desk_id& of, figures& to, seconds now) const {
  const auto at = desks_.find(of);
  if (at == desks_.end()) return;
  to.letters = static_cast<std::uint32_t>(std::ranges::count_if(
      letters_, [&](const auto& one) { return one.second.desk == of && one.second.state == letter_state::waiting; }));
  to.letter_readers = static_cast<std::uint32_t>(readers(of, at->second.settings.days(now).today).size());
}

void letters::save(place_of at) {
  out_.writes.push_back(put_conversation{at->second.row, encode(at->first, at->second)});
}

void letters::refuse(connection_id who, const letter_id& id, wire::letter_refusal why) {
  tell(who, wire::letter_refused{id, why});
}

void letters::fail(connection_id who, wire::error why, byte about) {
  out_.effects.push_back(close{who, why, about});
  detach(who);
}

void letters::tell(connection_id to, const wire::server_message& said) {
  out_.effects.push_back(send{to, encoded(said)});
}

letters::one_desk* letters::find(const desk_id& id) {
  const auto at = desks_.find(id);
  return at == desks_.end() ? nullptr : &at->second;
}

// Each member is told what waits at the desk, if it is not what it was told before.
outcome letters::finish() {
  for (auto& [id, at] : desks_) {
    if (!std::exchange(at.changed, false)) continue;
    const message state = encoded(state_of(id));
    for (auto& [who, one] : members_)
      if (one.as.desk == id && std::exchange(one.told, *state) != *state) out_.effects.push_back(send{who, state});
  }
  return std::exchange(out_, {});
}

}  // namespace tomoshibi::desk
