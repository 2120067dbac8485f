// SPDX-License-Identifier: Apache-2.0
#include "cli/fault_catalog_file.h"

#include "catalog/catalog.h"
#include "cli/yaml_file.h"
#include "platform/root.h"

namespace gpud::cli {

FaultCatalogFile ReadFaultCatalog(const Settings& settings) {
  FaultCatalogFile file{.path = settings.Text("fault-catalog")};
  if (file.path.empty()) return file;
  const auto text = Root().Read(file.path);
  if (!text) {
    if (text.error().code != ErrorCode::kNotFound || settings.Given("fault-catalog")) {
      file.problems.push_back("cannot read the fault catalogue: " + text.error().what);
    }
    file.path.clear();
    return file;
  }
  auto entries = ParseYaml(*text);
  if (!entries) {
    file.problems.push_back(file.path + ':' + entries.error().what);
    return file;
  }
  Json::Object document;
  for (YamlEntry& entry : *entries) document.emplace_back(entry.key, std::move(entry.value));
  file.overlay = catalog::ParseOverlay({std::move(document)}, file.problems);
  for (std::string& problem : file.problems) problem = file.path + ": " + problem;
  return file;
}

void InstallFaultCatalog(Settings& settings) {
  FaultCatalogFile file = ReadFaultCatalog(settings);
  settings.problems.insert(settings.problems.end(), file.problems.begin(), file.problems.end());
  catalog::InstallOverlay(std::move(file.overlay));
}

}  // namespace gpud::cli
