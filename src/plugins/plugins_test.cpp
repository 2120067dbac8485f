// SPDX-License-Identifier: Apache-2.0
#include "plugins/plugins.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::plugins {
namespace {

using std::chrono::milliseconds;
using Words = std::vector<std::string>;

Spec Make(const std::string& name, const std::string& script, const std::string& type = "component",
          const std::string& mode = "auto") {
  Spec spec{.plugin_name = name, .plugin_type = type, .run_mode = mode};
  spec.health_state_plugin.steps = {
      {"s", BashScript{.content_type = "plaintext", .script = script}}};
  spec.timeout.value = std::chrono::seconds(20);
  return spec;
}

class PluginsTest : public testing::Test {
 protected:
  void Start(std::vector<Spec> specs, std::size_t most_at_once = 16,
             const std::string& program = GPUD_PLUGIN_RUNNER) {
    plugins_.emplace(
        loop_, clock_,
        Options{.program = {.path = program, .arguments = {}}, .most_at_once = most_at_once},
        std::move(specs), [this](const RunNote& note) {
          runs_.push_back(note.spec.plugin_name);
          causes_.push_back(note.cause);
          errors_.push_back(note.result.error);
        });
    plugins_->Start();
  }
  void Until(const std::function<bool()>& condition) {
    for (int i = 0; i < 2'000 && !condition(); ++i) loop_.RunFor(milliseconds(10));
    ASSERT_TRUE(condition());
  }

  Loop loop_;
  SystemClock clock_;
  Words runs_, causes_, errors_;
  std::optional<Plugins> plugins_;
};

TEST_F(PluginsTest, RunsInitPluginsInTheOrderOfTheFileThenTheOthers) {
  Start({Make("z", "exit 1", "init"), Make("b", "true"), Make("a", "true", "init"),
         Make("m", "true", "component", "manual")});
  EXPECT_FALSE(plugins_->Ready());
  Until([this] { return plugins_->Ready(); });
  EXPECT_EQ(runs_, (Words{"z", "a", "b"}));
  EXPECT_EQ(plugins_->Findings().at(0).what,
            "init plugin \"z\" failed; what it was to prepare may be missing");
}

TEST_F(PluginsTest, SharesTheRunThatBeginsNextAmongAllWhoAskedBeforeIt) {
  Start({Make("m", "sleep 0.1", "component", "manual")});
  int answers = 0;
  for (int i = 0; i < 5; ++i) {
    plugins_->RunNow("m", "asked " + std::to_string(i), [&] { ++answers; });
  }
  Until([&] { return answers == 5; });
  EXPECT_EQ(causes_, (Words{"asked 0", "asked 1"}));
}

TEST_F(PluginsTest, RunsNoMoreAtOnceThanItMay) {
  std::vector<Spec> specs;
  for (const char* name : {"a", "b", "c", "d", "e"}) specs.push_back(Make(name, "sleep 0.05"));
  Start(std::move(specs), 2);
  Until([this] { return plugins_->Ready(); });
  EXPECT_EQ(runs_.size(), 5u);
}

TEST_F(PluginsTest, AnswersThoseWhoWaitForOneThatIsRemoved) {
  Start({Make("m", "sleep 1000", "component", "manual"), Make("once", "sleep 1000")});
  int answers = 0;
  plugins_->RunNow("m", "asked", [&] { ++answers; });
  plugins_->RunNow("m", "asked", [&] { ++answers; });
  plugins_->Remove("m");
  EXPECT_EQ(answers, 2);
  EXPECT_FALSE(plugins_->Has("m"));
  EXPECT_FALSE(plugins_->Ready());
  plugins_->Remove("once");
  EXPECT_TRUE(plugins_->Ready());
  EXPECT_EQ(plugins_->SpecsJson(), "null");
  plugins_->RunNow("m", "asked", [&] { ++answers; });
  EXPECT_EQ(answers, 3);
}

TEST_F(PluginsTest, TellsWhenARunnerCannotBeStarted) {
  Start({Make("once", "true"), Make("first", "true", "init")}, 16, "/nonexistent");
  Until([this] { return plugins_->Ready(); });
  ASSERT_EQ(errors_.size(), 2u);
  EXPECT_TRUE(errors_[0].starts_with("starting a process")) << errors_[0];
}

TEST_F(PluginsTest, RunsAtOnceThenEachIntervalAndALittleLater) {
  Spec spec = Make("p", "true");
  spec.interval.value = milliseconds(300);
  const BootTime start = clock_.Boot();
  Start({spec});
  Until([this] { return !runs_.empty(); });
  EXPECT_LT(clock_.Boot() - start, milliseconds(290)) << "no jitter on the first run";
  Until([this] { return runs_.size() == 3; });
  EXPECT_GE(clock_.Boot() - start, milliseconds(600));
  EXPECT_EQ(causes_, (Words{"start", "schedule", "schedule"}));
}

TEST_F(PluginsTest, TakesTheLinesOfALongRunningOneAndStartsItAgain) {
  Spec spec = Make("stream", R"(echo '{"a":1}'; sleep 0.3; kill -9 $$)");
  spec.long_running = true;
  Start({spec});
  EXPECT_TRUE(plugins_->Ready()) << "nobody waits for its end";
  Until([this] { return runs_.size() >= 4; });
  EXPECT_EQ((Words(causes_.begin(), causes_.begin() + 4)),
            (Words{"start", "start", "restart", "restart"}));
  EXPECT_EQ((Words(errors_.begin(), errors_.begin() + 4)),
            (Words{"", "signal: killed", "", "signal: killed"}));
  const auto history = plugins_->History("stream");
  EXPECT_EQ(history.at(0).reason, "the plugin ended; it is started again: signal: killed");
  EXPECT_EQ(history.at(1).output, R"({"a":1})");
}

TEST_F(PluginsTest, StartsALongRunningOneAgainThatIsSilent) {
  Spec spec = Make("stream", "echo '{}'; sleep 1000");
  spec.long_running = true;
  spec.timeout.value = milliseconds(200);
  Start({spec});
  Until([this] { return runs_.size() >= 2; });
  EXPECT_EQ(errors_[1], "context deadline exceeded");
  int answers = 0;
  plugins_->RunNow("stream", "asked", [&] { ++answers; });
  Until([&] { return answers == 1; });
}

TEST_F(PluginsTest, NamesTagsAndMetricsAreThoseOfTheFormat) {
  Spec spec = Make("My Check", "true", "component", "manual");
  spec.tags = {"storage"};
  Start({spec});
  const auto entries = plugins_->Components();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].component->name, "my-check");
  EXPECT_EQ(Words(entries[0].component->tags.begin(), entries[0].component->tags.end()),
            (Words{"custom-plugin", "my-check", "storage"}));
  EXPECT_EQ(entries[0].component->metrics[0].name, "my_check_health_state_healthy");
  EXPECT_EQ(entries[0].first_state.health, Health::kInitializing);
}

}  // namespace
}  // namespace gpud::plugins
