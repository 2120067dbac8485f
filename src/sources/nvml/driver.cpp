// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/driver.h"

#include <algorithm>
#include <cstdio>

#include "platform/text.h"
#include "sources/nvml/kernel_module.h"

namespace gpud::nvml {
namespace {

using VersionText = abi::nvmlReturn_t(char*, unsigned);

std::string TextOf(Calls& calls, Function<VersionText>& function) {
  char text[abi::kNameSize] = "";
  if (!calls(function, text, sizeof text)) return "";
  text[sizeof text - 1] = '\0';
  return text;
}

}  // namespace

std::string BusId(const abi::nvmlPciInfo_t& pci) {
  char text[sizeof "00000000:00:00.0"];
  std::snprintf(text, sizeof text, "%04x:%02x:%02x.0", pci.domain, pci.bus & 0xff,
                pci.device & 0xff);
  return text;
}

Result<std::unique_ptr<Driver>> Driver::Open(Library& library, const Host& host) {
  // Without NVML there is no other way to tell which driver lacks a function.
  const std::string kernel_version = KernelModuleVersion(host.root);
  Calls calls(library, host.clock);
  calls.driver_version = kernel_version;
  if (auto done = calls(library.symbols.init); !done) {
    Error error = std::move(done).error();
    if (error.sys == kVersionMismatch && !kernel_version.empty()) {
      error.what += " (the kernel's module is " + kernel_version + ")";
    }
    return tl::unexpected<Error>(std::move(error));
  }
  // From here on its destructor shuts down.
  std::unique_ptr<Driver> driver(new Driver(library, host));
  driver->ReadVersions();
  if (auto done = driver->TakeUp(); !done) return tl::unexpected<Error>(std::move(done).error());
  return driver;
}

void Driver::ReadVersions() {
  session.library = calls.library.path();
  session.simulated = calls.library.Simulated();
  session.driver_version = TextOf(calls, symbols().driver_version);
  session.nvml_version = TextOf(calls, symbols().nvml_version);
  calls.driver_version = session.driver_version;
  int cuda = 0;
  if (calls(symbols().cuda_version, &cuda)) {
    session.cuda_version = std::to_string(cuda / 1000) + "." + std::to_string(cuda % 1000 / 10);
  }
}

Result<void> Driver::TakeUp() {
  if (auto done = calls(symbols().count, &listed_); !done) return done;
  const auto known = KernelModuleGpus(root_);
  for (unsigned index = 0; index < listed_; ++index) {
    Gpu& gpu = gpus.emplace_back(calls, index);
    if (auto done = calls(symbols().handle_by_index, index, &gpu.handle); !done) {
      gpu.unreachable = done.error();
      // The kernel's module lists them in the same order, where it lists all of them.
      if (known.size() == listed_) {
        gpu.bus_id = known[index].bus_id;
        gpu.uuid = known[index].uuid;
      }
      continue;
    }
    gpu.uuid = gpu.GetText(symbols().uuid).value_or("");
    if (const auto pci = gpu.Get(symbols().pci_info)) gpu.bus_id = BusId(*pci);
  }
  return {};
}

Driver::~Driver() {
  // What these answer changes nothing: the driver is left in any case.
  for (Gpu& gpu : gpus) {
    for (const abi::nvmlGpmSample_t sample : {gpu.gpm.before, gpu.gpm.now}) {
      if (sample) (void)calls(symbols().gpm_free, sample);
    }
  }
  if (events) (void)calls(symbols().event_set_free, *events);
  (void)calls(symbols().shutdown);
}

void Driver::Begin() {
  for (Gpu& gpu : gpus) gpu.Begin();
}

bool Driver::IsStale() {
  unsigned count = listed_;
  if (!calls(symbols().count, &count) || count != listed_) return true;
  return std::any_of(gpus.begin(), gpus.end(), [](const Gpu& gpu) {
    const auto answers = gpu.Answers();
    return !answers && !NeedsReset(answers.error());
  });
}

std::vector<Device> Driver::Known() const {
  std::vector<Device> known;
  for (const Gpu& gpu : gpus) {
    Device& device = known.emplace_back(gpu.identity.value_or(Device{}));
    device.index = gpu.index;
    device.uuid = gpu.uuid;
    device.bus_id = gpu.bus_id;
  }
  return known;
}

void Driver::AddLost(const std::vector<Device>& before) {
  for (const Device& device : before) {
    const auto is_it = [&](const Gpu& gpu) { return gpu.bus_id == device.bus_id; };
    if (device.bus_id.empty() || std::any_of(gpus.begin(), gpus.end(), is_it)) continue;
    // A GPU that gives no handle does not tell which it is: the one that is missing.
    const auto nameless = std::find_if(gpus.begin(), gpus.end(), [](const Gpu& gpu) {
      return gpu.unreachable && gpu.bus_id.empty();
    });
    Gpu& gpu = nameless != gpus.end()
                   ? *nameless
                   : gpus.emplace_back(calls, static_cast<std::uint32_t>(gpus.size()));
    if (!gpu.unreachable) {
      gpu.unreachable =
          Error{ErrorCode::kDeviceLost, "not listed by the driver any more", kGpuIsLost};
    }
    gpu.uuid = device.uuid;
    gpu.bus_id = device.bus_id;
    gpu.identity = device;
  }
}

std::optional<bool> Driver::Persistence() {
  std::optional<bool> all;
  for (Gpu& gpu : gpus) {
    const auto mode = gpu.Get(symbols().persistence);
    if (mode) all = all.value_or(true) && *mode == abi::NVML_FEATURE_ENABLED;
  }
  return all;
}

}  // namespace gpud::nvml
