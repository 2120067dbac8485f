// SPDX-License-Identifier: Apache-2.0
#include "testing/fake_gpus.h"

namespace gpud {

void FakeDevice::Set(std::string_view file, std::string_view text) const {
  host_->Write(folder_ + "/" + std::string(file), text);
}

void FakeDevice::Set(
    const std::vector<std::pair<std::string_view, std::string_view>>& files) const {
  for (const auto& [file, text] : files) Set(file, text);
}

void FakeDevice::Remove(std::string_view file) const {
  host_->Remove(folder_ + "/" + std::string(file));
}

void FakeDevice::Break(std::string_view file) const {
  Remove(file);
  Set(std::string(file) + "/is-a-folder", "");
}

FakeDevice AddPciDevice(FakeHost& host, const std::vector<std::string>& path, const FakePci& pci) {
  std::string folder = "/sys/devices/pci0000:00";
  for (const std::string& address : path) folder += "/" + address;
  FakeDevice device(host, folder);
  device.Set({{"vendor", pci.vendor}, {"device", pci.device}, {"class", pci.device_class}});
  host.Link("/sys/bus/pci/devices/" + path.back(), folder);
  if (!pci.driver.empty()) {
    host.Link(folder + "/driver", "/sys/bus/pci/drivers/" + std::string(pci.driver));
    host.Write("/sys/module/" + std::string(pci.driver) + "/refcnt", "1\n");
  }
  return device;
}

FakeDevice AddCard(FakeHost& host, const std::string& card, const std::vector<std::string>& path,
                   const FakePci& pci) {
  FakeDevice device = AddPciDevice(host, path, pci);
  host.Link(device.folder() + "/drm/" + card + "/device", device.folder());
  host.Link("/sys/class/drm/" + card, device.folder() + "/drm/" + card);
  device.Set("power/runtime_status", "active\n");
  return device;
}

std::string Mi300xAddress(unsigned n) { return "0000:" + std::to_string(n + 1) + "5:00.0"; }

FakeDevice AddMi300x(FakeHost& host, unsigned n, unsigned of) {
  const std::string port = "0000:" + std::to_string(n + 1) + "0:01.1";
  const FakeDevice slot = AddPciDevice(host, {port}, {"0x1022", "0x14ab", "0x060400"});
  slot.Set({{"max_link_speed", "32.0 GT/s PCIe\n"}, {"max_link_width", "16\n"}});
  FakeDevice gpu = AddCard(host, "card" + std::to_string(n), {port, Mi300xAddress(n)},
                           {"0x1002\n", "0x74a1\n", "0x120000\n", "amdgpu"});
  gpu.Set({{"gpu_busy_percent", "97\n"},
           {"mem_busy_percent", "41\n"},
           {"mem_info_vram_total", "206141652992\n"},
           {"mem_info_vram_used", "103070826496\n"},
           {"mem_info_vis_vram_total", "206141652992\n"},
           {"mem_info_vis_vram_used", "103070826496\n"},
           {"mem_info_gtt_total", "540000000000\n"},
           {"mem_info_gtt_used", "20000000\n"},
           {"pp_dpm_sclk", "0: 500Mhz\n1: 1984Mhz *\n2: 2100Mhz\n"},
           {"pp_dpm_mclk", "0: 900Mhz\n1: 1300Mhz *\n"},
           {"current_link_speed", "32.0 GT/s PCIe\n"},
           {"current_link_width", "16\n"},
           {"max_link_speed", "32.0 GT/s PCIe\n"},
           {"max_link_width", "16\n"},
           {"product_name", "AMD Instinct MI300X OAM\n"},
           {"serial_number", "692251001124\n"},
           {"vbios_version", "113-M3000100-102\n"},
           {"current_compute_partition", "SPX\n"},
           {"current_memory_partition", "NPS1\n"},
           {"ras/umc_err_count", "ue: 0\nce: 2\nde: 0\n"},
           {"ras/gfx_err_count", "ue: 0\nce: 0\n"},
           {"ras/features", "feature mask: 0x7f\n"},
           {"ras/gpu_vram_bad_pages", "0x00000001 : 0x00001000 : R\n"},
           {"hwmon/hwmon3/name", "amdgpu\n"},
           {"hwmon/hwmon3/temp2_label", "junction\n"},
           {"hwmon/hwmon3/temp2_input", "61000\n"},
           {"hwmon/hwmon3/temp2_crit", "100000\n"},
           {"hwmon/hwmon3/temp3_label", "mem\n"},
           {"hwmon/hwmon3/temp3_input", "48000\n"},
           {"hwmon/hwmon3/temp3_crit", "105000\n"},
           {"hwmon/hwmon3/power1_input", "612000000\n"},
           {"hwmon/hwmon3/power1_cap", "750000000\n"},
           {"hwmon/hwmon3/power1_cap_default", "750000000\n"},
           {"hwmon/hwmon3/power1_cap_max", "750000000\n"}});
  gpu.Set("unique_id", "a1b2c3d4e5f6000" + std::to_string(n) + "\n");
  host.Write("/sys/module/amdgpu/parameters/bad_page_threshold", "-1\n");

  const std::string node = "/sys/class/kfd/kfd/topology/nodes/" + std::to_string(n + 2);
  host.Write(node + "/gpu_id", std::to_string(1000 + n) + "\n");
  const unsigned bus = (n + 1) * 16 + 5;  // as in the address, which is hexadecimal
  host.Write(node + "/properties", "cpu_cores_count 0\nsimd_count 1216\ndomain 0\nlocation_id " +
                                       std::to_string(bus << 8) + "\nhive_id 7001\n");
  host.Write("/sys/class/kfd/kfd/topology/nodes/0/gpu_id", "0\n");
  host.Write(node + "/io_links/0/properties", "type 2\nnode_to 0\n");
  for (unsigned peer = 0; peer < of; ++peer) {
    if (peer == n) continue;
    host.Write(node + "/io_links/" + std::to_string(peer + 1) + "/properties",
               "type 11\nnode_to " + std::to_string(peer + 2) + "\n");
  }
  return gpu;
}

FakeDevice AddRadeon(FakeHost& host) {
  const FakeDevice slot = AddPciDevice(host, {"0000:00:01.1"}, {"0x1022", "0x14ab", "0x060400"});
  slot.Set({{"max_link_speed", "16.0 GT/s PCIe\n"}, {"max_link_width", "16\n"}});
  const FakeDevice edge =
      AddPciDevice(host, {"0000:00:01.1", "0000:01:00.0"}, {"0x1002", "0x1478", "0x060400"});
  edge.Set({{"current_link_speed", "16.0 GT/s PCIe\n"},
            {"current_link_width", "16\n"},
            {"max_link_speed", "16.0 GT/s PCIe\n"},
            {"max_link_width", "16\n"}});
  AddPciDevice(host, {"0000:00:01.1", "0000:01:00.0", "0000:02:00.0"},
               {"0x1002", "0x1479", "0x060400"});
  FakeDevice gpu =
      AddCard(host, "card0", {"0000:00:01.1", "0000:01:00.0", "0000:02:00.0", "0000:03:00.0"},
              {"0x1002\n", "0x744c\n", "0x030000\n", "amdgpu"});
  gpu.Set({{"gpu_busy_percent", "12\n"},
           {"mem_info_vram_total", "25753026560\n"},
           {"mem_info_vram_used", "1048576\n"},
           {"current_link_speed", "16.0 GT/s PCIe\n"},
           {"current_link_width", "16\n"},
           {"pcie_replay_count", "3\n"},
           {"hwmon/hwmon1/name", "amdgpu\n"},
           {"hwmon/hwmon1/temp1_label", "edge\n"},
           {"hwmon/hwmon1/temp1_input", "42000\n"},
           {"hwmon/hwmon1/temp1_crit", "100000\n"},
           {"hwmon/hwmon1/power1_average", "31000000\n"},
           {"hwmon/hwmon1/fan1_input", "612\n"}});
  return gpu;
}

FakeDevice AddArc(FakeHost& host) {
  const FakeDevice slot = AddPciDevice(host, {"0000:00:01.0"}, {"0x8086", "0x460d", "0x060400"});
  slot.Set({{"max_link_speed", "32.0 GT/s PCIe\n"}, {"max_link_width", "16\n"}});
  const FakeDevice edge =
      AddPciDevice(host, {"0000:00:01.0", "0000:51:00.0"}, {"0x8086", "0x4fa0", "0x060400"});
  edge.Set({{"current_link_speed", "16.0 GT/s PCIe\n"},
            {"current_link_width", "16\n"},
            {"max_link_speed", "16.0 GT/s PCIe\n"},
            {"max_link_width", "16\n"}});
  AddPciDevice(host, {"0000:00:01.0", "0000:51:00.0", "0000:52:01.0"},
               {"0x8086", "0x4fa4", "0x060400"});
  FakeDevice gpu =
      AddCard(host, "card1", {"0000:00:01.0", "0000:51:00.0", "0000:52:01.0", "0000:53:00.0"},
              {"0x8086\n", "0x56a0\n", "0x030000\n", "i915"});
  gpu.Set({{"current_link_speed", "2.5 GT/s PCIe\n"},
           {"current_link_width", "1\n"},
           {"max_link_speed", "2.5 GT/s PCIe\n"},
           {"max_link_width", "1\n"},
           {"drm/card1/gt/gt0/rps_act_freq_mhz", "2050\n"},
           {"drm/card1/gt/gt0/rps_RP0_freq_mhz", "2400\n"},
           {"drm/card1/gt/gt0/rc6_residency_ms", "1000\n"},
           {"drm/card1/gt/gt0/throttle_reason_status", "0\n"},
           {"drm/card1/gt/gt0/throttle_reason_thermal", "0\n"},
           {"drm/card1/gt/gt0/throttle_reason_pl1", "0\n"},
           {"hwmon/hwmon4/name", "i915_gt0\n"},
           {"hwmon/hwmon4/energy1_input", "1\n"},
           {"hwmon/hwmon5/name", "i915\n"},
           {"hwmon/hwmon5/energy1_input", "2000000000\n"},
           {"hwmon/hwmon5/power1_max", "190000000\n"},
           {"hwmon/hwmon5/power1_rated_max", "190000000\n"},
           {"hwmon/hwmon5/fan1_input", "800\n"},
           {"hwmon/hwmon5/temp1_input", "51000\n"}});
  return gpu;
}

FakeDevice AddBattlemage(FakeHost& host) {
  FakeDevice gpu = AddCard(host, "card2", {"0000:40:01.0", "0000:43:00.0"},
                           {"0x8086\n", "0xe20b\n", "0x030000\n", "xe"});
  gpu.Set({{"tile0/physical_vram_size_bytes", "0x2f9000000\n"},
           {"tile0/gt0/freq0/act_freq", "1900\n"},
           {"tile0/gt0/freq0/rp0_freq", "2850\n"},
           {"tile0/gt0/gtidle/idle_residency_ms", "5000\n"},
           {"tile0/gt0/freq0/throttle/status", "0\n"},
           {"tile0/gt0/freq0/throttle/reason_thermal", "0\n"},
           {"tile0/gt0/freq0/throttle/reason_pl1", "0\n"},
           {"tile0/gt1/freq0/act_freq", "0\n"},
           {"tile0/gt1/gtidle/idle_residency_ms", "9000\n"},
           {"hwmon/hwmon6/name", "xe\n"},
           {"hwmon/hwmon6/temp2_label", "pkg\n"},
           {"hwmon/hwmon6/temp2_input", "55000\n"},
           {"hwmon/hwmon6/temp2_crit", "100000\n"},
           {"hwmon/hwmon6/temp3_label", "vram\n"},
           {"hwmon/hwmon6/temp3_input", "60000\n"},
           {"hwmon/hwmon6/power1_max", "190000000\n"},
           {"hwmon/hwmon6/energy1_input", "77000000\n"}});
  return gpu;
}

}  // namespace gpud
