// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/pci_express.h"

#include <gtest/gtest.h>

#include "sources/sysfs/pci_acs.h"
#include "testing/fake_host.h"

namespace gpud::sysfs {
namespace {

template <class T>
Result<T> Read(const SourceType& source, const FakeHost& fake) {
  Inputs in;
  source.read(fake.host, in);
  return in.Latest<T>();
}

/// A device in the tree of folders, with its place on the bus.
std::string Add(FakeHost& fake, const std::string& above, const std::string& address,
                const std::string& device_class, const std::string& vendor) {
  const std::string path = "/sys/devices/pci0000:00/" + above + address;
  fake.Write(path + "/class", device_class + "\n");
  fake.Write(path + "/vendor", vendor + "\n");
  fake.Write(path + "/device", "0x2330\n");
  fake.Link("/sys/bus/pci/devices/" + address, "../../../devices/pci0000:00/" + above + address);
  return path;
}

void AddLink(FakeHost& fake, const std::string& path, const std::string& which,
             const std::string& speed, const std::string& width) {
  fake.Write(path + "/" + which + "_link_speed", speed + "\n");
  fake.Write(path + "/" + which + "_link_width", width + "\n");
}

TEST(PciExpress, ReadsTheLinkOfADeviceAndWhatItsSlotCouldDo) {
  FakeHost fake;
  EXPECT_EQ(Read<PcieDevices>(kPciExpress, fake).error().code, ErrorCode::kUnsupported);
  const std::string port = Add(fake, "", "0000:00:01.0", "0x060400", "0x8086");
  AddLink(fake, port, "max", "16.0 GT/s PCIe", "16");
  fake.Write(port + "/aer_dev_correctable", "RxErr 1\nTOTAL_ERR_COR 3\n");
  fake.Write(port + "/aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0\n");
  fake.Write(port + "/aer_dev_fatal", "TOTAL_ERR_FATAL 1\n");
  const std::string gpu = Add(fake, "0000:00:01.0/", "0000:01:00.0", "0x030200", "0x10de");
  AddLink(fake, gpu, "max", "32.0 GT/s PCIe", "16");
  AddLink(fake, gpu, "current", "2.5 GT/s PCIe", "8");
  const std::string vf = Add(fake, "0000:00:01.0/", "0000:01:00.1", "0x020000", "0x15b3");
  fake.Write(vf + "/physfn/class", "0x020000\n");
  const std::string nic = Add(fake, "", "0000:00:05.0", "0x020000", "0x1af4");
  AddLink(fake, nic, "current", "Unknown", "0");
  Add(fake, "", "0000:00:1f.0", "0x030000", "0x1a03");  // the BMC's display

  const auto all = Read<PcieDevices>(kPciExpress, fake);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->devices.size(), 2u);
  const PcieDevice& network = all->devices[0];
  EXPECT_EQ(network.kind, PcieKind::kNetwork);
  EXPECT_EQ(network.link.error().code, ErrorCode::kUnsupported);
  EXPECT_FALSE(network.slot);
  const PcieDevice& device = all->devices[1];
  EXPECT_EQ(device.kind, PcieKind::kGpu);
  EXPECT_EQ(device.model, "10de:2330");
  EXPECT_EQ(*device.link, (PcieLink{2.5, 8}));
  EXPECT_EQ(device.best, (PcieLink{32, 16}));
  EXPECT_EQ(device.port, "0000:00:01.0");
  EXPECT_EQ(*device.slot, (PcieLink{16, 16}));
  EXPECT_EQ(device.errors.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(device.port_errors->correctable, 3u);
  EXPECT_EQ(device.port_errors->fatal, 1u);
}

TEST(PciExpress, SpeedsAreNumbersBeforeTheirUnit) {
  EXPECT_EQ(*ParseLinkSpeed("8 GT/s\n"), 8);
  EXPECT_EQ(*ParseLinkSpeed("64.0 GT/s PCIe\n"), 64);
  EXPECT_EQ(ParseLinkSpeed("Unknown speed\n").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ParseLinkSpeed("").error().code, ErrorCode::kParse);
  EXPECT_FALSE(ParseAerTotal("RxErr 5\n"));
}

void PutWord(std::string& config, std::size_t at, std::uint32_t word) {
  for (std::size_t i = 0; i < 4; ++i) config[at + i] = static_cast<char>(word >> (8 * i));
}

TEST(PciAcs, IsFoundInTheChainOfExtendedCapabilities) {
  FakeHost fake;
  EXPECT_EQ(Read<AcsPorts>(kPciAcs, fake).error().code, ErrorCode::kUnsupported);
  const std::string port = Add(fake, "", "0000:00:01.0", "0x060400", "0x8086");
  std::string config(4096, '\0');
  PutWord(config, 0x100, 0x14820001);  // AER, then 0x148
  PutWord(config, 0x148, 0x0001000d);  // ACS, the last
  PutWord(config, 0x14c, 0x001d005f);
  fake.Write(port + "/config", config);
  const auto acs = Read<AcsPorts>(kPciAcs, fake);
  ASSERT_TRUE(acs);
  ASSERT_EQ(acs->ports.size(), 1u);
  EXPECT_EQ(acs->ports[0].capability, 0x5f);
  EXPECT_EQ(acs->ports[0].control, 0x1d);
  fake.Write(port + "/config", config.substr(0, 64));  // what others than root get
  EXPECT_EQ(Read<AcsPorts>(kPciAcs, fake).error().code, ErrorCode::kPermission);
}

TEST(PciAcs, AChainThatLoopsOrADeviceThatIsGoneEndsTheSearch) {
  int reads = 0;
  EXPECT_FALSE(FindAcs([&](std::uint32_t) {
    ++reads;
    return std::optional<std::uint32_t>(0x10010001);
  }));
  EXPECT_LE(reads, 480);
  EXPECT_FALSE(FindAcs([](std::uint32_t) { return std::optional<std::uint32_t>(0xffffffff); }));
}

}  // namespace
}  // namespace gpud::sysfs
