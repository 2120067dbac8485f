// SPDX-License-Identifier: Apache-2.0
// AMD GPU errors: memory and engine errors (RAS), engines that hang, resets and how they end, page
// faults, links between GPUs, as the driver prints them into the kernel's log.
#include <utility>

#include "components/amd/error/amd_lines.h"
#include "components/component.h"
#include "components/fault_history.h"
#include "components/line_device.h"
#include "components/vendor_support.h"

namespace gpud::amd_error {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", "accelerator-amd-error"};
constexpr Vendor kAmd{"AMD", 0x1002, "amdgpu"};

constexpr auto MakeNeedles() {
  std::array<std::string_view, std::size(kRules) + std::size(kDetailForms)> needles{};
  std::size_t size = 0;
  for (const LineRule& rule : kRules) needles[size++] = rule.needle;
  for (const DetailForm& detail : kDetailForms) needles[size++] = detail.needle;
  return needles;
}
constexpr auto kNeedles = MakeNeedles();

class Matcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    LineFinding finding = FindInTable("amd-gpu", kRules, line);
    if (finding.code.empty()) return OnDetail(line, sink);
    if (finding.device.empty()) finding.device = PciAddressIn(line.text);
    const bool is_open = line.time - opened_ <= kOneReset;
    if (finding.device.empty() && is_open) {
      // That a reset has failed is told twice, the second time without the device.
      const bool again = finding.code == kResetFailed && last_code_ == kResetFailed;
      finding.device = again ? last_device_ : open_device_;
    }
    Track(finding, line.time);
    last_code_ = finding.code;
    last_device_ = finding.device;
    sink.Add(std::move(finding));
  }

 private:
  // A reset takes seconds; a minute where memory is large and the console slow.
  static constexpr std::chrono::seconds kOneReset{120};

  /// Lines without an address are about the device that is being reset, or about to be.
  void Track(const LineFinding& finding, WallTime time) {
    if (finding.code == kResetOk || finding.code == kResetFailed) {
      open_device_.clear();
      return;
    }
    const bool opens = finding.code == kResetBegin || finding.code == kFatalInterrupt ||
                       finding.code == kUncorrectable || finding.code == kPoisonConsumed;
    if (!opens || finding.device.empty()) return;
    open_device_ = finding.device;
    opened_ = time;
  }

  void OnDetail(const KernelLine& line, LineSink& sink) {
    const std::string device = PciAddressIn(line.text);
    if (!device.empty() && device != last_device_) return;
    for (const DetailForm& detail : kDetailForms) {
      LineFields fields;
      if (last_code_ != detail.of || line.text.find(detail.needle) == std::string_view::npos ||
          !MatchForm(detail.form, line.text, fields)) {
        continue;
      }
      for (std::size_t i = 0; i < fields.size(); ++i) {
        sink.Detail(fields.name(i), std::string(fields.value(i)));
      }
      return;
    }
  }

  std::string open_device_;
  WallTime opened_{};
  std::string last_code_;
  std::string last_device_;
};

constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {kFatalInterrupt, "a fatal hardware error"},
    {kUncorrectable, "an uncorrectable hardware error"},
    {kPoisonConsumed, "a program read poisoned memory"},
    {"bad_page_threshold", "too many bad memory pages"},
    {kRingTimeout, "an engine hung"},
    {"ring_reset_failed", "an engine could not be reset"},
    {"ring_test_failed", "an engine fails its test"},
    {"gpu_recovery_disabled", "the GPU hangs and its recovery is switched off"},
    {kResetBegin, "the GPU is being reset, no end seen"},
    {kResetFailed, "the GPU could not be reset"},
    {"device_lost", "the GPU is lost from the bus"},
    {"vram_lost", "all GPU memory was lost in a reset"},
    {"gpu_init_failed", "the driver could not initialise the GPU"},
    {"queue_preempt_timeout", "a compute queue could not be stopped"},
    {"mes_timeout", "the GPU's scheduler firmware does not answer"},
    {"xgmi_topology_failure", "the topology of the links between GPUs is not known"},
    {"xgmi_node_failure", "the GPU could not be linked to the others"},
    {"over_temperature", "the GPU is too hot"},
    {"thermal_throttled", "the GPU is so hot that it runs slower"},
    {"device_wedged", "the GPU is blocked until its driver is bound again"},
};

std::string NameOf(const Fault& fault) {
  for (const auto& [code, name] : kNames) {
    if (code == fault.code) return std::string(name);
  }
  return fault.code;
}

Report Check(const Inputs& in) {
  return {
      .states = {FaultState(in, "accelerator-amd-error", "no AMD GPU has an open fault", NameOf)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-amd-error",
    .tags = kTags,
    .needs = kVendorNeeds,
    .needles = kNeedles,
    .clearable = true,
    .supported = [](const Inputs& in) { return VendorSupport(in, kAmd, "error of an AMD GPU"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::amd_error
