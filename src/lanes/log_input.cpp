// SPDX-License-Identifier: Apache-2.0
#include "lanes/log_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <cerrno>

#include "lanes/line_cutter.h"

namespace gpud::lanes {
namespace {

// /dev/kmsg: one read, one record (Documentation/ABI/testing/dev-kmsg).
//
// The kernel wakes its readers with the next timer tick only (wake_up_klogd in kernel/printk),
// which is 4 ms and on a busy machine 20 ms later. What a program writes, inotify tells at once; so
// an injected fault is seen in 0.1 ms.
class Device final : public LogInput {
 public:
  explicit Device(UniqueFd fd)
      : fd_(std::move(fd)),
        notices_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        either_(::epoll_create1(EPOLL_CLOEXEC)) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd_.get());
    ::inotify_add_watch(notices_.get(), path.c_str(), IN_MODIFY);
    for (const int each : {fd_.get(), notices_.get()}) {
      epoll_event event{.events = EPOLLIN, .data = {}};
      ::epoll_ctl(either_.get(), EPOLL_CTL_ADD, each, &event);
    }
  }

  Got Next(std::string_view& line) override {
    for (;;) {
      const ssize_t n = ::read(fd_.get(), buffer_.data(), buffer_.size());
      if (n > 0) {
        line = {buffer_.data(), static_cast<std::size_t>(n)};
        return Got::kLine;
      }
      if (n == 0) return Got::kEnd;
      if (errno == EAGAIN && !TakeNotices()) return Got::kNothing;
      if (errno == EINVAL) return Got::kUnusable;  // longer than the buffer; the kernel skips it
      // EPIPE: records were overwritten before they were read; the next one tells how many.
      if (errno == EAGAIN || errno == EINTR || errno == EPIPE) continue;
      error_ = FailErrno("reading /dev/kmsg", errno).value();
      return Got::kFailed;
    }
  }
  int fd() const override { return either_.get(); }
  bool numbered() const override { return true; }

 private:
  // True when something may have been written since the last read. Leaves errno at EAGAIN.
  bool TakeNotices() {
    const bool any = ::read(notices_.get(), buffer_.data(), buffer_.size()) > 0;
    errno = EAGAIN;
    return any;
  }

  UniqueFd fd_;
  UniqueFd notices_;
  UniqueFd either_;  // readable when one of the two is
  std::array<char, LineCutter::kLongest> buffer_;
};

// A pipe, a recorded file, /dev/null: records that are separated by newlines.
class Stream final : public LogInput {
 public:
  Stream(UniqueFd fd, mode_t mode)
      : fd_(std::move(fd)), pipe_(S_ISFIFO(mode)), ordinary_(S_ISREG(mode)) {}

  Got Next(std::string_view& line) override {
    for (;;) {
      while (cutter_.Next(line)) {
        if (!line.empty() && !Continues(line)) return Got::kLine;
      }
      if (cutter_.DropOverlong()) return Got::kUnusable;
      if (ended_) return cutter_.Last(line) && !Continues(line) ? Got::kLine : Got::kEnd;
      if (!Readable()) return Got::kNothing;
      std::array<char, LineCutter::kLongest> buffer;
      const ssize_t n = ::read(fd_.get(), buffer.data(), buffer.size());
      if (n > 0) {
        cutter_.Add({buffer.data(), static_cast<std::size_t>(n)});
      } else if (n == 0) {
        ended_ = true;
      } else if (errno == EAGAIN) {
        return Got::kNothing;
      } else if (errno != EINTR) {
        error_ = FailErrno("reading the kernel log", errno).value();
        return Got::kFailed;
      }
    }
  }
  int fd() const override { return ordinary_ ? -1 : fd_.get(); }

 private:
  // " KEY=value" belongs to the record before it and is of no use here.
  static bool Continues(std::string_view line) { return line.starts_with(' '); }

  // A pipe that nobody has opened for writing yet reads as if it were at its end.
  bool Readable() const {
    if (!pipe_) return true;
    pollfd poll_fd{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&poll_fd, 1, 0) > 0;
  }

  UniqueFd fd_;
  bool pipe_;
  bool ordinary_;
  bool ended_ = false;
  LineCutter cutter_;
};

}  // namespace

std::unique_ptr<LogInput> OpenRecords(UniqueFd fd) {
  struct stat info {};
  const bool known = ::fstat(fd.get(), &info) == 0;
  // 1, 11 is kmsg (Documentation/admin-guide/devices.txt).
  if (known && S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 11)) {
    return std::make_unique<Device>(std::move(fd));
  }
  return std::make_unique<Stream>(std::move(fd), info.st_mode);
}

Result<std::unique_ptr<LogInput>> OpenDevice(const Root& root, std::string_view path) {
  auto fd = root.Open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return tl::unexpected<Error>(std::move(fd).error());
  return OpenRecords(std::move(*fd));
}

}  // namespace gpud::lanes
