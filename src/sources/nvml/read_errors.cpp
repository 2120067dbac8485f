// SPDX-License-Identifier: Apache-2.0
// Error counters of memory, and the Xids that the driver tells through its events.
#include <iterator>

#include "sources/nvml/field_values.h"
#include "sources/nvml/readings.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

constexpr unsigned kNoField = 0;

// Field ids of corrected and uncorrected errors, volatile and aggregate.
struct Location {
  std::string_view name;
  unsigned volatile_corrected, volatile_uncorrected, aggregate_corrected, aggregate_uncorrected;
};
constexpr Location kLocations[] = {
    {"total", NVML_FI_DEV_ECC_SBE_VOL_TOTAL, NVML_FI_DEV_ECC_DBE_VOL_TOTAL,
     NVML_FI_DEV_ECC_SBE_AGG_TOTAL, NVML_FI_DEV_ECC_DBE_AGG_TOTAL},
    {"dram", NVML_FI_DEV_ECC_SBE_VOL_DEV, NVML_FI_DEV_ECC_DBE_VOL_DEV, NVML_FI_DEV_ECC_SBE_AGG_DEV,
     NVML_FI_DEV_ECC_DBE_AGG_DEV},
    {"l1_cache", NVML_FI_DEV_ECC_SBE_VOL_L1, NVML_FI_DEV_ECC_DBE_VOL_L1, NVML_FI_DEV_ECC_SBE_AGG_L1,
     NVML_FI_DEV_ECC_DBE_AGG_L1},
    {"l2_cache", NVML_FI_DEV_ECC_SBE_VOL_L2, NVML_FI_DEV_ECC_DBE_VOL_L2, NVML_FI_DEV_ECC_SBE_AGG_L2,
     NVML_FI_DEV_ECC_DBE_AGG_L2},
    {"register_file", NVML_FI_DEV_ECC_SBE_VOL_REG, NVML_FI_DEV_ECC_DBE_VOL_REG,
     NVML_FI_DEV_ECC_SBE_AGG_REG, NVML_FI_DEV_ECC_DBE_AGG_REG},
    {"texture_memory", NVML_FI_DEV_ECC_SBE_VOL_TEX, NVML_FI_DEV_ECC_DBE_VOL_TEX,
     NVML_FI_DEV_ECC_SBE_AGG_TEX, NVML_FI_DEV_ECC_DBE_AGG_TEX},
    {"cbu", kNoField, NVML_FI_DEV_ECC_DBE_VOL_CBU, kNoField, NVML_FI_DEV_ECC_DBE_AGG_CBU},
};

Result<std::uint64_t> FieldOr(const FieldValues& fields, std::size_t place, unsigned field) {
  if (field == kNoField) return Fail(ErrorCode::kUnsupported, "not supported");
  return fields.Whole(place);
}

bool IsCounted(const Result<std::uint64_t>& count) {
  return count || count.error().code != ErrorCode::kUnsupported;
}

// The first is the total: without it there is nothing to be had.
void AddTo(Result<std::vector<EccCount>>& counts, std::string_view name,
           Result<std::uint64_t> corrected, Result<std::uint64_t> uncorrected) {
  if (!counts) return;
  if (counts->empty() && !corrected) {
    counts = tl::unexpected<Error>(corrected.error());
  } else if (IsCounted(corrected) || IsCounted(uncorrected)) {
    counts->push_back({.location = std::string(name),
                       .corrected = std::move(corrected),
                       .uncorrected = std::move(uncorrected)});
  }
}

Result<std::uint64_t> SramCount(Gpu& gpu, nvmlMemoryErrorType_t type,
                                nvmlEccCounterType_t counter) {
  unsigned long long count = 0;
  return gpu.Call(gpu.symbols().memory_errors, type, counter, NVML_MEMORY_LOCATION_SRAM, &count)
      .map([&] { return std::uint64_t{count}; });
}

void ReadSram(Gpu& gpu, GpuErrors& into) {
  nvmlEccSramErrorStatus_v1_t sram{};
  sram.version = VersionWord<nvmlEccSramErrorStatus_v1_t>(1);
  if (auto done = gpu.Call(gpu.symbols().sram_errors, &sram); done) {
    into.sram_threshold_exceeded = sram.bThresholdExceeded != 0;
    AddTo(into.ecc_volatile, "sram", sram.volatileCor,
          sram.volatileUncParity + sram.volatileUncSecDed);
    AddTo(into.ecc_aggregate, "sram", sram.aggregateCor,
          sram.aggregateUncParity + sram.aggregateUncSecDed);
    return;
  } else {
    into.sram_threshold_exceeded = tl::unexpected<Error>(std::move(done).error());
  }
  // A driver before 555.
  for (const nvmlEccCounterType_t counter : {NVML_VOLATILE_ECC, NVML_AGGREGATE_ECC}) {
    auto& counts = counter == NVML_VOLATILE_ECC ? into.ecc_volatile : into.ecc_aggregate;
    if (!counts) continue;
    AddTo(counts, "sram", SramCount(gpu, NVML_MEMORY_ERROR_TYPE_CORRECTED, counter),
          SramCount(gpu, NVML_MEMORY_ERROR_TYPE_UNCORRECTED, counter));
  }
}

void MakeEvents(Driver& driver) {
  nvmlEventSet_t set = nullptr;
  if (!driver.calls(driver.symbols().event_set_create, &set)) return;
  driver.events = set;
  for (Gpu& gpu : driver.gpus) {
    // A GPU that cannot tell is passed over: the kernel log tells its Xids too.
    if (gpu.handle) {
      (void)gpu.Call(driver.symbols().register_events, nvmlEventTypeXidCriticalError, set);
    }
  }
}

}  // namespace

void ReadEcc(Gpu& gpu, GpuErrors& into) {
  FieldValues fields;
  for (const Location& at : kLocations) {
    for (const unsigned field : {at.volatile_corrected, at.volatile_uncorrected,
                                 at.aggregate_corrected, at.aggregate_uncorrected}) {
      fields.Add(field == kNoField ? at.volatile_uncorrected : field);
    }
  }
  fields.Read(gpu);
  into.ecc_volatile = into.ecc_aggregate = std::vector<EccCount>{};
  std::size_t place = 0;
  for (const Location& at : kLocations) {
    AddTo(into.ecc_volatile, at.name, FieldOr(fields, place, at.volatile_corrected),
          FieldOr(fields, place + 1, at.volatile_uncorrected));
    AddTo(into.ecc_aggregate, at.name, FieldOr(fields, place + 2, at.aggregate_corrected),
          FieldOr(fields, place + 3, at.aggregate_uncorrected));
    place += 4;
  }
  ReadSram(gpu, into);
}

std::vector<XidEvent> TakeXids(Driver& driver, const Host& host) {
  constexpr std::size_t kMost = 256;  // of one reading
  std::vector<XidEvent> xids;
  if (!driver.events) MakeEvents(driver);
  nvmlEventData_t data{};
  while (driver.events && xids.size() < kMost &&
         driver.calls(driver.symbols().event_wait, *driver.events, &data, 0U)) {
    if ((data.eventType & nvmlEventTypeXidCriticalError) == 0) continue;
    XidEvent& xid = xids.emplace_back(XidEvent{.time = host.clock.Wall(), .xid = data.eventData});
    for (const Gpu& gpu : driver.gpus) {
      if (gpu.handle == data.device) xid.bus_id = gpu.bus_id;
    }
  }
  return xids;
}

Errors ReadErrors(Driver& driver, const Host& host) {
  Errors errors{.session = driver.session};
  for (Gpu& gpu : driver.gpus) {
    GpuErrors& into = errors.gpus.emplace_back(
        GpuErrors{.index = gpu.index, .uuid = gpu.uuid, .bus_id = gpu.bus_id});
    ReadEcc(gpu, into);
    into.links = ReadLinks(gpu, driver.links_changed);
  }
  errors.xids = TakeXids(driver, host);
  return errors;
}

}  // namespace gpud::nvml
