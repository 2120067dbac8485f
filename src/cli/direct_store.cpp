// SPDX-License-Identifier: Apache-2.0
#include "cli/direct_store.h"

#include "daemon/data_dir.h"
#include "platform/loop.h"
#include "platform/root.h"

namespace gpud::cli {

namespace {
constexpr std::chrono::minutes kMostWait{10};  // VACUUM of a large file on a slow disk
}

struct DirectStore::Impl {
  // Order of ends: the store first (what it posts goes to the loop), the lock last.
  UniqueFd lock;
  SystemClock clock;
  Loop loop;
  store::Store store;

  Impl(UniqueFd data_lock, const std::string& data_dir)
      : lock(std::move(data_lock)),
        store({.directory = data_dir}, clock,
              [this](std::function<void()> task) { loop.Post(std::move(task)); }) {}

  /// Runs one question until its answer has come.
  template <class T, class Start>
  Result<T> Ask(Start start) {
    Result<T> answer = Fail(ErrorCode::kTimeout, "the database does not answer");
    start([this, &answer](Result<T> result) {
      answer = std::move(result);
      loop.Stop();
    });
    loop.RunFor(kMostWait);
    return answer;
  }
};

Result<DirectStore> DirectStore::Open(const std::string& data_dir) {
  const std::string file = data_dir + "/gpud.db";
  if (!Root().Exists(file)) {
    return Fail(ErrorCode::kNotFound, "unable to open database file: " + file + " does not exist");
  }
  auto lock = daemon::OpenDataDir(data_dir);
  if (!lock) return tl::unexpected<Error>(std::move(lock).error());
  return DirectStore(std::make_unique<Impl>(*std::move(lock), data_dir));
}

DirectStore::DirectStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DirectStore::DirectStore(DirectStore&&) noexcept = default;
DirectStore::~DirectStore() = default;

Result<store::Metadata> DirectStore::ReadMetadata() {
  return impl_->Ask<store::Metadata>(
      [this](auto done) { impl_->store.QueryMetadata(std::move(done)); });
}

Result<void> DirectStore::PutMetadata(const std::string& key, const std::string& value) {
  const auto written = impl_->Ask<std::size_t>([&](auto done) {
    impl_->store.Put({.metadata = {{key, value}}}, std::move(done), std::chrono::seconds(10));
  });
  if (!written) return tl::unexpected<Error>(written.error());
  return {};
}

Result<std::vector<Event>> DirectStore::ReadEvents(const std::string& component) {
  return impl_->Ask<std::vector<Event>>(
      [&](auto done) { impl_->store.QueryEvents({.components = {component}}, std::move(done)); });
}

Result<void> DirectStore::Compact() {
  return impl_->Ask<void>([this](auto done) { impl_->store.Compact(std::move(done)); });
}

}  // namespace gpud::cli
