// SPDX-License-Identifier: Apache-2.0
#include "sources/host/patient_reader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace gpud::host {
namespace {

using std::chrono::milliseconds;
using Question = PatientReader::Question;

Question Good(const std::string& name) {
  return {name, [] { return Result<void>(); }};
}

/// Hangs until `Release`, and counts how often it was asked.
struct Stuck {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);

  Question Ask(const std::string& name) {
    return {name, [released = released, asked = asked] {
              ++*asked;
              released.wait();
              return Result<void>();
            }};
  }
};

TEST(PatientReader, AnswersInTheOrderOfTheQuestions) {
  PatientReader reader;
  const auto answers = reader.Ask(
      {Good("/"), {"/bad", [] { return Result<void>(Fail(ErrorCode::kNotFound, "gone")); }}},
      milliseconds(5000), milliseconds(5000));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0].done);
  EXPECT_EQ(answers[1].done.error().what, "gone");
}

TEST(PatientReader, GoesOnWithoutTheOneThatHangsAndDoesNotAskItAgain) {
  PatientReader reader;
  Stuck stuck;
  const auto questions = [&] {
    return std::vector<Question>{Good("/"), stuck.Ask("/nfs"), Good("/data")};
  };
  for (int round = 0; round < 3; ++round) {
    const auto answers = reader.Ask(questions(), milliseconds(500), milliseconds(5000));
    EXPECT_TRUE(answers[0].done);
    ASSERT_FALSE(answers[1].done);
    EXPECT_EQ(answers[1].done.error().code, ErrorCode::kTimeout);
    EXPECT_EQ(answers[1].done.error().what, "/nfs: has not answered for 0 s");
    EXPECT_TRUE(answers[2].done);
  }
  EXPECT_EQ(*stuck.asked, 1);

  stuck.release.set_value();
  const auto start = std::chrono::steady_clock::now();
  for (;;) {  // its thread needs a moment to come back
    const auto answers = reader.Ask(questions(), milliseconds(1000), milliseconds(5000));
    if (answers[1].done) break;
    ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  }
  EXPECT_EQ(*stuck.asked, 2);
}

TEST(PatientReader, StaysWithinItsBudgetAndSaysWhatItDidNotAsk) {
  PatientReader reader;
  std::vector<Stuck> stuck(10);
  std::vector<Question> questions;
  for (std::size_t i = 0; i < stuck.size(); ++i) {
    questions.push_back(stuck[i].Ask("/m" + std::to_string(i)));
  }
  questions.push_back(Good("/last"));
  const auto answers = reader.Ask(std::move(questions), milliseconds(40), milliseconds(100));
  int asked = 0;
  for (const Stuck& one : stuck) asked += *one.asked;
  EXPECT_LE(asked, 3);  // 40 ms each
  EXPECT_EQ(answers.back().done.error().what, "/last: not asked, as others do not answer");
  for (Stuck& one : stuck) one.release.set_value();
}

}  // namespace
}  // namespace gpud::host
