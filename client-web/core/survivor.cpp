#include "client-web/core/survivor.hpp"

namespace tomoshibi::core {

// A counselor's client takes the secrets of the last two steps; a survivor's offers no more than these.
static constexpr std::size_t secrets_offered_max = 2;
// Each of them so often: a HELLO that nobody answered may have reached a console that was loaded again right after.
static constexpr std::size_t hellos_by_secret = 2;
// So long somebody to whom the person has said yes is waited for.
static constexpr seconds guest_patience = 60;

survivor::survivor(survivor_settings settings, crypto::random_source& random, bytes_view kept,
                   std::unique_ptr<letters> with)
    : settings_(std::move(settings)),
      random_(random),
      belief_(settings_.root_fingerprint),
      letters_(std::move(with)) {
  const auto before = decode_kept(kept);
  if (!before) return;
  held_.emplace(held{.talk = conversation(crypto::side::survivor, before->conversation)});
  held_->now = held::standing::returning;
  held_->talk.restore(*before);
  if (before->what == kept_kind::place) held_->place_token = before->secret;
}

survivor::held* survivor::find(const conversation_id& id) {
  for (std::optional<held>* each : {&held_, &beside_})
    if (*each && (*each)->talk.id() == id) return &**each;
  return nullptr;
}

// What a conversation tells is for the page, or for the other conversation.
template <class Work>
void survivor::attend(held& in, seconds clock, output& out, Work work) {
  const conversation_id id = in.talk.id();
  output told;
  work(in.talk, told);
  std::ranges::move(told.messages, std::back_inserter(out.messages));
  for (event& each : told.events) consider(std::move(each), id, clock, out);
  if (!is_main(id)) return;
  for (conversation::errand& each : held_->talk.take_heard()) hear(std::move(each), clock, out);
}

// --- the connection ---

void survivor::disconnected(seconds) {
  connected_ = ready_ = false;
  belief_.disconnected();
  if (letters_) letters_->disconnected();
  for (std::optional<held>* each : {&held_, &beside_}) {
    if (!*each) continue;
    (*each)->token_tried = 0;
    (*each)->talk.detach();
  }
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
  for (std::optional<held>* each : {&held_, &beside_})
    if (*each && (*each)->offer) answer(**each, *std::exchange((*each)->offer, std::nullopt), clock, out);
}

void survivor::arrive(seconds clock, output& out) {
  if (!over_) out.say(wire::watch{desk_});
  if (letters_) letters_->arrive(out);
  if (!held_) return;
  if (held_->now == held::standing::entering)
    say_enter(clock, out);
  else
    say_resume(*held_, clock, out);
  if (!beside_) return;
  if (beside_->now == held::standing::entering)
    say_enter_invited(out);
  else
    say_resume(*beside_, clock, out);
}

void survivor::tick(seconds clock, output& out) {
  if (ready_ && !over_ && clock > heard_at_ + silence_max) {
    heard_at_ = clock;  // once for each such while
    out.say(wire::watch{desk_});
  }
  for (std::optional<held>* each : {&held_, &beside_})
    if (*each)
      attend(**each, clock, out,
             [&](conversation& talk, output& told) { talk.tick(centre_time(clock), random_, told); });
  if (held_ && beside_ && beside_->by && !beside_->by->heard && clock > beside_->by->since + guest_patience)
    fail_invitation(clock, out);
}

// --- the line ---

void survivor::enter(seconds clock, output& out) {
  if (held_ || over_) return;
  held_.emplace(held{.talk = conversation(crypto::side::survivor, random_.make_block<16>())});
  held_->place_token = random_.make_secret<32>();
  const conversation_id& id = held_->talk.id();
  out.tell(keep{id, encode_kept({kept_kind::place, id, held_->place_token, {}, {}})});
  if (ready_) say_enter(clock, out);
}

void survivor::say_enter(seconds clock, output& out) {
  if (!held_->nonce) held_->nonce = random_.make_block<32>();
  wire::enter message{desk_, held_->talk.id(), *held_->nonce, crypto::sha256(held_->place_token.view()),
                      std::nullopt};
  if (settings_.ticket)
    message.ticket = settings_.ticket(message.conversation, message.challenge, centre_time(clock));
  out.say(message);
}

// Shows the newest token first; the server may not have heard of it yet, then the one before, then the place's.
void survivor::say_resume(held& in, seconds clock, output& out) {
  std::vector<crypto::secret<32>> tokens;
  for (const crypto::psk& secret : in.talk.resume_secrets()) tokens.push_back(crypto::make_resume_token(secret));
  if (in.place_token != crypto::secret<32>{}) tokens.push_back(in.place_token);
  if (in.token_tried >= tokens.size()) {
    if (is_main(in.talk.id())) return forget(ending::lost, out);
    drop_beside(clock, out);
    return beside_.reset();  // the server knows nothing of it any more
  }

  // A handshake that was asked for and has not come, perhaps because nobody asked: it is asked for again.
  const bool kept = in.now == held::standing::inside && !in.wants_offer && !in.talk.held();
  if (!kept) in.nonce = random_.make_block<32>();
  wire::resume message{in.talk.id(), {}, kept, kept ? wire::nonce{} : *in.nonce};
  std::ranges::copy(tokens[in.token_tried].view(), message.shown.begin());
  out.say(message);
}

void survivor::on(const wire::door& message, seconds, output& out) { out.tell(door_changed{message}); }

void survivor::on(const wire::place& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr) return;
  if (in->now == held::standing::entering) in->now = held::standing::inside;
  if (!in->talk.attached())
    attend(*in, clock, out,
           [&](conversation& talk, output& told) { talk.attach(0, centre_time(clock), random_, told); });
  out.tell(place_changed{message.ahead});
}

void survivor::on(const wire::refused& message, seconds clock, output& out) {
  if (message.why == wire::refusal::no_such_desk && !held_) return out.tell(turned_away{message.why});
  held* in = find(message.conversation);
  if (in == nullptr) return;
  const bool main = is_main(message.conversation);
  if (!main && in->now == held::standing::entering) return fail_invitation(clock, out);
  // Not let in, or the line was let go; either way whoever waits here is told, and may try again.
  if (main && (in->now == held::standing::entering || message.why != wire::refusal::unknown))
    return turn_away(message.why, clock, out);
  ++in->token_tried;
  say_resume(*in, clock, out);
}

// A server may say so in the middle of a talk, too.
void survivor::turn_away(wire::refusal why, seconds clock, output& out) {
  drop_beside(clock, out);
  question_.reset();
  out.tell(turned_away{why});
  out.tell(keep{held_->talk.id(), {}});
  held_.reset();
}

void survivor::on(const wire::resumed& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr) return;
  in->now = held::standing::inside;
  in->wants_offer = false;
  const bool overtaken = in->talk.overtaken(message.stored);
  attend(*in, clock, out, [&](conversation& talk, output& told) {
    talk.attach(message.stored, centre_time(clock), random_, told);
    if (message.now == wire::stage::peer_gone) talk.peer_now(wire::presence::left, told);
  });
  in = find(message.conversation);
  if (!overtaken || in == nullptr || in->talk.ending() || message.now != wire::stage::talking) return;
  in->wants_offer = true;  // another tab spoke in this one's place
  say_resume(*in, clock, out);
}

// --- the talk ---

void survivor::on(const wire::offer& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in != nullptr && in->talk.take(message.number, out)) answer(*in, message.body, clock, out);
}

void survivor::answer(held& in, const wire::frame& offer, seconds clock, output& out) {
  if (!in.nonce || in.talk.ending() || in.talk.peer_gone()) return;
  const auto& secrets = in.talk.resume_secrets();
  const std::size_t which = in.unheard_hellos / hellos_by_secret;
  const bool has_secret = which < std::min(secrets.size(), secrets_offered_max);
  const bool invited = in.by && !in.by->heard;
  const crypto::psk* resume = invited ? &in.by->with : has_secret ? &secrets[which] : nullptr;
  const crypto::expected_counselor known{invited ? in.by->certificate_hash : in.talk.counselor_hash(), !invited};
  auto answer = crypto::answer_offer(offer, *belief_.trust(), settings_.asked_role, desk_,
                                     known.certificate != crypto::hash32{} ? &known : nullptr, in.talk.id(),
                                     *in.nonce, resume, centre_time(clock), random_, belief_.roster_before(clock));
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
      return say_resume(in, clock, out);
    }
    if (!is_main(in.talk.id())) return fail_invitation(clock, out);
    out.tell(distrusted{answer.error()});
    return forget(ending::broken, out);
  }
  in.nonce.reset();  // the same offer again is for nobody
  in.certificate = answer->counselor_object;
  attend(in, clock, out, [&](conversation& talk, output& told) {
    talk.begin_as_survivor(std::move(*answer), has_secret, centre_time(clock), random_, told);
  });
}

void survivor::on(const wire::talk& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr || !in->talk.take(message.number, out)) return;
  attend(*in, clock, out, [&](conversation& talk, output& told) {
    talk.frame_arrived(message.body, centre_time(clock), random_, told);
  });
}

void survivor::on(const wire::stored& message, seconds clock, output& out) {
  if (held* in = find(message.conversation))
    attend(*in, clock, out, [&](conversation& talk, output& told) {
      talk.stored(message.through, centre_time(clock), random_, told);
    });
}

void survivor::on(const wire::peer_state& message, seconds clock, output& out) {
  if (held* in = find(message.conversation))
    attend(*in, clock, out, [&](conversation& talk, output& told) { talk.peer_now(message.now, told); });
}

// The counselor's console lost its memory; or, if it never spoke in the session that began with our last HELLO, it
// may not have known its secret. Then that one is tried once more, then the secret before, and then none: to be
// somebody new is better than silence.
void survivor::on(const wire::nonce_wanted& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr || in->talk.ending()) return;
  if (in->talk.talking()) in->unheard_hellos = in->talk.heard() ? 0 : in->unheard_hellos + 1;
  // A console that was loaded again has forgotten the introduction, and will never know whose the HELLO is.
  if (in->by && !in->by->heard && in->unheard_hellos >= hellos_by_secret) return fail_invitation(clock, out);
  attend(*in, clock, out, [&](conversation& talk, output& told) { talk.hold(told); });
  in->nonce = random_.make_block<32>();
  out.say(wire::new_nonce{message.conversation, *in->nonce});
}

void survivor::on(const wire::left& message, seconds clock, output& out) {
  held* in = find(message.conversation);
  if (in == nullptr) return;
  const bool main = is_main(message.conversation);
  attend(*in, clock, out, [&](conversation& talk, output& told) { talk.forgotten_by_server(told); });
  if (!main) return beside_.reset();
  held_.reset();
  over_ = true;
}

void survivor::on(const wire::failed& message, seconds, output& out) {
  if (message.why == wire::error::taken_over) return forget(ending::taken_over, out);
  out.tell(server_failed{message.why});
}

void survivor::forget(ending why, output& out) {
  over_ = true;
  beside_.reset();
  question_.reset();
  order_.reset();
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
  if (!order_) return held_->talk.say(text, written_in, fresh, centre_time(clock), random_, out);
  const said answer = held_->talk.may_say(text);
  if (answer == said::yes) {
    place_text(crypto::survivor_sender, fresh, written_in, as_bytes(text), clock, out);
    watch_company(clock, out);
  }
  return answer;
}

void survivor::shown(const message_id& id, seconds clock, output& out) {
  for (std::optional<held>* each : {&held_, &beside_})
    if (*each)
      attend(**each, clock, out,
             [&](conversation& talk, output& told) { talk.shown(id, centre_time(clock), random_, told); });
}

void survivor::recall(seconds clock, output& out) {
  if (held_) held_->talk.recall(centre_time(clock), random_, out);
}

void survivor::end(seconds clock, output& out) {
  if (!held_) return;
  drop_beside(clock, out);
  if (held_->now != held::standing::entering)
    return attend(*held_, clock, out,
                  [&](conversation& talk, output& told) { talk.end(centre_time(clock), random_, told); });
  if (ready_) out.say(wire::leave{held_->talk.id()});  // the place may be ours already
  forget(ending::by_us, out);
}

void survivor::exit(seconds clock, output& out) {
  if (!held_) return;
  for (std::optional<held>* each : {&held_, &beside_}) {
    if (!*each) continue;
    if (ready_ && !(*each)->talk.attached()) out.say(wire::leave{(*each)->talk.id()});
    output told;
    (*each)->talk.exit(centre_time(clock), random_, told);
    std::ranges::move(told.messages, std::back_inserter(out.messages));
    if (each == &held_) std::ranges::move(told.events, std::back_inserter(out.events));
    each->reset();
  }
  question_.reset();
  order_.reset();
  over_ = true;
}

// --- a guest ---

void survivor::consider(event what, const conversation_id& from, seconds clock, output& out) {
  const bool main = is_main(from);
  if (auto* text = std::get_if<text_received>(&what); text != nullptr && order_) {
    const held& in = main ? *held_ : *beside_;
    if (!main) text->by = in.by->alias;
    text->conversation = held_->talk.id();
    place_text(in.talk.counselor_hash(), text->id, text->written_in, text->text, clock, out);
    out.tell(std::move(what));
    return watch_company(clock, out);
  }
  const bool awaited = !main && beside_ && beside_->by && !beside_->by->heard;
  if (std::holds_alternative<joined>(what)) {
    if (awaited) return guest_is_here(clock, out);
    end_company(clock, out);      // a new session, on either side: whoever was there may not know of it
    if (main) question_.reset();  // it was about the session before
    if (main && beside_ && beside_->by && !beside_->by->heard && !guest_fits()) fail_invitation(clock, out);
  }
  if (std::holds_alternative<ended>(what)) {
    if (awaited) return fail_invitation(clock, out);
    if (main) question_.reset();
    drop_beside(clock, out);
  }
  if (main) out.tell(std::move(what));
}

void survivor::hear(conversation::errand said, seconds clock, output& out) {
  if (said.type == crypto::body_type::sheet) return show_sheet(std::move(said.data), out);
  if (said.type == crypto::body_type::handover_offer || said.type == crypto::body_type::invitation)
    hear_invitation(said.type, said.data, clock, out);
  if (said.type == crypto::body_type::withdrawal) hear_withdrawal(said.data, clock, out);
}

// Nothing is shown of somebody who is not proven; the counselor hears no.
void survivor::hear_invitation(crypto::body_type type, bytes_view data, seconds clock, output& out) {
  drop_question(out);
  const crypto::hash32 id = crypto::make_question(data);
  const crypto::hash32& by = held_->talk.counselor_hash();
  auto asked = crypto::decode_invitation(type, data, by, held_->talk.session_id());
  const auto inviting = crypto::open_certificate(held_->certificate, belief_.trust()->issued_by.key);
  const seconds now = centre_time(clock);
  const auto who = asked && inviting
                       ? crypto::check_invited(asked->to, *belief_.trust(), inviting->holder, by, now)
                       : crypto::result<crypto::certificate>(std::unexpected(crypto::failure::malformed));
  if (!who) return say_no(id, clock, out);
  question_ = question{id, std::move(*asked), *who, ++questions_};
}

void survivor::show_sheet(crypto::secret_bytes sheet, output& out) {
  if (!question_ || !question_->asked.sheet.empty() || sheet.empty() || sheet.size() > crypto::sheet_bytes_max)
    return;
  question_->asked.sheet = std::move(sheet);
  const bytes_view words = bytes_view(question_->asked.sheet).subspan(1);
  out.tell(invitation_received{question_->number,
                               question_->asked.kind,
                               question_->who.alias,
                               question_->who.holder,
                               desk_name(*belief_.trust(), question_->who.desk),
                               known_language(question_->asked.sheet.front()),
                               {words.begin(), words.end()}});
}

// Also after a yes, as long as nobody is here.
void survivor::hear_withdrawal(bytes_view data, seconds clock, output& out) {
  const auto is = [&](const crypto::hash32& id) { return std::ranges::equal(id, data); };
  if (question_ && is(question_->id)) return drop_question(out);
  if (beside_ && beside_->by && !beside_->by->heard && is(beside_->by->question)) fail_invitation(clock, out);
}

void survivor::drop_question(output& out) {
  if (question_ && !question_->asked.sheet.empty()) out.tell(invitation_withdrawn{question_->number});
  question_.reset();
}

void survivor::say_no(const crypto::hash32& to, seconds clock, output& out) {
  const bytes data = crypto::encode_answer({to, {}});
  held_->talk.send({crypto::body_type::handover_accept, {data.begin(), data.end()}}, centre_time(clock), random_,
                   out);
}

void survivor::answer_invitation(std::uint32_t number, bool yes, seconds clock, output& out) {
  if (!held_ || held_->talk.ending()) return;
  // It was of the session before, or another one has taken its place on the screen: nothing is accepted unseen.
  if (!question_ || question_->asked.sheet.empty() || question_->number != number) {
    if (yes) out.tell(invitation_failed{});
    return;
  }
  const question answered = *std::exchange(question_, std::nullopt);
  if (!yes) return say_no(answered.id, clock, out);
  drop_beside(clock, out);  // one guest at a time
  if (beside_) {            // whoever was there may not have said goodbye yet: the server holds no third conversation
    if (ready_) out.say(wire::leave{beside_->talk.id()});
    beside_.reset();
  }
  const crypto::hash32 accept = crypto::make_accept(answered.asked);
  const bytes said = crypto::encode_answer({answered.id, accept});
  held_->talk.send({crypto::body_type::handover_accept, {said.begin(), said.end()}}, centre_time(clock), random_,
                   out);
  beside_.emplace(held{.talk = conversation(crypto::side::survivor, random_.make_block<16>())});
  beside_->place_token = random_.make_secret<32>();
  beside_->by = guest{answered.asked.kind,
                      answered.id,
                      answered.asked.th,
                      answered.who.alias,
                      crypto::sha256(answered.asked.to),
                      crypto::make_invitation_psk(answered.asked.invite, accept),
                      clock};
  if (ready_) say_enter_invited(out);
}

void survivor::say_enter_invited(output& out) {
  if (!beside_->nonce) beside_->nonce = random_.make_block<32>();
  out.say(wire::enter_invited{held_->talk.id(), beside_->by->certificate_hash, beside_->talk.id(), *beside_->nonce,
                              crypto::sha256(beside_->place_token.view())});
}

// Nobody came: the talk goes on as it was, and the counselor hears that it does.
void survivor::fail_invitation(seconds clock, output& out) {
  const crypto::hash32 asked = beside_->by->question;
  drop_beside(clock, out);
  say_no(asked, clock, out);
  out.tell(invitation_failed{});
}

// Says goodbye to whoever is beside the one that the page shows; `left` ends it.
void survivor::drop_beside(seconds clock, output& out) {
  end_company(clock, out);
  if (!beside_) return;
  if (beside_->by) await_no_more();  // whoever comes now is too late
  if (beside_->talk.ending()) return;
  if (beside_->talk.attached())
    return attend(*beside_, clock, out,
                  [&](conversation& talk, output& told) { talk.end(centre_time(clock), random_, told); });
  if (ready_) out.say(wire::leave{beside_->talk.id()});
  beside_.reset();
}

void survivor::await_no_more() {
  beside_->by->heard = true;
  beside_->by->with = crypto::psk();
}

// Whoever joins compares with the session that the inviting console was in; in a later one neither would believe the
// other.
bool survivor::guest_fits() const {
  return beside_->by->kind == crypto::invitation_kind::take_over || beside_->by->th == held_->talk.session_id();
}

void survivor::guest_is_here(seconds clock, output& out) {
  await_no_more();
  if (beside_->by->kind == crypto::invitation_kind::take_over) return hand_over(clock, out);
  if (!guest_fits()) return fail_invitation(clock, out);
  const crypto::hash32 begin = crypto::begin_transcript(held_->talk.session_id(), beside_->talk.session_id());
  const auto tell_of = [&](held& to, const bytes& other) {
    output told;
    const bytes data = crypto::encode_company({other, begin});
    to.talk.send({crypto::body_type::company, {data.begin(), data.end()}}, centre_time(clock), random_, told);
    std::ranges::move(told.messages, std::back_inserter(out.messages));
  };
  tell_of(*held_, beside_->certificate);
  tell_of(*beside_, held_->certificate);
  order_.emplace(begin);
  out.tell(company_changed{held_->talk.id(), beside_->by->alias, true});
  watch_company(clock, out);
}

// Nobody waits for a console that is long away, and no mailbox runs over with what the others say meanwhile.
void survivor::watch_company(seconds clock, output& out) {
  if (!order_) return;
  if (beside_->talk.frames_undelivered() > company_frames_max) return end_company(clock, out);
  if (held_->talk.frames_undelivered() > company_frames_max) go_on_with_guest(clock, out);
}

// As if the guest had taken over from whoever invited them.
void survivor::go_on_with_guest(seconds clock, output& out) {
  order_.reset();
  const auto inviting = crypto::open_certificate(held_->certificate, belief_.trust()->issued_by.key);
  out.tell(company_changed{held_->talk.id(), inviting ? inviting->alias : std::string(), false});
  held_->talk.pass_texts_on(beside_->talk, out);
  output unheard;
  beside_->talk.close_company(centre_time(clock), random_, unheard);
  std::ranges::move(unheard.messages, std::back_inserter(out.messages));
  hand_over(clock, out);
  held_->talk.come_forward(random_, out);
}

// The one who was there before is told goodbye, and nothing more of them reaches the page.
void survivor::hand_over(seconds clock, output& out) {
  drop_question(out);  // it was theirs
  held_->talk.give_up_texts(out);
  std::swap(*held_, *beside_);
  out.tell(keep{beside_->talk.id(), {}});
  out.tell(handed_over{beside_->talk.id(), held_->talk.id(), held_->by->alias});
  attend(*beside_, clock, out,
         [&](conversation& talk, output& told) { talk.end(centre_time(clock), random_, told); });
}

void survivor::end_company(seconds clock, output& out) {
  if (!std::exchange(order_, std::nullopt)) return;
  const std::string alias = beside_->by->alias;
  held_->talk.close_company(centre_time(clock), random_, out);
  out.tell(company_changed{held_->talk.id(), alias, false});
  drop_beside(clock, out);
}

// The one order of all texts is ours: everybody gets each of them at its place, also whoever wrote it.
void survivor::place_text(const crypto::hash32& sender, const message_id& id, language written_in, bytes_view text,
                          seconds clock, output& out) {
  crypto::secret_writer data(sizeof(message_id) + 1 + text.size());
  data.put(id).number(static_cast<byte>(written_in)).put(text);
  const crypto::sequenced entry = order_->append(sender, data.finish());
  const bool ours = sender == crypto::survivor_sender;
  held_->talk.say_in_order(entry, !ours, centre_time(clock), random_, out);
  output unheard;
  beside_->talk.say_in_order(entry, true, centre_time(clock), random_, unheard);
  std::ranges::move(unheard.messages, std::back_inserter(out.messages));
}

// --- letters ---

void survivor::ask_letters(output& out) {
  if (letters_ && ready_ && !held_) letters_->ask(desk_, out);
}

void survivor::send_letter(const from_survivor::send_letter& letter, seconds clock, output& out) {
  if (belief_.trust() != nullptr && letters_ && !held_) letters_->send(letter, belief_, clock, out);
}

void survivor::fetch_replies(const from_survivor::fetch_replies& wanted, output& out) {
  if (letters_ && ready_ && !held_) letters_->fetch(wanted, challenge_, out);
}

}  // namespace tomoshibi::core
