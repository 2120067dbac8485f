// SPDX-License-Identifier: Apache-2.0
#include "sources/host/libraries.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::host {
namespace {

/// A cache as ldconfig(8) writes it.
std::string Cache(const std::vector<std::pair<std::string, std::string>>& libraries) {
  const auto word = [](std::size_t value) {
    const auto narrow = static_cast<std::uint32_t>(value);
    return std::string(reinterpret_cast<const char*>(&narrow), sizeof narrow);
  };
  std::string entries, texts;
  const std::size_t base = 48 + 24 * libraries.size();
  for (const auto& [name, path] : libraries) {
    entries += word(3) + word(base + texts.size()) + word(base + texts.size() + name.size() + 1) +
               word(0) + word(0) + word(0);
    texts += name + '\0' + path + '\0';
  }
  std::string header = "glibc-ld.so.cache1.1" + word(libraries.size()) + word(texts.size());
  header.resize(48, '\0');
  return header + entries + texts;
}

TEST(LoaderCache, GivesThePathsOfAName) {
  const std::string cache =
      Cache({{"libcuda.so.1", "/opt/a/libcuda.so.1"}, {"libc.so.6", "/lib/libc.so.6"}});
  EXPECT_EQ(FindInLoaderCache(cache, "libcuda.so.1"),
            std::vector<std::string>{"/opt/a/libcuda.so.1"});
  EXPECT_EQ(FindInLoaderCache("ld.so-1.7.0 older part" + cache, "libc.so.6").size(), 1u);
  EXPECT_TRUE(FindInLoaderCache(cache, "libcuda.so").empty());
}

TEST(LoaderCache, CutAnywhereDoesNoHarm) {
  const std::string cache = Cache({{"libcuda.so.1", "/opt/a/libcuda.so.1"}});
  for (std::size_t size = 0; size < cache.size(); ++size) {
    (void)FindInLoaderCache(std::string_view(cache).substr(0, size), "libcuda.so.1");
  }
  std::string wild = cache;
  for (std::size_t i = 20; i < 60; ++i) wild[i] = '\xff';
  EXPECT_TRUE(FindInLoaderCache(wild, "libcuda.so.1").empty());
}

TEST(LoaderCache, OfThisMachineHasItsCLibrary) {
  const auto cache = Root().Read("/etc/ld.so.cache", 8 << 20);
  if (!cache) GTEST_SKIP() << cache.error().what;
  EXPECT_FALSE(FindInLoaderCache(*cache, "libc.so.6").empty());
}

TEST(Libraries, AreFoundByTheCacheElseInTheFoldersOfDrivers) {
  FakeHost fake;
  Inputs in;
  kLibraries.read(fake.host, in);
  EXPECT_EQ(in.Latest<Libraries>().error().code, ErrorCode::kNotFound);
  fake.Write("/etc/ld.so.cache", Cache({{"libcuda.so.1", "/opt/gone/libcuda.so.1"},
                                        {"libcuda.so.1", "/opt/b/libcuda.so.1"}}));
  fake.Write("/opt/b/libcuda.so.1", "");
  kLibraries.read(fake.host, in);
  EXPECT_EQ(in.Latest<Libraries>()->nvidia.at("libcuda.so.1"), "/opt/b/libcuda.so.1");
  EXPECT_EQ(in.Latest<Libraries>()->nvidia.at("libnvidia-ml.so.1"), "");
  fake.Write("/usr/lib64/libnvidia-ml.so.1", "");
  kLibraries.read(fake.host, in);
  EXPECT_EQ(in.Latest<Libraries>()->nvidia.at("libnvidia-ml.so.1"), "/usr/lib64/libnvidia-ml.so.1");
}

}  // namespace
}  // namespace gpud::host
