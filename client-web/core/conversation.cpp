#include "client-web/core/conversation.hpp"

#include <algorithm>
#include <ranges>

#include "crypto/vault.hpp"

namespace tomoshibi::core {

using crypto::body_type;
using crypto::random_source;

namespace {

constexpr std::size_t text_bytes_beside = sizeof(message_id) + 1;
constexpr std::size_t history_bytes_beside = 1 + text_bytes_beside;

std::size_t frames_of(std::size_t message_bytes) {
  return (message_bytes + crypto::body_data_bytes_max - 1) / crypto::body_data_bytes_max;
}

bool comes_in_pieces(body_type type) {
  return type == body_type::text || type == body_type::history || type == body_type::sheet ||
         type == body_type::sequenced;
}

// What the owner deals with, but for the sheet, which comes in pieces.
bool is_errand(body_type type) {
  return type == body_type::handover_offer || type == body_type::handover_accept || type == body_type::invitation ||
         type == body_type::withdrawal || type == body_type::company;
}

crypto::side other(crypto::side one) {
  return one == crypto::side::survivor ? crypto::side::counselor : crypto::side::survivor;
}

// Of a message in one frame. A text and a history are looked at when they are whole.
bool keeps_layout(const crypto::session::opened& body) {
  switch (body.type) {
    case body_type::close:
    case body_type::history_wanted:
    case body_type::left_by_exit:
      return body.data.empty() && !body.more;
    case body_type::delivered:
      return !body.data.empty() && body.data.size() % sizeof(message_id) == 0 && !body.more;
    default:
      return true;
  }
}

}  // namespace

// --- the connection ---

template <class Kind>
void conversation::post(const crypto::frame& body, output& out) {
  Kind message;
  message.conversation = id_;
  message.number = next_number_++;
  message.body = body;
  unstored_.push_back({message.number, message});
  if (attached_) out.say(unstored_.back().message);
}
template void conversation::post<wire::offer>(const crypto::frame&, output&);
template void conversation::post<wire::hello>(const crypto::frame&, output&);

void conversation::attach(wire::frame_number stored_through, seconds now, random_source& random, output& out) {
  attached_ = true;
  if (ending_ == stage::leaving) return out.say(wire::leave{id_});
  // A server that knows less than it had acknowledged has lost mail, ours and the peer's: nobody can say what.
  if (stored_through < stored_) return fail(core::ending::lost, out);
  if (overtaken(stored_through)) {
    unstored_.clear();
    for (outgoing_text& text : texts_) text.sealed = false;
    hold(out);
  }
  // It may have been lost with the connection, on both sides; then this tab would find no way back.
  if (!resume_secrets_.empty()) register_token(resume_secrets_.front(), out);
  next_number_ = std::max(next_number_, stored_through + 1);
  // Before anything newer: the server takes numbers in their order only.
  for (const mail& waiting : unstored_)
    if (waiting.number > stored_through) out.say(waiting.message);
  stored(stored_through, now, random, out);
}

void conversation::stored(wire::frame_number through, seconds now, random_source& random, output& out) {
  stored_ = std::max(stored_, through);
  while (!unstored_.empty() && unstored_.front().number <= through) unstored_.pop_front();
  for (outgoing_text& text : texts_) {
    if (text.echo || !text.sealed || text.told_stored || text.last_frame > through) continue;
    text.told_stored = true;
    out.tell(text_moved{id_, text.id, text_progress::stored});
  }
  if (ending_ == stage::said && close_number_ <= through && closed_at_ == 0) closed_at_ = now;
  pump(now, random, out);
  tick(now, random, out);
}

bool conversation::take(wire::frame_number number, output& out) {
  const bool fresh = number > taken_;
  taken_ = std::max(taken_, number);
  out.say(wire::taken{id_, taken_});
  return fresh;
}

void conversation::peer_now(wire::presence state, output& out) {
  peer_ = state;
  out.tell(peer_changed{id_, state});
  if (state != wire::presence::left || peer_gone_) return;
  peer_gone_ = true;  // what it said before may still be on its way, so nothing is wiped yet
  if (ending_ == stage::none) tell_end(core::ending::by_peer, out);
  if (!current_) leave(out);  // memory was lost: nothing that comes could be read
}

void conversation::forgotten_by_server(output& out) {
  if (ending_ != stage::leaving) tell_end(core::ending::lost, out);
  out.tell(finished{id_});
}

// --- the session ---

void conversation::hold(output& out) {
  held_ = true;
  if (ending()) leave(out);  // whoever comes back finds that we have left
}

void conversation::session_begins(bool same_tab, output& out) {
  held_ = false;
  start_pieces_again();
  next_body_ = 0;
  in_step_ = true;
  if (ending_ == stage::said) ending_ = stage::wanted;  // our close went into the session before
  // Company, and what was on its way about it, ends with the session.
  errands_.clear();
  heard_.clear();
  end_company(out);
  std::erase_if(texts_, [](const outgoing_text& text) { return text.echo; });
  for (outgoing_text& text : texts_) {
    text.sealed = false;
    text.placed = crypto::secret_bytes();
  }
  // What was asked for in the session before comes no more; `joined` says whether it can be asked for in this one.
  if (asking_ > history_stage::possible) out.tell(recalled{id_});
  asking_ = giving_ = history_stage::none;
  if (!same_tab) {  // what they were told who are not proven to be this peer
    std::erase_if(past_, [](const past_text& text) { return text.delivered; });
    recalled_ = 0;
  }
  for (past_text& text : past_) text.owed = text.delivered;
}

// The first frame of a session says whether this side remembers what was said before it.
void conversation::seal_cover(seconds now, random_source& random, output& out) {
  const byte forgot = we_forgot_ ? 1 : 0;
  seal(body_type::cover, {&forgot, 1}, false, now, random, out);
}

void conversation::begin_as_survivor(crypto::greeting greeting, bool same_tab, seconds now, random_source& random,
                                     output& out) {
  counselor_hash_ = greeting.counselor_hash;
  current_ = std::move(greeting.talk);
  joining_ = {greeting.counselor.alias, same_tab, {}};
  session_begins(same_tab, out);
  post<wire::hello>(greeting.hello, out);
  seal_cover(now, random, out);
  pump(now, random, out);
}

void conversation::begin_as_counselor(crypto::session talk, const crypto::psk_id& proven, bool same_tab) {
  fresh_ = std::move(talk);
  joining_ = {{}, same_tab, proven};
}

void conversation::tell_joined(const expected_join& as, const crypto::session::opened& first, output& out) {
  const bool peer_forgot = first.type == body_type::cover && !first.data.empty() && first.data.front() == 1;
  out.tell(joined{id_, as.alias, as.same_tab, we_forgot_, peer_forgot});
  if (as.same_tab && we_forgot_ && !peer_forgot) asking_ = history_stage::possible;
  if (as.same_tab && peer_forgot) giving_ = history_stage::possible;
  // The counselor speaks once it has opened the survivor's first frame; its own may yet be lost.
  if (us_ == crypto::side::survivor) we_forgot_ = false;
}

// Nothing meant for the one before goes to them, and no secret of the one before leads back here any more.
void conversation::somebody_new(output& out) {
  for (const outgoing_text& text : texts_) out.tell(text_moved{id_, text.id, text_progress::dropped});
  texts_.clear();
  confirming_.clear();
  received_.clear();
  shown_.clear();
  past_.clear();
  recalled_ = 0;
  resume_secrets_.clear();
}

void conversation::frame_arrived(const crypto::frame& in, seconds now, random_source& random, output& out) {
  if (fresh_) {
    if (auto body = fresh_->open(in, now)) return counselor_hears(std::move(*body), now, random, out);
  }
  if (!current_) return;  // memory was lost: this frame belongs to the session before
  const bool had_stepped = current_->resume_secret() != nullptr;
  auto body = current_->open(in, now);
  if (!body) {
    if (current_->broken()) fail(core::ending::broken, out);
    return;
  }
  last_heard_ = now;
  if (us_ == crypto::side::survivor) {
    if (joining_) tell_joined(*std::exchange(joining_, std::nullopt), *body, out);
    learn_resume_secret(random, out);
  } else if (body->stepped && had_stepped) {
    // The survivor answers our step, so it holds the secret of this session: those of earlier sessions are spent.
    we_forgot_ = false;
    resume_secrets_.clear();
    if (const crypto::psk* before = current_->resume_secret_before()) resume_secrets_.push_front(*before);
    if (const crypto::psk* latest = current_->resume_secret()) resume_secrets_.push_front(*latest);
  }
  body_arrived(std::move(*body), now, random, out);
}

// The survivor's first frame in a new session.
void conversation::counselor_hears(crypto::session::opened body, seconds now, random_source& random, output& out) {
  const bool somebody_before = current_.has_value() || we_forgot_;
  current_ = std::move(*fresh_);
  fresh_.reset();
  last_heard_ = now;
  const expected_join as = *std::exchange(joining_, std::nullopt);
  // Secrets newer than the one the survivor showed are of sessions whose answer was lost on the way to it: left here,
  // a few such losses would push out the one that it does hold.
  const auto shown = std::ranges::find(resume_secrets_, as.proven, crypto::make_psk_id);
  if (shown != resume_secrets_.end()) resume_secrets_.erase(resume_secrets_.begin(), shown);
  if (somebody_before && !as.same_tab) somebody_new(out);
  session_begins(as.same_tab, out);
  seal_cover(now, random, out);  // at once, so that the survivor holds a resume secret from the first moment on
  tell_joined(as, body, out);
  body_arrived(std::move(body), now, random, out);
}

void conversation::body_arrived(crypto::session::opened body, seconds now, random_source& random, output& out) {
  if (body.duplicate) return;
  // A frame that never came (an honest server loses none): what was begun cannot be completed. A text stays
  // unconfirmed, so the peer still has it; after the next frame that ends a message, messages are whole again. A
  // frame of another type than the one right before it begins a message.
  const bool follows = body.number == next_body_;
  if (!follows || body.type != last_type_) {
    start_pieces_again();
    in_step_ = follows;
  }
  next_body_ = body.number + 1;
  last_type_ = body.type;
  const bool in_pieces = comes_in_pieces(body.type);
  if (in_pieces) {
    if (!piece_together(body)) return fail(core::ending::broken, out);
    if (in_step_ && !body.more) message_complete(body.type, out);
  }
  in_step_ = in_step_ || !in_pieces || !body.more;
  if (!keeps_layout(body)) {
    // Not looked at: no client of ours seals such a one.
  } else if (body.type == body_type::history_wanted) {
    if (giving_ == history_stage::possible) giving_ = history_stage::wanted;
  } else if (body.type == body_type::delivered) {
    texts_delivered(body.data, out);
  } else if (is_errand(body.type) && !body.more) {
    heard_.push_back({body.type, std::move(body.data)});
  } else if (body.type == body_type::left_by_exit) {
    out.tell(peer_left_by_exit{id_});
  } else if (body.type == body_type::close) {
    peer_closed_ = true;
    if (ending_ == stage::none) {
      tell_end(core::ending::by_peer, out);
      ending_ = stage::wanted;
    }
  }
  pump(now, random, out);
  tick(now, random, out);
}

// False: no honest peer sends so many fragments.
bool conversation::piece_together(const crypto::session::opened& body) {
  if (!in_step_) return true;
  assembling_.insert(assembling_.end(), body.data.begin(), body.data.end());
  ++fragments_;
  return !body.more || fragments_ < crypto::fragments_max;
}

void conversation::start_pieces_again() {
  assembling_ = crypto::secret_bytes();  // `= {}` would keep the buffer, and what is in it
  fragments_ = 0;
}

crypto::secret_bytes conversation::take_pieces() {
  crypto::secret_bytes whole = std::move(assembling_);
  start_pieces_again();
  return whole;
}

void conversation::message_complete(body_type type, output& out) {
  if (type == body_type::text) return text_complete(out);
  if (type == body_type::history) return history_complete(out);
  if (type == body_type::sequenced) return sequenced_complete(out);
  heard_.push_back({type, take_pieces()});
}

void conversation::text_complete(output& out) {
  const crypto::secret_bytes whole = take_pieces();
  reader in(whole);
  text_received text{id_, in.take<16>(), known_language(in.number<byte>()), {}, {}};
  if (!in.ok() || in.left() > text_bytes_max) return;
  const bytes_view words = in.rest();
  text.text.assign(words.begin(), words.end());
  receive(std::move(text), out);
}

void conversation::receive(text_received text, output& out) {
  if (!received_.insert(text.id).second) {
    // Sent again because our 03 was not seen: say it again, show nothing twice.
    if (shown_.contains(text.id)) confirming_.push_back(text.id);
    return;
  }
  remember({text.id, other(us_), text.written_in, text.text, true}, past_.size());
  out.tell(std::move(text));
}

// In the peer's order, and all of it older than what we have of our own. The peer had its 03s from the tab before.
void conversation::history_complete(output& out) {
  const crypto::secret_bytes whole = take_pieces();
  if (asking_ != history_stage::asked) return;
  if (whole.empty()) {
    asking_ = history_stage::none;
    return out.tell(recalled{id_});
  }
  reader in(whole);
  const auto by = static_cast<crypto::side>(in.number<byte>());
  text_recalled text{id_, in.take<16>(), by == us_, known_language(in.number<byte>()), {}};
  const bool here = std::ranges::find(past_, text.id, &past_text::id) != past_.end();
  if (!in.ok() || by > crypto::side::counselor || here || !received_.insert(text.id).second) return;
  shown_.insert(text.id);
  const bytes_view words = in.rest();
  text.text.assign(words.begin(), words.end());
  remember({text.id, by, text.written_in, text.text, true}, recalled_++);
  out.tell(std::move(text));
}

void conversation::texts_delivered(bytes_view ids, output& out) {
  for (reader in(ids); in.left() >= sizeof(message_id);) {
    const message_id id = in.take<16>();
    const auto said = std::ranges::find(texts_, id, &outgoing_text::id);
    if (said == texts_.end()) continue;
    if (const auto past = std::ranges::find(past_, id, &past_text::id); past != past_.end()) {
      past->text = std::move(said->text);
      past->delivered = true;
      trim_past();
    }
    const bool echo = said->echo;
    texts_.erase(said);
    if (echo) continue;
    if (company_) {
      (void)company_->witness.delivered(id);
      watch_transcript(out);
    }
    out.tell(text_moved{id_, id, text_progress::delivered});
  }
}

// --- company ---

void conversation::send(errand what, seconds now, random_source& random, output& out) {
  errands_.push_back(std::move(what));
  pump(now, random, out);
}

void conversation::say_in_order(const crypto::sequenced& entry, bool echo, seconds now, random_source& random,
                                output& out) {
  reader in(entry.text);
  const auto id = in.take<16>();
  const language written_in = known_language(in.number<byte>());
  const bytes_view words = in.rest();
  texts_.push_back({id, written_in, {words.begin(), words.end()}, crypto::encode_sequenced(entry), echo});
  if (entry.sender == crypto::survivor_sender) remember({id, us_, written_in, {}, false}, past_.size());
  pump(now, random, out);
}

// What is on its way since before may get a place or not; what is said from now on has to.
void conversation::begin_company(const crypto::hash32& other, std::string alias, const crypto::hash32& beginning,
                                 output& out) {
  out.tell(company_changed{id_, alias, true});
  company_.emplace(follower{other, std::move(alias),
                            crypto::transcript_witness(beginning, current_->peer_certificate_hash(), other)});
  for (const outgoing_text& text : texts_)
    if (text.sealed) company_->witness.said_before(data_of(text));
}

void conversation::end_company(output& out) {
  if (!company_) return;
  out.tell(company_changed{id_, company_->alias, false});
  company_.reset();
}

void conversation::close_company(seconds now, random_source& random, output& out) {
  std::erase_if(texts_, [](const outgoing_text& text) { return text.echo && !text.sealed; });
  for (outgoing_text& text : texts_)
    if (!text.sealed) text.placed = crypto::secret_bytes();
  send({body_type::company, {}}, now, random, out);
}

void conversation::give_up_texts(output& out) {
  for (const outgoing_text& text : texts_)
    if (!text.echo) out.tell(text_moved{id_, text.id, text_progress::dropped});
  texts_.clear();
}

void conversation::pass_texts_on(conversation& to, output& out) {
  const auto in_order = [](const outgoing_text& text) { return !text.echo && !text.placed.empty(); };
  for (const outgoing_text& text : texts_ | std::views::filter(in_order)) {
    const auto there = std::ranges::find(to.texts_, text.id, &outgoing_text::id);
    if (there == to.texts_.end()) {
      out.tell(text_moved{id_, text.id, text_progress::delivered});
      continue;
    }
    there->echo = false;
    there->told_stored = text.told_stored;
  }
  std::erase_if(texts_, in_order);
}

std::size_t conversation::frames_undelivered() const {
  std::size_t frames = 0;
  for (const outgoing_text& text : texts_)
    frames += frames_of(text.placed.empty() ? text_bytes_beside + text.text.size() : text.placed.size());
  return frames;
}

void conversation::come_forward(random_source& random, output& out) const {
  keep_way_back(random, out);
  out.tell(peer_changed{id_, peer_});
}

void conversation::sequenced_complete(output& out) {
  const crypto::secret_bytes whole = take_pieces();
  // Without company nobody has an order: who said that there is some was not believed, or it is over.
  auto entry = company_ ? company_->witness.follow(whole) : std::unexpected(crypto::failure::forked);
  watch_transcript(out);
  // It comes from the survivor's client all the same, and may be what matters.
  if (!entry) entry = crypto::decode_sequenced(whole);
  if (!entry) return;
  reader in(entry->text);
  text_received text{id_, in.take<16>(), known_language(in.number<byte>()), {}, {}};
  if (entry->sender == current_->peer_certificate_hash()) {
    confirming_.push_back(text.id);  // so that the survivor's client says it no more
    return;
  }
  if (company_ && entry->sender == company_->other) text.by = company_->alias;
  const bytes_view words = in.rest();
  text.text.assign(words.begin(), words.end());
  receive(std::move(text), out);
}

void conversation::watch_transcript(output& out) {
  const bool broken = !company_ || company_->witness.broken();
  if (!broken || std::exchange(told_broken_, true)) return;
  out.tell(transcript_broken{id_});
}

// --- the past ---

void conversation::remember(past_text text, std::size_t place) {
  past_.insert(past_.begin() + static_cast<std::ptrdiff_t>(place), std::move(text));
  trim_past();
}

void conversation::trim_past() {
  std::size_t frames = 0;
  for (const past_text& text : past_) frames += frames_of(history_bytes_beside + text.text.size());
  for (; frames > past_frames_max; past_.pop_front()) {
    frames -= frames_of(history_bytes_beside + past_.front().text.size());
    if (recalled_ > 0) --recalled_;
  }
}

// --- sealing ---

bool conversation::may_seal() const {
  return attached_ && current_ && !held_ && !broken_ && unstored_.size() < frames_unstored_max;
}

bool conversation::seal(body_type type, bytes_view data, bool more, seconds now, random_source& random, output& out) {
  auto sealed = current_->seal(type, data, more, now, random);
  if (!sealed) return false;
  last_sealed_ = now;
  if (us_ == crypto::side::counselor) learn_resume_secret(random, out);
  post<wire::talk>(*sealed, out);
  return true;
}

void conversation::register_token(const crypto::psk& secret, output& out) {
  out.say(wire::register_token{id_, crypto::sha256(crypto::make_resume_token(secret).view())});
}

// Both sides register at each step of the counselor; the survivor's page keeps the secret before it sends again.
void conversation::learn_resume_secret(random_source& random, output& out) {
  const crypto::psk* latest = current_->resume_secret();
  if (latest == nullptr || (!resume_secrets_.empty() && resume_secrets_.front() == *latest)) return;
  resume_secrets_.push_front(*latest);
  // The survivor answered the step before this one, so it needs none that is older. As long as it has not answered in
  // this session, it may hold only one of a session before.
  const bool answered = us_ == crypto::side::counselor && current_->resume_secret_before() != nullptr;
  if (resume_secrets_.size() > (answered ? 2 : 4)) resume_secrets_.pop_back();
  register_token(*latest, out);
  keep_way_back(random, out);
}

void conversation::keep_way_back(random_source& random, output& out) const {
  if (told_end_ || resume_secrets_.empty()) return;
  kept_state kept{kept_kind::talk, id_, resume_secrets_.front(), {}, counselor_hash_};
  if (resume_secrets_.size() > 1) kept.before = resume_secrets_[1];
  crypto::secret_bytes plain = encode_kept(kept);
  if (!kept_key_) return out.tell(keep{id_, std::move(plain)});
  const bytes sealed = crypto::seal_kept(*kept_key_, plain, random);
  out.tell(keep{id_, crypto::secret_bytes(sealed.begin(), sealed.end())});
}

// In as many frames as it takes, one right after the other.
bool conversation::seal_message(body_type type, bytes_view data, seconds now, random_source& random, output& out) {
  for (bytes_view part; !data.empty(); data = data.subspan(part.size())) {
    part = data.first(std::min(crypto::body_data_bytes_max, data.size()));
    if (!seal(type, part, part.size() < data.size(), now, random, out)) return false;
  }
  return true;
}

// As in type 01.
crypto::secret_bytes conversation::data_of(const outgoing_text& text) {
  crypto::secret_writer out(text_bytes_beside + text.text.size());
  return out.put(text.id).number(static_cast<byte>(text.written_in)).put(text.text).finish();
}

void conversation::seal_text(outgoing_text& text, seconds now, random_source& random, output& out) {
  const bool placed = !text.placed.empty();
  const crypto::secret_bytes data = placed ? text.placed : data_of(text);
  if (!seal_message(placed ? body_type::sequenced : body_type::text, data, now, random, out)) return;
  if (company_) company_->witness.said(data);
  text.sealed = true;
  text.last_frame = next_number_ - 1;
}

// As much as may be under way at once; the empty one at its end says that this was all.
void conversation::seal_history(seconds now, random_source& random, output& out) {
  const auto may_give = [&] { return may_seal() && unstored_.size() < history_unstored_max; };
  for (past_text& text : past_) {
    if (!text.owed) continue;
    if (!may_give()) return;
    crypto::secret_writer whole(history_bytes_beside + text.text.size());
    whole.number(static_cast<byte>(text.by)).put(text.id).number(static_cast<byte>(text.written_in)).put(text.text);
    if (!seal_message(body_type::history, whole.finish(), now, random, out)) return;
    text.owed = false;
  }
  if (may_give() && seal(body_type::history, {}, false, now, random, out)) giving_ = history_stage::none;
}

// Everything that waits to be said, in order: errands, texts, confirmations (behind the texts, so that in company no
// text is confirmed that has no place yet), the close; last the history, which has time.
void conversation::pump(seconds now, random_source& random, output& out) {
  for (; may_seal() && !errands_.empty(); errands_.pop_front()) {
    const auto& [type, data] = errands_.front();
    if (data.empty() ? !seal(type, {}, false, now, random, out) : !seal_message(type, data, now, random, out)) return;
  }
  for (outgoing_text& text : texts_) {
    if (!may_seal()) return;
    if (!text.sealed) seal_text(text, now, random, out);
    if (!text.sealed) return;
  }
  if (may_seal() && !confirming_.empty()) {
    constexpr std::size_t ids_max = crypto::body_data_bytes_max / sizeof(message_id);
    writer ids;
    const std::size_t count = std::min(confirming_.size(), ids_max);
    for (std::size_t i = 0; i < count; ++i) ids.put(confirming_[i]);
    if (seal(body_type::delivered, ids.finish(), false, now, random, out))
      confirming_.erase(confirming_.begin(), confirming_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  if (ending_ == stage::wanted && may_seal() && seal(body_type::close, {}, false, now, random, out)) {
    ending_ = stage::said;
    close_number_ = next_number_ - 1;
    closed_at_ = 0;
  }
  if (ending()) return;
  if (asking_ == history_stage::wanted && may_seal() && seal(body_type::history_wanted, {}, false, now, random, out))
    asking_ = history_stage::asked;
  if (giving_ == history_stage::wanted) seal_history(now, random, out);
}

// --- the person ---

said conversation::may_say(std::string_view text) const {
  if (ending() || broken_ || peer_gone_) return said::over;
  if (text.size() > text_bytes_max) return said::too_long;
  const auto own = std::ranges::count(texts_, false, &outgoing_text::echo);
  return static_cast<std::size_t>(own) >= texts_waiting_max ? said::too_many : said::yes;
}

said conversation::say(std::string_view text, language written_in, const message_id& id, seconds now,
                       random_source& random, output& out) {
  if (const said answer = may_say(text); answer != said::yes) return answer;
  texts_.push_back({id, written_in, crypto::secret_bytes(text.begin(), text.end())});
  remember({id, us_, written_in, {}, false}, past_.size());
  pump(now, random, out);
  return said::yes;
}

void conversation::shown(const message_id& id, seconds now, random_source& random, output& out) {
  if (!received_.contains(id) || !shown_.insert(id).second) return;
  confirming_.push_back(id);
  pump(now, random, out);
}

void conversation::recall(seconds now, random_source& random, output& out) {
  if (asking_ > history_stage::possible) return;  // `recalled` will come
  if (asking_ == history_stage::none || ending() || peer_gone_) return out.tell(recalled{id_});
  asking_ = history_stage::wanted;
  pump(now, random, out);
}

void conversation::end(seconds now, random_source& random, output& out) {
  if (ending()) return;
  tell_end(core::ending::by_us, out);
  ending_ = stage::wanted;
  if (!current_ || held_ || peer_gone_) return leave(out);
  pump(now, random, out);
}

void conversation::exit(seconds now, random_source& random, output& out) {
  if (ending_ == stage::leaving) return;
  tell_end(core::ending::by_us, out);
  if (attached_ && current_ && !held_ && !broken_) seal(body_type::left_by_exit, {}, false, now, random, out);
  leave(out);
}

void conversation::tick(seconds now, random_source& random, output& out) {
  if (current_ && current_->tick(now)) return fail(core::ending::lost, out);
  const bool heard_out = peer_closed_ || peer_gone_ || (closed_at_ != 0 && now >= closed_at_ + close_patience);
  if (ending_ == stage::said && closed_at_ != 0 && heard_out) return leave(out);
  if (ending_ != stage::none && ending_ != stage::leaving && (held_ || peer_gone_)) return leave(out);
  // So that the counselor's side can tell a quiet survivor from one who is gone, on nobody's word but the survivor's.
  if (us_ == crypto::side::survivor && may_seal() && now >= last_sealed_ + sign_of_life_pause)
    seal(body_type::cover, {}, false, now, random, out);
}

void conversation::fail(core::ending why, output& out) {
  if (broken_) return;
  broken_ = true;
  tell_end(why, out);
  leave(out);
}

void conversation::tell_end(core::ending why, output& out) {
  if (std::exchange(told_end_, true)) return;
  // Whoever is told that it is over finds no way back on this device, even before the server knows of it.
  out.tell(keep{id_, {}});
  out.tell(ended{id_, why});
}

// Nothing of the conversation stays here: keys and texts are wiped with the objects that hold them. While the server
// cannot be told, the secrets that lead back stay, so that it can be told later.
void conversation::leave(output& out) {
  if (ending_ == stage::leaving) return;
  ending_ = stage::leaving;
  current_.reset();
  fresh_.reset();
  joining_.reset();
  errands_.clear();
  heard_.clear();
  company_.reset();
  texts_.clear();
  unstored_.clear();
  confirming_.clear();
  received_.clear();
  shown_.clear();
  past_.clear();
  asking_ = giving_ = history_stage::none;
  start_pieces_again();
  if (attached_) {
    resume_secrets_.clear();
    out.say(wire::leave{id_});
  }
}

// --- the way back ---

void conversation::restore(const kept_state& kept) {
  counselor_hash_ = kept.counselor;
  if (kept.what != kept_kind::talk) return;  // in the line nothing was said that could be forgotten
  we_forgot_ = true;
  resume_secrets_.push_back(kept.secret);
  if (kept.before != crypto::secret<32>{}) resume_secrets_.push_back(kept.before);
}

std::optional<crypto::psk> conversation::find_psk(const crypto::psk_id& wanted, seconds now) const {
  if (last_heard_ != 0 && now > last_heard_ + wire::resume_grace_seconds) return std::nullopt;
  for (const crypto::psk& kept : resume_secrets_)
    if (crypto::make_psk_id(kept) == wanted) return kept;
  return std::nullopt;
}

crypto::secret_bytes encode_kept(const kept_state& state) {
  crypto::secret_writer out(kept_bytes);
  out.number<byte>(1).number(static_cast<byte>(state.what)).put(state.conversation).put(state.secret.view());
  out.put(state.before.view()).put(state.counselor);
  return out.finish();
}

std::optional<kept_state> decode_kept(bytes_view in) {
  if (in.size() != kept_bytes) return std::nullopt;
  reader from(in);
  kept_state state;
  const byte version = from.number<byte>();
  state.what = static_cast<kept_kind>(from.number<byte>());
  state.conversation = from.take<16>();
  state.secret = crypto::secret<32>(from.view(32).first<32>());
  state.before = crypto::secret<32>(from.view(32).first<32>());
  state.counselor = from.take<32>();
  if (version != 1 || (state.what != kept_kind::place && state.what != kept_kind::talk)) return std::nullopt;
  return state;
}

}  // namespace tomoshibi::core
