// The conversations of an open database and the slots that hold their keys: what a batch does to both, so that
// neither is ever ahead of the other in a way that matters.
//
//   new key       in its slot and synced, then the transaction that uses it commits
//   erased key    the transaction that deletes its conversation commits, then the slot is overwritten and synced
//   in between    a slot that no conversation names: overwritten when the store is opened
//
// Where the disk refuses to overwrite a slot, the commit fails although the deletion stands, and nothing more is
// committed until the slot is overwritten.
//
// Not for several threads at once.
#pragma once

#include <map>

#include "storage/database.hpp"
#include "storage/slot_file.hpp"

namespace tomoshibi::storage {

class conversations {
 public:
  // Reads every conversation's key; overwrites every slot that none names. A conversation that its slot does not open
  // is erased. Throws slot_file::unusable where that is every one of several: the file is damaged as a whole, or of
  // another day. All three must outlive it.
  conversations(database& db, slot_file& slots, crypto::random_source& random, std::size_t count_max);

  // --- a transaction; whatever throws in it, `roll_back` comes next ---
  void begin();
  void operator()(const put_conversation& work);
  void operator()(const erase_conversation& work);
  void operator()(const put_mail& work);
  void operator()(const erase_mail& work);
  // When it throws, all or nothing may be committed.
  void commit();
  void roll_back() noexcept;

  // What the disk refused to overwrite after a commit. `begin` does it first.
  void overwrite_erased();

  std::vector<stored_conversation> load() const;  // with their mail
  std::size_t count() const { return places_.size(); }
  std::size_t lost() const { return lost_; }  // erased because their slots did not open them

 private:
  struct place {
    slot_number slot;
    crypto::secret<32> key;
  };
  struct change {  // of who is where, in the transaction that is open
    conversation_key conversation;
    std::optional<place> before;
  };

  void read_places();
  void give_up(const std::vector<slot_number>& lost);
  const place* find(const conversation_key& conversation) const;
  const place& make(const conversation_key& conversation);
  slot_number take_slot();
  void write_new_keys();

  database& db_;
  slot_file& slots_;
  crypto::random_source& random_;
  const std::size_t count_max_;
  statement insert_conversation_, update_conversation_, erase_conversation_, put_mail_, erase_mail_;

  std::map<conversation_key, place> places_;
  std::size_t lost_ = 0;
  std::vector<change> changes_;
  enum class step { rows, keys, log } reached_ = step::rows;  // what the transaction has touched on the disk
  std::vector<slot_number> free_;                             // overwritten
  slot_number next_ = 0;                                      // and all from here on
  std::vector<slot_number> erased_;                           // that no conversation names, to be overwritten
  // Of commits that failed. What the disk refused may be in the log all the same and come to light after a power cut,
  // until another commit has taken its place there: only then are these overwritten.
  std::vector<slot_number> abandoned_;
};

}  // namespace tomoshibi::storage
