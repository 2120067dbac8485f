// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "sources/containers/runtime.h"
#include "sources/kubelet/health.h"
#include "sources/local/http.h"
#include "sources/procfs/net_stack.h"
#include "sources/reach/reach.h"
#include "sources/tailscale/status.h"

// What daemons and name servers answer, and the files of the network stack: every parser sees every
// input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace gpud;
  (void)local::ParseHttpAnswer(text);
  containers::Runtime runtime;
  (void)containers::ParseEngineList(text, runtime);
  (void)containers::ParseCriVersion(text);
  (void)containers::ParseCriPods(text, runtime);
  (void)containers::ParseCriContainers(text, runtime);
  (void)kubelet::ParsePorts(text);
  (void)kubelet::ParsePods(text);
  tailscale::Status status;
  (void)tailscale::ParseStatus(text, status);
  procfs::NetStack stack;
  (void)procfs::ParseSnmp(text, stack);
  procfs::ParseSockstat(text, 4096, stack);
  procfs::ParseSoftnet(text, stack);
  (void)reach::ParsePlan(text);
  (void)reach::ParseNameServers(text);
  (void)reach::DnsQuery(text, 1);
  (void)reach::CheckDnsAnswer(text, 1);
  (void)reach::ParseGateway(text);
  (void)reach::FindNeighbour(text, "10.0.0.1");
  return 0;
}
