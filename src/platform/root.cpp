// SPDX-License-Identifier: Apache-2.0
#include "platform/root.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace gpud {
namespace {

std::string_view Relative(std::string_view path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  return path.empty() ? std::string_view(".") : path;
}

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

}  // namespace

Root::Root(std::string path) : path_(std::move(path)), real_(path_ == "/") {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
}

Result<UniqueFd> Root::Open(std::string_view path, int flags) const {
  const std::string text(path);
  UniqueFd fd;
  if (real_) {
    fd.Reset(::open(text.c_str(), flags | O_CLOEXEC));
  } else {
    const UniqueFd base(::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!base.valid()) return FailErrno(path_, errno);
    open_how how{};
    how.flags = static_cast<__u64>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT;
    const std::string relative(Relative(path));
    fd.Reset(
        static_cast<int>(syscall(SYS_openat2, base.get(), relative.c_str(), &how, sizeof how)));
  }
  if (!fd.valid()) return FailErrno(text, errno);
  return fd;
}

Result<std::string> Root::Read(std::string_view path, std::size_t max_bytes) const {
  auto fd = Open(path, O_RDONLY);
  if (!fd) return tl::unexpected<Error>(std::move(fd).error());
  std::string text;
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t n = ::read(fd->get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno(std::string(path), errno);
    if (n == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
    if (text.size() > max_bytes) {
      return Fail(ErrorCode::kIo,
                  std::string(path) + ": longer than " + std::to_string(max_bytes) + " bytes");
    }
  }
}

Result<std::vector<std::string>> Root::List(std::string_view path) const {
  auto fd = Open(path, O_RDONLY | O_DIRECTORY);
  if (!fd) return tl::unexpected<Error>(std::move(fd).error());
  const std::unique_ptr<DIR, CloseDir> dir(fdopendir(fd->get()));
  if (!dir) return FailErrno(std::string(path), errno);
  (void)fd->Release();  // the DIR owns it now
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return FailErrno(std::string(path), errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> Root::ReadLink(std::string_view path) const {
  auto fd = Open(path, O_PATH | O_NOFOLLOW);
  if (!fd) return tl::unexpected<Error>(std::move(fd).error());
  std::array<char, 4096> target;
  const ssize_t n = ::readlinkat(fd->get(), "", target.data(), target.size());
  if (n < 0) return FailErrno(std::string(path), errno);
  return std::string(target.data(), static_cast<std::size_t>(n));
}

bool Root::Exists(std::string_view path) const { return Open(path, O_PATH).has_value(); }

}  // namespace gpud
