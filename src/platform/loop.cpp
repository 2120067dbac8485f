// SPDX-License-Identifier: Apache-2.0
#include "platform/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace gpud {
namespace asio = boost::asio;

struct Loop::Impl {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
};

namespace {

class TimerHandle final : public Loop::Handle {
 public:
  TimerHandle(asio::io_context& context, std::chrono::milliseconds delay,
              std::function<void()> task)
      : timer_(context, delay) {
    timer_.async_wait([alive = std::weak_ptr<int>(alive_),
                       task = std::move(task)](const boost::system::error_code& error) {
      if (!error && alive.lock()) task();
    });
  }

 private:
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  asio::steady_timer timer_;
};

class ReadableHandle final : public Loop::Handle {
 public:
  ReadableHandle(asio::io_context& context, int fd, std::function<void()> task)
      : descriptor_(context, fd), task_(std::move(task)) {
    Wait();
  }
  ~ReadableHandle() override { descriptor_.release(); }  // the caller owns the descriptor

 private:
  void Wait() {
    descriptor_.async_wait(
        asio::posix::stream_descriptor::wait_read,
        [this, alive = std::weak_ptr<int>(alive_)](const boost::system::error_code& error) {
          if (error || !alive.lock()) return;
          const auto task = task_;  // outlives this object, which the task may destroy
          task();
          if (alive.lock()) Wait();
        });
  }

  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  asio::posix::stream_descriptor descriptor_;
  std::function<void()> task_;
};

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::Run() { impl_->context.run(); }
void Loop::RunFor(std::chrono::milliseconds limit) {
  impl_->context.restart();
  impl_->context.run_for(limit);
}
void Loop::Stop() { impl_->context.stop(); }
void Loop::Post(std::function<void()> task) { asio::post(impl_->context, std::move(task)); }

Loop::Watch Loop::After(std::chrono::milliseconds delay, std::function<void()> task) {
  return std::make_unique<TimerHandle>(impl_->context, delay, std::move(task));
}
Loop::Watch Loop::WhenReadable(int fd, std::function<void()> task) {
  return std::make_unique<ReadableHandle>(impl_->context, fd, std::move(task));
}

asio::io_context& Loop::context() { return impl_->context; }

}  // namespace gpud
