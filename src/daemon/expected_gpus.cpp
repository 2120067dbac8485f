// SPDX-License-Identifier: Apache-2.0
#include "daemon/expected_gpus.h"

#include <algorithm>

#include "components/gpu_inventory/present.h"
#include "model/json_codec.h"
#include "platform/log.h"
#include "platform/root.h"

namespace gpud::daemon {
namespace {

constexpr std::string_view kKey = "expected_gpus";
constexpr std::size_t kLongestFile = 1 << 20;

}  // namespace

void ExpectedGpus::Load(const store::Metadata& metadata) {
  const auto kept = metadata.find(std::string(kKey));
  if (expectation_.declared || kept == metadata.end()) return;
  if (auto known = FromJsonText<Inventory>(kept->second)) {
    expectation_.inventory = std::move(*known);
  } else {
    log::Warn("the GPUs that were seen here cannot be read, they are learned anew",
              {{"error", known.error().what}});
  }
}

Result<void> ExpectedGpus::Declare(const std::string& path) {
  const auto text = Root().Read(path, kLongestFile);
  if (!text) return Pass(text, "the expected GPUs");
  auto declared = FromJsonText<Inventory>(*text);
  if (!declared) return Pass(declared, path);
  for (const ExpectedGpu& gpu : declared->gpus) {
    if (gpu.bus_id.empty()) {
      return Fail(ErrorCode::kParse, path + ": a GPU without bus_id (like \"0000:19:00.0\")");
    }
  }
  expectation_ = {.inventory = std::move(*declared), .declared = true};
  return {};
}

bool ExpectedGpus::IsToldBy(const SourceType& source) {
  return std::find(std::begin(gpu_inventory::kSources), std::end(gpu_inventory::kSources),
                   &source) != std::end(gpu_inventory::kSources);
}

store::Metadata ExpectedGpus::Learn(const Inputs& in) {
  if (expectation_.declared) return {};
  const auto present = gpu_inventory::Present(in);
  if (!present || !gpu_inventory::Learn(*present, expectation_.inventory)) return {};
  return Kept();
}

store::Metadata ExpectedGpus::Forget() {
  if (expectation_.declared) return {};
  expectation_.inventory = {};
  return Kept();
}

store::Metadata ExpectedGpus::Kept() const {
  return {{std::string(kKey), ToJson(expectation_.inventory)}};
}

}  // namespace gpud::daemon
