// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/infiniband.h"

#include <cerrno>
#include <set>

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

const std::string kFolder = "/sys/class/infiniband";

/// "ACTIVE" of "4: ACTIVE".
Result<std::string> ReadWord(const Root& root, const std::string& path) {
  return ReadText(root, path).map([](const std::string& text) {
    const std::size_t colon = text.find(": ");
    return colon == std::string::npos ? text : text.substr(colon + 2);
  });
}

/// 400 of "400 Gb/sec (4X NDR)".
Result<double> ReadRate(const Root& root, const std::string& path) {
  const auto text = ReadText(root, path);
  if (!text) return tl::unexpected<Error>(text.error());
  const auto rate = ParseNumber<double>(std::string_view(*text).substr(0, text->find(' ')));
  if (!rate) return Fail(ErrorCode::kParse, path + ": \"" + text->substr(0, 40) + "\" is no rate");
  return *rate;
}

/// Counters that the driver of this machine refused, by path. Lives as long as the lane: a look at
/// such a file makes the driver write an error (ACCESS_REG) into the kernel's log each time.
class RefusedCounters {
 public:
  void Read(const Root& root, const std::string& folder, RdmaPort& port) {
    for (const std::string& name : root.List(folder).value_or(std::vector<std::string>{})) {
      const std::string path = folder + "/" + name;
      if (refused_.count(root.path() + path) > 0) continue;
      const auto value = ReadUnsigned(root, path);
      if (value) port.counters[name] = *value;
      if (!value && value.error().sys == EINVAL) refused_.insert(root.path() + path);
    }
  }

 private:
  std::set<std::string> refused_;
};

RdmaPort ReadPort(const Root& root, const std::string& path, std::uint32_t number,
                  RefusedCounters& counters) {
  RdmaPort port{.number = number,
                .link_layer = ReadText(root, path + "/link_layer"),
                .state = ReadWord(root, path + "/state"),
                .physical_state = ReadWord(root, path + "/phys_state"),
                .rate_gbps = ReadRate(root, path + "/rate")};
  counters.Read(root, path + "/counters", port);
  counters.Read(root, path + "/hw_counters", port);
  return port;
}

Result<RdmaDevices> ReadRdma(const Root& root, RefusedCounters& counters) {
  const auto names = root.List(kFolder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "RDMA");
  RdmaDevices all;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const std::string path = kFolder + "/" + name;
    RdmaDevice device{.name = name,
                      .firmware = ReadText(root, path + "/fw_ver").value_or(std::string()),
                      .board = ReadText(root, path + "/board_id").value_or(std::string()),
                      .hca_type = ReadText(root, path + "/hca_type").value_or(std::string())};
    if (const auto link = root.ReadLink(path + "/device")) {
      device.pci_address = link->substr(link->rfind('/') + 1);
    }
    for (const std::string& port :
         root.List(path + "/ports").value_or(std::vector<std::string>{})) {
      const auto number = ParseNumber<std::uint32_t>(port);
      if (!number) continue;
      device.ports.push_back(ReadPort(root, path + "/ports/" + port, *number, counters));
    }
    all.devices.push_back(std::move(device));
  }
  if (all.devices.empty()) return Fail(ErrorCode::kUnsupported, kFolder + ": no RDMA device");
  return all;
}

}  // namespace

constinit const SourceType kRdma{
    .name = "sysfs/infiniband",
    .snapshot = &kSnapshot<RdmaDevices>,
    .read =
        [](const Host& host, Inputs& into) {
          RefusedCounters only;
          into.Put(ReadRdma(host.root, host.kept ? host.kept->Of<RefusedCounters>() : only));
        },
};

}  // namespace gpud::sysfs
