// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.h"

#include "catalog/rules.h"

namespace gpud::catalog {
namespace {

template <class Row>
Verdict OfRow(const Row& row) {
  return {.severity = row.severity,
          .action = row.immediate,
          .follow_up = row.investigatory,
          .reboot_worthy = row.reboot_worthy};
}

template <class Row>
Verdict WithOverlay(const Row* row, const std::map<std::uint32_t, Override>& overlay,
                    std::uint32_t code) {
  const Verdict verdict = row ? OfRow(*row) : Verdict{};
  const auto given = overlay.find(code);
  return given == overlay.end() ? verdict : Overridden(verdict, given->second);
}

Catalog& Installed() {
  static Catalog catalog;
  return catalog;
}

}  // namespace

Verdict VerdictOf(const XidRow& row) { return OfRow(row); }
Verdict VerdictOf(const SxidRow& row) { return OfRow(row); }

Verdict Overridden(Verdict verdict, const Override& given) {
  verdict.overridden = true;
  verdict.note = given.note;
  verdict.severity = given.severity.value_or(verdict.severity);
  verdict.follow_up = given.follow_up.value_or(verdict.follow_up);
  if (given.action) {
    verdict.action = *given.action;
    verdict.reboot_worthy = IsReset(verdict.action);
  }
  if (verdict.severity == EventType::kInfo) verdict.reboot_worthy = false;
  return verdict;
}

Verdict Catalog::XidVerdict(std::uint32_t code) const {
  return WithOverlay(FindXid(code), overlay_.xid, code);
}

Verdict Catalog::SxidVerdict(std::uint32_t code) const {
  return WithOverlay(FindSxid(code), overlay_.sxid, code);
}

const Catalog& SiteCatalog() { return Installed(); }
void InstallOverlay(Overlay overlay) { Installed() = Catalog(std::move(overlay)); }

}  // namespace gpud::catalog
