// SPDX-License-Identifier: Apache-2.0
// The compiled tables, made by tools/catalog from data/*.csv at build time; sorted by code.
#pragma once

#include "catalog/nvlink5.h"
#include "catalog/sxid.h"
#include "catalog/xid.h"

namespace gpud::catalog {

extern const std::span<const XidRow> kXidTable;
extern const std::span<const SxidRow> kSxidTable;
extern const std::span<const Nvlink5Row> kNvlink5Table;

}  // namespace gpud::catalog
