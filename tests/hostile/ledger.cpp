#include "tests/hostile/ledger.hpp"

namespace tomoshibi::core {

std::string ledger::make_canary() {
  std::string out(mark);
  for (const byte each : random_.make_block<12>()) out += "0123456789abcdef"[each % 16];
  return out;
}

// --- what the persons do ---

void ledger::enters(const who& survivor, const conversation_id& id) {
  survivor_state& of = survivors_[survivor];
  ++of.stay;
  of.inside = true;
  of.with.clear();
  of.guest.clear();
  of.asked.reset();
  of.accepted.clear();
  places_[id] = {survivor, of.stay};
}

void ledger::enters_beside(const who& survivor, const conversation_id& id) {
  places_.try_emplace(id, place{survivor, survivors_[survivor].stay});
}

void ledger::said_by_survivor(const who& by, const std::string& words) {
  const survivor_state& of = survivors_[by];
  text said{by, of.stay, {}, of.with.empty(), ++said_};
  if (!of.with.empty()) said.meant_for.insert(of.with);
  if (!of.guest.empty()) said.meant_for.insert(of.guest);
  texts_[words] = std::move(said);
}

void ledger::said_by_counselor(const who& by, const conversation_id& id, const std::string& words) {
  const place& at = places_[id];
  text said{by, at.stay, {at.survivor}, false, ++said_};
  // Whom they invited, or who invited them, may be here before this console is told.
  for (const auto& [alias, sheet] : survivors_[at.survivor].accepted) {
    if (sheets_[sheet] == by) said.meant_for.insert(alias);
    if (alias == by) said.meant_for.insert(sheets_[sheet]);
  }
  if (const auto other = company_.find(id); other != company_.end()) said.meant_for.insert(other->second);
  texts_[words] = std::move(said);
}

void ledger::answers_invitation(const who& survivor, bool yes) {
  survivor_state& of = survivors_[survivor];
  if (yes && of.asked) of.accepted.insert({of.asked->alias, as_text(of.asked->sheet)});
  of.asked.reset();
}

void ledger::reloads(const who& whose) {
  screens_[whose] = {};
  if (const auto of = survivors_.find(whose); of != survivors_.end()) {
    of->second.guest.clear();
    of->second.asked.reset();
  }
}

// --- what their cores tell ---

void ledger::shown(const who& at, const conversation_id& in, const std::string& words, bool in_order) {
  const auto found = texts_.find(words);
  ASSERT_NE(found, texts_.end()) << at << " is shown what nobody said: " << words;
  text& said = found->second;
  said.shown = true;
  const unsigned stay = places_[in].stay;
  EXPECT_EQ(said.stay, stay) << at << " is shown a text of another conversation";
  if (said.to_whoever_comes) {
    EXPECT_TRUE(staff.contains(at)) << at << " is shown what was typed in the line";
    said.to_whoever_comes = false;
    said.meant_for.insert(at);
  }
  EXPECT_TRUE(said.meant_for.contains(at)) << at << " is shown what " << said.by << " said to somebody else";
  screen& its = screens_[at];
  EXPECT_TRUE(its.shown.insert(words).second) << at << " is shown the same twice";
  if (!in_order) return;
  std::size_t& last = its.last[{in, said.by}];
  EXPECT_GT(said.order, last) << at << " is shown texts of " << said.by << " out of order";
  last = said.order;
}

void ledger::moved(const who& by, const text_moved& what) {
  if (what.now != text_progress::delivered) return;
  const auto words = ids_.find(what.id);
  ASSERT_NE(words, ids_.end());
  text& said = texts_.at(words->second);
  EXPECT_EQ(said.by, by);
  EXPECT_TRUE(said.shown) << by << " is told that a text was delivered which nobody saw";
  said.delivered = true;
}

// Order holds within a session; what is shown once, for as long as it is with the same peer.
void ledger::begins_again(const who& at, const conversation_id& in, bool same_tab) {
  std::erase_if(screens_[at].last, [&](const auto& each) { return each.first.first == in; });
  if (!same_tab) screens_[at].shown.clear();
}

void ledger::told_to_survivor(const who& whom, const event& what) {
  std::visit([&](const auto& each) { ++told[each.name]; }, what);
  survivor_state& of = survivors_[whom];
  const auto stands_with = [&](const who& alias) {
    EXPECT_TRUE(staff.contains(alias)) << whom << " is joined by " << alias;
    of.with = alias;
  };
  if (const auto* it = std::get_if<keep>(&what); it && !it->kept.empty() && !places_.contains(it->conversation))
    enters(whom, it->conversation);
  if (const auto* it = std::get_if<joined>(&what)) {
    EXPECT_TRUE(of.with.empty() || of.with == it->alias)
        << whom << " is joined by " << it->alias << " after " << of.with;
    stands_with(it->alias);
    begins_again(whom, it->conversation, it->same_tab);
  }
  if (const auto* it = std::get_if<handed_over>(&what)) {
    EXPECT_TRUE(std::ranges::any_of(of.accepted, [&](const auto& each) { return each.first == it->alias; }))
        << whom << " is handed over without a yes";
    stands_with(it->alias);
    screens_[whom].last.clear();
  }
  if (const auto* it = std::get_if<company_changed>(&what)) {
    if (it->here) {
      EXPECT_TRUE(std::ranges::any_of(of.accepted, [&](const auto& each) { return each.first == it->alias; }))
          << it->alias << " joins " << whom << " without a yes";
    }
    of.guest = it->here ? it->alias : who();
    screens_[whom].last.clear();
  }
  if (const auto* it = std::get_if<invitation_received>(&what)) {
    const auto sheet = sheets_.find(as_text(it->sheet));
    EXPECT_TRUE(sheet != sheets_.end() && sheet->second == of.with) << whom << " is shown a sheet that nobody wrote";
    EXPECT_TRUE(staff.contains(it->alias)) << whom << " is asked about " << it->alias;
    of.asked = *it;
  }
  if (const auto* it = std::get_if<text_received>(&what)) shown(whom, it->conversation, as_text(it->text), true);
  if (const auto* it = std::get_if<text_recalled>(&what); it && !it->ours)
    shown(whom, it->conversation, as_text(it->text), false);
  if (const auto* it = std::get_if<text_moved>(&what)) moved(whom, *it);
  if (std::holds_alternative<ended>(what) || std::holds_alternative<turned_away>(what)) of.inside = false;
  if (const auto* it = std::get_if<reply_received>(&what)) {
    EXPECT_TRUE(replies_.contains(as_text(it->text))) << whom << " is shown a reply that nobody wrote";
    EXPECT_TRUE(readers.contains(it->alias)) << whom << " is shown a reply by " << it->alias;
  }
}

void ledger::told_to_counselor(const who& whom, const event& what) {
  std::visit([&](const auto& each) { ++told[each.name]; }, what);
  const auto has_accepted = [&](const conversation_id& in, const who& alias) {
    const auto& accepted = survivors_[places_[in].survivor].accepted;
    return std::ranges::any_of(accepted, [&](const auto& each) { return each.first == alias; });
  };
  if (const auto* it = std::get_if<joined>(&what)) {
    company_.erase(it->conversation);
    begins_again(whom, it->conversation, it->same_tab);
  }
  if (const auto* it = std::get_if<introduced>(&what)) {
    const auto& accepted = survivors_[places_[it->conversation].survivor].accepted;
    EXPECT_TRUE(accepted.contains({whom, as_text(it->sheet)})) << whom << " is given a sheet without a yes";
  }
  if (const auto* it = std::get_if<company_changed>(&what)) {
    if (it->here) {
      EXPECT_TRUE(has_accepted(it->conversation, it->alias) || has_accepted(it->conversation, whom))
          << whom << " has company without a yes";
      company_[it->conversation] = it->alias;
    } else {
      company_.erase(it->conversation);
    }
    screens_[whom].last.clear();
  }
  if (const auto* it = std::get_if<text_received>(&what)) shown(whom, it->conversation, as_text(it->text), true);
  if (const auto* it = std::get_if<text_recalled>(&what); it && !it->ours)
    shown(whom, it->conversation, as_text(it->text), false);
  if (const auto* it = std::get_if<text_moved>(&what)) moved(whom, *it);
  if (const auto* it = std::get_if<letter_opened>(&what)) {
    EXPECT_TRUE(readers.contains(whom)) << whom << " reads letters";
    EXPECT_TRUE(letters_.contains(as_text(it->text))) << whom << " is given a letter that nobody wrote";
  }
}

}  // namespace tomoshibi::core
