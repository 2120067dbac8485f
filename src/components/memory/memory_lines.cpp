// SPDX-License-Identifier: Apache-2.0
#include "components/memory/memory_lines.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::memory {

// Behind the label stands where the error lay: "DIMM_A1 (channel:1 slot:0 page:0x1 ...)".
void RefineModule(const LineFields& fields, std::string_view, LineFinding& finding) {
  std::string& device = finding.device;
  device.resize(std::min(device.size(), device.find(" (")));
  device = std::string(Trim(device));
  for (const std::string_view none : {"any memory", "unknown memory", "unknown label", "-", ":"}) {
    if (device == none) device.clear();
  }
  if (fields["count"] == "0") finding.code.clear();  // a report, not an error
}

/// Recovered and Delayed: the page is out of use, and nothing else of the machine is hit.
void RefineRecovery(const LineFields& fields, std::string_view, LineFinding& finding) {
  const std::string_view outcome = fields["outcome"];
  if (outcome == "Recovered" || outcome == "Delayed") return;
  finding.event = "memory_failure_unrecovered";
  finding.code = "memory_failure_unrecovered";
  finding.severity = EventType::kCritical;
  finding.action = Advice::kRebootSystem;
  finding.follow_up = Advice::kHardwareInspection;
}

void RefineAllocation(const LineFields& fields, std::string_view, LineFinding& finding) {
  // The form may begin anywhere, so the name is what stands behind the last line end.
  std::string_view process = fields["process"];
  process = process.substr(process.rfind('\n') + 1);
  finding.part = process;
  finding.details["process"] = process;
}

void MemoryMatcher::OnLine(const KernelLine& line, LineSink& sink) {
  if (oom_.OnLine(line.text, sink)) return;
  LineFinding finding = FindInTable("memory", kRules, line);
  if (!finding.code.empty()) sink.Add(std::move(finding));
}

std::vector<Fault> LineFaults(const Inputs& in, bool counted) {
  std::vector<Fault> faults = OpenFaults(in);
  std::erase_if(faults, [&](const Fault& fault) {
    return fault.code.starts_with("oom_kill_") || (counted && fault.code.starts_with("edac_"));
  });
  return faults;
}

std::string FaultName(const Fault& fault) {
  if (fault.code == "edac_uncorrected") return "uncorrected memory errors";
  if (fault.code == "oom_no_victim") return "out of memory, and no process that may be killed";
  if (fault.code == "memory_failure_unrecovered") return "a broken page of memory is in use";
  if (fault.code == "memory_uncorrected_user_access") {
    return "a program read memory with an uncorrected error";
  }
  return fault.code;
}

}  // namespace gpud::memory
