// SPDX-License-Identifier: Apache-2.0
// Compile: the texts of data/*.csv to the C++ of src/catalog's tables.
#pragma once

#include <string>
#include <string_view>

#include "tools/catalog/csv.h"

namespace gpud::tools {

struct CatalogSources {
  std::string_view xid;
  std::string_view nvlink5;
  std::string_view sxid;
};

/// C++ that defines what catalog/tables.h declares. Every problem is "FILE:LINE: COLUMN: what is
/// wrong"; when there is one, the C++ is empty.
std::string CompileCatalog(const CatalogSources& sources, Problems& problems);

}  // namespace gpud::tools
