#include "storage/slot_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <system_error>

namespace tomoshibi::storage {

namespace {

constexpr std::string_view magic{"tomoshibi slots\0", 16};
constexpr std::uint32_t version = 1;

std::int64_t offset_of(std::int64_t block) { return block * static_cast<std::int64_t>(slot_file::block_bytes); }

std::int64_t block_of(slot_number slot) { return std::int64_t{slot} + 1; }

std::string reason(int code) { return code == 0 ? "" : "(" + std::generic_category().message(code) + ")"; }

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error("the slot file " + file.string() + " " + why);
}

// SQLite would create it with rights of its own choice.
void create_if_absent(const std::filesystem::path& file) {
  const int created = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (created < 0) refuse(file, "cannot be created " + reason(errno) + "; give this user the right to");
  const bool ours_alone = ::fchmod(created, 0600) == 0;
  ::close(created);
  if (!ours_alone) refuse(file, "is of another user; make it this user's own");
}

}  // namespace

slot_file slot_file::open(const std::filesystem::path& file, const slot_file_id& id, const sealing& keys) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(file))) throw unusable(fault::lost, "it is missing");
  slot_file opened(file, id, keys, 0);
  opened.check_header();
  return opened;
}

slot_file slot_file::make(const std::filesystem::path& file, const slot_file_id& id, const sealing& keys) {
  create_if_absent(file);
  slot_file made(file, id, keys, SQLITE_OPEN_CREATE);
  const std::int64_t blocks = (made.size() + offset_of(1) - 1) / offset_of(1);
  for (std::int64_t block = 1; block < blocks; ++block) made.write_block(block, bytes());
  made.write_block(0, made.header());
  made.sync();
  return made;
}

slot_file::slot_file(const std::filesystem::path& file, const slot_file_id& id, const sealing& keys, int creating)
    : path_(std::make_unique<std::string>(std::filesystem::absolute(file).string())), id_(id), keys_(&keys) {
  sqlite3_vfs* disk = sqlite3_vfs_find(nullptr);
  auto* memory = static_cast<sqlite3_file*>(::operator new(static_cast<std::size_t>(disk->szOsFile)));
  memory->pMethods = nullptr;
  file_.reset(memory);
  // To SQLite a file beside a database, that needs no lock; when it is new, its folder is synced with it.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_SUPER_JOURNAL | creating;
  int opened = flags;
  errno = 0;
  if (disk->xOpen(disk, path_->c_str(), memory, flags, &opened) != SQLITE_OK) {
    refuse(file, "cannot be opened " + reason(errno) + "; correct its rights, or what lies in its place");
  }
  if ((opened & SQLITE_OPEN_READONLY) != 0) refuse(file, "may only be read by this user; give it the right to write");
  slots_ = static_cast<slot_number>(
      std::clamp<std::int64_t>(size() / offset_of(1) - 1, 0, std::numeric_limits<slot_number>::max()));
}

void slot_file::closer::operator()(sqlite3_file* file) const {
  if (file->pMethods != nullptr) file->pMethods->xClose(file);
  ::operator delete(file);
}

// --- header ---

bytes slot_file::header() const {
  const bytes named = writer().put(magic).number(version).put(id_).finish();
  return writer().put(named).put(keys_->check_of(named)).finish();
}

void slot_file::check_header() const {
  const bytes ours = header();
  const bytes found = read_at(0, ours.size());
  reader in(found);
  if (size() < offset_of(1)) throw unusable(fault::lost, "it is cut off");
  if (as_text(in.view(magic.size())) != magic) throw unusable(fault::lost, "it is damaged, or no slot file at all");
  if (const auto of = in.number<std::uint32_t>(); of > version) {
    throw unusable(fault::another, "it is of version " + std::to_string(of) + " and this program knows version " +
                                       std::to_string(version) + ": start the newer program that wrote it");
  }
  if (in.take<sizeof(slot_file_id)>() != id_) throw unusable(fault::another, "it belongs to another database");
  if (found != ours) throw unusable(fault::lost, "it was written under another storage key, or is damaged");
}

// --- slots ---

std::optional<crypto::secret<32>> slot_file::read(slot_number slot) const {
  return keys_->open_key(id_, slot, read_at(offset_of(block_of(slot)), sealed_key_bytes));
}

void slot_file::write(slot_number slot, const crypto::secret<32>& key, crypto::random_source& random) {
  while (slot >= slots_) {
    for (slot_number more = 0; more < growth_slots; ++more) write_block(block_of(slots_ + more), bytes());
    slots_ += growth_slots;
  }
  write_block(block_of(slot), keys_->seal_key(id_, slot, key, random));
}

void slot_file::overwrite(slot_number slot) {
  if (slot < slots_) write_block(block_of(slot), bytes());
}

void slot_file::sync() {
  errno = 0;
  expect(file_->pMethods->xSync(file_.get(), SQLITE_SYNC_NORMAL), "synced");
}

// --- the disk ---

std::int64_t slot_file::size() const {
  sqlite3_int64 out = 0;
  errno = 0;
  expect(file_->pMethods->xFileSize(file_.get(), &out), "measured");
  return out;
}

bytes slot_file::read_at(std::int64_t offset, std::size_t count) const {
  bytes out(count);
  errno = 0;
  const int result = file_->pMethods->xRead(file_.get(), out.data(), static_cast<int>(count), offset);
  if (result != SQLITE_IOERR_SHORT_READ) expect(result, "read");
  return out;
}

void slot_file::write_block(std::int64_t block, bytes content) {
  content.resize(block_bytes);
  errno = 0;
  expect(file_->pMethods->xWrite(file_.get(), content.data(), static_cast<int>(block_bytes), offset_of(block)),
         "written");
}

void slot_file::expect(int result, std::string_view doing) const {
  if (result == SQLITE_OK) return;
  refuse(*path_, "cannot be " + std::string(doing) + ": " + sqlite3_errstr(result) + " " + reason(errno) +
                     "; see to its disk");
}

}  // namespace tomoshibi::storage
