// SPDX-License-Identifier: Apache-2.0
// KernelRing: the kernel's log of a simulated machine, as pipes in its /dev. Lines of the scenario
// come at their times, and what a program writes (an injected fault) comes back as the real kernel
// gives it back.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "machine/readings.h"
#include "machine/tree.h"
#include "platform/result.h"
#include "platform/unique_fd.h"
#include "scenario/kernel_log.h"

namespace gpud::sim_machine {

/// Below the machine's root: records to read, and where programs write "<PRIORITY>TEXT" lines.
inline constexpr std::string_view kKernelRecords = "/dev/kmsg";
inline constexpr std::string_view kKernelInput = "/dev/kmsg-input";

class KernelRing {
 public:
  /// Makes the pipes; `root` has a folder /dev. Error: kIo.
  static Result<KernelRing> Make(const std::string& root, const scenario::Node& node,
                                 Origin origin);

  /// Gives out the records up to second `t`. Those for which the pipe has no room come later.
  void PlayTo(double t);
  /// The second of the next record; nothing when there is none, or no room.
  std::optional<double> next() const;
  /// Readable when a program has written something.
  int input() const { return input_.get(); }
  /// Takes what programs have written, at second `t`.
  void TakeInput(double t);

 private:
  explicit KernelRing(Origin origin) : origin_(origin) {}
  void Emit(std::string_view priority, std::string_view flags, double t,
            const std::vector<std::string>& lines);
  bool Flush();

  Origin origin_;
  UniqueFd records_, input_;
  std::vector<scenario::LogRecord> script_;
  std::size_t next_ = 0;
  std::int64_t sequence_ = 0;
  std::deque<std::string> waiting_;
  std::string written_;  ///< the beginning of a line
};

}  // namespace gpud::sim_machine
