// SPDX-License-Identifier: Apache-2.0
#include "store/import.h"

#include <algorithm>
#include <filesystem>

#include "platform/time_text.h"
#include "store/tables.h"

namespace gpud::store {
namespace {

namespace fs = std::filesystem;

constexpr char kDoneKey[] = "gpud.state_import";
constexpr std::string_view kPrefix = "components_", kInfix = "_events_v";

/// The copy of a database and its log, deleted at the end.
class Copy {
 public:
  explicit Copy(std::string path) : path_(std::move(path)) {}
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() {
    std::error_code ignored;  // the next import overwrites what is left
    for (const char* suffix : kSuffixes) fs::remove(path_ + suffix, ignored);
  }

  Result<void> Make(const std::string& from) {
    for (const char* suffix : {"", "-wal"}) {
      std::error_code error;
      fs::copy_file(from + suffix, path_ + suffix, fs::copy_options::overwrite_existing, error);
      if (error && !(*suffix && error == std::errc::no_such_file_or_directory)) {
        return FailErrno("copy " + from + suffix, error.value());
      }
    }
    return {};
  }
  const std::string& path() const { return path_; }

 private:
  static constexpr const char* kSuffixes[] = {"", "-wal", "-shm", "-journal"};
  std::string path_;
};

struct Original {
  Metadata metadata;
  std::vector<Event> events;
};

Result<void> ReadMetadata(Database& from, Original& into) {
  auto select = from.Prepare("SELECT key, value FROM gpud_metadata WHERE value IS NOT NULL");
  if (!select) return tl::unexpected<Error>(select.error());
  return select->ForEachRow([&] { into.metadata.emplace(select->Text(0), select->Text(1)); });
}

Result<void> ReadEvents(Database& from, const std::string& table, WallTime oldest, Original& into) {
  const std::string component = ComponentOfTable(table);
  // No quote can be in the name: ComponentOfTable refuses it.
  auto select = from.Prepare("SELECT rowid, timestamp, name, type, message, extra_info FROM \"" +
                             table + "\" WHERE timestamp>?1");
  if (!select) return tl::unexpected<Error>(select.error());
  select->Bind(Seconds(oldest.time_since_epoch()));
  return select->ForEachRow([&] {
    Event& event = into.events.emplace_back();
    event.component = component;
    event.identity = kDoneKey + (":" + table) + ":" + std::to_string(select->Integer(0));
    event.time = WallTime(std::chrono::seconds(select->Integer(1)));
    event.name = select->Text(2);
    event.type = EventType::kUnknown;
    (void)ParseWord(select->Text(3), event.type);  // Xid rows of the original have an empty type
    event.message = select->Text(4);
    event.extra_info = ReadTexts(select->Text(5));
  });
}

Result<Original> ReadOriginal(const std::string& path, WallTime oldest) {
  auto from = Database::Open(path);
  if (!from) return Pass(std::move(from), "open");
  std::vector<std::string> tables;
  {
    auto select = from->Prepare("SELECT name FROM sqlite_master WHERE type='table'");
    if (!select) return tl::unexpected<Error>(select.error());
    auto done = select->ForEachRow([&] { tables.emplace_back(select->Text(0)); });
    if (!done) return tl::unexpected<Error>(done.error());
  }
  Original original;
  for (const std::string& table : tables) {
    Result<void> done;
    if (table == "gpud_metadata") done = ReadMetadata(*from, original);
    if (!ComponentOfTable(table).empty()) done = ReadEvents(*from, table, oldest, original);
    if (!done) return Pass(std::move(done), table);
  }
  return original;
}

}  // namespace

std::string ComponentOfTable(std::string_view table) {
  const std::size_t end = table.rfind(kInfix);
  if (!table.starts_with(kPrefix) || end == std::string_view::npos || end <= kPrefix.size() ||
      table.find('"') != std::string_view::npos) {
    return {};
  }
  std::string name(table.substr(kPrefix.size(), end - kPrefix.size()));
  for (const std::string_view known : {"accelerator_", "network_", "kernel_"}) {
    if (name.starts_with(known)) std::replace(name.begin(), name.end(), '_', '-');
  }
  return name;
}

Result<void> ImportOriginal(Database& database, const std::string& directory, WallTime now,
                            WallTime oldest) {
  const std::string path = directory + "/gpud.state";
  std::error_code none;
  if (!fs::exists(path, none)) return {};
  auto known = SelectMetadata(database);
  if (!known) return tl::unexpected<Error>(known.error());
  if (known->contains(kDoneKey)) return {};

  Copy copy(directory + "/gpud.state.import");
  if (auto made = copy.Make(path); !made) return made;
  auto original = ReadOriginal(copy.path(), oldest);
  return InTransaction(database, [&]() -> Result<void> {
    if (!original) {
      return UpsertMetadata(database, {{kDoneKey, "not readable: " + original.error().what}});
    }
    auto added = InsertEvents(database, original->events);
    if (!added) return tl::unexpected<Error>(added.error());
    Metadata metadata = std::move(original->metadata);
    for (const auto& [key, value] : *known) metadata.erase(key);
    metadata[kDoneKey] = Rfc3339Seconds(now) + ": " + std::to_string(*added) + " events, " +
                         std::to_string(metadata.size()) + " metadata";
    return UpsertMetadata(database, metadata);
  });
}

}  // namespace gpud::store
