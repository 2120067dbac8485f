// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <functional>

#include "nvml/library_rig.h"
#include "sources/nvml/abi/field_ids.h"

namespace gpud::sim_nvml {
namespace {

using scenario::Label;

struct Row {
  std::string_view signal;
  double scale;
  std::function<nvmlReturn_t(Library&, nvmlDevice_t, double&)> read;
};

// A function that puts one whole number where it is told.
template <class T, class Function>
std::function<nvmlReturn_t(Library&, nvmlDevice_t, double&)> Number(const char* name) {
  return [name](Library& library, nvmlDevice_t device, double& value) {
    T number{};
    const nvmlReturn_t status = library.Symbol<Function>(name)(device, &number);
    value = static_cast<double>(number);
    return status;
  };
}
#define NUMBER(type, function) Number<type, decltype(&nvml_abi::function)>(#function)

std::vector<Row> Rows() {
  return {
      {"gpu.power", 1000, NUMBER(unsigned, nvmlDeviceGetPowerUsage)},
      {"gpu.power_limit", 1000, NUMBER(unsigned, nvmlDeviceGetEnforcedPowerLimit)},
      {"gpu.power_limit", 1000, NUMBER(unsigned, nvmlDeviceGetPowerManagementLimit)},
      {"gpu.pcie.gen", 1, NUMBER(unsigned, nvmlDeviceGetCurrPcieLinkGeneration)},
      {"gpu.pcie.width", 1, NUMBER(unsigned, nvmlDeviceGetCurrPcieLinkWidth)},
      {"gpu.pcie.gen_max", 1, NUMBER(unsigned, nvmlDeviceGetMaxPcieLinkGeneration)},
      {"gpu.pcie.width_max", 1, NUMBER(unsigned, nvmlDeviceGetMaxPcieLinkWidth)},
      {"gpu.pcie.replay", 1, NUMBER(unsigned, nvmlDeviceGetPcieReplayCounter)},
      {"gpu.clock_event_reasons", 1,
       NUMBER(unsigned long long, nvmlDeviceGetCurrentClocksEventReasons)},
      {"gpu.clock_event_reasons", 1,
       NUMBER(unsigned long long, nvmlDeviceGetCurrentClocksThrottleReasons)},
      {"gpu.temp", 1,
       [](Library& library, nvmlDevice_t device, double& value) {
         unsigned celsius = 0;
         const auto status =
             GPUD_NVML(library, nvmlDeviceGetTemperature)(device, NVML_TEMPERATURE_GPU, &celsius);
         value = celsius;
         return status;
       }},
      {"gpu.clock_sm", 1,
       [](Library& library, nvmlDevice_t device, double& value) {
         unsigned mhz = 0;
         const auto status =
             GPUD_NVML(library, nvmlDeviceGetClockInfo)(device, NVML_CLOCK_SM, &mhz);
         value = mhz;
         return status;
       }},
      {"gpu.util", 1,
       [](Library& library, nvmlDevice_t device, double& value) {
         nvmlUtilization_t rates{};
         const auto status = GPUD_NVML(library, nvmlDeviceGetUtilizationRates)(device, &rates);
         value = rates.gpu;
         return status;
       }},
      {"gpu.mem_util", 1,
       [](Library& library, nvmlDevice_t device, double& value) {
         nvmlUtilization_t rates{};
         const auto status = GPUD_NVML(library, nvmlDeviceGetUtilizationRates)(device, &rates);
         value = rates.memory;
         return status;
       }},
      {"gpu.pcie_rx", 1000,
       [](Library& library, nvmlDevice_t device, double& value) {
         unsigned rate = 0;
         const auto status = GPUD_NVML(library, nvmlDeviceGetPcieThroughput)(
             device, NVML_PCIE_UTIL_RX_BYTES, &rate);
         value = rate;
         return status;
       }},
      {"gpu.ecc.dram_unc", 1,
       [](Library& library, nvmlDevice_t device, double& value) {
         unsigned long long count = 0;
         const auto status = GPUD_NVML(library, nvmlDeviceGetMemoryErrorCounter)(
             device, NVML_MEMORY_ERROR_TYPE_UNCORRECTED, NVML_VOLATILE_ECC,
             NVML_MEMORY_LOCATION_DEVICE_MEMORY, &count);
         value = static_cast<double>(count);
         return status;
       }},
      {"gpu.remap.pending", 1,
       [](Library& library, nvmlDevice_t device, double& value) {
         unsigned corrected = 0, uncorrected = 0, pending = 0, failure = 0;
         const auto status = GPUD_NVML(library, nvmlDeviceGetRemappedRows)(
             device, &corrected, &uncorrected, &pending, &failure);
         value = pending;
         return status;
       }},
      {"gpu.mem_used", 1,
       [](Library& library, nvmlDevice_t device, double& value) {
         nvmlMemory_v2_t memory{.version = VersionWord<nvmlMemory_v2_t>(2)};
         const auto status = GPUD_NVML(library, nvmlDeviceGetMemoryInfo_v2)(device, &memory);
         value = std::round(static_cast<double>(memory.used) / (1 << 20));
         return status;
       }},
  };
}

TEST(Readings, AreTheSeriesOfTheScenarioAtTheTimeOfTheCall) {
  for (const char* name : {"thermal", "ecc", "pcie-x4-gen1-riser", "data-starved", "idle-8xh100"}) {
    Library library(name);
    ASSERT_EQ(library.init(), NVML_SUCCESS);
    const Expected expected(name);
    for (const double t : {0.0, 62.0, 119.9, 200.0, 595.0, 900.0}) {
      library.MoveTo(t);
      for (const int gpu : {0, 1, 3}) {
        if (gpu >= expected.node().profile().gpus) continue;
        for (const Row& row : Rows()) {
          double value = -2;
          ASSERT_EQ(row.read(library, library.Gpu(static_cast<unsigned>(gpu)), value), NVML_SUCCESS)
              << name << " " << row.signal;
          EXPECT_DOUBLE_EQ(value, std::round(expected.Gpu(row.signal, gpu, t) * row.scale))
              << name << " " << row.signal << " of GPU " << gpu << " at " << t;
        }
      }
    }
  }
}

TEST(Readings, AreNotSupportedWhereTheBoardLacksThem) {
  Library t4("healthy-1xt4");
  const nvmlDevice_t device = t4.Gpu(0);
  unsigned number = 7, other = 0;
  unsigned long long long_number = 0;
  nvmlEnableState_t state{};
  nvmlGpuFabricInfo_t fabric{};
  nvmlRowRemapperHistogramValues_t histogram{};
  EXPECT_EQ(GPUD_NVML(t4, nvmlDeviceGetFanSpeed)(device, &number), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(number, 7u) << "no zero in place of a reading";
  EXPECT_EQ(GPUD_NVML(t4, nvmlDeviceGetNvLinkState)(device, 0, &state), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(GPUD_NVML(t4, nvmlDeviceGetGpuFabricInfo)(device, &fabric), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(GPUD_NVML(t4, nvmlDeviceGetMigMode)(device, &number, &other), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(GPUD_NVML(t4, nvmlDeviceGetRowRemapperHistogram)(device, &histogram),
            NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(GPUD_NVML(t4, nvmlDeviceGetTemperatureThreshold)(
                device, NVML_TEMPERATURE_THRESHOLD_MEM_MAX, &number),
            NVML_ERROR_NOT_SUPPORTED);
  nvmlFieldValue_t memory_temperature{.fieldId = NVML_FI_DEV_MEMORY_TEMP};
  EXPECT_EQ(GPUD_NVML(t4, nvmlDeviceGetFieldValues)(device, 1, &memory_temperature), NVML_SUCCESS);
  EXPECT_EQ(memory_temperature.nvmlReturn, NVML_ERROR_NOT_SUPPORTED);
  unsigned pages = 5;
  EXPECT_EQ(GPUD_NVML(t4, nvmlDeviceGetRetiredPages)(
                device, NVML_PAGE_RETIREMENT_CAUSE_DOUBLE_BIT_ECC_ERROR, &pages, &long_number),
            NVML_SUCCESS);

  Library geforce("healthy-2xrtx4090");
  char text[64];
  EXPECT_EQ(GPUD_NVML(geforce, nvmlDeviceGetSerial)(geforce.Gpu(0), text, sizeof text),
            NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(GPUD_NVML(geforce, nvmlDeviceGetFanSpeed)(geforce.Gpu(0), &number), NVML_SUCCESS);
  EXPECT_EQ(GPUD_NVML(geforce, nvmlDeviceGetTotalEccErrors)(
                geforce.Gpu(0), NVML_MEMORY_ERROR_TYPE_CORRECTED, NVML_VOLATILE_ECC, &long_number),
            NVML_ERROR_NOT_SUPPORTED)
      << "ECC is off";
}

TEST(Readings, OfOneBatchAgreeWithSingleCalls) {
  Library library("thermal");
  library.MoveTo(600);
  const nvmlDevice_t device = library.Gpu(3);
  nvmlFieldValue_t fields[] = {{.fieldId = NVML_FI_DEV_POWER_INSTANT},
                               {.fieldId = NVML_FI_DEV_MEMORY_TEMP},
                               {.fieldId = NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION},
                               {.fieldId = NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX, .scopeId = ~0u},
                               {.fieldId = NVML_FI_DEV_NVLINK_GET_STATE, .scopeId = 17},
                               {.fieldId = NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN},
                               {.fieldId = 9999}};
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetFieldValues)(device, std::size(fields), fields),
            NVML_SUCCESS);
  unsigned power = 0;
  unsigned long long energy = 0;
  GPUD_NVML(library, nvmlDeviceGetPowerUsage)(device, &power);
  GPUD_NVML(library, nvmlDeviceGetTotalEnergyConsumption)(device, &energy);
  EXPECT_EQ(fields[0].value.uiVal, power);
  EXPECT_EQ(fields[1].value.uiVal, std::lround(Expected("thermal").Gpu("gpu.mem_temp", 3, 600)));
  EXPECT_EQ(fields[2].value.ullVal, energy);
  EXPECT_GT(energy, 330'000u * 400u) << "330 W and more for ten minutes";
  EXPECT_EQ(fields[3].nvmlReturn, NVML_SUCCESS);
  EXPECT_EQ(fields[4].value.uiVal, 1u);
  EXPECT_NEAR(static_cast<double>(fields[5].value.ullVal) * 1e-9, 0.97 * 416, 5);
  EXPECT_EQ(fields[6].nvmlReturn, NVML_ERROR_NOT_SUPPORTED);
  EXPECT_NE(fields[0].timestamp, 0);
}

TEST(Readings, OfProcessesFollowTheScenario) {
  Library library("healthy-8xh100");
  const auto list = GPUD_NVML(library, nvmlDeviceGetComputeRunningProcesses_v3);
  unsigned count = 0;
  EXPECT_EQ(list(library.Gpu(2), &count, nullptr), NVML_ERROR_INSUFFICIENT_SIZE);
  ASSERT_EQ(count, 1u);
  nvmlProcessInfo_t info{};
  ASSERT_EQ(list(library.Gpu(2), &count, &info), NVML_SUCCESS);
  EXPECT_EQ(info.pid, 10002u);
  EXPECT_EQ(info.gpuInstanceId, 0xFFFFFFFFu);
  const double mib =
      Expected("healthy-8xh100").At("gpu.proc.mem", {{Label::kGpu, 2}, {Label::kPid, 10002}}, 0);
  EXPECT_NEAR(static_cast<double>(info.usedGpuMemory), mib * (1 << 20), 1);
  char name[32];
  EXPECT_EQ(GPUD_NVML(library, nvmlSystemGetProcessName)(10002, name, sizeof name), NVML_SUCCESS);
  EXPECT_STREQ(name, "python3");
  EXPECT_EQ(GPUD_NVML(library, nvmlSystemGetProcessName)(4711, name, sizeof name),
            NVML_ERROR_NOT_FOUND);
  nvmlProcessUtilizationSample_t sample{};
  count = 1;
  const auto utilization = GPUD_NVML(library, nvmlDeviceGetProcessUtilization);
  ASSERT_EQ(utilization(library.Gpu(2), &sample, &count, 0), NVML_SUCCESS);
  EXPECT_NEAR(sample.smUtil, 97, 5);
  EXPECT_EQ(utilization(library.Gpu(2), &sample, &count, sample.timeStamp), NVML_ERROR_NOT_FOUND)
      << "nothing since";
}

TEST(Readings, OfALinkThatIsDownSayWhichAndWhereItLeads) {
  Library library("nvlink-down");
  library.MoveTo(300);
  const nvmlDevice_t device = library.Gpu(5);
  nvmlEnableState_t state{};
  nvmlPciInfo_t pci{};
  for (unsigned link = 0; link < 18; ++link) {
    ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetNvLinkState)(device, link, &state), NVML_SUCCESS);
    EXPECT_EQ(state == NVML_FEATURE_ENABLED, link != 7) << link;
  }
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetNvLinkState)(device, 18, &state),
            NVML_ERROR_INVALID_ARGUMENT);
  unsigned long long errors = 0;
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetNvLinkErrorCounter)(
                device, 7, NVML_NVLINK_ERROR_DL_RECOVERY, &errors),
            NVML_SUCCESS);
  EXPECT_EQ(errors, 6u) << "0.1 a second for a minute";
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetNvLinkRemotePciInfo_v2)(device, 7, &pci), NVML_SUCCESS);
  EXPECT_STREQ(pci.busId, "00000000:09:00.0") << "switch 2";
}

}  // namespace
}  // namespace gpud::sim_nvml
