// SPDX-License-Identifier: Apache-2.0
#include "platform/text.h"
#include "plugins/spec_file.h"

namespace gpud::plugins {

Result<ListEntry> ParseListEntry(std::string_view text) {
  ListEntry entry;
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) entry.parameter = text.substr(colon + 1);
  const std::string_view head = text.substr(0, colon);
  const std::size_t hash = head.find('#');
  entry.name = head.substr(0, hash);
  if (entry.name.empty()) {
    return Fail(ErrorCode::kParse, "component name cannot be empty in component list");
  }
  if (hash == std::string_view::npos) return entry;
  const std::string_view mode = head.substr(hash + 1);
  const std::size_t open = mode.find('[');
  const bool closes = mode.find(']') != std::string_view::npos;
  if ((open != std::string_view::npos) != closes) {
    return Fail(ErrorCode::kParse,
                "invalid tag format in component list entry: " + std::string(text));
  }
  entry.run_mode = Trim(mode.substr(0, open));
  if (!closes) return entry;
  entry.tags.emplace();
  // As in the original the last character is taken for the "]".
  const std::string_view tags = mode.substr(open + 1, mode.size() - open - 2);
  for (const std::string_view tag : Split(tags, ',')) {
    if (!Trim(tag).empty()) entry.tags->emplace_back(Trim(tag));
  }
  return entry;
}

}  // namespace gpud::plugins
