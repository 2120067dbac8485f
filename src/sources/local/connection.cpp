// SPDX-License-Identifier: Apache-2.0
#include "sources/local/connection.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdio>

namespace gpud::local {

Result<UniqueFd> ConnectUnix(const Root& root, const std::string& path) {
  // By its descriptor: a path could lead out of the root, and is limited to 107 bytes.
  const auto place = root.Open(path, O_PATH);
  if (!place) return tl::unexpected<Error>(place.error());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return FailErrno("socket", errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", place->get());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    // EAGAIN: so many wait to be accepted that the server does not serve.
    if (errno == ECONNREFUSED) return Fail(ErrorCode::kNotFound, path + ": nobody listens");
    if (errno == EAGAIN) return Fail(ErrorCode::kTimeout, path + ": does not accept connections");
    return FailErrno(path, errno);
  }
  return fd;
}

Result<UniqueFd> ConnectTcp(const sockaddr& address, socklen_t size, const std::string& what,
                            Time until) {
  UniqueFd fd(::socket(address.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return FailErrno(what, errno);
  int error = ::connect(fd.get(), &address, size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    if (const auto ready = Wait(fd.get(), POLLOUT, until); !ready) return Pass(ready, what);
    socklen_t length = sizeof error;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  }
  if (error == ECONNREFUSED) return Fail(ErrorCode::kNotFound, what + ": nobody listens", error);
  if (error != 0) return FailErrno(what, error);
  return fd;
}

Result<void> Wait(int fd, short events, Time until) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd one{.fd = fd, .events = events, .revents = 0};
    const int ready = left.count() > 0 ? ::poll(&one, 1, static_cast<int>(left.count())) : 0;
    if (ready > 0) return {};
    if (ready == 0) return Fail(ErrorCode::kTimeout, "no answer in time");
    if (errno != EINTR) return FailErrno("poll", errno);
  }
}

}  // namespace gpud::local
