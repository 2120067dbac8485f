// SPDX-License-Identifier: Apache-2.0
#include "sources/reach/reach.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "testing/fake_host.h"

namespace gpud::reach {
namespace {

using namespace std::string_literals;

TEST(Reach, AsksNobodyWithoutAFile) {
  FakeHost fake;
  Inputs in;
  kReach.read(fake.host, in);
  EXPECT_EQ(in.Latest<Reach>().error().code, ErrorCode::kUnsupported);
}

TEST(Reach, MeasuresATargetThatListensAndSaysWhyOneDoesNot) {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listener.get(), raw, sizeof address), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener.get(), raw, &size), 0);
  const std::string place = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));

  FakeHost fake;
  fake.Write("/etc/gpud/network.yaml",
             "targets: {a: \"" + place + "\", b: storage.example.com:2049}\ngateway: true\n");
  const auto read = [&] {
    Inputs in;
    kReach.read(fake.host, in);
    return *in.Latest<Reach>();
  };
  Reach reach = read();
  ASSERT_EQ(reach.asked.size(), 3u);
  EXPECT_EQ(reach.asked[0].milliseconds.error().what, "there is no default route of IPv4");
  EXPECT_EQ(reach.asked[1].milliseconds.error().what, place + ": nobody listens");
  EXPECT_EQ(reach.asked[1].milliseconds.error().code, ErrorCode::kIo);
  EXPECT_EQ(reach.asked[2].milliseconds.error().code, ErrorCode::kParse);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  reach = read();
  ASSERT_TRUE(reach.asked[1].milliseconds);
  EXPECT_LT(*reach.asked[1].milliseconds, 1000);
}

TEST(ReachPlan, NamesTheLineThatIsWrong) {
  const auto plan = ParsePlan("targets: {x: '[fd00::1]:443'}\nnames: [a.example]\ngateway: true\n");
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(*plan,
            (Plan{.targets = {{"x", "[fd00::1]:443"}}, .names = {"a.example"}, .gateway = true}));
  EXPECT_EQ(ParsePlan(""), Plan{});
  EXPECT_EQ(ParsePlan("gateway: true\ntarget: {}\n").error().what,
            "/etc/gpud/network.yaml:2: no such key, or not of this form: target");
  for (const char* text : {"[a]", "names: [a..b]", "slow_milliseconds: soon", "{{", "targets: 5"}) {
    EXPECT_FALSE(ParsePlan(text)) << text;
  }
}

TEST(ReachDns, KnowsAnAnswerToItsOwnQuestion) {
  EXPECT_EQ(DnsQuery("a.bc", 0x0102),
            "\x01\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01\x61\x02\x62\x63\x00"
            "\x00\x01\x00\x01"s);
  EXPECT_TRUE(DnsQuery(std::string(64, 'a'), 1).empty());
  const auto answer = [](const std::string& flags) { return "\x01\x02"s + flags + "12345678"; };
  EXPECT_TRUE(CheckDnsAnswer(answer("\x81\x80"), 0x0102));
  EXPECT_EQ(CheckDnsAnswer(answer("\x81\x80"), 7).error().code, ErrorCode::kParse);
  EXPECT_EQ(CheckDnsAnswer(answer("\x01\x80"), 0x0102).error().code, ErrorCode::kParse);
  EXPECT_EQ(CheckDnsAnswer(answer("\x81\x83"), 0x0102).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(CheckDnsAnswer(answer("\x81\x82"), 0x0102).error().code, ErrorCode::kIo);
  EXPECT_FALSE(CheckDnsAnswer("", 0));
  EXPECT_EQ(ParseNameServers("# x\nnameserver 10.0.0.1\nnameserver\nsearch a\nnameserver ::1\n"),
            (std::vector<std::string>{"10.0.0.1", "::1"}));
}

TEST(ReachGateway, IsOutOfReachWhenTheKernelGotNoAnswerFromIt) {
  const auto gateway = ParseGateway(
      "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
      "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\n"
      "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\n");
  ASSERT_TRUE(gateway);
  EXPECT_EQ(gateway->first, "10.0.0.1");
  EXPECT_EQ(gateway->second, "eth0");
  constexpr std::string_view kArp =
      "IP address HW type Flags HW address Mask Device\n"
      "10.0.0.1 0x1 0x2 02:00:00:00:00:01 * eth0\n"
      "10.0.0.2 0x1 0x0 00:00:00:00:00:00 * eth0\n";
  EXPECT_TRUE(FindNeighbour(kArp, "10.0.0.1"));
  EXPECT_EQ(FindNeighbour(kArp, "10.0.0.2").error().code, ErrorCode::kIo);
  EXPECT_EQ(FindNeighbour(kArp, "10.0.0.3").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(ParseGateway(""));
}

}  // namespace
}  // namespace gpud::reach
