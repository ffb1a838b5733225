// Listening TCP sockets that share one port, one for each thread (SO_REUSEPORT).
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"

namespace hansa::net {

using Socket = async::asio::basic_stream_socket<async::asio::ip::tcp, async::Executor>;
using Acceptor = async::asio::basic_socket_acceptor<async::asio::ip::tcp, async::Executor>;

// One open, bound, listening descriptor for each thread; the caller owns them.
struct Listeners {
  std::vector<int> descriptors;
  async::asio::ip::tcp::endpoint endpoint;  // with the kernel's choice where port 0 was asked for
};

// `host` is an address or "localhost". Errors: address_in_use, io_error.
[[nodiscard]] Result<Listeners> listen(std::string const& host, std::uint16_t port,
                                       std::size_t threads);
// The same sockets under descriptors of their own: what waits to be accepted is lost only when the
// last of them is closed. Error: io_error.
[[nodiscard]] Result<Listeners> duplicate(Listeners const& listeners);

}  // namespace hansa::net
