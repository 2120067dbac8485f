// SPDX-License-Identifier: Apache-2.0
#include "sources/kmsg/record.h"

#include <gtest/gtest.h>

namespace gpud::kmsg {
namespace {

std::string scratch;
Result<Record> ParseRecord(std::string_view raw) { return kmsg::ParseRecord(raw, scratch); }

// The vectors of specs/components.md, D.5, with what is done better here: escapes are undone and
// continuation lines cut off.
TEST(KmsgRecord, HasTheFieldsOfTheHead) {
  const auto record = ParseRecord("6,339,5140900,-;NET: Registered protocol family 10\n");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->priority, 6u);
  EXPECT_EQ(record->sequence, 339u);
  EXPECT_EQ(record->timestamp, std::chrono::microseconds(5'140'900));
  EXPECT_EQ(record->text, "NET: Registered protocol family 10");
}

TEST(KmsgRecord, IsCutAtTheFirstSemicolonOnly) {
  EXPECT_EQ(ParseRecord("4,1,2,-,caller=T1;a;b")->text, "a;b");
}

TEST(KmsgRecord, LosesItsContinuationLinesAndKeepsTheFacility) {
  const auto record = ParseRecord("30,5,1000000,-;x\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00\n");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->priority, 30u);
  EXPECT_EQ(record->facility(), 3u);
  EXPECT_EQ(record->severity(), 6u);
  EXPECT_EQ(record->text, "x");
}

TEST(KmsgRecord, MayBeEmptyAndMayHaveAnyFlag) {
  EXPECT_EQ(ParseRecord("6,1,2,-;")->text, "");
  EXPECT_EQ(ParseRecord("6,1,2,c;cont")->text, "cont");
  EXPECT_EQ(ParseRecord("6,1,2;three fields")->text, "three fields");
}

TEST(KmsgRecord, GetsItsEscapedBytesBack) {
  EXPECT_EQ(ParseRecord("6,1,2,-;tab\\x09x")->text, "tab\tx");
  EXPECT_EQ(ParseRecord("6,1,2,-;one\\x0atwo")->text, "one\ntwo");
  EXPECT_EQ(ParseRecord("6,1,2,-;\\x5cx09 \\xe4")->text, "\\x09 \xe4");
  EXPECT_EQ(ParseRecord("6,1,2,-;\\x \\xg1 \\x4")->text, "\\x \\xg1 \\x4");
}

TEST(KmsgRecord, NamesThePciDeviceThatItIsAbout) {
  const std::string_view properties = "\n SUBSYSTEM=pci\n DEVICE=+pci:0000:97:01.0\n";
  EXPECT_EQ(ParseRecord("4,1,2,-;x" + std::string(properties))->pci_device, "0000:97:01.0");
  EXPECT_EQ(ParseRecord("4,1,2,-;x\n SUBSYSTEM=net\n DEVICE=n3\n")->pci_device, "");
  EXPECT_EQ(ParseRecord("4,1,2,-;x DEVICE=+pci:0000:97:01.0")->pci_device, "");
}

TEST(KmsgRecord, ThatIsNoneSaysWhatIsWrong) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"6,1;short", "the time stamp is not a number"},
      {"6,a,b,-;m", "the sequence is not a number"},
      {"x,1,2,-;m", "the priority is not a number"},
      {"6,1,-2,-;m", "the time stamp is not a number"},
      {"6,1,99999999999999999999,-;m", "the time stamp is not a number"},
      {"noprefix", "no ';'"},
      {"", "no ';'"},
  };
  for (const auto& [raw, why] : cases) {
    const auto record = ParseRecord(raw);
    ASSERT_FALSE(record) << raw;
    EXPECT_EQ(record.error().code, ErrorCode::kParse);
    EXPECT_NE(record.error().what.find(why), std::string::npos) << record.error().what;
  }
}

}  // namespace
}  // namespace gpud::kmsg
