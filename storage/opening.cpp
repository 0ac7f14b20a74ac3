#include "storage/opening.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "storage/conversations.hpp"
#include "storage/schema.hpp"
#include "storage/version_1.hpp"

namespace tomoshibi::storage {

namespace {

constexpr std::int64_t application_id = 0x746f6d6f;  // "tomo"
constexpr std::int64_t schema_version = 2;
constexpr std::uint64_t page_bytes = 4096;

std::string not_opened(const std::filesystem::path& file) {
  return "the store " + file.string() + " cannot be opened: ";
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error(not_opened(file) + why);
}

void create_if_absent(const std::filesystem::path& file) {
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) {
    refuse(file, "there is no folder " + folder.string() + "; create it, or correct the path");
  }
  if (std::filesystem::exists(file, none)) {
    if (!std::filesystem::is_regular_file(file, none)) refuse(file, "it is not a file; correct the path");
    return;
  }
  const int created = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (created < 0) {
    refuse(file, std::string("it cannot be created (") + std::strerror(errno) +
                     "); give this user the right to write in its folder");
  }
  ::close(created);
}

std::string meaning_of(const database_error& error) {
  const std::string said = "(" + std::string(error.what()) + ")";
  switch (error.code()) {
    case SQLITE_NOTADB:
      return "it is damaged or no store at all; restore it from a backup, or correct the path";
    case SQLITE_CORRUPT:
      return "it is damaged; restore it from a backup";
    case SQLITE_BUSY:
      return "another process uses it; stop that one first";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return "this user may not write it or its folder; give it the right to " + said;
    case SQLITE_FULL:
      return "its disk is full; make room there " + said;
    default:
      return "its disk or its memory refuses; see what the system's log says of them " + said;
  }
}

void set_up(database& db, std::uint64_t file_bytes_max) {
  // EXCLUSIVE: one process at a time, and no shared-memory file beside the log.
  db.execute("PRAGMA locking_mode = EXCLUSIVE");
  db.execute(
      "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
      "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;");
  db.execute("PRAGMA page_size = " + std::to_string(page_bytes));
  db.execute("PRAGMA max_page_count = " + std::to_string(file_bytes_max / page_bytes));
}

void write_durably(database& db) {
  statement mode = db.prepare("PRAGMA journal_mode = WAL");
  if (!mode.next() || mode.text(0) != "wal") throw std::runtime_error("SQLite has no write-ahead log here");
  db.execute("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;");
}

// In the transaction that is open.
slot_file_id create_schema(database& db, const sealing& keys, crypto::random_source& random) {
  db.execute(schema);
  const block<32> check = keys.check_value();
  const slot_file_id id = random.make_block<sizeof(slot_file_id)>();
  db.prepare("INSERT INTO storage_key (only, check_value, slot_file) VALUES (1, ?, ?)")
      .with(bytes_view(check), bytes_view(id))
      .run();
  db.execute("PRAGMA application_id = " + std::to_string(application_id));
  db.execute("PRAGMA user_version = " + std::to_string(schema_version));
  return id;
}

void check_ours(const database& db, const std::filesystem::path& file) {
  if (db.number("PRAGMA application_id") != application_id) {
    refuse(file, "it is a database of something else; correct the path");
  }
  const std::int64_t version = db.number("PRAGMA user_version");
  if (version > schema_version) {
    refuse(file, "it is of version " + std::to_string(version) + " and this program knows versions up to " +
                     std::to_string(schema_version) + "; start the newer program that wrote it");
  }
}

void check_whole(const database& db, const std::filesystem::path& file) {
  statement check = db.prepare("PRAGMA quick_check(1)");
  if (!check.next() || check.text(0) != "ok") refuse(file, "it is damaged; restore it from a backup");
}

void check_key(const database& db, const std::filesystem::path& file, const sealing& keys) {
  statement asked = db.prepare("SELECT check_value FROM storage_key");
  if (!asked.next() || !crypto::equal(asked.blob(0), keys.check_value())) {
    refuse(file, "it was written under another storage key; start with the key it was created with");
  }
}

void rewrite_version_1(database& db, const sqlite_settings& settings, const sealing& keys,
                       crypto::random_source& random) {
  try {
    db.execute("BEGIN IMMEDIATE");
    const std::vector<stored_conversation> all = load_version_1(db, settings.key);
    db.execute("DROP TABLE mail; DROP TABLE conversation; DROP TABLE storage_key");
    slot_file slots = slot_file::make(slot_file_of(settings.file), create_schema(db, keys, random), keys);
    conversations rewritten(db, slots, random, all.size());
    for (const stored_conversation& one : all) {
      rewritten(put_conversation{one.conversation, one.value});
      for (const stored_mail& mail : one.mail) {
        rewritten(put_mail{one.conversation, mail.to, mail.number, mail.value});
      }
    }
    rewritten.commit();
  } catch (const std::runtime_error& error) {
    db.roll_back();
    refuse(settings.file,
           "it is of version 1 and could not be rewritten for this program, so it was left as it was: " +
               std::string(error.what()));
  }
}

slot_file open_slots(const database& db, const std::filesystem::path& file, const sealing& keys) {
  slot_file_id id{};
  {
    statement asked = db.prepare("SELECT slot_file FROM storage_key");
    if (asked.next()) id = reader(asked.blob(0)).take<sizeof(slot_file_id)>();
  }
  try {
    return slot_file::open(file, id, keys);
  } catch (const slot_file::unusable& why) {
    if (why.fault != slot_file::fault::lost || db.number("SELECT count(*) FROM conversation") > 0) throw;
    return slot_file::make(file, id, keys);
  }
}

database open_database(const sqlite_settings& settings, const sealing& keys, crypto::random_source& random) {
  database db(settings.file);
  if (db.read_only()) refuse(settings.file, "this user may only read it; give it the right to write");
  set_up(db, settings.file_bytes_max);
  const bool is_new = db.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!is_new) check_ours(db, settings.file);
  write_durably(db);
  if (is_new) {
    db.execute("BEGIN IMMEDIATE");
    create_schema(db, keys, random);
    db.execute("COMMIT");
  }
  check_whole(db, settings.file);
  check_key(db, settings.file, keys);
  return db;
}

}  // namespace

opened_files open_files(const sqlite_settings& settings, const sealing& keys, crypto::random_source& random) {
  create_if_absent(settings.file);
  database db = open_database(settings, keys, random);
  if (db.number("PRAGMA user_version") == 1) rewrite_version_1(db, settings, keys, random);
  slot_file slots = open_slots(db, slot_file_of(settings.file), keys);
  return {std::move(db), std::move(slots)};
}

std::string refusal(const std::filesystem::path& file, const database_error& why) {
  return not_opened(file) + meaning_of(why);
}

std::string refusal(const std::filesystem::path& file, const slot_file::unusable& why) {
  return "the store " + file.string() + " cannot be opened without the keys of its conversations in " +
         slot_file_of(file).string() + ": " + why.what() +
         ". Put back the file that lay beside this database, or move both away to begin without its conversations";
}

}  // namespace tomoshibi::storage
