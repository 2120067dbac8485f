// SPDX-License-Identifier: Apache-2.0
// The sample logs of tests/data/kmsg: what must be found in each record, and where nothing must.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "components/all.h"
#include "components/component.h"
#include "platform/text.h"
#include "sources/kmsg/record.h"

namespace gpud {
namespace {

const std::string kFolder = std::string(GPUD_SOURCE_DIR) + "/tests/data/kmsg/";

/// "family code device severity action" of what is found, by record.
using Findings = std::map<std::uint64_t, std::set<std::string>>;

class Collector final : public LineSink {
 public:
  void Add(LineFinding finding) override { found.push_back(std::move(finding)); }
  void Detail(std::string_view, std::string) override {}
  std::vector<LineFinding> found;
};

Findings FindAll(const std::string& file) {
  Findings all;
  std::vector<std::pair<const ComponentType*, std::unique_ptr<LineMatcher>>> matchers;
  for (const ComponentType* type : AllComponents()) {
    if (type->create_matcher) matchers.emplace_back(type, type->create_matcher());
  }
  std::ifstream in(kFolder + file);
  std::string raw;
  std::string line;
  std::string scratch;
  const auto decode = [&] {
    const auto record = kmsg::ParseRecord(raw, scratch);
    if (!record || record->facility() != 0) return;
    for (const auto& [type, matcher] : matchers) {
      const bool wanted =
          std::any_of(type->needles.begin(), type->needles.end(), [&](std::string_view needle) {
            return record->text.find(needle) != std::string_view::npos;
          });
      if (!wanted) continue;
      Collector collector;
      matcher->OnLine(
          {.text = record->text, .severity = record->severity(), .pci_device = record->pci_device},
          collector);
      for (const LineFinding& finding : collector.found) {
        all[record->sequence].insert(std::string(finding.family) + ' ' + finding.code + ' ' +
                                     finding.device + ' ' + ToLower(Word(finding.severity)) + ' ' +
                                     std::string(Word(finding.action)));
      }
    }
  };
  while (std::getline(in, line)) {
    if (line.starts_with(' ')) {
      raw += '\n' + line;
      continue;
    }
    if (!raw.empty()) decode();
    raw = line;
  }
  decode();
  return all;
}

/// The fields of a line of CSV; the last one, a note, may be quoted and is of no interest.
std::vector<std::string> Fields(std::string_view line) {
  std::vector<std::string> fields;
  for (const std::string_view field : Split(Trim(line), ',')) fields.emplace_back(field);
  return fields;
}

TEST(SampleLogs, GiveWhatIsExpectedAndNothingElse) {
  std::ifstream in(kFolder + "expected.csv");
  ASSERT_TRUE(in) << kFolder;
  std::string line;
  std::getline(in, line);
  std::map<std::string, Findings> expected;
  while (std::getline(in, line)) {
    const auto row = Fields(line);
    ASSERT_GE(row.size(), 8u) << line;
    Findings& file = expected[row[0]];
    if (row[1] != "event") continue;
    const auto sequence = ParseNumber<std::uint64_t>(row[2]);
    ASSERT_TRUE(sequence) << line;
    file[*sequence].insert(row[3] + ' ' + row[4] + ' ' + row[5] + ' ' + row[6] + ' ' + row[7]);
  }
  ASSERT_EQ(expected.size(), 12u);
  std::string problems;
  const auto complain = [&](const std::string& file, std::uint64_t sequence, const char* what,
                            const std::set<std::string>& findings) {
    for (const std::string& finding : findings) {
      problems += file + ' ' + std::to_string(sequence) + ' ' + what + ": " + finding + '\n';
    }
  };
  for (const auto& [file, must] : expected) {
    Findings found = FindAll(file);
    for (const auto& [sequence, findings] : must) {
      if (found[sequence] == findings) continue;
      complain(file, sequence, "expected", findings);
      complain(file, sequence, "found", found[sequence]);
    }
    for (const auto& [sequence, findings] : found) {
      if (must.count(sequence) == 0) complain(file, sequence, "must be silent", findings);
    }
  }
  if (!problems.empty()) ADD_FAILURE() << problems;
}

}  // namespace
}  // namespace gpud
