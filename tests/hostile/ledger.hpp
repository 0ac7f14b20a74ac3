// What was said, by whom and to whom; and what must hold of everything that a core shows, whatever the server does.
// Each text is a canary: nobody can guess it, so wherever it turns up, it came from there.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "client-web/core/output.hpp"
#include "crypto/random.hpp"

namespace tomoshibi::core {

using who = std::string;  // a survivor's name, or a counselor's alias

class ledger {
 public:
  explicit ledger(crypto::random_source& random) : random_(random) {}

  static constexpr std::string_view mark = "canary ";
  std::string make_canary();

  // --- what the persons do ---
  void enters_beside(const who& survivor, const conversation_id& id);
  void said_by_survivor(const who& by, const std::string& words);
  void said_by_counselor(const who& by, const conversation_id& id, const std::string& words);
  void invites(const who& by, const std::string& sheet) { sheets_[sheet] = by; }
  void answers_invitation(const who& survivor, bool yes);
  void writes_letter(const who& by, const std::string& words) { letters_[words] = by; }
  void answers_letter(const std::string& words) { replies_.insert(words); }
  void reloads(const who& whose);  // its page begins again

  // --- what their cores tell ---
  void told_to_survivor(const who& whom, const event& what);
  void told_to_counselor(const who& whom, const event& what);

  // Staff by alias: who may be joined at all, and who may read letters.
  std::set<who> staff, readers;

  // How often each event was told, by name: a search that never gets anywhere shows nothing.
  std::map<std::string_view, std::size_t> told;

  // In the line or in a talk, and not told that it is over.
  bool is_inside(const who& survivor) const {
    const auto of = survivors_.find(survivor);
    return of != survivors_.end() && of->second.inside;
  }
  bool was_delivered(const std::string& words) const {
    const auto said = texts_.find(words);
    return said != texts_.end() && said->second.delivered;
  }

 private:
  // Of one conversation of a survivor, as the person sees it: whoever it is handed over to.
  struct survivor_state {
    unsigned stay = 0;  // counts up each time that they enter
    bool inside = false;
    who with, guest;  // empty: nobody
    std::optional<invitation_received> asked;
    std::set<std::pair<who, std::string>> accepted;  // alias and sheet
  };
  struct place {
    who survivor;
    unsigned stay = 0;
  };
  struct text {
    who by;
    unsigned stay = 0;
    std::set<who> meant_for;
    bool to_whoever_comes = false;  // typed while nobody was there yet
    std::size_t order = 0;
    bool shown = false, delivered = false;
  };
  struct screen {
    std::set<std::string> shown;
    std::map<std::pair<conversation_id, who>, std::size_t> last;  // of this session, by speaker
  };

  void enters(const who& survivor, const conversation_id& id);
  void shown(const who& at, const conversation_id& in, const std::string& words, bool in_order);
  void moved(const who& by, const text_moved& what);
  void begins_again(const who& at, const conversation_id& in, bool same_tab);

  crypto::random_source& random_;
  std::map<who, survivor_state> survivors_;
  std::map<conversation_id, place> places_;
  std::map<conversation_id, who> company_;  // at a counselor
  std::map<std::string, text> texts_;
  std::map<message_id, std::string> ids_;
  std::map<std::string, who> sheets_, letters_;
  std::set<std::string> replies_;
  std::map<who, screen> screens_;
  std::size_t said_ = 0;

 public:
  void name(const message_id& id, const std::string& words) { ids_[id] = words; }
};

}  // namespace tomoshibi::core
