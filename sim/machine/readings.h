// SPDX-License-Identifier: Apache-2.0
// Readings: a node's signals at a moment, and what its kernel has counted up to then.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "scenario/series.h"

namespace gpud::sim_machine {

/// How the scenario's time lies in the real one. The clocks of a simulated machine are those of the
/// machine that it runs on: uptime and start times count from that one's boot.
struct Origin {
  double start_unix = 0;  ///< Unix time of the scenario's second 0
  double boot_unix = 0;   ///< Unix time of this machine's boot
  double speed = 1;       ///< seconds of the scenario in a real second
};

class Readings {
 public:
  /// `node` outlives the readings.
  Readings(const scenario::Node& node, Origin origin);

  /// To second `t` of the scenario, which must not fall, nor pass a sample that nobody looked at:
  /// a rate holds until it is told anew.
  void MoveTo(double t);

  const scenario::Node& node() const { return node_; }
  double t() const { return t_; }
  /// Real seconds since the boot.
  double UptimeAt(double t) const;
  double uptime() const { return UptimeAt(t_); }
  const Origin& origin() const { return origin_; }

  /// What a collector must see now; nothing where the machine lacks it or the sample is missing.
  std::optional<double> Sample(std::string_view signal, const scenario::Tags& tags = {});
  /// The same with 0 in place of nothing: a file that has this number besides others.
  double Now(std::string_view signal, const scenario::Tags& tags = {}) {
    return Sample(signal, tags).value_or(0);
  }
  /// What `counter` has counted: it grows by `per_second` in each real second from this sample to
  /// the next one.
  double Count(std::string_view counter, double per_second);

  // Facts of the node now.
  std::string FactText(std::string_view name, std::string_view otherwise = {}) const;
  double FactNumber(std::string_view name, double otherwise = 0) const;
  bool FactIsTrue(std::string_view name, bool otherwise) const;

 private:
  struct Meter {
    double total = 0, rate = 0;  ///< total: at the beginning of the sample
    std::int64_t sample = -1;
  };

  const scenario::Node& node_;
  Origin origin_;
  double t_ = 0;
  std::int64_t sample_ = 0;
  std::map<std::pair<std::string_view, scenario::Tags>, scenario::Series> series_;
  std::map<std::string, Meter, std::less<>> meters_;
};

}  // namespace gpud::sim_machine
