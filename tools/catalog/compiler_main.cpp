// SPDX-License-Identifier: Apache-2.0
// catalog_compiler DATA OUT.cpp: part of the build, see src/catalog/CMakeLists.txt.
#include <fstream>
#include <iostream>

#include "platform/root.h"
#include "tools/catalog/compile.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: catalog_compiler DATA OUT.cpp\n";
    return 2;
  }
  const std::string folder = std::string(argv[1]) + '/';
  gpud::tools::Problems problems;
  const gpud::Root root;
  const auto read = [&](const char* name) {
    auto text = root.Read(folder + name);
    if (!text) problems.push_back(std::string(name) + ": " + text.error().what);
    return text.value_or("");
  };
  const std::string xid = read("xid.csv");
  const std::string nvlink5 = read("xid_nvlink5.csv");
  const std::string sxid = read("sxid.csv");
  std::string code;
  if (problems.empty()) {
    code = gpud::tools::CompileCatalog({.xid = xid, .nvlink5 = nvlink5, .sxid = sxid}, problems);
  }
  for (const std::string& problem : problems) std::cerr << folder << problem << '\n';
  if (!problems.empty()) return 1;
  std::ofstream out(argv[2]);
  out << code << std::flush;
  if (!out) std::cerr << "cannot write " << argv[2] << '\n';
  return out ? 0 : 1;
}
