// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_options.h"

#include <unistd.h>

#include "platform/root.h"

namespace gpud::cli {
namespace {

/// The fields of the original's GET /admin/config that the daemon itself does not have, and
/// `components`, which stands among them: by their names and in their order there (docs/api.md).
Json::Object OriginalSettings(const Settings& settings, const std::string& data_dir) {
  const auto value = [&settings](std::string_view name) { return settings.Get(name).value; };
  const auto text = [&settings](std::string_view name) { return Json{settings.Text(name)}; };
  // The original shows a list that was not given as null in its settings, as [] among the injected.
  const auto list = [&settings](std::string_view name) {
    return settings.Given(name) ? settings.Get(name).value : Json{};
  };
  const std::string version_file =
      settings.Given("version-file") ? settings.Text("version-file") : data_dir + "/target_version";
  Json::Object out;
  out.emplace_back("enable_auto_update", value("enable-auto-update"));
  out.emplace_back("auto_update_exit_code", value("auto-update-exit-code"));
  static constexpr std::pair<const char*, const char*> kCommands[] = {
      {"reboot_commands", "reboot-commands"},
      {"findmnt_commands", "findmnt-commands"},
      {"lsblk_commands", "lsblk-commands"},
      {"blockdev_usage_commands", "blockdev-usage-commands"},
      {"nfs_host_root", "nfs-host-root"},
      {"containerd_service_active_commands", "containerd-service-active-commands"}};
  for (const auto& [wire, flag] : kCommands) {
    if (!settings.Text(flag).empty()) out.emplace_back(wire, text(flag));
  }
  out.emplace_back("version_file", Json{version_file});
  out.emplace_back(
      "nvidia_tool_overwrites",
      Json{Json::Object{{"infiniband_class_root_dir", text("infiniband-class-root-dir")},
                        {"excluded_infiniband_devices", list("infiniband-exclude-devices")}}});
  out.emplace_back("plugin_specs_file", text("plugin-specs-file"));
  out.emplace_back("components", list("components"));
  out.emplace_back(
      "failure_injector",
      Json{Json::Object{
          {"GPUUUIDsWithRowRemappingPending", value("gpu-uuids-with-row-remapping-pending")},
          {"GPUUUIDsWithRowRemappingFailed", value("gpu-uuids-with-row-remapping-failed")},
          {"GPUUUIDsWithHWSlowdown", value("gpu-uuids-with-hw-slowdown")},
          {"GPUUUIDsWithHWSlowdownThermal", value("gpu-uuids-with-hw-slowdown-thermal")},
          {"GPUUUIDsWithHWSlowdownPowerBrake", value("gpu-uuids-with-hw-slowdown-power-brake")},
          {"GPUUUIDsWithGPULost", value("gpu-uuids-with-gpu-lost")},
          {"GPUUUIDsWithGPURequiresReset", value("gpu-uuids-with-gpu-requires-reset")},
          {"GPUUUIDsWithFabricStateHealthSummaryUnhealthy",
           value("gpu-uuids-with-fabric-state-health-summary-unhealthy")},
          {"GPUProductNameOverride", text("gpu-product-name")},
          {"NVMLDeviceGetDevicesError", value("nvml-device-get-devices-error")},
          {"ContainerdSocketMissing", value("containerd-socket-missing")}}});
  out.emplace_back("skip_session_update_config", value("skip-session-update-config"));
  out.emplace_back("session_protocol", text("session-protocol"));
  return out;
}

/// JSON objects of flags, put together: later members win.
std::string Merged(std::initializer_list<Json> parts) {
  Json::Object all;
  for (const Json& part : parts) {
    if (const auto* object = part.AsObject()) all.insert(all.end(), object->begin(), object->end());
  }
  return JsonText(Json{std::move(all)});
}

/// The flags of components, in the form of the original's "update config" (components/settings.h).
std::map<std::string, std::string> ComponentSettings(const Settings& settings) {
  const auto value = [&settings](std::string_view name) { return settings.Get(name).value; };
  const auto member = [&](const char* name, std::string_view flag) {
    return Json{Json::Object{{name, value(flag)}}};
  };
  const Json flap{
      Json::Object{{"flap_auto_clear_seconds",
                    Json{std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(
                                          settings.Duration("infiniband-flap-auto-clear-window"))
                                          .count()}}}}};
  Json excluded{Json::Object{}};
  if (settings.Given("infiniband-exclude-devices")) {
    excluded = member("exclude_devices", "infiniband-exclude-devices");
  }
  return {{"accelerator-nvidia-gpu-counts", Merged({member("count", "gpu-count")})},
          {"accelerator-nvidia-infiniband",
           Merged({value("infiniband-expected-port-states"), flap, excluded})},
          {"accelerator-nvidia-nvlink", Merged({value("nvlink-expected-link-states")})},
          {"accelerator-nvidia-temperature",
           Merged({member("celsius_slowdown_margin", "threshold-celsius-slowdown-margin")})},
          {"accelerator-nvidia-error-xid",
           Merged({member("rebootThreshold", "xid-reboot-threshold"), value("xid-thresholds")})}};
}

}  // namespace

User ThisUser(const Environment& environment) {
  const auto home = environment.find("HOME");
  return {.root = geteuid() == 0,
          .home = home == environment.end() || home->second.empty() ? "/" : home->second};
}

std::string DataDirectory(const Settings& settings, const User& user) {
  if (const std::string given = settings.Text("data-dir"); !given.empty()) return given;
  if (user.root && Root().Exists("/var/lib")) return "/var/lib/gpud";
  return user.home + (user.home.ends_with('/') ? ".gpud" : "/.gpud");
}

std::string SocketPath(const Settings& settings, const User& user) {
  if (const std::string given = settings.Text("socket"); !given.empty()) return given;
  // A second daemon of root's with a directory of its own must not take the first one's socket.
  if (user.root && settings.Text("data-dir").empty()) return "/run/gpud/gpud.sock";
  return DataDirectory(settings, user) + "/gpud.sock";
}

std::string ApiTokenFile(const Settings& settings, const User& user) {
  if (const std::string given = settings.Text("api-token-file"); !given.empty()) return given;
  return DataDirectory(settings, user) + "/api-token";
}

daemon::Options DaemonOptions(const Settings& settings, const Environment& environment) {
  const User user = ThisUser(environment);
  const auto kmsg = environment.find("KMSG_FILE_PATH");
  daemon::Options options;
  options.root = settings.Text("root").empty() ? "/" : settings.Text("root");
  options.data_dir = DataDirectory(settings, user);
  options.db_in_memory = settings.On("db-in-memory");
  options.log.level = log::ParseLevel(settings.Text("log-level")).value_or(log::Level::kInfo);
  options.log.file = settings.Text("log-file");
  options.listen_address = settings.Text("listen-address");
  options.socket = SocketPath(settings, user);
  options.api_token_file = ApiTokenFile(settings, user);
  options.client_ca_file = settings.Text("client-ca-file");
  options.insecure_open = settings.On("insecure-open");
  options.components = settings.List("components");
  options.sample_interval =
      std::chrono::duration_cast<std::chrono::seconds>(settings.Duration("sample-interval"));
  options.metrics_retention = settings.Duration("metrics-retention-period");
  options.dcgm_metrics = settings.On("dcgm-metrics");
  options.events_retention = settings.Duration("events-retention-period");
  options.expected_gpus_file = settings.Text("expected-gpus");
  options.pack_dirs = settings.List("pack-dirs");
  options.enabled_packs_file = settings.Text("enabled-packs-file");
  options.plugin_specs_file = settings.Text("plugin-specs-file");
  if (kmsg != environment.end()) options.kmsg_path = kmsg->second;
  options.component_settings = ComponentSettings(settings);
  options.original_settings = OriginalSettings(settings, options.data_dir);
  return options;
}

}  // namespace gpud::cli
