// SPDX-License-Identifier: Apache-2.0
#include "daemon/boot.h"

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::daemon {
namespace {

constexpr std::string_view kKeyPrefix = "boot_wall_us.";
constexpr std::chrono::hours kNews{72};

}  // namespace

Boot FindBoot(const Root& root, const Clock& clock, const store::Metadata& metadata) {
  Boot boot;
  if (const auto id = root.Read("/proc/sys/kernel/random/boot_id")) boot.id = Trim(*id);
  boot.wall = clock.Wall() - clock.Boot().time_since_epoch();
  if (const auto known = WallOfBoot(boot.id, metadata)) {
    boot.wall = *known;
    boot.first_seen = false;
  }
  return boot;
}

std::optional<WallTime> WallOfBoot(const std::string& boot_id, const store::Metadata& metadata) {
  const auto known = metadata.find(std::string(kKeyPrefix) + boot_id);
  if (boot_id.empty() || known == metadata.end()) return std::nullopt;
  const auto micros = ParseNumber<std::int64_t>(known->second);
  if (!micros) return std::nullopt;
  return WallTime(std::chrono::microseconds(*micros));
}

store::Metadata BootMetadata(const Boot& boot, const store::Metadata& metadata) {
  store::Metadata changes;
  if (boot.id.empty() || !boot.first_seen) return changes;
  for (const auto& [key, value] : metadata) {
    if (key.starts_with(kKeyPrefix)) changes[key] = "";
  }
  changes[std::string(kKeyPrefix) + boot.id] = std::to_string(boot.wall.time_since_epoch().count());
  return changes;
}

std::optional<Event> RebootEvent(const Boot& boot, WallTime now) {
  if (boot.id.empty() || now - boot.wall >= kNews) return std::nullopt;
  std::string when = Rfc3339Seconds(boot.wall);  // 2026-02-28T03:10:44Z
  when[10] = ' ';
  when.resize(19);
  return Event{.component = "os",
               .time = boot.wall,
               .name = "reboot",
               .type = EventType::kWarning,
               .message = "system reboot detected " + when + " +0000 UTC",
               .identity = "reboot:" + boot.id};
}

}  // namespace gpud::daemon
