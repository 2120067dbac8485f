// SPDX-License-Identifier: Apache-2.0
// Pages: the catalogues as Markdown for docs/.
#pragma once

#include <string>
#include <vector>

namespace gpud::tools {

struct Page {
  std::string name;  ///< "xid.md"
  std::string text;
};

std::vector<Page> CatalogPages();

}  // namespace gpud::tools
