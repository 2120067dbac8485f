// SPDX-License-Identifier: Apache-2.0
// A long-running plugin: a JSON object a line, for as long as it lives.
#include <poll.h>

#include <algorithm>
#include <array>

#include "platform/text.h"
#include "plugins/output.h"
#include "plugins/read_output.h"
#include "plugins/step.h"

namespace gpud::plugins {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kLongestLine = 64 << 10;
constexpr std::size_t kRawOutput = 4096;  // the wire's
constexpr std::chrono::milliseconds kShortestStep{1'000};

/// Cuts lines; of what has come at once only the newest whole one counts.
class Lines {
 public:
  void Add(std::string_view bytes) {
    const std::size_t end = bytes.rfind('\n');
    if (end == std::string_view::npos) return Append(bytes);
    const std::string_view whole = bytes.substr(0, end);
    const std::size_t start = whole.rfind('\n');
    if (start == std::string_view::npos) {
      Append(whole);
      newest_ = std::move(begun_);
    } else {
      newest_ = whole.substr(start + 1).substr(0, kLongestLine);
    }
    begun_.clear();
    Append(bytes.substr(end + 1));
    fresh_ = true;
  }
  bool fresh() const { return fresh_; }
  const std::string& Take() {
    fresh_ = false;
    return newest_;
  }

 private:
  void Append(std::string_view bytes) {
    begun_.append(bytes.substr(0, kLongestLine - std::min(kLongestLine, begun_.size())));
  }

  std::string newest_, begun_;
  bool fresh_ = false;
};

RunResult ResultOf(const RunRequest& request, const std::string& line, Steady::time_point start) {
  RunResult result;
  result.more = true;
  result.duration = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - start);
  result.output_bytes = line.size();
  result.raw_output = ValidUtf8(CutUtf8(line, kRawOutput));
  if (request.plugin.parser) result.reading = ReadJson(*request.plugin.parser, line);
  return result;
}

}  // namespace

RunResult RunStream(const RunRequest& request, int abandoned,
                    const std::function<bool(const RunResult&)>& tell) {
  const auto start = Steady::now();
  const RunGroup group(request.limits, "gpud-plugin-" + std::to_string(::getpid()));
  RunResult result;
  const auto child = StartStep(request, request.plugin.steps.front(), group);
  if (!child) {
    result.exit_code = -1;
    result.error = child.error().what;
    return result;
  }
  std::array<pollfd, 3> wait = {pollfd{.fd = child->pidfd.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = child->output.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = abandoned, .events = 0, .revents = 0}};
  Lines lines;
  auto heard = start;
  auto told = start - kShortestStep;
  bool given_up = false;
  const auto drain = [&] {
    const bool more = Drain(child->output.get(), [&](std::string_view bytes) { lines.Add(bytes); });
    if (!more) wait[1].fd = -1;
    if (lines.fresh()) heard = Steady::now();
  };
  while (!given_up) {
    const auto now = Steady::now();
    if (lines.fresh() && now - told >= kShortestStep) {
      told = now;
      given_up = !tell(ResultOf(request, lines.Take(), start));
    }
    const auto silent = heard + request.timeout;
    if (now >= silent) break;
    const auto until = lines.fresh() ? std::min<Steady::time_point>(silent, told + kShortestStep)
                                     : Steady::time_point(silent);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    if (::poll(wait.data(), wait.size(), static_cast<int>(std::min<long>(left, 60'000))) < 0) {
      continue;
    }
    if (wait[1].fd >= 0 && wait[1].revents != 0) drain();
    if ((wait[0].revents & POLLIN) != 0) break;
    given_up = given_up || (wait[2].revents & (POLLHUP | POLLERR)) != 0;
  }
  StepEnd end;
  const bool ended = TakeEnd(child->pid, end);
  result.timed_out = !ended;
  result.exit_code = ended ? end.exit_code : -1;
  result.error = ended ? end.error : "context deadline exceeded";
  result.duration = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - start);
  result.raw_output = ValidUtf8(CutUtf8(lines.Take(), kRawOutput));
  const auto grace = std::chrono::duration_cast<std::chrono::milliseconds>(request.grace);
  const TreeEnd tree = EndTree(group, given_up ? std::chrono::milliseconds(0) : grace, drain);
  result.killed = tree.killed;
  result.left_behind = tree.left_behind;
  return result;
}

}  // namespace gpud::plugins
