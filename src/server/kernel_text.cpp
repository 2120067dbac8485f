// SPDX-License-Identifier: Apache-2.0
#include "server/kernel_text.h"

#include "platform/text.h"

namespace gpud::server {
namespace {

constexpr unsigned kWarning = 4;
constexpr unsigned kError = 3;
constexpr unsigned kInfo = 6;

struct Severity {
  std::string_view word;
  unsigned level;
};
/// Behind "KERN_" or "kern.", in lower case; the levels of syslog(2). KERN_DEFAULT is what the
/// original makes of it: info.
constexpr Severity kSeverities[] = {
    {"emerg", 0},       {"alert", 1},  {"crit", 2},     {"err", kError}, {"warning", kWarning},
    {"warn", kWarning}, {"notice", 5}, {"info", kInfo}, {"debug", 7},    {"default", kInfo},
};

struct XidLine {
  std::int64_t xid;
  unsigned severity;
  std::string_view text;
};
/// What the driver says behind the number, roughly: enough for a detector.
constexpr XidLine kXidLines[] = {
    {63, kWarning,
     "pid='<unknown>', name=<unknown>, Row Remapper: new row marked for remapping, "
     "reset the GPU to activate it"},
    {64, kWarning, "pid='<unknown>', name=<unknown>, Row Remapper: no spare row left in the bank"},
    {69, kWarning,
     "pid=4242, name=python3, Graphics Engine Class Error: class 0xc7c0, "
     "offset 0x2390, data 0x0"},
    {74, kWarning,
     "pid='<unknown>', name=<unknown>, NVLink: fatal error detected on link 6 "
     "(0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)"},
    {79, kError, "pid='<unknown>', name=<unknown>, GPU has fallen off the bus."},
};

}  // namespace

unsigned SeverityOf(std::string_view priority) {
  const std::string word = ToLower(priority);
  if (!word.starts_with("kern_") && !word.starts_with("kern.")) return kInfo;
  for (const Severity& severity : kSeverities) {
    if (severity.word == std::string_view(word).substr(5)) return severity.level;
  }
  return kInfo;
}

KernelText XidText(std::int64_t xid) {
  const std::string head = "NVRM: Xid (PCI:0000:04:00): " + std::to_string(xid) + ", ";
  for (const XidLine& line : kXidLines) {
    if (line.xid == xid) return {line.severity, head + std::string(line.text)};
  }
  return {kWarning, head + "unknown"};
}

}  // namespace gpud::server
