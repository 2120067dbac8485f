// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sources/host/machine_info.h"
#include "sources/host/os_release.h"
#include "sources/procfs/diskstats.h"
#include "sources/procfs/limits.h"
#include "sources/procfs/loadavg.h"
#include "sources/procfs/meminfo.h"
#include "sources/procfs/modules.h"
#include "sources/procfs/mountinfo.h"
#include "sources/procfs/pressure.h"
#include "sources/procfs/processes.h"
#include "sources/procfs/stat.h"
#include "sources/procfs/uptime.h"
#include "sources/procfs/vmstat.h"

// Every parser of a /proc file sees every input: they must refuse what is not theirs.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace gpud;
  (void)procfs::ParseStat(text);
  (void)procfs::ParseFileNr(text);
  (void)procfs::ParseUptime(text);
  (void)procfs::ParseDiskstats(text);
  (void)procfs::ParseVmstat(text);
  (void)procfs::ParseMeminfo(text);
  (void)procfs::ParsePressure(text);
  (void)procfs::ParseModules(text);
  (void)procfs::ParseProcessStat(text);
  (void)procfs::ParseLoadAverage(text);
  (void)host::ParseCpuinfo(text);
  (void)host::ParseOsRelease(text);
  if (const auto mounts = procfs::ParseMountinfo(text)) (void)procfs::RealMounts(*mounts);
  return 0;
}
