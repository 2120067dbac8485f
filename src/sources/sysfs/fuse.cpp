// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/fuse.h"

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/fs/fuse/connections";

Result<FuseConnections> ReadFuse(const Root& root) {
  const auto names = root.List(kFolder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "FUSE");
  FuseConnections all;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const auto minor = ParseNumber<std::uint32_t>(name);
    if (!minor) continue;
    const std::string path = std::string(kFolder) + "/" + name;
    const auto waiting = ReadUnsigned(root, path + "/waiting");
    const auto threshold = ReadUnsigned(root, path + "/congestion_threshold");
    const auto background = ReadUnsigned(root, path + "/max_background");
    for (const auto* value : {&waiting, &threshold, &background}) {
      if (!*value && value->error().code != ErrorCode::kNotFound) return Pass(*value, "FUSE");
    }
    if (!waiting || !threshold || !background) continue;  // unmounted while we looked
    all.connections.push_back({*minor, *waiting, *threshold, *background});
  }
  if (all.connections.empty()) {
    return Fail(ErrorCode::kUnsupported, std::string(kFolder) + ": no FUSE file system");
  }
  return all;
}

}  // namespace

constinit const SourceType kFuse{
    .name = "sysfs/fuse",
    .snapshot = &kSnapshot<FuseConnections>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadFuse(host.root)); },
};

}  // namespace gpud::sysfs
