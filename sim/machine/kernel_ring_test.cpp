// SPDX-License-Identifier: Apache-2.0
#include "machine/kernel_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "platform/text.h"
#include "scenario/bundled.h"
#include "testing/fake_host.h"

namespace gpud::sim_machine {
namespace {

class Ring {
 public:
  Ring() {
    fake_.Write("/dev/null", "");
    auto made = KernelRing::Make(fake_.Path(""), nodes_[0],
                                 {.start_unix = 5000, .boot_unix = 1000, .speed = 10});
    EXPECT_TRUE(made) << (made ? "" : made.error().what);
    ring_.emplace(std::move(*made));
    reader_ = fake_.root.Open("/dev/kmsg", O_RDONLY | O_NONBLOCK).value();
  }

  KernelRing& operator*() { return *ring_; }
  scenario::LogRecord first() const { return scenario::KernelLogOf(nodes_[0]).front(); }
  std::string Read() {
    std::array<char, 65536> buffer;
    const ssize_t n = ::read(reader_.get(), buffer.data(), buffer.size());
    return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : "";
  }
  void Write(std::string_view text) {
    const auto fd = fake_.root.Open("/dev/kmsg-input", O_WRONLY | O_NONBLOCK);
    ASSERT_TRUE(fd);
    EXPECT_EQ(::write(fd->get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

 private:
  FakeHost fake_;
  scenario::Scenario scenario_ = *scenario::FindScenario("fallen-off-bus");
  std::vector<scenario::Node> nodes_ = scenario::NodesOf(scenario_);
  std::optional<KernelRing> ring_;
  UniqueFd reader_;
};

TEST(KernelRing, GivesARecordAtItsTimeByTheReadersClock) {
  Ring ring;
  const double t = ring.first().t;
  (*ring).PlayTo(t - 1);
  EXPECT_EQ(ring.Read(), "");
  EXPECT_EQ((*ring).next(), t);
  (*ring).PlayTo(t);
  const std::string record = ring.Read();
  EXPECT_NE(record.find(ring.first().text), std::string::npos) << record;
  const auto header = Split(std::string_view(record).substr(0, record.find(';')), ',');
  ASSERT_EQ(header.size(), 4u);
  // Second 0 is 4000 s after the boot, and ten seconds are one.
  EXPECT_NEAR(ParseNumber<double>(header[2]).value_or(0), (4000 + t / 10) * 1e6, 1);
}

TEST(KernelRing, GivesBackWhatAProgramWrites) {
  Ring ring;
  ring.Write("<43>a fault\n<6>half a ");
  (*ring).TakeInput(0);
  EXPECT_EQ(ring.Read(), "43,1,4000000000,-;a fault\n");
  ring.Write("line\nno line\n");
  (*ring).TakeInput(0);
  EXPECT_EQ(ring.Read(), "6,2,4000000000,-;half a line\n");
}

TEST(KernelRing, WhatFindsNoRoomComesLater) {
  Ring ring;
  const std::string line = "<6>" + std::string(3000, 'x') + "\n";
  constexpr int kLines = 500;  // more than the pipe holds
  for (int i = 0; i < kLines; ++i) {
    ring.Write(line);
    (*ring).TakeInput(0);
  }
  std::size_t bytes = 0;
  for (std::string part; !(part = ring.Read()).empty(); (*ring).PlayTo(0)) bytes += part.size();
  EXPECT_GT(bytes, kLines * 3000u);
}

}  // namespace
}  // namespace gpud::sim_machine
