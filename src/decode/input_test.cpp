// SPDX-License-Identifier: Apache-2.0
#include "decode/input.h"

#include <gtest/gtest.h>

#include "decode/input_rig.h"

namespace gpud::decode {
namespace {

using std::chrono::microseconds;

constexpr std::string_view kXid = "NVRM: Xid (PCI:0000:9b:00): 79, pid=1, name=a b, GPU has fallen";
WallTime At(std::string_view text) { return *ParseRfc3339(text); }

class InputForm : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};

// One line of the kernel with this text, and nothing else.
ReadLine OnlyLine(const std::string& log, std::string_view text = kXid) {
  const ReadLog read(log);
  EXPECT_EQ(read.lines.size(), 1u) << log;
  if (read.lines.size() != 1) return ReadLine({});
  EXPECT_EQ(read.lines[0].own, text) << log;
  EXPECT_FALSE(read.lines[0].from_program) << log;
  EXPECT_EQ(read.input.totals().kernel, 1u);
  EXPECT_EQ(read.input.totals().unparsable, 0u);
  return read.lines[0];
}

TEST_F(InputForm, RawRecordsHaveAllTheirFields) {
  const ReadLog read(
      "6,7730,1290041744343,-,caller=T1843;cni0: port 4 entered blocking state\n"
      "4,7735,1290056909834,-;pcieport 0000:97:01.0: pciehp: Slot(17): Link Down\n"
      " SUBSYSTEM=pci\n"
      " DEVICE=+pci:0000:97:01.0\n"
      "4,7747,1290495416649,c;NVRM: The NVIDIA GPU 0000:db:00.0\\x0aNVRM: fallen \\xff\\xfe\n"
      "12,7750,1290517417107,-;NVRM: Xid (PCI:0000:19:00): 79, GPU has fallen off the bus.\n");
  ASSERT_EQ(read.lines.size(), 4u);
  EXPECT_EQ(read.lines[0].own, "cni0: port 4 entered blocking state");
  EXPECT_EQ(read.lines[0].sequence, 7730u);
  EXPECT_EQ(read.lines[0].since_boot, microseconds(1'290'041'744'343));
  EXPECT_EQ(read.lines[0].severity, 6u);
  EXPECT_EQ(read.lines[1].pci, "0000:97:01.0");
  EXPECT_EQ(read.lines[1].number, 2u);
  EXPECT_EQ(read.lines[2].number, 5u);
  EXPECT_EQ(read.lines[2].own, "NVRM: The NVIDIA GPU 0000:db:00.0\nNVRM: fallen \xff\xfe");
  EXPECT_TRUE(read.lines[3].from_program);
  EXPECT_EQ(read.input.totals().lines, 6u);
  EXPECT_EQ(read.input.totals().kernel, 3u);
  EXPECT_EQ(read.input.totals().programs, 1u);
  EXPECT_EQ(read.input.totals().last_since_boot, microseconds(1'290'517'417'107));
}

TEST_F(InputForm, DmesgHasTheKernelsTime) {
  const std::string text(kXid);
  for (const std::string& log :
       {"[ 1234.678901] " + text + "\n", "[ 1234.678901] " + text,
        "[ 1234.678901] " + text + "\r\n", "[ 1234.678901][ T1843] " + text + "\n",
        "[ 1234.678901] [   C12] " + text + "\n", "[ 1234.678901 <    0.000123>] " + text + "\n"}) {
    EXPECT_EQ(OnlyLine(log).since_boot, microseconds(1'234'678'901)) << log;
  }
  const ReadLine with_level = OnlyLine("kern  :err   : [ 1234.678901] " + text + "\n");
  EXPECT_EQ(with_level.severity, 3u);
  EXPECT_EQ(with_level.facility, 0u);
  const ReadLine raw = OnlyLine("<4>[ 1234.678901] " + text + "\n");
  EXPECT_EQ(raw.severity, 4u);
  EXPECT_EQ(raw.since_boot, microseconds(1'234'678'901));
  EXPECT_TRUE(ReadLog("user  :warn  : [ 1234.678901] x\n").lines.at(0).from_program);
  OnlyLine("[    0.000000]  <TASK>\n", " <TASK>");
}

TEST_F(InputForm, DmesgMayHaveWallTimes) {
  const std::string text(kXid);
  EXPECT_EQ(OnlyLine("[Tue Nov 24 21:47:39 2026] " + text + "\n").wall, At("2026-11-24T21:47:39Z"));
  EXPECT_EQ(OnlyLine("[Sun Nov  1 01:07:09 2026] " + text + "\n").wall, At("2026-11-01T01:07:09Z"));
  EXPECT_EQ(OnlyLine("kern  :warn  : [Tue Nov 24 21:47:39 2026] " + text + "\n").severity, 4u);
  EXPECT_EQ(OnlyLine("2026-11-24T22:47:39,123456+01:00 " + text + "\n").wall,
            At("2026-11-24T21:47:39.123456Z"));
  const ReadLog human("[Nov24 21:47] a: 1\n[  +0.500000] b: 2\n[  +1.250000] c: 3\n");
  ASSERT_EQ(human.lines.size(), 3u);
  EXPECT_EQ(human.lines[2].wall, At("2026-11-24T21:47:01.75Z"));
}

TEST_F(InputForm, LinesWithoutAnyStampAreTheKernelsWhenNothingElseIsThere) {
  const ReadLog read(std::string(kXid) +
                     "\n[sda] Synchronizing SCSI cache\n{1}[Hardware Error]: x\n");
  EXPECT_EQ(read.Texts(),
            (std::vector<std::string>{std::string(kXid), "[sda] Synchronizing SCSI cache",
                                      "{1}[Hardware Error]: x"}));
  EXPECT_EQ(read.input.totals().kernel, 3u);
}

TEST_F(InputForm, TheDmesgDocumentIsReadOverItsLines) {
  const std::string document =
      "{\n   \"dmesg\": [\n      {\n         \"pri\": 6,\n         \"time\":     0.000000,\n"
      "         \"msg\": \"Linux version \\\"6.8\\\"\"\n      },{\n         \"pri\": 4,\n"
      "         \"time\": 1234.678901,\n         \"msg\": \"NVRM: one\\nNVRM: {two\"\n      },{\n"
      "         \"fac\": \"user\",\n         \"pri\": \"warn\",\n         \"time\": 1235.000000,\n"
      "         \"msg\": \"a program\"\n      }\n   ]\n}\n[ 1236.000000] behind it\n";
  std::string compact;
  for (const char c : document.substr(0, document.find("[ 1236"))) {
    if (c != '\n') compact += c;
  }
  for (const std::string& log : {document, compact + "\n[ 1236.000000] behind it\n"}) {
    const ReadLog read(log);
    ASSERT_EQ(read.lines.size(), 4u) << log;
    EXPECT_EQ(read.lines[0].own, "Linux version \"6.8\"");
    EXPECT_EQ(read.lines[0].severity, 6u);
    EXPECT_EQ(read.lines[1].own, "NVRM: one\nNVRM: {two");
    EXPECT_EQ(read.lines[1].since_boot, microseconds(1'234'678'901));
    EXPECT_TRUE(read.lines[2].from_program);
    EXPECT_EQ(read.lines[2].severity, 4u);
    EXPECT_EQ(read.lines[3].own, "behind it");
    EXPECT_EQ(read.input.totals().unparsable + read.input.totals().ignored, 0u);
  }
  EXPECT_EQ(ReadLog(document).lines.at(1).number, 7u);
  EXPECT_EQ(ReadLog(document).input.totals().lines, 19u);
}

TEST_F(InputForm, TheJournalsTextForms) {
  const std::string rest = " node-7 kernel: " + std::string(kXid) + "\n";
  EXPECT_EQ(OnlyLine("Nov 24 21:47:39" + rest).wall, At("2026-11-24T21:47:39Z"));
  EXPECT_EQ(OnlyLine("Nov 24 21:47:39.123456" + rest).wall, At("2026-11-24T21:47:39.123456Z"));
  EXPECT_EQ(OnlyLine("2026-11-24T21:47:39+0000" + rest).wall, At("2026-11-24T21:47:39Z"));
  EXPECT_EQ(OnlyLine("2026-11-24T22:47:39.5+01:00" + rest).wall, At("2026-11-24T21:47:39.5Z"));
  EXPECT_EQ(OnlyLine("Tue 2026-11-24 21:47:39 UTC" + rest).wall, At("2026-11-24T21:47:39Z"));
  EXPECT_EQ(OnlyLine("1795556859.250000" + rest).wall, At("2026-11-24T21:47:39.25Z"));
  EXPECT_EQ(OnlyLine("[ 1234.678901]" + rest).since_boot, microseconds(1'234'678'901));
  EXPECT_EQ(OnlyLine("Nov 24 21:47:39 kernel: " + std::string(kXid)).wall,
            At("2026-11-24T21:47:39Z"));
  OnlyLine("Nov 24 21:47:39 node-7 kernel: \n", "");
  OnlyLine("Nov 24 21:47:39 node-7 kernel:\n", "");
}

TEST_F(InputForm, LinesOfProgramsAreFlagged) {
  const ReadLog read(
      "Nov 24 21:47:39 h kernel: a\n"
      "Nov 24 21:47:39 h systemd[1]: Started kernel: b\n"
      "2026-11-24T21:47:39+00:00 h NVRM: Xid (PCI:0000:19:00): 79, forged\n"
      "[ 1234.000000] h kernel: c\n"
      "[ 1234.000001] h sshd[77]: d\n"
      "[ 1234.000002] nvme nvme0: e\n");
  ASSERT_EQ(read.lines.size(), 6u);
  for (const std::size_t program : {1u, 2u, 4u}) EXPECT_TRUE(read.lines[program].from_program);
  for (const std::size_t kernel : {0u, 3u, 5u}) EXPECT_FALSE(read.lines[kernel].from_program);
  EXPECT_EQ(read.lines[5].own, "nvme nvme0: e");
}

TEST_F(InputForm, TheJournalsJson) {
  const ReadLog read(
      R"({"__REALTIME_TIMESTAMP":"1795556859250000","_SOURCE_MONOTONIC_TIMESTAMP":"1234678901",)"
      R"("_TRANSPORT":"kernel","SYSLOG_FACILITY":"0","SYSLOG_IDENTIFIER":"kernel","PRIORITY":"4",)"
      R"("_KERNEL_DEVICE":"+pci:0000:97:01.0","_BOOT_ID":"1f","X":["a","}"],"MESSAGE":"N\u00e4\n\ud83d\ude00"})"
      "\n"
      R"({"MESSAGE":[78,86,255,254,10,120],"_TRANSPORT":"kernel"})"
      "\n"
      R"({"MESSAGE":"Started","_TRANSPORT":"journal","SYSLOG_IDENTIFIER":"systemd"})"
      "\n"
      R"({"MESSAGE":"NVRM: forged","_TRANSPORT":"kernel","SYSLOG_FACILITY":"1"})"
      "\n{\n\t\"MESSAGE\" : \"pretty\",\n\t\"_TRANSPORT\" : \"kernel\"\n}\n"
      R"({"MESSAGE":null,"_TRANSPORT":"kernel"})"
      "\n");
  ASSERT_EQ(read.lines.size(), 5u);
  EXPECT_EQ(read.lines[0].own, "N\xc3\xa4\n\xf0\x9f\x98\x80");
  EXPECT_EQ(read.lines[0].wall, At("2026-11-24T21:47:39.25Z"));
  EXPECT_EQ(read.lines[0].since_boot, microseconds(1'234'678'901));
  EXPECT_EQ(read.lines[0].pci, "0000:97:01.0");
  EXPECT_EQ(read.lines[0].severity, 4u);
  EXPECT_EQ(read.lines[1].own, "NV\xff\xfe\nx");
  EXPECT_FALSE(read.lines[1].from_program);
  EXPECT_TRUE(read.lines[2].from_program);
  EXPECT_TRUE(read.lines[3].from_program);
  EXPECT_EQ(read.lines[4].own, "pretty");
  EXPECT_EQ(read.lines[4].number, 5u);
  EXPECT_EQ(read.input.totals().ignored, 1u);
  EXPECT_EQ(read.input.totals().unparsable, 0u);
}

TEST_F(InputForm, Syslog) {
  const std::string text(kXid);
  const ReadLine old = OnlyLine("<4>Nov  4 21:47:39 h kernel: [ 1234.678901] " + text + "\n");
  EXPECT_EQ(old.wall, At("2026-11-04T21:47:39Z"));
  EXPECT_EQ(old.since_boot, microseconds(1'234'678'901));
  EXPECT_EQ(old.severity, 4u);
  const ReadLine now =
      OnlyLine("<4>1 2026-11-24T21:47:39.123456+00:00 h kernel - - - " + text + "\n");
  EXPECT_EQ(now.wall, At("2026-11-24T21:47:39.123456Z"));
  OnlyLine("<4>1 - h kernel - - [a b=\"c\\]\"][d] \xEF\xBB\xBF[ 1234.678901] " + text + "\n");
  const ReadLog programs(
      "<30>1 2026-11-24T21:47:39Z h sshd 1 - - x\n<12>Nov 24 21:47:39 h kernel: x\n");
  EXPECT_EQ(programs.input.totals().programs, 2u);
  OnlyLine("Nov 24 21:47:39 h kernel: one#012two#011CPU#0", "one\ntwo\tCPU#0");
}

TEST_F(InputForm, LaterLinesOfAMessageAreJoined) {
  const std::string joined = "NVRM: The NVIDIA GPU\nNVRM: (PCI ID)\nNVRM:  fallen";
  for (const std::string prefix :
       {"[ 1234.678901] ", "kern  :err   : [ 1234.678901] ", "[Tue Nov 24 21:47:39 2026] ",
        "Nov 24 21:47:39 node-7 kernel: "}) {
    const std::string indent(prefix.size(), ' ');
    OnlyLine(prefix + "NVRM: The NVIDIA GPU\n" + indent + "NVRM: (PCI ID)\n" + indent +
                 "NVRM:  fallen\n",
             joined);
  }
  OnlyLine("[ 1234.678901] [   T7] NVRM: one\n               NVRM: two\n", "NVRM: one\nNVRM: two");
  const std::string stamp = "Nov 24 21:47:39 h kernel: [ 1234.678901] ";
  OnlyLine(
      stamp + "NVRM: The NVIDIA GPU\n" + stamp + "NVRM: (PCI ID)\n" + stamp + "NVRM:  fallen\n",
      joined);
}

TEST_F(InputForm, DifferentMessagesAreNotJoined) {
  EXPECT_EQ(ReadLog("[    0.000000] x86: a\n[    0.000000] x86: b\n").lines.size(), 2u)
      << "before the clock runs";
  EXPECT_EQ(ReadLog("[    1.000001] NVRM: a\n[    1.000002] NVRM: b\n").lines.size(), 2u);
  EXPECT_EQ(ReadLog("[    1.000001] NVRM: a\n[    1.000001] EDAC: b\n").lines.size(), 2u);
  EXPECT_EQ(ReadLog("Nov 24 21:47:39 h kernel: NVRM: a\nNov 24 21:47:39 h kernel: NVRM: b\n")
                .lines.size(),
            2u);
}

TEST_F(InputForm, AReportIsReadForTheLogsInIt) {
  const ReadLog read(
      "\nStart of NVIDIA bug report log file.  Please include this file\n\n"
      "NVRM: Xid is a word in free text\n"
      "____________________________________________\n\n"
      "/bin/dmesg\n\n[ 1234.678901] NVRM: a\n"
      "\t97:00.0 VGA [  12.345] lspci\n[   123.456] (II) NVIDIA(0): of the X server\n"
      "____________________________________________\n"
      "journalctl -b -0\n-- Boot 1f --\nNov 24 21:47:39 h kernel: NVRM: a\n"
      "    Nov 24 21:47:40 h kernel: NVRM: indented\n2,3 dpkg; not a record\n");
  EXPECT_EQ(read.Texts(), (std::vector<std::string>{"NVRM: a", "NVRM: a", "NVRM: indented"}));
  EXPECT_EQ(read.input.totals().unparsable, 0u);
  EXPECT_GT(read.sections.at(1), read.sections.at(0));
  EXPECT_EQ(read.sections.at(2), read.sections.at(1));
}

TEST_F(InputForm, FormsMayChangeFromLineToLine) {
  const ReadLog read(
      "6,1,2000000,-;a\n[    3.000000] b\n{\"MESSAGE\":\"c\"}\nNov 24 21:47:39 h kernel: d\n"
      "kern  :info  : [    4.000000] "
      "e\n{\"dmesg\":[{\"msg\":\"f\"},{\"msg\":\"g\"}]}\n6,2,3000000,-;h\n");
  EXPECT_EQ(read.Texts(), (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g", "h"}));
}

}  // namespace
}  // namespace gpud::decode
