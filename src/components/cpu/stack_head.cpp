// SPDX-License-Identifier: Apache-2.0
#include "components/cpu/stack_head.h"

#include <chrono>

#include "platform/text.h"

namespace gpud::cpu {
namespace {

constexpr int kMostFunctions = 5;
// A stack is printed at once; slow consoles take seconds.
constexpr std::chrono::seconds kLongest{60};

/// The function of a line, with its module: " nfs_wb_all+0x2c/0x190 [nfs]", " [<ffffffff81>]
/// schedule+0x29/0x70", "RIP: 0010:func+0xf4/0x100". Empty for other lines, for what the kernel
/// itself doubts ("? func+0x1/0x2"), and for the scheduler's own, which stand above every task
/// that sleeps.
std::string FunctionOf(std::string_view line) {
  const std::size_t plus = line.find(StackHead::kFrameNeedle);
  if (plus == std::string_view::npos || line.find("/0x", plus) == std::string_view::npos) return {};
  const std::size_t before = line.find_last_of(" \t:{(", plus);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  if (start >= 2 && line.substr(start - 2, 2) == "? ") return {};
  const std::string_view name = line.substr(start, plus - start);
  for (const std::string_view scheduler :
       {"__switch_to", "__schedule", "schedule", "__switch_to_asm", "context_switch"}) {
    if (name == scheduler) return {};
  }
  std::string function(name);
  const std::size_t open = line.find(" [", plus);
  const std::size_t close = line.find(']', plus);
  if (open < close && close != std::string_view::npos)
    function += line.substr(open, close + 1 - open);
  return function;
}

}  // namespace

void StackHead::Open(WallTime time) {
  open_ = true;
  opened_ = time;
  functions_.clear();
  count_ = 0;
}

void StackHead::Take(const KernelLine& line, LineSink& sink) {
  if (!open_) return;
  if (line.time > opened_ + kLongest) return Close(sink);
  std::string_view rest = line.text;
  std::string_view one;
  while (open_ && NextLine(rest, one)) {
    if (const std::string function = FunctionOf(one); !function.empty()) {
      functions_ += (functions_.empty() ? "" : " < ") + function;
      ++count_;
    }
    const bool ends = count_ > 0 && one.find(kEndNeedle) != std::string_view::npos;
    if (ends || count_ == kMostFunctions) Close(sink);
  }
}

void StackHead::Close(LineSink& sink) {
  if (open_ && !functions_.empty()) sink.Detail("stack", std::move(functions_));
  open_ = false;
  functions_.clear();
}

}  // namespace gpud::cpu
