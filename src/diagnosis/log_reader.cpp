// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/log_reader.h"

#include <algorithm>

#include "catalog/sxid.h"
#include "components/line_pattern.h"
#include "platform/text.h"

namespace gpud::diagnosis {
namespace {

std::string Detail(const LineFinding& finding, const std::string& name) {
  const auto found = finding.details.find(name);
  return found == finding.details.end() ? std::string() : found->second;
}

/// "mc0ch1d0" of "EDAC MC0: ... (channel:1 slot:0 ...)", or the name as the driver gives it.
std::string DimmOf(const NodeFacts& facts, const LineFinding& finding, std::string_view text) {
  for (const std::string& dimm : facts.dimms) {
    if (text.find(dimm) != std::string_view::npos || finding.device == dimm) return dimm;
  }
  LineFields fields;
  if (!MatchForm("EDAC MC<mc:n>: ", text, fields)) return {};
  const std::string mc(fields["mc"]);
  std::string channel, slot;
  LineFields place;
  if (MatchForm("channel:<channel:n> slot:<slot:n>", text, place)) {
    channel = place["channel"];
    slot = place["slot"];
  } else if (MatchForm("csrow:<slot:n> channel:<channel:n>", text, place)) {
    channel = place["channel"];
    slot = place["slot"];
  }
  return channel.empty() ? std::string() : "mc" + mc + "ch" + channel + "d" + slot;
}

int LinkOf(const LineFinding& finding, std::string_view text) {
  if (const auto link = ParseNumber<int>(Detail(finding, "link"))) return *link;
  LineFields fields;
  if (MatchForm("link <link:n>", text, fields) || MatchForm("Link <link:n>", text, fields)) {
    return ParseNumber<int>(fields["link"]).value_or(-1);
  }
  return -1;
}

/// The job of a process, so that jobs can be told apart when it is gone.
std::string JobOf(const NodeView& view, std::int64_t pid) {
  for (const ProcessFacts& process : view.processes) {
    if (process.pid != pid || pid <= 0) continue;
    return process.pod_namespace + "/" + process.pod + "/" + process.container + "/" + process.user;
  }
  return {};
}

/// What a good line ends.
void EndEarlier(NodeView& view, const NodeEvent& good, const LineFinding& finding) {
  view.events.End([&](const NodeEvent& event) {
    switch (good.code) {
      case EventCode::kNfsOk:
        return event.code == EventCode::kNfsNotResponding && event.device == good.device;
      case EventCode::kNetLinkUp:
        return event.code == EventCode::kNetLinkDown && event.device == good.device;
      case EventCode::kXid:  // 154, back to "None"
        return event.code == EventCode::kXid && event.gpu == good.gpu;
      default:
        return finding.clears && !good.device.empty() && event.device == good.device;
    }
  });
}

}  // namespace

LogReader::LogReader(std::span<const ComponentType* const> components) : decoder_(components) {}

void LogReader::Take(const KernelLine& line, Seconds t, NodeView& view) {
  decoder_.Decode(line, found_);
  for (decode::Found& found : found_) {
    const decode::LineStamp stamp{.time = line.time, .sequence = ++sequence_};
    const decode::Found copy = found;
    const auto taken = incidents_.Take(std::move(found), stamp, closed_);
    closed_.clear();
    if (!copy.finding.code.empty()) Add(copy, taken, t, view);
  }
}

void LogReader::Add(const decode::Found& found, const decode::Incidents::Taken& taken, Seconds t,
                    NodeView& view) {
  const LineFinding& finding = found.finding;
  NodeEvent event{.t = t,
                  .code = CodeOf(finding),
                  .device = finding.device,
                  .severity = finding.severity,
                  .action = finding.action,
                  .text = finding.message};
  if (event.code == EventCode::kOther && !finding.clears) return;
  event.gpu = view.facts.GpuAt(finding.device);
  event.pid = ParseNumber<std::int64_t>(Detail(finding, "pid")).value_or(0);
  event.process = Detail(finding, "process");
  event.echo = taken.incident && taken.incident->root != 0;
  if (event.code == EventCode::kXid || event.code == EventCode::kSxid) {
    const std::string number = Detail(finding, event.code == EventCode::kXid ? "xid" : "sxid");
    event.number = ParseNumber<int>(number).value_or(0);
    event.link = LinkOf(finding, finding.message);
  }
  if (event.code == EventCode::kXid) event.detail = JobOf(view, event.pid);
  if (event.code == EventCode::kSxid) {
    const auto* row = catalog::FindSxid(static_cast<std::uint32_t>(event.number));
    const bool whole =
        row && (row->device_fatal || row->sxid_class == catalog::SxidClass::kAlwaysFatal);
    event.detail = whole ? "device" : "port";
  }
  if (event.code == EventCode::kOomCgroup) {
    event.detail = Detail(finding, "cgroup");
    if (view.facts.CgroupAt(event.detail) < 0) {
      for (const ProcessFacts& process : view.processes) {
        if (process.pid == event.pid && event.pid > 0) event.detail = process.cgroup;
      }
    }
  }
  if (event.code == EventCode::kEdacCorrected || event.code == EventCode::kEdacUncorrected ||
      event.code == EventCode::kMachineCheck) {
    event.detail = DimmOf(view.facts, finding, finding.message);
    if (const auto count = ParseNumber<int>(Detail(finding, "count"))) event.count = *count;
  }
  if (const auto more = ParseNumber<int>(Detail(finding, "suppressed"))) event.count += *more;
  const bool good =
      finding.clears || event.code == EventCode::kNfsOk || event.code == EventCode::kNetLinkUp;
  if (good) {
    EndEarlier(view, event, finding);
    event.over = true;
  }
  view.events.Add(std::move(event));
}

}  // namespace gpud::diagnosis
