// SPDX-License-Identifier: Apache-2.0
#include "sources/host/time_sync.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/timex.h>
#include <sys/vfs.h>

#include <cerrno>

namespace gpud::host {
namespace {

/// A root whose /proc is a real one is a view of the kernel that we run on.
bool IsOfThisKernel(const Root& root) {
  const auto fd = root.Open("/proc", O_PATH | O_DIRECTORY);
  struct statfs stat {};
  return fd && fstatfs(fd->get(), &stat) == 0 && stat.f_type == PROC_SUPER_MAGIC;
}

Result<TimeSync> ReadTimeSync(const Root& root) {
  if (!IsOfThisKernel(root)) {
    return Fail(ErrorCode::kUnsupported, "the clock: only of the machine that gpud runs on");
  }
  timex state{};
  if (adjtimex(&state) < 0) return FailErrno("adjtimex", errno);
  constexpr double kMicro = 1e-6, kNano = 1e-9;
  constexpr double kPpmUnit = 65536;  // the frequency has 16 bits behind the point
  return TimeSync{.synchronised = (state.status & STA_UNSYNC) == 0,
                  .offset_seconds = static_cast<double>(state.offset) *
                                    ((state.status & STA_NANO) != 0 ? kNano : kMicro),
                  .error_seconds = static_cast<double>(state.maxerror) * kMicro,
                  .frequency_ppm = static_cast<double>(state.freq) / kPpmUnit};
}

}  // namespace

constinit const SourceType kTimeSync{
    .name = "host/time-sync",
    .snapshot = &kSnapshot<TimeSync>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadTimeSync(host.root)); },
};

}  // namespace gpud::host
