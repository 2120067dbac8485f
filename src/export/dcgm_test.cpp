// SPDX-License-Identifier: Apache-2.0
#include "export/dcgm.h"

#include <gtest/gtest.h>

#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"

namespace gpud::dcgm {
namespace {

Inputs OneGpu() {
  nvml::Device device;
  device.uuid = "GPU-a";
  device.bus_id = "0000:19:00.0";
  device.name = "NVIDIA H100 80GB HBM3";
  device.minor_number = 3;
  device.remapped_rows = nvml::RemappedRows{.correctable = 1, .uncorrectable = 2};
  nvml::Devices devices;
  devices.session.driver_version = "575.57.08";
  devices.devices = {device};

  nvml::GpuActivity now;
  now.bus_id = device.bus_id;
  now.gpu_percent = 97;
  now.power_mw = 650'500u;
  now.memory_used_bytes = 1536u << 20;
  now.throttle.hw_thermal_ns = 5'000'000u;
  now.gpm = nvml::Gpm{.sm_active = 82, .pcie_rx_mb = 1.5};
  nvml::Activity activity;
  activity.gpus = {now};

  nvml::Link one, two;
  one.crc_flit = 4u;
  two.crc_flit = 3u;
  nvml::GpuErrors counts;
  counts.bus_id = device.bus_id;
  counts.ecc_volatile = std::vector<nvml::EccCount>{{"total", 7u, 1u}, {"dram", 7u, 0u}};
  counts.links = std::vector<nvml::Link>{one, two, {}};
  nvml::Errors errors;
  errors.gpus = {counts};

  Inputs in;
  in.Put<nvml::Devices>(std::move(devices));
  in.Put<nvml::Activity>(std::move(activity));
  in.Put<nvml::Errors>(std::move(errors));
  return in;
}

/// The value of the only series of a family; nothing when there is no such family.
std::optional<double> Value(const std::vector<prometheus::Family>& families,
                            std::string_view name) {
  for (const prometheus::Family& family : families) {
    if (family.type.name == name) return family.series.at(0).second;
  }
  return {};
}

TEST(Dcgm, GivesTheExportersNamesAndUnits) {
  const auto families = Families(OneGpu(), {});
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_GPU_UTIL"), 97);
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_POWER_USAGE"), 650.5);       // W
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_FB_USED"), 1536);            // MiB
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_THERMAL_VIOLATION"), 5000);  // us
  EXPECT_EQ(Value(families, "DCGM_FI_PROF_SM_ACTIVE"), 0.82);         // 0..1
  EXPECT_EQ(Value(families, "DCGM_FI_PROF_PCIE_RX_BYTES"), 1.5e6);    // bytes/s
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"), 1);
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS"), 2);
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL"), 7);
}

TEST(Dcgm, LeavesOutWhatCouldNotBeRead) {
  const auto families = Families(OneGpu(), {});
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_GPU_TEMP"), std::nullopt);
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL"), std::nullopt);
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_XID_ERRORS"), std::nullopt) << "no kernel log";
  EXPECT_TRUE(Families(Inputs(), {}).empty());
}

TEST(Dcgm, LabelsAsTheExporterDoes) {
  const Context context{.hostname = "node-a",
                        .holders = {{"GPU-a", {{"pod", "train-0"}, {"namespace", "ml"}}}},
                        .last_xids = {{{"0000:19:00.0", 79}}}};
  const auto families = Families(OneGpu(), context);
  const Labels expected = {{"gpu", "0"},
                           {"UUID", "GPU-a"},
                           {"pci_bus_id", "00000000:19:00.0"},
                           {"device", "nvidia3"},
                           {"modelName", "NVIDIA H100 80GB HBM3"},
                           {"Hostname", "node-a"},
                           {"DCGM_FI_DRIVER_VERSION", "575.57.08"},
                           {"pod", "train-0"},
                           {"namespace", "ml"}};
  EXPECT_EQ(families.front().series.at(0).first, expected);
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_XID_ERRORS"), 79);
}

TEST(Dcgm, TellsNothingOfNowWhileTheDriverIsLeftAlone) {
  Inputs in = OneGpu();
  nvml::Activity asleep = *in.Latest<nvml::Activity>();
  asleep.session.asleep = "all GPUs idle";
  in.Put<nvml::Activity>(std::move(asleep));
  const auto families = Families(in, {});
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_GPU_UTIL"), std::nullopt);
  EXPECT_EQ(Value(families, "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS"), 1);
}

}  // namespace
}  // namespace gpud::dcgm
