// SPDX-License-Identifier: Apache-2.0
// Prints what a scenario file makes, in the forms of specs/diagnosis.md, 5.10: to look at a
// scenario, and to compare this implementation with another one.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "platform/text.h"
#include "scenario/digest.h"
#include "scenario/kernel_log.h"
#include "scenario/series.h"

namespace gpud::scenario {
namespace {

constexpr std::string_view kUsage =
    "usage: gpud-scenario FILE [--signal GLOB] [--node GLOB] [--check | --csv | --kmsg | --facts "
    "|\n"
    "                     --digest [--by-signal]]\n"
    "Prints every series (signal, node, labels, time, value); --check only reads the file.\n";

struct Options {
  std::string file, signal = "*", node = "*";
  bool check = false, csv = false, kmsg = false, facts = false, digest = false, by_signal = false;
};

std::optional<Options> ParseOptions(int argc, char** argv) {
  Options options;
  const std::map<std::string, bool Options::*> flags = {
      {"--check", &Options::check},   {"--csv", &Options::csv},
      {"--kmsg", &Options::kmsg},     {"--facts", &Options::facts},
      {"--digest", &Options::digest}, {"--by-signal", &Options::by_signal}};
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (const auto flag = flags.find(word); flag != flags.end()) {
      options.*flag->second = true;
    } else if (word == "--signal" && i + 1 < argc) {
      options.signal = argv[++i];
    } else if (word == "--node" && i + 1 < argc) {
      options.node = argv[++i];
    } else if (options.file.empty() && !word.starts_with('-')) {
      options.file = word;
    } else {
      return std::nullopt;
    }
  }
  options.digest |= options.by_signal;
  if (options.file.empty()) return std::nullopt;
  return options;
}

std::string Quoted(const std::string& field) {
  return field.find(',') == std::string::npos ? field : "\"" + field + "\"";
}

void PrintSeries(const Node& node, const Options& options) {
  const std::int64_t samples = node.scenario().SampleCount();
  for (const Signal& signal : AllSignals()) {
    if (!GlobMatches(options.signal, std::string(signal.name))) continue;
    for (const Tags& tags : node.LabelSets(signal)) {
      Series series(node, signal, tags);
      const std::string labels = node.TextOf(tags);
      for (std::int64_t k = 0; k < samples; ++k) {
        series.MoveTo(k);
        const auto value = series.value();
        if (!value) continue;
        const double t = static_cast<double>(k) * node.scenario().step_s;
        const std::string name(signal.name);
        std::printf(options.csv ? "%s,%s,%s,%.9g,%.9g\n" : "%s %s {%s} %.9g %.9g\n", name.c_str(),
                    node.name().c_str(), (options.csv ? Quoted(labels) : labels).c_str(), t,
                    *value);
      }
    }
  }
}

std::string JsonText(const FactValue& value) {
  struct Visitor {
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return NumberText(number); }
    std::string operator()(const std::string& text) const { return "\"" + text + "\""; }
  };
  return std::visit(Visitor{}, value);
}

void PrintFacts(const Node& node) {
  for (const FactAt& fact : node.facts()) {
    std::printf("{\"t\": %s, \"node\": \"%s\", \"name\": \"%s\", \"value\": %s}\n",
                NumberText(fact.t).c_str(), node.name().c_str(), fact.name.c_str(),
                JsonText(fact.value).c_str());
  }
}

int Print(const Options& options) {
  const Result<Scenario> scenario = LoadScenario(options.file);
  if (!scenario) {
    std::fprintf(stderr, "%s\n", scenario.error().what.c_str());
    return 1;
  }
  if (options.check) return 0;
  const std::vector<Node> nodes = NodesOf(*scenario);
  std::vector<std::string> lines;
  if (options.csv) std::puts("signal,node,labels,t,value");
  for (const Node& node : nodes) {
    if (!GlobMatches(options.node, node.name())) continue;
    if (options.digest) {
      auto digests =
          DigestLines(node, options.signal, options.by_signal ? By::kSignal : By::kSeries);
      std::ranges::move(digests, std::back_inserter(lines));
    } else if (options.kmsg) {
      if (nodes.size() > 1) std::printf("# %s\n", node.name().c_str());
      for (const LogRecord& record : KernelLogOf(node)) {
        for (const std::string& line : record.Lines()) std::puts(line.c_str());
      }
    } else if (options.facts) {
      PrintFacts(node);
    } else {
      PrintSeries(node, options);
    }
  }
  std::ranges::sort(lines);
  for (const std::string& line : lines) std::puts(line.c_str());
  return 0;
}

}  // namespace
}  // namespace gpud::scenario

int main(int argc, char** argv) {
  const auto options = gpud::scenario::ParseOptions(argc, argv);
  if (!options) {
    std::fputs(gpud::scenario::kUsage.data(), stderr);
    return 2;
  }
  return gpud::scenario::Print(*options);
}
