// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <gtest/gtest.h>

#include "cli/daemon_options.h"
#include "cli/parse.h"
#include "testing/fake_host.h"

namespace gpud::cli {

extern const Command kRun;

namespace {

using Words = std::vector<std::string>;

/// Settings from command line words, variables and the text of a configuration file.
class SettingsTest : public testing::Test {
 protected:
  Settings Read(const std::string& yaml, const Words& words = {}, Environment environment = {}) {
    machine_.Write("/config.yaml", yaml);
    environment.emplace("GPUD_CONFIG", file_);
    const Parsed parsed = Parse(kRun, words);
    EXPECT_EQ(parsed.usage_error, "");
    return ReadSettings(parsed.arguments, environment);
  }
  std::string At(int line, const std::string& rest) const {
    return file_ + ":" + std::to_string(line) + ": " + rest;
  }

  FakeHost machine_;
  std::string file_ = machine_.Path("/config.yaml");
};

TEST_F(SettingsTest, FlagsWinOverVariablesAndVariablesOverTheFile) {
  const std::string yaml =
      "listen_address: 127.0.0.1:1\ndata_dir: /from/file\nsample_interval: 10s\n";
  const Settings settings =
      Read(yaml, {"--listen-address=127.0.0.1:3"},
           {{"GPUD_LISTEN_ADDRESS", "127.0.0.1:2"}, {"GPUD_DATA_DIR", "/from/variable"}});
  EXPECT_EQ(settings.problems, Words{});
  EXPECT_EQ(settings.warnings, Words{});
  EXPECT_EQ(settings.Text("listen-address"), "127.0.0.1:3");
  EXPECT_EQ(settings.Get("listen-address").origin, "--listen-address");
  EXPECT_EQ(settings.Text("data-dir"), "/from/variable");
  EXPECT_EQ(settings.Get("data-dir").origin, "GPUD_DATA_DIR");
  EXPECT_EQ(settings.Duration("sample-interval"), std::chrono::seconds(10));
  EXPECT_EQ(settings.Get("sample-interval").origin, file_ + ":3");
  EXPECT_EQ(settings.Duration("metrics-retention-period"), std::chrono::hours(72));
  EXPECT_EQ(settings.Get("metrics-retention-period").origin, "default");
}

TEST_F(SettingsTest, NamesEveryErrorOfTheFileAtOnceWithLineAndKey) {
  const Settings settings = Read(
      "listen_adress: 127.0.0.1:1\n"
      "\n"
      "sample_interval: soon\n"
      "db_in_memory: \"true\"\n"
      "gpu_count: eight\n"
      "components: {cpu: yes}\n"
      "data_dir: [a, b]\n"
      "socket:\n"
      "log_level: loud\n"
      "sample_interval: 5s\n"
      "metrics_retention_period: 5s\n"
      "token: secret\n");
  EXPECT_EQ(
      settings.problems,
      (Words{At(1, "listen_adress: unknown key; did you mean \"listen_address\"?"),
             At(3, "sample_interval: \"soon\" is not a duration (such as 30s, 5m, 1h30m)"),
             At(4, "db_in_memory: the text \"true\" is not true or false"),
             At(5, "gpu_count: \"eight\" is not a whole number"),
             At(6, "components: a map is not a list"), At(7, "data_dir: a list is not a text"),
             At(8, "socket: has no value"), At(9, "log_level: unrecognized level: \"loud\""),
             At(10, "sample_interval: given in line 3 already"), At(12, "token: unknown key"),
             At(11, "metrics_retention_period: must be at least 1 minute, got 5s")}));
}

TEST_F(SettingsTest, ReadsListsSwitchesAndDocumentsOfTheFile) {
  const Settings settings = Read(
      "components: [cpu, -disk]\n"
      "db_in_memory: true\n"
      "log_file: \"\"\n"
      "nfs_checker_configs:\n"
      "  - volume_path: /data\n"
      "    dir_name: \"7\"\n");
  EXPECT_EQ(settings.problems, Words{});
  EXPECT_EQ(settings.List("components"), (Words{"cpu", "-disk"}));
  EXPECT_TRUE(settings.On("db-in-memory"));
  EXPECT_EQ(JsonText(settings.Get("nfs-checker-configs").value),
            R"([{"volume_path":"/data","dir_name":"7"}])");
  EXPECT_EQ(Read("components: cpu,disk\n").List("components"), (Words{"cpu", "disk"}));
}

TEST_F(SettingsTest, TellsTheLineOfBrokenYamlAndRefusesWhatIsNoMap) {
  const Settings broken = Read("data_dir: /a\nlog_file: [x\n");
  ASSERT_EQ(broken.problems.size(), 1u);
  EXPECT_TRUE(broken.problems[0].starts_with(file_ + ":")) << broken.problems[0];
  EXPECT_NE(broken.problems[0].find("not valid YAML"), std::string::npos);
  EXPECT_EQ(Read("- a\n").problems, Words{At(1, "not a list of settings (lines \"key: value\")")});
  EXPECT_EQ(Read("data_dir: /a\n---\nsocket: /b\n").problems.size(), 1u);
  EXPECT_EQ(Read("").problems, Words{});
  EXPECT_EQ(Read("# nothing\n").problems, Words{});
}

TEST_F(SettingsTest, NeedsTheFileOnlyWhenItWasNamed) {
  const Settings named = ReadSettings(Parse(kRun, {"--config", "/nowhere/x.yaml"}).arguments, {});
  ASSERT_EQ(named.problems.size(), 1u);
  EXPECT_NE(named.problems[0].find("/nowhere/x.yaml"), std::string::npos);
}

TEST_F(SettingsTest, RefusesAFileWhoseAliasesMultiply) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j) yaml += ", " + before;
    yaml += "]\n";
  }
  const Settings settings = Read(yaml);
  ASSERT_EQ(settings.problems.size(), 1u);
  EXPECT_NE(settings.problems[0].find("/config.yaml:5: more than 100000 values"), std::string::npos)
      << settings.problems[0];
}

TEST_F(SettingsTest, WarnsOfUnknownVariablesAndRefusesBadOnes) {
  const Settings settings = Read("", {},
                                 {{"GPUD_LISTEN_ADRESS", "x"},
                                  {"GPUD_ZZZ", "x"},
                                  {"GPUD_NVML_LIBRARY_PATH", "/x"},
                                  {"GPUDX", "x"},
                                  {"GPUD_SAMPLE_INTERVAL", "soon"}});
  EXPECT_EQ(settings.warnings,
            (Words{"GPUD_LISTEN_ADRESS: no such setting; did you mean GPUD_LISTEN_ADDRESS?",
                   "GPUD_ZZZ: no such setting, ignored"}));
  EXPECT_EQ(settings.problems, Words{"GPUD_SAMPLE_INTERVAL: \"soon\" is not a duration (such as "
                                     "30s, 5m, 1h30m)"});
}

TEST_F(SettingsTest, AcceptsEveryFlagOfTheOriginalAndSaysWhichChangeNothing) {
  const Settings settings = Read(
      "", {"--pprof", "--enable-auto-update=false", "--auto-update-exit-code=-1", "--token", "t",
           "-l=info", "--gpu-uuids-with-gpu-lost=a,b", "--log-file=\"\"", "--retention-period=5m"});
  EXPECT_EQ(settings.problems, Words{});
  ASSERT_EQ(settings.warnings.size(), 5u);
  EXPECT_EQ(settings.warnings[0],
            "accepted but has no effect: --pprof (it profiled the Go runtime)");
  EXPECT_EQ(settings.Duration("metrics-retention-period"), std::chrono::minutes(5));
}

TEST_F(SettingsTest, TakesTheDefaultForARetentionOfZeroOrLess) {
  EXPECT_EQ(Read("", {"--events-retention-period=0"}).Duration("events-retention-period"),
            std::chrono::hours(336));
  EXPECT_EQ(Read("", {"--events-retention-period=-1h"}).problems, Words{});
}

TEST_F(SettingsTest, ChecksWhatTypesCannot) {
  EXPECT_EQ(Read("", {"--nfs-host-root=x"}).problems,
            Words{"--nfs-host-root: must be an absolute path, got \"x\""});
  EXPECT_EQ(Read("", {"--sample-interval=100ms"}).problems,
            Words{"--sample-interval: must be 0s or at least 1s, got 100ms"});
  EXPECT_EQ(Read("", {"--sample-interval=-1s"}).problems,
            Words{"--sample-interval: must not be negative"});
  EXPECT_EQ(Read("", {"--root=/no/such"}).problems,
            Words{"--root: cannot be read as a directory: /no/such"});
}

TEST_F(SettingsTest, ResolvesPlacesByWhoRunsIt) {
  const User user{.root = false, .home = "/home/a"};
  const Settings plain = Read("");
  EXPECT_EQ(DataDirectory(plain, user), "/home/a/.gpud");
  EXPECT_EQ(SocketPath(plain, user), "/home/a/.gpud/gpud.sock");
  EXPECT_EQ(ApiTokenFile(plain, user), "/home/a/.gpud/api-token");
  const User root{.root = true, .home = "/root"};
  EXPECT_EQ(DataDirectory(plain, root), "/var/lib/gpud");
  EXPECT_EQ(SocketPath(plain, root), "/run/gpud/gpud.sock");
  const Settings moved = Read("data_dir: /d\n");
  EXPECT_EQ(SocketPath(moved, root), "/d/gpud.sock");
  EXPECT_EQ(ApiTokenFile(moved, root), "/d/api-token");
}

TEST_F(SettingsTest, FillsTheDaemonsOptions) {
  const Settings settings =
      Read("", {"--data-dir=/d", "--sample-interval=90s", "--components=cpu", "-log-level=error",
                "--reboot-commands=reboot", "--infiniband-exclude-devices=a,b"});
  const daemon::Options options =
      DaemonOptions(settings, {{"KMSG_FILE_PATH", "/dev/null"}, {"HOME", "/h"}});
  EXPECT_EQ(options.data_dir, "/d");
  EXPECT_EQ(options.sample_interval, std::chrono::seconds(90));
  EXPECT_EQ(options.components, Words{"cpu"});
  EXPECT_EQ(options.log.level, log::Level::kError);
  EXPECT_EQ(options.kmsg_path, "/dev/null");
  EXPECT_EQ(options.listen_address, "127.0.0.1:15132");
  EXPECT_EQ(options.metrics_retention, std::chrono::hours(72));
  EXPECT_EQ(options.events_retention, std::chrono::hours(336));
  const std::string original = JsonText({options.original_settings});
  EXPECT_NE(original.find(R"("enable_auto_update":true)"), std::string::npos) << original;
  EXPECT_NE(original.find(R"("reboot_commands":"reboot")"), std::string::npos) << original;
  EXPECT_NE(original.find(R"("excluded_infiniband_devices":["a","b"])"), std::string::npos);
  EXPECT_NE(original.find(R"("version_file":"/d/target_version")"), std::string::npos);
  EXPECT_NE(original.find(R"(gpud.plugins.yaml","components":["cpu"],"failure_injector":)"),
            std::string::npos);
}

}  // namespace
}  // namespace gpud::cli
