// SPDX-License-Identifier: Apache-2.0
#include "sources/gpu/pods.h"

#include <gtest/gtest.h>

namespace gpud::gpu {
namespace {

Process InPod(std::string uid) {
  Process process;
  process.pid = 1;
  process.gpu = 0;
  process.minor = 0;
  process.uuid = "GPU-a";
  process.bus_id = "0000:19:00.0";
  if (!uid.empty()) process.pod = procfs::Pod{.uid = std::move(uid)};
  return process;
}

kubelet::PodDevice Device(std::string device, std::string pod = "train-0",
                          std::string container = "main", std::string resource = "nvidia.com/gpu") {
  return {"ml", std::move(pod), std::move(container), std::move(resource), std::move(device)};
}

/// "namespace/name/container uid" after the names were filled in.
std::string Named(Process process, std::vector<kubelet::PodDevice> devices) {
  std::vector<Process> all = {std::move(process)};
  NamePods({std::move(devices)}, all);
  const auto& pod = all.front().pod;
  return pod ? pod->name_space + '/' + pod->name + '/' + pod->container + ' ' + pod->uid : "none";
}

TEST(NamePods, TakesThePodThatTheGpuWasGivenTo) {
  EXPECT_EQ(Named(InPod("u"), {Device("GPU-b", "other"), Device("GPU-a")}), "ml/train-0/main u");
  EXPECT_EQ(Named(InPod("u"), {Device("GPU-a::3")}), "ml/train-0/main u");
  EXPECT_EQ(Named(InPod("u"), {Device("0000:19:00.0")}), "ml/train-0/main u");
  EXPECT_EQ(Named(InPod("u"), {Device("nvidia0")}), "ml/train-0/main u");
  EXPECT_EQ(Named(InPod("u"), {Device("gpu-0", "train-0", "main", "gpu.nvidia.com")}),
            "ml/train-0/main u");
}

TEST(NamePods, TakesNoPodThatItIsNotSureOf) {
  EXPECT_EQ(Named(InPod("u"), {Device("GPU-b")}), "// u");
  EXPECT_EQ(Named(InPod("u"), {}), "// u");
  EXPECT_EQ(Named(InPod("u"), {Device("GPU-a::0"), Device("GPU-a::1", "train-1")}), "// u");
  EXPECT_EQ(Named(InPod("u"), {Device("gpu-0", "x", "y", "nic.example.com")}), "// u");
  EXPECT_EQ(Named(InPod(""), {Device("GPU-a")}), "none");  // a process of the host
}

TEST(NamePods, LeavesTheContainerOpenWhenTwoShareTheGpu) {
  EXPECT_EQ(Named(InPod("u"), {Device("GPU-a"), Device("GPU-a", "train-0", "side")}),
            "ml/train-0/ u");
}

TEST(NamePods, TakesTheGpusPodForAProcessThatCannotBeSeen) {
  Process process = InPod("");
  process.problem = "no such process here";
  EXPECT_EQ(Named(process, {Device("GPU-a")}), "ml/train-0/main ");
  EXPECT_EQ(Named(process, {Device("GPU-a"), Device("GPU-a", "other")}), "none");
}

TEST(NamePods, KnowsThePartsOfAGpu) {
  Process process = InPod("u");
  process.mig = MigPart{.gpu_instance = 2, .compute_instance = 0, .uuid = "MIG-c"};
  EXPECT_EQ(Named(process, {Device("MIG-d", "other"), Device("MIG-c")}), "ml/train-0/main u");
  EXPECT_EQ(Named(process, {Device("nvidia0/gi2")}), "ml/train-0/main u");
  EXPECT_EQ(Named(process, {Device("GPU-a"), Device("nvidia0/gi1"), Device("nvidia0")}), "// u");
}

TEST(NamePods, KnowsTheDevicesOfOtherVendors) {
  Process process = InPod("u");
  process.uuid.clear();
  process.vendor = Vendor::kIntel;
  EXPECT_EQ(Named(process, {Device("card0-1", "train-0", "main", "gpu.intel.com/i915")}),
            "ml/train-0/main u");
  EXPECT_EQ(Named(process, {Device("card1-0", "train-0", "main", "gpu.intel.com/i915")}), "// u");
  process.vendor = Vendor::kAmd;
  EXPECT_EQ(Named(process, {Device("card0", "train-0", "main", "amd.com/gpu")}),
            "ml/train-0/main u");
}

TEST(Holders, AreThoseOfWholeGpusThatAreNotShared) {
  const auto holders =
      Holders({{Device("GPU-a"), Device("GPU-b::0"), Device("GPU-b::1", "train-1"), Device("MIG-c"),
                Device("GPU-d", "x", "one"), Device("GPU-d", "x", "two")}});
  ASSERT_EQ(holders.size(), 2U);
  EXPECT_EQ(holders.at("GPU-a"),
            (procfs::Pod{.uid = "", .name_space = "ml", .name = "train-0", .container = "main"}));
  EXPECT_EQ(holders.at("GPU-d").container, "");
}

}  // namespace
}  // namespace gpud::gpu
