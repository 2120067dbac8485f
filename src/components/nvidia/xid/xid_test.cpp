// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/nvidia/xid/xid_line.h"
#include "platform/text.h"
#include "sources/procfs/modules.h"
#include "sources/sysfs/pci.h"
#include "testing/component_kit.h"

namespace gpud::nvidia_xid {
extern const ComponentType kType;
namespace {

std::string Parsed(std::string_view line) {
  const auto xid = ParseXidLine(line);
  return xid ? std::to_string(xid->code) + " " + xid->device : "ignored";
}

TEST(XidLine, IsFoundInTheFormsOfAllDrivers) {
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00): 79, pid='<unknown>', name=<unknown>, GPU has "
                   "fallen off the bus."),
            "79 PCI:0000:05:00");
  EXPECT_EQ(Parsed("NVRM: Xid (0000:03:00): 14, Channel 00000001"), "14 0000:03:00");
  // The original drops 133, as its table has none. A code that nobody knows is still a report.
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:03:00): 133, foo"), "133 PCI:0000:03:00");
  EXPECT_EQ(Parsed("NVRM: GPU 0000:cb:00.0: GPU has fallen off the bus."), "79 PCI:0000:cb:00");
  EXPECT_EQ(Parsed("NVRM: GPU cb:00.0: GPU has fallen off the bus."), "79 PCI:0000:cb:00");
  EXPECT_EQ(Parsed("NVRM: GPU at PCI:0000:cb:00: GPU-uuid"), "ignored");
  EXPECT_EQ(Parsed("NVRM: The NVIDIA GPU 0000:5d:00.0\nNVRM: (PCI ID: 10de:2330) installed in this "
                   "system has\nNVRM: fallen off the bus and is not responding to commands."),
            "79 PCI:0000:5d:00");
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00): 94, pid=7194, name=python, Ch 00000010"),
            "94 PCI:0000:05:00");
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00 GPU-I:02): 45, pid=1, name=x, Ch 1"),
            "45 PCI:0000:05:00");
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0018:01:00): 149, NETIR_LINK_EVT Fatal XC0 i0 Link 08 (0x0)"),
            "149 PCI:0018:01:00");
  for (const char* line : {"NVRM: Xid (PCI:0000:05:00", "NVRM: Xid (): 79, x", "Xid 79", "",
                           "NVRM: Xid (PCI:zz): 79, x", "NVRM: Xid (PCI:0000:05:00): x, 79",
                           "NVRM: Xid (PCI:0000:05:00): 99999999999, x", "fallen off the bus"}) {
    EXPECT_EQ(Parsed(line), "ignored") << line;
  }
}

TEST(XidLine, MakesOneEventOfOneFault) {
  const auto events =
      Match(kType, {"NVRM: Xid (PCI:0000:05:00): 79, pid='<unknown>', GPU has fallen off the bus.",
                    "NVRM: GPU 0000:05:00.0: GPU has fallen off the bus.",
                    "NVRM: The NVIDIA GPU 0000:5d:00.0",
                    "NVRM: (PCI ID: 10de:2330) installed in this system has",
                    "NVRM: fallen off the bus and is not responding to commands."});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].name, "error_xid");
  EXPECT_EQ(events[0].type, EventType::kFatal);
  EXPECT_EQ(events[0].extra_info,
            (std::map<std::string, std::string>{{"xid", "79"}, {"device", "PCI:0000:05:00"}}));
  EXPECT_EQ(events[0].message,
            "Xid 79 on PCI:0000:05:00: pid='<unknown>', GPU has fallen off the bus.");
  EXPECT_EQ(events[1].extra_info.at("device"), "PCI:0000:5d:00");
}

TEST(XidLine, LinesWithACodeAreAllEventsHoweverAlike) {
  EXPECT_EQ(Match(kType, {"NVRM: Xid (PCI:0000:05:00): 31, pid=7, name=a, Ch 1",
                          "NVRM: Xid (PCI:0000:05:00): 31, pid=8, name=a, Ch 1"})
                .size(),
            2u);
}

/// Numbers are codes of one device, R a reboot, "/" in front of a number another device.
HealthState After(std::string_view sequence) {
  Inputs in;
  WallTime time{std::chrono::seconds(1'772'352'000)};
  std::vector<Event> events;
  std::vector<WallTime> reboots;
  for (std::string_view word : SplitBlanks(sequence)) {
    time += std::chrono::minutes(10);
    if (word == "R") {
      reboots.insert(reboots.begin(), time);
      continue;
    }
    const bool other = word.front() == '/';
    if (other) word.remove_prefix(1);
    auto matched = Match(kType, {"NVRM: Xid (PCI:0000:" + std::string(other ? "06" : "05") +
                                 ":00): " + std::string(word) + ", x"});
    matched.at(0).time = time;
    events.insert(events.begin(), matched[0]);
  }
  in.SetNow(BootTime(std::chrono::hours(1000)), time);
  in.SetHistory(events, reboots, {});
  return kType.check(in).states.at(0);
}

std::string Summary(const HealthState& state) {
  std::string text(Word(*state.health));
  if (state.suggested_actions)
    text += " " + std::string(Word(state.suggested_actions->repair_actions.at(0)));
  return text;
}

TEST(Xid, StateFollowsTheSequencesOfTheSpecification) {
  const std::pair<const char*, const char*> rows[] = {
      {"79", "Unhealthy REBOOT_SYSTEM"},
      {"79 R", "Healthy"},
      {"79 R 79", "Unhealthy REBOOT_SYSTEM"},
      {"79 79 R 79", "Unhealthy REBOOT_SYSTEM"},
      {"79 R 79 R 79", "Unhealthy HARDWARE_INSPECTION"},
      {"79 R R 79", "Unhealthy HARDWARE_INSPECTION"},
      {"79 R 79 R 79 R", "Unhealthy HARDWARE_INSPECTION"},
      {"94 R 94 R 94 R 94", "Degraded REBOOT_SYSTEM"},  // the catalogue: critical, never escalates
      {"54", "Degraded HARDWARE_INSPECTION"},
      {"54 R", "Degraded HARDWARE_INSPECTION"},
      {"54 79", "Unhealthy HARDWARE_INSPECTION"},   // the stronger action wins
      {"54 79 R", "Degraded HARDWARE_INSPECTION"},  // and a reboot does not clear it
      {"79 13", "Unhealthy REBOOT_SYSTEM"},
      {"13 79", "Unhealthy REBOOT_SYSTEM"},
      {"79 R 48", "Unhealthy REBOOT_SYSTEM"},
      {"79 48 R 48 R 48", "Unhealthy HARDWARE_INSPECTION"},
      {"79 R /79 R /79", "Unhealthy REBOOT_SYSTEM"},  // counted for each device
      {"13", "Healthy"},  // a suggestion only with a health that is not good
      {"13 R", "Healthy"},
      {"45", "Healthy"},
      {"1", "Healthy"},
      {"137 1", "Healthy"},
      {"63", "Healthy"},
      {"", "Healthy"}};
  for (const auto& [sequence, expected] : rows) {
    EXPECT_EQ(Summary(After(sequence)), expected) << sequence;
  }
}

TEST(Xid, NamesEveryOpenFaultAndItsDevice) {
  const HealthState state = After("79 /48 94");
  EXPECT_EQ(state.name, "error_xid");
  EXPECT_EQ(state.reason,
            "Xid 79 on PCI:0000:05:00, Xid 48 on PCI:0000:06:00, Xid 94 on PCI:0000:05:00");
}

TEST(Xid, AFaultThatWasOnlyInjectedSaysSoUntilTheKernelReportsItToo) {
  const auto reason = [](std::initializer_list<Origin> newest_first) {
    Inputs in;
    in.SetNow(BootTime(std::chrono::hours(2)), WallTime(std::chrono::hours(1000)));
    std::vector<Event> events;
    for (const Origin origin : newest_first) {
      events.push_back({.time = in.Now(),
                        .name = "error_xid",
                        .type = EventType::kFatal,
                        .extra_info = {{"xid", "79"}, {"device", "PCI:0000:05:00"}},
                        .origin = origin});
    }
    in.SetHistory(std::move(events), {}, {});
    return kType.check(in).states.at(0).reason;
  };
  EXPECT_EQ(reason({Origin::kInjected}), "Xid 79 on PCI:0000:05:00 [injected]");
  EXPECT_EQ(reason({Origin::kInjected, Origin::kKernel}), "Xid 79 on PCI:0000:05:00");
  EXPECT_EQ(reason({Origin::kKernel, Origin::kInjected}), "Xid 79 on PCI:0000:05:00");
}

TEST(Xid, CountsReportsSinceBoot) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(2)), WallTime(std::chrono::hours(1000)));
  const auto event = [&](int hours_ago) {
    return Event{.time = in.Now() - std::chrono::hours(hours_ago),
                 .name = "error_xid",
                 .extra_info = {{"xid", "13"}, {"device", "PCI:0000:05:00"}}};
  };
  in.SetHistory({event(0), event(1), event(3)}, {}, {});
  EXPECT_EQ(SampleOf(kType.check(in), "accelerator_nvidia_xid_errors_total",
                     {{"uuid", "PCI:0000:05:00"}, {"xid", "13"}}),
            2);
}

TEST(Xid, IsSupportedByHardwareModuleOrHistory) {
  Inputs in;
  EXPECT_FALSE(kType.supported(in).supported);
  EXPECT_NE(kType.supported(in).reason, "");
  in.SetHistory({{.name = "error_xid", .extra_info = {{"xid", "79"}, {"device", "x"}}}}, {}, {});
  EXPECT_TRUE(kType.supported(in).supported);
  Inputs hardware;
  hardware.Put<sysfs::PciDevices>(
      sysfs::PciDevices{{{"0000:19:00.0", sysfs::kNvidiaVendor, 0x030200}}});
  EXPECT_TRUE(kType.supported(hardware).supported);
  Inputs module;
  module.Put<procfs::Modules>(procfs::Modules{{"nvidia"}});
  EXPECT_TRUE(kType.supported(module).supported);
}

}  // namespace
}  // namespace gpud::nvidia_xid
