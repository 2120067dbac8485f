// SPDX-License-Identifier: Apache-2.0
// Cluster rules (specs/diagnosis.md, 2.13): what only shows when nodes are laid side by side. They
// look at a digest of each node, so that a thousand nodes cost little.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "diagnosis/engine.h"

namespace gpud::diagnosis {

/// What a node tells its peers at one moment.
struct NodeDigest {
  float clock = kAbsent, util = kAbsent, step_time = kAbsent;  ///< means of 600 s
  std::vector<float> rails;  ///< mean of 300 s of rdma.tx, by rail
};

/// An incident of a node, as its peers hear of it.
struct NodeIncident {
  int node = 0;
  std::string_view id;
  Severity severity = Severity::kWarning;
  double confidence = 0;
  Seconds onset = 0, opened = 0, closed = -1;
  std::vector<int> rails;               ///< of its adapters
  std::vector<std::string_view> chain;  ///< ids of its effects
};

struct ClusterNode {
  std::string name, job, driver;
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<std::string> servers;  ///< of its remote mounts
  std::vector<NodeDigest> digests;   ///< one for each step
  std::vector<NodeIncident> incidents;
};

/// What the cluster finds, and which incidents of nodes go below it.
struct ClusterFinding {
  Finding finding;
  std::vector<std::pair<int, int>> explained;  ///< node, place in its incidents
  std::vector<std::string_view> chain;
  Seconds closed = -1;
};

/// Which incident of a node is an effect of which of another.
struct Moved {
  std::pair<int, int> effect, cause;  ///< node, place in its incidents
};

struct ClusterFindings {
  std::vector<ClusterFinding> found;
  std::vector<Moved> moved;
};

NodeDigest DigestOf(const NodeView& node);
/// `step`: seconds between digests.
ClusterFindings LookAtCluster(const std::vector<ClusterNode>& nodes, Seconds step);

}  // namespace gpud::diagnosis
