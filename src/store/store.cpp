// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>

#include "store/writer.h"

namespace gpud::store {
namespace {

/// What the loop asks of the thread.
struct Job {
  std::function<void(Writer&)> run;
  std::function<void(const Error&)> fail;  ///< when it is dropped instead
  std::size_t events = 0;
  std::size_t bytes = 256;  ///< about what it takes in memory
};

template <class Labels>
std::size_t BytesOf(const Labels& labels) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : labels) bytes += key.size() + value.size() + 96;
  return bytes;
}

std::size_t BytesOf(const Event& event) {
  return sizeof(Event) + event.component.size() + event.name.size() + event.message.size() +
         event.identity.size() + BytesOf(event.extra_info);
}

std::size_t BytesOf(const Sample& sample) {
  return sizeof(Sample) + sample.metric.size() + BytesOf(sample.labels);
}

bool SameButForSize(const Condition& a, const Condition& b) {
  return a.ready == b.ready && a.writable == b.writable && a.problem == b.problem &&
         a.waiting_events == b.waiting_events && a.dropped_events == b.dropped_events &&
         a.dropped_samples == b.dropped_samples && a.set_aside == b.set_aside;
}

}  // namespace

struct Store::Impl {
  /// The loop's side of the store; gone with it, so that a late answer finds nobody.
  struct Front {
    Condition condition;
    std::function<void(const Condition&)> on_condition;
  };

  Impl(Options options, const Clock& to_read, Post to_loop)
      : clock(to_read), post(std::move(to_loop)) {
    // The thread inherits this mask: signals are for the main thread.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread = std::thread([this, own = std::move(options)]() mutable { Serve(std::move(own)); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_setname_np(thread.native_handle(), "store");
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_one();
    thread.join();
  }

  /// The answer travels by post. `done` is destroyed on the loop too: what it holds may be the
  /// loop's alone.
  template <class T>
  Done<T> Reply(Done<T> done) {
    if (!done) return {};
    auto call = std::make_shared<Done<T>>(std::move(done));
    return [this, alive = std::weak_ptr(front), call](Result<T> result) {
      post([alive, call, value = std::move(result)]() mutable {
        const Done<T> once = std::move(*call);
        if (alive.lock()) once(std::move(value));
      });
    };
  }

  void Push(Job job) {
    std::deque<Job> dropped;
    {
      const std::lock_guard lock(mutex);
      events += job.events;
      bytes += job.bytes;
      jobs.push_back(std::move(job));
      // Only when the thread hangs in the disk: what waits for a full one is the writer's.
      while (jobs.size() > 1 && (events > kMaxWaitingEvents || bytes > kMaxWaitingBytes)) {
        events -= jobs.front().events;
        bytes -= jobs.front().bytes;
        dropped_events += jobs.front().events;
        dropped.push_back(std::move(jobs.front()));
        jobs.pop_front();
      }
    }
    wake.notify_one();
    for (const Job& job_dropped : dropped) {
      if (job_dropped.fail) job_dropped.fail({ErrorCode::kIo, "dropped: the disk does not answer"});
    }
  }

  template <class T>
  void Ask(Done<T> done, std::function<Result<T>(Writer&)> query) {
    const Done<T> reply = Reply(std::move(done));
    if (!reply) return;
    Push({.run = [reply, query = std::move(query)](Writer& writer) { reply(query(writer)); },
          .fail = [reply](const Error& error) { reply(tl::unexpected<Error>(error)); }});
  }

  void Serve(Options options) {
    Writer writer(std::move(options), clock);
    writer.Work();
    Publish(writer.condition());
    bool last = false;
    while (!last) {
      std::deque<Job> taken;
      {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, writer.NextWake() - clock.Boot(),
                      [this] { return stopping || !jobs.empty(); });
        taken.swap(jobs);
        events = bytes = 0;
        last = stopping;
        writer.CountDropped(std::exchange(dropped_events, 0));
      }
      for (const Job& job : taken) job.run(writer);
      writer.Work(last);
      Publish(writer.condition());
    }
  }

  void Publish(const Condition& now) {
    if (SameButForSize(now, published) && now.size_bytes == published.size_bytes) return;
    published = now;
    post([alive = std::weak_ptr(front), now] {
      const auto here = alive.lock();
      if (!here) return;
      const bool tell = !SameButForSize(now, here->condition);
      here->condition = now;
      if (tell && here->on_condition) here->on_condition(now);
    });
  }

  const Clock& clock;
  const Post post;
  std::shared_ptr<Front> front = std::make_shared<Front>();
  Condition published;  ///< the thread's

  std::mutex mutex;  ///< guards all below but the thread
  std::condition_variable wake;
  std::deque<Job> jobs;
  std::size_t events = 0, bytes = 0;  ///< of the jobs
  std::uint64_t dropped_events = 0;
  bool stopping = false;
  std::thread thread;
};

Store::Store(Options options, const Clock& clock, Post post)
    : impl_(std::make_unique<Impl>(std::move(options), clock, std::move(post))) {}
Store::~Store() = default;

void Store::Put(Batch batch, Done<std::size_t> done,
                std::optional<std::chrono::milliseconds> give_up_after) {
  Write write{.events = std::move(batch.events), .metadata = std::move(batch.metadata)};
  write.done = impl_->Reply(std::move(done));
  if (give_up_after) write.give_up = impl_->clock.Boot() + *give_up_after;
  write.bytes = sizeof(Write) + BytesOf(write.metadata);
  for (const Event& event : write.events) write.bytes += BytesOf(event);
  Job job{.events = write.events.size(), .bytes = write.bytes};
  if (write.done) {
    job.fail = [reply = write.done](const Error& error) { reply(tl::unexpected<Error>(error)); };
  }
  job.run = [moved = std::make_shared<Write>(std::move(write))](Writer& writer) {
    writer.Add(std::move(*moved));
  };
  impl_->Push(std::move(job));
}

void Store::PutTransition(Transition transition) {
  const std::size_t bytes = sizeof(Write) + sizeof(Transition) + transition.reason.size();
  impl_->Push(
      {.run = [bytes, put = std::move(transition)](
                  Writer& writer) { writer.Add(Write{.transitions = {put}, .bytes = bytes}); },
       .bytes = bytes});
}

void Store::PutSamples(WallTime time, const std::string& component,
                       const std::vector<Sample>& samples) {
  std::size_t bytes = sizeof(Job);
  for (const Sample& sample : samples) bytes += BytesOf(sample);
  impl_->Push(
      {.run = [time, component, samples](Writer& writer) { writer.Add(time, component, samples); },
       .bytes = bytes});
}

void Store::QueryEvents(EventQuery query, Done<std::vector<Event>> done) {
  impl_->Ask<std::vector<Event>>(
      std::move(done), [query = std::move(query)](Writer& writer) { return writer.Events(query); });
}

void Store::QueryMetrics(MetricQuery query, Done<std::vector<ComponentMetrics>> done) {
  impl_->Ask<std::vector<ComponentMetrics>>(
      std::move(done),
      [query = std::move(query)](Writer& writer) { return writer.Metrics(query); });
}

void Store::QueryTransitions(EventQuery query, Done<std::vector<Transition>> done) {
  impl_->Ask<std::vector<Transition>>(std::move(done), [query = std::move(query)](Writer& writer) {
    return writer.Transitions(query);
  });
}

void Store::QueryMetadata(Done<Metadata> done) {
  impl_->Ask<Metadata>(std::move(done), [](Writer& writer) { return writer.AllMetadata(); });
}

void Store::Compact(Done<void> done) {
  impl_->Ask<void>(std::move(done), [](Writer& writer) { return writer.Compact(); });
}

const Condition& Store::condition() const { return impl_->front->condition; }

void Store::OnCondition(std::function<void(const Condition&)> call) {
  impl_->front->on_condition = std::move(call);
}

}  // namespace gpud::store
