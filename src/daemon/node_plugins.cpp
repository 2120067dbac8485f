// SPDX-License-Identifier: Apache-2.0
// The node's plugins: loaded at the start, told to the monitor, noted in the log.
#include <algorithm>
#include <cstdlib>
#include <set>

#include "daemon/node.h"
#include "model/json_codec.h"
#include "platform/log.h"
#include "platform/time_text.h"
#include "plugins/pack.h"

namespace gpud::daemon {
namespace {

// A file full of mistakes must not fill the answers.
constexpr std::size_t kMostProblems = 50;

}  // namespace

void Node::TellOfPlugins(const std::string& what) {
  log::Warn("plugins", {{"problem", what}});
  if (findings_.size() < kMostProblems) {
    findings_["plugins " + what] = {"plugins: " + what, clock_.Wall(), true};
  }
}

std::vector<plugins::Spec> Node::ReadPlugins(const std::vector<std::string>& taken) {
  const std::string& path = options_.plugin_specs_file;
  if (path.empty()) return {};
  const auto text = plugins::ReadTrusted(path);
  if (!text && text.error().code == ErrorCode::kNotFound) {
    log::Info("no plugins", {{"file", path}});
    return {};
  }
  if (!text) {
    TellOfPlugins(text.error().what);
    return {};
  }
  plugins::SpecFile file = plugins::ParseSpecs(path, *text, plugins::ReadTrusted, taken);
  for (const std::string& error : file.errors) TellOfPlugins(error);
  for (const std::string& warning : file.warnings) log::Warn("plugins", {{"hint", warning}});
  log::Info("plugins", {{"file", path},
                        {"sha256", plugins::Sha256Hex(*text)},
                        {"plugins", std::to_string(file.specs.size())},
                        {"errors", std::to_string(file.errors.size())}});
  return std::move(file.specs);
}

std::vector<plugins::Spec> Node::ReadPacks(const std::vector<std::string>& taken) {
  const auto enabled = plugins::ReadEnabledPacks(options_.enabled_packs_file);
  if (!enabled) {
    TellOfPlugins(enabled.error().what);
    return {};
  }
  if (enabled->empty()) return {};
  std::vector<plugins::Spec> specs;
  plugins::Packs all = plugins::FindPacks(options_.pack_dirs, taken);
  const char* path = std::getenv("PATH");
  for (const std::string& name : *enabled) {
    const auto pack = std::find_if(all.packs.begin(), all.packs.end(),
                                   [&](const plugins::Pack& p) { return p.name == name; });
    if (pack == all.packs.end()) {
      TellOfPlugins("pack " + name + " is enabled, but it is in none of the folders of packs");
      continue;
    }
    const std::string missing = plugins::MissingNeed(*pack, root_, path ? path : "");
    log::Info("pack", {{"name", name},
                       {"version", pack->version},
                       {"folder", pack->folder},
                       {"unsupported", missing}});
    for (const std::string& error : all.errors) {
      if (error.starts_with(pack->folder + '/')) TellOfPlugins(error);
    }
    for (plugins::Spec& spec : pack->specs) {
      spec.unsupported = missing;
      specs.push_back(std::move(spec));
    }
  }
  return specs;
}

void Node::LoadPlugins() {
  std::vector<std::string> taken;
  for (const ComponentType* component : monitor_.components()) taken.emplace_back(component->name);
  std::vector<plugins::Spec> specs = ReadPlugins(taken);
  std::set<std::string> names;
  for (const plugins::Spec& spec : specs) names.insert(plugins::ComponentName(spec.plugin_name));
  for (plugins::Spec& spec : ReadPacks(taken)) {
    if (names.insert(plugins::ComponentName(spec.plugin_name)).second) {
      specs.push_back(std::move(spec));
    } else {
      TellOfPlugins("the name " + spec.plugin_name + " of a pack's plugin is another plugin's");
    }
  }
  if (specs.empty()) return;
  plugins_ = std::make_unique<plugins::Plugins>(
      loop_, clock_, plugins::Options{}, std::move(specs),
      [this](const plugins::RunNote& note) { OnPluginRun(note); });
  for (const auto& [component, first, manual, support] : plugins_->Components()) {
    monitor_.Add(*component, first, manual);
    if (!support.supported) monitor_.Take(*component, {.states = {first}}, support);
  }
  plugins_->Start();
}

void Node::OnPluginRun(const plugins::RunNote& note) {
  Report report = plugins::ReportOf(note.spec, note.result);
  HealthState& state = report.states.front();
  state.time = note.start;
  if (note.result.more) {
    state.time = clock_.Wall();  // of the line; its plugin may have started long ago
  } else {
    log::Info(note.component ? "plugin run" : "init plugin run",
              {{"plugin", note.spec.plugin_name},
               {"cause", note.cause},
               {"health", std::string(Word(state.health.value_or(Health::kUnknown)))},
               {"reason", state.error.empty() ? state.reason : state.reason + ": " + state.error},
               {"exit_code", std::to_string(note.result.exit_code)},
               {"duration", DurationText(note.result.duration)}});
  }
  if (!note.component) {
    log::Info("init plugin output",
              {{"plugin", note.spec.plugin_name}, {"output", state.raw_output}});
  }
  if (note.component) Keep(*note.component, monitor_.Take(*note.component, std::move(report)));
}

Json Node::PluginSpecs() const {
  return plugins_ ? ParseJson(plugins_->SpecsJson()).value_or(Json{}) : Json{};
}

Result<Json> Node::PluginHistory(const std::string& component) const {
  if (!plugins_ || !plugins_->Has(component)) {
    return Fail(ErrorCode::kNotFound, "no plugin has this component");
  }
  return ParseJson(ToJson(plugins_->History(component)));
}

Result<void> Node::Deregister(const std::string& name, const std::string& caller) {
  if (!monitor_.Find(name)) return Fail(ErrorCode::kNotFound, "component not found");
  if (!plugins_ || !plugins_->Has(name)) {
    return Fail(ErrorCode::kUnsupported, "component is not deregisterable");
  }
  log::Info("plugin deregistered", {{"component", name}, {"by", caller}});
  monitor_.Remove(name);  // first: what it knows is the plugin's
  plugins_->Remove(name);
  return {};
}

}  // namespace gpud::daemon
