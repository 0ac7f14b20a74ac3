#include "storage/database.hpp"

#include <system_error>

namespace tomoshibi::storage {

namespace {

std::string describe(sqlite3* of, std::string_view doing) {
  std::string what = std::string(doing) + ": " + (of == nullptr ? "out of memory" : sqlite3_errmsg(of));
  if (of != nullptr && sqlite3_system_errno(of) != 0) {
    what += " (" + std::generic_category().message(sqlite3_system_errno(of)) + ")";
  }
  return what;
}

}  // namespace

database_error::database_error(sqlite3* of, std::string_view doing)
    : std::runtime_error(describe(of, doing)), code_(of == nullptr ? SQLITE_NOMEM : sqlite3_errcode(of) & 0xff) {}

// --- statement ---

statement::statement(sqlite3* on, std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const int result =
      sqlite3_prepare_v3(on, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  prepared_.reset(prepared);
  if (result != SQLITE_OK) throw database_error(on, "preparing a statement");
}

void statement::bind(int index, bytes_view value) {
  bound(sqlite3_bind_blob64(prepared_.get(), index, value.data(), value.size(), SQLITE_STATIC));
}

void statement::bound(int result) const {
  if (result != SQLITE_OK) throw database_error(sqlite3_db_handle(prepared_.get()), "binding a parameter");
}

bool statement::next() {
  const int result = sqlite3_step(prepared_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  database_error error(sqlite3_db_handle(prepared_.get()), "running a statement");
  sqlite3_reset(prepared_.get());
  throw error;
}

void statement::run() {
  while (next()) {
  }
}

bytes_view statement::blob(int column) const {
  const auto* data = static_cast<const byte*>(sqlite3_column_blob(prepared_.get(), column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(prepared_.get(), column))};
}

// --- database ---

database::database(const std::filesystem::path& file) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(std::filesystem::absolute(file).c_str(), &opened,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(opened);
  if (result != SQLITE_OK) throw database_error(opened, "opening");
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
}

void database::execute(const std::string& sql) {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw database_error(handle(), "running a statement");
  }
}

std::int64_t database::number(std::string_view sql) const {
  statement asked = prepare(sql);
  return asked.next() ? asked.number(0) : 0;
}

void database::roll_back() noexcept {
  if (sqlite3_get_autocommit(handle()) == 0) sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace tomoshibi::storage
