// The slot file: the keys of the conversations, outside of SQLite. What SQLite keeps of deleted rows (in its log, in
// a copy of it) stays sealed under a key that is overwritten here, in its place.
//
//   block 0      magic16 | version4 | id16 | check32, of these under the storage key | zeros
//   block 1 + n  slot n: zeros, or the sealed key (sealing.hpp) | zeros
//
// A block is what a disk writes as a whole, or tears: only one slot is in it, and it is always written as a whole. So
// a power cut spoils no slot but the one that was being written, which no committed conversation names.
//
// Not promised: that nothing of an overwritten block is left where something below keeps old ones (a solid-state
// disk, a file system that copies on write or journals data, a snapshot, a copy of the file).
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

#include "storage/sealing.hpp"

namespace tomoshibi::storage {

class slot_file {
 public:
  static constexpr std::size_t block_bytes = 4096;
  static constexpr slot_number growth_slots = 64;  // by so many it grows

  enum class fault { lost, another };  // missing, cut off or damaged; of another database or a newer version

  // It cannot be used: why, without the file's name.
  class unusable : public std::runtime_error {
   public:
    unusable(slot_file::fault of, const std::string& why) : std::runtime_error(why), fault(of) {}
    const slot_file::fault fault;
  };

  // Throws `unusable`, or runtime_error where this user may not. `keys` must outlive it.
  static slot_file open(const std::filesystem::path& file, const slot_file_id& id, const sealing& keys);
  // Empty and synced. What lay there is overwritten first: call it only when nothing names a slot.
  static slot_file make(const std::filesystem::path& file, const slot_file_id& id, const sealing& keys);

  slot_number slots() const { return slots_; }  // that there is room for in the file

  // These throw runtime_error, saying what the disk refused. What was written is durable once `sync` has returned;
  // after a failure nothing of it is certain, and it must be written again.
  std::optional<crypto::secret<32>> read(slot_number slot) const;  // nothing: empty, altered, beyond the end
  void write(slot_number slot, const crypto::secret<32>& key, crypto::random_source& random);
  void overwrite(slot_number slot);  // beyond the end there is nothing to overwrite
  void sync();

 private:
  slot_file(const std::filesystem::path& file, const slot_file_id& id, const sealing& keys, int creating);

  bytes header() const;
  void check_header() const;
  std::int64_t size() const;
  bytes read_at(std::int64_t offset, std::size_t count) const;  // zeros beyond the end
  void write_block(std::int64_t block, bytes content);
  void expect(int result, std::string_view doing) const;

  // SQLite's own way to the disk, so that the tests' disk stands under both files.
  struct closer {
    void operator()(sqlite3_file* file) const;
  };
  std::unique_ptr<std::string> path_;  // SQLite keeps a pointer into it
  std::unique_ptr<sqlite3_file, closer> file_;
  slot_file_id id_;
  const sealing* keys_;
  slot_number slots_ = 0;
};

}  // namespace tomoshibi::storage
