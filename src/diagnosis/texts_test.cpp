// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/texts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "diagnosis/edges.h"
#include "diagnosis/rule.h"
#include "model/advice.h"
#include "platform/text.h"
#include "scenario/verdict_names.h"

namespace gpud::diagnosis {
namespace {

TEST(Texts, EveryDiagnosisHasTextsInEveryLanguage) {
  for (const TextLanguage& language : AllTexts()) {
    for (const std::string_view id : scenario::VerdictNames()) {
      const DiagnosisText* text = FindText(language, id);
      ASSERT_NE(text, nullptr) << language.name << " " << id;
      for (const std::string_view part :
           {text->title, text->summary, text->actions, text->disproof}) {
        EXPECT_FALSE(part.empty()) << language.name << " " << id;
      }
    }
    EXPECT_EQ(language.diagnoses.size(), scenario::VerdictNames().size());
    EXPECT_EQ(language.phrases.size(), AllTexts().front().phrases.size());
  }
}

TEST(Texts, ActionsAreWordsOfTheFaultCodes) {
  for (const TextLanguage& language : AllTexts()) {
    for (const DiagnosisText& text : language.diagnoses) {
      for (std::string_view line : Split(text.actions, '\n')) {
        std::string_view word = line.substr(0, line.find(' '));
        if (word.ends_with('!')) word.remove_suffix(1);
        Advice advice{};
        EXPECT_TRUE(ParseWord(word, advice)) << text.id << ": " << word;
      }
    }
  }
}

TEST(Rules, ThereIsOneForEveryDiagnosisOfANode) {
  for (const std::string_view id : scenario::VerdictNames()) {
    if (id.starts_with("cluster.")) continue;
    EXPECT_TRUE(std::ranges::any_of(AllRules(), [&](const Rule* rule) { return rule->id == id; }))
        << id;
  }
  for (const Rule* rule : AllRules()) {
    EXPECT_NE(std::ranges::find(scenario::VerdictNames(), rule->id), scenario::VerdictNames().end())
        << rule->id;
  }
}

TEST(Edges, ExplainWhatTheSpecificationSays) {
  EXPECT_NE(FindEdge("thermal.hw_slowdown", "compute.slow_gpu"), nullptr);
  EXPECT_NE(FindEdge("memory.cgroup_oom", "data.loader_died"), nullptr);
  EXPECT_TRUE(FindEdge("pcie.gpu_lost", "pcie.aer_storm")->late);
  EXPECT_EQ(FindEdge("compute.slow_gpu", "thermal.hw_slowdown"), nullptr);
  EXPECT_EQ(FindEdge("power.brake", "power.brake"), nullptr);
}

}  // namespace
}  // namespace gpud::diagnosis
