// SPDX-License-Identifier: Apache-2.0
#include "lanes/reading.h"

#include <exception>

namespace gpud::lanes {

Snapshot TakeReading(const SourceType& source, const Host& host, Inputs& into) {
  const BootTime now = host.clock.Boot();
  into.SetNow(now, host.clock.Wall());
  const Snapshot* before = into.Find(source.snapshot);
  const std::shared_ptr<const void> old = before ? before->result : nullptr;
  std::string bug = "the source gave no snapshot";
  try {
    source.read(host, into);
    const Snapshot* snapshot = into.Find(source.snapshot);
    if (snapshot && snapshot->result != old) return *snapshot;
  } catch (const std::bad_alloc&) {
    bug = "out of memory (a lane's process has a limit)";
  } catch (const std::exception& failure) {
    bug = failure.what();
  } catch (...) {
    bug = "an unknown exception";
  }
  return {
      source.snapshot,
      source.snapshot->failure(Error{ErrorCode::kInternal, std::string(source.name) + ": " + bug}),
      now};
}

}  // namespace gpud::lanes
