// SPDX-License-Identifier: Apache-2.0
#include "tools/catalog/pages.h"

#include <gtest/gtest.h>

#include "platform/root.h"

namespace gpud::tools {
namespace {

TEST(CatalogPages, AreInDocsAsTheDataHasThem) {
  for (const Page& page : CatalogPages()) {
    const auto committed = Root().Read(std::string(GPUD_SOURCE_DIR "/docs/") + page.name);
    ASSERT_TRUE(committed) << committed.error().what;
    EXPECT_TRUE(*committed == page.text)
        << page.name << " is stale: cmake --build build/release --target catalog_docs";
  }
}

}  // namespace
}  // namespace gpud::tools
