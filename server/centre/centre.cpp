#include "server/centre/centre.hpp"

#include "crypto/return_phrase.hpp"
#include "server/centre/phases.hpp"
#include "server/desk/require.hpp"

namespace tomoshibi::centre {
namespace {

using desk::require;

seconds distance(seconds a, seconds b) { return a > b ? a - b : b - a; }

storage::direction direction_of(desk::side to) {
  return to == desk::side::survivor ? storage::direction::to_survivor : storage::direction::to_counselor;
}
desk::side side_of(storage::direction to) {
  return to == storage::direction::to_survivor ? desk::side::survivor : desk::side::counselor;
}

struct to_storage {
  storage::write operator()(desk::put_conversation& w) const {
    return storage::put_conversation{w.conversation, std::move(w.value)};
  }
  storage::write operator()(desk::erase_conversation& w) const { return storage::erase_conversation{w.conversation}; }
  storage::write operator()(desk::put_mail& w) const {
    return storage::put_mail{w.conversation, direction_of(w.to), w.number, *w.value};
  }
  storage::write operator()(desk::erase_mail& w) const {
    return storage::erase_mail{w.conversation, direction_of(w.to), w.through};
  }
};

desk::stored_conversation from_storage(storage::stored_conversation& from) {
  desk::stored_conversation out{from.conversation, std::move(from.value), {}};
  for (storage::stored_mail& frame : from.mail)
    out.mail.push_back({side_of(frame.to), frame.number, std::move(frame.value)});
  return out;
}

std::shared_ptr<const bytes> encoded(const wire::server_message& said) {
  return std::make_shared<const bytes>(wire::encode(said));
}

// A drill at the drill desk alone; and an administrator has no console.
bool may_sit(crypto::role who, desk::desk_kind at) {
  if (at == desk::desk_kind::drill) return who == crypto::role::drill;
  return who != crypto::role::drill && who != crypto::role::administrator;
}

// Survivors who come by the line ask for no other (crypto::answer_offer).
bool takes_calls(crypto::role who) { return who == crypto::role::counselor || who == crypto::role::drill; }

byte code_of(const wire::client_message& said) {
  return std::visit([](const auto& one) { return one.code; }, said);
}
bool about_letters(byte code) { return code >= wire::ask_letter_keys::code && code <= wire::finish_letter::code; }

// What happens first, and what happens next.
desk::outcome joined(desk::outcome first, desk::outcome next) {
  std::ranges::move(next.writes, std::back_inserter(first.writes));
  std::ranges::move(next.effects, std::back_inserter(first.effects));
  return first;
}

desk::outcome refuse(connection_id who, wire::error why, byte about) { return {{}, {desk::close{who, why, about}}}; }

}  // namespace

centre::centre(std::vector<desk::desk_settings> desks, crypto::trust believed, storage::store& keeps,
               std::function<void(storage::completion)> post, outlet& out, crypto::random_source& random,
               std::function<void(std::string_view)> log)
    : settings_(std::move(desks)),
      believed_(std::move(believed)),
      store_(keeps),
      post_(std::move(post)),
      out_(out),
      random_(random),
      log_(std::move(log)),
      nobody_(crypto::sign_public(random.make_secret<32>())) {}

void centre::believe(crypto::trust fresh, std::vector<std::vector<bytes>> certificates, seconds now) {
  require(!letting_out_, "the outlet does not call back");
  const wire::renewed names{fresh.centre_hash, fresh.issuer_hash, fresh.roster_hash};
  const bool shown = names.centre == believed_.centre_hash && names.issuer == believed_.issuer_hash &&
                     names.roster == believed_.roster_hash;
  believed_ = std::move(fresh);
  certificates_ = std::move(certificates);
  places_.clear();
  for (std::size_t member = 0; member < certificates_.size(); ++member)
    for (std::size_t at = 0; at < certificates_[member].size(); ++at)
      places_[crypto::sha256(certificates_[member][at])] = {member, at};
  if (!desks_) return;
  review(now);
  if (shown) return;
  const auto message = encoded(names);
  for (const auto& [who, from] : connections_)
    if (from.now == standing::open) out_.send(who, message);
}

std::expected<void, std::string> centre::start(seconds now) { return read_store(now); }

// --- what comes in ---

void centre::opened(connection_id who, std::string_view origin, seconds now) {
  require(!letting_out_, "the outlet does not call back");
  connection& from = connections_[who];
  from.origin = origin;
  from.challenge = random_.make_block<32>();
  from.opened = now;
  if (!desks_) return close(who, from, wire::error::unavailable, 0);
  out_.send(who, encoded(wire::welcome{now, believed_.centre_hash, believed_.issuer_hash, believed_.roster_hash,
                                       from.challenge}));
}

void centre::received(connection_id who, bytes_view message, seconds now) {
  require(!letting_out_, "the outlet does not call back");
  const auto found = connections_.find(who);
  if (found == connections_.end() || found->second.now != standing::open) return;
  const auto said = wire::decode_client(message);
  if (!said) return take(refuse(who, said.error(), message.empty() ? byte{0} : message[0]), now);
  const byte code = code_of(*said);
  const desk::phase before = desks_->phase_of(who);
  const std::size_t mailboxes = desks_->mailboxes_of(who);
  if (!permitted(code, before)) return take(refuse(who, wire::error::out_of_phase, code), now);
  if (holds_too_much(who, found->second)) return take(refuse(who, wire::error::too_fast, code), now);
  desk::outcome decided = decide(who, found->second, *said, now);
  const desk::phase after = desks_->phase_of(who);
  if (after != before || (after == desk::phase::survivor && desks_->mailboxes_of(who) > mailboxes))
    out_.bound(who, outbox_bytes_max + desks_->mailboxes_of(who) * outbox_bytes_max_by_mailbox);
  take(std::move(decided), now);
}

void centre::closed(connection_id who, seconds now) {
  require(!letting_out_, "the outlet does not call back");
  const auto found = connections_.find(who);
  if (found == connections_.end()) return;
  const standing was = found->second.now;
  connections_.erase(found);
  if (was == standing::open) take(joined(desks_->closed(who, now), letters_->closed(who)), now);
}

void centre::tick(seconds now) {
  require(!letting_out_, "the outlet does not call back");
  if (desks_) {
    close_idle(now);
    if (now < reviewed_ || now - reviewed_ >= review_pause_seconds) review(now);  // a clock may be set back
    return take(joined(desks_->tick(now), letters_->tick(now)), now);
  }
  if (const auto read = read_store(now); !read && log_) log_(read.error());
}

void centre::close_idle(seconds now) {
  for (const auto& [who, from] : connections_)
    if (from.now == standing::open && desk::elapsed(from.opened, now) >= idle_seconds_max &&
        desks_->phase_of(who) == desk::phase::fresh)
      take(refuse(who, wire::error::idle, 0), now);
}

// --- decisions ---

desk::outcome centre::decide(connection_id who, connection& from, const wire::client_message& said, seconds now) {
  if (const auto* entering = std::get_if<wire::enter>(&said))
    return desks_->enter(who, *entering, ticket_good(*entering, now), now);
  if (const auto* back = std::get_if<wire::resume>(&said))
    return desks_->resume(who, *back, crypto::sha256(back->shown), now);
  if (const auto* staff = std::get_if<wire::login>(&said)) return login(who, from, *staff, now);
  if (const auto* key = std::get_if<wire::put_inbox_key>(&said)) return put_inbox_key(who, from, *key, now);
  if (const auto* phrase = std::get_if<wire::show_return>(&said)) return show_return(who, from, *phrase, now);
  if (about_letters(code_of(said))) return letters_->received(who, said, now);
  return desks_->received(who, said, now);
}

// A challenge is single use: whoever is refused is closed, and who is given a newer certificate is given another
// challenge with it. Every reason for a refusal takes the same steps and gives the same answer.
desk::outcome centre::login(connection_id who, connection& from, const wire::login& said, seconds now) {
  const desk::staff_standing worth = standing_of(said.certificate, now);
  const crypto::hash32 name = crypto::sha256(said.certificate);
  // One that expired long ago, or of the issuer before, still leads whoever holds its keys to the newest.
  const crypto::roster::entry* listed = believed_.listed.find(name);
  const bool disabled = listed && (listed->flags & crypto::roster::flag_disabled) != 0;
  const bytes_view newest = newest_of(name, now);
  const bytes_view heir = worth == desk::staff_standing::dismissed && !disabled ? newest : bytes_view();
  const auto shown =
      crypto::open_certificate(heir.empty() ? bytes_view(said.certificate) : heir, believed_.issued_by.key);
  const bool signed_now = crypto::verify_login({from.origin, from.challenge, name, said.time},
                                               shown ? shown->sign_key : believed_.issued_by.key, said.made);
  const desk::desk_settings* at = shown ? desks_->find(shown->desk) : nullptr;
  const bool in_time = distance(said.time, now) <= crypto::login_life;
  const bool proven = shown && signed_now && in_time && at && may_sit(shown->holder, at->kind);
  if (!proven || (worth == desk::staff_standing::dismissed && (heir.empty() || from.renewed_login)))
    return refuse(who, wire::error::login_refused, wire::login::code);
  const bool serves = desks_->serves(name);
  const bytes_view newer = !heir.empty()                  ? heir
                           : serves || from.renewed_login ? bytes_view()
                                                          : newer_than(name, *shown, now);
  if (!newer.empty()) return give_newer(who, from, name, newer, now);
  if (!serves && worth == desk::staff_standing::out_of_time)
    return refuse(who, wire::error::login_refused, wire::login::code);
  from.certificate.assign(said.certificate.begin(), said.certificate.end());
  from.sign_key = shown->sign_key;
  from.desk = shown->desk;
  desk::member as{name, shown->desk, shown->not_after, takes_calls(shown->holder), said.certificate};
  desk::outcome in = desks_->login(who, as, now);
  return joined(std::move(in), admit_to_letters(who, from, now));
}

// The older certificate is proven, and what its login would end on another connection ends now.
desk::outcome centre::give_newer(connection_id who, connection& from, const crypto::hash32& old, bytes_view newer,
                                 seconds now) {
  from.renewed_login = true;
  from.challenge = random_.make_block<32>();
  wire::certificate answer{{}, from.challenge};
  std::ranges::copy(newer, answer.newer.begin());
  desk::outcome out = desks_->take_over(old, now);
  out.effects.push_back(desk::send{who, encoded(answer)});
  return out;
}

// The newest one that is good of the member to whom this one belongs, if it is newer; none: empty.
bytes_view centre::newest_of(const crypto::hash32& name, seconds now) const {
  const auto found = places_.find(name);
  if (found == places_.end()) return {};
  const std::vector<bytes>& all = certificates_[found->second.member];
  for (std::size_t newest = all.size(); --newest > found->second.at;)
    if (believed_.check(all[newest], now)) return all[newest];
  return {};
}

bytes_view centre::newer_than(const crypto::hash32& name, const crypto::certificate& fields, seconds now) const {
  const bytes_view found = newest_of(name, now);
  const auto newest = crypto::open_certificate(found, believed_.issued_by.key);
  return newest && newest->sign_key == fields.sign_key && newest->agree_key == fields.agree_key ? found
                                                                                                : bytes_view();
}

desk::staff_standing centre::standing_of(bytes_view certificate, seconds now) const {
  const auto good = believed_.check(certificate, now);
  if (good) return desk::staff_standing::good;
  const bool by_time_alone =
      good.error() == crypto::failure::expired || good.error() == crypto::failure::not_yet_valid;
  return by_time_alone ? desk::staff_standing::out_of_time : desk::staff_standing::dismissed;
}

// Of somebody who serves but is not connected only the certificate's name is known, which the roster answers for.
void centre::review(seconds now) {
  reviewed_ = now;
  std::map<desk::staff_id, desk::staff_standing> here;
  for (const auto& [who, from] : connections_)
    if (!from.certificate.empty()) here[crypto::sha256(from.certificate)] = standing_of(from.certificate, now);
  desk::outcome out = desks_->review(
      [&](const desk::staff_id& id) {
        if (const auto at = here.find(id); at != here.end()) return at->second;
        const crypto::roster::entry* listed = believed_.listed.find(id);
        const bool good = listed && (listed->flags & crypto::roster::flag_disabled) == 0;
        return good ? desk::staff_standing::good : desk::staff_standing::dismissed;
      },
      now);
  for (const auto& [who, from] : connections_)
    if (from.now == standing::open && !from.certificate.empty())
      out = joined(std::move(out), admit_to_letters(who, from, now));
  out = joined(std::move(out),
               letters_->review([&](bytes_view certificate) { return reads_letters(certificate, now); }));
  take(std::move(out), now);
}

// --- letters ---

bool centre::reads_letters(bytes_view certificate, seconds now) const {
  const auto good = believed_.check(certificate, now);
  if (!good || (good->holder != crypto::role::counselor && good->holder != crypto::role::supervisor)) return false;
  const crypto::roster::entry* listed = believed_.listed.find(crypto::sha256(certificate));
  return listed && (listed->flags & crypto::roster::flag_reads_letters) != 0;
}

// Somebody who is logged in may begin to read letters, and cease.
desk::outcome centre::admit_to_letters(connection_id who, const connection& from, seconds now) {
  if (!reads_letters(from.certificate, now)) return letters_->closed(who);
  desk::letter_member as{crypto::sha256(from.certificate), from.desk, from.sign_key, {}};
  std::ranges::copy(from.certificate, as.certificate.begin());
  return letters_->arrived(who, as, now);
}

desk::outcome centre::put_inbox_key(connection_id who, const connection& from, const wire::put_inbox_key& said,
                                    seconds now) {
  const auto key = crypto::open_inbox_key(said.key, from.sign_key);
  if (!key || key->certificate_hash != crypto::sha256(from.certificate))
    return refuse(who, wire::error::malformed, wire::put_inbox_key::code);
  return letters_->put_key(who, key->day, said.key, now);
}

// One signature is checked, whether anything is known under this phrase or not.
desk::outcome centre::show_return(connection_id who, const connection& from, const wire::show_return& said,
                                  seconds now) {
  const crypto::hash32 name = crypto::sha256(said.locator);
  const std::optional<crypto::sign_public_key> known = letters_->return_key(name);
  const bool signed_by_it = crypto::verify_fetch({from.challenge, crypto::secret<32>(said.locator), said.burn},
                                                 known.value_or(nobody_), said.made);
  out_.bound(who, outbox_bytes_max + outbox_bytes_max_of_replies);
  return letters_->show(who, name, known && signed_by_it, said.burn, now);
}

bool centre::ticket_good(const wire::enter& said, seconds now) const {
  if (!said.ticket) return false;
  const auto shown = crypto::open_ticket(*said.ticket);
  if (!shown) return false;
  const auto certificate = believed_.check(shown->certificate, now);
  return certificate && certificate->holder == crypto::role::drill && certificate->desk == said.desk &&
         distance(shown->time, now) <= crypto::login_life &&
         crypto::verify_ticket(*shown, said.conversation, said.challenge, certificate->sign_key);
}

// --- batches ---

// Counts a message that has to wait for the store.
bool centre::holds_too_much(connection_id who, connection& from) {
  if (!in_store_) return false;
  if (std::exchange(from.held_for, batch_number_) != batch_number_) from.held = 0;
  const bool staff = desks_->phase_of(who) == desk::phase::staff;
  return ++from.held > messages_held_max + desks_->mailboxes_of(who) * messages_held_max_by_mailbox ||
         collecting_.writes.size() >= (staff ? writes_held_max_with_staff : writes_held_max) ||
         collecting_.effects.size() + in_store_->effects.size() >=
             (staff ? effects_held_max_with_staff : effects_held_max);
}

// The latest state of a conversation is the only one that need be written. It takes the place of the one before,
// which what came between may rest on; not that of one before its end.
void centre::batch::add(storage::write one) {
  if (const auto* end = std::get_if<storage::erase_conversation>(&one)) puts.erase(end->conversation);
  if (const auto* put = std::get_if<storage::put_conversation>(&one)) {
    const auto [at, first] = puts.try_emplace(put->conversation, writes.size());
    if (!first) {
      writes[at->second] = std::move(one);
      return;
    }
  }
  writes.push_back(std::move(one));
}

// Whoever is closed is gone to the desks and to the letters, whichever of them decided it; and so on.
void centre::let_go(desk::outcome& decided, seconds now) {
  for (std::size_t i = 0; i < decided.effects.size(); ++i) {
    const auto* const end = std::get_if<desk::close>(&decided.effects[i]);
    if (!end) continue;
    const connection_id who = end->who;
    if (const auto at = connections_.find(who); at != connections_.end()) at->second.now = standing::closing;
    decided = joined(joined(std::move(decided), desks_->closed(who, now)), letters_->closed(who));
  }
}

// Effects go out in the order of their events, and none before every write that came before it is committed.
void centre::take(desk::outcome decided, seconds now) {
  let_go(decided, now);
  for (desk::write& one : decided.writes) collecting_.add(std::visit(to_storage{}, one));
  if (collecting_.writes.empty() && !in_store_) return let_out(decided.effects);
  std::vector<desk::effect>& held = collecting_.writes.empty() ? in_store_->effects : collecting_.effects;
  std::move(decided.effects.begin(), decided.effects.end(), std::back_inserter(held));
  if (!in_store_) submit();
}

void centre::submit() {
  if (collecting_.writes.empty()) return;
  in_store_ = std::exchange(collecting_, {});
  storage::batch work{++batch_number_, std::move(in_store_->writes)};
  store_.submit(std::move(work), post_);  // last: it may complete at once
}

void centre::committed(storage::completion done, seconds now) {
  require(!letting_out_, "the outlet does not call back");
  require(in_store_ && done.number == batch_number_, "a completion is for the batch in the store");
  if (!done.result) return give_up(done.result.error().what, now);
  const batch kept = *std::exchange(in_store_, std::nullopt);
  let_out(kept.effects);
  submit();
}

void centre::let_out(const std::vector<desk::effect>& effects) {
  letting_out_ = true;
  for (const desk::effect& one : effects) {
    if (const auto* message = std::get_if<desk::send>(&one)) {
      if (connections_.contains(message->to)) out_.send(message->to, message->said);
    } else if (const auto* end = std::get_if<desk::close>(&one)) {
      if (const auto at = connections_.find(end->who); at != connections_.end())
        close(end->who, at->second, end->why, end->about);
    }
  }
  letting_out_ = false;
}

void centre::close(connection_id who, connection& from, wire::error why, byte about) {
  from.now = standing::closed;
  out_.send(who, encoded(wire::failed{why, about}));
  out_.close(who, why);
}

// --- the store ---

// What was not committed never happened: everyone is told to come back, and the desks start again from the store.
void centre::give_up(std::string_view what, seconds now) {
  ++failures_;
  if (log_) log_(std::string("the store failed, connections are closed and it is read again: ").append(what));
  in_store_.reset();
  collecting_ = {};
  desks_.reset();
  letters_.reset();
  letting_out_ = true;
  for (auto& [who, from] : connections_)
    if (from.now != standing::closed) close(who, from, wire::error::unavailable, 0);
  letting_out_ = false;
  if (const auto read = read_store(now); !read && log_) log_(read.error());
}

std::expected<void, std::string> centre::read_store(seconds now) {
  reviewed_ = 0;
  auto rows = store_.load();
  if (!rows) return std::unexpected("the store cannot be read: " + rows.error().what);
  std::vector<desk::stored_conversation> talks, written;
  for (storage::stored_conversation& one : *rows)
    (desk::letters::is_row(one.value) ? written : talks).push_back(from_storage(one));
  desk::desks fresh(settings_);
  desk::letters post(
      settings_, [](bytes_view in) { return crypto::sha256(in); }, [this] { return random_.make_block<16>(); });
  if (const auto loaded = fresh.load(std::move(talks), now); !loaded) return loaded;
  if (const auto loaded = post.load(std::move(written), now); !loaded) return loaded;
  desks_ = std::move(fresh);
  letters_ = std::move(post);
  return {};
}

bool centre::idle() const { return !in_store_; }

std::optional<wire::door> centre::door(const wire::desk_id& of, seconds now) const {
  return desks_ ? desks_->door_of(of, now) : std::nullopt;
}

std::optional<desk::figures> centre::figures_of(const wire::desk_id& of, seconds now) const {
  if (!desks_) return std::nullopt;
  std::optional<desk::figures> out = desks_->figures_of(of, now);
  if (out) letters_->add_figures(of, *out, now);
  return out;
}

figures centre::now() const { return {desks_.has_value(), connections_.size(), batch_number_, failures_}; }

}  // namespace tomoshibi::centre
