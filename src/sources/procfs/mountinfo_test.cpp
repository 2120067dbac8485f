// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/mountinfo.h"

#include <gtest/gtest.h>

namespace gpud::procfs {
namespace {

std::vector<std::string> RealPoints(std::string_view text) {
  std::vector<std::string> points;
  for (const Mount& mount : RealMounts(ParseMountinfo(text).value())) {
    points.push_back(mount.mount_point);
  }
  return points;
}

TEST(Mountinfo, UndoesEscapesAndSeesReadOnlyOnEitherSide) {
  const auto info = ParseMountinfo(
      "36 35 98:0 /a\\040b /mnt\\0401 rw,noatime master:1 shared:2 - ext3 /dev/root "
      "ro,errors=continue\n"
      "37 35 98:1 / /b rw - ext4 /dev/sdb rw\n");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->mounts.at(0), (Mount{"98:0", "/a b", "/mnt 1", "ext3", "/dev/root", true, true}));
  EXPECT_FALSE(info->mounts.at(1).read_only);
}

TEST(Mountinfo, TakesAnEmptySourceAndNamesABadLine) {
  EXPECT_EQ(ParseMountinfo("1 2 0:5 / /x rw - tmpfs  rw\n")->mounts.at(0).source, "");
  EXPECT_EQ(ParseMountinfo("1 2 0:5 / /x rw\n").error().what,
            "mountinfo: bad line: 1 2 0:5 / /x rw");
}

TEST(RealMounts, AreThoseThatHoldDataEachOnce) {
  EXPECT_EQ(RealPoints("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
                       "2 1 0:3 / /proc rw - proc proc rw\n"
                       "3 1 0:4 / /run rw - tmpfs tmpfs rw\n"
                       "4 1 0:5 / /net rw - autofs systemd-1 rw\n"
                       "5 1 7:1 / /snap/x ro - squashfs /dev/loop1 ro\n"
                       "6 1 0:6 / /home rw - nfs4 server:/home rw\n"
                       "7 1 8:1 /srv /bind rw - ext4 /dev/sda1 rw\n"
                       "8 1 8:2 / /var/lib/kubelet/pods/a/v rw - ext4 /dev/sda2 rw\n"
                       "9 1 0:7 / /o rw - overlay overlay rw\n"
                       "10 1 0:8 / /tank rw - zfs tank rw\n"),
            (std::vector<std::string>{"/", "/home", "/tank"}));
}

TEST(RealMounts, PreferTheWholeFileSystemAndDropWhatIsCovered) {
  EXPECT_EQ(RealPoints("1 0 8:1 /sub /bind rw - ext4 /dev/sda1 rw\n"
                       "2 0 8:1 / /whole rw - ext4 /dev/sda1 rw\n"
                       "3 0 8:2 / /data rw - ext4 /dev/sdb1 rw\n"
                       "4 0 0:9 / /data rw - tmpfs tmpfs rw\n"),
            (std::vector<std::string>{"/whole"}));
}

}  // namespace
}  // namespace gpud::procfs
