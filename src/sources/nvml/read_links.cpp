// SPDX-License-Identifier: Apache-2.0
// NVLinks: state and counters of all links of a GPU in one call.
#include <cmath>
#include <iterator>

#include "sources/nvml/field_values.h"
#include "sources/nvml/readings.h"

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

// Ids with the link's number in them: six from L0 on, six more from L6 on.
constexpr unsigned kInRow = 6;
constexpr unsigned kNumbered = 2 * kInRow;

std::string TypeText(nvmlIntNvLinkDeviceType_t type) {
  constexpr unsigned kCpu = 1;
  if (type == NVML_NVLINK_DEVICE_TYPE_GPU) return "gpu";
  if (type == NVML_NVLINK_DEVICE_TYPE_SWITCH) return "switch";
  return static_cast<unsigned>(type) == kCpu ? "cpu" : "unknown";
}

unsigned CountLinks(Gpu& gpu) {
  FieldValues fields;
  const auto place = fields.Add(NVML_FI_DEV_NVLINK_LINK_COUNT);
  fields.Read(gpu);
  if (const auto count = fields.Whole(place)) {
    return static_cast<unsigned>(std::min<std::uint64_t>(*count, NVML_NVLINK_MAX_LINKS));
  }
  // A driver without that field: links end where there is no state to be had.
  unsigned count = 0;
  nvmlEnableState_t state{};
  while (count < NVML_NVLINK_MAX_LINKS && gpu.Call(gpu.symbols().link_state, count, &state)) {
    ++count;
  }
  return count;
}

// What changes with the state of a link only.
Link Describe(Gpu& gpu, unsigned index) {
  Symbols& symbols = gpu.symbols();
  Link link{.index = index};
  unsigned version = 0;
  link.version =
      gpu.Call(symbols.link_version, index, &version).map([&] { return std::uint32_t{version}; });
  nvmlPciInfo_t pci{};
  link.remote_bus_id =
      gpu.Call(symbols.link_remote_pci, index, &pci).map([&] { return BusId(pci); });
  nvmlIntNvLinkDeviceType_t type{};
  link.remote_type =
      gpu.Call(symbols.link_remote_type, index, &type).map([&] { return TypeText(type); });
  return link;
}

Result<void> DescribeAll(Gpu& gpu) {
  const unsigned count = gpu.links ? static_cast<unsigned>(gpu.links->size()) : CountLinks(gpu);
  std::vector<Link> links;
  for (unsigned index = 0; index < count; ++index) links.push_back(Describe(gpu, index));
  FieldValues fields;
  for (unsigned index = 0; index < count; ++index) fields.Add(NVML_FI_DEV_NVLINK_GET_SPEED, index);
  if (count > 0) {
    fields.Read(gpu);
    for (Link& link : links) {
      link.speed_mbps = fields.Whole(link.index).map([](std::uint64_t mbps) {
        return static_cast<std::uint32_t>(mbps);
      });
    }
  }
  if (const auto answers = gpu.Answers(); !answers) return tl::unexpected<Error>(answers.error());
  gpu.links = std::move(links);
  return {};
}

// Mantissa in bits 8 to 11, exponent below: mantissa * 10^-exponent.
double UnpackRatio(std::uint64_t packed) {
  const auto mantissa = static_cast<double>((packed >> 8) & 0xf);
  return mantissa * std::pow(10.0, -static_cast<double>(packed & 0xff));
}

struct CounterRow {
  unsigned field;
  Result<std::uint64_t> Link::*into;
  bool by_function;  // older drivers have nvmlDeviceGetNvLinkErrorCounter
  nvmlNvLinkErrorCounter_t counter = NVML_NVLINK_ERROR_DL_REPLAY;
};
constexpr CounterRow kCounters[] = {
    {NVML_FI_DEV_NVLINK_ERROR_DL_REPLAY, &Link::replays, true, NVML_NVLINK_ERROR_DL_REPLAY},
    {NVML_FI_DEV_NVLINK_ERROR_DL_RECOVERY, &Link::recoveries, true, NVML_NVLINK_ERROR_DL_RECOVERY},
    {NVML_FI_DEV_NVLINK_ERROR_DL_CRC, &Link::crc_flit, true, NVML_NVLINK_ERROR_DL_CRC_FLIT},
    {NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_RX, &Link::rx_kib, false},
    {NVML_FI_DEV_NVLINK_THROUGHPUT_DATA_TX, &Link::tx_kib, false},
};

bool IsUnsupported(const Error& error) { return error.code == ErrorCode::kUnsupported; }

Result<std::uint64_t> ErrorCount(Gpu& gpu, unsigned link, nvmlNvLinkErrorCounter_t counter) {
  unsigned long long count = 0;
  return gpu.Call(gpu.symbols().link_errors, link, counter, &count).map([&] {
    return std::uint64_t{count};
  });
}

// The places of one link's fields in the batch.
struct Places {
  std::size_t state, ratio, counters, crc_data;
};

Places AddFields(FieldValues& fields, unsigned link) {
  Places places{};
  places.state = fields.Add(NVML_FI_DEV_NVLINK_GET_STATE, link);
  places.ratio = fields.Add(NVML_FI_DEV_NVLINK_COUNT_EFFECTIVE_BER, link);
  places.counters = places.ratio + 1;
  for (const CounterRow& row : kCounters) fields.Add(row.field, link);
  if (link < kNumbered) {
    places.crc_data =
        fields.Add(link < kInRow ? NVML_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_L0 + link
                                 : NVML_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_L6 + link - kInRow);
  }
  return places;
}

void Fill(Gpu& gpu, Link& link, const FieldValues& fields, const Places& places) {
  link.active = fields.Whole(places.state).map([](std::uint64_t up) { return up != 0; });
  if (!link.active && IsUnsupported(link.active.error())) {
    nvmlEnableState_t state{};
    link.active = gpu.Call(gpu.symbols().link_state, link.index, &state).map([&] {
      return state == NVML_FEATURE_ENABLED;
    });
  }
  link.bit_error_rate = fields.Whole(places.ratio).map(UnpackRatio);
  for (std::size_t i = 0; i < std::size(kCounters); ++i) {
    auto& count = link.*kCounters[i].into;
    count = fields.Whole(places.counters + i);
    if (!count && IsUnsupported(count.error()) && kCounters[i].by_function) {
      count = ErrorCount(gpu, link.index, kCounters[i].counter);
    }
  }
  if (link.index < kNumbered) {
    link.crc_data = fields.Whole(places.crc_data);
  } else {
    link.crc_data = Fail(ErrorCode::kUnsupported, "not supported");
  }
}

}  // namespace

Result<std::vector<Link>> ReadLinks(Gpu& gpu, bool& changed) {
  if (!gpu.links) {
    if (auto done = DescribeAll(gpu); !done) return tl::unexpected<Error>(std::move(done).error());
  }
  if (gpu.links->empty()) return Fail(ErrorCode::kUnsupported, "no NVLink");
  FieldValues fields;
  std::vector<Places> places;
  for (const Link& link : *gpu.links) places.push_back(AddFields(fields, link.index));
  fields.Read(gpu);
  std::vector<Link> links = *gpu.links;
  std::vector<bool> active;
  for (std::size_t i = 0; i < links.size(); ++i) {
    Fill(gpu, links[i], fields, places[i]);
    active.push_back(links[i].active.value_or(false));
  }
  if (const auto answers = gpu.Answers(); !answers && IsLost(answers.error())) {
    return tl::unexpected<Error>(answers.error());
  }
  if (active != gpu.active_links) {
    if (!gpu.active_links.empty()) {
      changed = true;
      gpu.peers.reset();
      (void)DescribeAll(gpu);  // shown from the next reading on
    }
    gpu.active_links = std::move(active);
  }
  return links;
}

}  // namespace gpud::nvml
