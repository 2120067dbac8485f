// SPDX-License-Identifier: Apache-2.0
#include "lanes/host_lane.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <array>
#include <condition_variable>
#include <mutex>

#include "lanes/reading.h"
#include "platform/unique_fd.h"

namespace gpud::lanes {

struct HostThread::Shared {
  struct Job {
    std::function<void()> run;
    std::function<void()> done;
  };

  void Wake() const {
    const std::uint64_t one = 1;
    // Can only fail when the counter is full, and then the thread is awake.
    (void)!::write(event.get(), &one, sizeof one);
  }
  /// Onto the loop, while it is there.
  void Post(std::function<void()> task) {
    const std::scoped_lock lock(mutex);
    if (loop) loop->Post(std::move(task));
  }
  void Set(bool Shared::*flag, bool value) {
    const std::scoped_lock lock(mutex);
    this->*flag = value;
  }
  bool MayRead() {
    const std::scoped_lock lock(mutex);
    return !held && !delivering;
  }
  std::optional<Job> TakeJob() {
    const std::scoped_lock lock(mutex);
    if (!loop || jobs.empty()) return std::nullopt;
    Job job = std::move(jobs.front());
    jobs.pop_front();
    return job;
  }

  UniqueFd event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::mutex mutex;  // guards all below
  std::condition_variable ended_changed;
  Loop* loop = nullptr;  // null: stop
  std::deque<Job> jobs;
  std::unique_ptr<KernelLog> new_log;
  std::function<void(KernelLogBatch)> log_call;  // called on the loop only
  bool held = false;                             // by HoldLog
  bool delivering = false;                       // the loop has not taken the last batch yet
  bool ended = false;
};

HostThread::HostThread(Loop& loop) : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  // The thread inherits the mask: signals are for the loop's thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread(&HostThread::Body, shared_);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), "gpud-host");
}

HostThread::~HostThread() {
  std::unique_lock lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->jobs.clear();
  shared_->Wake();
  const bool ended = shared_->ended_changed.wait_for(lock, std::chrono::seconds(1),
                                                     [&] { return shared_->ended; });
  lock.unlock();
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void HostThread::Run(std::function<void()> job, std::function<void()> done) {
  const std::scoped_lock lock(shared_->mutex);
  shared_->jobs.push_back({std::move(job), std::move(done)});
  shared_->Wake();
}

void HostThread::Listen(std::unique_ptr<KernelLog> log, std::function<void(KernelLogBatch)> call) {
  const std::scoped_lock lock(shared_->mutex);
  shared_->new_log = std::move(log);
  shared_->log_call = std::move(call);
  shared_->Wake();
}

void HostThread::HoldLog(bool held) {
  shared_->Set(&Shared::held, held);
  shared_->Wake();
}

namespace {

// The kernel's log as the thread sees it.
class Listener {
 public:
  Listener(std::unique_ptr<KernelLog> log, std::function<void(KernelLogBatch)> call)
      : log_(std::move(log)), call_(std::move(call)) {}

  int fd() const { return log_->ended() ? -1 : log_->fd(); }
  /// For poll: how long to wait at most, in milliseconds.
  int patience() const {
    if (log_->more() || (!log_->ended() && log_->fd() < 0)) return 0;
    const auto due = log_->due();
    return due ? static_cast<int>(due->count()) : -1;
  }
  /// Reads, and gives the task that delivers what there was to tell; null when there was nothing.
  std::function<void()> Read() {
    auto batch = std::make_shared<KernelLogBatch>(log_->ReadSome());
    const bool moved = batch->position.next_sequence != told_up_to_;
    told_up_to_ = batch->position.next_sequence;
    if (!moved && batch->events.empty() && batch->malformed_records == 0 &&
        batch->problem.empty()) {
      return nullptr;
    }
    return [batch, call = call_] { call(std::move(*batch)); };
  }

 private:
  std::unique_ptr<KernelLog> log_;
  std::function<void(KernelLogBatch)> call_;
  std::uint64_t told_up_to_ = 0;
};

}  // namespace

void HostThread::Body(const std::shared_ptr<Shared>& shared) {
  std::optional<Listener> log;
  for (;;) {
    const bool listens = log && shared->MayRead();
    std::array<pollfd, 2> fds = {
        pollfd{.fd = shared->event.get(), .events = POLLIN, .revents = 0},
        pollfd{.fd = listens ? log->fd() : -1, .events = POLLIN, .revents = 0}};
    const int ready = ::poll(fds.data(), fds.size(), listens ? log->patience() : -1);
    std::uint64_t count = 0;
    (void)!::read(shared->event.get(), &count, sizeof count);  // to sleep again; it may be empty
    while (auto job = shared->TakeJob()) {
      job->run();
      shared->Post(std::move(job->done));
    }
    bool read = listens && (ready == 0 || fds[1].revents != 0);
    {
      const std::scoped_lock lock(shared->mutex);
      if (!shared->loop) break;
      if (shared->new_log) {
        log.emplace(std::move(shared->new_log), std::move(shared->log_call));
        read = true;
      }
    }
    if (!read) continue;
    auto deliver = log->Read();
    if (!deliver) continue;
    shared->Set(&Shared::delivering, true);
    shared->Post([shared, deliver = std::move(deliver)] {
      deliver();
      shared->Set(&Shared::delivering, false);
      shared->Wake();
    });
  }
  log.reset();
  const std::scoped_lock lock(shared->mutex);
  shared->ended = true;
  shared->ended_changed.notify_all();
}

HostLane::HostLane(Loop& loop, const Clock& clock, const Options& options, HostThread& thread)
    : ReadingLane(loop, clock, options, "host"),
      thread_(thread),
      root_(std::make_shared<const Root>(options.root)),
      self_(std::make_shared<HostLane*>(this)) {}

Result<void> HostLane::Start(const SourceType& source) {
  auto snapshot = std::make_shared<Snapshot>();
  thread_.Run(
      [&source, &clock = clock_, root = root_, snapshot] {
        Inputs none;  // the loop keeps what was read
        *snapshot = TakeReading(source, {*root, clock}, none);
      },
      [weak = std::weak_ptr(self_), snapshot] {
        if (const auto self = weak.lock()) (*self)->OnAnswer(std::move(*snapshot));
      });
  return {};
}

}  // namespace gpud::lanes
