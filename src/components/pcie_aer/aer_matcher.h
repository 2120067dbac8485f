// SPDX-License-Identifier: Apache-2.0
// Kernel lines about errors on PCI Express links: Advanced Error Reporting (AER), Downstream Port
// Containment (DPC) and Error Disconnect Recover (EDR).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "components/line.h"

namespace gpud::pcie_aer {

// The codes.
inline constexpr std::string_view kCorrectable = "aer_correctable";
inline constexpr std::string_view kNonFatal = "aer_nonfatal";
inline constexpr std::string_view kFatal = "aer_fatal";
inline constexpr std::string_view kRecoveryFailed = "aer_recovery_failed";
inline constexpr std::string_view kRecovered = "aer_recovered";
inline constexpr std::string_view kContainment = "dpc_containment";
inline constexpr std::string_view kContained = "dpc_uncorrectable";
inline constexpr std::string_view kDisconnected = "edr_event";

inline constexpr std::string_view kNoRecovery = "can't recover (";
inline constexpr std::string_view kNeedles[] = {
    "AER: ", kNoRecovery, "PCIe Bus Error: severity=", "aer_status: 0x", "aer_cor_status: 0x",
    "aer_uncor_status: 0x",
    // What tells more of the report before.
    "error status/mask=", "TLP Header: ", "(First)", "] RxErr", "] BadTLP", "] BadDLLP",
    "] Rollover", "] Timeout", "] NonFatalErr",
    // Ports that shut down what is below them.
    "DPC: ", "DPC containment event", "DPC unmasked uncorrectable error", "EDR: "};

/// Joins the lines of one report into one finding. Hand-written, as a bad link prints a hundred
/// thousand reports a second.
class AerMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override;

 private:
  /// A report that says whose error it is: the lines that describe it come next.
  struct Announced {
    std::string device;
    std::string port;
    WallTime time{};
    bool described = false;
    bool multiple = false;
  };

  void OnAer(const KernelLine& line, std::string_view port, std::string_view text, LineSink& sink);
  void OnReceived(const KernelLine& line, std::string_view port, std::string_view text,
                  LineSink& sink);
  void OnBusError(const KernelLine& line, std::string device, std::string_view text,
                  LineSink& sink);
  void OnFirmwareStatus(const KernelLine& line, std::string device, std::string_view text,
                        LineSink& sink);
  void OnDpc(const KernelLine& line, const std::string& port, std::string_view text,
             LineSink& sink);
  bool AddDetail(const KernelLine& line, LineSink& sink);

  void Announce(Announced report);
  /// The report that a description of this device's error belongs to; null when there is none.
  Announced* FindAnnounced(const std::string& device, WallTime time);
  void Add(LineFinding finding, LineSink& sink);

  static constexpr std::size_t kMost = 32;                         // remembered, of each kind
  std::vector<Announced> announced_;                               // the newest last
  std::vector<std::pair<std::string, std::string>> failed_below_;  // port, device
  std::string last_device_;  // of the finding that was added last
  bool last_correctable_ = false;
};

}  // namespace gpud::pcie_aer
