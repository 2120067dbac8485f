// SPDX-License-Identifier: Apache-2.0
#include "sources/host/pstore.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "platform/text.h"

namespace gpud::host {
namespace {

constexpr std::string_view kKernels = "/sys/fs/pstore";
constexpr std::string_view kSystemds = "/var/lib/systemd/pstore";
constexpr std::size_t kMostFiles = 16;
constexpr std::size_t kMostFolders = 64;

struct File {
  std::string path;
  std::int64_t modified = 0;
};

bool IsLog(std::string_view name) {
  return name.starts_with("dmesg") || name.starts_with("console-");
}

void AddFiles(const Root& root, const std::string& folder, std::vector<File>& files) {
  const auto names = root.List(folder);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!IsLog(name)) continue;
    const std::string path = folder + "/" + name;
    const auto fd = root.Open(path, O_PATH);
    struct stat status {};
    if (!fd || fstat(fd->get(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    files.push_back({path, status.st_mtim.tv_sec});
  }
}

Result<Pstore> ReadPstore(const Root& root) {
  auto kernels = root.List(kKernels);
  const auto systemds = root.List(kSystemds);
  if (!kernels && !systemds) return Pass(kernels, "panics of earlier boots");
  std::vector<File> files;
  AddFiles(root, std::string(kKernels), files);
  AddFiles(root, std::string(kSystemds), files);
  // systemd makes a folder for each boot, named by time: the last ones are the newest.
  if (systemds) {
    const std::size_t skip = systemds->size() - std::min(systemds->size(), kMostFolders);
    for (std::size_t i = skip; i < systemds->size(); ++i) {
      AddFiles(root, std::string(kSystemds) + "/" + (*systemds)[i], files);
    }
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const File& a, const File& b) { return a.modified > b.modified; });
  if (files.size() > kMostFiles) files.resize(kMostFiles);
  Pstore pstore;
  for (const File& file : files) {
    const auto log = root.Read(file.path);
    if (!log) {
      pstore.unreadable.push_back(log.error().what);
    } else if (std::string reason = PanicIn(*log); !reason.empty()) {
      pstore.panics.push_back({file.path, file.modified, std::move(reason)});
    }
  }
  return pstore;
}

}  // namespace

std::string PanicIn(std::string_view log) {
  const std::size_t at = log.find("Kernel panic - ");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = log.substr(at);
  return ValidUtf8(Trim(rest.substr(0, rest.find('\n'))));
}

extern constinit const SourceType kPstore{
    .name = "host/pstore",
    .snapshot = &kSnapshot<Pstore>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadPstore(host.root)); },
};

}  // namespace gpud::host
