// SPDX-License-Identifier: Apache-2.0
// Memory: is there room left, did the kernel have to kill for it, and is the memory itself sound?
#include "components/component.h"
#include "components/findings.h"
#include "components/memory/edac_rules.h"
#include "components/memory/memory_lines.h"
#include "components/memory/places.h"
#include "components/pressure.h"
#include "model/json_codec.h"
#include "sources/procfs/meminfo.h"
#include "sources/procfs/vmstat.h"

namespace gpud::memory {
namespace {

constexpr std::string_view kTags[] = {"memory"};
constexpr const SourceType* kNeeds[] = {&procfs::kMeminfo, &procfs::kPressures,
                                        &procfs::kVmstat,  &sysfs::kEdac,
                                        &sysfs::kNuma,     &host::kSharedMemory};
constexpr MetricType kMetrics[] = {
    {"memory_total_bytes", "memory of the machine"},
    {"memory_available_bytes", "memory that can be had without swapping"},
    {"memory_used_bytes", "total less available memory"},
    {"memory_used_percent", "the same as a share of the total"},
    {"memory_free_bytes", "memory that holds nothing"},
    {"memory_shared_bytes", "shared memory and tmpfs"},
    {"memory_swap_total_bytes", "swap space"},
    {"memory_swap_used_bytes", "swap space in use"},
    {"memory_swap_in_bytes_total", "read from swap since boot", MetricKind::kCounter},
    {"memory_swap_out_bytes_total", "written to swap since boot", MetricKind::kCounter},
    {"memory_major_faults_total", "page faults that had to read from a disk", MetricKind::kCounter},
    {"memory_scanned_pages_total", "pages looked at to find free memory", MetricKind::kCounter},
    {"memory_oom_kills_total", "processes killed for want of memory since boot",
     MetricKind::kCounter},
    {"memory_anonymous_huge_bytes", "memory of programs in transparent huge pages"},
    {"memory_huge_pages", "huge pages of the default size that are set aside"},
    {"memory_huge_pages_free", "those of them that nobody uses"},
    {"memory_huge_page_bytes", "the default size of a huge page"},
    {"memory_numa_bytes", "memory of a NUMA node, where there are several"},
    {"memory_numa_free_bytes", "memory of a NUMA node that holds nothing"},
    {"memory_numa_hits_total", "pages taken from the node that was wanted", MetricKind::kCounter},
    {"memory_numa_misses_total", "pages taken from this node as the wanted one was full",
     MetricKind::kCounter},
    {"memory_numa_foreign_total", "pages wanted of this node and taken from another",
     MetricKind::kCounter},
    {"memory_shm_size_bytes", "size of /dev/shm"},
    {"memory_shm_used_bytes", "what is in use of /dev/shm"},
    {"memory_hardware_corrupted_bytes", "memory taken out of use after a memory error"},
    {"memory_pressure_percent", "share of the last 10 s in which tasks waited for memory"},
    {"memory_pressure_seconds_total", "time in which tasks waited for memory",
     MetricKind::kCounter},
    {"memory_edac_corrected_errors_total", "corrected errors of a memory module since boot",
     MetricKind::kCounter},
    {"memory_edac_uncorrected_errors_total", "uncorrected errors of a memory module since boot",
     MetricKind::kCounter},
};

// A kill in the whole machine (not within a container's limit): who asked last is not always who
// has taken too much, so others may be hit next.
constexpr std::chrono::hours kOomWindow{1};

// Nothing at all runs for a tenth of the time because of reclaim or swapping.
constexpr double kFullStallPercent = 10.0;

struct Data {
  std::uint64_t total_bytes = 0, available_bytes = 0, used_bytes = 0;
  std::string used_percent;
  std::uint64_t free_bytes = 0, vm_alloc_total_bytes = 0, vm_alloc_used_bytes = 0;
  std::string pressure, edac, shared_memory;  ///< why they are not measured here

  static constexpr auto Fields() {
    return std::tuple{Field{"total_bytes", &Data::total_bytes},
                      Field{"available_bytes", &Data::available_bytes},
                      Field{"used_bytes", &Data::used_bytes},
                      Field{"used_percent", &Data::used_percent},
                      Field{"free_bytes", &Data::free_bytes},
                      Field{"vm_alloc_total_bytes", &Data::vm_alloc_total_bytes},
                      Field{"vm_alloc_used_bytes", &Data::vm_alloc_used_bytes},
                      Field{"pressure", &Data::pressure, When::kNonEmpty},
                      Field{"edac", &Data::edac, When::kNonEmpty},
                      Field{"shared_memory", &Data::shared_memory, When::kNonEmpty}};
  }
};

void Add(Report& report, const char* metric, std::uint64_t value) {
  report.samples.push_back({.metric = metric, .value = static_cast<double>(value)});
}
void Add(Report& report, const char* metric, const std::optional<std::uint64_t>& value) {
  if (value) Add(report, metric, *value);
}

Data Describe(const procfs::Meminfo& mem, Report& report) {
  const std::uint64_t used = mem.total_bytes - std::min(mem.total_bytes, mem.available_bytes);
  const double percent =
      mem.total_bytes ? 100.0 * static_cast<double>(used) / static_cast<double>(mem.total_bytes)
                      : 0.0;
  Add(report, "memory_total_bytes", mem.total_bytes);
  Add(report, "memory_available_bytes", mem.available_bytes);
  Add(report, "memory_used_bytes", used);
  report.samples.push_back({.metric = "memory_used_percent", .value = percent});
  Add(report, "memory_free_bytes", mem.free_bytes);
  Add(report, "memory_shared_bytes", mem.shared_bytes);
  Add(report, "memory_swap_total_bytes", mem.swap_total_bytes);
  Add(report, "memory_swap_used_bytes",
      mem.swap_total_bytes - std::min(mem.swap_total_bytes, mem.swap_free_bytes));
  Add(report, "memory_hardware_corrupted_bytes", mem.hardware_corrupted_bytes);
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", percent);
  return {.total_bytes = mem.total_bytes,
          .available_bytes = mem.available_bytes,
          .used_bytes = used,
          .used_percent = text,
          .free_bytes = mem.free_bytes,
          .vm_alloc_total_bytes = mem.vmalloc_total_bytes,
          .vm_alloc_used_bytes = mem.vmalloc_used_bytes};
}

void JudgeOom(const Inputs& in, Findings& findings) {
  int kills = 0, injected = 0;
  for (const Event& event : in.OwnEvents()) {
    if (in.Now() - event.time > kOomWindow) break;
    const auto scope = event.extra_info.find("scope");
    if (event.name == "OOM" && scope != event.extra_info.end() && scope->second == "system") {
      ++kills;
      if (event.origin == Origin::kInjected) ++injected;
    }
  }
  if (kills == 0) return;
  findings.Add(
      Health::kDegraded,
      "the machine ran out of memory " +
          (kills == 1 ? "within the last hour" : std::to_string(kills) + " times in an hour") +
          (injected == kills ? std::string(kInjectedMark)
           : injected > 0    ? ", " + std::to_string(injected) + " of them injected"
                             : ""),
      RepairAction::kCheckUserApp);
}

void JudgePressure(const Inputs& in, Findings& findings) {
  const auto& all = in.Latest<procfs::Pressures>();
  if (!all || !all->memory || !all->memory->full) return;
  const double percent = all->memory->full->avg60_percent;
  if (percent < kFullStallPercent) return;
  findings.Add(Health::kDegraded,
               "all tasks waited for memory " + std::to_string(static_cast<int>(percent)) +
                   " % of the last minute",
               RepairAction::kCheckUserApp);
}

Report Check(const Inputs& in) {
  const auto& mem = in.Latest<procfs::Meminfo>();
  if (!mem) return Unreadable("memory", mem.error());

  Report report;
  report.states.emplace_back();  // the main state stands first; it is known last
  Findings findings;
  Data data = Describe(*mem, report);
  if (const auto& vm = in.Latest<procfs::Vmstat>()) {
    Add(report, "memory_swap_in_bytes_total", vm->swap_in_bytes);
    Add(report, "memory_swap_out_bytes_total", vm->swap_out_bytes);
    Add(report, "memory_major_faults_total", vm->major_faults);
    Add(report, "memory_scanned_pages_total", vm->scanned_pages);
    Add(report, "memory_oom_kills_total", vm->oom_kills);
  } else {
    AddUnreadable(report, "memory/vmstat", vm);
  }
  AddHugePages(*mem, report);
  if (const auto& numa = in.Latest<sysfs::Numa>()) {
    AddNodes(*numa, report);
  } else {
    AddUnreadable(report, "memory/numa", numa);
  }
  if (const auto& shared = in.Latest<host::SharedMemory>()) {
    JudgeSharedMemory(*shared, report, findings);
  } else {
    AddUnreadable(report, "memory/shm", shared);
    data.shared_memory = shared.error().what;
  }
  AddPressure(report, in, "memory", &procfs::Pressures::memory);
  if (const auto& psi = in.Latest<procfs::Pressures>(); !psi) data.pressure = psi.error().what;
  JudgePressure(in, findings);
  JudgeOom(in, findings);
  const auto& edac = in.Latest<sysfs::Edac>();
  AddFaults(LineFaults(in, edac && !edac->controllers.empty()), FaultName, findings);
  if (edac) {
    JudgeEdac(in, *edac, report, findings);
    for (const sysfs::MemoryController& controller : edac->controllers) {
      AddUnreadable(report, "memory/edac/" + controller.name, controller.uncorrected);
    }
  } else {
    AddUnreadable(report, "memory/edac", edac);
    data.edac = edac.error().what;
  }
  report.states.front() = findings.ToState("memory");
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "memory",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(5),
    .clearable = true,
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> {
      return std::make_unique<MemoryMatcher>();
    },
};

}  // namespace gpud::memory
