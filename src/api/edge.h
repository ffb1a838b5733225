// The edge of one thread: takes each request through route, access, action and observation.
#pragma once

#include <memory>

#include "api/call.h"
#include "api/routes.h"
#include "net/server.h"

namespace hansa::api {

class Edge final : public net::Handler {
 public:
  Edge(async::asio::io_context& io, Context const& context);
  ~Edge() override;
  [[nodiscard]] async::Task<net::Response> handle(net::Request request) override;
  [[nodiscard]] net::Response refuse(int status, std::string_view reason) override;

 private:
  async::Task<Reply> answer(Call& call);
  // The reply to what needs no action: unknown routes, other methods, OPTIONS, refused writes.
  [[nodiscard]] std::optional<Reply> answer_at_once(Call& call, Route const*& route);
  [[nodiscard]] Reply not_found(std::string_view path, std::string_view query) const;
  void finish(Call const& call, Reply& reply);
  void observe(Call const& call, Reply& reply) const;

  Context const& context_;
  Router router_;
  Databases databases_;
  product::Service service_;
  Documents documents_;
  Backends backends_;
};

}  // namespace hansa::api
