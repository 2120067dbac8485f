// SPDX-License-Identifier: Apache-2.0
// The syslog's kernel file as a LogInput: read from near its end, followed through rotations.
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "lanes/line_cutter.h"
#include "lanes/log_input.h"

namespace gpud::lanes {
namespace {

constexpr off_t kMostRead = 4 << 20;

class Syslog final : public LogInput {
 public:
  Syslog(const Root& root, std::string path, UniqueFd fd, bool follow)
      : root_(root), path_(std::move(path)), fd_(std::move(fd)) {
    if (follow) {
      inotify_.Reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
      Watch(path_.substr(0, path_.rfind('/')), IN_CREATE | IN_MOVED_TO);  // after a rotation
      Watch(path_, IN_MODIFY);
    }
    struct stat info {};
    if (::fstat(fd_.get(), &info) == 0 && info.st_size > kMostRead) {
      ::lseek(fd_.get(), -kMostRead, SEEK_END);
      cutter_.DropRest();
    }
  }

  Got Next(std::string_view& line) override {
    while (!cutter_.Next(line)) {
      if (cutter_.DropOverlong()) return Got::kUnusable;
      std::array<char, LineCutter::kLongest> buffer;
      const ssize_t n = ::read(fd_.get(), buffer.data(), buffer.size());
      if (n > 0) {
        cutter_.Add({buffer.data(), static_cast<std::size_t>(n)});
      } else if (n < 0 && errno != EINTR) {
        error_ = FailErrno("reading " + path_, errno).value();
        return Got::kFailed;
      } else if (n == 0 && !inotify_.valid()) {
        return cutter_.Last(line) ? Got::kLine : Got::kEnd;
      } else if (n == 0 && !TakeNotices() && !Reopen()) {
        return Got::kNothing;
      }
    }
    return Got::kLine;
  }
  int fd() const override { return inotify_.get(); }
  Form form() const override { return Form::kSyslog; }

 private:
  void Watch(const std::string& path, std::uint32_t events) {
    const std::string real = root_.path() == "/" ? path : root_.path() + path;
    inotify_add_watch(inotify_.get(), real.empty() ? "/" : real.c_str(), events);
  }

  // True when something may have been written since the last read.
  bool TakeNotices() {
    alignas(inotify_event) std::array<char, 4096> buffer;
    bool any = false;
    while (::read(inotify_.get(), buffer.data(), buffer.size()) > 0) any = true;
    return any;
  }

  // True when the file was cut short or there is another one under its name.
  bool Reopen() {
    struct stat now {};
    if (::fstat(fd_.get(), &now) != 0) return false;
    if (::lseek(fd_.get(), 0, SEEK_CUR) > now.st_size) {
      ::lseek(fd_.get(), 0, SEEK_SET);
      return true;
    }
    auto other = root_.Open(path_, O_RDONLY);
    struct stat then {};
    if (!other || ::fstat(other->get(), &then) != 0 || then.st_ino == now.st_ino) return false;
    fd_ = std::move(*other);
    Watch(path_, IN_MODIFY);
    return true;
  }

  const Root& root_;
  std::string path_;
  UniqueFd fd_;
  UniqueFd inotify_;
  LineCutter cutter_;
};

}  // namespace

Result<std::unique_ptr<LogInput>> OpenSyslog(const Root& root, std::string path, bool follow) {
  auto fd = root.Open(path, O_RDONLY);
  if (!fd) return tl::unexpected<Error>(std::move(fd).error());
  return std::make_unique<Syslog>(root, std::move(path), std::move(*fd), follow);
}

}  // namespace gpud::lanes
