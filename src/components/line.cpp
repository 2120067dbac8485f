// SPDX-License-Identifier: Apache-2.0
#include "components/line.h"

namespace gpud {

std::string_view FactOf(const Event& event, std::string_view name) {
  const auto fact = event.extra_info.find(std::string(name));
  return fact == event.extra_info.end() ? std::string_view() : std::string_view(fact->second);
}

Event ToEvent(const LineFinding& finding) {
  Event event{.name = std::string(finding.event.empty() ? finding.code : finding.event),
              .type = finding.severity,
              .message = finding.message,
              .extra_info = finding.details};
  auto& facts = event.extra_info;
  facts.insert_or_assign(std::string(kFactCode), finding.code);
  facts.insert_or_assign(std::string(kFactAction), std::string(Word(finding.action)));
  if (finding.follow_up != Advice::kNone) {
    facts.insert_or_assign(std::string(kFactFollowUp), std::string(Word(finding.follow_up)));
  }
  if (!finding.device.empty()) {
    facts.insert_or_assign(std::string(kFactDevice), finding.device);
  }
  if (finding.clears) facts.insert_or_assign(std::string(kFactClears), "true");
  return event;
}

}  // namespace gpud
