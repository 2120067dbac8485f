// SPDX-License-Identifier: Apache-2.0
#include "store/tables.h"

#include <limits>

#include "model/json_codec.h"
#include "store/identity.h"

namespace gpud::store {
namespace {

std::int64_t Micros(WallTime time) { return time.time_since_epoch().count(); }

// Words rather than numbers in the file: they survive a new order of the enumerators.
template <WireEnum E>
E WordOr(std::string_view word, E otherwise) {
  E value = otherwise;
  (void)ParseWord(word, value);  // a word of a later version
  return value;
}

/// Calls `visit(statement)` for the rows of `table` that `query` asks for, newest first.
template <class Visit>
Result<void> Select(Database& database, std::string_view columns, std::string_view table,
                    const EventQuery& query, Visit&& visit) {
  std::string sql = "SELECT ";
  sql += columns;
  sql += " FROM ";
  sql += table;
  sql += " WHERE time_us>?1 AND time_us<=?2";
  for (std::size_t i = 0; i < query.components.size(); ++i) {
    sql += i == 0 ? " AND component IN (?" : ",?";
    sql += std::to_string(i + 4);
  }
  if (!query.components.empty()) sql += ")";
  sql += " ORDER BY time_us DESC, id DESC LIMIT ?3";

  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  auto statement = database.Prepare(sql);
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->Bind(Micros(query.after), query.until ? Micros(*query.until) : kMax,
                  static_cast<std::int64_t>(std::min<std::size_t>(query.limit, kMax)));
  for (std::size_t i = 0; i < query.components.size(); ++i) {
    statement->BindOne(static_cast<int>(i) + 4, query.components[i]);
  }
  return statement->ForEachRow([&] { visit(*statement); });
}

}  // namespace

Result<std::size_t> InsertEvents(Database& database, const std::vector<Event>& events) {
  std::size_t added = 0;
  if (events.empty()) return added;
  const std::string sql =
      "INSERT INTO events(component, identity, time_us, name, type, message, extra_info, origin)"
      " VALUES(?1,?2,?3,?4,?5,?6,?7,?8) ON CONFLICT";
  auto insert_new = database.Prepare(sql + " DO NOTHING");
  if (!insert_new) return tl::unexpected<Error>(insert_new.error());
  auto replace = database.Prepare(
      sql +
      "(component, identity) DO UPDATE SET time_us=excluded.time_us, type=excluded.type,"
      " message=excluded.message, extra_info=excluded.extra_info");
  if (!replace) return tl::unexpected<Error>(replace.error());
  for (const Event& event : events) {
    const std::string identity = event.identity.empty() ? OwnIdentity(event) : event.identity;
    const std::string extra = event.extra_info.empty() ? "" : ToJson(event.extra_info);
    auto& insert = event.again ? replace : insert_new;
    const auto done = insert->Run(event.component, identity, Micros(event.time), event.name,
                                  Word(event.type), event.message, extra, Word(event.origin));
    if (!done) return tl::unexpected<Error>(done.error());
    added += static_cast<std::size_t>(database.changes());
  }
  return added;
}

Result<void> InsertTransitions(Database& database, const std::vector<Transition>& transitions) {
  if (transitions.empty()) return {};
  auto insert = database.Prepare(
      "INSERT INTO transitions(time_us, component, health_from, health_to, reason)"
      " VALUES(?1,?2,?3,?4,?5)");
  if (!insert) return tl::unexpected<Error>(insert.error());
  for (const Transition& transition : transitions) {
    const auto done = insert->Run(Micros(transition.time), transition.component, transition.from,
                                  transition.to, transition.reason);
    if (!done) return done;
  }
  return {};
}

Result<void> UpsertMetadata(Database& database, const Metadata& metadata) {
  for (const auto& [key, value] : metadata) {
    auto change = database.Prepare(value.empty() ? "DELETE FROM metadata WHERE key=?1"
                                                 : "INSERT OR REPLACE INTO metadata VALUES(?1,?2)");
    if (!change) return tl::unexpected<Error>(change.error());
    const auto done = value.empty() ? change->Run(key) : change->Run(key, value);
    if (!done) return done;
  }
  return {};
}

Result<std::vector<Event>> SelectEvents(Database& database, const EventQuery& query) {
  std::vector<Event> events;
  const auto done =
      Select(database, "component, identity, time_us, name, type, message, extra_info, origin",
             "events", query, [&](Statement& row) {
               Event& event = events.emplace_back();
               event.component = row.Text(0);
               event.identity = row.Text(1);
               event.time = WallTime(std::chrono::microseconds(row.Integer(2)));
               event.name = row.Text(3);
               event.type = WordOr(row.Text(4), EventType::kUnknown);
               event.message = row.Text(5);
               event.extra_info = ReadTexts(row.Text(6));
               event.origin = WordOr(row.Text(7), Origin::kUserSpace);
             });
  if (!done) return tl::unexpected<Error>(done.error());
  return events;
}

Result<std::vector<Transition>> SelectTransitions(Database& database, const EventQuery& query) {
  std::vector<Transition> transitions;
  const auto done =
      Select(database, "time_us, component, health_from, health_to, reason", "transitions", query,
             [&](Statement& row) {
               transitions.push_back({WallTime(std::chrono::microseconds(row.Integer(0))),
                                      std::string(row.Text(1)), std::string(row.Text(2)),
                                      std::string(row.Text(3)), std::string(row.Text(4))});
             });
  if (!done) return tl::unexpected<Error>(done.error());
  return transitions;
}

Result<Metadata> SelectMetadata(Database& database) {
  auto select = database.Prepare("SELECT key, value FROM metadata");
  if (!select) return tl::unexpected<Error>(select.error());
  Metadata metadata;
  const auto done = select->ForEachRow([&] { metadata.emplace(select->Text(0), select->Text(1)); });
  if (!done) return tl::unexpected<Error>(done.error());
  return metadata;
}

std::map<std::string, std::string> ReadTexts(std::string_view json) {
  using Texts = std::map<std::string, std::string>;
  return json.empty() ? Texts{} : FromJsonText<Texts>(json).value_or(Texts{});
}

Result<void> Purge(Database& database, WallTime events, WallTime metrics) {
  for (const std::string_view sql :
       {"DELETE FROM events WHERE time_us<=?1", "DELETE FROM transitions WHERE time_us<=?1"}) {
    auto purge = database.Prepare(sql);
    if (!purge) return tl::unexpected<Error>(purge.error());
    if (auto done = purge->Run(Micros(events)); !done) return done;
  }
  // A walk over the few series, and for each its oldest chunks, rather than over all chunks.
  auto chunks = database.Prepare(
      "DELETE FROM chunks WHERE (series, start_ms) IN (SELECT c.series, c.start_ms FROM series s"
      " CROSS JOIN chunks c ON c.series=s.id AND c.start_ms<?1 WHERE c.end_ms<?1)");
  if (!chunks) return tl::unexpected<Error>(chunks.error());
  if (auto done = chunks->Run(Micros(metrics) / 1000); !done) return done;
  return database.Run(
      "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.series=series.id)");
}

}  // namespace gpud::store
