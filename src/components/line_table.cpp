// SPDX-License-Identifier: Apache-2.0
#include "components/line_table.h"

#include "platform/text.h"

namespace gpud {
namespace {

/// The line as one line of text.
std::string OneLine(std::string_view text) {
  std::string line(Trim(text));
  for (char& c : line) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  }
  return line;
}

LineFinding MakeFinding(std::string_view family, const LineRule& rule, const LineFields& fields,
                        const KernelLine& line) {
  LineFinding finding{.family = family,
                      .event = rule.event.empty() ? rule.code : rule.event,
                      .code = std::string(rule.code),
                      .severity = rule.severity,
                      .action = rule.action,
                      .follow_up = rule.follow_up,
                      .message = OneLine(line.text),
                      .clears = rule.clears};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields.name(i) != "device") {
      finding.details.emplace(fields.name(i), fields.value(i));
      continue;
    }
    finding.device = PciAddress(fields.value(i));
    if (finding.device.empty()) finding.device = fields.value(i);
  }
  if (finding.device.empty()) finding.device = line.pci_device;
  if (rule.refine) rule.refine(fields, line.text, finding);
  return finding;
}

class Table final : public LineMatcher {
 public:
  Table(std::string_view family, std::span<const LineRule> rules)
      : family_(family), rules_(rules) {}

  void OnLine(const KernelLine& line, LineSink& sink) override {
    LineFinding finding = FindInTable(family_, rules_, line);
    if (!finding.code.empty()) sink.Add(std::move(finding));
  }

 private:
  std::string_view family_;
  std::span<const LineRule> rules_;
};

}  // namespace

LineFinding FindInTable(std::string_view family, std::span<const LineRule> rules,
                        const KernelLine& line) {
  std::string_view looked_for;
  bool there = false;
  LineFields fields;
  for (const LineRule& rule : rules) {
    // Rules of one needle stand together: it is looked for once.
    if (rule.needle != looked_for || looked_for.empty()) {
      looked_for = rule.needle;
      there = line.text.find(looked_for) != std::string_view::npos;
    }
    if (!there || !MatchForm(rule.form, line.text, fields)) continue;
    if (rule.code.empty()) return {};
    return MakeFinding(family, rule, fields, line);
  }
  return {};
}

std::unique_ptr<LineMatcher> TableMatcher(std::string_view family,
                                          std::span<const LineRule> rules) {
  return std::make_unique<Table>(family, rules);
}

}  // namespace gpud
