// SPDX-License-Identifier: Apache-2.0
#include "sources/host/patient_reader.h"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace gpud::host {
namespace {

constexpr std::size_t kMostHanging = 16;
using std::chrono::milliseconds;

milliseconds Since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
}

Result<void> Late(const std::string& name, milliseconds since) {
  return Fail(ErrorCode::kTimeout,
              name + ": has not answered for " + std::to_string(since.count() / 1000) + " s");
}

}  // namespace

/// One helper thread and its questions from `next` on. Shared by the thread, which may never end,
/// and the reader, which may be gone by then.
struct PatientReader::Run {
  std::shared_ptr<const std::vector<Question>> questions;
  std::mutex mutex;  // guards all below
  std::condition_variable changed;
  std::size_t next = 0;  ///< the question that is being asked
  Time asked;            ///< when it was
  std::vector<Answer> answers;
  bool left = false;  ///< the reader has given up on the question; the thread must end with it
  bool ended = false;

  void Work() {
    std::unique_lock lock(mutex);
    while (!left && next < questions->size()) {
      asked = std::chrono::steady_clock::now();
      lock.unlock();
      Result<void> done = (*questions)[next].ask();
      lock.lock();
      if (!left) answers[next++] = {std::move(done), Since(asked)};
      changed.notify_one();
    }
    ended = true;
    changed.notify_one();
  }
};

std::vector<PatientReader::Answer> PatientReader::Ask(std::vector<Question> questions,
                                                      milliseconds patience, milliseconds budget) {
  const Time end = std::chrono::steady_clock::now() + budget;
  std::vector<Answer> answers(questions.size());
  std::erase_if(hanging_, [](const auto& entry) {
    const std::lock_guard lock(entry.second.first->mutex);
    return entry.second.first->ended;
  });

  auto open = std::make_shared<std::vector<Question>>();
  std::vector<std::size_t> places;  // of the open questions among all
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (const auto known = hanging_.find(questions[i].name); known != hanging_.end()) {
      const milliseconds since = Since(known->second.second);
      answers[i] = {Late(questions[i].name, since), since};
    } else {
      answers[i].done =
          Fail(ErrorCode::kTimeout, questions[i].name + ": not asked, as others do not answer");
      open->push_back(std::move(questions[i]));
      places.push_back(i);
    }
  }

  std::size_t next = 0;
  while (next < open->size() && hanging_.size() < kMostHanging) {
    auto run = std::make_shared<Run>();
    run->questions = open;
    run->next = next;
    run->asked = std::chrono::steady_clock::now();
    run->answers.resize(open->size());
    try {
      std::thread([run] { run->Work(); }).detach();
    } catch (const std::system_error& error) {  // no threads left
      for (; next < open->size(); ++next) {
        answers[places[next]].done =
            Fail(ErrorCode::kInternal, std::string("a thread: ") + error.what());
      }
      break;
    }

    std::unique_lock lock(run->mutex);
    for (;;) {
      const Time limit = std::min(run->asked + patience, end);
      const std::size_t asking = run->next;
      if (run->ended) break;
      if (!run->changed.wait_until(lock, limit,
                                   [&] { return run->ended || run->next != asking; })) {
        run->left = true;
        break;
      }
    }
    for (; next < run->next; ++next) answers[places[next]] = std::move(run->answers[next]);
    if (!run->left) break;
    const std::string& name = (*open)[next].name;
    answers[places[next]] = {Late(name, Since(run->asked)), Since(run->asked)};
    hanging_[name] = {run, run->asked};
    ++next;
    if (std::chrono::steady_clock::now() >= end) break;
  }
  return answers;
}

}  // namespace gpud::host
