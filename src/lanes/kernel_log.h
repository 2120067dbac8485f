// SPDX-License-Identifier: Apache-2.0
// KernelLog: one reader of the kernel's log for all components. It finds the lines that hold a
// component's needle, gives them to that component's matcher, and posts the events to the loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "components/component.h"
#include "lanes/log_input.h"

namespace gpud::lanes {

/// Where the reader has come to; stored with the events of the same batch.
struct KernelLogPosition {
  std::string boot_id;
  std::uint64_t next_sequence = 0;     ///< the first record not yet handled
  std::chrono::microseconds last{-1};  ///< time of the last one handled, by the kernel's log clock
};

struct KernelLogOptions {
  std::string path;  ///< empty: KMSG_FILE_PATH has been looked at by the caller; else /dev/kmsg
  std::string boot_id;
  /// Wall time of the kernel clock's zero for this boot; computed once per boot and stored, so that
  /// a step of the clock makes no duplicates.
  WallTime boot_wall{};
  KernelLogPosition resume;  ///< records before it are skipped, when the boot is the same
  /// As `boot_wall`, of the boot of `resume` when that is an earlier one: what its journal has
  /// behind that position is read too. Nothing when it is not known.
  std::optional<WallTime> resume_boot_wall;
  bool follow = true;  ///< false: to the end of what is there (scan)
  /// Opens what stands for the device; for tests.
  Result<std::unique_ptr<LogInput>> (*open_device)(const Root&, std::string_view path) = OpenDevice;
};

struct KernelLogBatch {
  std::vector<Event> events;  ///< complete, with identity
  KernelLogPosition position;
  std::uint64_t lost_records = 0;  ///< overwritten before they could be read; told as an event too
  std::uint64_t malformed_records = 0;  ///< no records at all; skipped
  std::string problem;  ///< why nothing will be read any more; empty when all is well
};

/// Not thread-safe but for ExpectInjected: used by the host lane's thread.
class KernelLog {
 public:
  KernelLog(const Root& root, const Clock& clock, std::span<const ComponentType* const> components,
            KernelLogOptions options);
  ~KernelLog();

  /// Opens /dev/kmsg, else systemd's journal, else the syslog's kernel file (/var/log/kern.log,
  /// /var/log/messages). Error: none of them is readable; the text names them all.
  Result<void> Open();
  /// What is read, for a person: "/dev/kmsg", or "/var/log/kern.log (times approximate)".
  const std::string& origin() const;
  /// To poll for readability; -1 for an ordinary file, which is read at once to its end.
  int fd() const;
  /// Reads what is there now (bounded; `more` = call again). An ordinary file, a zero-length read
  /// or a closed pipe is the end: `ended` from then on.
  KernelLogBatch ReadSome();
  bool ended() const;
  bool more() const;
  /// How long until ReadSome has something to tell though no line came (repeats are counted for a
  /// minute and then told as one event); nothing when it has not.
  std::optional<std::chrono::milliseconds> due() const;

  /// A line of this text that a program writes within the next 10 s is an injection of ours.
  /// May be called from any thread.
  void ExpectInjected(std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes to the kernel's log (`path`: /dev/kmsg, or what stands for it) as the original does:
/// `<40+severity>text` with facility 5, one record a line, tabs as blanks, cut at 976 bytes with
/// "...", and a newline, without which the kernel holds the record back. Error: kPermission when
/// not root or no device.
Result<void> WriteKernelLog(const std::string& path, unsigned severity, std::string_view message);

}  // namespace gpud::lanes
