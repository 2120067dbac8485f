// SPDX-License-Identifier: Apache-2.0
// The child's side of a lane: one request, one reading, one answer, until the parent is gone.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "lanes/frame.h"
#include "lanes/lanes.h"
#include "lanes/reading.h"

namespace gpud::lanes {
namespace {

// The descriptors of the pipe, moved away from 0 and 1, so that a vendor's library that prints does
// not speak to the parent.
constexpr int kRequests = 3;
constexpr int kAnswers = 4;

// Returns false when there is no parent to work for.
bool BecomeChild(const std::string& lane) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, ("gpud-" + lane).c_str());
  if (::dup2(0, kRequests) < 0 || ::dup2(1, kAnswers) < 0) return false;
  const int null = ::open("/dev/null", O_RDWR);
  if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(null, 1) < 0) return false;
  ::close_range(kAnswers + 1, ~0U, 0);

  // When memory is short, the kernel is to take this process before a user's and before the daemon.
  const UniqueFd score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  (void)!::write(score.get(), "500", 3);  // refused only where it is higher already

  // A parent that died before prctl above will send no signal, but it has closed its end.
  pollfd parent{.fd = kRequests, .events = POLLIN, .revents = 0};
  return ::poll(&parent, 1, 0) >= 0 && (parent.revents & POLLHUP) == 0;
}

bool WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(kAnswers, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string MakeAnswer(const SourceType& source, std::uint64_t id, const Host& host,
                       Inputs& readings) {
  const Snapshot snapshot = TakeReading(source, host, readings);
  Answer answer{.id = id, .taken = snapshot.taken, .snapshot = {}};
  answer.snapshot = source.snapshot->encode(snapshot.result.get());
  if (answer.snapshot.size() + kAnswerOverhead > kLongestFrame) {
    const auto failure = source.snapshot->failure(
        {ErrorCode::kInternal, std::string(source.name) + ": a snapshot of " +
                                   std::to_string(answer.snapshot.size()) + " bytes is too large"});
    answer.snapshot = source.snapshot->encode(failure.get());
  }
  return Frame(answer);
}

}  // namespace

int LaneMain(std::span<const SourceType* const> sources, const std::string& lane,
             const std::string& root_path) {
  if (!BecomeChild(lane)) return 1;
  const Root root(root_path);
  const SystemClock clock;
  Kept kept;
  FrameReader frames;
  Inputs readings;  // a source may be made of what this process has read of others, and of itself
  for (;;) {
    std::array<char, 4096> buffer;
    const ssize_t n = ::read(kRequests, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    frames.Add({buffer.data(), static_cast<std::size_t>(n)});
    for (;;) {
      const auto content = frames.Next();
      if (!content) return 1;
      if (!*content) break;
      const auto request = ParseRequest(**content);
      if (!request) return 1;
      const auto source =
          std::find_if(sources.begin(), sources.end(), [&](const SourceType* candidate) {
            return candidate->name == request->source && Word(candidate->lane) == lane;
          });
      if (source == sources.end()) return 1;
      if (!WriteAll(MakeAnswer(**source, request->id, {root, clock, &kept}, readings))) return 1;
    }
  }
}

}  // namespace gpud::lanes
