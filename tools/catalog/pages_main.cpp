// SPDX-License-Identifier: Apache-2.0
// catalog_pages FOLDER: writes the pages of the catalogues there; see the target catalog_docs.
#include <fstream>
#include <iostream>

#include "tools/catalog/pages.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: catalog_pages FOLDER\n";
    return 2;
  }
  for (const gpud::tools::Page& page : gpud::tools::CatalogPages()) {
    const std::string path = std::string(argv[1]) + '/' + page.name;
    std::ofstream out(path, std::ios::binary);
    out << page.text << std::flush;
    if (!out) {
      std::cerr << "cannot write " << path << '\n';
      return 1;
    }
  }
  return 0;
}
