// SPDX-License-Identifier: Apache-2.0
#include "daemon/node.h"
#include "platform/time_text.h"

namespace gpud::daemon {

// The order and the names of the original's GET /admin/config (docs/api.md); what it had and we
// have not comes from `original_settings`, ours stand at the end.
Json Node::Config() const {
  Json::Object config = {
      {"api_version", {std::string("v1")}},
      {"address", {options_.listen_address}},
      {"data_dir", {options_.data_dir}},
      {"state", {options_.data_dir + "/gpud.db"}},
      {"metrics_retention_period", {DurationText(options_.metrics_retention)}},
      {"events_retention_period", {DurationText(options_.events_retention)}},
      {"compact_period", {std::string("0s")}},
      {"pprof", {false}},
  };
  for (const auto& setting : options_.original_settings) config.push_back(setting);
  config.emplace_back("db_in_memory", Json{options_.db_in_memory});
  config.emplace_back("root", Json{options_.root});
  config.emplace_back("socket", Json{options_.socket});
  config.emplace_back("insecure_open", Json{options_.insecure_open});
  config.emplace_back("sample_interval", Json{DurationText(options_.sample_interval)});
  return {std::move(config)};
}

}  // namespace gpud::daemon
