// SPDX-License-Identifier: Apache-2.0
#include "cli/decode_view.h"

#include <gtest/gtest.h>

#include "cli/decode_json.h"
#include "platform/time_text.h"

namespace gpud::cli {
namespace {

constexpr ComponentType kXid{.name = "xid"};

decode::Incident Fault(std::uint64_t id, std::string code, EventType severity,
                       std::uint64_t root = 0) {
  decode::Incident incident{.id = id, .component = &kXid};
  incident.finding = {.family = "xid",
                      .event = "error_xid",
                      .code = std::move(code),
                      .severity = severity,
                      .action = Advice::kResetGpu,
                      .device = "0000:9b:00.0",
                      .message = "what it says"};
  incident.first = {.time = *ParseRfc3339("2026-11-24T21:47:39Z"), .line = id};
  incident.last = incident.first.time;
  incident.root = root;
  if (root != 0) {
    incident.root_code = "xid/48";
    incident.root_stamp = {.sequence = 4108, .line = root};
  }
  return incident;
}

TEST(DecodeView, ShowsTheWorstFirstAndEchoesBelowTheirRoot) {
  DecodeView view;
  view.Add(Fault(1, "31", EventType::kWarning));
  view.Add(Fault(2, "48", EventType::kFatal));
  view.Add(Fault(3, "45", EventType::kInfo, 2));
  const std::string text = view.Text({});
  EXPECT_TRUE(text.starts_with("2 faults, the worst first:\n")) << text;
  const auto at = [&text](std::string_view part) { return text.find(part); };
  EXPECT_LT(at("fatal"), at("xid 48 on 0000:9b:00.0"));
  EXPECT_LT(at("xid 48"), at("drain the GPU and reset it"));
  EXPECT_LT(at("drain the GPU"), at("with it"));
  EXPECT_LT(at("with it"), at("xid 45"));
  EXPECT_LT(at("xid 45"), at("xid 31"));
}

TEST(DecodeView, AnEchoThatIsOverBeforeItsRootStandsBelowItToo) {
  DecodeView view;
  view.Add(Fault(1, "45", EventType::kInfo, 2));
  view.Add(Fault(2, "48", EventType::kFatal));
  EXPECT_TRUE(view.Text({}).starts_with("1 fault:\n")) << view.Text({});
}

TEST(DecodeView, TheSameFaultIsOneEntryHoweverOftenItComesBack) {
  DecodeView view;
  for (std::uint64_t id = 1; id <= 1000; ++id) view.Add(Fault(id, "31", EventType::kWarning));
  const std::string text = view.Text({});
  EXPECT_TRUE(text.starts_with("1 fault:\n"));
  EXPECT_NE(text.find("xid 31 on 0000:9b:00.0, 1000 times"), std::string::npos);
}

TEST(DecodeView, AFaultIsAsBadAsWhatFollowsFromIt) {
  DecodeView view;
  view.Add(Fault(1, "31", EventType::kCritical));
  view.Add(Fault(2, "48", EventType::kWarning));
  view.Add(Fault(3, "79", EventType::kFatal, 2));
  const std::string text = view.Text({});
  EXPECT_LT(text.find("fatal"), text.find("xid 48"));
  EXPECT_LT(text.find("xid 48"), text.find("xid 31"));
}

TEST(DecodeView, AFaultThatGotWorseIsAsBadAsItWasWorst) {
  DecodeView view;
  view.Add(Fault(1, "154", EventType::kInfo));
  view.Add(Fault(2, "154", EventType::kFatal));
  EXPECT_NE(view.Text({}).find("fatal"), std::string::npos);
}

TEST(DecodeView, OfNothingIsEmpty) { EXPECT_EQ(DecodeView().Text({}), ""); }

TEST(DecodeView, MemoryIsBoundedAndWhatIsBadIsKept) {
  DecodeView view;
  for (std::uint64_t id = 1; id <= 20'000; ++id) {
    view.Add(Fault(id, std::to_string(id), EventType::kWarning));
  }
  view.Add(Fault(30'000, "gone", EventType::kFatal));
  const std::string text = view.Text({});
  EXPECT_LT(text.find("xid gone"), 100u);
  EXPECT_NE(text.find("and 19000 more incidents; --output json shows all"), std::string::npos);
}

TEST(TotalsText, NamesOnlyWhatThereWas) {
  decode::InputTotals totals{.lines = 3, .kernel = 1, .programs = 2};
  totals.first_wall = *ParseRfc3339("2026-11-24T21:47:39Z");
  totals.last_wall = *ParseRfc3339("2026-11-24T21:48:00Z");
  EXPECT_EQ(TotalsText(totals),
            "3 lines: 1 message of the kernel, 2 of programs (never reported); "
            "2026-11-24T21:47:39Z to 2026-11-24T21:48:00Z");
}

TEST(IncidentJson, HasARootOrIsOne) {
  EXPECT_EQ(IncidentJson(Fault(7, "48", EventType::kFatal), ""),
            R"({"time":"2026-11-24T21:47:39Z","line":7,"component":"xid","family":"xid",)"
            R"("name":"error_xid","severity":"fatal","code":"48","device":"0000:9b:00.0",)"
            R"("message":"what it says","actions":["RESET_GPU"],"count":1,)"
            R"("last":"2026-11-24T21:47:39Z","root":true,"evidence":[]})"
            "\n");
  EXPECT_NE(IncidentJson(Fault(8, "45", EventType::kInfo, 7), "a.log").find("\"root\":4108"),
            std::string::npos);
}

TEST(IncidentJson, WithoutAWallTimeTellsTheTimeSinceBoot) {
  decode::Incident incident = Fault(7, "48", EventType::kFatal);
  incident.first.time = WallTime(std::chrono::milliseconds(1500));
  incident.finding.device.clear();
  const std::string json = IncidentJson(incident, "");
  EXPECT_TRUE(json.starts_with(R"({"time":null,"since_boot_seconds":1.5,)")) << json;
  EXPECT_NE(json.find(R"("device":null)"), std::string::npos);
}

}  // namespace
}  // namespace gpud::cli
