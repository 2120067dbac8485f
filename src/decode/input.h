// SPDX-License-Identifier: Apache-2.0
// Input: a kernel log that somebody kept, in whatever form, as a stream of messages. The form is
// recognised line by line, so that mixed and broken logs are read as far as they can be.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/clock.h"
#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud::decode {

/// One message. Its views are valid until the next call of Input::Next.
struct InputLine {
  /// Escapes undone; the lines of a message that had several are separated by '\n'.
  std::string_view text;
  std::optional<WallTime> wall;                         ///< as far as the form tells it
  std::optional<std::chrono::microseconds> since_boot;  ///< by the kernel's log clock
  std::optional<std::uint64_t> sequence;
  std::uint64_t number = 0;          ///< the line of the input where the message begins, from 1
  std::optional<unsigned> severity;  ///< 0 emergency .. 7 debug
  std::optional<unsigned> facility;  ///< 0 = the kernel
  /// Some program wrote it: of another facility, or under another name than the kernel's.
  bool from_program = false;
  std::string_view pci_device;  ///< "0000:9b:00.0" where the record names its device, else empty
};

struct InputTotals {
  std::uint64_t lines = 0;       ///< of the text, as an editor counts them
  std::uint64_t kernel = 0;      ///< messages of the kernel
  std::uint64_t programs = 0;    ///< messages of programs
  std::uint64_t unparsable = 0;  ///< broken records, binary bytes
  std::uint64_t ignored = 0;     ///< none of the forms: what stands between logs in a report
  std::uint64_t cut = 0;         ///< lines of more than 64 KiB, of which the rest was dropped
  std::optional<WallTime> first_wall, last_wall;  ///< the earliest and the latest
  std::optional<std::chrono::microseconds> first_since_boot, last_since_boot;
};

/// Forms: raw /dev/kmsg records; dmesg plain, -x, -r, -T, -H, -d, iso, -t (no stamps), -J;
/// journalctl short, -precise, -full, -iso, -unix, -monotonic, json, json-pretty; syslog (RFC 3164
/// and 5424, with or without <PRI>); and reports that hold several of them. Any of it may be
/// gzipped. Stamps without a zone are local time (TZ).
///
/// Uses about 1 MiB, however long the input and its lines are.
class Input {
 public:
  /// `name` stands in errors. `now`: for stamps without a year.
  Input(UniqueFd fd, std::string name, WallTime now);
  /// A file, or standard input for "-". Errors: kNotFound, kPermission, kIo, naming the file.
  static Result<Input> Open(const std::string& path, WallTime now);
  Input(Input&&) noexcept;
  ~Input();

  /// False at the end.
  bool Next(InputLine& line);
  const InputTotals& totals() const;
  /// After the end: why the input ended early (a read that failed, cut or corrupt gzip data).
  const std::optional<Error>& problem() const;
  /// Counts the parts of a report: other text came between, the form changed, or the numbers of
  /// records began anew. In each of them the same message may occur once more.
  std::uint64_t section() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gpud::decode
