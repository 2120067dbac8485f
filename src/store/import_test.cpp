// SPDX-License-Identifier: Apache-2.0
#include "store/import.h"

#include "store/store_rig.h"

namespace gpud::store {
namespace {

/// As the original leaves it when it is killed: all in the log, nothing in the file.
void MakeOriginal(StoreRig& rig) {
  const std::string path = rig.host.Path("/original");
  auto database = Database::Open(path);
  const std::string now = std::to_string(Seconds(rig.clock.Wall().time_since_epoch()));
  const std::string table = "components_accelerator_nvidia_error_xid_events_v0_5_0";
  for (const std::string& sql : {
           std::string("PRAGMA journal_mode=WAL"),
           std::string(
               "CREATE TABLE gpud_metadata(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID"),
           std::string("INSERT INTO gpud_metadata VALUES('machine_id','m-77'),('none',NULL)"),
           "CREATE TABLE " + table +
               "(timestamp INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, message TEXT,"
               " extra_info TEXT)",
           "INSERT INTO " + table + " VALUES(" + now + ",'error_xid','',NULL,'{\"data\":\"79\"}')",
           "INSERT INTO " + table + " VALUES(" + now + ",'error_xid','Fatal','same',NULL)",
           "INSERT INTO " + table + " VALUES(" + now + ",'error_xid','Fatal','same',NULL)",
           "INSERT INTO " + table + " VALUES(1,'error_xid','Fatal','long ago',NULL)",
           std::string("CREATE TABLE gpud_metrics_v0_5(unix_milliseconds INTEGER)"),
       }) {
    const auto done = database->Run(sql);
    ASSERT_TRUE(done) << sql << ": " << done.error().what;
  }
  std::filesystem::copy(path, rig.options.directory + "/gpud.state");
  std::filesystem::copy(path + "-wal", rig.options.directory + "/gpud.state-wal");
}

TEST(Import, TakesMetadataAndEventsOnceAndNeverWritesTheOriginal) {
  StoreRig rig;
  rig.options.directory = rig.host.Path("/data");
  std::filesystem::create_directory(rig.options.directory);
  MakeOriginal(rig);
  const std::string original = rig.options.directory + "/gpud.state";
  const std::string bytes = ReadFile(original), log = ReadFile(original + "-wal");

  rig.Open();
  Metadata metadata = rig.AllMetadata();
  EXPECT_EQ(metadata["gpud.state_import"], "2026-03-01T08:00:00Z: 3 events, 1 metadata");
  metadata.erase("gpud.state_import");
  EXPECT_EQ(metadata, (Metadata{{"machine_id", "m-77"}}));
  const auto events = rig.Events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2].component, "accelerator-nvidia-error-xid");
  EXPECT_EQ(events[2].time, rig.clock.Wall());
  EXPECT_EQ(events[2].type, EventType::kUnknown);
  EXPECT_EQ(events[2].extra_info.at("data"), "79");
  EXPECT_EQ(events[1].type, EventType::kFatal);
  EXPECT_EQ(events[1].message, "same");

  ASSERT_TRUE(rig.Put({.metadata = {{"machine_id", ""}}}));
  rig.Reopen();
  EXPECT_EQ(rig.Events().size(), 3u);
  EXPECT_FALSE(rig.AllMetadata().contains("machine_id"));
  rig.Close();
  EXPECT_TRUE(ReadFile(original) == bytes);
  EXPECT_TRUE(ReadFile(original + "-wal") == log);
  for (const auto& file : std::filesystem::directory_iterator(rig.options.directory)) {
    EXPECT_EQ(file.path().string().find("import"), std::string::npos) << file.path();
  }
}

TEST(Import, AnUnreadableOriginalIsNotedAndDoesNotHurt) {
  StoreRig rig;
  WriteFile(rig.options.directory + "/gpud.state", "garbage");
  rig.Open();
  EXPECT_TRUE(rig.store->condition().writable);
  EXPECT_TRUE(rig.AllMetadata().at("gpud.state_import").starts_with("not readable: "));
}

TEST(Import, TheComponentIsReadFromTheTablesName) {
  EXPECT_EQ(ComponentOfTable("components_os_events_v0_5_0"), "os");
  EXPECT_EQ(ComponentOfTable("components_accelerator_nvidia_hw_slowdown_events_v0_5_0"),
            "accelerator-nvidia-hw-slowdown");
  EXPECT_EQ(ComponentOfTable("components_kernel_module_events_v1"), "kernel-module");
  EXPECT_EQ(ComponentOfTable("components_my_plugin_events_v1"), "my_plugin");
  EXPECT_EQ(ComponentOfTable("components_events_v1"), "");
  EXPECT_EQ(ComponentOfTable("gpud_metadata"), "");
  EXPECT_EQ(ComponentOfTable("components_a\"b_events_v1"), "");
}

}  // namespace
}  // namespace gpud::store
