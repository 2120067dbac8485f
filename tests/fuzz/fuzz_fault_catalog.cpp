// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>

#include "catalog/catalog.h"
#include "catalog/rules.h"

// A site's overlay: whatever is accepted must not contradict itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = gpud::ParseJson({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  std::vector<std::string> problems;
  const gpud::catalog::Catalog catalog(gpud::catalog::ParseOverlay(*json, problems));
  const auto check = [](const gpud::catalog::Verdict& verdict) {
    if (!gpud::catalog::Contradiction(verdict.severity, verdict.action).empty()) std::abort();
  };
  for (const auto& [code, given] : catalog.overlay().xid) check(catalog.XidVerdict(code));
  for (const auto& [code, given] : catalog.overlay().sxid) check(catalog.SxidVerdict(code));
  return 0;
}
