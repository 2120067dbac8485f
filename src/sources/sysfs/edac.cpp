// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/edac.h"

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

bool IsNumbered(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && ParseNumber<unsigned>(name.substr(prefix.size())).has_value();
}

Result<Edac> ReadEdac(const Root& root) {
  const std::string folder = "/sys/devices/system/edac/mc";
  const auto names = root.List(folder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "EDAC");
  Edac edac;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    if (!IsNumbered(name, "mc")) continue;
    const std::string path = folder + "/" + name;
    MemoryController controller{.name = name,
                                .corrected = ReadUnsigned(root, path + "/ce_count"),
                                .uncorrected = ReadUnsigned(root, path + "/ue_count")};
    for (const std::string& part : root.List(path).value_or(std::vector<std::string>{})) {
      if (!IsNumbered(part, "dimm") && !IsNumbered(part, "rank")) continue;
      const std::string at = path + "/" + part;
      controller.dimms.push_back(
          {.name = name + "/" + part,
           .label = ReadText(root, at + "/dimm_label").value_or(std::string()),
           .corrected = ReadUnsigned(root, at + "/dimm_ce_count"),
           .uncorrected = ReadUnsigned(root, at + "/dimm_ue_count")});
    }
    edac.controllers.push_back(std::move(controller));
  }
  if (edac.controllers.empty()) {
    return Fail(ErrorCode::kUnsupported, folder + ": no memory controller with error counters");
  }
  return edac;
}

}  // namespace

constinit const SourceType kEdac{
    .name = "sysfs/edac",
    .snapshot = &kSnapshot<Edac>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadEdac(host.root)); },
};

}  // namespace gpud::sysfs
