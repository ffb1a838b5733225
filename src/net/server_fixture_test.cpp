#include "net/server_fixture.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/redirect_error.hpp>
#include <charconv>
#include <stdexcept>

namespace hansa::net {

using namespace std::chrono_literals;

Client::Client(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval const patience{.tv_sec = 20};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(descriptor_, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
    ADD_FAILURE() << "cannot connect";
  }
}

Client::Client(Client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), unread_(std::move(other.unread_)) {}

Client::~Client() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto const sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Client::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

bool Client::receive() {
  std::array<char, 65536> bytes;
  auto const got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    ADD_FAILURE() << "nothing received in time; so far: " << unread_.substr(0, 500);
  }
  if (got <= 0) return false;
  unread_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

std::string Client::read_until(std::string_view end) {
  for (;;) {
    auto const at = unread_.find(end);
    if (at != std::string::npos) {
      auto text = unread_.substr(0, at + end.size());
      unread_.erase(0, text.size());
      return text;
    }
    if (!receive()) {
      ADD_FAILURE() << "stream ended before `" << end << "`: " << unread_.substr(0, 500);
      return {};
    }
  }
}

RawAnswer Client::read_answer() {
  RawAnswer answer;
  answer.head = read_until("\r\n\r\n");
  if (answer.head.size() < 12) return answer;
  std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  static constexpr std::string_view name = "Content-Length: ";
  auto const at = answer.head.find(name);
  std::size_t length = 0;
  if (at != std::string::npos) {
    std::from_chars(answer.head.data() + at + name.size(), answer.head.data() + answer.head.size(),
                    length);
  }
  while (unread_.size() < length && receive()) {
  }
  answer.body = unread_.substr(0, length);
  unread_.erase(0, length);
  return answer;
}

std::string Client::read_all() {
  while (receive()) {
  }
  return std::exchange(unread_, {});
}

std::string const& large_body() {
  static std::string const body = [] {
    std::string text;
    for (int i = 0; text.size() < (8U << 20U); ++i) text += fmt::format("{},", i);
    return text;
  }();
  return body;
}

void ConnectionCount::observe(Event const& event) noexcept {
  if (auto const* change = std::get_if<ConnectionsChanged>(&event)) {
    std::lock_guard const lock(mutex_);
    count_ += change->http_delta;
    changed_.notify_all();
  }
}

bool ConnectionCount::wait_for(std::int64_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, 20s, [&] { return count_ == count; });
}

struct RunningServer::Held {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t waiting = 0;
  std::atomic<bool> released{false};
};

namespace {

async::Task<std::optional<std::string>> next_piece(std::shared_ptr<int> next, int count) {
  if (*next >= count) co_return std::nullopt;
  co_return fmt::format("piece {}\n", (*next)++);
}

async::Task<std::optional<std::string>> broken_piece(std::shared_ptr<int> next) {
  if (*next > 0) throw std::runtime_error("the database is gone");
  co_return fmt::format("piece {}\n", (*next)++);
}

class TestHandler final : public Handler {
 public:
  TestHandler(async::asio::io_context& context, std::function<void()> enter_hold,
              std::function<bool()> released)
      : context_(context), enter_hold_(std::move(enter_hold)), released_(std::move(released)) {}

  async::Task<Response> handle(Request request) override {
    Response response;
    auto const path = request.path();
    auto const next = std::make_shared<int>(0);
    if (path == "/hold") co_await hold();
    if (path == "/length") {
      response.head_length = 4321;
    } else if (path == "/large") {
      response.body = large_body();
    } else if (path == "/broken") {
      response.stream = [next] { return broken_piece(next); };
    } else if (path.starts_with("/stream/")) {
      auto const count = std::stoi(std::string(path.substr(8)));
      response.stream = [next, count] { return next_piece(next, count); };
    } else {
      response.body =
          fmt::format("{} {} {}", to_text(request.method), request.target, request.body);
    }
    co_return response;
  }

  Response refuse(int status, std::string_view reason) override {
    return {.status = status, .body = std::string(reason)};
  }

 private:
  async::Task<void> hold() {
    enter_hold_();
    async::Timer timer(context_);
    while (!released_()) {
      timer.expires_after(1ms);
      co_await timer.async_wait(async::use_task);
    }
  }

  async::asio::io_context& context_;
  std::function<void()> enter_hold_;
  std::function<bool()> released_;
};

}  // namespace

Server::MakeHandler RunningServer::handlers() const {
  return [held = held_](async::asio::io_context& context) {
    auto enter = [held] {
      std::lock_guard const lock(held->mutex);
      ++held->waiting;
      held->changed.notify_all();
    };
    auto released = [held] { return held->released.load(); };
    return std::make_unique<TestHandler>(context, enter, released);
  };
}

void RunningServer::start(Result<std::unique_ptr<Server>> server) {
  if (!server) throw std::runtime_error(to_text(server.error()));
  server_ = *std::move(server);
  thread_ = std::thread([this] { server_->run(); });
}

RunningServer::RunningServer(ServerLimits const& limits, std::size_t threads)
    : held_(std::make_shared<Held>()) {
  start(Server::bind({.threads = threads, .limits = limits}, handlers(), connections_));
}

RunningServer::RunningServer(RunningServer const& before) : held_(std::make_shared<Held>()) {
  start(Server::succeed(*before.server_, {}, handlers(), connections_));
}

RunningServer::~RunningServer() {
  server_->stop(0ms);
  join();
}

void RunningServer::join() {
  if (thread_.joinable()) thread_.join();
}

void RunningServer::wait_for_connections(std::int64_t count) {
  EXPECT_TRUE(connections_.wait_for(count)) << "never " << count << " connections";
}

void RunningServer::wait_for_held(std::size_t count) {
  std::unique_lock lock(held_->mutex);
  EXPECT_TRUE(held_->changed.wait_for(lock, 20s, [&] { return held_->waiting == count; }));
}

void RunningServer::release() { held_->released = true; }

}  // namespace hansa::net
