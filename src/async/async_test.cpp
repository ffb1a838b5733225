// Suspended callers, alarms, deadlines, signals, readiness of a pipe.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>

#include "async/deadline.h"
#include "async/readiness.h"
#include "async/signal.h"
#include "async/suspended.h"

namespace hansa::async {
namespace {

using namespace std::chrono_literals;

class AsyncTest : public testing::Test {
 protected:
  void spawn(Task<void> task) {
    asio::co_spawn(context_, std::move(task), [this](std::exception_ptr error) {
      if (error) error_ = error;
    });
  }
  asio::io_context context_{1};
  std::exception_ptr error_;
};

Task<void> ask(Suspended<int>& place, int& answer) {
  auto keep = [&place](Suspended<int>::Handler handler) {
    place.hold(std::move(handler), [&place] { place.cancelled(); });
  };
  answer = co_await suspend<int>(keep);
}

TEST_F(AsyncTest, ResumeRunsTheCallerBeforeItReturns) {
  Suspended<int> place;
  int answer = 0;
  spawn(ask(place, answer));
  context_.poll();
  ASSERT_FALSE(place.empty());
  place.resume(7);
  EXPECT_EQ(answer, 7);
}

TEST_F(AsyncTest, PostRunsTheCallerLater) {
  Suspended<int> place;
  int answer = 0;
  spawn(ask(place, answer));
  context_.poll();
  place.post(8);
  EXPECT_EQ(answer, 0);
  context_.restart();
  context_.poll();
  EXPECT_EQ(answer, 8);
}

TEST_F(AsyncTest, FailThrowsInTheCaller) {
  Suspended<int> place;
  int answer = 0;
  spawn(ask(place, answer));
  context_.poll();
  place.fail(std::make_exception_ptr(std::runtime_error("no")));
  context_.restart();
  context_.poll();
  EXPECT_THROW(std::rethrow_exception(error_), std::runtime_error);
}

Task<void> limited(Suspended<int>& place, bool& expired) {
  int answer = 0;
  expired = !co_await with_deadline(ask(place, answer), 1ms);
}

TEST_F(AsyncTest, DeadlineCancelsASuspendedCaller) {
  Suspended<int> place;
  bool expired = false;
  spawn(limited(place, expired));
  context_.run();
  EXPECT_TRUE(expired);
  EXPECT_TRUE(place.empty());
}

Task<int> soon() { co_return 5; }

Task<void> unlimited(int& answer) {
  auto const value = co_await with_deadline(soon(), 1h);
  answer = value.value_or(-1);
}

TEST_F(AsyncTest, DeadlineDoesNotDelayAnAnswer) {
  int answer = 0;
  spawn(unlimited(answer));
  context_.run();
  EXPECT_EQ(answer, 5);
}

Task<void> fail() {
  throw std::runtime_error("no");
  co_return;
}

Task<void> limited_failure() { co_await with_deadline(fail(), 1h); }

TEST_F(AsyncTest, DeadlineDoesNotDelayAFailure) {
  spawn(limited_failure());
  context_.run();
  EXPECT_THROW(std::rethrow_exception(error_), std::runtime_error);
}

TEST_F(AsyncTest, AlarmIsSilentAfterDisarm) {
  int calls = 0;
  Alarm alarm(context_);
  alarm.arm(0ms, [&] { ++calls; });
  alarm.disarm();
  alarm.arm(0ms, [&] { calls += 10; });
  context_.run();
  EXPECT_EQ(calls, 10);
}

Task<void> await_count(Signal& signal, int const& count, bool& seen) {
  auto condition = [&count] { return count == 3; };
  seen = co_await signal.wait(condition, Timer::clock_type::now() + 1h);
}

TEST_F(AsyncTest, SignalWakesWhenTheConditionHolds) {
  Signal signal(context_);
  int count = 0;
  bool seen = false;
  spawn(await_count(signal, count, seen));
  for (; count < 3; ++count) {
    signal.notify();
    context_.poll();
    EXPECT_FALSE(seen);
  }
  signal.notify();
  context_.run();
  EXPECT_TRUE(seen);
}

Task<void> read_byte(Readiness& readiness, int fd, char& byte) {
  auto const [error] = co_await readiness.wait(Readiness::Direction::read);
  if (error || ::read(fd, &byte, 1) != 1) byte = '!';
}

TEST_F(AsyncTest, ReadinessWatchesAndLeavesTheDescriptorOpen) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  char byte = 0;
  {
    Readiness readiness(context_, fds[0]);
    spawn(read_byte(readiness, fds[0], byte));
    context_.poll();
    EXPECT_EQ(byte, 0);
    ASSERT_EQ(::write(fds[1], "xy", 2), 2);
    context_.run();
  }
  EXPECT_EQ(byte, 'x');
  EXPECT_EQ(::read(fds[0], &byte, 1), 1);
  ::close(fds[0]);
  ::close(fds[1]);
}

}  // namespace
}  // namespace hansa::async
