// SPDX-License-Identifier: Apache-2.0
#include "plugins/runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "model/binary_codec.h"
#include "platform/text.h"
#include "plugins/cgroup.h"
#include "plugins/output.h"
#include "plugins/read_output.h"
#include "plugins/script_file.h"
#include "plugins/step.h"

namespace gpud::plugins {
namespace {

constexpr std::size_t kRawOutput = 4096;  // the wire's
// The descriptor of the result, moved away from 1, which is the null device.
constexpr int kResult = 3;

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string ReadAll(int file) {
  std::string all;
  std::array<char, 16 << 10> buffer;
  for (;;) {
    const ssize_t n = ::read(file, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

Reading Read(const RunRequest& request, const Output& output) {
  switch (request.format) {
    case OutputFormat::kNagios:
      return ReadNagios(output.head());
    case OutputFormat::kNpd:
      return ReadNpd(output.head());
    case OutputFormat::kOpenMetrics:
      return ReadOpenMetrics(output.head());
    case OutputFormat::kGpud:
      break;
  }
  Reading reading;
  if (output.total() == 0 || !request.plugin.parser) return reading;
  const auto logged = AppendLog(*request.plugin.parser, request.plugin_name, request.trigger,
                                SystemClock().Wall(), output.Text());
  if (!logged) {
    reading.parse_error = logged.error().what;
    return reading;
  }
  return ReadJson(*request.plugin.parser, output.from_brace());
}

std::chrono::microseconds CpuOfChildren() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

std::string Lacking(const RunGroup& group) {
  std::string text;
  for (const std::string& controller : group.lacking()) {
    text += (text.empty() ? "" : ", ") + controller;
  }
  return text;
}

}  // namespace

RunRequest RequestOf(const Spec& spec) {
  RunRequest request{.plugin_name = spec.plugin_name,
                     .trigger = spec.run_mode,
                     .plugin = spec.health_state_plugin,
                     .timeout = spec.timeout.value,
                     .grace = std::chrono::seconds(3),
                     .format = spec.format(),
                     .long_running = spec.long_running,
                     .environment = spec.environment,
                     .user = spec.user,
                     .nice = spec.nice,
                     .limits = spec.limits.value_or(Limits{})};
  Limits& limits = request.limits;
  if (limits.memory_bytes == 0) {
    limits.memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                          static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 4;
  }
  if (limits.pids == 0) limits.pids = 1024;
  if (limits.file_size_bytes == 0) limits.file_size_bytes = 1u << 30;
  return request;
}

RunResult RunSteps(const RunRequest& request, int abandoned) {
  using Steady = std::chrono::steady_clock;
  const auto start = Steady::now();
  const RunGroup group(request.limits, "gpud-plugin-" + std::to_string(::getpid()));
  if (request.plugin.steps.empty()) SweepScriptFiles();  // what such a run is for
  Output output;
  RunResult result;
  for (const Step& step : request.plugin.steps) {
    const StepEnd end = RunStep(request, step, group, start + request.timeout, abandoned, output);
    result.exit_code = end.exit_code;
    result.error = end.error;
    result.timed_out = end.timed_out;
    result.killed += end.tree.killed;
    result.left_behind += end.tree.left_behind;
    if (!end.error.empty() || end.exit_code != 0) break;
  }
  result.duration = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - start);
  result.cpu_time = CpuOfChildren();
  result.unlimited = Lacking(group);
  result.output_bytes = output.total();
  result.dropped_bytes = output.dropped();
  result.raw_output = ValidUtf8(CutUtf8(output.head(), kRawOutput));
  if (output.total() > kRawOutput) {
    const std::string_view end = output.tail().empty() ? output.head() : output.tail();
    const std::size_t from = end.size() - std::min(end.size(), kRawOutput);
    result.output_tail = ValidUtf8(end.substr(from));
  }
  result.reading = Read(request, output);
  return result;
}

int RunnerMain() {
  ::prctl(PR_SET_NAME, "gpud-plugin");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(022);
  ::lseek(0, 0, SEEK_SET);
  const std::string sent = ReadAll(0);
  BinaryReader reader(sent);
  RunRequest request;
  reader.Get(request);
  if (!reader.ok() || !reader.AtEnd() || ::dup2(1, kResult) < 0) return 1;
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(null, 1) < 0) return 1;
  ::close_range(kResult + 1, ~0U, 0);
  ::fcntl(kResult, F_SETFD, FD_CLOEXEC);

  const auto tell = [](const RunResult& result) {
    BinaryWriter body;
    body.Put(result);
    const std::string bytes = body.Take();
    BinaryWriter out;
    out.Put(bytes);  // with its length
    return WriteAll(kResult, out.Take());
  };
  const RunResult last =
      request.long_running ? RunStream(request, kResult, tell) : RunSteps(request, kResult);
  return tell(last) ? 0 : 1;
}

}  // namespace gpud::plugins
