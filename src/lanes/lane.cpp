// SPDX-License-Identifier: Apache-2.0
#include "lanes/lane.h"

#include <algorithm>

#include "platform/time_text.h"

namespace gpud::lanes {

ReadingLane::ReadingLane(Loop& loop, const Clock& clock, const Options& options, std::string name)
    : loop_(loop), clock_(clock), options_(options), name_(std::move(name)) {}

void ReadingLane::Read(const SourceType& source, Done done) {
  const auto joined = std::find_if(queue_.begin(), queue_.end(), [&](const Reading& reading) {
    return reading.source == &source;
  });
  if (joined != queue_.end()) {
    joined->waiting.push_back(std::move(done));
    return;
  }
  std::vector<Done> waiting;
  waiting.push_back(std::move(done));
  if (stuck_in_) {
    return Deliver(std::move(waiting), FailureOf(source, Refusal(source, troubles_.at(stuck_in_))));
  }
  const auto trouble = troubles_.find(&source);
  if (trouble != troubles_.end() && clock_.Boot() < trouble->second.not_before) {
    return Deliver(std::move(waiting), FailureOf(source, Refusal(source, trouble->second)));
  }
  queue_.push_back({&source, std::move(waiting)});
  StartNext();
}

void ReadingLane::StartNext() {
  while (!busy_ && !stuck_in_ && !queue_.empty()) {
    const SourceType& source = *queue_.front().source;
    const auto started = Start(source);
    if (started) {
      busy_ = true;
      deadline_ = loop_.After(source.deadline, [this] { OnDeadline(); });
    } else {
      EndFirst(FailureOf(source, started.error()));
    }
  }
}

void ReadingLane::OnDeadline() {
  const SourceType& source = *queue_.front().source;
  const Abandoned abandoned = Abandon();
  const bool stuck = abandoned == Abandoned::kStuck;
  const Error error = Blame(source, ErrorCode::kTimeout,
                            "no answer within " + DurationText(source.deadline) +
                                (stuck ? ", and it still runs" : ", so its process was killed"));
  busy_ = false;
  EndFirst(FailureOf(source, error));
  if (stuck) {
    stuck_in_ = &source;
    while (!queue_.empty()) {
      const SourceType& next = *queue_.front().source;
      EndFirst(FailureOf(next, Refusal(next, troubles_.at(&source))));
    }
  }
  StartNext();
}

void ReadingLane::OnAnswer(const Snapshot& snapshot) {
  if (stuck_in_) {
    troubles_.erase(std::exchange(stuck_in_, nullptr));
    return;
  }
  if (!busy_) return;
  busy_ = false;
  last_read_ = queue_.front().source;
  troubles_.erase(last_read_);
  EndFirst(snapshot);
  StartNext();
}

void ReadingLane::OnBroken(const std::string& why) {
  const SourceType* source = busy_ ? queue_.front().source : last_read_;
  if (!source) return;
  const Error error = Blame(*source, ErrorCode::kInternal, why);
  if (!busy_) return;
  busy_ = false;
  EndFirst(FailureOf(*source, error));
  StartNext();
}

const Error& ReadingLane::Blame(const SourceType& source, ErrorCode code, const std::string& why) {
  Trouble& trouble = troubles_[&source];
  if (trouble.times++ == 0) {
    trouble.since = clock_.Wall();
    trouble.pause = options_.first_pause;
  } else {
    trouble.pause = std::min(trouble.pause * 2, options_.longest_pause);
  }
  trouble.not_before = clock_.Boot() + trouble.pause;
  trouble.last = {code, "lane " + name_ + ": " + std::string(source.name) + ": " + why};
  return trouble.last;
}

Error ReadingLane::Refusal(const SourceType& source, const Trouble& trouble) const {
  if (stuck_in_ && stuck_in_ != &source) {
    return {ErrorCode::kTimeout,
            std::string(source.name) + " waits behind another reading: " + trouble.last.what};
  }
  return {trouble.last.code, trouble.last.what + " (" + std::to_string(trouble.times) +
                                 (trouble.times == 1 ? " time" : " times") + " since " +
                                 Rfc3339Seconds(trouble.since) + ')'};
}

void ReadingLane::Describe(std::vector<SelfFinding>& findings) const {
  for (const auto& [source, trouble] : troubles_) {
    findings.push_back({.what = Refusal(*source, trouble).what, .since = trouble.since});
  }
}

Snapshot ReadingLane::FailureOf(const SourceType& source, Error error) const {
  return {source.snapshot, source.snapshot->failure(std::move(error)), clock_.Boot()};
}

void ReadingLane::EndFirst(const Snapshot& snapshot) {
  deadline_.reset();
  Reading reading = std::move(queue_.front());
  queue_.pop_front();
  Deliver(std::move(reading.waiting), snapshot);
}

// Posted, so that a caller is never called back before its own call has returned.
void ReadingLane::Deliver(std::vector<Done> waiting, const Snapshot& snapshot) {
  loop_.Post([waiting = std::move(waiting), snapshot] {
    for (const Done& done : waiting) done(snapshot);
  });
}

}  // namespace gpud::lanes
