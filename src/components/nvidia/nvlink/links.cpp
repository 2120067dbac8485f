// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/nvlink/links.h"

#include <algorithm>

namespace gpud::nvidia_nvlink {
namespace {

using nvml::Link;

constexpr std::uint64_t kKib = 1024;

void AddTo(std::optional<std::uint64_t>& sum, const Result<std::uint64_t>& value,
           std::uint64_t factor = 1) {
  if (value) sum = sum.value_or(0) + *value * factor;
}

Json TextArray(const std::vector<std::string>& texts) {
  Json::Array array;
  for (const std::string& text : texts) array.push_back({text});
  return {std::move(array)};
}

void AddOnce(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

}  // namespace

Links Sum(const std::vector<Link>& links) {
  Links sum;
  for (const Link& link : links) {
    ++sum.all;
    if (link.active.value_or(false)) ++sum.up;
    sum.switched = sum.switched || link.remote_type.value_or("") == "switch";
    AddTo(sum.replays, link.replays);
    AddTo(sum.recoveries, link.recoveries);
    AddTo(sum.crc_errors, link.crc_flit);
    AddTo(sum.rx_bytes, link.rx_kib, kKib);
    AddTo(sum.tx_bytes, link.tx_kib, kKib);
  }
  return sum;
}

Peers PeersOf(const nvml::Devices* devices) {
  Peers peers;
  if (!devices) return peers;
  const std::size_t count = devices->devices.size();
  std::size_t answers = 0, good = 0;  // each pair is in the answers of both
  for (const nvml::Device& device : devices->devices) {
    peers.fabric = peers.fabric || (device.fabric && device.fabric->state != 0);
    if (!device.nvlink_peers) continue;
    for (const auto& [peer, status] : *device.nvlink_peers) {
      ++answers;
      AddOnce(peers.statuses, status);
      if (status != "OK") continue;
      ++good;
      AddOnce(peers.ok_uuids, device.uuid);
    }
  }
  peers.expected = count * (count - std::min<std::size_t>(count, 1)) / 2;
  peers.answered = answers / 2;
  peers.ok = (good + 1) / 2;
  return peers;
}

Json Describe(const nvidia::GpuId& id, const std::vector<Link>* links) {
  Json::Object row = nvidia::RowOf(id);
  row.emplace_back("supported", Json{links != nullptr && !links->empty()});
  Json::Array states;
  for (const Link& link : links ? *links : std::vector<Link>()) {
    Json::Object state{{"link", Json{std::uint64_t{link.index}}}};
    if (link.active) state.emplace_back("feature_enabled", Json{*link.active});
    const auto add = [&](const char* name, const Result<std::uint64_t>& value,
                         std::uint64_t factor = 1) {
      if (value) state.emplace_back(name, Json{*value * factor});
    };
    add("replay_errors", link.replays);
    add("recovery_errors", link.recoveries);
    add("crc_errors", link.crc_flit);
    add("throughput_raw_tx_bytes", link.tx_kib, kKib);
    add("throughput_raw_rx_bytes", link.rx_kib, kKib);
    if (link.bit_error_rate) state.emplace_back("bit_error_rate", Json{*link.bit_error_rate});
    if (link.remote_bus_id) state.emplace_back("remote", Json{*link.remote_bus_id});
    states.push_back({std::move(state)});
  }
  row.emplace_back("states", Json{std::move(states)});
  return {std::move(row)};
}

Json::Object DataOf(Json::Array rows, const std::vector<GpuLinks>& gpus, const Peers& peers) {
  Json::Array active, inactive, unsupported;
  for (const GpuLinks& gpu : gpus) {
    Json::Array& list = gpu.links.all == 0 ? unsupported : gpu.links.AreAllUp() ? active : inactive;
    list.push_back({std::string(gpu.id.uuid)});
  }
  return {{"nvlinks", {std::move(rows)}},
          {"active_nvlink_uuids", {std::move(active)}},
          {"inactive_nvlink_uuids", {std::move(inactive)}},
          {"unsupported_nvlink_uuids", {std::move(unsupported)}},
          {"peer_nvlink_probe_pair_count", Json{std::uint64_t{peers.answered}}},
          {"peer_nvlink_expected_pair_count", Json{std::uint64_t{peers.expected}}},
          {"peer_nvlink_ok_pair_count", Json{std::uint64_t{peers.ok}}},
          {"peer_nvlink_ok_gpu_uuids", TextArray(peers.ok_uuids)},
          {"peer_nvlink_observed_status_codes", TextArray(peers.statuses)},
          {"system_expected_nvlink", Json{peers.fabric}}};
}

}  // namespace gpud::nvidia_nvlink
