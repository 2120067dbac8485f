// SPDX-License-Identifier: Apache-2.0
// The functions of NVML that gpud calls, each looked up by name at its first call: an old driver
// lacks some, and that is told where they are missed.
#pragma once

#include "sources/nvml/abi/functions.h"

namespace gpud::nvml {

namespace abi = nvml_abi;

struct Symbol {
  const char* name;
  const char* older = nullptr;  ///< of the same signature, in drivers that lack `name`
  void* address = nullptr;
  bool sought = false;
};
template <class F>
struct Function : Symbol {};

using Number = Function<abi::nvmlReturn_t(abi::nvmlDevice_t, unsigned*)>;
using Switch = Function<abi::nvmlReturn_t(abi::nvmlDevice_t, abi::nvmlEnableState_t*)>;
using Text = Function<abi::nvmlReturn_t(abi::nvmlDevice_t, char*, unsigned)>;
using Clocks = Function<abi::nvmlReturn_t(abi::nvmlDevice_t, abi::nvmlClockType_t, unsigned* mhz)>;
using Running = Function<abi::nvmlReturn_t(abi::nvmlDevice_t, unsigned*, abi::nvmlProcessInfo_t*)>;

struct Symbols {
  // The library and the machine.
  Function<decltype(abi::nvmlInit_v2)> init{{"nvmlInit_v2", "nvmlInit"}};
  Function<decltype(abi::nvmlShutdown)> shutdown{{"nvmlShutdown"}};
  Function<decltype(abi::nvmlSystemGetDriverVersion)> driver_version{
      {"nvmlSystemGetDriverVersion"}};
  Function<decltype(abi::nvmlSystemGetNVMLVersion)> nvml_version{{"nvmlSystemGetNVMLVersion"}};
  Function<decltype(abi::nvmlSystemGetCudaDriverVersion)> cuda_version{
      {"nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion"}};
  Function<decltype(abi::nvmlSystemGetConfComputeState)> conf_compute_state{
      {"nvmlSystemGetConfComputeState"}};
  Function<decltype(abi::nvmlDeviceGetCount)> count{
      {"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"}};
  Function<decltype(abi::nvmlDeviceGetHandleByIndex)> handle_by_index{
      {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"}};

  // What a GPU is.
  Text name{{"nvmlDeviceGetName"}};
  Text uuid{{"nvmlDeviceGetUUID"}};
  Text serial{{"nvmlDeviceGetSerial"}};
  Text part_number{{"nvmlDeviceGetBoardPartNumber"}};
  Text vbios_version{{"nvmlDeviceGetVbiosVersion"}};
  Text inforom_version{{"nvmlDeviceGetInforomImageVersion"}};
  Function<decltype(abi::nvmlDeviceGetGspFirmwareVersion)> gsp_version{
      {"nvmlDeviceGetGspFirmwareVersion"}};
  Function<decltype(abi::nvmlDeviceGetGspFirmwareMode)> gsp_mode{{"nvmlDeviceGetGspFirmwareMode"}};
  Function<decltype(abi::nvmlDeviceGetBrand)> brand{{"nvmlDeviceGetBrand"}};
  Function<decltype(abi::nvmlDeviceGetCudaComputeCapability)> compute_capability{
      {"nvmlDeviceGetCudaComputeCapability"}};
  Number minor_number{{"nvmlDeviceGetMinorNumber"}};
  Number board_id{{"nvmlDeviceGetBoardId"}};
  Number module_id{{"nvmlDeviceGetModuleId"}};
  Function<decltype(abi::nvmlDeviceGetPciInfo_v3)> pci_info{
      {"nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2"}};
  Function<decltype(abi::nvmlDeviceGetPlatformInfo)> platform_info{{"nvmlDeviceGetPlatformInfo"}};

  // Limits and modes.
  Clocks max_clock{{"nvmlDeviceGetMaxClockInfo"}};
  Clocks applications_clock{{"nvmlDeviceGetApplicationsClock"}};
  Number power_limit_default{{"nvmlDeviceGetPowerManagementDefaultLimit"}};
  Function<decltype(abi::nvmlDeviceGetPowerManagementLimitConstraints)> power_limits{
      {"nvmlDeviceGetPowerManagementLimitConstraints"}};
  Function<decltype(abi::nvmlDeviceGetTemperatureThreshold)> temperature_threshold{
      {"nvmlDeviceGetTemperatureThreshold"}};
  Number pcie_gen_device_max{{"nvmlDeviceGetGpuMaxPcieLinkGeneration"}};
  Number pcie_gen_max{{"nvmlDeviceGetMaxPcieLinkGeneration"}};
  Number pcie_width_max{{"nvmlDeviceGetMaxPcieLinkWidth"}};
  Switch persistence{{"nvmlDeviceGetPersistenceMode"}};
  Switch ecc_default{{"nvmlDeviceGetDefaultEccMode"}};
  Switch display_active{{"nvmlDeviceGetDisplayActive"}};
  Function<decltype(abi::nvmlDeviceGetEccMode)> ecc_mode{{"nvmlDeviceGetEccMode"}};
  Function<decltype(abi::nvmlDeviceGetComputeMode)> compute_mode{{"nvmlDeviceGetComputeMode"}};
  Function<decltype(abi::nvmlDeviceGetRemappedRows)> remapped_rows{{"nvmlDeviceGetRemappedRows"}};
  Function<decltype(abi::nvmlDeviceGetRowRemapperHistogram)> row_histogram{
      {"nvmlDeviceGetRowRemapperHistogram"}};
  Function<decltype(abi::nvmlDeviceGetGpuFabricInfoV)> fabric_info_v{
      {"nvmlDeviceGetGpuFabricInfoV"}};
  Function<decltype(abi::nvmlDeviceGetGpuFabricInfo)> fabric_info{{"nvmlDeviceGetGpuFabricInfo"}};
  Function<decltype(abi::nvmlDeviceGetP2PStatus)> p2p_status{{"nvmlDeviceGetP2PStatus"}};

  // MIG.
  Function<decltype(abi::nvmlDeviceGetMigMode)> mig_mode{{"nvmlDeviceGetMigMode"}};
  Number mig_instances_max{{"nvmlDeviceGetMaxMigDeviceCount"}};
  Function<decltype(abi::nvmlDeviceGetMigDeviceHandleByIndex)> mig_handle{
      {"nvmlDeviceGetMigDeviceHandleByIndex"}};
  Number gpu_instance_id{{"nvmlDeviceGetGpuInstanceId"}};
  Number compute_instance_id{{"nvmlDeviceGetComputeInstanceId"}};
  Function<decltype(abi::nvmlDeviceGetAttributes_v2)> attributes{
      {"nvmlDeviceGetAttributes_v2", "nvmlDeviceGetAttributes"}};

  // What a GPU does.
  Function<decltype(abi::nvmlDeviceGetFieldValues)> field_values{{"nvmlDeviceGetFieldValues"}};
  Function<decltype(abi::nvmlDeviceGetUtilizationRates)> utilization{
      {"nvmlDeviceGetUtilizationRates"}};
  Function<decltype(abi::nvmlDeviceGetEncoderUtilization)> encoder{
      {"nvmlDeviceGetEncoderUtilization"}};
  Function<decltype(abi::nvmlDeviceGetDecoderUtilization)> decoder{
      {"nvmlDeviceGetDecoderUtilization"}};
  Function<decltype(abi::nvmlDeviceGetSamples)> samples{{"nvmlDeviceGetSamples"}};
  Function<decltype(abi::nvmlDeviceGetMemoryInfo_v2)> memory_v2{{"nvmlDeviceGetMemoryInfo_v2"}};
  Function<decltype(abi::nvmlDeviceGetMemoryInfo)> memory{{"nvmlDeviceGetMemoryInfo"}};
  Function<decltype(abi::nvmlDeviceGetBAR1MemoryInfo)> bar1{{"nvmlDeviceGetBAR1MemoryInfo"}};
  Clocks clock{{"nvmlDeviceGetClockInfo"}};
  Function<decltype(abi::nvmlDeviceGetPerformanceState)> performance_state{
      {"nvmlDeviceGetPerformanceState"}};
  Function<decltype(abi::nvmlDeviceGetCurrentClocksEventReasons)> clock_reasons{
      {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"}};
  Function<decltype(abi::nvmlDeviceGetViolationStatus)> violation{{"nvmlDeviceGetViolationStatus"}};
  Number power{{"nvmlDeviceGetPowerUsage"}};
  Number power_limit{{"nvmlDeviceGetPowerManagementLimit"}};
  Number power_limit_enforced{{"nvmlDeviceGetEnforcedPowerLimit"}};
  Function<decltype(abi::nvmlDeviceGetTotalEnergyConsumption)> energy{
      {"nvmlDeviceGetTotalEnergyConsumption"}};
  Function<decltype(abi::nvmlDeviceGetTemperature)> temperature{{"nvmlDeviceGetTemperature"}};
  Function<decltype(abi::nvmlDeviceGetMarginTemperature)> margin{
      {"nvmlDeviceGetMarginTemperature"}};
  Number fan{{"nvmlDeviceGetFanSpeed"}};
  Number pcie_gen{{"nvmlDeviceGetCurrPcieLinkGeneration"}};
  Number pcie_width{{"nvmlDeviceGetCurrPcieLinkWidth"}};
  Number pcie_replays{{"nvmlDeviceGetPcieReplayCounter"}};
  Function<decltype(abi::nvmlGpmQueryDeviceSupport)> gpm_support{{"nvmlGpmQueryDeviceSupport"}};
  Function<decltype(abi::nvmlGpmSampleAlloc)> gpm_alloc{{"nvmlGpmSampleAlloc"}};
  Function<decltype(abi::nvmlGpmSampleFree)> gpm_free{{"nvmlGpmSampleFree"}};
  Function<decltype(abi::nvmlGpmSampleGet)> gpm_sample{{"nvmlGpmSampleGet"}};
  Function<decltype(abi::nvmlGpmMetricsGet)> gpm_metrics{{"nvmlGpmMetricsGet"}};

  // Errors.
  Function<decltype(abi::nvmlDeviceGetMemoryErrorCounter)> memory_errors{
      {"nvmlDeviceGetMemoryErrorCounter"}};
  Function<decltype(abi::nvmlDeviceGetSramEccErrorStatus)> sram_errors{
      {"nvmlDeviceGetSramEccErrorStatus"}};
  Function<decltype(abi::nvmlDeviceGetNvLinkState)> link_state{{"nvmlDeviceGetNvLinkState"}};
  Function<decltype(abi::nvmlDeviceGetNvLinkVersion)> link_version{{"nvmlDeviceGetNvLinkVersion"}};
  Function<decltype(abi::nvmlDeviceGetNvLinkErrorCounter)> link_errors{
      {"nvmlDeviceGetNvLinkErrorCounter"}};
  Function<decltype(abi::nvmlDeviceGetNvLinkRemotePciInfo_v2)> link_remote_pci{
      {"nvmlDeviceGetNvLinkRemotePciInfo_v2", "nvmlDeviceGetNvLinkRemotePciInfo"}};
  Function<decltype(abi::nvmlDeviceGetNvLinkRemoteDeviceType)> link_remote_type{
      {"nvmlDeviceGetNvLinkRemoteDeviceType"}};
  Function<decltype(abi::nvmlEventSetCreate)> event_set_create{{"nvmlEventSetCreate"}};
  Function<decltype(abi::nvmlEventSetFree)> event_set_free{{"nvmlEventSetFree"}};
  Function<decltype(abi::nvmlDeviceRegisterEvents)> register_events{{"nvmlDeviceRegisterEvents"}};
  Function<decltype(abi::nvmlEventSetWait_v2)> event_wait{
      {"nvmlEventSetWait_v2", "nvmlEventSetWait"}};

  // Processes.
  Running compute_processes{
      {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"}};
  Running graphics_processes{
      {"nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v2"}};
  Running mps_processes{
      {"nvmlDeviceGetMPSComputeRunningProcesses_v3", "nvmlDeviceGetMPSComputeRunningProcesses_v2"}};
  Function<decltype(abi::nvmlDeviceGetProcessUtilization)> process_utilization{
      {"nvmlDeviceGetProcessUtilization"}};
};

}  // namespace gpud::nvml
