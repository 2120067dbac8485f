// SPDX-License-Identifier: Apache-2.0
#include "machine/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "platform/unique_fd.h"

namespace gpud::sim_machine {
namespace {

// Names that no machine has: a file is written here and then takes the place of the old one.
constexpr std::string_view kNew = "/.new";

Result<void> MakeFoldersAbove(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path.substr(0, path.rfind('/')), error);
  if (error) return FailErrno(path, error.value());
  return {};
}

}  // namespace

Result<void> Folder::Put(Tree tree) {
  for (const auto& [path, text] : now_.files) {
    if (!tree.files.contains(path)) Remove(path);
  }
  for (const auto& [path, target] : now_.links) {
    if (!tree.links.contains(path)) Remove(path);
  }
  for (const auto& [path, target] : tree.links) {
    const auto old = now_.links.find(path);
    if (old != now_.links.end() && old->second == target) continue;
    if (auto made = Link(path, target); !made) return made;
  }
  for (const auto& [path, text] : tree.files) {
    const auto old = now_.files.find(path);
    if (old != now_.files.end() && old->second == text) continue;
    if (auto written = Write(path, text); !written) return written;
  }
  now_ = std::move(tree);
  return {};
}

Result<void> Folder::Write(const std::string& path, const std::string& text) {
  const std::string target = path_ + path;
  if (!now_.files.contains(path)) {
    if (auto made = MakeFoldersAbove(target); !made) return made;
  }
  if (path.ends_with('/')) return {};
  const std::string fresh = path_ + std::string(kNew);
  const UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.valid()) return FailErrno(fresh, errno);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::rename(fresh.c_str(), target.c_str()) != 0) {
    return FailErrno(target, errno);
  }
  return {};
}

Result<void> Folder::Link(const std::string& path, const std::string& target) {
  const std::string link = path_ + path;
  if (auto made = MakeFoldersAbove(link); !made) return made;
  ::unlink(link.c_str());
  if (::symlink(target.c_str(), link.c_str()) != 0) return FailErrno(link, errno);
  return {};
}

void Folder::Remove(const std::string& path) {
  std::string gone = path_ + path;
  if (!gone.ends_with('/')) ::unlink(gone.c_str());
  // Folders go with the last thing in them.
  do {
    gone.resize(gone.rfind('/'));
  } while (gone.size() > path_.size() && ::rmdir(gone.c_str()) == 0);
}

}  // namespace gpud::sim_machine
