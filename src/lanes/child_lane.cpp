// SPDX-License-Identifier: Apache-2.0
#include "lanes/child_lane.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "platform/time_text.h"

namespace gpud::lanes {
namespace {

// A process gets so long to die of SIGKILL before it counts as one that cannot.
constexpr std::chrono::seconds kTimeToDie{2};
constexpr int kTimeToLetGoMs = 500;

}  // namespace

ChildLane::ChildLane(Loop& loop, const Clock& clock, const Options& options, std::string name,
                     int executable, HostThread& helper)
    : ReadingLane(loop, clock, options, std::move(name)),
      executable_(executable),
      helper_(helper) {}

Result<void> ChildLane::StartChild() {
  if (LeftBehind() >= options_.most_left_behind) {
    return Fail(ErrorCode::kTimeout,
                "lane " + name_ + ": " + std::to_string(LeftBehind()) +
                    " of its processes cannot be killed; none is started until one of them ends");
  }
  auto process = LaneProcess::Start({.executable = executable_,
                                     .lane = name_,
                                     .root = options_.root,
                                     .memory_bytes = options_.child_memory_bytes});
  if (!process) return tl::unexpected<Error>(std::move(process).error());
  Child& child = child_.emplace_back(std::move(*process));
  child.on_bytes = loop_.WhenReadable(child.process.socket(), [this] { OnBytes(); });
  child.on_end = loop_.WhenReadable(child.process.pidfd(), [this] { OnEnd(); });
  return {};
}

Result<void> ChildLane::Start(const SourceType& source) {
  if (child_.empty()) {
    auto started = StartChild();
    if (!started) return started;
  }
  const std::string frame = Frame(Request{.id = ++id_, .source = std::string(source.name)});
  // A failure means that the process has just ended, which its pidfd tells.
  (void)::send(child_.front().process.socket(), frame.data(), frame.size(),
               MSG_NOSIGNAL | MSG_DONTWAIT);
  return {};
}

ReadingLane::Abandoned ChildLane::Abandon() {
  Discard();
  return Abandoned::kFree;
}

void ChildLane::OnBytes() {
  Child& child = child_.front();
  std::array<char, 64 << 10> buffer;  // bounds the time that one call takes from the loop
  const ssize_t n = ::recv(child.process.socket(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    // How it ended, the pidfd will tell; SIGKILL makes sure that it does.
    child.closed = true;
    child.process.Kill();
    child.on_bytes.reset();
    return;
  }
  child.frames.Add({buffer.data(), static_cast<std::size_t>(n)});
  if (const auto good = TakeFrames(); !good) {
    Discard();
    OnBroken("its process spoke garbage (" + good.error().what + ") and was killed");
  }
}

// Error: the process speaks garbage.
Result<void> ChildLane::TakeFrames() {
  while (!child_.empty()) {
    auto content = child_.front().frames.Next();
    if (!content) return tl::unexpected<Error>(std::move(content).error());
    if (!*content) return {};
    auto answer = ParseAnswer(**content);
    if (!answer) return tl::unexpected<Error>(std::move(answer).error());
    const SourceType* source = reading();
    if (!source || answer->id != id_) {
      return Fail(ErrorCode::kParse, "an answer that nobody has asked for");
    }
    auto result = source->snapshot->decode(answer->snapshot);
    if (!result) return Fail(ErrorCode::kParse, "bytes that are no snapshot of this source");
    OnAnswer({source->snapshot, std::move(result), answer->taken});
  }
  return {};
}

void ChildLane::OnEnd() {
  Child& child = child_.front();
  const bool closed = child.closed;
  const auto how = child.process.Reap();
  if (how) {
    child_.clear();
  } else {
    Discard();  // ended, but held by somebody who traces it
  }
  OnBroken("its process " + (closed && (!how || how->starts_with("was killed"))
                                 ? "closed its socket, so it was killed"
                                 : how.value_or("ended")));
}

void ChildLane::Discard() {
  dying_.splice(dying_.end(), child_);
  const auto child = std::prev(dying_.end());
  child->process.Kill();
  child->on_bytes.reset();
  child->process.CloseSocket();
  child->on_end.reset();  // before its descriptor is watched anew
  child->reading = reading() ? reading()->name : "nothing";
  child->on_end = loop_.WhenReadable(child->process.pidfd(), [this, child] { OnDyingEnd(child); });
  child->timer = loop_.After(kTimeToDie, [this, child] { LeaveBehind(child); });
}

void ChildLane::OnDyingEnd(Children::iterator child) {
  if (child->process.Reap()) {
    dying_.erase(child);
    return;
  }
  // Ended but held by a tracer: its pidfd would wake us without end, so ask now and then.
  child->on_end = loop_.After(kTimeToDie, [this, child] { OnDyingEnd(child); });
}

void ChildLane::LeaveBehind(Children::iterator child) {
  child->left_behind_since = clock_.Wall();
  child->where = std::make_shared<std::string>();
  auto where = std::make_shared<std::string>();
  helper_.Run([where, pid = child->process.pid()] { *where = StuckWhere(pid); },
              [where, shown = std::weak_ptr(child->where)] {
                if (const auto target = shown.lock()) *target = std::move(*where);
              });
}

std::size_t ChildLane::LeftBehind() const {
  return static_cast<std::size_t>(std::count_if(
      dying_.begin(), dying_.end(), [](const Child& child) { return child.where != nullptr; }));
}

void ChildLane::Describe(std::vector<SelfFinding>& findings) const {
  ReadingLane::Describe(findings);
  for (const Child& child : dying_) {
    if (!child.where) continue;
    findings.push_back(
        {.what = "lane " + name_ + ": process " + std::to_string(child.process.pid()) +
                 ", which read " + child.reading + ", was killed but does not end" +
                 (child.where->empty() ? "" : " (" + *child.where + ")") + "; it is left behind",
         .since = child.left_behind_since});
  }
}

std::vector<int> ChildLane::Pids() const {
  std::vector<int> pids;
  for (const Children* children : {&child_, &dying_}) {
    for (const Child& child : *children) pids.push_back(child.process.pid());
  }
  return pids;
}

void ChildLane::Stop(BootTime until) {
  if (!child_.empty()) {
    // One that is idle ends by itself when its socket does, and lets go of the driver in order.
    if (!reading()) {
      child_.front().on_bytes.reset();
      child_.front().process.CloseSocket();
      pollfd end{.fd = child_.front().process.pidfd(), .events = POLLIN, .revents = 0};
      ::poll(&end, 1, kTimeToLetGoMs);
    }
    Discard();
  }
  for (Child& child : dying_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock_.Boot());
    pollfd end{.fd = child.process.pidfd(), .events = POLLIN, .revents = 0};
    ::poll(&end, 1, std::max(0, static_cast<int>(left.count())));
    (void)child.process.Reap();  // one that has not ended is left to init
  }
  dying_.clear();
}

}  // namespace gpud::lanes
