// SPDX-License-Identifier: Apache-2.0
// LogInput: where the kernel's lines come from, one at a time and never waiting for them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "platform/root.h"

namespace gpud::lanes {

class LogInput {
 public:
  enum class Got : unsigned char {
    kLine,      ///< a line, valid until the next call
    kNothing,   ///< none for now
    kUnusable,  ///< something that is too long to be a line; it was skipped
    kEnd,       ///< there will never be one again
    kFailed,    ///< as kEnd, and `error()` says why
  };
  /// What the lines look like.
  enum class Form : unsigned char { kRecord, kSyslog };

  virtual ~LogInput() = default;
  virtual Got Next(std::string_view& line) = 0;
  /// To poll for readability; -1 for a file that is read at once to its end.
  virtual int fd() const = 0;
  virtual Form form() const { return Form::kRecord; }
  /// True when the records' sequence numbers are this kernel's own, without a gap.
  virtual bool numbered() const { return false; }
  const Error& error() const { return error_; }

 protected:
  Error error_;
};

/// `fd`: what stands for /dev/kmsg: the device itself, a pipe, an ordinary file, /dev/null.
std::unique_ptr<LogInput> OpenRecords(UniqueFd fd);

/// The same, opened. Errors as Root::Open.
Result<std::unique_ptr<LogInput>> OpenDevice(const Root& root, std::string_view path);

/// The kernel lines of a boot in systemd's journal (/var/log/journal, else /run/log/journal)
/// and, with `follow`, what comes. Errors: kNotFound, no libsystemd.so.0 or no such lines; and as
/// FailErrno.
Result<std::unique_ptr<LogInput>> OpenJournal(const Root& root, std::string boot_id, bool follow);

/// The last 4 MiB of a file of syslog lines and, with `follow`, what is added to it, also after the
/// file was rotated. Errors as Root::Open.
Result<std::unique_ptr<LogInput>> OpenSyslog(const Root& root, std::string path, bool follow);

}  // namespace gpud::lanes
