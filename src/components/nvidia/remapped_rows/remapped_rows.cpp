// SPDX-License-Identifier: Apache-2.0
// NVIDIA remapped rows: is broken memory replaced by spare rows, and are there any left?
#include "components/nvidia/gpu_report.h"
#include "sources/nvml/product_name.h"

namespace gpud::nvidia_remapped_rows {
namespace {

using nvidia::GpuId;

constexpr std::string_view kName = "accelerator-nvidia-remapped-rows";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_remapped_rows_due_to_uncorrectable_errors",
     "rows replaced after errors that could not be corrected"},
    {"accelerator_nvidia_remapped_rows_remapping_pending", "1 while a row waits for a reset"},
    {"accelerator_nvidia_remapped_rows_remapping_failed", "1 once a row could not be replaced"},
    {"accelerator_nvidia_remapped_rows_due_to_correctable_errors",
     "rows replaced after errors that were corrected"},
    {"accelerator_nvidia_remapped_rows_banks_without_spares",
     "banks of memory that have no spare row left"},
    {"accelerator_nvidia_retired_pages", "pages taken out of use on boards that replace no rows"},
};

void JudgeRows(nvidia::GpuReport& report, const GpuId& id, const nvml::RemappedRows& rows,
               Json::Object& row) {
  report.Sample(kMetrics[0].name, id, rows.uncorrectable);
  report.Sample(kMetrics[1].name, id, rows.pending ? 1 : 0);
  report.Sample(kMetrics[2].name, id, rows.failed ? 1 : 0);
  report.Sample(kMetrics[3].name, id, rows.correctable);
  if (rows.banks_none) report.Sample(kMetrics[4].name, id, *rows.banks_none);
  row.emplace_back("remapped_due_to_correctable_errors", Json{std::uint64_t{rows.correctable}});
  row.emplace_back("remapped_due_to_uncorrectable_errors", Json{std::uint64_t{rows.uncorrectable}});
  row.emplace_back("remapping_pending", Json{rows.pending});
  row.emplace_back("remapping_failed", Json{rows.failed});
  if (rows.failed) {
    report.Find(Health::kUnhealthy, id,
                "could not replace a broken row of memory and qualifies for RMA",
                Advice::kHardwareInspection);
  }
  if (rows.pending) {
    report.Find(Health::kUnhealthy, id, "needs a reset to replace a broken row of memory",
                Advice::kResetGpu);
  }
}

/// Boards older than row remapping, and only the most of what they may retire is known: 60 pages.
void JudgePages(nvidia::GpuReport& report, const GpuId& id, const nvml::RetiredPages& pages,
                Json::Object& row) {
  constexpr std::uint32_t kMost = 60;  // "Dynamic Page Retirement", RMA policy
  const std::uint32_t all = pages.single_bit + pages.double_bit;
  report.Sample(kMetrics[5].name, id, all);
  row.emplace_back("retired_pages", Json{std::uint64_t{all}});
  row.emplace_back("retirement_pending", Json{pages.pending});
  if (all >= kMost) {
    report.Find(Health::kUnhealthy, id, "has retired as many pages as its maker accepts",
                Advice::kHardwareInspection);
  } else if (pages.pending) {
    report.Find(Health::kUnhealthy, id, "needs a reset to retire a page of memory",
                Advice::kResetGpu);
  }
}

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  Json::Array rows;
  bool remaps = false;
  for (const nvml::Device& device : devices->devices) {
    if (!report.Answers(device)) continue;
    const GpuId id(device);
    Json::Object row = nvidia::RowOf(id);
    const auto* remapped = report.Read(id, "remapped rows", device.remapped_rows);
    row.emplace_back("supported", Json{remapped != nullptr});
    if (remapped) {
      remaps = true;
      JudgeRows(report, id, *remapped, row);
    } else if (const auto* pages = report.Read(id, "retired pages", device.retired_pages)) {
      JudgePages(report, id, *pages, row);
    }
    rows.push_back({std::move(row)});
  }
  const auto& first = devices->devices.front().name;
  report.Done(
      "no row of memory waits to be replaced",
      {{"product_name", Json{first ? nvml::ProductName(*first) : std::string()}},
       {"memory_error_management_capabilities", {Json::Object{{"row_remapping", Json{remaps}}}}},
       {"remapped_rows", {std::move(rows)}}});
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = nvidia::SupportOf<kName, Judge>,
    .check = nvidia::CheckOf<kName, Judge>,
};

}  // namespace gpud::nvidia_remapped_rows
