// SPDX-License-Identifier: Apache-2.0
#include "sources/kubelet/pod_resources.h"

#include <gtest/gtest.h>

#include "platform/text.h"
#include "testing/fake_host.h"

namespace gpud::kubelet {
namespace {

// Written by Google's own library from api.proto (tests/e2e/pod_resources.py).
constexpr std::string_view kRecorded =
    "0a5c0a07747261696e2d3012026d6c1a460a046d61696e12280a0e6e76696469612e636f6d2f67707512074750552d"
    "61616112074750552d6262621a040a0208011a040001ac02220e0a066d656d6f72791080808080401a050a036c6f67"
    "0a81010a03776562120764656661756c741a710a016312210a166e76696469612e636f6d2f6d69672d31672e313067"
    "6212074d49472d6363632a4912036f6e651a0764656661756c7422390a1c0a1a6b38732e6770752e6e76696469612e"
    "636f6d2f636c61696d3d78120e6770752e6e76696469612e636f6d1a026e3122056770752d300a100a05656d707479"
    "120764656661756c74";

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(ParseNumber<unsigned>(hex.substr(i, 2), 16).value());
  }
  return bytes;
}

TEST(PodResources, AreReadFromARecordedAnswer) {
  const auto resources = ParsePodResources(FromHex(kRecorded));
  ASSERT_TRUE(resources) << resources.error().what;
  EXPECT_EQ(resources->devices, (std::vector<PodDevice>{
                                    {"ml", "train-0", "main", "nvidia.com/gpu", "GPU-aaa"},
                                    {"ml", "train-0", "main", "nvidia.com/gpu", "GPU-bbb"},
                                    {"default", "web", "c", "nvidia.com/mig-1g.10gb", "MIG-ccc"},
                                    {"default", "web", "c", "gpu.nvidia.com", "gpu-0"},
                                }));
}

TEST(PodResources, AreNoneOnAnIdleNode) { EXPECT_TRUE(ParsePodResources("")->devices.empty()); }

TEST(PodResources, CutAnywhereAreAnErrorOrAShorterList) {
  const std::string whole = FromHex(kRecorded);
  std::size_t errors = 0;
  for (std::size_t i = 1; i < whole.size(); ++i) {
    const auto resources = ParsePodResources(std::string_view(whole).substr(0, i));
    if (!resources) {
      EXPECT_EQ(resources.error().code, ErrorCode::kParse);
      ++errors;
    } else {
      EXPECT_LT(resources->devices.size(), 5U);
    }
  }
  EXPECT_GT(errors, whole.size() - 4);  // all but the ends between pods
}

TEST(PodResources, WithFieldsOfLaterVersionsAreRead) {
  // 10: varint, 11: 64 bits, 12: 32 bits, 13: bytes.
  const std::string later = FromHex(
      "5001"
      "590102030405060708"
      "6501020304"
      "6a0161");
  EXPECT_EQ(ParsePodResources(later + FromHex(kRecorded))->devices.size(), 4U);
}

TEST(PodResources, AreBounded) {
  std::string devices;
  for (int i = 0; i < 9'000; ++i)
    devices += FromHex(
        "1201"
        "61");  // device_ids: "a"
  const auto wrap = [](char tag, const std::string& message) {
    std::string out(1, tag);
    for (std::size_t rest = message.size();; rest >>= 7) {
      out += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
      if (rest <= 0x7f) return out + message;
    }
  };
  const auto resources = ParsePodResources(wrap(0x0a, wrap(0x1a, wrap(0x12, devices))));
  EXPECT_EQ(resources->devices.size(), 8'192U);
}

TEST(PodResources, AreUnsupportedWithoutAKubelet) {
  FakeHost host;
  Inputs in;
  kPodResources.read(host.host, in);
  EXPECT_EQ(in.Latest<PodResources>().error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace gpud::kubelet
