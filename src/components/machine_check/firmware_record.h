// SPDX-License-Identifier: Apache-2.0
// Error records of the firmware (CPER), as the kernel prints them: a block of lines for each.
#pragma once

#include <string>
#include <string_view>

#include "components/line.h"

namespace gpud::machine_check {

/// One finding for a block, at its line "event severity: ...", whose word decides; what kind of
/// error it is and on which part follows as details. Blocks begin with a number, "{1}[Hardware
/// Error]: ..."; those of the boot before (BERT) have none (drivers/firmware/efi/cper.c,
/// drivers/acpi/apei/{ghes,bert}.c).
class FirmwareRecords {
 public:
  /// True when the line was one of a record. `text` is one line that holds "[Hardware Error]: ".
  bool OnLine(std::string_view text, LineSink& sink);
  /// "BERT: Error records from previous boot:"
  void OnPreviousBoot() { previous_boot_ = true; }
  /// Another finding was added: details would go to that one.
  void End() { open_ = false; }

 private:
  void Open(std::string_view severity, LineSink& sink);

  bool open_ = false;
  std::string block_;  ///< "{1}"; empty for one without a number
  bool previous_boot_ = false;
};

}  // namespace gpud::machine_check
