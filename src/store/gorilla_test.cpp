// SPDX-License-Identifier: Apache-2.0
#include "store/gorilla.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace gpud::store {
namespace {

std::string Encode(const std::vector<Point>& points) {
  ChunkEncoder encoder;
  for (const Point& point : points) encoder.Add(point);
  return std::string(encoder.bytes());
}

void ExpectRoundTrip(const std::vector<Point>& points) {
  const Result<std::vector<Point>> decoded = DecodeChunk(Encode(points), points.size());
  ASSERT_TRUE(decoded) << decoded.error().what;
  ASSERT_EQ(decoded->size(), points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    ASSERT_EQ((*decoded)[i].time_ms, points[i].time_ms) << i;
    ASSERT_EQ(std::bit_cast<std::uint64_t>((*decoded)[i].value),
              std::bit_cast<std::uint64_t>(points[i].value))
        << i;
  }
}

std::vector<Point> RandomPoints(std::mt19937_64& random) {
  const double special[] = {0.0,
                            -0.0,
                            1.0,
                            1e308,
                            -1e308,
                            std::numeric_limits<double>::denorm_min(),
                            std::numeric_limits<double>::infinity(),
                            std::nan("")};
  std::vector<Point> points(random() % 200);
  Point point{1'772'352'000'000, 0};
  for (Point& out : points) {
    switch (random() % 8) {
      case 0:
        point.time_ms = static_cast<std::int64_t>(random());
        break;
      case 1:
        point.time_ms = std::bit_cast<std::int64_t>(std::bit_cast<std::uint64_t>(point.time_ms) -
                                                    random() % 5'000'000);
        break;
      case 2:
        break;
      default:
        point.time_ms = std::bit_cast<std::int64_t>(std::bit_cast<std::uint64_t>(point.time_ms) +
                                                    60'000 + random() % 20);
    }
    switch (random() % 4) {
      case 0:
        point.value = special[random() % std::size(special)];
        break;
      case 1:
        point.value = std::bit_cast<double>(random());
        break;
      case 2:
        point.value += static_cast<double>(random() % 1000);
        break;
      default:
        break;
    }
    out = point;
  }
  return points;
}

TEST(Gorilla, AnySeriesComesBackBitForBit) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) ExpectRoundTrip(RandomPoints(random));
}

TEST(Gorilla, TheEndsOfAllNumbersComeBack) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  ExpectRoundTrip({});
  ExpectRoundTrip({{kMin, -0.0}, {kMax, 0.0}, {kMin, 1}, {0, -1}, {0, -1}, {-1, 1e308}});
}

TEST(Gorilla, ARegularSeriesOfOneValueTakesTwoBitsASample) {
  std::vector<Point> points;
  for (int i = 0; i < 1000; ++i) points.push_back({i * 60'000, 42});
  // The second sample names the step: 24 bits more.
  EXPECT_LE(Encode(points).size(), (128 + 24 + 2 * 1000) / 8);
}

TEST(Gorilla, AChunkThatEndsEarlyIsAnErrorAndNothingIsReadBehindItsEnd) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 40; ++round) {
    const std::vector<Point> points = RandomPoints(random);
    const std::string bytes = Encode(points);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      // A copy of just this size, so that the address sanitizer sees a step beyond it.
      const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(DecodeChunk({cut.data(), cut.size()}, points.size()));
    }
  }
}

TEST(Gorilla, GarbageGivesAnErrorOrSomePointsButNoHarm) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<char> bytes(random() % 64);
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::size_t count = round % 2 ? random() % 100 : random();
    const auto points = DecodeChunk({bytes.data(), bytes.size()}, count);
    if (points) {
      EXPECT_EQ(points->size(), count);
    }
  }
}

}  // namespace
}  // namespace gpud::store
