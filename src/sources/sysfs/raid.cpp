// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/raid.h"

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/class/block/";

std::uint32_t Count(const Root& root, const std::string& path) {
  return static_cast<std::uint32_t>(ReadUnsigned(root, path).value_or(0));
}

/// Nothing for what is no array any more ("clear") or has not become one yet.
std::optional<RaidArray> ReadRaid(const Root& root, const std::string& name) {
  const std::string path = std::string(kFolder) + name + "/md";
  auto state = ReadText(root, path + "/array_state");
  if (!state || *state == "clear") return std::nullopt;
  const auto text = [&](const char* file) {
    return ReadText(root, path + "/" + file).value_or(std::string());
  };
  return RaidArray{.name = name,
                   .level = text("level"),
                   .state = *std::move(state),
                   .disks = Count(root, path + "/raid_disks"),
                   .degraded = Count(root, path + "/degraded"),
                   .sync_action = text("sync_action"),
                   .sync_ratio = ParseSyncCompleted(text("sync_completed"))};
}

Result<Arrays> ReadArrays(const Root& root) {
  const auto names = root.List(kFolder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "arrays");
  Arrays all;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    if (name.starts_with("md")) {
      if (auto raid = ReadRaid(root, name)) all.raids.push_back(*std::move(raid));
    } else if (name.starts_with("dm-")) {
      const std::string path = std::string(kFolder) + name + "/dm";
      const auto suspended = ReadUnsigned(root, path + "/suspended");
      if (!suspended) continue;
      all.volumes.push_back({.device = name,
                             .name = ReadText(root, path + "/name").value_or(std::string()),
                             .suspended = *suspended != 0});
    }
  }
  if (all.raids.empty() && all.volumes.empty()) {
    return Fail(ErrorCode::kUnsupported, "no software array and no mapped volume");
  }
  return all;
}

}  // namespace

std::optional<double> ParseSyncCompleted(std::string_view text) {
  const auto words = SplitBlanks(Trim(text));
  if (words.size() != 3 || words[1] != "/") return std::nullopt;
  const auto done = ParseNumber<std::uint64_t>(words[0]);
  const auto all = ParseNumber<std::uint64_t>(words[2]);
  if (!done || !all || *all == 0 || *done > *all) return std::nullopt;
  return static_cast<double>(*done) / static_cast<double>(*all);
}

constinit const SourceType kArrays{
    .name = "sysfs/arrays",
    .lane = Lane::kMounts,
    .snapshot = &kSnapshot<Arrays>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadArrays(host.root)); },
};

}  // namespace gpud::sysfs
