// SPDX-License-Identifier: Apache-2.0
// What GPUs are, where they stand, and how they are bound together.
#include "nvml/library_rig.h"
#include "sources/nvml/abi/field_ids.h"

namespace gpud::sim_nvml {
namespace {

// A call that fills in a text.
template <class Function>
std::string TextOf(Function function, nvmlDevice_t device) {
  char text[96] = "";
  EXPECT_EQ(function(device, text, sizeof text), NVML_SUCCESS);
  return text;
}

std::string Fact(const Expected& expected, const std::string& name) {
  return std::get<std::string>(*expected.node().FactNow(name, 0));
}

TEST(Identity, OfAGpuIsThatOfTheScenarioHoweverItIsFound) {
  Library library("healthy-8xh100");
  const Expected expected("healthy-8xh100");
  const nvmlDevice_t device = library.Gpu(4);
  const std::string uuid = TextOf(GPUD_NVML(library, nvmlDeviceGetUUID), device);
  const std::string serial = TextOf(GPUD_NVML(library, nvmlDeviceGetSerial), device);
  EXPECT_EQ(uuid, Fact(expected, "gpu.4.uuid"));
  EXPECT_EQ(serial, Fact(expected, "gpu.4.serial"));
  EXPECT_EQ(TextOf(GPUD_NVML(library, nvmlDeviceGetName), device), "NVIDIA H100 80GB HBM3");
  nvmlPciInfo_t pci{};
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetPciInfo_v3)(device, &pci), NVML_SUCCESS);
  EXPECT_STREQ(pci.busId, "00000000:9B:00.0");
  EXPECT_STREQ(pci.busIdLegacy, "0000:9B:00.0");
  EXPECT_EQ(pci.pciDeviceId, 0x233010deu);
  nvmlUUID_v1_t versioned{.version = VersionWord<nvmlUUID_v1_t>(1), .type = 1, .value = {}};
  uuid.copy(versioned.value.str, sizeof versioned.value.str - 1);
  nvmlDevice_t found[4]{};
  GPUD_NVML(library, nvmlDeviceGetHandleByUUID)(uuid.c_str(), &found[0]);
  GPUD_NVML(library, nvmlDeviceGetHandleBySerial)(serial.c_str(), &found[1]);
  GPUD_NVML(library, nvmlDeviceGetHandleByPciBusId_v2)("0000:9b:00.0", &found[2]);
  GPUD_NVML(library, nvmlDeviceGetHandleByUUIDV)(&versioned, &found[3]);
  for (const nvmlDevice_t handle : found) EXPECT_EQ(handle, device);
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetHandleByUUID)("GPU-0", &found[0]),
            NVML_ERROR_NOT_FOUND);
  char small[8];
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetName)(device, small, sizeof small),
            NVML_ERROR_INSUFFICIENT_SIZE);
  int cuda = 0, major = 0, minor = 0;
  GPUD_NVML(library, nvmlSystemGetCudaDriverVersion_v2)(&cuda);
  EXPECT_EQ(cuda, 12090);
  GPUD_NVML(library, nvmlDeviceGetCudaComputeCapability)(device, &major, &minor);
  EXPECT_EQ(major * 10 + minor, 90);
}

TEST(Identity, EveryBoardHasLimitsThatFitTogether) {
  for (const auto& bundled : scenario::BundledScenarios()) {
    Library library(std::string(bundled.name));
    const nvmlDevice_t device = library.Gpu(0);
    unsigned min = 0, max = 0, standard = 0, slowdown = 0, shutdown = 0, gpu_max = 0;
    const auto threshold = GPUD_NVML(library, nvmlDeviceGetTemperatureThreshold);
    GPUD_NVML(library, nvmlDeviceGetPowerManagementLimitConstraints)(device, &min, &max);
    GPUD_NVML(library, nvmlDeviceGetPowerManagementDefaultLimit)(device, &standard);
    EXPECT_LE(min, standard) << bundled.name;
    EXPECT_LE(standard, max) << bundled.name;
    threshold(device, NVML_TEMPERATURE_THRESHOLD_SLOWDOWN, &slowdown);
    threshold(device, NVML_TEMPERATURE_THRESHOLD_SHUTDOWN, &shutdown);
    threshold(device, NVML_TEMPERATURE_THRESHOLD_GPU_MAX, &gpu_max);
    EXPECT_LT(gpu_max, slowdown) << bundled.name;
    EXPECT_LT(slowdown, shutdown) << bundled.name;
    for (const nvmlClockType_t type : {NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_CLOCK_VIDEO}) {
      unsigned now = 0, most = 0;
      GPUD_NVML(library, nvmlDeviceGetClockInfo)(device, type, &now);
      GPUD_NVML(library, nvmlDeviceGetMaxClockInfo)(device, type, &most);
      EXPECT_GT(now, 0u) << bundled.name;
      EXPECT_LE(now, most * 1.05) << bundled.name << " clock " << type;
    }
  }
}

TEST(Topology, FollowsTheHalvesOfTheMachine) {
  Library library("healthy-8xh100");
  const auto ancestor = GPUD_NVML(library, nvmlDeviceGetTopologyCommonAncestor);
  nvmlGpuTopologyLevel_t level{};
  ASSERT_EQ(ancestor(library.Gpu(0), library.Gpu(3), &level), NVML_SUCCESS);
  EXPECT_EQ(level, NVML_TOPOLOGY_NODE);
  ancestor(library.Gpu(0), library.Gpu(4), &level);
  EXPECT_EQ(level, NVML_TOPOLOGY_SYSTEM);
  unsigned long cpus[2]{};
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetCpuAffinity)(library.Gpu(7), 2, cpus), NVML_SUCCESS);
  EXPECT_EQ(cpus[0], 0xFF00'0000'0000'0000u) << "cores 56 to 111";
  EXPECT_EQ(cpus[1], 0x0000'FFFF'FFFF'FFFFu);
  unsigned long nodes = 0;
  GPUD_NVML(library, nvmlDeviceGetMemoryAffinity)(library.Gpu(7), 1, &nodes, 0);
  EXPECT_EQ(nodes, 2u);
  nvmlGpuP2PStatus_t status{};
  const auto peer = GPUD_NVML(library, nvmlDeviceGetP2PStatus);
  peer(library.Gpu(0), library.Gpu(7), NVML_P2P_CAPS_INDEX_NVLINK, &status);
  EXPECT_EQ(status, NVML_P2P_STATUS_OK);

  Library cards("healthy-4xl40s");
  const auto cards_peer = GPUD_NVML(cards, nvmlDeviceGetP2PStatus);
  cards_peer(cards.Gpu(0), cards.Gpu(1), NVML_P2P_CAPS_INDEX_NVLINK, &status);
  EXPECT_EQ(status, NVML_P2P_STATUS_NOT_SUPPORTED);
  cards_peer(cards.Gpu(0), cards.Gpu(1), NVML_P2P_CAPS_INDEX_READ, &status);
  EXPECT_EQ(status, NVML_P2P_STATUS_OK);
}

constexpr const char* kSickFabric = R"(schema: gpud-scenario/1
id: test
title: a fabric that is not well
seed: 5
duration_s: 100
nodes:
  - name: node-a
    profile: hgx-h100-8
    facts: {gpu.3.fabric_state: in_progress, gpu.4.fabric_health: unhealthy, gpu.4.fabric_degraded_bw: true}
expect: []
forbid: ['*']
)";

TEST(Fabric, SaysStateHealthAndWhatIsWrong) {
  Library library(kSickFabric);
  ASSERT_EQ(library.init(), NVML_SUCCESS);
  const auto read = GPUD_NVML(library, nvmlDeviceGetGpuFabricInfoV);
  nvmlGpuFabricInfo_v3_t info{.version = VersionWord<nvmlGpuFabricInfo_v3_t>(3)};
  ASSERT_EQ(read(library.Gpu(0), &info), NVML_SUCCESS);
  EXPECT_EQ(info.state, NVML_GPU_FABRIC_STATE_COMPLETED);
  EXPECT_EQ(info.healthMask, 0b10101010u) << "four times false";
  EXPECT_EQ(info.healthSummary, NVML_GPU_FABRIC_HEALTH_SUMMARY_HEALTHY);
  read(library.Gpu(3), &info);
  EXPECT_EQ(info.state, NVML_GPU_FABRIC_STATE_IN_PROGRESS);
  read(library.Gpu(4), &info);
  EXPECT_EQ(info.healthMask, 0b10101001u);
  EXPECT_EQ(info.healthSummary, NVML_GPU_FABRIC_HEALTH_SUMMARY_UNHEALTHY);
  // A caller of version 2 has no room for the summary.
  info = {.version = VersionWord<nvmlGpuFabricInfo_v2_t>(2)};
  info.healthSummary = 77;
  ASSERT_EQ(read(library.Gpu(4), &info), NVML_SUCCESS);
  EXPECT_EQ(info.healthMask, 0b10101001u);
  EXPECT_EQ(info.healthSummary, 77);
}

TEST(Fabric, OfARackHasAClusterAndAPlace) {
  Library library("healthy-4xgb200");
  nvmlGpuFabricInfo_t info{};
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetGpuFabricInfo)(library.Gpu(0), &info), NVML_SUCCESS);
  EXPECT_NE(info.clusterUuid[0] | info.clusterUuid[1] | info.clusterUuid[2], 0);
  nvmlPlatformInfo_v2_t place{.version = VersionWord<nvmlPlatformInfo_v2_t>(2)};
  ASSERT_EQ(GPUD_NVML(library, nvmlDeviceGetPlatformInfo)(library.Gpu(2), &place), NVML_SUCCESS);
  EXPECT_EQ(place.moduleId, 3);
  Library node("healthy-8xh100");
  EXPECT_EQ(GPUD_NVML(node, nvmlDeviceGetPlatformInfo)(node.Gpu(0), &place),
            NVML_ERROR_NOT_SUPPORTED);
}

TEST(Recovery, IsWhatTheDriverAnnouncedLast) {
  Library library("ecc");
  nvmlFieldValue_t field{.fieldId = NVML_FI_DEV_GET_GPU_RECOVERY_ACTION};
  const auto read = GPUD_NVML(library, nvmlDeviceGetFieldValues);
  read(library.Gpu(1), 1, &field);
  EXPECT_EQ(field.value.uiVal, NVML_GPU_RECOVERY_ACTION_NONE);
  library.MoveTo(200);
  read(library.Gpu(1), 1, &field);
  EXPECT_EQ(field.value.uiVal, NVML_GPU_RECOVERY_ACTION_DRAIN_AND_RESET);
  read(library.Gpu(0), 1, &field);
  EXPECT_EQ(field.value.uiVal, NVML_GPU_RECOVERY_ACTION_NONE);
}

TEST(Confidential, IsOffUnlessTheScenarioSaysOn) {
  Library library("healthy-8xh100");
  nvmlConfComputeSystemState_t state{.environment = 9, .ccFeature = 9, .devToolsMode = 9};
  ASSERT_EQ(GPUD_NVML(library, nvmlSystemGetConfComputeState)(&state), NVML_SUCCESS);
  EXPECT_EQ(state.ccFeature, 0u);
  Library ampere("healthy-8xa100");
  EXPECT_EQ(GPUD_NVML(ampere, nvmlSystemGetConfComputeState)(&state), NVML_ERROR_NOT_SUPPORTED);
}

}  // namespace
}  // namespace gpud::sim_nvml
