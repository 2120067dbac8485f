// SPDX-License-Identifier: Apache-2.0
#include "cli/reports.h"

#include <gtest/gtest.h>

#include "cli/event_view.h"
#include "cli/metric_view.h"
#include "cli/output.h"

namespace gpud::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const WallTime kNow{std::chrono::seconds(1'772'352'000)};  // 2026-03-01T08:00:00Z

ComponentStatus Component(const std::string& name, Health health, const std::string& reason,
                          WallTime since = kNow) {
  ComponentStatus component{.name = name, .since = since};
  component.states = {{.time = kNow, .name = name, .health = health, .reason = reason}};
  return component;
}

HealthPicture Picture() {
  HealthPicture picture{.now = kNow};
  picture.components = {
      Component("cpu", Health::kHealthy, "usage 3 %"),
      Component("disk", Health::kUnhealthy, "/data is full", kNow - hours(3)),
      Component("memory", Health::kDegraded, "swap is in use"),
      Component("os", Health::kUnknown, "cannot be read"),
      {.name = "xid", .supported = false, .unsupported_reason = "no NVIDIA device"},
  };
  picture.components[1].states[0].suggested_actions = {.description = "free space below /data",
                                                       .repair_actions = {RepairAction::kReboot}};
  picture.components[3].states[0].error = "/proc/stat: timed out";
  picture.components[3].states[0].age_seconds = 300;
  picture.events = {{.component = "memory",
                     .time = kNow - minutes(5),
                     .name = "OOM",
                     .message = "Killed process 7"}};
  picture.findings = {{.what = "lane mounts: statvfs is stuck", .since = kNow - minutes(2)}};
  return picture;
}

TEST(StatusText, TellsOnceWhatSeveralComponentsTell) {
  HealthPicture picture{.now = kNow};
  picture.components = {Component("ecc", Health::kUnhealthy, "GPU 4 is lost"),
                        Component("power", Health::kUnhealthy, "GPU 4 is lost"),
                        Component("disk", Health::kUnhealthy, "/data is full")};
  const std::string text = StatusText(picture, false, {});
  EXPECT_NE(text.find("the same is told by power"), std::string::npos) << text;
  EXPECT_NE(text.find("/data is full"), std::string::npos) << text;
  EXPECT_EQ(text.find("    GPU 4 is lost"), text.rfind("    GPU 4 is lost")) << text;
}

TEST(Reports, ScanSaysWhatIsWrongFirstThenEachAreaThenWhatCouldNotBeChecked) {
  const MachineInfo machine{.kernel_version = "6.1.0", .os_image = "Debian 12", .hostname = "n1"};
  EXPECT_EQ(ScanText(machine, Picture(), false, std::chrono::milliseconds(80), {}),
            "n1: Debian 12, Linux 6.1.0\n"
            "\n"
            "✘ disk: Unhealthy for 3 h\n"
            "    /data is full\n"
            "    what to do: reboot this machine (free space below /data)\n"
            "! memory: Degraded, first sign 5 min ago\n"
            "    swap is in use\n"
            "\n"
            "Areas\n"
            "✔  cpu     Healthy    usage 3 %\n"
            "✘  disk    Unhealthy  /data is full\n"
            "!  memory  Degraded   swap is in use\n"
            "?  os      Unknown    cannot be read\n"
            "\n"
            "Not checked\n"
            "? os\n"
            "    cannot be read: /proc/stat: timed out\n"
            "    last good reading 5 min ago\n"
            "! gpud\n"
            "    lane mounts: statvfs is stuck (for 2 min)\n"
            "\n"
            "Kernel log\n"
            "TIME                  AGE    TYPE     COMPONENT  NAME  MESSAGE\n"
            "2026-03-01T07:55:00Z  5 min  Warning  memory     OOM   Killed process 7\n"
            "\n"
            "✔ scan complete: 1 healthy, 1 unhealthy, 1 degraded, 1 could not be read, "
            "1 does not apply here (80 ms)\n"
            "  gpud scan --verbose says what does not apply here, and why\n");
}

TEST(Reports, VerboseScanGivesTheReasonForWhatDoesNotApply) {
  const std::string text = ScanText({}, Picture(), true, {}, {});
  EXPECT_NE(text.find("-  xid  not supported  no NVIDIA device\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("--verbose"), std::string::npos);
}

TEST(Reports, ScanOfAWellMachineIsShort) {
  HealthPicture picture{.components = {Component("cpu", Health::kHealthy, "ok")}, .now = kNow};
  EXPECT_EQ(ScanText({.hostname = "n1"}, picture, false, std::chrono::milliseconds(70), {}),
            "n1\n\nNothing is wrong with what could be checked.\n"
            "\nAreas\n✔  cpu  Healthy  ok\n"
            "\n✔ scan complete: 1 healthy (70 ms)\n");
}

TEST(Reports, ScanJsonHasForEachComponentHealthReasonErrorAgeAndSupport) {
  const Json json = ScanJson({.hostname = "n1"}, Picture());
  const Json::Array& components = *json.Find("components")->AsArray();
  EXPECT_EQ(JsonText(components.at(0)),
            R"({"name":"cpu","health":"Healthy","reason":"usage 3 %","error":"",)"
            R"("since":"2026-03-01T08:00:00Z","age_seconds":0,"supported":true,)"
            R"("unsupported_reason":""})");
  EXPECT_EQ(JsonText(components.at(3)),
            R"({"name":"os","health":"Unknown","reason":"cannot be read",)"
            R"("error":"/proc/stat: timed out","since":"2026-03-01T08:00:00Z","age_seconds":300,)"
            R"("supported":true,"unsupported_reason":""})");
  EXPECT_EQ(JsonText(components.at(4)),
            R"({"name":"xid","health":null,"reason":"","error":"","since":null,)"
            R"("age_seconds":null,"supported":false,"unsupported_reason":"no NVIDIA device"})");
  EXPECT_EQ(JsonText(*json.Find("summary")),
            R"({"health":"Unhealthy","healthy":1,"degraded":1,"unhealthy":1,"unknown":1,)"
            R"("initializing":0,"unsupported":1})");
  EXPECT_EQ(*json.Find("machine")->Find("hostname")->AsString(), "n1");
  EXPECT_EQ(*json.Find("events")->AsArray()->at(0).Find("origin")->AsString(), "gpud");
  EXPECT_EQ(json.Find("findings")->AsArray()->size(), 1u);
}

TEST(Reports, ExitCodesAreOfTheWorstAndNothingToJudgeIsNoHealth) {
  EXPECT_EQ(ExitCodeOf(Health::kHealthy), 0);
  EXPECT_EQ(ExitCodeOf(Health::kUnhealthy), 1);
  EXPECT_EQ(ExitCodeOf(Health::kDegraded), 2);
  EXPECT_EQ(ExitCodeOf(Health::kUnknown), 4);
  EXPECT_EQ(ExitCodeOf(Health::kInitializing), 4);
  EXPECT_EQ(Summarise({}).health, Health::kUnknown);
  EXPECT_EQ(Summarise({{.name = "x", .supported = false}}).health, Health::kUnknown);
  EXPECT_EQ(Summarise({{.name = "x"}}).health, Health::kInitializing);
  EXPECT_EQ(Summarise(Picture().components).health, Health::kUnhealthy);
}

TEST(Reports, StatusNamesTheStuckSource) {
  const std::string text = StatusText(Picture(), false, {});
  EXPECT_TRUE(text.starts_with("Unhealthy: 1 healthy, 1 unhealthy")) << text;
  EXPECT_NE(text.find("lane mounts: statvfs is stuck (for 2 min)"), std::string::npos) << text;
}

TEST(Reports, LinesFitTheTerminal) {
  HealthPicture picture = Picture();
  picture.components[1].states[0].reason = std::string(40, 'x') + ' ' + std::string(90, 'y');
  const std::string text =
      ScanText({.hostname = "n1"}, picture, true, {}, {.interactive = true, .width = 60});
  std::string_view rest = text, line;
  while (NextLine(rest, line)) {
    if (line.find("scan complete") == std::string_view::npos) {
      EXPECT_LE(ColumnsOf(line), 60u) << line;
    }
  }
}

TEST(Reports, ScanCountsWhatProgramsWroteIntoTheKernelLogButDoesNotShowIt) {
  HealthPicture picture = Picture();
  picture.events.push_back({.component = "xid",
                            .time = kNow,
                            .message = "Xid 79 [written by a program, not the kernel]",
                            .origin = Origin::kUserSpace});
  const std::string text = ScanText({}, picture, false, {}, {});
  EXPECT_NE(text.find("Killed process 7"), std::string::npos);
  EXPECT_NE(text.find("\n1 line that a program wrote into the log did not count\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("Xid 79"), std::string::npos);
}

TEST(Reports, EventsCannotSteerTheTerminal) {
  std::vector<EventView> events(1);
  events[0].message = "Xid \x1b[31m48";
  EXPECT_NE(EventText(events, kNow, {}).find("Xid \\x1b[31m48"), std::string::npos);
}

TEST(Reports, MetricsAreALineForEachSeries) {
  const auto components = FromJsonText<std::vector<store::ComponentMetrics>>(
      R"([{"component":"cpu","metrics":[
           {"unix_seconds":1,"name":"cpu_used_percent","value":7.25},
           {"unix_seconds":1,"name":"cpu_load_average","labels":{"load_duration":"1m0s"},"value":1},
           {"unix_seconds":2,"name":"cpu_used_percent","value":3}]}])");
  ASSERT_TRUE(components);
  EXPECT_EQ(MetricText(*components, {}),
            "COMPONENT  METRIC            LABELS              LAST  MIN  MAX   SAMPLES\n"
            "cpu        cpu_used_percent                      3     3    7.25  2\n"
            "cpu        cpu_load_average  load_duration=1m0s  1     1    1     1\n");
}

TEST(Reports, HealthAnswersTheOneQuestion) {
  const server::HealthAnswer answer{.health = Health::kUnhealthy,
                                    .ok = false,
                                    .name = "disk",
                                    .since = kNow - hours(3),
                                    .reason = "/data is full",
                                    .next_step = {"Start no new work here.", "Free space."},
                                    .evidence_age_seconds = 12};
  EXPECT_EQ(HealthText(answer, kNow, {}),
            "disk: Unhealthy for 3 h\n"
            "  may take work         no\n"
            "  why                   /data is full\n"
            "  if it runs your work  Start no new work here.\n"
            "  if you run it         Free space.\n"
            "  evidence is           12 s old\n");
}

}  // namespace
}  // namespace gpud::cli
