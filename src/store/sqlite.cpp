// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <system_error>

namespace gpud::store {
namespace {

// The low byte of an extended result code is the plain one.
constexpr int kPlainCode = 0xff;

Error MakeError(sqlite3* database, int code) {
  std::string what = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  const int plain = code & kPlainCode;
  if (plain == SQLITE_BUSY) what += " (is another gpud running?)";
  // What the kernel said, where SQLite only says that it did not go well.
  const int system = database ? sqlite3_system_errno(database) : 0;
  if (system != 0 && (plain == SQLITE_IOERR || plain == SQLITE_CANTOPEN)) {
    what += " (" + std::generic_category().message(system) + ")";
    if (system == ENOSPC || system == EDQUOT) return {ErrorCode::kIo, std::move(what), SQLITE_FULL};
  }
  return {ErrorCode::kIo, std::move(what), code};
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  bind_error_ = SQLITE_OK;
}

void Statement::BindOne(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), index, value);
  if (code != SQLITE_OK) bind_error_ = code;
}

void Statement::BindOne(int index, std::string_view text) {
  // A null pointer would be NULL rather than the empty text.
  const int code = sqlite3_bind_text64(statement_.get(), index, text.data() ? text.data() : "",
                                       text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) bind_error_ = code;
}

void Statement::BindOne(int index, Blob blob) {
  const int code = sqlite3_bind_blob64(statement_.get(), index, blob.bytes.data(),
                                       blob.bytes.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) bind_error_ = code;
}

Result<bool> Statement::Step() {
  const int code = bind_error_ == SQLITE_OK ? sqlite3_step(statement_.get()) : bind_error_;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::unexpected<Error>(MakeError(sqlite3_db_handle(statement_.get()), code));
}

std::int64_t Statement::Integer(int column) {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::Text(int column) {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<Database> Database::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &handle,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return tl::unexpected<Error>(MakeError(handle, code));
  return database;
}

Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &handle, nullptr);
  Statement statement(handle);
  if (code != SQLITE_OK) return tl::unexpected<Error>(MakeError(database_.get(), code));
  return statement;
}

Result<void> Database::Run(std::string_view sql) {
  Result<Statement> statement = Prepare(sql);
  if (!statement) return tl::unexpected<Error>(statement.error());
  return statement->Run();
}

Result<std::int64_t> Database::Number(std::string_view sql) {
  Result<Statement> statement = Prepare(sql);
  if (!statement) return tl::unexpected<Error>(statement.error());
  const Result<bool> row = statement->Step();
  if (!row) return tl::unexpected<Error>(row.error());
  return *row ? statement->Integer(0) : 0;
}

std::int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

bool Database::Moved() const {
  int moved = 0;
  const int code = sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return code == SQLITE_OK && moved != 0;
}

Error CorruptError(std::string what) { return {ErrorCode::kIo, std::move(what), SQLITE_CORRUPT}; }

bool IsCorrupt(const Error& error) {
  const int code = error.sys & kPlainCode;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

bool IsFull(const Error& error) { return (error.sys & kPlainCode) == SQLITE_FULL; }

}  // namespace gpud::store
