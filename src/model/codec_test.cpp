// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/binary_codec.h"
#include "model/health.h"
#include "model/inputs.h"
#include "model/json_codec.h"

namespace gpud {
namespace {

struct Inner {
  std::string name;
  Result<double> reading = Fail(ErrorCode::kNotFound, "not read");
  bool operator==(const Inner&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"name", &Inner::name}, Field{"reading", &Inner::reading}};
  }
};
struct Outer {
  std::uint64_t bytes = 0;
  std::optional<int> level;
  std::vector<Inner> inner;
  std::map<std::string, std::string> labels;
  Health health = Health::kHealthy;
  bool operator==(const Outer&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"bytes", &Outer::bytes}, Field{"level", &Outer::level},
                      Field{"inner", &Outer::inner}, Field{"labels", &Outer::labels},
                      Field{"health", &Outer::health}};
  }
};

Outer Sample() {
  Outer outer{.bytes = 7, .level = -1, .labels = {{"a", "b"}}, .health = Health::kUnknown};
  outer.inner.push_back({.name = "good", .reading = 1.5});
  outer.inner.push_back({.name = "bad", .reading = Fail(ErrorCode::kTimeout, "late", 110)});
  return outer;
}

TEST(BinaryCodec, GivesBackWhatWasPut) {
  BinaryWriter writer;
  writer.Put(Sample());
  const std::string bytes = writer.Take();
  BinaryReader reader(bytes);
  Outer back;
  reader.Get(back);
  EXPECT_TRUE(reader.ok() && reader.AtEnd());
  EXPECT_EQ(back, Sample());
}

TEST(BinaryCodec, RefusesEveryTruncationAndLyingLengths) {
  BinaryWriter writer;
  writer.Put(Sample());
  const std::string bytes = writer.Take();
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    BinaryReader reader(std::string_view(bytes).substr(0, n));
    Outer back;
    reader.Get(back);
    EXPECT_FALSE(reader.ok()) << n;
  }
  BinaryReader reader(std::string_view("\xFF\xFF\xFF\xFF", 4));
  std::vector<std::string> list;
  reader.Get(list);
  EXPECT_FALSE(reader.ok());
  EXPECT_TRUE(list.empty());
}

TEST(JsonCodec, OmitsWhatIsEmptyAndKeepsTheDeclaredOrder) {
  HealthState state{.time = WallTime(std::chrono::seconds(1'772'352'000)),
                    .component = "disk",
                    .name = "disk",
                    .health = Health::kDegraded,
                    .reason = "low"};
  state.suggested_actions = SuggestedActions{"free space", {RepairAction::kCheckUserApp}};
  EXPECT_EQ(ToJson(state),
            R"({"time":"2026-03-01T08:00:00Z","component":"disk","name":"disk",)"
            R"("health":"Degraded","reason":"low","suggested_actions":{"description":"free space",)"
            R"("repair_actions":["CHECK_USER_APP_AND_GPU"]}})");
  EXPECT_EQ(FromJsonText<HealthState>(ToJson(state)), state);
}

TEST(JsonCodec, NamesThePathOfAWrongType) {
  const auto bad = FromJsonText<std::vector<HealthState>>(R"([{"name":"a"},{"name":5}])");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().what, "[1]: name: must be a string");
}

TEST(Inputs, KeepTheGoodSnapshotBeforeTheLatestForRates) {
  Inputs in;
  EXPECT_EQ(in.Latest<Outer>().error().what, "not read yet");
  in.SetNow(BootTime(std::chrono::seconds(10)), {});
  in.Put<Outer>(Outer{.bytes = 1});
  EXPECT_EQ(in.Previous<Outer>(), nullptr);
  in.SetNow(BootTime(std::chrono::seconds(15)), {});
  in.Put<Outer>(Outer{.bytes = 2});
  EXPECT_EQ(in.Previous<Outer>()->bytes, 1u);
  EXPECT_EQ(in.Elapsed<Outer>(), std::chrono::seconds(5));
  in.Put<Outer>(Fail(ErrorCode::kTimeout, "late"));
  EXPECT_EQ(in.Elapsed<Outer>(), std::chrono::seconds(0));
  EXPECT_EQ(in.LastGood(&kSnapshot<Outer>), BootTime(std::chrono::seconds(15)));
}

}  // namespace
}  // namespace gpud
