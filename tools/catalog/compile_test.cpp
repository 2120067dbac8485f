// SPDX-License-Identifier: Apache-2.0
#include "tools/catalog/compile.h"

#include <gtest/gtest.h>

#include "platform/root.h"
#include "tools/catalog/columns.h"

namespace gpud::tools {
namespace {

std::string Header(std::span<const Column> columns) {
  std::string line;
  for (const Column& column : columns) {
    line += (line.empty() ? "" : ",") + std::string(column.name);
  }
  return line + "\r\n";
}

constexpr std::string_view kXid = "79,FELL_OFF,gone,bus,fatal,y,REBOOT_SYSTEM,,,,,,,,,,,high,\r\n";
constexpr std::string_view kSxid =
    "20034,LTSSM,UNIT,dropped,,fatal,,,stops,reset "
    "it,fatal,y,RESET_GPU,INVESTIGATE_LINK,,,high,\r\n";
constexpr std::string_view kNvlink5 =
    "149,EVT,DOWN,------000100----------0111000110,------000100-------------0010001,"
    "0x03f003ff,0x004001c6,0x03f0007f,0x00400011,,any,4,alignment-loss,link-fatal,fatal,hw,none,"
    "none,"
    "y,RESET_GPU,,,,,,,high,\r\n";
constexpr std::string_view kXid149 =
    "149,NETIR,link,nvlink,warning,n,DECODE_NVLINK5,,,,,,,,,,,high,\r\n";

std::string Replaced(std::string_view row, std::string_view what, std::string_view with) {
  std::string text(row);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, text.npos) << what;
  return at == text.npos ? text : text.replace(at, what.size(), with);
}

/// Three files of good rows, of which a test spoils one.
struct Files {
  std::string xid = std::string(kXid) + std::string(kXid149);
  std::string nvlink5{kNvlink5};
  std::string sxid{kSxid};

  Problems Compiled() const {
    const std::string xids = Header(kXidColumns) + xid;
    const std::string links = Header(kNvlink5Columns) + nvlink5;
    const std::string sxids = Header(kSxidColumns) + sxid;
    Problems problems;
    const std::string code =
        CompileCatalog({.xid = xids, .nvlink5 = links, .sxid = sxids}, problems);
    EXPECT_EQ(code.empty(), !problems.empty());
    return problems;
  }
};

TEST(CatalogCompiler, TakesWhatIsInData) {
  const Root root;
  const std::string folder = GPUD_SOURCE_DIR "/data/";
  const auto xid = root.Read(folder + "xid.csv");
  const auto nvlink5 = root.Read(folder + "xid_nvlink5.csv");
  const auto sxid = root.Read(folder + "sxid.csv");
  ASSERT_TRUE(xid && nvlink5 && sxid);
  Problems problems;
  EXPECT_FALSE(CompileCatalog({.xid = *xid, .nvlink5 = *nvlink5, .sxid = *sxid}, problems).empty());
  EXPECT_EQ(problems, Problems{});
  EXPECT_EQ(Files{}.Compiled(), Problems{});
}

TEST(CatalogCompiler, NamesFileLineAndColumnOfEveryFieldThatDoesNotFit) {
  Files files;
  files.xid = Replaced(kXid, ",bus,fatal,y,", ",bos,deadly,yes,") + std::string(kXid149);
  files.sxid = Replaced(kSxid, ",UNIT,", ",,");
  files.nvlink5 = Replaced(kNvlink5, "0x03f003ff", "3f003ff");
  EXPECT_EQ(
      files.Compiled(),
      (Problems{"xid.csv:2: category: \"bos\" is not one of hardware, driver, user-app, "
                "thermal, bus, memory, nvlink, fabric, system, other",
                "xid.csv:2: severity: \"deadly\" is not one of info, warning, critical, fatal",
                "xid.csv:2: reboot_worthy: \"yes\" is not y or n",
                "xid_nvlink5.csv:2: intrinfo_mask_v1: \"3f003ff\" is not a number such as "
                "0x0000001f",
                "sxid.csv:2: unit: \"\" is not a text of 1 to 1023 bytes"}));
}

TEST(CatalogCompiler, RefusesAnActionThatIsNone) {
  Files files;
  files.sxid = Replaced(kSxid, "RESET_GPU", "RESET_THE_GPU");
  const Problems problems = files.Compiled();
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_TRUE(problems[0].starts_with(
      "sxid.csv:2: immediate_action: \"RESET_THE_GPU\" is not one of IGNORE_NO_ACTION_REQUIRED, "))
      << problems[0];
}

TEST(CatalogCompiler, RefusesRowsOfAnotherWidthAndLoneQuotes) {
  Files files;
  files.xid = std::string(kXid149) + "150,short\r\n" + Replaced(kXid, "gone", "g\"one");
  EXPECT_EQ(files.Compiled(), (Problems{"xid.csv:3: 2 fields; the header has 19",
                                        "xid.csv:4: a quote stands alone"}));
}

TEST(CatalogCompiler, RefusesCodesThatStandTwiceOrOutOfOrder) {
  Files files;
  files.xid = std::string(kXid149) + std::string(kXid149) + std::string(kXid);
  EXPECT_EQ(files.Compiled(), (Problems{"xid.csv:3: code: 149 stands twice",
                                        "xid.csv:4: code: 79 must stand before 149"}));
}

TEST(CatalogCompiler, RefusesVerdictsThatContradictThemselves) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"fatal,n,IGNORE_NO_ACTION_REQUIRED", "immediate_action: fatal, yet no action is required"},
      {"info,y,CONTACT_SUPPORT", "reboot_worthy: info, yet worth a reboot"},
      {"warning,y,IGNORE_NO_ACTION_REQUIRED",
       "reboot_worthy: no action is required, yet worth a reboot"},
      {"fatal,n,RESET_GPU", "reboot_worthy: a reset or reboot is asked for, yet none is worth it"},
      {"info,n,RESTART_VM", "immediate_action: info, yet something must be reset or restarted"},
  };
  for (const auto& [verdict, problem] : kCases) {
    Files files;
    files.xid = Replaced(kXid, "fatal,y,REBOOT_SYSTEM", verdict) + std::string(kXid149);
    EXPECT_EQ(files.Compiled(), Problems{"xid.csv:2: " + std::string(problem)}) << verdict;
  }
}

TEST(CatalogCompiler, RefusesAnSxidOfAFatalClassThatIsNotFatal) {
  Files files;
  files.sxid = Replaced(kSxid, ",fatal,y,RESET_GPU", ",critical,y,RESET_GPU");
  EXPECT_EQ(files.Compiled(), Problems{"sxid.csv:2: class: fatal, yet the severity is critical"});
}

TEST(CatalogCompiler, RefusesNvlink5RowsWhosePartsDisagree) {
  struct Case {
    std::string_view what, with;
    Problems problems;
  };
  const Case kCases[] = {
      {"0x004001c6",
       "0x044001c6",
       {"xid_nvlink5.csv:2: intrinfo_value_v1: has bits outside the mask"}},
      {"0x00400011",
       "0x00400010",
       {"xid_nvlink5.csv:2: intrinfo_value_v2: is not what the pattern says"}},
      {"0x03f0007f",
       "0x03f000ff",
       {"xid_nvlink5.csv:2: intrinfo_mask_v2: is not what the pattern says"}},
      {",any,",
       ",exact,",
       {"xid_nvlink5.csv:2: error_status_match: is \"any\" where error_status is empty, else "
        "\"exact\""}},
      {",any,4,",
       ",any,5,",
       {"xid_nvlink5.csv:2: link_down_code: is not what bits 25:20 of the value say",
        "xid_nvlink5.csv:2: link_down_code: is not what bits 25:20 of the value say"}},
      {"RESET_GPU,,,,",
       "RESET_GPU,,RESET_GPU,0x00000001,0x00000001",
       {"xid_nvlink5.csv:2: promote_bit_v2: must be one bit, which the pattern has as 0"}},
      {"149,", "148,", {"xid_nvlink5.csv:2: xid: is not in xid.csv"}},
      {"fatal,hw,none,none,y,RESET_GPU",
       "fatal,hw,none,none,n,IGNORE_NO_ACTION_REQUIRED",
       {"xid_nvlink5.csv:2: immediate_action: fatal, yet no action is required"}},
  };
  for (const Case& spoilt : kCases) {
    Files files;
    files.nvlink5 = Replaced(kNvlink5, spoilt.what, spoilt.with);
    EXPECT_EQ(files.Compiled(), spoilt.problems) << spoilt.with;
  }
  Files twice;
  twice.nvlink5 += kNvlink5;
  EXPECT_EQ(twice.Compiled(), Problems{"xid_nvlink5.csv:3: error_status: the row stands twice"});
}

TEST(CatalogCompiler, RefusesAHeaderThatItDoesNotKnow) {
  Problems problems;
  std::string xids = Header(kXidColumns);
  xids.replace(0, 4, "kode");
  CompileCatalog({.xid = xids, .nvlink5 = "xid\n", .sxid = Header(kSxidColumns)}, problems);
  EXPECT_EQ(problems, (Problems{"xid.csv:1: column 1 is \"kode\"; expected \"code\"",
                                "xid_nvlink5.csv:1: 1 columns; expected 28"}));
}

TEST(Csv, ReadsQuotedCommasAndDoubledQuotes) {
  Problems problems;
  const CsvTable table = ParseCsv("f", "a,b\r\n\"x, \"\"y\"\"\",\n", problems);
  EXPECT_EQ(problems, Problems{});
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.At(0, "a"), "x, \"y\"");
  EXPECT_EQ(table.At(0, "b"), "");
}

}  // namespace
}  // namespace gpud::tools
