// SPDX-License-Identifier: Apache-2.0
// What needs two looks: performance samples, sample buffers, events, and time itself.
#include <chrono>
#include <cmath>
#include <future>
#include <set>

#include "nvml/library_rig.h"
#include "nvml/sim_clock.h"

namespace gpud::sim_nvml {
namespace {

using namespace std::chrono_literals;

TEST(Monitoring, GivesAveragesBetweenTwoSamples) {
  Library library("thermal");
  const nvmlDevice_t device = library.Gpu(3);
  nvmlGpmSupport_t support{.version = NVML_GPM_SUPPORT_VERSION};
  ASSERT_EQ(GPUD_NVML(library, nvmlGpmQueryDeviceSupport)(device, &support), NVML_SUCCESS);
  EXPECT_EQ(support.isSupportedDevice, 1u);
  nvmlGpmMetricsGet_t get{.version = NVML_GPM_METRICS_GET_VERSION, .numMetrics = 5};
  GPUD_NVML(library, nvmlGpmSampleAlloc)(&get.sample1);
  GPUD_NVML(library, nvmlGpmSampleAlloc)(&get.sample2);
  library.MoveTo(100);
  ASSERT_EQ(GPUD_NVML(library, nvmlGpmSampleGet)(device, get.sample1), NVML_SUCCESS);
  library.MoveTo(110);
  ASSERT_EQ(GPUD_NVML(library, nvmlGpmSampleGet)(device, get.sample2), NVML_SUCCESS);
  get.metrics[0].metricId = NVML_GPM_METRIC_SM_UTIL;
  get.metrics[1].metricId = NVML_GPM_METRIC_NVLINK_TOTAL_TX_PER_SEC;
  get.metrics[2].metricId = NVML_GPM_METRIC_NVLINK_L17_TX_PER_SEC;
  get.metrics[3].metricId = NVML_GPM_METRIC_FP64_UTIL;
  get.metrics[4].metricId = 150;
  ASSERT_EQ(GPUD_NVML(library, nvmlGpmMetricsGet)(&get), NVML_SUCCESS);
  const Expected expected("thermal");
  const auto mean = [&](std::string_view signal) {
    return (expected.Gpu(signal, 3, 100) + expected.Gpu(signal, 3, 105)) / 2;
  };
  EXPECT_NEAR(get.metrics[0].value, mean("gpu.sm_active"), 1e-6);
  EXPECT_NEAR(get.metrics[1].value, mean("gpu.nvlink_tx") * 1e6 / (1 << 20), 1e-3);
  EXPECT_NEAR(get.metrics[2].value * 18, get.metrics[1].value, 1e-3);
  EXPECT_EQ(get.metrics[3].value, 0);
  EXPECT_EQ(get.metrics[4].nvmlReturn, NVML_ERROR_NOT_SUPPORTED);
  EXPECT_STREQ(get.metrics[0].metricInfo.unit, "%");
  std::swap(get.sample1, get.sample2);
  EXPECT_EQ(GPUD_NVML(library, nvmlGpmMetricsGet)(&get), NVML_ERROR_INVALID_ARGUMENT);

  Library ampere("healthy-8xa100");
  ASSERT_EQ(GPUD_NVML(ampere, nvmlGpmQueryDeviceSupport)(ampere.Gpu(0), &support), NVML_SUCCESS);
  EXPECT_EQ(support.isSupportedDevice, 0u);
}

TEST(Monitoring, KeepsTheSamplesOfTheLastSeconds) {
  Library library("thermal");
  library.MoveTo(100);
  const auto read = GPUD_NVML(library, nvmlDeviceGetSamples);
  const nvmlDevice_t device = library.Gpu(0);
  nvmlValueType_t type{};
  unsigned count = 0;
  ASSERT_EQ(read(device, NVML_TOTAL_POWER_SAMPLES, 0, &type, &count, nullptr), NVML_SUCCESS);
  EXPECT_EQ(type, NVML_VALUE_TYPE_UNSIGNED_INT);
  std::vector<nvmlSample_t> samples(count);
  ASSERT_EQ(read(device, NVML_TOTAL_POWER_SAMPLES, 0, &type, &count, samples.data()), NVML_SUCCESS);
  ASSERT_EQ(count, 120u);
  const Expected expected("thermal");
  EXPECT_EQ(samples[119].sampleValue.uiVal, std::lround(expected.Gpu("gpu.power", 0, 100) * 1000));
  EXPECT_EQ(samples[100].sampleValue.uiVal, std::lround(expected.Gpu("gpu.power", 0, 95) * 1000));
  EXPECT_EQ(samples[119].timeStamp - samples[118].timeStamp, 50'000u);
  const auto last = samples[119].timeStamp;
  EXPECT_EQ(read(device, NVML_TOTAL_POWER_SAMPLES, last, &type, &count, samples.data()),
            NVML_ERROR_NOT_FOUND);
  library.MoveTo(101);
  count = 120;
  ASSERT_EQ(read(device, NVML_TOTAL_POWER_SAMPLES, last, &type, &count, samples.data()),
            NVML_SUCCESS);
  EXPECT_EQ(count, 20u);
}

TEST(Monitoring, TellsAnXidWhenItsTimeComesAndOnlyThen) {
  Library library("ecc");
  nvmlEventSet_t set = nullptr;
  ASSERT_EQ(GPUD_NVML(library, nvmlEventSetCreate)(&set), NVML_SUCCESS);
  for (unsigned gpu = 0; gpu < 8; ++gpu) {
    ASSERT_EQ(GPUD_NVML(library, nvmlDeviceRegisterEvents)(library.Gpu(gpu),
                                                           nvmlEventTypeXidCriticalError, set),
              NVML_SUCCESS);
  }
  const auto wait = GPUD_NVML(library, nvmlEventSetWait_v2);
  nvmlEventData_t data{};
  library.MoveTo(119);
  EXPECT_EQ(wait(set, &data, 0), NVML_ERROR_TIMEOUT);
  auto waiting = std::async(std::launch::async, [&] { return wait(set, &data, 10'000); });
  EXPECT_EQ(waiting.wait_for(50ms), std::future_status::timeout);
  library.MoveTo(122);
  ASSERT_EQ(waiting.get(), NVML_SUCCESS);
  EXPECT_EQ(data.eventData, 48u);
  EXPECT_EQ(data.device, library.Gpu(1));
  std::vector<unsigned long long> rest;
  while (wait(set, &data, 0) == NVML_SUCCESS) rest.push_back(data.eventData);
  EXPECT_EQ(rest.size(), 12u);
  EXPECT_EQ(rest.back(), 154u);
  EXPECT_EQ(GPUD_NVML(library, nvmlEventSetFree)(set), NVML_SUCCESS);

  ASSERT_EQ(GPUD_NVML(library, nvmlEventSetCreate)(&set), NVML_SUCCESS);
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceRegisterEvents)(library.Gpu(1),
                                                         nvmlEventTypeXidCriticalError, set),
            NVML_SUCCESS);
  EXPECT_EQ(wait(set, &data, 0), NVML_ERROR_TIMEOUT) << "what was before is not told";
}

TEST(Monitoring, TimeRunsAtItsSpeedFromWhereItIsTold) {
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  SimClock running("", 10, now - 60, 0);
  EXPECT_NEAR(running.Now(), 600, 5);
  EXPECT_EQ(running.MicrosAt(0), static_cast<std::uint64_t>((now - 60) * 1e6));
  SimClock fresh("", 1, -1, 0);
  EXPECT_LT(fresh.Now(), 1);
}

TEST(Mig, CutsAGpuIntoDevicesWithMemoryAndProcessesOfTheirOwn) {
  Library library("mig-8xa100");
  const nvmlDevice_t gpu = library.Gpu(0);
  unsigned current = 0, pending = 0, count = 0;
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetMigMode)(gpu, &current, &pending), NVML_SUCCESS);
  EXPECT_EQ(current, 1u);
  GPUD_NVML(library, nvmlDeviceGetMaxMigDeviceCount)(gpu, &count);
  ASSERT_EQ(count, 7u);
  std::set<std::string> uuids;
  std::set<unsigned> ids;
  unsigned processes = 0;
  for (unsigned i = 0; i < count; ++i) {
    nvmlDevice_t part = nullptr, parent = nullptr;
    ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetMigDeviceHandleByIndex)(gpu, i, &part), NVML_SUCCESS);
    ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetDeviceHandleFromMigDeviceHandle)(part, &parent),
              NVML_SUCCESS);
    EXPECT_EQ(parent, gpu);
    char text[96];
    GPUD_NVML(library, nvmlDeviceGetUUID)(part, text, sizeof text);
    uuids.insert(text);
    GPUD_NVML(library, nvmlDeviceGetName)(part, text, sizeof text);
    EXPECT_STREQ(text, "NVIDIA A100-SXM4-80GB MIG 1g.10gb");
    unsigned id = 0, running = 0;
    ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetGpuInstanceId)(part, &id), NVML_SUCCESS);
    ids.insert(id);
    nvmlMemory_t memory{};
    ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetMemoryInfo)(part, &memory), NVML_SUCCESS);
    EXPECT_EQ(memory.total >> 20, 10240u);
    GPUD_NVML(library, nvmlDeviceGetComputeRunningProcesses_v3)(part, &running, nullptr);
    processes += running;
    nvmlDeviceAttributes_t attributes{};
    ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetAttributes_v2)(part, &attributes), NVML_SUCCESS);
    EXPECT_EQ(attributes.multiprocessorCount, 14u);
  }
  EXPECT_EQ(uuids.size(), 7u);
  EXPECT_EQ(ids.size(), 7u);
  EXPECT_EQ(processes, 1u);
  nvmlUtilization_t rates{};
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetUtilizationRates)(gpu, &rates),
            NVML_ERROR_NOT_SUPPORTED);
}

TEST(Machines, OfEveryBundledScenarioOpenAndListTheirGpus) {
  for (const auto& bundled : scenario::BundledScenarios()) {
    Library library(std::string(bundled.name));
    ASSERT_EQ(library.init(), NVML_SUCCESS) << bundled.name;
    unsigned count = 0;
    GPUD_NVML(library, nvmlDeviceGetCount_v2)(&count);
    EXPECT_EQ(static_cast<int>(count), Expected(std::string(bundled.name)).node().profile().gpus);
    EXPECT_EQ(GPUD_NVML(library, gpudSimulated)(), bundled.name);
  }
}

}  // namespace
}  // namespace gpud::sim_nvml
