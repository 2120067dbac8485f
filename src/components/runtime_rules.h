// SPDX-License-Identifier: Apache-2.0
// What the components of container runtimes have in common: docker, podman, containerd, crio.
#pragma once

#include <string_view>

#include "components/component.h"
#include "components/daemon_rules.h"
#include "sources/containers/runtime.h"

namespace gpud {

/// The component of a runtime. Its metrics are `<component>_containers{state}`,
/// `<component>_containers_unhealthy` and `<component>_pods{state}`, as far as it lists them.
Report CheckRuntime(const Inputs& in, const DaemonKind& kind, std::span<const MetricType> metrics,
                    const Result<const containers::Runtime*>& now,
                    const containers::Runtime* before);

/// The same for the snapshot type of a runtime.
template <class T>
Report CheckRuntime(const Inputs& in, const DaemonKind& kind, std::span<const MetricType> metrics) {
  const auto now = in.Latest<T>().map([](const T& t) -> const containers::Runtime* { return &t; });
  return CheckRuntime(in, kind, metrics, now, in.Previous<T>());
}

}  // namespace gpud
