// SPDX-License-Identifier: Apache-2.0
// StackHead: where a task stands, out of the stack that the kernel prints behind a fault.
#pragma once

#include <string>
#include <string_view>

#include "components/line.h"

namespace gpud::cpu {

/// Gathers the innermost functions of the stack that follows a finding, and tells them as its
/// detail "stack": "rpc_wait_bit_killable [sunrpc] < nfs_wb_all [nfs]".
class StackHead {
 public:
  /// What holds a line that matters: a function of a stack, or the end of one.
  static constexpr std::string_view kFrameNeedle = "+0x";
  static constexpr std::string_view kEndNeedle = "</TASK>";

  /// A finding was added at that time; its stack is to come.
  void Open(WallTime time);
  void Take(const KernelLine& line, LineSink& sink);
  /// Tells what there is so far. To be called before another finding is added.
  void Close(LineSink& sink);

 private:
  bool open_ = false;
  WallTime opened_{};
  std::string functions_;
  int count_ = 0;
};

}  // namespace gpud::cpu
