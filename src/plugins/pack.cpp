// SPDX-License-Identifier: Apache-2.0
#include "plugins/pack.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "platform/text.h"
#include "platform/whole_file.h"
#include "plugins/spec_reader.h"

namespace gpud::plugins {
namespace {

constexpr std::string_view kManifest = "pack.yaml";
constexpr std::string_view kSpecs = "plugins.yaml";

/// Reads one pack; what is wrong goes to `errors`.
Pack ReadPack(const std::string& folder, const std::string& name,
              const std::vector<std::string>& taken, std::vector<std::string>& errors) {
  Pack pack{.name = name, .folder = folder};
  const std::string manifest = folder + '/' + std::string(kManifest);
  const std::string specs = folder + '/' + std::string(kSpecs);
  const auto text = ReadTrusted(manifest);
  const auto tree = text ? ParseYamlTree(*text) : tl::unexpected<Error>(text.error());
  if (!tree) {
    errors.push_back(text ? manifest + ':' + tree.error().what : tree.error().what);
    return pack;
  }
  SpecFile file;
  Problems problems(file, manifest);
  MapReader map(*tree, "", problems);
  std::string said;
  map.Text("name", said);
  map.Text("version", pack.version);
  map.Text("summary", pack.summary);
  if (said != name) {
    problems.Error(map.LineOf("name"), "name", "must be that of the folder, " + name);
  }
  if (pack.version.empty()) problems.Error(map.LineOf("version"), "version", "is missing");
  if (const YamlNode* needs = map.Take("needs")) {
    MapReader inner(*needs, "needs", problems);
    inner.Texts("commands", pack.commands);
    inner.Text("vendor", pack.vendor);
    inner.Finish();
  }
  map.Finish();
  if (const auto spec_text = ReadTrusted(specs)) {
    SpecFile parsed = ParseSpecs(specs, *spec_text, ReadTrusted, taken);
    file.errors.insert(file.errors.end(), parsed.errors.begin(), parsed.errors.end());
    pack.specs = std::move(parsed.specs);
  } else {
    file.errors.push_back(spec_text.error().what);
  }
  errors.insert(errors.end(), file.errors.begin(), file.errors.end());
  return pack;
}

bool InPath(const std::string& command, std::string_view path) {
  for (const std::string_view folder : Split(path, ':')) {
    if (::access((std::string(folder) + '/' + command).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

Packs FindPacks(const std::vector<std::string>& folders, const std::vector<std::string>& taken) {
  std::map<std::string, std::string> found;
  for (const std::string& folder : folders) {
    const auto names = Root().List(folder);
    if (!names) continue;
    for (const std::string& name : *names) {
      const std::string path = folder + '/' + name;
      if (Root().Exists(path + '/' + std::string(kManifest))) found[name] = path;
    }
  }
  Packs all;
  for (const auto& [name, folder] : found) {
    all.packs.push_back(ReadPack(folder, name, taken, all.errors));
  }
  return all;
}

std::string MissingNeed(const Pack& pack, const Root& machine, std::string_view path) {
  if (!pack.vendor.empty()) {
    std::string maker;
    bool fits = false;
    for (const char* file : {"sys_vendor", "board_vendor", "chassis_vendor"}) {
      const auto text = machine.Read(std::string("/sys/class/dmi/id/") + file);
      if (!text) continue;
      if (maker.empty()) maker = Trim(*text);
      fits = fits || ToLower(*text).find(ToLower(pack.vendor)) != std::string::npos;
    }
    if (!fits) {
      return (maker.empty() ? "this machine does not tell its maker"
                            : "this is a machine of " + maker) +
             ", the pack is for " + pack.vendor;
    }
  }
  for (const std::string& command : pack.commands) {
    if (!InPath(command, path)) return command + " is not installed";
  }
  return "";
}

Result<std::vector<std::string>> ReadEnabledPacks(const std::string& file) {
  std::vector<std::string> names;
  const auto text = ReadTrusted(file);
  if (!text && text.error().code == ErrorCode::kNotFound) return names;
  if (!text) return tl::unexpected<Error>(text.error());
  std::string_view rest = *text;
  std::string_view line;
  while (NextLine(rest, line)) {
    const std::string_view name = Trim(line);
    if (!name.empty() && name[0] != '#') names.emplace_back(name);
  }
  return names;
}

Result<void> WriteEnabledPacks(const std::string& file, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string text = "# Packs of plugins that gpud runs; written by \"gpud packs\".\n";
  for (const std::string& name : names) text += name + '\n';
  // The first pack may be the first file of gpud's folder in /etc.
  ::mkdir(file.substr(0, file.rfind('/')).c_str(), 0755);
  return WriteWholeFile(file, 0644, text);
}

}  // namespace gpud::plugins
