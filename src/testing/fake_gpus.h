// SPDX-License-Identifier: Apache-2.0
// GPUs of AMD's and Intel's for a FakeHost: the files that their drivers make, as the kernel's
// documentation has them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/fake_host.h"

namespace gpud {

/// A device of a fake machine; files are by their name in its folder.
class FakeDevice {
 public:
  FakeDevice(FakeHost& host, std::string folder) : host_(&host), folder_(std::move(folder)) {}

  void Set(std::string_view file, std::string_view text) const;
  void Set(const std::vector<std::pair<std::string_view, std::string_view>>& files) const;
  void Remove(std::string_view file) const;
  /// Lets reads of the file fail with an error that is no "not there" (EISDIR).
  void Break(std::string_view file) const;
  const std::string& folder() const { return folder_; }

 private:
  FakeHost* host_;
  std::string folder_;
};

struct FakePci {
  std::string_view vendor, device, device_class;
  std::string_view driver = {};  ///< empty: none
};

/// A device behind others: `path` has their PCI addresses from the root port on, its own last.
FakeDevice AddPciDevice(FakeHost& host, const std::vector<std::string>& path, const FakePci& pci);
/// The same, with the card that a driver has made of it: "card0".
FakeDevice AddCard(FakeHost& host, const std::string& card, const std::vector<std::string>& path,
                   const FakePci& pci);

/// An MI300X, the n-th of a machine (0 to 7), all linked to each other in KFD's topology.
FakeDevice AddMi300x(FakeHost& host, unsigned n, unsigned of);
/// A Radeon RX 7900 with the switch of such cards, as card0.
FakeDevice AddRadeon(FakeHost& host);
/// An Arc A770 driven by i915, as card1, with its switch.
FakeDevice AddArc(FakeHost& host);
/// An Arc B580 driven by xe, as card2.
FakeDevice AddBattlemage(FakeHost& host);

/// The PCI address of the n-th MI300X.
std::string Mi300xAddress(unsigned n);

}  // namespace gpud
