#include "net/worker.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace hansa::net {

namespace {

namespace asio = async::asio;
using Clock = std::chrono::steady_clock;

// After the cut, coroutines whose sockets are gone get this long to unwind.
constexpr std::chrono::milliseconds unwind_time{250};
constexpr std::chrono::milliseconds accept_pause_time{100};

// Often enough that a timeout is kept to within a quarter, and never more than once a second for
// the timeouts of production.
std::chrono::milliseconds sweep_interval(ServerLimits const& limits) {
  auto const shortest = std::min(
      {limits.header_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1000));
}

}  // namespace

Worker::Worker(Shared& shared, asio::ip::tcp protocol, int descriptor)
    : shared_(shared),
      acceptor_(context_, protocol, descriptor),
      sweep_timer_(context_),
      accept_pause_(context_) {
  refresh_date();
}

Worker::~Worker() = default;

void Worker::run(Server::MakeHandler const& make) {
  handler_ = make(context_);
  asio::co_spawn(context_, accept(), asio::detached);
  asio::co_spawn(context_, sweep(), asio::detached);
  context_.run();
  handler_.reset();
}

void Worker::stop(std::chrono::milliseconds deadline) {
  asio::post(context_, [this, deadline] { drain(Clock::now() + deadline); });
}

async::Task<void> Worker::accept() {
  while (!draining_) {
    Socket socket(context_);
    asio::ip::tcp::endpoint peer;
    boost::system::error_code ec;
    co_await acceptor_.async_accept(socket, peer, asio::redirect_error(async::use_task, ec));
    if (!ec) {
      admit(std::move(socket), peer);
    } else if (!draining_ && ec != asio::error::connection_aborted) {
      // Out of descriptors or memory: those waiting stay in the kernel's queue for a moment.
      auto const text = ec.message();
      shared_.observer.observe(Notice{LogLevel::warning, "cannot accept connections", text});
      accept_pause_.expires_after(accept_pause_time);
      boost::system::error_code ignored;
      co_await accept_pause_.async_wait(asio::redirect_error(async::use_task, ignored));
    }
  }
}

void Worker::admit(Socket socket, asio::ip::tcp::endpoint const& peer) {
  if (shared_.connections.fetch_add(1, std::memory_order_relaxed) >=
      shared_.limits.connections_max) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    std::string head;
    auto const response = handler_->refuse(503, "too many connections");
    append_head(head, response,
                {.length = response.body.size(), .persistence = Persistence::close, .date = date_});
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    asio::write(socket, asio::buffer(head + response.body), ignored);
    return;
  }
  auto const connection = connections_.emplace(connections_.end(), *this, std::move(socket), peer);
  shared_.observer.observe(ConnectionsChanged{1});
  asio::co_spawn(context_, serve(connection), asio::detached);
}

async::Task<void> Worker::serve(std::list<Connection>::iterator connection) {
  co_await connection->serve();
  connections_.erase(connection);
  shared_.connections.fetch_sub(1, std::memory_order_relaxed);
  shared_.observer.observe(ConnectionsChanged{-1});
  end_if_drained();
}

async::Task<void> Worker::sweep() {
  auto const interval = sweep_interval(shared_.limits);
  for (;;) {
    auto const now = Clock::now();
    refresh_date();
    for (auto& connection : connections_) connection.sweep(now);
    if (now >= cut_at_) {
      for (auto& connection : connections_) connection.cut();
      if (now >= cut_at_ + unwind_time) context_.stop();
    }
    auto next = now + interval;
    if (draining_) next = std::min(next, std::max(now + unwind_time / 5, cut_at_));
    if (now < cut_at_) next = std::min(next, cut_at_);
    sweep_timer_.expires_at(next);
    boost::system::error_code woken;
    co_await sweep_timer_.async_wait(asio::redirect_error(async::use_task, woken));
  }
}

void Worker::drain(Clock::time_point cut_at) {
  cut_at_ = std::min(cut_at_, cut_at);
  draining_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  sweep_timer_.cancel();
  for (auto& connection : connections_) connection.drain();
  end_if_drained();
}

void Worker::end_if_drained() {
  if (draining_ && connections_.empty()) context_.stop();
}

void Worker::refresh_date() {
  auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now.time_since_epoch().count() == date_seconds_) return;
  date_seconds_ = now.time_since_epoch().count();
  date_ = http_date(date_seconds_);
}

}  // namespace hansa::net
