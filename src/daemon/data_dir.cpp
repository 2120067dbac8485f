// SPDX-License-Identifier: Apache-2.0
#include "daemon/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "platform/log.h"
#include "platform/root.h"
#include "platform/text.h"
#include "platform/whole_file.h"

namespace gpud::daemon {
namespace {

constexpr std::size_t kTokenBytes = 32;

Result<std::string> MakeToken(const std::string& path) {
  std::array<unsigned char, kTokenBytes> random;
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return FailErrno("getrandom", errno);
  }
  static constexpr char kHex[] = "0123456789abcdef";
  std::string token;
  for (const unsigned char byte : random) {
    token += kHex[byte >> 4];
    token += kHex[byte & 0xF];
  }
  // Half a token would be refused at the next start.
  if (auto written = WriteWholeFile(path, 0600, token + '\n'); !written) {
    return Pass(std::move(written), "API token");
  }
  return token;
}

}  // namespace

Result<UniqueFd> OpenDataDir(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return FailErrno("data directory " + path, error.value());
  const std::string lock_path = path + "/gpud.lock";
  UniqueFd lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid() && (errno == EROFS || errno == ENOSPC || errno == EDQUOT)) {
    // A broken or full disk must not keep the machine from being watched; no second gpud can write
    // there either.
    log::Warn("the data directory is not locked",
              {{"error", FailErrno(lock_path, errno).value().what}});
    return lock;
  }
  if (!lock.valid()) return FailErrno(lock_path, errno);
  // Who may read a file may lock it, and would keep gpud from starting.
  (void)::fchmod(lock.get(), 0600);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> pid{};
    const ssize_t n = ::read(lock.get(), pid.data(), pid.size());
    return Fail(ErrorCode::kInternal,
                "another gpud (pid " +
                    std::string(Trim({pid.data(), static_cast<std::size_t>(n > 0 ? n : 0)})) +
                    ") works in " + path + ": stop it, or choose another --data-dir");
  }
  // The pid is for people; on a full disk the lock holds without it.
  const std::string pid = std::to_string(::getpid()) + '\n';
  if (::ftruncate(lock.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t n = ::write(lock.get(), pid.data(), pid.size());
  }
  return lock;
}

Result<std::string> LoadApiToken(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) {
    if (errno == ENOENT) return MakeToken(path);
    return FailErrno(path, errno);
  }
  if ((file.st_mode & 0077) != 0) {
    return Fail(ErrorCode::kParse,
                path + ": others may read the API token; mend it with: chmod 600 " + path);
  }
  auto text = Root("/").Read(path, 4096);
  if (!text) return Pass(std::move(text), "API token");
  std::string token(Trim(*text));
  if (token.size() < 16) {
    return Fail(ErrorCode::kParse, path +
                                       ": the API token is too short (16 characters or more); "
                                       "remove the file and a new one is made");
  }
  return token;
}

}  // namespace gpud::daemon
