// SPDX-License-Identifier: Apache-2.0
// Xid lines: the NVIDIA driver's error reports in the kernel log, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gpud::nvidia_xid {

struct XidLine {
  std::uint32_t code = 0;
  std::string device;         ///< "0000:05:00.0"
  std::string_view instance;  ///< MIG: "GPU-I:05 GPU-CI:01"; else empty
  std::string_view pid;       ///< empty when unknown, as the next
  std::string_view process;
  std::string_view text;  ///< what stands behind all that
};

/// All reports of a record, which may hold several and other text before them:
///   NVRM: [GPU6 ]Xid (PCI:0000:05:00[ GPU-I:05[ GPU-CI:01]]): 31, [pid=1896, [name=python3, ]]text
///   NVRM: Xid (0000:05:00): 31, text           drivers of old
/// (osPrintXid in the open kernel modules; the name may hold blanks, brackets, colons and dots.)
std::vector<XidLine> ParseXidLines(std::string_view record);

/// The GPU that "has fallen off the bus" in words, without the word Xid; empty for other text. One
/// line: "NVRM: GPU 0000:05:00.0: GPU has fallen off the bus.", of drivers of old "NVRM: GPU at
/// 0000:05:00.0 has fallen off the bus."; or three: "NVRM: The NVIDIA GPU 0000:05:00.0", "(PCI ID:
/// ...) installed in this system has", "fallen off the bus and ...".
std::string LostGpuInWords(std::string_view record);
/// The device of the first of the three, where they are records of their own; else empty.
std::string LostGpuToCome(std::string_view record);

}  // namespace gpud::nvidia_xid
