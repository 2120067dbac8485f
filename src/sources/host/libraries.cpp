// SPDX-License-Identifier: Apache-2.0
#include "sources/host/libraries.h"

#include <cstring>

namespace gpud::host {
namespace {

constexpr std::string_view kCache = "/etc/ld.so.cache";
constexpr std::size_t kMostBytes = 8 << 20;
// Without the linker's name (".so"), which only a development package has.
constexpr std::string_view kNvidia[] = {"libnvidia-ml.so.1", "libcuda.so.1"};
constexpr std::string_view kFolders[] = {
    "/usr/lib64",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",
    "/usr/lib/aarch64-linux-gnu/nvidia/current",
    "/usr/lib/aarch64-linux-gnu/nvidia",
    "/lib64",
    "/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/local/nvidia/lib64",
    "/cm/local/apps/cuda/libs/current/lib64",
    // the driver's container of NVIDIA's GPU operator
    "/run/nvidia/driver/usr/lib64",
    "/run/nvidia/driver/usr/lib/x86_64-linux-gnu",
    "/run/nvidia/driver/usr/lib/aarch64-linux-gnu",
};

std::uint32_t Word(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  if (at + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The text that begins at `at` and ends with a zero byte; empty outside.
std::string_view TextAt(std::string_view bytes, std::size_t at) {
  if (at >= bytes.size()) return {};
  const std::string_view rest = bytes.substr(at);
  return rest.substr(0, rest.find('\0'));
}

std::string Locate(const Root& root, std::string_view cache, std::string_view name) {
  for (std::string& path : FindInLoaderCache(cache, name)) {
    if (root.Exists(path)) return std::move(path);  // the cache may be older than the files
  }
  for (const std::string_view folder : kFolders) {
    std::string path = std::string(folder) + "/" + std::string(name);
    if (root.Exists(path)) return path;
  }
  return {};
}

Result<Libraries> ReadLibraries(const Root& root) {
  const auto cache = root.Read(kCache, kMostBytes);
  if (!cache && cache.error().code != ErrorCode::kNotFound) return Pass(cache, "libraries");
  if (!cache && !root.Exists("/usr/lib") && !root.Exists("/lib")) {
    return Fail(ErrorCode::kNotFound, "neither " + std::string(kCache) + " nor /usr/lib");
  }
  Libraries libraries;
  for (const std::string_view name : kNvidia) {
    libraries.nvidia[std::string(name)] = Locate(root, cache.value_or(std::string()), name);
  }
  return libraries;
}

}  // namespace

std::vector<std::string> FindInLoaderCache(std::string_view cache, std::string_view name) {
  constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
  constexpr std::size_t kHeader = 48, kEntry = 24;
  const std::size_t start = cache.find(kMagic);
  if (start == std::string_view::npos) return {};
  cache.remove_prefix(start);  // offsets count from here
  const std::uint32_t count = Word(cache, kMagic.size());
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = kHeader + i * kEntry;
    if (entry + kEntry > cache.size()) break;
    if (TextAt(cache, Word(cache, entry + 4)) != name) continue;
    paths.emplace_back(TextAt(cache, Word(cache, entry + 8)));
  }
  return paths;
}

constinit const SourceType kLibraries{
    .name = "host/libraries",
    .snapshot = &kSnapshot<Libraries>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadLibraries(host.root)); },
};

}  // namespace gpud::host
