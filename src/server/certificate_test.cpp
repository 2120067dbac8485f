// SPDX-License-Identifier: Apache-2.0
#include "server/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>

#include "platform/root.h"
#include "server/http_testing.h"

namespace gpud::server {
namespace {

using std::chrono::hours;

const WallTime kNow = SystemClock().Wall();

mode_t Mode(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

void Overwrite(const std::string& path, std::string_view text) { std::ofstream(path) << text; }

TEST(Certificate, IsKeptWithAPrivateKeyThatOnlyItsOwnerReads) {
  const TemporaryFolder folder;
  const auto made = KeepCertificate(folder.path, kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->not_kept, "");
  EXPECT_EQ(made->fingerprint.size(), 32 * 3 - 1u);
  EXPECT_EQ(Mode(folder.path + "/server.key"), 0600u);
  EXPECT_EQ(Mode(folder.path + "/server.crt"), 0644u);
  EXPECT_EQ(KeepCertificate(folder.path, kNow)->fingerprint, made->fingerprint);
}

TEST(Certificate, IsForLocalhostInAllItsForms) {
  const auto made = KeepCertificate("", kNow);
  ASSERT_TRUE(made);
  EXPECT_EQ(X509_check_host(made->x509.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(made->x509.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(made->x509.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_host(made->x509.get(), "elsewhere", 0, 0, nullptr), 0);
}

TEST(Certificate, IsRenewedInItsLastThirtyDays) {
  const TemporaryFolder folder;
  const auto made = KeepCertificate(folder.path, kNow);
  EXPECT_EQ(KeepCertificate(folder.path, kNow + hours(334 * 24))->fingerprint, made->fingerprint);
  EXPECT_FALSE(made->IsDue(kNow + hours(334 * 24)));
  EXPECT_TRUE(made->IsDue(kNow + hours(336 * 24)));
  EXPECT_NE(KeepCertificate(folder.path, kNow + hours(336 * 24))->fingerprint, made->fingerprint);
}

TEST(Certificate, IsMadeAnewWhenTheClockWasSetBackBeforeItsFirstDay) {
  const TemporaryFolder folder;
  const auto made = KeepCertificate(folder.path, kNow);
  EXPECT_NE(KeepCertificate(folder.path, kNow - hours(24))->fingerprint, made->fingerprint);
}

TEST(Certificate, IsMadeAnewWhenAFileIsBrokenMissingOrAnothersPair) {
  const TemporaryFolder folder;
  auto last = KeepCertificate(folder.path, kNow)->fingerprint;
  const auto expect_another = [&](const char* why) {
    const auto made = KeepCertificate(folder.path, kNow);
    ASSERT_TRUE(made) << why;
    EXPECT_NE(std::exchange(last, made->fingerprint), made->fingerprint) << why;
    EXPECT_EQ(KeepCertificate(folder.path, kNow)->fingerprint, last) << why;
  };
  Overwrite(folder.path + "/server.crt", "garbage");
  expect_another("broken certificate");
  Overwrite(folder.path + "/server.key", "");
  expect_another("empty key");
  std::filesystem::remove(folder.path + "/server.key");
  expect_another("no key");
  const TemporaryFolder other;
  (void)KeepCertificate(other.path, kNow);  // for its files
  std::filesystem::copy_file(other.path + "/server.key", folder.path + "/server.key",
                             std::filesystem::copy_options::overwrite_existing);
  expect_another("key of another certificate");
}

TEST(Certificate, FilesThatCannotBeUsedAreSetAsideNotOverwritten) {
  const TemporaryFolder folder;
  EXPECT_EQ(KeepCertificate(folder.path, kNow)->set_aside, "");
  Overwrite(folder.path + "/server.key", "the only copy");
  const auto made = KeepCertificate(folder.path, kNow);
  const std::string aside = made->set_aside.substr(0, made->set_aside.find(','));
  ASSERT_TRUE(aside.starts_with(folder.path + "/server.key.unusable")) << made->set_aside;
  EXPECT_EQ(Root().Read(aside).value_or(""), "the only copy");
  EXPECT_EQ(KeepCertificate(folder.path, kNow)->fingerprint, made->fingerprint);
}

TEST(Certificate, OfASiteIsNotReplacedBecauseOfItsAge) {
  const TemporaryFolder folder;
  const auto made = KeepCertificate(folder.path, kNow);
  X509_NAME* const name = X509_get_subject_name(made->x509.get());
  X509_NAME_ENTRY_free(
      X509_NAME_delete_entry(name, X509_NAME_get_index_by_NID(name, NID_organizationName, -1)));
  X509_sign(made->x509.get(), made->key.get(), EVP_sha256());
  const std::string path = folder.path + "/server.crt";
  const std::unique_ptr<BIO, int (*)(BIO*)> file(BIO_new_file(path.c_str(), "w"), BIO_free);
  PEM_write_bio_X509(file.get(), made->x509.get());
  BIO_flush(file.get());

  const auto kept = KeepCertificate(folder.path, kNow + hours(364 * 24));
  EXPECT_FALSE(kept->made_by_gpud);
  EXPECT_TRUE(kept->IsDue(kNow + hours(364 * 24)));
  EXPECT_EQ(kept->exposed, "");
  EXPECT_EQ(X509_cmp(kept->x509.get(), made->x509.get()), 0);

  ASSERT_EQ(::chmod((folder.path + "/server.key").c_str(), 0640), 0);  // for its other servers
  EXPECT_NE(KeepCertificate(folder.path, kNow)->exposed.find("had mode 0640"), std::string::npos);
  EXPECT_EQ(Mode(folder.path + "/server.key"), 0640u);
}

TEST(Certificate, ClosesItsKeyToOthersAndTells) {
  const TemporaryFolder folder;
  const std::string path = folder.path + "/server.key";
  const auto made = KeepCertificate(folder.path, kNow);
  EXPECT_EQ(made->exposed, "");
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  const auto kept = KeepCertificate(folder.path, kNow);
  EXPECT_EQ(kept->fingerprint, made->fingerprint);
  EXPECT_TRUE(kept->exposed.starts_with(path + " had mode 0644: it is 0600 now")) << kept->exposed;
  EXPECT_EQ(Mode(path), 0600u);
  EXPECT_EQ(KeepCertificate(folder.path, kNow)->exposed, "");
}

TEST(Certificate, LivesInMemoryWhereItCannotBeWritten) {
  const auto made = KeepCertificate("/proc/no/such", kNow);
  ASSERT_TRUE(made);
  EXPECT_NE(made->not_kept.find("/proc/no/such/server.key"), std::string::npos) << made->not_kept;
  EXPECT_NE(KeepCertificate("", kNow)->not_kept, "");
}

}  // namespace
}  // namespace gpud::server
