// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.h"
#include "scenario/node.h"

namespace gpud::sim_machine {
namespace {

constexpr double kBytesOfWord = 4;  // in which InfiniBand ports count their data
constexpr double kSegmentsPerSecond = 10'000;
constexpr double kPacketBytes = 1500;

std::string_view SpeedName(double gbps) {
  if (gbps > 400) return "4X XDR";
  if (gbps > 200) return "4X NDR";
  if (gbps > 100) return "4X HDR";
  return gbps > 56 ? "4X EDR" : "4X FDR";
}

struct Adapter {
  std::string rdma;       ///< "mlx5_0"
  std::string interface;  ///< "ib0"
  std::string folder;     ///< of its PCI device
  scenario::Tags tags;
};

/// From the folder of a class below the PCI device's, as the kernel writes it.
std::string DeviceLink(const Adapter& nic) {
  return "../../.." + nic.folder.substr(nic.folder.rfind('/'));
}

void AddPort(Readings& now, Tree& tree, const Adapter& nic, bool up, double gbps) {
  const std::string device = nic.folder + "/infiniband/" + nic.rdma;
  tree.links["/sys/class/infiniband/" + nic.rdma] = "../../.." + device;
  tree.links[device + "/device"] = DeviceLink(nic);
  tree.files[device + "/node_type"] = "1: CA\n";
  tree.files[device + "/fw_ver"] = "28.39.1002\n";
  tree.files[device + "/node_guid"] = Line("a088:c203:0000:000", nic.tags[0].id);
  const std::string port = device + "/ports/1/";
  tree.files[port + "state"] = up ? "4: ACTIVE\n" : "1: DOWN\n";
  tree.files[port + "phys_state"] = up ? "5: LinkUp\n" : "2: Polling\n";
  tree.files[port + "rate"] = Line(gbps, " Gb/sec (", SpeedName(gbps), ")");
  tree.files[port + "link_layer"] = "InfiniBand\n";
  tree.files[port + "lid"] = Line("0x", 10 + nic.tags[0].id);
  const auto data = [&](std::string_view signal) {
    return Line(now.Count(Join(nic.rdma, signal), now.Now(signal, nic.tags) * 1e6 / kBytesOfWord));
  };
  tree.files[port + "counters/port_rcv_data"] = data("rdma.rx");
  tree.files[port + "counters/port_xmit_data"] = data("rdma.tx");
  constexpr std::pair<std::string_view, std::string_view> kCounters[] = {
      {"counters/symbol_error", "rdma.symbol_err"},
      {"counters/link_downed", "rdma.link_downed"},
      {"counters/link_error_recovery", "rdma.link_recovery"},
      {"hw_counters/out_of_sequence", "rdma.out_of_seq"},
      {"hw_counters/packet_seq_err", "rdma.seq_err"},
      {"hw_counters/local_ack_timeout_err", "rdma.ack_timeout"},
      {"hw_counters/rp_cnp_handled", "rdma.cnp_handled"},
      {"hw_counters/np_cnp_sent", "rdma.cnp_sent"},
      {"hw_counters/np_ecn_marked_roce_packets", "rdma.ecn_marked"}};
  for (const auto& [file, signal] : kCounters) {
    tree.files[Join(port, file)] = Line(now.Now(signal, nic.tags));
  }
}

void AddInterface(Readings& now, Tree& tree, const Adapter& nic, bool up, double gbps) {
  const std::string device = nic.folder + "/net/" + nic.interface;
  tree.links["/sys/class/net/" + nic.interface] = "../../.." + device;
  tree.links[device + "/device"] = DeviceLink(nic);
  const auto bytes = [&](std::string_view signal) {
    return now.Count(nic.rdma + Join(signal), now.Now(signal, nic.tags) * 1e6);
  };
  const double received = bytes("net.rx"), sent = bytes("net.tx");
  const double errors = now.Now("net.errors", nic.tags), drops = now.Now("net.drops", nic.tags);
  const std::pair<std::string_view, std::string> files[] = {
      {"address",
       Join("00:00:10:29:fe:80:00:00:00:00:00:00:a0:88:c2:03:00:00:00:0", nic.tags[0].id)},
      {"ifindex", Word(2 + nic.tags[0].id)},
      {"type", "32"},  // ARPHRD_INFINIBAND
      {"flags", up ? "0x1003" : "0x1002"},
      {"operstate", up ? "up" : "down"},
      {"carrier", up ? "1" : "0"},
      {"carrier_changes", Word(now.Now("net.carrier_changes", nic.tags))},
      {"speed", Word(up ? gbps * 1000 : -1)},
      {"duplex", "full"},
      {"mtu", "4092"},
      {"statistics/rx_bytes", Word(received)},
      {"statistics/tx_bytes", Word(sent)},
      {"statistics/rx_packets", Word(received / kPacketBytes)},
      {"statistics/tx_packets", Word(sent / kPacketBytes)},
      {"statistics/rx_errors", Word(errors)},
      {"statistics/tx_errors", "0"},
      {"statistics/rx_dropped", Word(drops)},
      {"statistics/tx_dropped", "0"}};
  for (const auto& [file, text] : files) tree.files[Join(device, "/", file)] = Line(text);
  tree.files["/proc/net/dev"] +=
      Line(nic.interface, ": ", received, " ", received / kPacketBytes, " ", errors, " ", drops,
           " 0 0 0 0 ", sent, " ", sent / kPacketBytes, " 0 0 0 0 0 0");
}

}  // namespace

void AddNetwork(Readings& now, Tree& tree) {
  tree.files["/proc/net/dev"] =
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "
      "drop fifo colls carrier compressed\n"
      "    lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
  const scenario::Signal& link = *scenario::FindSignal("net.link");
  for (const scenario::Tags& tags : now.node().LabelSets(link)) {
    const std::int64_t i = tags[0].id;
    const std::string fact = Join("nic.", i, ".");
    if (!now.FactIsTrue(fact + "present", true)) continue;
    const Adapter nic{.rdma = now.node().TextOf(tags[0]),
                      .interface = Join("ib", i),
                      .folder = PciFolder(now.FactText(fact + "pci_path")),
                      .tags = tags};
    const bool up = now.Sample("net.link", tags).value_or(1) >= 0.5;
    const double gbps = now.Now("net.speed", tags);
    AddPort(now, tree, nic, up, gbps);
    AddInterface(now, tree, nic, up, gbps);
  }
  const double again = now.Now("tcp.retrans") / 100 * kSegmentsPerSecond;
  const double sent = now.Count("tcp segments", kSegmentsPerSecond);
  tree.files["/proc/net/snmp"] =
      "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets "
      "CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors\n" +
      Line("Tcp: 1 200 120000 -1 0 0 0 0 40 ", sent, " ", sent, " ", now.Count("tcp again", again),
           " 0 0 0");
}

}  // namespace gpud::sim_machine
