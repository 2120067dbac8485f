// SPDX-License-Identifier: Apache-2.0
#include "components/amd/error/amd_lines.h"

#include "platform/text.h"

namespace gpud::amd_error {

void JudgeCount(const LineFields& fields, std::string_view, LineFinding& finding) {
  // Reading the counters of a sleeping GPU adds this number for each query (consumer cards).
  constexpr std::uint64_t kFalseAlarm = 1048560;
  const auto count = ParseNumber<std::uint64_t>(fields["count"]);
  if (!count || *count % kFalseAlarm == 0) finding.code.clear();
  if (finding.code == kUncorrectable && fields["block"] == "xgmi_wafl") {
    finding.follow_up = Advice::kInvestigateLink;
  }
}

void JudgeResetEnd(const LineFields& fields, std::string_view, LineFinding& finding) {
  if (fields["error"] == "0") finding.code.clear();
}

void RequireAmdgpu(const LineFields&, std::string_view line, LineFinding& finding) {
  if (line.find("amdgpu") == std::string_view::npos) finding.code.clear();
}

void TakePageFault(const LineFields& fields, std::string_view line, LineFinding& finding) {
  // "no-retry ", "retry " or nothing.
  finding.details.erase("kind");
  if (!fields["kind"].empty()) finding.details.emplace("kind", Trim(fields["kind"]));
  for (const std::string_view form : {"vmid:<vmid:n>", "pasid:<pasid:n>", "pas_id:<pasid:n>",
                                      "for process <process:*> pid <pid:n> thread"}) {
    LineFields more;
    if (!MatchForm(form, line, more)) continue;
    for (std::size_t i = 0; i < more.size(); ++i) {
      finding.details.emplace(more.name(i), more.value(i));
    }
  }
}

}  // namespace gpud::amd_error
