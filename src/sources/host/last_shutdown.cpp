// SPDX-License-Identifier: Apache-2.0
#include "sources/host/last_shutdown.h"

#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utmp.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "platform/text.h"

namespace gpud::host {
namespace {

// Some 600 log-ins since the last boot; more, and it is not known.
constexpr off_t kTail = off_t{600} * sizeof(utmp);
constexpr std::string_view kLogIns = "/var/log/wtmp";
constexpr std::string_view kWatchdogs = "/sys/class/watchdog";
// The record is written when user space is up, by a clock that may just have been set.
constexpr std::chrono::minutes kNear{30};

std::string ReadTail(const Root& root, std::string_view path) {
  const auto fd = root.Open(path, O_RDONLY | O_NOCTTY);
  struct stat status {};
  if (!fd || fstat(fd->get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  constexpr off_t kRecord{sizeof(utmp)};
  const off_t end = status.st_size / kRecord * kRecord;
  const off_t start = std::max(off_t{0}, end - kTail);
  std::string tail(static_cast<std::size_t>(end - start), '\0');
  const ssize_t n = pread(fd->get(), tail.data(), tail.size(), start);
  tail.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return tail;
}

bool WatchdogDidIt(const Root& root) {
  const auto names = root.List(kWatchdogs);
  if (!names) return false;
  return std::any_of(names->begin(), names->end(), [&](const std::string& name) {
    const auto text = root.Read(std::string(kWatchdogs) + "/" + name + "/bootstatus");
    const auto status = text ? ParseNumber<unsigned>(Trim(*text)) : std::nullopt;
    return status && (*status & WDIOF_CARDRESET) != 0;
  });
}

Result<LastShutdown> ReadLastShutdown(const Host& host) {
  if (!host.root.Exists(kLogIns) && !host.root.Exists(kWatchdogs)) {
    return Fail(ErrorCode::kNotFound, "neither log-in records nor watchdogs");
  }
  const WallTime booted = host.clock.Wall() - host.clock.Boot().time_since_epoch();
  return LastShutdown{.orderly = WasOrderly(ReadTail(host.root, kLogIns), booted),
                      .by_watchdog = WatchdogDidIt(host.root)};
}

}  // namespace

std::optional<bool> WasOrderly(std::string_view records, WallTime booted) {
  bool this_boot = false;
  for (std::size_t end = records.size() / sizeof(utmp) * sizeof(utmp); end > 0;
       end -= sizeof(utmp)) {
    utmp record{};
    std::memcpy(&record, records.data() + (end - sizeof record), sizeof record);
    if (record.ut_type == BOOT_TIME) {
      if (this_boot) return false;  // two boots, and nothing that ended the first
      const WallTime time{std::chrono::seconds(record.ut_tv.tv_sec)};
      if (time < booted - kNear || time > booted + kNear) return std::nullopt;
      this_boot = true;
    }
    const bool shutdown = record.ut_type == RUN_LVL &&
                          std::strncmp(record.ut_user, "shutdown", sizeof record.ut_user) == 0;
    if (this_boot && shutdown) return true;
  }
  return std::nullopt;
}

extern constinit const SourceType kLastShutdown{
    .name = "host/last-shutdown",
    .snapshot = &kSnapshot<LastShutdown>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadLastShutdown(host)); },
};

}  // namespace gpud::host
