// SQLite as this room uses it: one connection, prepared statements, exceptions that never leave the room.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

#include "crypto/bytes.hpp"

namespace tomoshibi::storage {

// What SQLite refused, with the operating system's reason where there is one. Never a value.
class database_error : public std::runtime_error {
 public:
  database_error(sqlite3* of, std::string_view doing);
  int code() const { return code_; }  // primary result code: SQLITE_FULL, SQLITE_CONSTRAINT, ...

 private:
  int code_;
};

class statement {
 public:
  statement(sqlite3* on, std::string_view sql);

  // Begins again with these parameters. Blobs are not copied: they must live until `next` has given false.
  template <class... Values>
  statement& with(const Values&... values) {
    sqlite3_reset(prepared_.get());
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }
  bool next();  // true: there is a row to read
  void run();   // to the end, whatever rows there are

  std::int64_t number(int column) const { return sqlite3_column_int64(prepared_.get(), column); }
  bytes_view blob(int column) const;  // until the next `next`
  std::string text(int column) const { return as_text(blob(column)); }

 private:
  void bind(int index, std::int64_t value) { bound(sqlite3_bind_int64(prepared_.get(), index, value)); }
  void bind(int index, bytes_view value);
  void bound(int result) const;

  struct finalizer {
    void operator()(sqlite3_stmt* prepared) const { sqlite3_finalize(prepared); }
  };
  std::unique_ptr<sqlite3_stmt, finalizer> prepared_;
};

class database {
 public:
  explicit database(const std::filesystem::path& file);  // which must exist

  sqlite3* handle() const { return handle_.get(); }
  void execute(const std::string& sql);  // one or more statements of ours, without parameters
  statement prepare(std::string_view sql) const { return {handle(), sql}; }
  std::int64_t number(std::string_view sql) const;  // the first column of the first row, 0 if there is none
  std::int64_t changes() const { return sqlite3_changes64(handle()); }
  bool read_only() const { return sqlite3_db_readonly(handle(), "main") == 1; }
  void roll_back() noexcept;  // nothing if no transaction is open

 private:
  struct closer {
    void operator()(sqlite3* open) const { sqlite3_close_v2(open); }
  };
  std::unique_ptr<sqlite3, closer> handle_;
};

}  // namespace tomoshibi::storage
