// SPDX-License-Identifier: Apache-2.0
#include "sources/nvidia/software.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "platform/json.h"
#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::nvidia {
namespace {

constexpr std::size_t kMostLines = 256;

Result<std::string> ToolkitVersion(const Root& root) {
  const std::string path = "/usr/local/cuda/version.json";
  const auto text = root.Read(path);
  if (!text) return tl::unexpected<Error>(text.error());
  const auto json = ParseJson(*text);
  if (!json) return Pass(json, path);
  const Json* cuda = json->Find("cuda");
  const Json* version = cuda ? cuda->Find("version") : nullptr;
  if (!version || !version->AsString()) return Fail(ErrorCode::kParse, path + ": has no version");
  return *version->AsString();
}

/// The end of a file that may be long.
Result<std::string> ReadTail(const Root& root, std::string_view path, std::size_t bytes) {
  const auto fd = root.Open(path, O_RDONLY);
  if (!fd) return tl::unexpected<Error>(fd.error());
  struct stat about {};
  if (fstat(fd->get(), &about) != 0) return FailErrno(std::string(path), errno);
  std::string text(std::min(bytes, static_cast<std::size_t>(about.st_size)), '\0');
  const ssize_t n =
      pread(fd->get(), text.data(), text.size(), about.st_size - static_cast<off_t>(text.size()));
  if (n < 0) return FailErrno(std::string(path), errno);
  text.resize(static_cast<std::size_t>(n));
  return text;
}

/// "Jan 02 2006 15:04:05".
std::optional<WallTime> ParseTime(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto words = SplitBlanks(text);
  if (words.size() != 4) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), words[0]);
  const auto day = ParseNumber<unsigned>(words[1]);
  const auto year = ParseNumber<int>(words[2]);
  const auto clock = Split(words[3], ':');
  if (month == kMonths.end() || !day || !year || clock.size() != 3) return std::nullopt;
  const auto hours = ParseNumber<unsigned>(clock[0]), minutes = ParseNumber<unsigned>(clock[1]),
             seconds = ParseNumber<unsigned>(clock[2]);
  const std::chrono::year_month_day date(
      std::chrono::year(*year),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(*day));
  if (!date.ok() || !hours || !minutes || !seconds || *hours > 23 || *minutes > 59 ||
      *seconds > 60) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

bool IsTrouble(std::string_view line) {
  for (const std::string_view words :
       {"NVSwitch fatal error", "NVSwitch non-fatal error", "in the multicast team",
        "match with any supported system topology", "NV_WARN_NOTHING_TO_DO"}) {
    if (line.find(words) != std::string_view::npos) return true;
  }
  return false;
}

Software ReadSoftware(const Root& root) {
  constexpr std::size_t kTail = 64 << 10;
  return {.module_version = sysfs::ReadText(root, "/sys/module/nvidia/version"),
          .toolkit_version = ToolkitVersion(root),
          .peermem_in_use = root.Exists("/sys/module/ib_core/holders/nvidia_peermem"),
          .fabric_manager = ParseFabricManagerLog(
              ReadTail(root, "/var/log/fabricmanager.log", kTail).value_or(std::string()))};
}

}  // namespace

std::vector<FabricManagerLine> ParseFabricManagerLog(std::string_view text) {
  std::vector<FabricManagerLine> lines;
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t close = line.find(']');
    if (!line.starts_with('[') || close == std::string_view::npos || !IsTrouble(line)) continue;
    const auto time = ParseTime(line.substr(1, close - 1));
    if (time) lines.push_back({*time, ValidUtf8(Trim(line.substr(close + 1)))});
  }
  if (lines.size() > kMostLines) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kMostLines));
  }
  return lines;
}

constinit const SourceType kSoftware{
    .name = "nvidia/software",
    .snapshot = &kSnapshot<Software>,
    .read = [](const Host& host, Inputs& into) { into.Put<Software>(ReadSoftware(host.root)); },
};

}  // namespace gpud::nvidia
