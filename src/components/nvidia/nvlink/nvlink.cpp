// SPDX-License-Identifier: Apache-2.0
// NVIDIA NVLink: are the links between GPUs up and free of errors, and what do the driver's lines
// without an Xid tell of them?
#include "components/line_table.h"
#include "components/nvidia/gpu_report.h"
#include "components/nvidia/nvlink/links.h"
#include "components/settings.h"

namespace gpud::nvidia_nvlink {
namespace {

using nvidia::GpuId;
using nvml::GpuErrors;

constexpr std::string_view kName = "accelerator-nvidia-nvlink";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kErrors, &nvml::kDevices};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_nvlink_supported", "1 where the GPU has NVLinks"},
    {"accelerator_nvidia_nvlink_feature_enabled", "1 while all links of the GPU are up"},
    {"accelerator_nvidia_nvlink_replay_errors", "packets sent again, all links"},
    {"accelerator_nvidia_nvlink_recovery_errors", "recoveries from errors, all links"},
    {"accelerator_nvidia_nvlink_crc_errors", "broken checksums, all links"},
    {"accelerator_nvidia_nvlink_links_up", "links of the GPU that are up"},
    {"accelerator_nvidia_nvlink_received_bytes_total", "received, all links", MetricKind::kCounter},
    {"accelerator_nvidia_nvlink_sent_bytes_total", "sent, all links", MetricKind::kCounter},
};

// kernel_nvlink*.c of the open kernel modules.
constexpr LineRule kRules[] = {
    {.needle = "knvlink",
     .form = "knvlinkUpdatePostRxDetectLinkMask<*>: Failed to update Rx Detect Link mask",
     .code = "post_rx_detect_failure",
     .severity = EventType::kCritical,
     .action = Advice::kResetGpu,
     .follow_up = Advice::kRebootSystem,
     .event = "nvlink_post_rx_detect_failure"},
    {.needle = "knvlink",
     .form = "knvlinkDiscoverPostRxDetLinks<*>: Getting peer<*> postRxDetLinkMask failed",
     .code = "post_rx_detect_failure",
     .severity = EventType::kCritical,
     .action = Advice::kResetGpu,
     .follow_up = Advice::kRebootSystem,
     .event = "nvlink_post_rx_detect_failure"},
};
constexpr auto kNeedles = NeedlesOf(kRules);

constexpr std::string_view kLinkDown = "nvlink_link_down";
constexpr std::string_view kRecoveries = "nvlink_recoveries";
// In so many checks of an hour a link had to recover from errors.
constexpr FaultRules kFaultRules{.warnings_per_hour = 6, .recovery_closes_all = true};

struct Wanted {
  std::int64_t gpus = 0;  ///< 0 and less: not set
  static constexpr auto Fields() {
    return std::tuple{Field{"at_least_gpus_with_all_links_feature_enabled", &Wanted::gpus}};
  }
};

std::string NameOf(const Fault& fault) {
  if (fault.code == kLinkDown) return "NVLinks went down";
  if (fault.code == kRecoveries) return "NVLinks recover from errors again and again";
  return "the driver could not detect the NVLinks of all peers";
}

void AddSamples(nvidia::GpuReport& report, const GpuId& id, const Links& links) {
  report.Sample(kMetrics[0].name, id, links.all > 0 ? 1 : 0);
  report.Sample(kMetrics[1].name, id, links.AreAllUp() ? 1 : 0);
  if (links.all == 0) return;
  const std::optional<std::uint64_t> sums[] = {links.replays, links.recoveries, links.crc_errors,
                                               links.up,      links.rx_bytes,   links.tx_bytes};
  for (std::size_t i = 0; i < std::size(sums); ++i) {
    if (sums[i]) report.Sample(kMetrics[i + 2].name, id, static_cast<double>(*sums[i]));
  }
}

/// What has changed since the reading before: links that went down or came up, and recoveries.
void JudgeChange(nvidia::GpuReport& report, const GpuId& id, const Links& now,
                 const Links& before) {
  if (now.all == 0 || before.all == 0) return;
  if (now.up < before.up) {
    report.AddFault(id, {.event = kLinkDown,
                         .code = std::string(kLinkDown),
                         .severity = EventType::kCritical,
                         .action = Advice::kInvestigateLink,
                         .message = std::to_string(before.up - now.up) + " NVLinks went down"});
  } else if (now.up > before.up && now.AreAllUp()) {
    report.AddFault(id, {.event = "nvlink_link_up",
                         .code = std::string(kLinkDown),
                         .severity = EventType::kInfo,
                         .message = "has all NVLinks up again",
                         .clears = true});
  }
  if (now.recoveries && before.recoveries && *now.recoveries > *before.recoveries) {
    report.AddFault(id, {.event = kRecoveries,
                         .code = std::string(kRecoveries),
                         .action = Advice::kInvestigateLink,
                         .message = "has NVLinks that had to recover from errors"});
  }
}

/// Links to a switch are all alike: a GPU with fewer of them up than another has lost some. Those
/// of bridges between boards are as many as the site has put in.
void JudgeSwitched(nvidia::GpuReport& report, const std::vector<GpuLinks>& gpus) {
  std::uint64_t most = 0;
  for (const GpuLinks& gpu : gpus) {
    if (gpu.links.switched) most = std::max(most, gpu.links.up);
  }
  for (const GpuLinks& gpu : gpus) {
    if (gpu.links.all == 0 || gpu.links.up >= most) continue;
    report.Find(
        gpu.links.up == 0 ? Health::kUnhealthy : Health::kDegraded, gpu.id,
        "has " + std::to_string(gpu.links.up) + " NVLinks up, others have " + std::to_string(most),
        Advice::kResetGpu);
  }
}

/// The machine as a whole: no GPU that reaches another though there is a fabric for it, and fewer
/// than the site wants.
void JudgeAll(nvidia::GpuReport& report, const std::vector<GpuLinks>& gpus, const Peers& peers) {
  std::int64_t full = 0;
  bool some_down = false;
  bool fabric = peers.fabric;
  for (const GpuLinks& gpu : gpus) {
    full += gpu.links.AreAllUp() ? 1 : 0;
    some_down = some_down || (gpu.links.all > 0 && !gpu.links.AreAllUp());
    fabric = fabric || gpu.links.switched;
  }
  const bool expected = fabric && gpus.size() > 1;
  const auto wanted = SettingsOf<Wanted>(report.in(), kName);
  const Advice advice = some_down ? Advice::kRebootSystem : Advice::kNone;
  if (expected && peers.AreAllRefused()) {
    report.findings().Add(Health::kUnhealthy, "no GPU reaches another over NVLink",
                          Advice::kRebootSystem);
  } else if (wanted.gpus > 0 && full < wanted.gpus) {
    report.findings().Add(
        Health::kUnhealthy,
        std::to_string(full) + " GPUs have all NVLinks up, wanted " + std::to_string(wanted.gpus),
        advice);
  } else if (wanted.gpus <= 0 && expected && full == 0 && peers.ok == 0) {
    report.findings().Add(Health::kUnhealthy, "no GPU has all its NVLinks up", advice);
  }
}

void Judge(nvidia::GpuReport& report) {
  if (!report.in().Latest<nvml::Errors>()) report.JudgeFaults(NameOf, kFaultRules);
  const auto* errors = report.Take<nvml::Errors>();
  if (!errors) return;
  std::vector<GpuLinks> gpus;
  Json::Array rows;
  for (const GpuErrors& gpu : errors->gpus) {
    const GpuId id(gpu);
    const auto* read = report.Read(id, "NVLinks", gpu.links);
    if (!read && gpu.links.error().code != ErrorCode::kUnsupported) continue;
    const Links links = read ? Sum(*read) : Links();
    AddSamples(report, id, links);
    rows.push_back(Describe(id, read));
    gpus.push_back({id, links});
    const auto* before = report.Before<nvml::Errors>(gpu.bus_id);
    if (before && before->links) JudgeChange(report, id, links, Sum(*before->links));
  }
  const Peers peers = PeersOf(report.Beside<nvml::Devices>());
  report.JudgeFaults(NameOf, kFaultRules);
  JudgeSwitched(report, gpus);
  JudgeAll(report, gpus, peers);
  report.Done("no NVLink is missing", DataOf(std::move(rows), gpus, peers));
}

Support IsSupported(const Inputs& in) {
  if (!in.OwnEvents().empty()) return {};
  return nvidia::SupportOf<kName, Judge>(in);
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .clearable = true,
    .supported = IsSupported,
    .check = nvidia::CheckOf<kName, Judge>,
    .create_matcher = [] { return TableMatcher("nvlink", kRules); },
};

}  // namespace gpud::nvidia_nvlink
