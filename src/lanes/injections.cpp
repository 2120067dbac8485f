// SPDX-License-Identifier: Apache-2.0
#include "lanes/injections.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "lanes/kernel_log.h"
#include "platform/text.h"
#include "platform/unique_fd.h"

namespace gpud::lanes {

void Injections::Expect(std::string_view message, BootTime now) {
  const std::scoped_lock lock(mutex_);
  for (std::string& line : KernelLogLines(message)) {
    if (expected_.size() >= kMost) expected_.pop_front();
    expected_.push_back({std::move(line), now + kWindow});
  }
}

bool Injections::Take(std::string_view text, BootTime now) {
  const std::scoped_lock lock(mutex_);
  while (!expected_.empty() && expected_.front().until < now) expected_.pop_front();
  const auto found = std::find_if(expected_.begin(), expected_.end(),
                                  [&](const Expected& expected) { return expected.text == text; });
  if (found == expected_.end()) return false;
  expected_.erase(found);
  return true;
}

std::vector<std::string> KernelLogLines(std::string_view message) {
  // The kernel's limit for a line from a program is 1024 with its prefix (kernel/printk/printk.c,
  // LOG_LINE_MAX); the original leaves 48 for that.
  constexpr std::size_t kLongest = 976;
  constexpr std::string_view kCut = "...";
  std::vector<std::string> lines;
  std::string_view line;
  while (NextLine(message, line)) {
    if (line.empty()) continue;
    std::string text(line.substr(0, line.size() > kLongest ? kLongest - kCut.size() : kLongest));
    if (line.size() > kLongest) text += kCut;
    std::replace(text.begin(), text.end(), '\t', ' ');
    lines.push_back(std::move(text));
  }
  return lines;
}

Result<void> WriteKernelLog(const std::string& path, unsigned severity, std::string_view message) {
  // Not blocking: a pipe that nobody reads must not hold the caller.
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) {
    Error error = FailErrno("writing to the kernel log (root only): " + path, errno).value();
    error.code = ErrorCode::kPermission;
    return tl::unexpected<Error>(std::move(error));
  }
  constexpr unsigned kFacility = 5;
  const std::string prefix = '<' + std::to_string(kFacility * 8 + (severity & 7)) + '>';
  for (const std::string& line : KernelLogLines(message)) {
    const std::string record = prefix + line + '\n';
    // One write, one record; the kernel takes it whole or not at all.
    if (::write(fd.get(), record.data(), record.size()) < 0) {
      return FailErrno("writing to " + path, errno);
    }
  }
  return {};
}

}  // namespace gpud::lanes
