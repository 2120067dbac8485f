// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/mountstats.h"

#include <algorithm>

#include "platform/text.h"
#include "sources/procfs/mountinfo.h"

namespace gpud::procfs {
namespace {

constexpr std::size_t kMostBytes = 16 << 20;  // some 8 KB for each mount

/// "device filer:/export mounted on /mnt/data with fstype nfs4 statvers=1.1"; nothing for others.
std::optional<NfsMount> ParseDevice(std::string_view line) {
  const auto words = SplitBlanks(line);
  if (words.size() < 8 || words[0] != "device" || words[2] != "mounted" || words[6] != "fstype" ||
      (words[7] != "nfs" && words[7] != "nfs4")) {
    return std::nullopt;
  }
  return NfsMount{.mount_point = Unescape(words[4]), .server = Unescape(words[1])};
}

/// "bytes: normal_read normal_write direct_read direct_write server_read server_write ..."
void ParseBytes(std::string_view line, NfsMount& mount) {
  const auto words = SplitBlanks(line);
  if (words.size() < 7) return;
  mount.read_bytes = ParseNumber<std::uint64_t>(words[5]).value_or(0);
  mount.written_bytes = ParseNumber<std::uint64_t>(words[6]).value_or(0);
}

/// "READ: ops trans timeouts sent received queue rtt execute [errors]"
void ParseOperation(std::string_view line, NfsMount& mount) {
  constexpr std::size_t kNumbers = 8;
  const auto words = SplitBlanks(line);
  if (words.size() < 1 + kNumbers || !words[0].ends_with(':')) return;
  std::uint64_t numbers[kNumbers] = {};
  for (std::size_t i = 0; i < kNumbers; ++i) {
    const auto number = ParseNumber<std::uint64_t>(words[1 + i]);
    if (!number) return;
    numbers[i] = *number;
  }
  mount.operations += numbers[0];
  mount.transmissions += numbers[1];
  mount.timeouts += numbers[2];
  mount.queue_milliseconds += numbers[5];
  mount.rtt_milliseconds += numbers[6];
  mount.execute_milliseconds += numbers[7];
}

Result<NfsMounts> ReadNfsMounts(const Root& root) {
  // The root of a container that sees the host: the mounts of the host's first process.
  auto text =
      root.Read(root.path() == "/" ? "/proc/self/mountstats" : "/proc/1/mountstats", kMostBytes);
  if (!text && root.path() != "/") text = root.Read("/proc/self/mountstats", kMostBytes);
  if (!text) return Pass(text, "NFS");
  NfsMounts mounts = ParseMountstats(*text);
  if (mounts.mounts.empty()) return Fail(ErrorCode::kUnsupported, "no NFS is mounted");
  return mounts;
}

}  // namespace

NfsMounts ParseMountstats(std::string_view text) {
  NfsMounts all;
  NfsMount* mount = nullptr;
  bool operations = false;
  for (std::string_view line; NextLine(text, line);) {
    if (line.starts_with("device ")) {
      mount = nullptr;
      operations = false;
      auto parsed = ParseDevice(line);
      if (!parsed) continue;
      std::erase_if(all.mounts, [&](const NfsMount& known) {  // covered by this one
        return known.mount_point == parsed->mount_point;
      });
      mount = &all.mounts.emplace_back(*std::move(parsed));
      continue;
    }
    if (!mount) continue;
    const std::string_view content = Trim(line);
    if (content.starts_with("bytes:")) ParseBytes(content, *mount);
    if (content.starts_with("per-op statistics")) {
      operations = true;
    } else if (operations) {
      ParseOperation(content, *mount);
    }
  }
  return all;
}

constinit const SourceType kNfsMounts{
    .name = "procfs/mountstats",
    .snapshot = &kSnapshot<NfsMounts>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadNfsMounts(host.root)); },
};

}  // namespace gpud::procfs
