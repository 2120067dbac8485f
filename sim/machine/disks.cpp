// SPDX-License-Identifier: Apache-2.0
#include "machine/parts.h"
#include "scenario/node.h"

namespace gpud::sim_machine {
namespace {

constexpr double kSectorBytes = 512;
constexpr double kRequestBytes = 128 << 10;
// A disk without traffic still has requests: without any there is no time per request to read.
constexpr double kLeastRequests = 0.2;
constexpr double kDiskBytes = 3.84e12;
constexpr int kNvmeMajor = 259, kScsiMajor = 8, kAnonymous = 0;

std::string DeviceNumber(const scenario::Node& node, std::string_view disk) {
  const auto& disks = node.spec().disks;
  for (std::size_t i = 0; i < disks.size(); ++i) {
    if (disks[i].name == disk) {
      return Join(disks[i].kind == "nvme" ? kNvmeMajor : kScsiMajor, ":", 16 * i);
    }
  }
  return {};
}

/// The columns of /proc/diskstats of one direction: requests, merges, sectors, milliseconds.
std::string Direction(Readings& now, const std::string& disk, std::string_view signal,
                      double megabytes, double milliseconds) {
  const double bytes = megabytes * 1e6;
  const double requests = std::max(kLeastRequests, bytes / kRequestBytes);
  const std::string name = Join(disk, " ", signal);
  return Join(now.Count(name + " requests", requests), " 0 ",
              now.Count(name + " sectors", bytes / kSectorBytes), " ",
              now.Count(name + " ms", requests * milliseconds));
}

void AddDisk(Readings& now, Tree& tree, const scenario::Disk& disk, const scenario::Tags& tags) {
  const std::string number = DeviceNumber(now.node(), disk.name);
  const std::size_t colon = number.find(':');
  tree.files["/proc/diskstats"] += Line(
      number.substr(0, colon), " ", number.substr(colon + 1), " ", disk.name, " ",
      Direction(now, disk.name, "read", now.Now("disk.read", tags), now.Now("disk.await_r", tags)),
      " ",
      Direction(now, disk.name, "write", now.Now("disk.write", tags),
                now.Now("disk.await_w", tags)),
      " ", now.Now("disk.queue", tags), " ",
      now.Count(disk.name + " busy", now.Now("disk.util", tags) * 10), " ",
      now.Count(disk.name + " queue", now.Now("disk.queue", tags) * 1000), " 0 0 0 0 0 0");
  const std::string folder = Join("/sys/class/block/", disk.name, "/");
  tree.files[folder + "dev"] = Line(number);
  tree.files[folder + "size"] = Line(kDiskBytes / kSectorBytes);
  tree.files[folder + "removable"] = "0\n";
  tree.files[folder + "queue/rotational"] = disk.kind == "hdd" ? "1\n" : "0\n";
  tree.files[folder + "device/model"] = Line("simulated ", disk.kind);
  tree.files[folder + "device/serial"] = Line("SIM-", disk.name);
  tree.files[folder + "device/firmware_rev"] = "1.0\n";
  if (disk.kind == "nvme") {
    tree.files[folder + "device/state"] = "live\n";
  } else {
    const auto errors = static_cast<std::int64_t>(now.Now("disk.errors", tags));
    std::string hex;
    for (std::int64_t rest = errors; rest > 0 || hex.empty(); rest /= 16) {
      hex.insert(hex.begin(), "0123456789abcdef"[rest % 16]);
    }
    tree.files[folder + "device/ioerr_cnt"] = Line("0x", hex);
  }
}

/// An operation's line in mountstats: the milliseconds are sums over operations.
std::string NfsOperation(Readings& now, std::string_view name, const std::string& mount,
                         double share, const scenario::Tags& tags) {
  const std::string key = Join(mount, " ", name);
  const double operations = share * now.Now("nfs.ops", tags);
  const double rtt = now.Now("nfs.rtt", tags);
  const double execution = std::max(rtt, now.Now("nfs.exec", tags));
  const double done = std::floor(now.Count(key + " ops", operations));
  const double again = std::floor(now.Count(key + " again", share * now.Now("nfs.retrans", tags)));
  const double bytes = now.Count(key + " bytes", operations * kRequestBytes);
  return Line("\t", name, ": ", done, " ", done + again, " 0 ", bytes, " ", bytes, " ",
              now.Count(key + " queue", operations * (execution - rtt)), " ",
              now.Count(key + " rtt", operations * rtt), " ",
              now.Count(key + " execute", operations * execution), " 0");
}

std::string NfsStatistics(Readings& now, const scenario::Mount& mount, std::string_view source,
                          const scenario::Tags& tags) {
  return Line("device ", source, " mounted on ", mount.path, " with fstype ", mount.fstype,
              " statvers=1.1") +
         "\topts:\trw,vers=4.2,rsize=1048576,wsize=1048576,hard,proto=tcp,timeo=600,retrans=2\n" +
         Line("\tage:\t", now.uptime()) + "\tbytes:\t0 0 0 0 0 0 0 0\n" +
         "\txprt:\ttcp 0 0 1 0 0 0 0 0 0 0 2 0 0\n\tper-op statistics\n" +
         NfsOperation(now, "READ", mount.path, 0.75, tags) +
         NfsOperation(now, "WRITE", mount.path, 0.25, tags) + "\n";
}

}  // namespace

void AddDisks(Readings& now, Tree& tree) {
  const scenario::Node& node = now.node();
  tree.files["/proc/diskstats"];
  const auto& disks = node.spec().disks;
  for (std::size_t i = 0; i < disks.size(); ++i) {
    if (!now.FactIsTrue("disk." + disks[i].name + ".present", true)) continue;
    AddDisk(now, tree, disks[i], {{scenario::Label::kDisk, static_cast<std::int64_t>(i)}});
  }
  std::string table = "21 1 0:21 / /proc rw,nosuid - proc proc rw\n";
  std::string statistics;
  const auto& mounts = node.spec().mounts;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const scenario::Mount& mount = mounts[i];
    const bool local = !mount.disk.empty();
    const std::string source = local ? "/dev/" + mount.disk : "storage:/export" + mount.path;
    const std::string device =
        local ? DeviceNumber(node, mount.disk) : Join(kAnonymous, ":", 60 + i);
    table += Line(30 + i, " 1 ", device, " / ", mount.path, " rw,relatime - ", mount.fstype, " ",
                  source, " rw");
    tree.files[mount.path + (mount.path == "/" ? "" : "/")];
    if (mount.fstype.starts_with("nfs")) {
      statistics += NfsStatistics(now, mount, source,
                                  {{scenario::Label::kMount, static_cast<std::int64_t>(i)}});
    } else {
      statistics +=
          Line("device ", source, " mounted on ", mount.path, " with fstype ", mount.fstype);
    }
  }
  tree.files.erase("/");
  table += "90 1 0:90 / /dev/shm rw,nosuid - tmpfs tmpfs rw\n";
  tree.files["/dev/shm/"];
  for (const std::string_view process : {"/proc/self/", "/proc/1/"}) {
    tree.files[Join(process, "mountinfo")] = table;
    tree.files[Join(process, "mountstats")] = statistics;
  }
}

}  // namespace gpud::sim_machine
