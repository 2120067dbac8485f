// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>

#include "sources/nvml/reading_rig.h"

namespace gpud::nvml {
namespace {

using NvmlSession = OnSimulatedDriver;

TEST(NvmlLibrary, ThatIsMissingIsNotSupported) {
  FakeHost fake;
  Inputs in;
  kDevices.read(fake.host, in);
  ASSERT_FALSE(in.Latest<Devices>());
  EXPECT_EQ(in.Latest<Devices>().error().code, ErrorCode::kUnsupported);
}

TEST_F(NvmlSession, FindsTheLibraryBelowTheMachinesRoot) {
  Machine machine("healthy-1xh100");
  ::unsetenv("GPUD_NVML_LIBRARY_PATH");
  machine.fake.Write("/usr/lib64/libnvidia-ml.so.1", "");
  std::filesystem::copy_file(GPUD_SIM_LIBRARY, machine.fake.Path("/usr/lib64/libnvidia-ml.so.1"),
                             std::filesystem::copy_options::overwrite_existing);
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices) << devices.error().what;
  EXPECT_EQ(devices->session.library, machine.fake.Path("/usr/lib64/libnvidia-ml.so.1"));
}

TEST_F(NvmlSession, TellsWhyTheDriverDoesNotOpenAndTriesAgainLater) {
  struct Case {
    const char* fault;
    ErrorCode code;
    int sys;
  };
  constexpr Case kCases[] = {{"version-mismatch", ErrorCode::kIo, kVersionMismatch},
                             {"no-permission", ErrorCode::kPermission, 4},
                             {"driver-not-loaded", ErrorCode::kUnsupported, 9},
                             {"unknown", ErrorCode::kIo, 999}};
  for (const Case& one : kCases) {
    Machine machine("healthy-1xh100");
    machine.driver.SetFaults("init " + std::string(one.fault));
    const auto failed = machine.ReadActivity();
    ASSERT_FALSE(failed) << one.fault;
    EXPECT_EQ(failed.error().code, one.code) << one.fault;
    EXPECT_EQ(failed.error().sys, one.sys) << failed.error().what;
    machine.driver.SetFaults("");
    EXPECT_FALSE(machine.ReadActivity()) << "not at once";
    machine.fake.clock.Advance(std::chrono::seconds(6));
    EXPECT_TRUE(machine.ReadActivity()) << one.fault;
  }
}

TEST_F(NvmlSession, NamesBothVersionsThatDoNotFit) {
  Machine machine("driver-library-mismatch");
  machine.fake.Write("/proc/driver/nvidia/version",
                     "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\n"
                     "GCC version:  gcc version 12.2.0\n");
  for (double t = 0; t <= 7200; t += 600) {
    machine.MoveTo(t);
    machine.Restart();
    const auto devices = machine.ReadDevices();
    if (devices) continue;
    EXPECT_EQ(devices.error().sys, kVersionMismatch);
    EXPECT_EQ(devices.error().what,
              "driver/library version mismatch (the kernel's module is 535.129.03)");
    return;
  }
  FAIL() << "the scenario has no mismatch";
}

TEST_F(NvmlSession, IsOneForAllSourcesAndLetsGoOfEverythingAtItsEnd) {
  Machine machine("healthy-8xh100");
  machine.MoveTo(60);
  ASSERT_TRUE(machine.ReadDevices());
  ASSERT_TRUE(machine.ReadActivity());
  ASSERT_TRUE(machine.ReadErrors());
  ASSERT_TRUE(machine.ReadProcesses());
  EXPECT_EQ(machine.driver.Counter(), "open 1 gpm 16 events 1");
  machine.Restart();
  EXPECT_EQ(machine.driver.Counter(), "open 0 gpm 0 events 0");
  EXPECT_EQ(machine.driver.Openings(), 1);
}

TEST_F(NvmlSession, StaysOpenWhileGpusWork) {
  Machine machine("healthy-8xh100");
  for (int i = 1; i <= 60; ++i) {
    machine.MoveTo(5 * i);
    ASSERT_TRUE(machine.ReadActivity());
  }
  EXPECT_EQ(machine.driver.Openings(), 1);
}

TEST_F(NvmlSession, IsGivenUpWhenIdleAndTakenUpOnceAMinute) {
  Machine machine("idle-8xh100");
  int asleep = 0;
  for (int i = 0; i < 60; ++i) {  // five minutes
    machine.MoveTo(5 * i);
    const auto activity = machine.ReadActivity();
    ASSERT_TRUE(activity);
    ASSERT_EQ(activity->gpus.size(), 8u);
    EXPECT_TRUE(activity->gpus[0].celsius);  // as read last
    asleep += !activity->session.asleep.empty();
    EXPECT_TRUE(i % 12 != 0 || machine.ReadErrors());
  }
  EXPECT_GT(asleep, 40);
  EXPECT_GE(machine.driver.Openings(), 4);
  EXPECT_LE(machine.driver.Openings(), 6);
  EXPECT_EQ(machine.driver.Counter(), "open 0 gpm 0 events 0");
}

constexpr std::string_view kWithoutPersistence =
    "schema: gpud-scenario/1\n"
    "id: test\n"
    "title: 'Idle'\n"
    "description: 'Idle, persistence off.'\n"
    "tags: [gpu]\n"
    "seed: 1\n"
    "duration_s: 3600\n"
    "nodes:\n"
    "  - {name: node-a, profile: hgx-h100-8, workload: idle, facts: {gpu.*.persistence: 'off'}}\n"
    "expect: []\n"
    "forbid: ['*']\n";

TEST_F(NvmlSession, OfIdleGpusWithoutPersistenceIsNeverOpenedAgainUntilAProcessHoldsOne) {
  Machine machine(kWithoutPersistence);
  const auto first = machine.ReadDevices();  // what the mode is, only the driver tells
  ASSERT_TRUE(first) << first.error().what;
  for (int minute = 1; minute <= 30; ++minute) {
    machine.MoveTo(60 * minute);
    const auto devices = machine.ReadDevices();
    ASSERT_TRUE(devices);
    EXPECT_FALSE(devices->session.asleep.empty());
    EXPECT_EQ(devices->devices.size(), 8u);
    ASSERT_TRUE(machine.ReadActivity());
  }
  EXPECT_EQ(machine.driver.Openings(), 1);
  EXPECT_EQ(machine.driver.Counter(), "open 0 gpm 0 events 0");

  machine.fake.Link("/proc/4242/fd/7", "/dev/nvidia3");
  EXPECT_EQ(machine.ReadDevices()->session.asleep, "");
  EXPECT_EQ(machine.driver.Counter().substr(0, 6), "open 1");
  machine.fake.Remove("/proc/4242/fd/7");
  EXPECT_NE(machine.ReadDevices()->session.asleep, "");
  EXPECT_EQ(machine.driver.Counter().substr(0, 6), "open 0");
}

TEST_F(NvmlSession, OfGpusThatNobodyHasUsedYetIsNotOpenedAtAll) {
  Machine machine("idle-8xh100");
  machine.fake.Write("/proc/driver/nvidia/version",
                     "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\n");
  machine.fake.Write("/proc/driver/nvidia/gpus/0000:19:00.0/information",
                     "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 18\n"
                     "GPU UUID: \t GPU-?\?\?\?\n"
                     "Video BIOS: \t ?\?.?\?\nBus Type: \t PCIe\n"
                     "Bus Location: \t 0000:19:00.0\nDevice Minor: \t 0\n");
  const auto devices = machine.ReadDevices();
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->devices.size(), 1u);
  EXPECT_EQ(devices->devices[0].name.value(), "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(devices->devices[0].uuid, "");
  EXPECT_EQ(devices->devices[0].bus_id, "0000:19:00.0");
  EXPECT_EQ(devices->devices[0].minor_number.value(), 0u);
  EXPECT_EQ(devices->devices[0].ecc.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(devices->session.driver_version, "535.129.03");
  EXPECT_NE(devices->session.asleep, "");
  EXPECT_EQ(machine.driver.Openings(), 0);

  // The persistence daemon keeps them awake: there is nothing left to disturb.
  machine.fake.Write("/proc/77/comm", "nvidia-persiste\n");
  machine.fake.Link("/proc/77/fd/3", "/dev/nvidia0");
  EXPECT_EQ(machine.ReadDevices()->session.asleep, "");
}

}  // namespace
}  // namespace gpud::nvml
