// SPDX-License-Identifier: Apache-2.0
// Database, Statement: the little of SQLite that the store needs, with owners and Results. The only
// place that includes sqlite3.h. A Database and its Statements stay on one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gpud::store {

/// Bytes of a BLOB, as opposed to a TEXT.
struct Blob {
  std::string_view bytes;
};

class Statement {
 public:
  /// Begins anew with these values for ?1, ?2 ... Texts and blobs are not copied: they must live
  /// until the last Step.
  template <class... Values>
  Statement& Bind(const Values&... values) {
    Reset();
    int index = 0;
    (BindOne(++index, values), ...);
    return *this;
  }
  /// True: a row is there; false: it was the last.
  Result<bool> Step();
  /// Binds the values and steps to the end.
  template <class... Values>
  Result<void> Run(const Values&... values) {
    return Bind(values...).ForEachRow([] {});
  }
  /// Calls `visit()` for each row; the columns are read there.
  template <class Visit>
  Result<void> ForEachRow(Visit&& visit) {
    while (true) {
      const Result<bool> row = Step();
      if (!row) return tl::unexpected<Error>(row.error());
      if (!*row) return {};
      visit();
    }
  }

  void BindOne(int index, std::int64_t value);
  void BindOne(int index, std::string_view text);
  void BindOne(int index, Blob blob);

  std::int64_t Integer(int column);
  /// A text or a blob; valid until the next Step.
  std::string_view Text(int column);

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  void Reset();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_error_ = 0;
};

class Database {
 public:
  /// Opens or makes a file; ":memory:" for none. Errors: kIo with SQLite's code as `sys`.
  static Result<Database> Open(const std::string& path);

  Result<Statement> Prepare(std::string_view sql);
  /// One statement without parameters, to its end.
  Result<void> Run(std::string_view sql);
  /// The first column of the first row; 0 when there is none.
  Result<std::int64_t> Number(std::string_view sql);
  /// Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;
  /// True when the file is no longer at the path that it was opened at.
  bool Moved() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

/// Runs `work()`, a function that gives a Result<void>, in one transaction: all of it is committed
/// or none.
template <class Work>
Result<void> InTransaction(Database& database, Work&& work) {
  Result<void> done = database.Run("BEGIN IMMEDIATE");
  if (!done) return done;
  done = work();
  if (done) done = database.Run("COMMIT");
  // The first error is what went wrong; after a full disk SQLite has rolled back already.
  if (!done) (void)database.Run("ROLLBACK");
  return done;
}

/// An error that IsCorrupt.
Error CorruptError(std::string what);
/// The file is not what SQLite wrote.
bool IsCorrupt(const Error& error);
/// No room on the disk.
bool IsFull(const Error& error);

}  // namespace gpud::store
