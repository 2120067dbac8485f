// SPDX-License-Identifier: Apache-2.0
#include "sources/amdgpu/metrics.h"

#include <gtest/gtest.h>

#include <random>

namespace gpud::amdgpu {
namespace {

/// A table as a C compiler would lay it out: each member at a multiple of its size.
class Table {
 public:
  Table(unsigned major, unsigned minor) : bytes_("\0\0", 2) {
    bytes_ += static_cast<char>(major);
    bytes_ += static_cast<char>(minor);
  }
  /// `count` members of `size` bytes, all with the value.
  Table& Add(unsigned size, std::uint64_t value, unsigned count = 1) {
    while (bytes_.size() % size != 0) bytes_ += '\x5a';
    for (unsigned i = 0; i < count * size; ++i) {
      bytes_ += static_cast<char>(value >> (8 * (i % size)));
    }
    return *this;
  }
  Table& Skip(unsigned size, unsigned count = 1) { return Add(size, ~0ull, count); }
  std::string Done() {
    while (bytes_.size() % 8 != 0) bytes_ += '\0';
    bytes_[0] = static_cast<char>(bytes_.size());
    bytes_[1] = static_cast<char>(bytes_.size() >> 8);
    return bytes_;
  }

 private:
  std::string bytes_;
};

/// MI210, Radeon RX 6000 and 7000.
Table V13(unsigned minor = 3) {
  Table t(1, minor);
  t.Add(2, 40).Add(2, 50).Add(2, 60).Skip(2, 3);  // edge, hotspot, memory; regulators
  t.Add(2, 97).Add(2, 41).Skip(2).Add(2, 250);    // activity; W
  t.Skip(8, 2).Skip(2, 7).Add(2, 1700).Skip(2).Add(2, 1600).Skip(2, 4);  // energy; clocks
  t.Skip(4).Skip(2, 4).Skip(4, 2).Skip(2, 4);  // throttle, fan, link; activity; HBM
  return t;
}

/// The part that 1.4 and 1.5 share, after the engines' activities.
void AddMiddle(Table& t, bool has_naks) {
  t.Add(8, 1'000'000).Skip(8).Skip(4, 2).Skip(2, 2).Add(2, 16).Add(2, 32).Skip(4, 2);
  t.Skip(8, 2).Add(8, 5).Add(8, 7).Skip(8);
  if (has_naks) t.Add(4, 8).Add(4, 9);
  t.Add(8, 10, 8).Add(8, 20, 8).Skip(8);
  t.Add(2, 1900, 7).Add(2, 2100).Skip(2, 12).Add(2, 1300).Skip(2);
}

/// 1.6 and 1.7: residencies, partitions.
Table V16(unsigned minor) {
  Table t(1, minor);
  t.Add(2, 50).Add(2, 60).Skip(2).Add(2, 700).Add(2, 97).Add(2, 41);
  if (minor >= 7) t.Skip(8);
  t.Add(8, 1'000'000).Skip(8).Add(4, 1000).Add(4, 1).Add(4, 300).Add(4, 20).Add(4, 3).Add(4, 4);
  t.Skip(4).Skip(2, 2).Add(2, 16).Add(2, 32).Skip(4, 2).Skip(8, 2).Add(8, 5).Add(8, 7).Skip(8);
  t.Add(4, 8).Add(4, 9).Add(8, 10, 8).Add(8, 20, 8);
  if (minor >= 7) t.Add(2, 1, 8).Skip(2);
  t.Skip(8).Add(2, 1900, 7).Add(2, 2100).Skip(2, 12).Add(2, 1300).Add(2, 1);
  return t;
}

TEST(GpuMetrics, ReadFormat13WithWhatHoldsTheClocksDown) {
  Table table = V13();
  table.Skip(8).Skip(2, 4).Add(8, (1ull << 36) | 1);
  const auto metrics = ParseMetrics(table.Done());
  ASSERT_TRUE(metrics) << metrics.error().what;
  EXPECT_EQ(metrics->format, "1.3");
  EXPECT_EQ(metrics->hotspot_celsius, 50.0);
  EXPECT_EQ(metrics->memory_celsius, 60.0);
  EXPECT_EQ(metrics->gfx_percent, 97.0);
  EXPECT_EQ(metrics->umc_percent, 41.0);
  EXPECT_EQ(metrics->power_mw, 250'000.0);
  EXPECT_EQ(metrics->graphics_clock_mhz, 1700.0);
  EXPECT_EQ(metrics->memory_clock_mhz, 1600.0);
  EXPECT_EQ(metrics->thermal_throttled, 1.0);
  EXPECT_EQ(metrics->power_throttled, 1.0);
  EXPECT_EQ(metrics->ticks.error().code, ErrorCode::kUnsupported);
  const auto older = ParseMetrics(V13(1).Done());
  ASSERT_TRUE(older);
  EXPECT_EQ(older->gfx_percent, 97.0);
  EXPECT_EQ(older->thermal_throttled.error().code, ErrorCode::kUnsupported);
}

void ExpectMi300(const Result<Metrics>& metrics) {
  ASSERT_TRUE(metrics) << metrics.error().what;
  EXPECT_EQ(metrics->hotspot_celsius, 50.0);
  EXPECT_EQ(metrics->memory_celsius, 60.0);
  EXPECT_EQ(metrics->power_mw, 700'000.0);
  EXPECT_EQ(metrics->gfx_percent, 97.0);
  EXPECT_EQ(metrics->umc_percent, 41.0);
  EXPECT_NEAR(metrics->energy_mj.value_or(0), 15'259, 1e-6);
  EXPECT_EQ(metrics->xgmi_width, 16.0);
  EXPECT_EQ(metrics->xgmi_gbps, 32.0);
  EXPECT_EQ(metrics->pcie_recoveries, 5.0);
  EXPECT_EQ(metrics->pcie_replays, 7.0);
  EXPECT_EQ(metrics->xgmi_read_bytes, 80.0 * 1024);
  EXPECT_EQ(metrics->xgmi_written_bytes, 160.0 * 1024);
  EXPECT_EQ(metrics->graphics_clock_mhz, 2100.0);
  EXPECT_EQ(metrics->memory_clock_mhz, 1300.0);
}

TEST(GpuMetrics, ReadTheFormatsOfMi300) {
  Table v14(1, 4);
  v14.Add(2, 50).Add(2, 60).Skip(2).Add(2, 700).Add(2, 97).Add(2, 41).Skip(2, 4);
  AddMiddle(v14, false);
  ExpectMi300(ParseMetrics(v14.Done()));
  Table v15(1, 5);
  v15.Add(2, 50).Add(2, 60).Skip(2).Add(2, 700).Add(2, 97).Add(2, 41).Skip(2, 4 + 32);
  AddMiddle(v15, true);
  const auto naks = ParseMetrics(v15.Done());
  ExpectMi300(naks);
  EXPECT_EQ(naks->pcie_naks_sent, 8.0);
  EXPECT_EQ(naks->pcie_naks_received, 9.0);
  for (const unsigned minor : {6u, 7u, 8u}) {
    const auto metrics = ParseMetrics(V16(minor).Done());
    ExpectMi300(metrics);
    EXPECT_EQ(metrics->ticks, 1000.0);
    EXPECT_EQ(metrics->power_ticks, 300.0);
    EXPECT_EQ(metrics->thermal_ticks, 1.0 + 20 + 3 + 4);
    EXPECT_EQ(metrics->pcie_naks_received, 9.0);
  }
}

TEST(GpuMetrics, ReadTheFormatsOfProcessorsWithAGpu) {
  Table v22(2, 2);
  v22.Skip(2, 14).Skip(8).Skip(2, 12 + 6).Add(2, 800).Skip(2).Add(2, 933).Skip(2, 3 + 10);
  v22.Skip(4).Skip(2, 4).Add(8, 1ull << 37);
  const auto older = ParseMetrics(v22.Done());
  ASSERT_TRUE(older);
  EXPECT_TRUE(older->of_apu);
  EXPECT_EQ(older->graphics_clock_mhz, 800.0);
  EXPECT_EQ(older->memory_clock_mhz, 933.0);
  EXPECT_EQ(older->thermal_throttled, 1.0);
  EXPECT_EQ(older->power_throttled, 0.0);
  Table v30(3, 0);
  v30.Skip(2, 19).Add(2, 55).Skip(2, 1 + 8 + 16 + 4).Skip(8).Add(4, 23'000).Skip(2);
  v30.Skip(4, 4).Skip(2, 16 + 3).Add(2, 700).Skip(2, 5).Add(2, 1200).Skip(2, 1 + 16 + 2);
  v30.Skip(4, 8);
  const auto newer = ParseMetrics(v30.Done());
  ASSERT_TRUE(newer);
  EXPECT_EQ(newer->gfx_percent, 55.0);
  EXPECT_EQ(newer->power_mw, 23'000.0);
  EXPECT_EQ(newer->graphics_clock_mhz, 700.0);
  EXPECT_EQ(newer->memory_clock_mhz, 1200.0);
}

TEST(GpuMetrics, AreAnErrorWhenCutOffAndNotSupportedInAFormatToCome) {
  const std::string whole = V16(6).Done();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(ParseMetrics(std::string_view(whole).substr(0, n)).error().code, ErrorCode::kParse);
  }
  EXPECT_EQ(ParseMetrics(Table(1, 9).Done()).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParseMetrics(Table(4, 0).Done()).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParseMetrics(std::string(4, '\0')).error().code, ErrorCode::kParse);
}

TEST(GpuMetrics, GiveNoReadingBeyondTheEndOfAShorterTable) {
  const auto metrics = ParseMetrics(Table(1, 4).Add(2, 50).Done());  // 8 bytes
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->hotspot_celsius, 50.0);
  EXPECT_EQ(metrics->energy_mj.error().code, ErrorCode::kUnsupported);
}

TEST(GpuMetrics, StandAnyBytes) {
  std::mt19937 random(7);  // NOLINT: the same bytes each time
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 400, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (bytes.size() > 4 && i % 2 == 0) {
      bytes[0] = static_cast<char>(bytes.size());
      bytes[1] = static_cast<char>(bytes.size() >> 8);
      bytes[2] = static_cast<char>(1 + random() % 3);
      bytes[3] = static_cast<char>(random() % 9);
    }
    (void)ParseMetrics(bytes);  // only that it comes back
  }
}

}  // namespace
}  // namespace gpud::amdgpu
