// An edge over a small made-up shop whose databases cannot be reached: everything of a request that
// needs no row can be tested on it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/api.h"
#include "async/task.h"

namespace hansa::api {

// One domain `products` with v1 (`product`, `stock_line`) and v2 (`product`), and `users` with v1.
[[nodiscard]] mesh::Mesh const& test_shop();

class Recorder final : public Observer {
 public:
  struct Served {
    std::string method, route, domain, object, trace_id, error_name;
    int status = 0;
    std::uint32_t major = 0;
  };
  void observe(Event const& event) noexcept override;
  std::vector<Served> served;
};

class TestEdge {
 public:
  explicit TestEdge(Writes writes = Writes::loopback_only);
  ~TestEdge();

  // A request from loopback with `Host: localhost:8000`; `headers` may replace it.
  net::Response ask(net::Method method, std::string target, std::vector<net::Header> headers = {},
                    std::string body = {});
  net::Response ask(net::Request request);
  net::Response refuse(int status, std::string_view reason);
  void drain() { draining_ = true; }
  [[nodiscard]] Recorder const& recorder() const { return recorder_; }

 private:
  Recorder recorder_;
  std::atomic<bool> draining_{false};
  Context context_;
  async::asio::io_context io_;
  std::unique_ptr<net::Handler> handler_;
};

// A header's value, "(none)" if absent.
[[nodiscard]] std::string header_of(net::Response const& response, std::string_view name);

}  // namespace hansa::api
