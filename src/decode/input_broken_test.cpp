// SPDX-License-Identifier: Apache-2.0
// Input that is broken, cut, huge or binary is read as far as it goes.
#include <gtest/gtest.h>
#include <zlib.h>

#include "decode/input_rig.h"

namespace gpud::decode {
namespace {

std::string Gzipped(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in(text);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string ManyRecords(unsigned count) {
  std::string log;
  for (std::uint64_t i = 0; i < count; ++i) {
    log += "6," + std::to_string(i) + "," + std::to_string(i * 7919) + ",-;usb 1-" +
           std::to_string(i * 104729 % 99991) + ": new device\n DEVICE=+pci:0000:97:01.0\n";
  }
  return log;
}

TEST(BrokenInput, MayBeEmpty) {
  for (const std::string_view log : {"", "\n", "\n\n\r\n", "\xEF\xBB\xBF"}) {
    const ReadLog read(log);
    EXPECT_TRUE(read.lines.empty());
    EXPECT_EQ(read.input.totals().unparsable, 0u);
    EXPECT_FALSE(read.input.problem());
  }
}

TEST(BrokenInput, MayBeginWithAByteOrderMark) {
  EXPECT_EQ(ReadLog("\xEF\xBB\xBF[    1.000000] a\n").Texts(), std::vector<std::string>{"a"});
}

TEST(BrokenInput, CountsRecordsThatAreNone) {
  const ReadLog read(
      "6,1,2,-;a\nnoprefix\n6,a,b,-;m\n6,1;short\n6,2,-3,-;m\n6,3,4,-;b\n{\"MESSAGE\":\"cut\n"
      "{\"MESSAGE\":\"c\"}\n{\"a\":}\n");
  EXPECT_EQ(read.Texts(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(read.input.totals().unparsable, 6u);
  EXPECT_EQ(read.input.totals().lines, 9u);
}

TEST(BrokenInput, ABrokenObjectOfTheDocumentCostsOnlyItself) {
  const ReadLog read(
      "{\n   \"dmesg\": [\n      {\n         \"msg\": \"a\"\n      },{\n         \"msg\": \"b\n"
      "      },{\n         \"msg\": \"c\"\n      },{\n         \"msg\": \"d\"\n      }\n   ]\n}\n");
  EXPECT_EQ(read.Texts(), (std::vector<std::string>{"a", "c", "d"}));
  EXPECT_EQ(read.input.totals().unparsable, 1u);
}

TEST(BrokenInput, MayBeBinary) {
  std::string bytes;
  std::uint32_t state = 1;
  for (int i = 0; i < 300'000; ++i) {
    state = state * 1664525 + 1013904223;
    bytes += static_cast<char>(state >> 24);
  }
  const ReadLog read(bytes + "\n[    1.000000] NVRM: \xff\xfe and \0 are kept\n");
  EXPECT_GT(read.input.totals().unparsable, 100u);
  const ReadLog nul(std::string_view("[    1.000000] a\0b \xff\xfe c\n\0\0\0\n", 28));
  ASSERT_EQ(nul.lines.size(), 1u);
  EXPECT_EQ(nul.lines[0].own, std::string_view("a\0b \xff\xfe c", 8));
  EXPECT_EQ(nul.input.totals().unparsable, 1u);
}

TEST(BrokenInput, ALongLineIsCutAndTheNextOneIsRead) {
  for (const std::size_t size : {65'535u, 65'536u, 65'537u, 131'072u, 1'000'000u}) {
    const ReadLog read("[    1.000000] " + std::string(size - 15, 'x') + "\n[    2.000000] b\n");
    ASSERT_EQ(read.lines.size(), 2u) << size;
    EXPECT_EQ(read.lines[0].own.size(), std::min<std::size_t>(size, 65'536) - 15);
    EXPECT_EQ(read.lines[1].own, "b");
    EXPECT_EQ(read.lines[1].number, 2u);
    EXPECT_EQ(read.input.totals().cut, size > 65'536 ? 1u : 0u);
    EXPECT_EQ(read.input.totals().lines, 2u);
  }
}

TEST(BrokenInput, LinesMayEndInCrLfOrNotAtAll) {
  const ReadLog read("6,1,2000000,-;a\r\n DEVICE=+pci:0000:97:01.0\r\n6,2,3000000,-;b");
  EXPECT_EQ(read.Texts(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read.lines.at(0).pci, "0000:97:01.0");
  EXPECT_EQ(read.input.totals().lines, 3u);
}

TEST(BrokenInput, NoMessageIsLostAtTheEdgesOfBlocks) {
  constexpr int kCount = 40'000;  // 2.6 MB, several blocks
  const ReadLog read(ManyRecords(kCount));
  ASSERT_EQ(read.lines.size(), std::size_t{kCount});
  for (int i = 0; i < kCount; ++i) {
    ASSERT_EQ(read.lines[std::size_t(i)].sequence, std::uint64_t(i));
    ASSERT_EQ(read.lines[std::size_t(i)].pci, "0000:97:01.0");
    ASSERT_EQ(read.lines[std::size_t(i)].number, std::uint64_t(2 * i + 1));
  }
}

TEST(BrokenInput, TakesTimeInProportionToItsLength) {
  for (const std::string_view line :
       {"\n", "  \n", "{\n", "{\"a\":[\n", "{\"a\":\n", "},\n", "{\"dmesg\":[\n", "1,;\n x\n",
        "[    1.000000] x: a\n \n", "{\"a\":[{"}) {
    std::string log;
    while (log.size() < 8'000'000) log += line;
    const ReadLog read(log);  // looking 128 KiB ahead at each line would take minutes
    EXPECT_GT(read.input.totals().lines, 0u);
  }
}

TEST(GzippedInput, IsUnpackedAlsoWhenFilesWereJoined) {
  const std::string log = ManyRecords(10'000);
  EXPECT_EQ(ReadLog(Gzipped(log)).lines.size(), 10'000u);
  EXPECT_EQ(ReadLog(Gzipped(log) + Gzipped(log)).lines.size(), 20'000u);
  EXPECT_FALSE(ReadLog(Gzipped(log)).input.problem());
  EXPECT_TRUE(ReadLog(Gzipped("")).lines.empty());
}

TEST(GzippedInput, ThatIsCutOrCorruptGivesWhatItHasAndSaysSo) {
  const std::string packed = Gzipped(ManyRecords(10'000));
  const ReadLog cut(packed.substr(0, packed.size() / 2));
  EXPECT_GT(cut.lines.size(), 1'000u);
  ASSERT_TRUE(cut.input.problem());
  EXPECT_NE(cut.input.problem()->what.find("test.log: the gzip data is cut off"),
            std::string::npos);

  std::string corrupt = packed;
  corrupt.replace(corrupt.size() / 2, 64, std::string(64, '\xff'));
  const ReadLog read(corrupt);
  EXPECT_GT(read.lines.size(), 1'000u);
  ASSERT_TRUE(read.input.problem());
  EXPECT_NE(read.input.problem()->what.find("corrupt"), std::string::npos);
  EXPECT_TRUE(ReadLog("\x1f\x8b").input.problem());
  EXPECT_TRUE(ReadLog("\x1f").lines.empty());
}

TEST(UnreadableInput, IsNamed) {
  EXPECT_EQ(Input::Open("/nonexistent/log", {}).error().code, ErrorCode::kNotFound);
  EXPECT_NE(Input::Open("/tmp", {}).error().what.find("/tmp"), std::string::npos);
}

}  // namespace
}  // namespace gpud::decode
