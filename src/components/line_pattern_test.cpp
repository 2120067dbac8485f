// SPDX-License-Identifier: Apache-2.0
#include "components/line_pattern.h"

#include <gtest/gtest.h>

#include <chrono>

namespace gpud {
namespace {

bool Matches(std::string_view form, std::string_view text) {
  LineFields fields;
  return MatchForm(form, text, fields);
}

std::string Field(std::string_view form, std::string_view text, std::string_view name) {
  LineFields fields;
  return MatchForm(form, text, fields) ? std::string(fields[name]) : "no match";
}

TEST(MatchForm, FindsLiteralTextAnywhere) {
  EXPECT_TRUE(Matches("not responding", "nfs: server x not responding, still trying"));
  EXPECT_FALSE(Matches("not responding", "nfs: server x is not"));
  EXPECT_TRUE(Matches("aab", "aaab"));
  EXPECT_TRUE(Matches("", ""));
  EXPECT_FALSE(Matches("a", ""));
}

TEST(MatchForm, TakesARunOfBlanksForOne) {
  EXPECT_TRUE(Matches("a b", "a \t  b"));
  EXPECT_FALSE(Matches("a b", "ab"));
  EXPECT_FALSE(Matches("a b", "a\nb"));
}

TEST(MatchForm, KeepsNamedFields) {
  constexpr std::string_view kForm = "nvme <device:dev>: I/O <*>timeout, reset controller";
  EXPECT_EQ(Field(kForm, "nvme nvme4: I/O 822 QID 24 timeout, reset controller", "device"),
            "nvme4");
  EXPECT_EQ(Field("task <process:*>:<pid:n> blocked for more than",
                  "INFO: task kworker/u64:3:815 blocked for more than 120 seconds.", "process"),
            "kworker/u64:3");
  EXPECT_EQ(Field("task <process:*>:<pid:n> blocked for more than",
                  "INFO: task kworker/u64:3:815 blocked for more than 120 seconds.", "pid"),
            "815");
}

TEST(MatchForm, ReadsEachKindOfField) {
  EXPECT_EQ(Field("error <e:n>", "error -19", "e"), "-19");
  EXPECT_EQ(Field("s <e:x>.", "s 0xFfff.", "e"), "0xFfff");
  EXPECT_EQ(Field("<d:pci>: AER:", "pcieport 10000:e1:00.0: AER: x", "d"), "10000:e1:00.0");
  EXPECT_EQ(Field("(PCI:<d:pci>", "NVRM: Xid (PCI:0000:9b:00): 79", "d"), "0000:9b:00");
  EXPECT_EQ(Field("multipath: <d:maj>: ", "multipath: 253:4: Failing", "d"), "253:4");
  EXPECT_EQ(Field("name=<p:*>, pid", "name=a, b, pid", "p"), "a, b");
  EXPECT_EQ(Field("rest: <p:*>", "rest: a\nb", "p"), "a\nb");
  EXPECT_FALSE(Matches("x <n>", "x y"));
}

TEST(MatchForm, LetsOnlyTheLastStarGrow) {
  EXPECT_EQ(Field("a<x:*>b<y:*>c", "a1b2b3c", "x"), "1");
  EXPECT_EQ(Field("a<x:*>b<y:*>c", "a1b2b3c", "y"), "2b3");
  EXPECT_FALSE(Matches("a<*>b<*>c", "abbbbb"));
}

TEST(MatchForm, NeedsTimeForTheTextOnceEvenWhenMadeToFail) {
  const std::string text(8192, 'a');
  EXPECT_FALSE(Matches("a<*>a<*>a<*>a<*>a<*>ab", text));
}

TEST(PciAddress, IsWrittenInFull) {
  EXPECT_EQ(PciAddress("9b:00.0"), "0000:9b:00.0");
  EXPECT_EQ(PciAddress("PCI:0000:9B:00"), "0000:9b:00.0");
  EXPECT_EQ(PciAddress("000f:01:1c.7"), "000f:01:1c.7");
  EXPECT_EQ(PciAddress("0000:9b"), "");
  EXPECT_EQ(PciAddress("eth0"), "");
  EXPECT_EQ(PciAddress("0000:9b:00.0 "), "");
}

}  // namespace
}  // namespace gpud
