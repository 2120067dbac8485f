// SPDX-License-Identifier: Apache-2.0
#include "components/os/kernel_lines.h"

namespace gpud::os {

void RefineFileMax(const LineFields& fields, std::string_view, LineFinding& finding) {
  finding.message = "VFS file-max limit reached (" + std::string(fields["limit"]) + ")";
}

void RefinePanic(const LineFields& fields, std::string_view, LineFinding& finding) {
  std::string_view reason = fields["reason"];
  if (reason.empty()) return;
  reason = reason.substr(0, reason.find('\n'));
  finding.message = "Kernel panic - " + std::string(reason);
  constexpr std::string_view kDying = "not syncing: ";
  if (reason.starts_with(kDying)) reason.remove_prefix(kDying.size());
  finding.details["reason"] = reason;
}

std::string FaultName(const Fault& fault) {
  if (fault.code == "kernel_panic") return "the kernel panicked";
  if (fault.code == "kernel_oops") return "the kernel has failed in a place of its own";
  if (fault.code == "bad_page_state") return "structures of the kernel's memory are overwritten";
  return fault.code;
}

}  // namespace gpud::os
