// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/xid/xid_matcher.h"

#include "catalog/catalog.h"
#include "components/line_pattern.h"
#include "components/nvidia/xid/xid_line.h"
#include "components/nvidia/xid/xid_words.h"

namespace gpud::nvidia_xid {
namespace {

constexpr std::uint32_t kLostGpu = 79;
constexpr std::uint32_t kGspTimeout = 119;
constexpr std::uint32_t kGspError = 120;
constexpr std::size_t kMostGpus = 64;  // in one machine; bounds what is remembered

std::string MessageOf(const XidLine& line) {
  std::string message = "Xid " + std::to_string(line.code);
  if (!line.device.empty()) message += " on " + line.device;
  if (!line.instance.empty()) message += " " + std::string(line.instance);
  if (!line.text.empty()) message += ": " + std::string(line.text);
  if (line.pid.empty() && line.process.empty()) return message;
  message += " (process " + std::string(line.process.empty() ? "unknown" : line.process);
  if (!line.pid.empty()) message += ", pid " + std::string(line.pid);
  return message + ")";
}

}  // namespace

void XidMatcher::Tell(const XidLine& line, LineSink& sink) {
  const catalog::Verdict verdict = catalog::SiteCatalog().XidVerdict(line.code);
  LineFinding finding{.family = "xid",
                      .event = "error_xid",
                      .code = std::to_string(line.code),
                      .severity = verdict.severity,
                      .action = verdict.action,
                      .follow_up = verdict.follow_up,
                      .device = line.device,
                      .message = MessageOf(line),
                      .details = {{"xid", std::to_string(line.code)}}};
  const auto keep = [&](const char* name, std::string_view value) {
    if (!value.empty()) finding.details[name] = value;
  };
  keep("pid", line.pid);
  keep("process", line.process);
  keep("mig", line.instance);
  keep("note", verdict.note);
  if (const auto uuid = uuids_.find(line.device); uuid != uuids_.end()) {
    keep("gpu_uuid", uuid->second);
  }
  ReadWords(line, finding);
  if (verdict.overridden) {  // the site's word is the last
    finding.severity = verdict.severity;
    finding.action = verdict.action;
    finding.follow_up = verdict.follow_up;
  }
  if (line.code == kLostGpu && lost_.size() < kMostGpus) lost_.insert(line.device);
  sink.Add(std::move(finding));
}

// A lost GPU in words, and the driver's failure to take it back.
bool XidMatcher::TellLostGpu(std::string_view text, LineSink& sink) {
  std::string device = LostGpuInWords(text);
  if (device.empty() && !lost_gpu_.empty() && Holds(text, "fallen off the bus")) {
    device = std::move(lost_gpu_);
  }
  lost_gpu_ = LostGpuToCome(text);
  LineFields fields;
  if (MatchForm("nvidia <device:pci>: probe with driver nvidia failed with error", text, fields) ||
      MatchForm("nvidia: probe of <device:pci> failed with error", text, fields)) {
    device = PciAddress(fields["device"]);
    if (lost_.count(device) == 0) return false;  // accelerator-nvidia-driver tells of it
  }
  if (device.empty()) return false;
  Tell({.code = kLostGpu, .device = device, .text = "GPU has fallen off the bus."}, sink);
  return true;
}

// Drivers may tell of a GSP that does not answer without an Xid.
bool XidMatcher::TellGsp(std::string_view text, LineSink& sink) {
  const bool heartbeat =
      Holds(text, "eartbeat timed out") && (Holds(text, "NVRM") || Holds(text, "kgsp"));
  if (!heartbeat && !Holds(text, "GSP task watchdog timeout")) return false;
  LineFields fields;
  std::string device;
  if (MatchForm("GPU at PCI:<device:pci>", text, fields) ||
      MatchForm("GPU <device:pci>", text, fields)) {
    device = PciAddress(fields["device"]);
  }
  Tell({.code = heartbeat ? kGspTimeout : kGspError, .device = device, .text = text}, sink);
  return true;
}

void XidMatcher::OnLine(const KernelLine& line, LineSink& sink) {
  const auto reports = ParseXidLines(line.text);
  for (const XidLine& report : reports) Tell(report, sink);
  if (!reports.empty()) return;
  if (TellLostGpu(line.text, sink) || TellGsp(line.text, sink)) return;
  LineFields fields;
  const bool named = MatchForm("NVRM: GPU at PCI:<device:pci>: <uuid:w>", line.text, fields) ||
                     MatchForm("NVRM: GPU at <device:pci>: <uuid:w>", line.text, fields);
  if (named && fields["uuid"].starts_with("GPU-") && uuids_.size() < kMostGpus) {
    uuids_.insert_or_assign(PciAddress(fields["device"]), std::string(fields["uuid"]));
  }
}

}  // namespace gpud::nvidia_xid
