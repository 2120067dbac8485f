// SPDX-License-Identifier: Apache-2.0
#include "plugins/script_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "platform/root.h"
#include "platform/text.h"

namespace gpud::plugins {
namespace {

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(file, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string Folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder && *folder ? folder : "/tmp";
}

}  // namespace

void SweepScriptFiles() {
  const std::string folder = Folder();
  const auto names = Root().List(folder);
  if (!names) return;
  for (const std::string& name : *names) {
    const auto parts = Split(name, '-');
    const auto pid = parts.size() == 3 && parts[0] == "gpud" && name.ends_with(".bash")
                         ? ParseNumber<pid_t>(parts[1])
                         : std::nullopt;
    const bool gone = pid && *pid > 0 && ::kill(*pid, 0) != 0 && errno == ESRCH;
    if (gone) ::unlink((folder + '/' + name).c_str());
  }
}

Result<ScriptFile> ScriptFile::Make(std::string_view script, uid_t owner, gid_t group) {
  ScriptFile made;
  std::string path = Folder() + "/gpud-" + std::to_string(::getpid()) + "-XXXXXX.bash";
  const UniqueFd file(::mkostemps(path.data(), 5, O_CLOEXEC));
  if (file.valid()) {
    made.path_ = path;
    const bool readable = owner == ::geteuid() || ::fchown(file.get(), owner, group) == 0;
    if (readable && WriteAll(file.get(), script)) return made;
    ::unlink(path.c_str());
    made.path_.clear();
  }
  made.memory_.Reset(::memfd_create("gpud-plugin.bash", MFD_CLOEXEC));
  if (!made.memory_.valid() || !WriteAll(made.memory_.get(), script)) {
    return FailErrno("a file for the script", errno);
  }
  return made;
}

ScriptFile::~ScriptFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

std::string ScriptFile::path() const {
  return memory_.valid() ? "/proc/self/fd/" + std::to_string(memory_.get()) : path_;
}

}  // namespace gpud::plugins
