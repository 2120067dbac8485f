// SPDX-License-Identifier: Apache-2.0
// What the daemon can be told. Filled by cli/ from flags, environment and /etc/gpud/config.yaml.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/json.h"
#include "platform/log.h"

namespace gpud::daemon {

struct Options {
  std::string root = "/";  ///< of the machine to watch (a container sees the host under /host)
  std::string data_dir;    ///< resolved: /var/lib/gpud as root, else ~/.gpud
  bool db_in_memory = false;
  log::Options log;
  std::string listen_address = "127.0.0.1:15132";
  std::string socket;          ///< resolved: /run/gpud/gpud.sock as root, else DATA/gpud.sock
  std::string api_token_file;  ///< resolved: DATA/api-token
  std::string client_ca_file;
  bool insecure_open = false;
  std::vector<std::string> components;  ///< as given: names, "-name", "*", "all"; empty = all
  /// Every check and source is read this often; zero = each at its own step.
  std::chrono::seconds sample_interval{0};
  std::chrono::microseconds metrics_retention = std::chrono::hours(72);
  bool dcgm_metrics = false;  ///< /metrics also under the names of NVIDIA's DCGM exporter
  std::chrono::microseconds events_retention = std::chrono::hours(14 * 24);
  std::string plugin_specs_file;           ///< need not exist; empty = no plugins
  std::vector<std::string> pack_dirs;      ///< where packs of plugins are looked for
  std::string enabled_packs_file;          ///< which of them run; need not exist
  std::string expected_gpus_file;          ///< empty = the best that was ever seen is expected
  std::string kmsg_path;                   ///< KMSG_FILE_PATH; empty = /dev/kmsg
  std::string kernel_input = "/dev/kmsg";  ///< where an injected line is written
  std::string simulated;  ///< the scenario, where root is a simulated machine; else empty
  int ends_with = -1;     ///< a descriptor (not owned): when it is readable, the daemon has to end
  /// What a site has set for components: JSON by component (components/settings.h).
  std::map<std::string, std::string> component_settings;
  /// Flags of the original that are accepted and kept for GET /admin/config, by their JSON name.
  Json::Object original_settings;
};

}  // namespace gpud::daemon
