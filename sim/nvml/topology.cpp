// SPDX-License-Identifier: Apache-2.0
// Where GPUs stand to each other and to the host.
#include "nvml/driver.h"
#include "nvml/links.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr unsigned kBitsPerWord = 8 * sizeof(unsigned long);

// answer(gpu, other); both must work.
template <class Answer>
nvmlReturn_t OnPair(const char* function, nvmlDevice_t one, nvmlDevice_t other, Answer&& answer) {
  return OnGpu(function, one, [&](Gpu& gpu) {
    const Handle* handle = Driver::The().Resolve(other);
    if (!handle) return NVML_ERROR_INVALID_ARGUMENT;
    const nvmlReturn_t state = Driver::The().StateOf(*handle->gpu);
    return state == NVML_SUCCESS ? answer(gpu, *handle->gpu) : state;
  });
}

bool HasLinkUp(Gpu& gpu) {
  for (unsigned link = 0; HasLink(gpu, link); ++link) {
    const Reading up = gpu.Read("nvlink.state", link);
    if (up && up.value > 0) return true;
  }
  return false;
}

unsigned NumaOf(const Gpu& gpu) {
  return static_cast<unsigned>(gpu.FactNumber("numa").value_or(0));
}

void SetBits(unsigned long* words, unsigned count, unsigned from, unsigned to) {
  std::fill(words, words + count, 0UL);
  for (unsigned bit = from; bit < to && bit < count * kBitsPerWord; ++bit) {
    words[bit / kBitsPerWord] |= 1UL << (bit % kBitsPerWord);
  }
}

nvmlReturn_t CpuAffinity(const char* function, nvmlDevice_t device, unsigned words,
                         unsigned long* cpus) {
  return OnGpu(function, device, [&](Gpu& gpu) {
    if (!cpus || words == 0) return NVML_ERROR_INVALID_ARGUMENT;
    const auto& profile = gpu.node().profile();
    const auto each = static_cast<unsigned>(profile.cores / std::max(1, profile.numa_nodes));
    SetBits(cpus, words, NumaOf(gpu) * each, (NumaOf(gpu) + 1) * each);
    return NVML_SUCCESS;
  });
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t one, nvmlDevice_t other,
                                                            nvmlGpuTopologyLevel_t* level) {
  // Every GPU is below a root port of its own (5.8 of the format): two share a NUMA node or
  // nothing.
  return OnPair(__func__, one, other, [&](Gpu& gpu, Gpu& peer) {
    if (&gpu == &peer) return Put(level, NVML_TOPOLOGY_INTERNAL);
    return Put(level, NumaOf(gpu) == NumaOf(peer) ? NVML_TOPOLOGY_NODE : NVML_TOPOLOGY_SYSTEM);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetP2PStatus(nvmlDevice_t one, nvmlDevice_t other,
                                               nvmlGpuP2PCapsIndex_t capability,
                                               nvmlGpuP2PStatus_t* status) {
  return OnPair(__func__, one, other, [&](Gpu& gpu, Gpu& peer) {
    if (capability >= NVML_P2P_CAPS_INDEX_UNKNOWN) return NVML_ERROR_INVALID_ARGUMENT;
    const bool linked = HasLinkUp(gpu) && HasLinkUp(peer);
    // GeForce boards of this generation have no peer access at all.
    const bool by_pci = gpu.board().datacenter() && peer.board().datacenter();
    const bool possible = capability == NVML_P2P_CAPS_INDEX_NVLINK ? linked : linked || by_pci;
    return Put(status, possible ? NVML_P2P_STATUS_OK : NVML_P2P_STATUS_NOT_SUPPORTED);
  });
}

extern "C" nvmlReturn_t nvmlDeviceOnSameBoard(nvmlDevice_t one, nvmlDevice_t other, int* same) {
  return OnPair(__func__, one, other,
                [&](Gpu& gpu, Gpu& peer) { return Put(same, &gpu == &peer); });
}

extern "C" nvmlReturn_t nvmlDeviceGetCpuAffinity(nvmlDevice_t device, unsigned words,
                                                 unsigned long* cpus) {
  return CpuAffinity(__func__, device, words, cpus);
}
extern "C" nvmlReturn_t nvmlDeviceGetCpuAffinityWithinScope(nvmlDevice_t device, unsigned words,
                                                            unsigned long* cpus,
                                                            nvmlAffinityScope_t /*scope*/) {
  return CpuAffinity(__func__, device, words, cpus);  // a socket is one node
}

extern "C" nvmlReturn_t nvmlDeviceGetMemoryAffinity(nvmlDevice_t device, unsigned words,
                                                    unsigned long* nodes,
                                                    nvmlAffinityScope_t /*scope*/) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!nodes || words == 0) return NVML_ERROR_INVALID_ARGUMENT;
    SetBits(nodes, words, NumaOf(gpu), NumaOf(gpu) + 1);
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetNumaNodeId(nvmlDevice_t device, unsigned* node) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    // The node of the GPU's own memory: only where the host maps it as one.
    if (gpu.board().c2c_links == 0) return NVML_ERROR_NOT_SUPPORTED;
    return Put(node, static_cast<unsigned>(gpu.node().profile().numa_nodes + gpu.index() * 8));
  });
}

}  // namespace gpud::sim_nvml
