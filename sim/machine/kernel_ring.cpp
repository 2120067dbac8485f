// SPDX-License-Identifier: Apache-2.0
#include "machine/kernel_ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/text.h"

namespace gpud::sim_machine {
namespace {

// As the kernel's own ring: a storm of lines has room before anybody reads.
constexpr int kPipeBytes = 1 << 20;

/// Opened for both directions, so that a reader never sees the end of it.
Result<UniqueFd> MakePipe(const std::string& path, mode_t mode) {
  if (::mkfifo(path.c_str(), mode) != 0) return FailErrno(path, errno);
  UniqueFd pipe(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!pipe.valid()) return FailErrno(path, errno);
  ::fcntl(pipe.get(), F_SETPIPE_SZ, kPipeBytes);  // where refused, lines wait with us
  return pipe;
}

}  // namespace

Result<KernelRing> KernelRing::Make(const std::string& root, const scenario::Node& node,
                                    Origin origin) {
  KernelRing ring(origin);
  auto records = MakePipe(root + std::string(kKernelRecords), 0600);
  if (!records) return Pass(std::move(records), "the simulated kernel log");
  auto input = MakePipe(root + std::string(kKernelInput), 0600);
  if (!input) return Pass(std::move(input), "the simulated kernel log");
  ring.records_ = std::move(*records);
  ring.input_ = std::move(*input);
  ring.script_ = scenario::KernelLogOf(node);
  return ring;
}

void KernelRing::PlayTo(double t) {
  for (; Flush() && next_ < script_.size() && script_[next_].t <= t; ++next_) {
    const scenario::LogRecord& record = script_[next_];
    const auto header = Split(record.header, ',');  // priority, number, time, flags
    std::vector<std::string> lines = record.Lines();
    lines[0] = record.text;
    Emit(header[0], header[3], record.t, lines);
  }
}

std::optional<double> KernelRing::next() const {
  if (!waiting_.empty() || next_ >= script_.size()) return std::nullopt;
  return script_[next_].t;
}

void KernelRing::TakeInput(double t) {
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = ::read(input_.get(), buffer.data(), buffer.size())) > 0;) {
    written_.append(buffer.data(), static_cast<std::size_t>(n));
  }
  std::string_view rest = written_;
  for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos;) {
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const std::size_t close = line.find('>');
    if (!line.starts_with('<') || close == std::string_view::npos) continue;
    Emit(line.substr(1, close - 1), "-", t, {std::string(line.substr(close + 1))});
  }
  written_ = std::string(rest);
  Flush();
}

void KernelRing::Emit(std::string_view priority, std::string_view flags, double t,
                      const std::vector<std::string>& lines) {
  const double uptime = std::max(0.0, origin_.start_unix + t / origin_.speed - origin_.boot_unix);
  std::string record = Join(priority, ",", ++sequence_, ",", uptime * 1e6, ",", flags, ";");
  for (const std::string& line : lines) record += line + '\n';
  waiting_.push_back(std::move(record));
}

// True when nothing waits. A record is written whole or not at all: it is shorter than PIPE_BUF.
bool KernelRing::Flush() {
  while (!waiting_.empty()) {
    const std::string& record = waiting_.front();
    if (::write(records_.get(), record.data(), record.size()) < 0) return false;
    waiting_.pop_front();
  }
  return true;
}

}  // namespace gpud::sim_machine
