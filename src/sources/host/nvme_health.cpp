// SPDX-License-Identifier: Apache-2.0
#include "sources/host/nvme_health.h"

#include <endian.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>

#include "sources/host/patient_reader.h"
#include "sources/sysfs/value_file.h"

namespace gpud::host {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kFolder = "/sys/class/nvme";
constexpr std::size_t kLogBytes = 512;
constexpr std::chrono::minutes kStep{5};
// The controller's own limit is the shortest, so that a slow one is told apart from a dead one.
constexpr unsigned kCommandMilliseconds = 1500;
constexpr milliseconds kPatience{2000}, kBudget{3500}, kDeadline{5000};

/// A 128-bit number, or the greatest of 64 bits where it is more.
std::uint64_t Counter(std::string_view log, std::size_t at) {
  std::uint64_t low = 0, high = 0;
  std::memcpy(&low, log.data() + at, sizeof low);
  std::memcpy(&high, log.data() + at + sizeof low, sizeof high);
  return high == 0 ? le64toh(low) : std::numeric_limits<std::uint64_t>::max();
}
template <class T>
T Small(std::string_view log, std::size_t at) {
  T value{};
  std::memcpy(&value, log.data() + at, sizeof value);
  return value;
}
/// Data units are of 512,000 bytes.
std::uint64_t UnitsToBytes(std::uint64_t units) {
  constexpr std::uint64_t kUnit = 512'000;
  return units > std::numeric_limits<std::uint64_t>::max() / kUnit
             ? std::numeric_limits<std::uint64_t>::max()
             : units * kUnit;
}

Result<NvmeSmart> AskSmart(const Root& root, const std::string& device) {
  const auto fd = root.Open(device, O_RDONLY | O_NONBLOCK);
  if (!fd) return tl::unexpected<Error>(fd.error());
  std::array<char, kLogBytes> log{};
  constexpr unsigned kGetLogPage = 0x02, kSmartLog = 0x02, kAllNamespaces = 0xffffffff;
  nvme_admin_cmd command{};
  command.opcode = kGetLogPage;
  command.nsid = kAllNamespaces;
  command.addr = reinterpret_cast<std::uintptr_t>(log.data());
  command.data_len = kLogBytes;
  command.cdw10 = (kLogBytes / 4 - 1) << 16 | kSmartLog;
  command.timeout_ms = kCommandMilliseconds;
  const int status = ::ioctl(fd->get(), NVME_IOCTL_ADMIN_CMD, &command);
  if (status < 0) return FailErrno(device, errno);
  if (status > 0) {  // the controller's own answer
    return Fail(ErrorCode::kUnsupported,
                device + ": no SMART log (NVMe status " + std::to_string(status) + ")", status);
  }
  return ParseNvmeSmart({log.data(), log.size()});
}

std::vector<NvmeController> ListControllers(const Root& root) {
  std::vector<NvmeController> all;
  for (const std::string& name : root.List(kFolder).value_or(std::vector<std::string>{})) {
    const std::string path = std::string(kFolder) + "/" + name;
    // One across a network is its server's to look after.
    if (sysfs::ReadText(root, path + "/transport").value_or("pcie") != "pcie") continue;
    all.push_back({.name = name,
                   .model = sysfs::ReadText(root, path + "/model").value_or(std::string()),
                   .state = sysfs::ReadText(root, path + "/state").value_or(std::string())});
  }
  return all;
}

void AskAll(const Root& root, PatientReader& reader, std::vector<NvmeController>& controllers) {
  std::vector<PatientReader::Question> questions;
  std::vector<std::shared_ptr<NvmeSmart>> logs;
  for (const NvmeController& controller : controllers) {
    const auto& log = logs.emplace_back(std::make_shared<NvmeSmart>());
    const std::string device = "/dev/" + controller.name;
    questions.push_back({device, [root, log, device] {
                           return AskSmart(root, device).map([&](NvmeSmart read) { *log = read; });
                         }});
  }
  auto answers = reader.Ask(std::move(questions), kPatience, kBudget);
  for (std::size_t i = 0; i < controllers.size(); ++i) {
    if (answers[i].done) {
      controllers[i].smart = *logs[i];
    } else {
      controllers[i].smart = tl::unexpected<Error>(std::move(answers[i].done).error());
    }
  }
}

Result<NvmeHealth> ReadHealth(const Host& host, PatientReader& reader) {
  NvmeHealth health{.asked = host.clock.Boot(), .controllers = ListControllers(host.root)};
  if (health.controllers.empty()) {
    return Fail(ErrorCode::kUnsupported, std::string(kFolder) + ": no NVMe disk");
  }
  AskAll(host.root, reader, health.controllers);
  const bool refused =
      std::all_of(health.controllers.begin(), health.controllers.end(), [](const auto& one) {
        return !one.smart && one.smart.error().code == ErrorCode::kPermission;
      });
  if (refused) return tl::unexpected<Error>(health.controllers.front().smart.error());
  return health;
}

}  // namespace

Result<NvmeSmart> ParseNvmeSmart(std::string_view log) {
  if (log.size() != kLogBytes) return Fail(ErrorCode::kParse, "SMART log: not 512 bytes");
  constexpr double kKelvin = 273;  // the log has whole kelvins
  return NvmeSmart{.critical_warning = Small<std::uint8_t>(log, 0),
                   .temperature_celsius = le16toh(Small<std::uint16_t>(log, 1)) - kKelvin,
                   .spare_percent = Small<std::uint8_t>(log, 3),
                   .spare_threshold_percent = Small<std::uint8_t>(log, 4),
                   .used_percent = Small<std::uint8_t>(log, 5),
                   .read_bytes = UnitsToBytes(Counter(log, 32)),
                   .written_bytes = UnitsToBytes(Counter(log, 48)),
                   .power_on_hours = Counter(log, 128),
                   .unsafe_shutdowns = Counter(log, 144),
                   .media_errors = Counter(log, 160),
                   .hot_minutes = le32toh(Small<std::uint32_t>(log, 192)),
                   .too_hot_minutes = le32toh(Small<std::uint32_t>(log, 196))};
}

constinit const SourceType kNvmeHealth{
    .name = "host/nvme-health",
    .lane = Lane::kMounts,
    .deadline = kDeadline,
    .snapshot = &kSnapshot<NvmeHealth>,
    .read =
        [](const Host& host, Inputs& into) {
          // What hangs outlives a reading, and the lane's process is there for this machine alone.
          static PatientReader reader;
          if (const auto& last = into.Latest<NvmeHealth>();
              last && host.clock.Boot() - last->asked < kStep) {
            NvmeHealth again = *last;
            for (NvmeController& controller : again.controllers) {
              controller.state = sysfs::ReadText(host.root, std::string(kFolder) + "/" +
                                                                controller.name + "/state")
                                     .value_or(std::string());
            }
            into.Put<NvmeHealth>(std::move(again));
          } else {
            into.Put(ReadHealth(host, reader));
          }
        },
};

}  // namespace gpud::host
