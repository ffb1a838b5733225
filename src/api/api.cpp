#include "api/api.h"

#include "api/edge.h"

namespace hansa::api {

net::Server::MakeHandler make_handler(Context const& context) {
  return [&context](async::asio::io_context& io) { return std::make_unique<Edge>(io, context); };
}

}  // namespace hansa::api
