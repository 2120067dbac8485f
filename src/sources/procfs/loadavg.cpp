// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/loadavg.h"

#include "platform/text.h"

namespace gpud::procfs {

Result<LoadAverage> ParseLoadAverage(std::string_view text) {
  const auto words = SplitBlanks(Trim(text));
  const auto bad = [] {
    return Fail(ErrorCode::kParse, "/proc/loadavg: not \"LOAD LOAD LOAD RUNNING/THREADS PID\"");
  };
  if (words.size() < 4) return bad();
  const auto one = ParseNumber<double>(words[0]);
  const auto five = ParseNumber<double>(words[1]);
  const auto fifteen = ParseNumber<double>(words[2]);
  const auto threads = ParseNumber<std::uint64_t>(words[3].substr(words[3].find('/') + 1));
  if (!one || !five || !fifteen || !threads) return bad();
  return LoadAverage{*one, *five, *fifteen, *threads};
}

constinit const SourceType kLoadAverage{
    .name = "procfs/loadavg",
    .snapshot = &kSnapshot<LoadAverage>,
    .read =
        [](const Host& host, Inputs& into) {
          into.Put<LoadAverage>(host.root.Read("/proc/loadavg").and_then(ParseLoadAverage));
        },
};

}  // namespace gpud::procfs
