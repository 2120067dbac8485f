// SPDX-License-Identifier: Apache-2.0
// StoreRig: for tests of the store: a folder, a clock that the test moves, a loop of its own, and
// calls that wait for their answer.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

#include "store/store.h"
#include "testing/fake_host.h"

namespace gpud::store {

/// A clock that one thread moves and another reads.
class SharedClock final : public Clock {
 public:
  WallTime Wall() const override { return WallTime(std::chrono::microseconds(wall_.load())); }
  BootTime Boot() const override { return BootTime(std::chrono::microseconds(boot_.load())); }
  void Advance(std::chrono::microseconds by) {
    wall_ += by.count();
    boot_ += by.count();
  }
  void SetBack(std::chrono::microseconds by) { wall_ -= by.count(); }

 private:
  std::atomic<std::int64_t> wall_ = 1'772'352'000'000'000;  // 2026-03-01T08:00:00Z
  std::atomic<std::int64_t> boot_ = 100'000'000'000;
};

/// The loop: what is posted runs in RunOne, on the caller's thread.
class TestLoop {
 public:
  Post post() {
    return [this](std::function<void()> task) {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
      wake_.notify_one();
    };
  }
  /// Waits for a task; false after 20 s without one.
  bool RunOne() {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait_for(lock, std::chrono::seconds(20), [this] { return !tasks_.empty(); })) {
        return false;
      }
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }

 private:
  std::mutex mutex_;  // guards the tasks
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
};

class StoreRig {
 public:
  StoreRig() { options.directory = host.Path(""); }

  void Open() {
    store = std::make_unique<Store>(options, clock, loop.post());
    Until([](const Condition& condition) { return condition.ready; });
  }
  void Close() { store.reset(); }
  void Reopen() {
    Close();
    Open();
  }

  /// Runs the loop until the condition is so.
  void Until(const std::function<bool(const Condition&)>& so) {
    while (!so(store->condition())) {
      ASSERT_TRUE(loop.RunOne()) << "the store's condition did not come about: "
                                 << store->condition().problem;
    }
  }
  /// Calls `start(done)` and runs the loop until `done` was called.
  template <class T>
  Result<T> Wait(const std::function<void(Done<T>)>& start) {
    std::optional<Result<T>> answer;
    start([&](Result<T> result) { answer = std::move(result); });
    while (!answer) {
      if (!loop.RunOne()) return Fail(ErrorCode::kTimeout, "no answer from the store");
    }
    return *answer;
  }

  Result<std::size_t> Put(Batch batch) {
    return Wait<std::size_t>([&](auto done) { store->Put(std::move(batch), done); });
  }
  std::vector<Event> Events(EventQuery query = {}) {
    return Wait<std::vector<Event>>([&](auto done) { store->QueryEvents(query, done); }).value();
  }
  std::vector<Transition> Transitions(EventQuery query = {}) {
    return Wait<std::vector<Transition>>([&](auto done) { store->QueryTransitions(query, done); })
        .value();
  }
  std::vector<ComponentMetrics> Metrics(MetricQuery query = {}) {
    return Wait<std::vector<ComponentMetrics>>([&](auto done) { store->QueryMetrics(query, done); })
        .value();
  }
  Metadata AllMetadata() {
    return Wait<Metadata>([&](auto done) { store->QueryMetadata(done); }).value();
  }
  Result<void> Compact() {
    return Wait<void>([&](auto done) { store->Compact(done); });
  }

  /// An event that is told from others by its number.
  Event MakeEvent(int number, const std::string& component = "cpu") const {
    return {.component = component,
            .time = clock.Wall() + std::chrono::microseconds(number),
            .name = "test",
            .message = "event " + std::to_string(number),
            .identity = "e" + std::to_string(number)};
  }
  std::string Db() const { return options.directory + "/gpud.db"; }

  FakeHost host;
  SharedClock clock;
  TestLoop loop;
  Options options;
  std::unique_ptr<Store> store;
};

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace gpud::store
