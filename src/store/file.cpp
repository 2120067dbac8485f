// SPDX-License-Identifier: Apache-2.0
#include "store/file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "platform/time_text.h"
#include "platform/unique_fd.h"

namespace gpud::store {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSchema = 1;

// Nothing here writes: the file may be damaged or another's. EXCLUSIVE keeps the index of the
// write-ahead log in our own memory: no -shm file that a full disk could fail to hold, no lock
// calls, and a second gpud on the same file is refused. 256 kB of cache: reads are rare, the page
// cache of the kernel holds the rest.
constexpr std::string_view kBefore[] = {
    "PRAGMA locking_mode=EXCLUSIVE", "PRAGMA cache_size=-256",    "PRAGMA temp_store=MEMORY",
    "PRAGMA cell_size_check=ON",     "PRAGMA trusted_schema=OFF",
};
constexpr std::string_view kAfter[] = {
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=256",  // pages: a log of 1 MiB
    "PRAGMA journal_size_limit=1048576",
};

// Chunks are found through their series; `start_ms` is the time of the first sample (see chunks.h).
constexpr std::string_view kTables[] = {
    "CREATE TABLE events(id INTEGER PRIMARY KEY, component TEXT NOT NULL, identity TEXT NOT NULL,"
    " time_us INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, message TEXT NOT NULL,"
    " extra_info TEXT NOT NULL, origin TEXT NOT NULL, UNIQUE(component, identity)) STRICT",
    "CREATE INDEX events_by_component ON events(component, time_us)",
    "CREATE INDEX events_by_time ON events(time_us)",
    "CREATE TABLE transitions(id INTEGER PRIMARY KEY, component TEXT NOT NULL,"
    " time_us INTEGER NOT NULL, health_from TEXT NOT NULL, health_to TEXT NOT NULL,"
    " reason TEXT NOT NULL) STRICT",
    "CREATE INDEX transitions_by_time ON transitions(time_us)",
    "CREATE TABLE metadata(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE series(id INTEGER PRIMARY KEY, component TEXT NOT NULL, name TEXT NOT NULL,"
    " labels TEXT NOT NULL, UNIQUE(component, name, labels)) STRICT",
    "CREATE TABLE chunks(series INTEGER NOT NULL, start_ms INTEGER NOT NULL,"
    " end_ms INTEGER NOT NULL, count INTEGER NOT NULL, samples BLOB NOT NULL,"
    " PRIMARY KEY(series, start_ms)) STRICT, WITHOUT ROWID",
    "PRAGMA user_version=1",
};

template <std::size_t n>
Result<void> RunAll(Database& database, const std::string_view (&statements)[n]) {
  for (const std::string_view sql : statements) {
    if (auto done = database.Run(sql); !done) return done;
  }
  return {};
}

Result<void> Check(Database& database) {
  auto check = database.Prepare("PRAGMA quick_check(1)");
  if (!check) return tl::unexpected<Error>(check.error());
  std::string verdict;
  auto done = check->ForEachRow([&] { verdict = check->Text(0); });
  if (done && verdict != "ok") return tl::unexpected<Error>(CorruptError(verdict));
  return done;
}

Result<void> Prepare(Database& database) {
  if (auto done = RunAll(database, kBefore); !done) return done;
  const auto version = database.Number("PRAGMA user_version");
  if (!version) return tl::unexpected<Error>(version.error());
  if (*version > kSchema) {
    return Fail(ErrorCode::kUnsupported,
                "a newer gpud wrote it (schema " + std::to_string(*version) + ", this one knows " +
                    std::to_string(kSchema) + "); nothing is kept: upgrade gpud or move it away");
  }
  if (auto done = Check(database); !done) return done;
  if (*version == kSchema) return RunAll(database, kAfter);

  const auto tables = database.Number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tl::unexpected<Error>(tables.error());
  if (*tables != 0) return tl::unexpected<Error>(CorruptError("it is not a database of gpud"));
  // Only a file without pages takes it.
  if (auto done = database.Run("PRAGMA auto_vacuum=INCREMENTAL"); !done) return done;
  if (auto done = RunAll(database, kAfter); !done) return done;
  return InTransaction(database, [&] { return RunAll(database, kTables); });
}

/// As FailErrno, but without the number: `sys` is SQLite's code in this folder, and some are alike.
tl::unexpected<Error> FailSystem(std::string what, int number) {
  tl::unexpected<Error> error = FailErrno(std::move(what), number);
  error.value().sys = 0;
  return error;
}

/// SQLite would make it readable for all; and it takes an emptied file for a new one and deletes
/// the log beside it.
Result<void> MakeFile(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return FailSystem("open", errno);
  std::error_code none;
  if (lseek(file.get(), 0, SEEK_END) == 0 && fs::file_size(path + "-wal", none) > 0 && !none) {
    return tl::unexpected<Error>(CorruptError("it is empty, but its log is not"));
  }
  return {};
}

}  // namespace

Result<Database> OpenFile(const std::string& path) {
  if (path != ":memory:") {
    if (auto made = MakeFile(path); !made) return Pass(std::move(made), path);
  }
  auto database = Database::Open(path);
  if (!database) return Pass(std::move(database), path);
  if (auto done = Prepare(*database); !done) return Pass(std::move(done), path);
  return database;
}

Result<std::string> SetAside(const std::string& path, WallTime now) {
  std::string time = Rfc3339Seconds(now);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  std::string target = path + ".corrupt-" + time;
  std::error_code error;
  for (int i = 2; fs::exists(target, error); ++i) {
    target = path + ".corrupt-" + time + "-" + std::to_string(i);
  }
  // The log first: a new file must never meet the old one's.
  for (const std::string suffix : {"-wal", "-shm", ""}) {
    fs::rename(path + suffix, target + suffix, error);
    if (error && !(error == std::errc::no_such_file_or_directory && !suffix.empty())) {
      return FailSystem("set " + path + suffix + " aside", error.value());
    }
  }
  return target;
}

}  // namespace gpud::store
