// SPDX-License-Identifier: Apache-2.0
// The site's own verdicts on Xids and SXids: the file that the setting fault-catalog names.
#pragma once

#include "catalog/overlay.h"
#include "cli/settings.h"

namespace gpud::cli {

struct FaultCatalogFile {
  std::string path;  ///< empty when there is none
  catalog::Overlay overlay;
  std::vector<std::string> problems;  ///< each begins with the path
};

/// The default file need not exist; one that was named must.
FaultCatalogFile ReadFaultCatalog(const Settings& settings);

/// Reads it for the whole process (catalog/catalog.h), before threads run. Its problems join those
/// of the settings.
void InstallFaultCatalog(Settings& settings);

}  // namespace gpud::cli
