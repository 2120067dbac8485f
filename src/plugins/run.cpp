// SPDX-License-Identifier: Apache-2.0
#include "plugins/run.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "model/binary_codec.h"

namespace gpud::plugins {
namespace {

// A result holds 8 KiB of output and what the rules took out of 1 MiB of JSON.
constexpr std::size_t kLongestResult = 8 << 20;
// The runner's own time, beyond that of the scripts and their end.
constexpr std::chrono::seconds kPatience{10};

// What a runner keeps of our environment; what a script gets of that, child_setup.cpp says.
constexpr std::string_view kEnvironment[] = {"PATH=",
                                             "LANG=",
                                             "LC_",
                                             "TZ=",
                                             "TMPDIR=",
                                             "TERM=",
                                             "HTTP_PROXY=",
                                             "HTTPS_PROXY=",
                                             "NO_PROXY=",
                                             "http_proxy=",
                                             "https_proxy=",
                                             "no_proxy=",
                                             "LD_LIBRARY_PATH=",
                                             "NVIDIA_VISIBLE_DEVICES="};

/// The request as a file in memory: a pipe would hold only so much of it.
Result<UniqueFd> RequestFile(const RunRequest& request) {
  BinaryWriter writer;
  writer.Put(request);
  const std::string bytes = writer.Take();
  UniqueFd file(::memfd_create("gpud-plugin-request", MFD_CLOEXEC));
  if (!file.valid() ||
      ::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    return FailErrno("a file in memory", errno);
  }
  return file;
}

}  // namespace

RunResult FailedRun(std::string error) {
  RunResult result;
  result.exit_code = -1;
  result.runner_failed = true;
  result.error = std::move(error);
  return result;
}

UniqueFd OpenRunner(const RunnerProgram& program) {
  return UniqueFd(::open(program.path.c_str(), O_PATH | O_CLOEXEC));
}

Run::Run(Loop& loop, ChildProcess process, UniqueFd socket, Done done)
    : loop_(loop),
      process_(std::move(process)),
      socket_(std::move(socket)),
      done_(std::move(done)) {}

Run::~Run() {
  pollfd end{.fd = process_.pidfd(), .events = POLLIN, .revents = 0};
  if (::poll(&end, 1, 0) == 1) (void)process_.Reap();
  process_.Leave();  // one that lives sees its socket close, and is to end the scripts first
}

Result<std::unique_ptr<Run>> Run::Start(Loop& loop, int executable,
                                        const std::vector<std::string>& arguments,
                                        const RunRequest& request, Done done) {
  const auto input = RequestFile(request);
  if (!input) return tl::unexpected<Error>(input.error());
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return FailErrno("a socket", errno);
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  auto process = ChildProcess::Start({.executable = executable,
                                      .arguments = arguments,
                                      .input = input->get(),
                                      .output = theirs.get(),
                                      .environment = kEnvironment});
  if (!process) return tl::unexpected<Error>(std::move(process).error());
  std::unique_ptr<Run> run(new Run(loop, std::move(*process), std::move(ours), std::move(done)));
  Run* self = run.get();
  run->on_bytes_ = loop.WhenReadable(run->socket_.get(), [self] { self->OnBytes(); });
  run->on_end_ = loop.WhenReadable(run->process_.pidfd(), [self] { self->OnEnd(); });
  if (request.long_running) return run;  // its runner knows when it was silent for too long
  const auto limit = request.timeout + request.grace + kPatience;
  run->patience_ =
      loop.After(std::chrono::ceil<std::chrono::milliseconds>(limit), [self] { self->OnLate(); });
  return run;
}

void Run::OnLate() {
  if (late_) return process_.Kill();  // its end is then seen as any other
  late_ = true;
  ::shutdown(socket_.get(), SHUT_RDWR);  // it gives up
  patience_ = loop_.After(kPatience, [this] { OnLate(); });
}

bool Run::OnBytes() {
  std::array<char, 64 << 10> buffer;  // bounds the time that one call takes from the loop
  const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n > 0) bytes_.append(buffer.data(), static_cast<std::size_t>(n));
  if (n > 0) TakeResults();
  if (n > 0 && bytes_.size() <= kLongestResult) return true;
  ::shutdown(socket_.get(), SHUT_RDWR);
  on_bytes_.reset();
  return false;
}

void Run::TakeResults() {
  for (;;) {
    std::uint32_t length = 0;
    if (bytes_.size() < sizeof length) return;
    std::memcpy(&length, bytes_.data(), sizeof length);
    if (bytes_.size() - sizeof length < length) return;
    BinaryReader reader(std::string_view(bytes_).substr(sizeof length, length));
    RunResult result;
    reader.Get(result);
    const bool good = reader.ok() && reader.AtEnd();
    bytes_.erase(0, sizeof length + length);
    if (good && !result.more) {
      last_ = std::move(result);
    } else if (const Done done = done_; good && done) {  // a copy: it may abandon this run
      done(std::move(result));
    }
  }
}

void Run::Abandon(std::function<void()> ended) {
  done_ = nullptr;
  ended_ = std::move(ended);
  late_ = true;
  on_bytes_.reset();
  ::shutdown(socket_.get(), SHUT_RDWR);
  patience_ = loop_.After(kPatience, [this] { OnLate(); });
}

void Run::OnEnd() {
  while (on_bytes_ && OnBytes()) {
  }
  const auto how = process_.Reap();
  if (last_) return Finish(std::move(*last_));
  Finish(FailedRun(late_ ? "the plugin's runner did not end in time and was killed"
                         : "the plugin's runner gave no result: it " + how.value_or("ended")));
}

void Run::Finish(RunResult result) {
  on_end_.reset();
  patience_.reset();
  // This object may be gone afterwards.
  if (const auto ended = std::move(ended_)) return ended();
  if (const Done done = std::move(done_)) done(std::move(result));
}

}  // namespace gpud::plugins
