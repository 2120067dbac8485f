// SPDX-License-Identifier: Apache-2.0
#include "plugins/spec_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testing/fake_host.h"

namespace gpud::plugins {
namespace {

using Words = std::vector<std::string>;

Result<std::string> NoFile(const std::string&) {
  return Fail(ErrorCode::kNotFound, "no such file");
}

SpecFile Parse(std::string_view text, const ReadFile& read = NoFile) {
  return ParseSpecs("f", text, read);
}

constexpr std::string_view kPeriodic = R"(
- plugin_name: prepare-scratch
  plugin_type: init
  health_state_plugin:
    steps:
      - name: make-dir
        run_bash_script:
          content_type: plaintext
          script: |
            mkdir -p /var/tmp/node-probe
            date -u +%s > /var/tmp/node-probe/started
  timeout: 20s

- plugin_name: Scratch Space
  plugin_type: component
  run_mode: auto
  tags: [storage, nightly]
  health_state_plugin:
    steps:
      - name: measure
        run_bash_script:
          content_type: plaintext
          script: "df /"
    parser:
      json_paths:
        - query: $.used
          field: used_percent
        - query: $.verdict
          field: verdict
          expect:
            regex: ^fine$
        - query: $.verdict
          field: verdict_for_action
          suggested_actions:
            HARDWARE_INSPECTION:
              regex: ^full$
  timeout: 30s
  interval: 5m
)";

TEST(SpecFile, ReadsTheExamplesOfTheFormat) {
  const SpecFile file = Parse(kPeriodic);
  EXPECT_EQ(file.errors, Words{});
  EXPECT_EQ(file.warnings, Words{});
  ASSERT_EQ(file.specs.size(), 2u);
  EXPECT_TRUE(file.specs[0].init());
  EXPECT_EQ(file.specs[0].timeout.value, std::chrono::seconds(20));
  EXPECT_EQ(
      SpecsJson({file.specs[1]}),
      R"([{"plugin_name":"Scratch Space","plugin_type":"component","run_mode":"auto",)"
      R"("tags":["storage","nightly"],"health_state_plugin":{"steps":[{"name":"measure",)"
      R"("run_bash_script":{"content_type":"plaintext","script":"df /"}}],"parser":{"json_paths":[)"
      R"({"query":"$.used","field":"used_percent"},)"
      R"({"query":"$.verdict","field":"verdict","expect":{"regex":"^fine$"}},)"
      R"({"query":"$.verdict","field":"verdict_for_action","suggested_actions":)"
      R"({"HARDWARE_INSPECTION":{"regex":"^full$"}}}]}},"timeout":"30s","interval":"5m0s"}])");
}

TEST(SpecFile, ReadsJson) {
  const SpecFile file = Parse(R"([
	{
		"plugin_name": "driver-reload-needed",
		"plugin_type": "component",
		"run_mode": "manual",
		"health_state_plugin": {
			"steps": [{"name": "compare-versions", "run_bash_script": {
				"content_type": "base64",
				"script": "ZWNobyAneyJuZXh0IjoicmVib290IG5vdyJ9JwpleGl0IDMK"}}],
			"parser": {"json_paths": [{"query": "$.next", "field": "next_step",
				"suggested_actions": {"REBOOT_SYSTEM": {"regex": "(?i)reboot"}}}],
				"log_path": "/var/log/gpud-${PLUGIN}-${TRIGGER}.log"}
		},
		"timeout": "45s", "interval": "0s"
	}
])");
  EXPECT_EQ(file.errors, Words{});
  ASSERT_EQ(file.specs.size(), 1u);
  EXPECT_TRUE(file.specs[0].manual());
  EXPECT_EQ(Decode(*file.specs[0].health_state_plugin.steps[0].run_bash_script).value(),
            "echo '{\"next\":\"reboot now\"}'\nexit 3\n");
}

std::string List(const std::string& entries, const std::string& script = "x ${NAME} \"${PAR}\"",
                 const std::string& more = "") {
  return "- plugin_name: hooks\n  plugin_type: component_list\n  run_mode: manual\n  tags: "
         "[hooks]\n" +
         more + "  component_list: " + entries +
         "\n  health_state_plugin:\n    steps:\n      - name: s\n        run_bash_script:\n"
         "          content_type: plaintext\n          script: '" +
         script + "'\n";
}

TEST(SpecFile, ExpandsListsWithModesTagsAndValues) {
  const SpecFile file = Parse(List(R"(["gpu-idle#manual[job-start]:5", "link#auto[a, b]:eth0:1",
    "plain-entry", "none#[]", "sda:/dev/sda --deep"])"));
  EXPECT_EQ(file.errors, Words{});
  ASSERT_EQ(file.specs.size(), 5u);
  EXPECT_EQ(file.specs[0].tags, Words{"job-start"});
  EXPECT_EQ(file.specs[1].run_mode, "auto");
  EXPECT_EQ(file.specs[1].tags, (Words{"a", "b"}));
  EXPECT_EQ(file.specs[1].environment.at("PAR"), "eth0:1");
  EXPECT_EQ(file.specs[2].tags, Words{"hooks"});
  EXPECT_EQ(file.specs[2].run_mode, "manual");
  EXPECT_EQ(file.specs[3].tags, Words{});
  EXPECT_EQ(file.specs[0].health_state_plugin.steps[0].run_bash_script->script, "x gpu-idle \"5\"");
}

TEST(SpecFile, NeverPastesAValueThatBashCouldReadAsMoreThanAText) {
  const auto script = [](const std::string& more) {
    const SpecFile file =
        Parse(List(R"(["a:$(reboot); rm -rf '/'"])", "x ${NAME} \"${PAR}\"", more));
    EXPECT_EQ(file.errors, Words{});
    EXPECT_EQ(file.specs.at(0).environment.at("PAR"), "$(reboot); rm -rf '/'");
    return file.specs[0].health_state_plugin.steps[0].run_bash_script->script;
  };
  EXPECT_EQ(script(""), "x a \"${PAR}\"");
  EXPECT_EQ(script("  paste_values: true\n"), "x a \"$(reboot); rm -rf '/'\"");
}

TEST(SpecFile, TakesEntriesFromAFile) {
  const std::string text = List("null", "x", "  component_list_file: /entries\n");
  const SpecFile file = Parse(text, [](const std::string& path) -> Result<std::string> {
    EXPECT_EQ(path, "/entries");
    return "# no\n\n  one#auto \n two:x y\n";
  });
  ASSERT_EQ(file.specs.size(), 2u);
  EXPECT_EQ(file.specs[0].plugin_name, "one");
  EXPECT_EQ(file.specs[1].environment.at("PAR"), "x y");
  EXPECT_EQ(Parse(text).errors,
            Words{"f:5: plugin \"hooks\": component_list_file: failed to read component list file "
                  "/entries: no such file"});
}

TEST(SpecFile, TellsAllThatIsWrongAtOnceAndKeepsWhatIsRight) {
  const SpecFile file = Parse(R"(- plugin_name: one
  plugin_type: componnet
  timeout: 60
  interval: 10s
  health_state_plugin:
    steps:
      - run_bash_script:
          content_type: perl
          script: x
      - name: two
    parser:
      json_paths:
        - query: "$."
          field: a
          expect: {regex: "("}
- plugin_name: right
  plugin_type: component
  interval: -1m
- plugin_name: good
  plugin_type: component
  colour: red
  health_state_plugin: {steps: []}
- plugin_name: " Good "
  plugin_type: component
  health_state_plugin: {steps: []}
- 7
)");
  const std::string one = "plugin \"one\": ";
  const std::string plugin = "health_state_plugin.";
  EXPECT_EQ(file.errors.size(), 12u) << testing::PrintToString(file.errors);
  const auto has = [&](const std::string& text) {
    return std::find(file.errors.begin(), file.errors.end(), text) != file.errors.end();
  };
  EXPECT_TRUE(has("f:2: " + one +
                  "plugin_type: invalid plugin type; init, component or component_list is needed"));
  EXPECT_TRUE(
      has("f:3: " + one + "timeout: a number without a unit is no duration; write \"60s\""));
  EXPECT_TRUE(has("f:4: " + one +
                  "interval: interval is too short; 1m is the shortest, 0s runs "
                  "once at the start"));
  EXPECT_TRUE(has("f:7: " + one + plugin + "steps[0].name: step name is required"));
  EXPECT_TRUE(has("f:8: " + one + plugin +
                  "steps[0].run_bash_script.content_type: unsupported content type: perl"));
  EXPECT_TRUE(
      has("f:10: " + one + plugin + "steps[1].run_bash_script: plugin step cannot be empty"));
  EXPECT_TRUE(has("f:13: " + one + plugin +
                  "parser.json_paths[0].query: parsing error: a name is missing"));
  EXPECT_TRUE(has("f:15: " + one + plugin +
                  "parser.json_paths[0].expect.regex: not a regular expression: missing ): ("));
  EXPECT_TRUE(has("f:16: plugin \"right\": health_state_plugin: state plugin is required"));
  EXPECT_TRUE(has("f:18: plugin \"right\": interval: a duration cannot be negative"));
  EXPECT_TRUE(has("f:23: plugin \" Good \": plugin_name: duplicate component name: good"));
  EXPECT_TRUE(has("f:26: a map of keys is needed here"));
  EXPECT_EQ(file.warnings, Words{"f:21: plugin \"good\": colour: this key means nothing to gpud"});
  ASSERT_EQ(file.specs.size(), 1u);
  EXPECT_EQ(file.specs[0].plugin_name, "good");
}

TEST(SpecFile, IsAListOfPlugins) {
  EXPECT_EQ(Parse("plugin_name: x\n").errors,
            Words{"f:1: not a list of plugins (each begins with \"- \")"});
  EXPECT_EQ(Parse("- [\n").errors.size(), 1u);
  EXPECT_EQ(Parse("").errors, Words{});
  EXPECT_EQ(Parse("[]").errors, Words{});
}

TEST(SpecFile, DoesNotLetAPluginTakeTheNameOfAComponent) {
  const SpecFile file =
      ParseSpecs("f", "- {plugin_name: CPU, plugin_type: component, health_state_plugin: {}}",
                 NoFile, {"cpu"});
  EXPECT_EQ(file.errors,
            Words{"f:1: plugin \"CPU\": plugin_name: gpud has a check of its own of this name"});
}

TEST(SpecFile, ReadsWhatTheOriginalDoesNotHave) {
  const SpecFile file = Parse(R"(- plugin_name: x
  plugin_type: component
  output_format: nagios
  user: nobody
  nice: 5
  environment: {A: b}
  limits: {memory_bytes: 64MiB, pids: 10, cpus: 0.5, file_size_bytes: 1G}
  health_state_plugin:
    steps:
      - name: s
        run_bash_script: {content_type: plaintext, script: "echo hello", sha256: 00}
)");
  EXPECT_EQ(file.errors, Words{"f:11: plugin \"x\": health_state_plugin.steps[0].run_bash_script."
                               "sha256: the script is another one: its SHA-256 is " +
                               Sha256Hex("echo hello")});
}

TEST(ListEntry, SaysWhatIsWrongInTheWordsOfTheOriginal) {
  EXPECT_EQ(ParseListEntry("").error().what, "component name cannot be empty in component list");
  EXPECT_EQ(ParseListEntry("a#auto[x").error().what,
            "invalid tag format in component list entry: a#auto[x");
  EXPECT_EQ(ParseListEntry("a#auto]").error().what,
            "invalid tag format in component list entry: a#auto]");
  EXPECT_TRUE(ParseListEntry("a#]["));  // whatever that means to the original, it ends well
}

TEST(ReadTrusted, RefusesAFileThatOthersCouldHaveWrittenAndSaysHowToMendIt) {
  FakeHost machine;
  machine.Write("/plugins.yaml", "[]");
  const std::string path = machine.Path("/plugins.yaml");
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(ReadTrusted(path).value(), "[]");
  ::chmod(path.c_str(), 0666);
  EXPECT_EQ(ReadTrusted(path).error().code, ErrorCode::kPermission);
  EXPECT_NE(ReadTrusted(path).error().what.find("chown root:root '" + path + "' && chmod go-w"),
            std::string::npos);
  ::chmod(path.c_str(), 0664);
  EXPECT_EQ(ReadTrusted(path).error().code, ErrorCode::kPermission);
  ::chmod(path.c_str(), 0600);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    EXPECT_EQ(ReadTrusted(path).error().code, ErrorCode::kPermission);
  }
  EXPECT_EQ(ReadTrusted(machine.Path("/none")).error().code, ErrorCode::kNotFound);
}

TEST(ComponentName, IsTrimmedLowerCaseAndWithoutBlanks) {
  EXPECT_EQ(ComponentName(" My Disk Check "), "my-disk-check");
  EXPECT_EQ(ComponentName("slurm.prolog_1"), "slurm.prolog_1");
  EXPECT_EQ(MetricPrefix("my-disk.check/1"), "my_disk_check_1");
}

TEST(Decode, ReadsStandardBase64) {
  const auto decode = [](const char* text) {
    return Decode({.content_type = "base64", .script = text});
  };
  EXPECT_EQ(decode("aGk=").value(), "hi");
  EXPECT_EQ(decode("aG\nkh\r\n").value(), "hi!");
  EXPECT_EQ(decode("aA==").value(), "h");
  EXPECT_EQ(decode("a*==").error().what, "illegal base64 data at input byte 1");
  for (const char* wrong : {"a", "aG", "aGk", "aGk=x", "=", "aGk==", "a-_="}) {
    EXPECT_FALSE(decode(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace gpud::plugins
