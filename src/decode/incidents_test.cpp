// SPDX-License-Identifier: Apache-2.0
#include "decode/incidents.h"

#include <gtest/gtest.h>

#include "decode/incident_events.h"
#include "decode/roots.h"
#include "platform/text.h"

namespace gpud::decode {
namespace {

constexpr ComponentType kXid{.name = "xid"};
constexpr ComponentType kPci{.name = "pci"};
constexpr ComponentType kNfs{.name = "nfs"};
constexpr WallTime kStart{std::chrono::seconds(1'772'352'000)};

const ComponentType& ComponentOf(std::string_view family) {
  return family == "xid" ? kXid : family == "pci" ? kPci : kNfs;
}

class IncidentsTest : public testing::Test {
 protected:
  /// "48 gpu0", "aer_fatal gpu0 pci": code, device, family; `at` seconds after the start.
  void Line(int at, std::string_view what, Origin origin = Origin::kKernel) {
    const auto words = SplitBlanks(what);
    LineFinding finding{.family = words.size() > 2 ? words[2] : "xid",
                        .code = std::string(words[0]),
                        .severity = EventType::kFatal,
                        .device = std::string(words.size() > 1 ? words[1] : ""),
                        .message = std::string(what)};
    if (words[0] == "45") finding.action = Advice::kFollowRelatedEvent;
    if (words[0] == "server_ok") finding.clears = true;
    taken_ = incidents_.Take(
        {&ComponentOf(finding.family), finding},
        {.time = kStart + std::chrono::seconds(at), .origin = origin, .sequence = ++sequence_},
        closed_);
  }
  /// "code x count < root" of all incidents in the order of opening.
  std::string All() {
    incidents_.CloseAll(closed_);
    std::string text;
    for (const Incident& incident : closed_) {
      if (!text.empty()) text += ", ";
      text += incident.finding.code;
      if (incident.count > 1) text += " x" + std::to_string(incident.count);
      if (incident.root != 0) text += " < " + incident.root_code;
    }
    return text;
  }

  Incidents incidents_{{.most_open = 100, .first_evidence = 3, .last_evidence = 2}};
  Incidents::Taken taken_;
  std::vector<Incident> closed_;
  std::uint64_t sequence_ = 0;
};

TEST_F(IncidentsTest, AreCountedWithinTheWindowPerCodeAndDevice) {
  Line(0, "79 gpu0");
  EXPECT_TRUE(taken_.fresh);
  Line(1, "79 gpu0");
  EXPECT_FALSE(taken_.fresh);
  Line(1, "79 gpu1");
  Line(3599, "79 gpu0");
  EXPECT_EQ(taken_.incident->count, 3u);
  EXPECT_EQ(taken_.incident->last, kStart + std::chrono::seconds(3599));
  Line(3600, "79 gpu0");
  EXPECT_TRUE(taken_.fresh) << "the window begins at the first and is not drawn out";
  EXPECT_EQ(All(), "79 x3, 79, 79");
}

TEST_F(IncidentsTest, KeepLinesOfProgramsAndInjectionsApart) {
  Line(0, "79 gpu0", Origin::kUserSpace);
  Line(0, "79 gpu0");
  EXPECT_TRUE(taken_.fresh) << "a forged line must not hide one of the kernel's";
  Line(1, "45 gpu0", Origin::kUserSpace);
  EXPECT_EQ(taken_.incident->root_stamp.origin, Origin::kUserSpace);
  Line(2, "79 gpu0", Origin::kInjected);
  Line(3, "79 gpu0", Origin::kInjected);
  EXPECT_TRUE(taken_.fresh) << "an injection is an act of its own";
}

TEST_F(IncidentsTest, EchoesAreUnderTheirRoot) {
  Line(0, "48 gpu0");
  Line(0, "171 gpu0");
  Line(0, "63 gpu0");
  Line(0, "94 gpu0");
  Line(1, "45 gpu0");
  Line(1, "45 gpu0");
  Line(2, "154 gpu0");
  Line(2, "45 gpu1");
  EXPECT_EQ(All(), "48, 171 < xid/48, 63 < xid/48, 94 < xid/48, 45 x2 < xid/48, 154 < xid/48, 45");
  ASSERT_EQ(closed_[0].evidence.size(), 3u);
  EXPECT_EQ(closed_[0].last_evidence.size(), 2u);
  EXPECT_EQ(closed_[0].evidence_left_out, 1u);
  EXPECT_EQ(closed_[0].last_evidence.back().finding.code, "154");
  EXPECT_EQ(closed_[1].root_stamp.sequence, 1u);
}

TEST_F(IncidentsTest, ALateRootTakesOverWhatStoodUnderItsEcho) {
  Line(0, "94 gpu0");
  Line(1, "45 gpu0");
  Line(5, "95 gpu0");
  Line(6, "45 gpu0");
  EXPECT_EQ(All(), "94 < xid/95, 45 x2 < xid/95, 95");
}

TEST_F(IncidentsTest, ThePathIsTheRootOfALostGpuAndEarlyCorrectedErrorsItsEvidence) {
  Line(0, "aer_correctable gpu0 pci");
  Line(3000, "aer_fatal gpu0 pci");
  Line(3001, "79 gpu0");
  Line(3002, "45 gpu0");
  EXPECT_EQ(All(),
            "aer_correctable < pci/aer_fatal, aer_fatal, 79 < pci/aer_fatal, 45 < pci/aer_fatal");
}

TEST_F(IncidentsTest, TellWhenADeviceThatHadRecoveredFailsAgain) {
  Line(0, "server_not_responding a nfs");
  Line(1, "server_not_responding a nfs");
  EXPECT_FALSE(taken_.turned);
  Line(2, "server_ok a nfs");
  Line(3, "server_not_responding b nfs");
  EXPECT_FALSE(taken_.turned);
  Line(4, "server_not_responding a nfs");
  EXPECT_TRUE(taken_.turned);
  EXPECT_FALSE(taken_.fresh);
  Line(5, "server_ok a nfs");
  EXPECT_TRUE(taken_.turned);
}

TEST_F(IncidentsTest, AreBoundedInNumber) {
  for (int i = 0; i < 1000; ++i) {
    Line(0, "79 gpu" + std::to_string(i));
    ASSERT_LE(incidents_.open(), 100u);
  }
  EXPECT_EQ(closed_.size(), 900u);
}

TEST_F(IncidentsTest, DetailsOfLaterLinesGoToTheLastOneOfTheirComponent) {
  LineFinding details;
  details.details = {{"stack", "a b"}};
  EXPECT_EQ(incidents_.Take({&kXid, details}, {}, closed_).incident, nullptr) << "of nothing";
  Line(0, "79 gpu0");
  Line(0, "aer_fatal gpu0 pci");
  const auto taken = incidents_.Take({&kXid, details}, {}, closed_);
  ASSERT_NE(taken.incident, nullptr);
  EXPECT_EQ(taken.incident->finding.details.at("stack"), "a b");
  EXPECT_EQ(taken.incident->count, 1u);
}

TEST(Roots, NeedNearnessInTimeAndPlace) {
  const LineFinding lost{.family = "xid", .code = "79", .device = "0000:9b:00.0"};
  const LineFinding end{.family = "xid", .code = "45", .device = "0000:9b:00.0"};
  const LineFinding other{.family = "xid", .code = "45", .device = "0000:9c:00.0"};
  const auto at = [](int seconds) { return kStart + std::chrono::seconds(seconds); };
  EXPECT_TRUE(IsEchoOf({end, at(1)}, {lost, at(0)}));
  EXPECT_FALSE(IsEchoOf({end, at(121)}, {lost, at(0)}));
  EXPECT_FALSE(IsEchoOf({end, at(0)}, {lost, at(3)}));
  EXPECT_FALSE(IsEchoOf({other, at(1)}, {lost, at(0)}));
  EXPECT_FALSE(IsEchoOf({lost, at(1)}, {end, at(0)}));
  LineFinding named = other;
  named.details["caused_by"] = "79";
  EXPECT_TRUE(IsEchoOf({named, at(1)}, {lost, at(0)})) << "the driver names the cause";
  named.details["caused_by"] = "31";
  EXPECT_FALSE(IsEchoOf({named, at(1)}, {lost, at(0)}));
  const LineFinding disk{.family = "disk", .code = "nvme_io_timeout", .device = "nvme4"};
  const LineFinding error{.family = "disk", .code = "io_error", .device = "nvme4n1"};
  const LineFinding error40{.family = "disk", .code = "io_error", .device = "nvme40n1"};
  EXPECT_TRUE(IsEchoOf({error, at(1)}, {disk, at(0)}));
  EXPECT_FALSE(IsEchoOf({error40, at(1)}, {disk, at(0)}));
}

TEST(IncidentEvents, TellAtOnceThenSoon) {
  IncidentEvents incidents;
  BootTime now{};
  std::vector<Event> events;
  std::uint64_t sequence = 0;
  const auto line = [&] {
    std::vector<Found> found{{&kXid, {.family = "xid", .code = "79", .device = "gpu0"}}};
    ++sequence;
    incidents.Take(found,
                   {.time = kStart + now.time_since_epoch(),
                    .read = now,
                    .sequence = sequence,
                    .identity = "id" + std::to_string(sequence)},
                   events);
  };
  line();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_FALSE(events[0].again);
  EXPECT_EQ(incidents.untold_since(), std::nullopt);
  line();
  line();
  EXPECT_EQ(events.size(), 1u) << "as close together as in a storm";
  EXPECT_EQ(incidents.untold_since(), 2u);
  EXPECT_EQ(incidents.due(), now + std::chrono::seconds(1));
  now += std::chrono::seconds(1);
  incidents.TellDue(now, events);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_TRUE(events[1].again);
  EXPECT_EQ(events[1].identity, "id1");
  EXPECT_EQ(events[1].extra_info.at("count"), "3");
  line();
  EXPECT_EQ(incidents.due(), now + std::chrono::seconds(1));
  incidents.TellAll(events);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2].extra_info.at("count"), "4");
  EXPECT_EQ(incidents.due(), std::nullopt);
}

TEST(IncidentEvents, TellOfABurstOnceAndThenItsCount) {
  IncidentEvents incidents;
  std::vector<Event> events;
  for (int i = 0; i < 2000; ++i) {
    std::vector<Found> found{{&kXid, {.family = "xid", .code = "79"}}};
    const auto at = std::chrono::microseconds(40 * i);
    incidents.Take(found, {.time = kStart + at, .read = BootTime(at), .identity = "id"}, events);
  }
  EXPECT_EQ(events.size(), 1u + IncidentEvents::kMostOfAll);
}

TEST(IncidentEvents, TellTheFirstRepeatsAtOnceWithTheirTimeAndText) {
  IncidentEvents incidents;
  std::vector<Event> events;
  for (int i = 0; i <= IncidentEvents::kMostAtOnce + 1; ++i) {
    std::vector<Found> found{
        {&kXid, {.family = "xid", .code = "79", .message = "line " + std::to_string(i)}}};
    const auto at = std::chrono::milliseconds(100 * i);
    incidents.Take(found, {.time = kStart + at, .read = BootTime(at), .identity = "id"}, events);
  }
  ASSERT_EQ(events.size(), 1u + IncidentEvents::kMostAtOnce) << "and the last one waits";
  EXPECT_EQ(incidents.due(),
            BootTime(std::chrono::milliseconds(100 * IncidentEvents::kMostAtOnce)) +
                IncidentEvents::kDelay);
  EXPECT_EQ(events[3].message, "line 3 (4 times since 2026-03-01T08:00:00Z)");
  EXPECT_EQ(events[3].time, kStart + std::chrono::milliseconds(300));
  EXPECT_TRUE(events[3].again);
}

}  // namespace
}  // namespace gpud::decode
