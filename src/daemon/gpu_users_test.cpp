// SPDX-License-Identifier: Apache-2.0
#include "daemon/gpu_users.h"

#include <gtest/gtest.h>

#include "model/inputs.h"

namespace gpud::daemon {
namespace {

gpu::Gpu Place(unsigned number) {
  return {.gpu = number,
          .uuid = "GPU-" + std::to_string(number),
          .bus_id = "0000:0" + std::to_string(number) + ":00.0"};
}

gpu::Process On(unsigned number, std::uint32_t pid, std::string pod = {}) {
  gpu::Process process;
  static_cast<gpu::Gpu&>(process) = Place(number);
  process.pid = pid;
  if (!pod.empty()) process.pod = procfs::Pod{.uid = std::move(pod)};
  return process;
}

class TheUsers : public testing::Test {
 protected:
  template <class T>
  void Put(Result<T> snapshot) {
    Inputs in;
    in.Put<T>(std::move(snapshot));
    users.Put(*in.Find(&kSnapshot<T>));
  }
  std::string Pids() const {
    std::string text;
    for (const gpu::Process& process : users.processes().processes) {
      text += std::to_string(process.pid) + ' ';
    }
    return text;
  }

  GpuUsers users;
};

TEST_F(TheUsers, AreTheLastList) {
  Put<gpu::Processes>(gpu::Processes{.gpus = {Place(0)}, .processes = {On(0, 1), On(0, 2)}});
  EXPECT_EQ(Pids(), "1 2 ");
  Put<gpu::Processes>(gpu::Processes{.gpus = {Place(0)}, .processes = {On(0, 3)}});
  EXPECT_EQ(Pids(), "3 ");
}

TEST_F(TheUsers, StayWhileTheirGpuCannotBeRead) {
  Put<gpu::Processes>(gpu::Processes{.gpus = {Place(0), Place(1)},
                                     .processes = {On(0, 1), On(0, 2), On(1, 3), On(1, 4)}});
  Put<gpu::Processes>(
      gpu::Processes{.gpus = {Place(0)},
                     .processes = {On(0, 5)},
                     .problems = {{gpu::Vendor::kNvidia, Place(1).bus_id, "GPU is lost"}}});
  EXPECT_EQ(Pids(), "5 3 4 ");
  EXPECT_EQ(users.processes().gpus.size(), 2U);

  Put<gpu::Processes>(gpu::Processes{.problems = {{gpu::Vendor::kNvidia, "", "no answer"}}});
  EXPECT_EQ(Pids(), "5 3 4 ");
  Put<gpu::Processes>(Fail(ErrorCode::kTimeout, "the lane hangs"));
  EXPECT_EQ(Pids(), "5 3 4 ");
  EXPECT_EQ(users.processes().problems.at(0).what, "the lane hangs");

  Put<gpu::Processes>(gpu::Processes{.problems = {{gpu::Vendor::kAmd, "", "no answer"}}});
  EXPECT_EQ(Pids(), "");
}

TEST_F(TheUsers, AreNamedByTheKubelet) {
  kubelet::PodResources pods{{{"ml", "train-0", "main", "nvidia.com/gpu", "GPU-0"}}};
  Put<kubelet::PodResources>(pods);
  Put<gpu::Processes>(gpu::Processes{.gpus = {Place(0)}, .processes = {On(0, 1, "u")}});
  EXPECT_EQ(users.processes().processes.at(0).pod->name, "train-0");
  EXPECT_EQ(users.Holders().at("GPU-0").name_space, "ml");

  Put<kubelet::PodResources>(Fail(ErrorCode::kNotFound, "nobody listens"));
  EXPECT_EQ(users.Holders().size(), 1U);  // the kubelet restarts, the pods run on
  Put<kubelet::PodResources>(Fail(ErrorCode::kUnsupported, "no kubelet here"));
  EXPECT_TRUE(users.Holders().empty());
}

}  // namespace
}  // namespace gpud::daemon
