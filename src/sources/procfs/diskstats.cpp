// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/diskstats.h"

#include "platform/text.h"

namespace gpud::procfs {

Result<Diskstats> ParseDiskstats(std::string_view text) {
  constexpr std::size_t kFirstNumber = 3, kNumbers = 11;
  constexpr std::uint64_t kSectorBytes = 512;
  Diskstats stats;
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);
    if (words.empty()) continue;
    std::uint64_t numbers[kNumbers] = {};
    bool good = words.size() >= kFirstNumber + kNumbers;
    for (std::size_t i = 0; good && i < kNumbers; ++i) {
      const auto number = ParseNumber<std::uint64_t>(words[kFirstNumber + i]);
      good = number.has_value();
      numbers[i] = number.value_or(0);
    }
    if (!good) return Fail(ErrorCode::kParse, "/proc/diskstats: bad line: " + std::string(line));
    stats.disks.push_back({.device = std::string(words[0]) + ":" + std::string(words[1]),
                           .name = std::string(words[2]),
                           .reads = numbers[0],
                           .read_bytes = numbers[2] * kSectorBytes,
                           .read_milliseconds = numbers[3],
                           .writes = numbers[4],
                           .written_bytes = numbers[6] * kSectorBytes,
                           .write_milliseconds = numbers[7],
                           .in_flight = numbers[8],
                           .busy_milliseconds = numbers[9],
                           .weighted_milliseconds = numbers[10]});
  }
  return stats;
}

constinit const SourceType kDiskstats{
    .name = "procfs/diskstats",
    .snapshot = &kSnapshot<Diskstats>,
    .read =
        [](const Host& host, Inputs& into) {
          into.Put<Diskstats>(host.root.Read("/proc/diskstats").and_then(ParseDiskstats));
        },
};

}  // namespace gpud::procfs
