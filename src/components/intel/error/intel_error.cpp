// SPDX-License-Identifier: Apache-2.0
// Intel GPU errors: engines that hang, resets and how they end, firmware that does not answer, as
// the drivers i915 and xe print them into the kernel's log.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "components/component.h"
#include "components/fault_history.h"
#include "components/intel/error/intel_lines.h"
#include "components/line_device.h"
#include "components/vendor_support.h"

namespace gpud::intel_error {

void TrimEcode(const LineFields&, std::string_view, LineFinding& finding) {
  std::string& ecode = finding.details["ecode"];
  if (ecode.ends_with(',')) ecode.pop_back();
}

namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel", "accelerator-intel-error"};

/// Whether one of the two drivers wrote the line. Before Linux 4.15 the prefix is "[drm" alone.
bool IsIntel(std::string_view line) {
  const auto holds = [&](std::string_view part) {
    return line.find(part) != std::string_view::npos;
  };
  if (holds("i915") || holds("xe 0") || holds("[xe]") || holds("Xe has declared")) return true;
  return holds("[drm] GPU HANG: ") || holds("xe 1") || holds("xe: probe of ");
}

class Matcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    if (!IsIntel(line.text)) return;
    LineFinding finding = FindInTable("intel-gpu", kRules, line);
    if (finding.code.empty()) return;
    if (finding.device.empty()) finding.device = PciAddressIn(line.text);
    const auto gt = finding.details.find("gt");
    if (gt != finding.details.end() && IsKnown(finding, line.time, gt->second)) return;
    sink.Add(std::move(finding));
  }

 private:
  // One reset: tried, queued and started within seconds.
  static constexpr std::chrono::seconds kOneReset{30};
  static constexpr std::size_t kMostResets = 64;  // bounds what is remembered

  /// Whether an earlier line has told of this reset.
  bool IsKnown(const LineFinding& finding, WallTime time, const std::string& gt) {
    const std::pair key(finding.device, gt);
    if (finding.code != kGtReset) {
      resets_.erase(key);
      return false;
    }
    const auto known = resets_.find(key);
    if (known != resets_.end() && time - known->second <= kOneReset) return true;
    if (resets_.size() >= kMostResets) resets_.clear();
    resets_[key] = time;
    return false;
  }

  std::map<std::pair<std::string, std::string>, WallTime> resets_;
};

constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {"gpu_reset", "the GPU was reset"},
    {"gpu_reset_failed", "the GPU could not be reset"},
    {"gpu_init_failed", "the driver could not initialise the GPU"},
    {"engine_reset_failed", "an engine could not be reset"},
    {"guc_reset_failed", "the GPU's controller could not be reset"},
    {"tlb_invalidation_timeout", "the GPU's firmware does not invalidate addresses"},
    {"guc_no_response", "the GPU's firmware does not answer"},
    {"forcewake_timeout", "the GPU's registers cannot be reached"},
    {kGtReset, "the GPU is being reset, no end seen"},
    {kGtResetFailed, "the GPU could not be reset"},
    {"device_wedged", "the GPU is blocked until its driver is bound again"},
    {"firmware_load_failed", "the GPU's firmware could not be loaded"},
};

std::string NameOf(const Fault& fault) {
  for (const auto& [code, name] : kNames) {
    if (code == fault.code) return std::string(name);
  }
  return fault.code;
}

Report Check(const Inputs& in) {
  return {.states = {
              FaultState(in, "accelerator-intel-error", "no Intel GPU has an open fault", NameOf)}};
}

constexpr std::uint32_t kIntelVendor = 0x8086;
constexpr std::uint32_t kDisplay = 0x03;

// By the class of the device: bridges and much else of Intel's are in most machines.
Support IsSupported(const Inputs& in) {
  const auto& pci = in.Latest<sysfs::PciDevices>();
  if (pci && std::any_of(pci->devices.begin(), pci->devices.end(), [](const auto& device) {
        return device.vendor == kIntelVendor && device.device_class >> 16 == kDisplay;
      })) {
    return {};
  }
  const auto& modules = in.Latest<procfs::Modules>();
  if (modules && (modules->Has("i915") || modules->Has("xe"))) return {};
  if (!in.OwnEvents().empty()) return {};
  return {false,
          "no Intel GPU on the PCI bus, modules i915 and xe not loaded, no error of one in the "
          "log"};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-intel-error",
    .tags = kTags,
    .needs = kVendorNeeds,
    .needles = kNeedles,
    .clearable = true,
    .supported = IsSupported,
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::intel_error
