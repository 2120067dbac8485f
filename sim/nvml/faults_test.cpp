// SPDX-License-Identifier: Apache-2.0
#include "nvml/faults.h"

#include <chrono>
#include <future>

#include "nvml/library_rig.h"

namespace gpud::sim_nvml {
namespace {

using namespace std::chrono_literals;

nvmlReturn_t Power(Library& library, nvmlDevice_t device) {
  unsigned milliwatts = 0;
  return GPUD_NVML(library, nvmlDeviceGetPowerUsage)(device, &milliwatts);
}

nvmlReturn_t Temperature(Library& library, nvmlDevice_t device) {
  unsigned celsius = 0;
  return GPUD_NVML(library, nvmlDeviceGetTemperature)(device, NVML_TEMPERATURE_GPU, &celsius);
}

TEST(Faults, NameEveryLineThatMakesNoSense) {
  Faults faults;
  const auto read = ParseFaults(
      "# a comment\n\ngpu 3 lost\ngpu x lost\ncall nvmlDeviceGetName explode\ncall * delay 2\n"
      "weather bad\n",
      faults);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what,
            "4: 'gpu x lost': use: gpu N|* lost|requires-reset|missing\n"
            "5: 'call nvmlDeviceGetName explode': what should the call do?\n"
            "7: 'weather bad': lines begin with gpu, call, init or missing");
  EXPECT_EQ(faults.OfGpu(3), GpuFault::kLost);
  EXPECT_EQ(faults.OfCall("nvmlAnything", -1)->seconds, 2);
}

TEST(Faults, AreSwitchedUnderARunningProcess) {
  Library library("healthy-8xh100");
  const nvmlDevice_t third = library.Gpu(3), other = library.Gpu(4);
  EXPECT_EQ(Power(library, third), NVML_SUCCESS);
  library.SetFaults("gpu 3 lost\n");
  EXPECT_EQ(Power(library, third), NVML_ERROR_GPU_IS_LOST);
  EXPECT_EQ(Power(library, other), NVML_SUCCESS);
  char uuid[96];
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetUUID)(third, uuid, sizeof uuid), NVML_SUCCESS)
      << "the library remembers who was lost";
  library.SetFaults("gpu 3 requires-reset\ncall nvmlDeviceGetTemperature not-supported\n");
  EXPECT_EQ(Power(library, third), NVML_ERROR_RESET_REQUIRED);
  EXPECT_EQ(Temperature(library, other), NVML_ERROR_NOT_SUPPORTED);
  library.SetFaults("call nvmlDeviceGetPower* gpu 3 999\n");
  EXPECT_EQ(Power(library, third), NVML_ERROR_UNKNOWN);
  EXPECT_EQ(Power(library, other), NVML_SUCCESS);
  library.SetFaults("");
  EXPECT_EQ(Power(library, third), NVML_SUCCESS);
}

TEST(Faults, AHungCallHoldsNobodyElseAndComesBackWithTheFault) {
  Library library("healthy-8xh100");
  const nvmlDevice_t device = library.Gpu(0);
  library.SetFaults("call nvmlDeviceGetPowerUsage hang\n");
  auto hung = std::async(std::launch::async, [&] { return Power(library, device); });
  EXPECT_EQ(hung.wait_for(100ms), std::future_status::timeout);
  EXPECT_EQ(Temperature(library, device), NVML_SUCCESS);
  library.SetFaults("");
  EXPECT_EQ(hung.get(), NVML_SUCCESS);
}

TEST(Faults, ACallCanBeSlow) {
  Library library("healthy-8xh100");
  const nvmlDevice_t device = library.Gpu(0);
  library.SetFaults("call nvmlDeviceGetPowerUsage delay 0.15\n");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Power(library, device), NVML_SUCCESS);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 150ms);
}

TEST(FaultsDeathTest, ACallCanEndTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Library library("healthy-8xh100", "call nvmlDeviceGetPowerUsage abort\n");
        Power(library, library.Gpu(0));
      },
      testing::KilledBySignal(SIGABRT), "");
}

TEST(Faults, OfOpeningTheLibrary) {
  EXPECT_EQ(Library("healthy-8xh100", "init version-mismatch\n").init(),
            NVML_ERROR_LIB_RM_VERSION_MISMATCH);
  EXPECT_EQ(Library("healthy-8xh100", "init no-permission\n").init(), NVML_ERROR_NO_PERMISSION);
  EXPECT_EQ(Library("healthy-8xh100", "init driver-not-loaded\n").init(),
            NVML_ERROR_DRIVER_NOT_LOADED);
  Library mismatch("driver-library-mismatch");
  EXPECT_EQ(mismatch.init(), NVML_SUCCESS);
  mismatch.MoveTo(1e6);  // the library is replaced while the old driver runs
  EXPECT_EQ(GPUD_NVML(mismatch, nvmlInit_v2)(), NVML_ERROR_LIB_RM_VERSION_MISMATCH);
  EXPECT_EQ(Library("no-such-scenario").init(), NVML_ERROR_UNKNOWN);
}

TEST(Faults, AMissingGpuIsNotListedAndALostOneIs) {
  Library library("healthy-8xh100", "gpu 2 missing\n");
  unsigned count = 0, minor = 0;
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetCount_v2)(&count), NVML_SUCCESS);
  EXPECT_EQ(count, 7u);
  GPUD_NVML(library, nvmlDeviceGetMinorNumber)(library.Gpu(2), &minor);
  EXPECT_EQ(minor, 3u) << "the next one moves up";

  Library lost("fallen-off-bus");
  const nvmlDevice_t fourth = lost.Gpu(4);
  EXPECT_EQ(Power(lost, fourth), NVML_SUCCESS);
  lost.MoveTo(130);
  EXPECT_EQ(Power(lost, fourth), NVML_ERROR_GPU_IS_LOST);
  GPUD_NVML(lost, nvmlDeviceGetCount_v2)(&count);
  EXPECT_EQ(count, 8u);
  nvmlDevice_t device = nullptr;
  EXPECT_EQ(GPUD_NVML(lost, nvmlDeviceGetHandleByIndex_v2)(4, &device), NVML_ERROR_GPU_IS_LOST);
}

TEST(Faults, AnOldDriverLacksFunctions) {
  Library library("healthy-8xa100", "missing nvmlDeviceGetSerial\n", "470");
  char text[96];
  EXPECT_EQ(GPUD_NVML(library, nvmlSystemGetDriverVersion)(text, sizeof text), NVML_SUCCESS);
  EXPECT_EQ(std::string(text).substr(0, 4), "470.");
  nvmlMemory_v2_t memory{.version = VersionWord<nvmlMemory_v2_t>(2)};
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetMemoryInfo_v2)(library.Gpu(0), &memory),
            NVML_ERROR_FUNCTION_NOT_FOUND);
  nvmlMemory_t old{};
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetMemoryInfo)(library.Gpu(0), &old), NVML_SUCCESS);
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetSerial)(library.Gpu(0), text, sizeof text),
            NVML_ERROR_FUNCTION_NOT_FOUND);
}

TEST(Faults, ALibraryOfAnOldBranchHasNoSuchSymbolAtAll) {
  void* library = dlopen(GPUD_SIM_LIBRARY_470, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  EXPECT_NE(dlsym(library, "nvmlDeviceGetMemoryInfo"), nullptr);
  EXPECT_NE(dlsym(library, "gpudSimulated"), nullptr);
  EXPECT_EQ(dlsym(library, "nvmlDeviceGetMemoryInfo_v2"), nullptr);
  EXPECT_EQ(dlsym(library, "nvmlGpmSampleGet"), nullptr);
  EXPECT_EQ(dlsym(library, "nvmlDeviceGetGpuFabricInfoV"), nullptr);
  dlclose(library);
}

TEST(Faults, TheWrongVersionOfAStructIsRefused) {
  Library library("healthy-8xh100");
  nvmlMemory_v2_t memory{.version = 7};
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetMemoryInfo_v2)(library.Gpu(0), &memory),
            NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
  nvmlGpuFabricInfo_v3_t fabric{.version = VersionWord<nvmlGpuFabricInfo_v3_t>(4)};
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetGpuFabricInfoV)(library.Gpu(0), &fabric),
            NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
  nvmlGpmSupport_t gpm{.version = 2};
  EXPECT_EQ(GPUD_NVML(library, nvmlGpmQueryDeviceSupport)(library.Gpu(0), &gpm),
            NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
}

TEST(Faults, AHandleThatIsNoneIsRefused) {
  Library library("healthy-8xh100");
  int nothing = 0;
  EXPECT_EQ(Power(library, reinterpret_cast<nvmlDevice_t>(&nothing)), NVML_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(Power(library, nullptr), NVML_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetPowerUsage)(library.Gpu(0), nullptr),
            NVML_ERROR_INVALID_ARGUMENT);
}

TEST(Faults, WhoHasTheLibraryOpenIsCounted) {
  Library library("healthy-8xh100");
  const std::string pid = "pid " + std::to_string(getpid());
  nvmlGpmSample_t sample = nullptr;
  GPUD_NVML(library, nvmlGpmSampleAlloc)(&sample);
  EXPECT_EQ(GPUD_NVML(library, nvmlShutdown)(), NVML_SUCCESS);
  EXPECT_EQ(library.CounterText(), pid + " open 1 gpm 0 events 0\n" + pid +
                                       " open 1 gpm 1 events 0\n" + pid +
                                       " open 0 gpm 1 events 0\n");
  unsigned count = 0;
  EXPECT_EQ(GPUD_NVML(library, nvmlDeviceGetCount_v2)(&count), NVML_ERROR_UNINITIALIZED);
  EXPECT_EQ(GPUD_NVML(library, nvmlInit_v2)(), NVML_SUCCESS);
}

}  // namespace
}  // namespace gpud::sim_nvml
