// SPDX-License-Identifier: Apache-2.0
// The rows of events, transitions and metadata.
#pragma once

#include "store/sqlite.h"
#include "store/store.h"

namespace gpud::store {

/// Gives how many of them were new. To be called in a transaction, as all that write here.
Result<std::size_t> InsertEvents(Database& database, const std::vector<Event>& events);
Result<void> InsertTransitions(Database& database, const std::vector<Transition>& transitions);
Result<void> UpsertMetadata(Database& database, const Metadata& metadata);

/// Newest first.
Result<std::vector<Event>> SelectEvents(Database& database, const EventQuery& query);
Result<std::vector<Transition>> SelectTransitions(Database& database, const EventQuery& query);
Result<Metadata> SelectMetadata(Database& database);

/// A JSON object of texts (extra_info, labels); what is none gives an empty map.
std::map<std::string, std::string> ReadTexts(std::string_view json);

/// Deletes events and transitions of `events` and before, and chunks that end before `metrics`.
Result<void> Purge(Database& database, WallTime events, WallTime metrics);

}  // namespace gpud::store
