#include "gateway/gateway.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <list>
#include <thread>

#include "async/spawn.h"
#include "gateway/connection.h"
#include "net/listen.h"

namespace hansa::gateway {
namespace {

namespace asio = async::asio;
using Clock = std::chrono::steady_clock;

constexpr auto sweep_pause = std::chrono::seconds(1);
constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr auto drain_pause = std::chrono::milliseconds(10);

class Server final : public Gateway {
 public:
  Server(GatewayOptions options, net::Listeners const& listeners)
      : options_(std::move(options)),
        port_(listeners.endpoint.port()),
        acceptor_(context_, listeners.endpoint.protocol(), listeners.descriptors.front()),
        broker_(std::make_unique<Broker>(context_, broker_options(options_, port_))) {}

  ~Server() override { stop(std::chrono::milliseconds(0)); }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void start() override {
    thread_ = std::thread([this] {
      auto const work = asio::make_work_guard(context_);
      broker_->start();
      async::spawn(context_.get_executor(), accept());
      async::spawn(context_.get_executor(), sweep());
      context_.run();
    });
  }

  void stop(std::chrono::milliseconds deadline) override {
    if (!thread_.joinable()) return;
    asio::post(context_, [this, deadline] {
      async::spawn(context_.get_executor(), drain(Clock::now() + deadline));
    });
    thread_.join();
    broker_.reset();
  }

  void renew(std::shared_ptr<mesh::Mesh const> mesh) override { broker_->renew(std::move(mesh)); }
  void poke() noexcept override { broker_->poke(); }

 private:
  static BrokerOptions broker_options(GatewayOptions const& options, std::uint16_t port) {
    auto broker = options.broker;
    if (broker.advertised_port == 0) broker.advertised_port = port;
    return broker;
  }

  async::Task<void> accept() {
    async::Timer pause(context_);
    while (!draining_) {
      net::Socket socket(context_);
      asio::ip::tcp::endpoint peer;
      auto const [error] =
          co_await acceptor_.async_accept(socket, peer, asio::as_tuple(async::use_task));
      if (!error) {
        admit(std::move(socket), peer);
      } else if (!draining_) {
        pause.expires_after(accept_pause);  // out of descriptors
        co_await pause.async_wait(asio::as_tuple(async::use_task));
      }
    }
  }

  void admit(net::Socket socket, asio::ip::tcp::endpoint const& from) {
    if (connections_.size() >= options_.connections_max) return;  // closed by its end
    boost::system::error_code error;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    auto const local = socket.local_endpoint(error);
    bool const loopback = from.address().is_loopback();
    Peer peer{.local_host = loopback ? "localhost" : local.address().to_string(),
              .remote_host = "/" + from.address().to_string(),
              .principal = broker_->principal(loopback)};
    auto const place =
        connections_.emplace(connections_.end(), *broker_, std::move(socket), std::move(peer));
    count(1);
    async::spawn(context_.get_executor(), serve(place));
  }

  async::Task<void> serve(std::list<Connection>::iterator connection) {
    co_await connection->serve();
    connections_.erase(connection);
    count(-1);
  }

  void count(std::int64_t delta) const {
    if (options_.broker.observer != nullptr)
      options_.broker.observer->observe(KafkaConnectionsChanged{delta});
  }

  async::Task<void> sweep() {
    async::Timer timer(context_);
    while (!draining_) {
      auto const now = Clock::now();
      for (auto& each : connections_) each.sweep(now);
      timer.expires_after(sweep_pause);
      co_await timer.async_wait(asio::as_tuple(async::use_task));
    }
  }

  async::Task<void> drain(Clock::time_point deadline) {
    draining_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    broker_->stop();
    async::Timer timer(context_);
    for (auto& each : connections_) each.drain();
    while (!connections_.empty() && Clock::now() < deadline) {
      timer.expires_after(drain_pause);
      co_await timer.async_wait(asio::as_tuple(async::use_task));
    }
    for (auto& each : connections_) each.cut();
    timer.expires_after(drain_pause);
    co_await timer.async_wait(asio::as_tuple(async::use_task));
    context_.stop();
  }

  GatewayOptions options_;
  std::uint16_t port_;
  asio::io_context context_{1};
  net::Acceptor acceptor_;
  std::unique_ptr<Broker> broker_;
  std::list<Connection> connections_;
  bool draining_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::bind(GatewayOptions options) {
  HANSA_TRY(auto const listeners, net::listen(options.host, options.port, 1));
  return std::make_unique<Server>(std::move(options), listeners);
}

}  // namespace hansa::gateway
