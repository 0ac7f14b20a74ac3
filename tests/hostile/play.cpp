#include "tests/hostile/play.hpp"

namespace tomoshibi::core {

play::play(std::uint64_t seed, kind what)
    : what_(what), in_(seed), random_(seed + 1), server_(in_, seed), all_(random_) {
  if (what_ == kind::letters) {
    for (const crypto::identity& each : in_.staff) in_.signed_by.lets_read_letters(each);
    in_.signed_by.publish_next();
    in_.believe_published();
  }
  in_.says = [this](centre::connection_id to, bytes message) { return says(to, std::move(message)); };
  in_.hears = [this](centre::connection_id from, bytes message) { return hears(from, std::move(message)); };
  in_.gives = [this](const crypto::hash32& hash) {
    return hostile_ && one_in(10) ? server_.flip(server_.give(hash)) : server_.give(hash);
  };
  for (std::size_t i = 0; i < 2; ++i) {
    counselors_.push_back({in_.make_counselor(i), "hotaru " + std::to_string(i)});
    all_.staff.insert(counselors_.back().name);
    if (what_ == kind::letters) all_.readers.insert(counselors_.back().name);
  }
  for (std::size_t i = 0; i < 2; ++i) survivors_.push_back({in_.make_survivor(), "yuki " + std::to_string(i)});
  for (auto& each : survivors_) {
    const crypto::return_keys keys{random_.make_secret<32>(), random_.make_secret<32>(), random_.make_secret<32>(),
                                   random_.make_secret<32>()};
    each.keys = encode_return_keys(keys);
  }

  for (auto& each : survivors_)
    each.at->watch = [this, name = each.name](const event& told) { all_.told_to_survivor(name, told); };
  for (auto& each : counselors_)
    each.at->watch = [this, name = each.name](const event& told) { all_.told_to_counselor(name, told); };
  come_back();
  if (what_ == kind::letters) {
    in_.desk_open = false;
    in_.pass(1);
  }
}

std::size_t play::below(std::size_t end) {
  return static_cast<std::size_t>(reader(random_.make_block<8>()).number<std::uint64_t>() % end);
}

// --- the server ---

template <class Core>
bool play::is_staff(centre::connection_id id, const std::vector<actor<Core>>& among) {
  return std::ranges::any_of(among, [&](const auto& each) { return each.at->at == id; });
}

std::vector<bytes> play::hears(centre::connection_id from, bytes message) {
  const auto said = wire::decode_client(message);
  if (!said) return {};
  const bool by_staff = is_staff(from, counselors_);
  server_.hear_client(*said, by_staff);
  for (const auto& each : survivors_) {
    if (each.at->at != from) continue;
    if (const auto* it = std::get_if<wire::enter_invited>(&*said)) all_.enters_beside(each.name, it->conversation);
  }
  if (!hostile_ || lies_left_ == 0 || !one_in(40)) return {std::move(message)};
  --lies_left_;
  if (one_in(3)) return {message, message};
  return {};
}

std::vector<bytes> play::says(centre::connection_id to, bytes message) {
  server_.hear_server(message);
  if (!hostile_ || lies_left_ == 0 || !one_in(8)) return {std::move(message)};
  --lies_left_;
  switch (below(7)) {
    case 0:
      return {};
    case 1:
      return {message, message};
    case 2:
      held_.emplace_back(to, std::move(message));
      return {};
    case 3:
      return {server_.flip(std::move(message))};
    case 4:
      if (auto other = server_.cross(message)) return {std::move(*other)};
      break;
    case 5:
      if (auto other = server_.replay(message[0])) return {std::move(*other)};
      break;
    default:
      if (auto other = server_.forge_in_place_of(message)) return {std::move(*other)};
  }
  return {std::move(message)};
}

void play::let_go_of_held() {
  while (!held_.empty()) {
    const auto which = held_.begin() + static_cast<std::ptrdiff_t>(below(held_.size()));
    in_.say_to(which->first, std::move(which->second));
    held_.erase(which);
  }
}

void play::lie_out_of_the_blue() {
  if (lies_left_ == 0) return;
  --lies_left_;
  const bool to_staff = one_in(2);
  const auto to =
      to_staff ? counselors_[below(counselors_.size())].at->at : survivors_[below(survivors_.size())].at->at;
  if (!to) return;
  for (bytes& each : server_.invent(to_staff)) in_.say_to(*to, std::move(each));
}

// --- the persons ---

void play::disturb(std::size_t steps) {
  hostile_ = true;
  lies_left_ = 30;
  for (std::size_t i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
    act();
    if (one_in(3)) lie_out_of_the_blue();
    if (one_in(4)) let_go_of_held();
    if (one_in(3))
      in_.step(below(12));
    else
      in_.settle();
    if (one_in(6)) in_.pass(1 + below(one_in(8) ? 70 : 4));
    for (auto& each : counselors_)
      if (!each.at->at && one_in(2)) come_back();
    EXPECT_TRUE(server_.read().empty()) << "the server could read " << server_.read().front();
  }
  in_.settle();
}

void play::act() {
  switch (below(12)) {
    case 0:
      return renew_roster();
    case 1:
      return come_back();
    case 2:
    case 3:
    case 4:
    case 5:
      return counselor_acts(counselors_[below(counselors_.size())]);
    default:
      return survivor_acts(survivors_[below(survivors_.size())]);
  }
}

void play::renew_roster() {
  if (!one_in(3)) return;
  in_.signed_by.publish_next();
  in_.believe_published();
}

void play::survivor_acts(actor<survivor>& she) {
  if (what_ == kind::letters) return survivor_writes(she);
  person<survivor>& her = *she.at;
  switch (below(10)) {
    case 0:
      return her.cut();
    case 1:
      if (one_in(2)) return;
      reload(she);
      if (one_in(2)) in_.settle();
      return her.act([](survivor& s, seconds now, output& out) { s.recall(now, out); });
    case 2:
      if (one_in(8)) her.act([](survivor& s, seconds now, output& out) { s.end(now, out); });
      return;
    case 3:
    case 4: {
      const auto asked = her.seen<invitation_received>();
      if (asked.empty()) return;
      const bool yes = !one_in(4);
      const std::uint32_t number = asked.back().number;
      all_.answers_invitation(she.name, yes);
      return her.act([&](survivor& s, seconds now, output& out) { s.answer_invitation(number, yes, now, out); });
    }
    case 5:
      if (one_in(3)) her.act([](survivor& s, seconds now, output& out) { s.end_company(now, out); });
      return;
    default:
      her.act([](survivor& s, seconds now, output& out) { s.enter(now, out); });
      return survivor_says(she, all_.make_canary());
  }
}

void play::survivor_says(actor<survivor>& she, const std::string& words) {
  she.at->act([&](survivor& s, seconds now, output& out) {
    message_id id{};
    if (s.say(words, language::ja, now, out, &id) != said::yes) return;
    all_.said_by_survivor(she.name, words);
    all_.name(id, words);
  });
}

void play::counselor_says(actor<counselor>& he, const conversation_id& id, const std::string& words) {
  he.at->act([&](counselor& c, seconds now, output& out) {
    message_id message{};
    if (c.say(id, words, language::ja, now, out, &message) != said::yes) return;
    all_.said_by_counselor(he.name, id, words);
    all_.name(message, words);
  });
}

void play::survivor_writes(actor<survivor>& she) {
  person<survivor>& her = *she.at;
  switch (below(6)) {
    case 0:
    case 1: {
      her.act([](survivor& s, seconds, output& out) { s.ask_letters(out); });
      if (!one_in(4)) in_.settle();
      const std::string words = all_.make_canary();
      all_.writes_letter(she.name, words);
      return her.act([&](survivor& s, seconds now, output& out) {
        s.send_letter({language::ja, {words.begin(), words.end()}, she.keys}, now, out);
      });
    }
    case 2:
    case 3:
    case 4:
      return her.act([&](survivor& s, seconds, output& out) { s.fetch_replies({she.keys, one_in(20)}, out); });
    default:
      if (one_in(4)) reload(she);
      if (one_in(4)) her.cut();
  }
}

void play::counselor_acts(actor<counselor>& he) {
  if (what_ == kind::letters) return read_letters(he);
  const auto talks = he.at->template seen<joined>();
  if (talks.empty()) return;
  const conversation_id id = talks[talks.size() - 1 - below(std::min<std::size_t>(talks.size(), 2))].conversation;
  switch (below(10)) {
    case 0:
      return he.at->cut();
    case 1:
      if (one_in(2)) return;
      reload(he);
      if (one_in(2)) in_.settle();
      return he.at->act([&](counselor& c, seconds now, output& out) { c.recall(id, now, out); });
    case 2:
      if (one_in(8)) he.at->act([&](counselor& c, seconds now, output& out) { c.end(id, now, out); });
      return;
    case 3:
    case 4:
      return invite(he, id);
    case 5:
    case 6:
      if (const auto asked = he.at->template seen<invited>(); !asked.empty())
        he.at->act([&](counselor& c, seconds now, output& out) {
          c.answer_colleague(asked.back().conversation, !one_in(4), now, out);
        });
      return;
    default:
      return counselor_says(he, id, all_.make_canary());
  }
}

void play::invite(actor<counselor>& he, const conversation_id& id) {
  he.at->act([](counselor& c, seconds, output& out) { c.ask_team(out); });
  in_.settle();
  const auto team = he.at->template seen<colleague_told>();
  if (team.empty()) return;
  const std::string sheet = all_.make_canary();
  all_.invites(he.name, sheet);
  const auto how = one_in(2) ? invitation_kind::take_over : invitation_kind::join;
  he.at->act([&](counselor& c, seconds now, output& out) {
    c.invite({id, team.back().certificate, how, language::ja, {sheet.begin(), sheet.end()}}, now, out);
  });
  if (one_in(2)) return;
  // Often enough all say yes at once, or nobody would ever come.
  in_.settle();
  for (auto& each : counselors_)
    each.at->act([&](counselor& c, seconds now, output& out) { c.answer_colleague(id, true, now, out); });
  in_.settle();
  for (auto& each : survivors_) {
    const auto asked = each.at->seen<invitation_received>();
    if (asked.empty()) continue;
    all_.answers_invitation(each.name, true);
    each.at->act(
        [&](survivor& s, seconds now, output& out) { s.answer_invitation(asked.back().number, true, now, out); });
  }
}

void play::read_letters(actor<counselor>& he) {
  const auto letters = he.at->template seen<letter_opened>();
  switch (below(5)) {
    case 0:
      return one_in(4) ? reload(he) : he.at->cut();
    case 1:
    case 2:
      return he.at->act([](counselor& c, seconds, output& out) { c.take_letter(out); });
    case 3:
      if (letters.empty()) return;
      return he.at->act([&](counselor& c, seconds, output& out) {
        const std::string words = all_.make_canary();
        all_.answers_letter(words);
        c.answer_letter({letters.back().letter, language::ja, {words.begin(), words.end()}}, out);
      });
    default:
      if (letters.empty()) return;
      return he.at->act([&](counselor& c, seconds, output& out) {
        c.put_letter({letters.back().letter, one_in(2)}, out);
      });
  }
}

template <class Core>
void play::reload(actor<Core>& whose) {
  all_.reloads(whose.name);
  whose.at->reload();
  come_back();
}

void play::come_back() {
  for (auto& each : counselors_) {
    each.at->act([](counselor& c, seconds, output& out) { c.set_duty({true, true, 3}, out); });
    if (!each.at->at) each.at->connect();
  }
  for (auto& each : survivors_)
    if (!each.at->at) each.at->connect();
}

// --- afterwards ---

void play::expect_honest_server_heals() {
  hostile_ = false;
  held_.clear();
  for (auto& each : counselors_) {
    each.at->cut();
    // A console that was told not to trust this server is loaded again, as its page asks.
    const auto& events = each.at->events;
    if (std::ranges::any_of(events, [](const event& told) { return std::holds_alternative<distrusted>(told); }))
      reload(each);
  }
  for (auto& each : survivors_) each.at->cut();
  const auto pass = [&](seconds by) {
    for (seconds i = 0; i < by && !testing::Test::HasFailure(); i += 5) {
      come_back();
      in_.pass(5);
    }
  };
  if (what_ == kind::letters) return pass(10);
  pass(30);
  std::vector<actor<survivor>*> silent = find_silent(pass);
  silent_ = silent.size();
  // Nothing that they say is shown as delivered: they load the page again, and so does whoever serves them.
  for (actor<survivor>* she : silent) reload(*she);
  if (!silent.empty())
    for (auto& each : counselors_) reload(each);
  pass(20);
  for (const actor<survivor>* she : find_silent(pass)) ADD_FAILURE() << she->name << " waits in silence";
}

std::vector<play::actor<survivor>*> play::find_silent(const std::function<void(seconds)>& pass) {
  std::map<who, std::string> words;
  for (auto& each : survivors_) survivor_says(each, words[each.name] = all_.make_canary());
  pass(30);
  std::vector<actor<survivor>*> out;
  for (auto& each : survivors_)
    if (all_.is_inside(each.name) && !all_.was_delivered(words[each.name])) out.push_back(&each);
  return out;
}

}  // namespace tomoshibi::core
