// SPDX-License-Identifier: Apache-2.0
// PatientReader: asks many questions that may hang, each at most once at a time.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/result.h"

namespace gpud::host {

/// Runs the questions one after another in a helper thread. One that does not answer in time keeps
/// that thread to itself, and a new thread goes on with the others. Threads of questions that never
/// end stay until the process ends, one for each question, 16 at most.
class PatientReader {
 public:
  struct Question {
    std::string name;  ///< what is asked about; one thread at most is kept by one name
    /// Must own what it uses: it may end long after Ask. What it fills in may be looked at when its
    /// answer is good.
    std::function<Result<void>()> ask;
  };
  struct Answer {
    Result<void> done = Fail(ErrorCode::kTimeout, "not asked");
    std::chrono::milliseconds took{0};  ///< or hanging since, with kTimeout
  };

  /// `patience`: for one question; `budget`: for all of them together, after which the rest is
  /// answered with kTimeout. In the order of the questions. For one thread.
  std::vector<Answer> Ask(std::vector<Question> questions, std::chrono::milliseconds patience,
                          std::chrono::milliseconds budget);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Run;
  std::map<std::string, std::pair<std::shared_ptr<Run>, Time>> hanging_;
};

}  // namespace gpud::host
